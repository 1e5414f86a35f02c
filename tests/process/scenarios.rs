//! Every scenario of the simulated bank, one after another, against one running `naru serve`.

use crate::gateway::{Gateway, import_accounts, naru};
use crate::shop::{head_office, turn};
use naru::clock::Clock;
use simulator::scenario::{Scenario, Stage, play};

#[test]
fn every_scenario_passes_against_a_running_gateway() {
    // Scenarios set the house's clock themselves; this one only shows that none needs the hour.
    let began = Clock::real().now();
    let folder = tempfile::tempdir().expect("a folder");
    import_accounts(folder.path());
    let gateway = Gateway::start(folder.path());
    let mut stage = Stage::new(gateway.relay(), Some(&gateway.ops));
    stage.relays = gateway.relays.iter().cloned().collect();
    let mut scenarios = Scenario::embedded().expect("the embedded scenarios");
    scenarios.sort_by_key(|scenario| scenario.date);
    let (mut played, mut failed) = (0, Vec::new());
    let bank_alone = |scenario: &&Scenario| !scenario.slow && !scenario.has_shop();
    for scenario in scenarios.iter().filter(bank_alone) {
        let verdict = play(scenario, &stage, &mut |_, _| {});
        assert_eq!(verdict.skipped, None, "{}", scenario.name);
        played += 1;
        if !verdict.passed() {
            failed.push(verdict.to_string());
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(played >= 20, "{played} scenarios are fewer than there were");
    gateway.kill();
    // A folder left by a kill is recovered by the next start; then the books are proved.
    let gateway = Gateway::start(folder.path());
    assert_sound(folder.path());
    gateway.kill();
    println!("{played} scenarios since {began}");
}

#[test]
fn every_scenario_with_a_shop_passes_against_a_running_gateway() {
    let _turn = turn();
    let folder = tempfile::tempdir().expect("a folder");
    import_accounts(folder.path());
    let gateway = Gateway::start(folder.path());
    let mut stage = Stage::new(gateway.relay(), Some(&gateway.ops));
    stage.office = Some(head_office(&gateway));
    let scenarios = Scenario::embedded().expect("the embedded scenarios");
    let with_shop = |scenario: &&Scenario| !scenario.slow && scenario.has_shop();
    let (mut played, mut failed) = (0, Vec::new());
    for scenario in scenarios.iter().filter(with_shop) {
        let verdict = play(scenario, &stage, &mut |_, _| {});
        assert_eq!(verdict.skipped, None, "{}", scenario.name);
        played += 1;
        if !verdict.passed() {
            failed.push(verdict.to_string());
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(played >= 12, "{played} scenarios are fewer than there were");
    gateway.kill();
    // A folder left by a kill is recovered by the next start.
    let gateway = Gateway::start(folder.path());
    assert_sound(folder.path());
    gateway.kill();
}

/// Proves the books beside the gateway that runs on them.
pub(crate) fn assert_sound(folder: &std::path::Path) {
    let check = naru(folder).arg("check").output().expect("a check");
    let told = String::from_utf8_lossy(&check.stdout).into_owned();
    assert_eq!(check.status.code(), Some(0), "{told}");
    let report = naru(folder).arg("report").output().expect("a report");
    let told = String::from_utf8_lossy(&report.stdout).into_owned();
    assert!(told.contains(": balanced"), "{told}");
}
