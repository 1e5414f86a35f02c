//! Load against a gateway of the simplest kind: everything is counted, nothing is made up.

use std::collections::HashSet;
use std::time::Duration;

use crate::fake::{Fault, Gateway};
use jiff::civil::date;
use simulator::load::{Load, LoadError, Pace, Until, run};
use telegrams::Kind;

fn load(gateway: &Gateway) -> Load {
    let mut load = Load::new(&gateway.address, date(2030, 6, 3));
    load.sessions = 3;
    load.until = Until::Count(1_000);
    load.remember = true;
    load.patience = Duration::from_millis(600);
    load
}

#[test]
fn a_counted_load_is_answered_to_the_last() {
    let gateway = Gateway::start(Fault::None);
    let report = run(&load(&gateway)).unwrap();
    assert!(report.is_whole(), "{report}");
    assert_eq!((report.sent, report.answered), (1_000, 1_000));
    assert_eq!(report.codes["0000"], 1_000);
    let numbers: HashSet<_> = report
        .acknowledged
        .iter()
        .map(|told| &told.trace_no)
        .collect();
    assert_eq!(numbers.len(), 1_000);
    assert!(
        numbers
            .iter()
            .all(|number| number.starts_with("L000") && number.len() == 14)
    );
    assert!(report.corrected.is_none() && report.service.max >= report.service.p50);
}

#[test]
fn a_set_rate_is_kept_and_its_times_count_from_when_they_were_due() {
    let gateway = Gateway::start(Fault::None);
    let mut load = load(&gateway);
    load.pace = Pace::Rate(2_000.0);
    load.until = Until::Elapsed(Duration::from_millis(500));
    let report = run(&load).unwrap();
    assert!(report.is_whole(), "{report}");
    assert_eq!(report.sent, 1_000);
    assert!(report.corrected.unwrap().max >= report.service.p50);
}

#[test]
fn refusals_are_counted_by_code_and_not_remembered() {
    let gateway = Gateway::start(Fault::WrongCode);
    let report = run(&load(&gateway)).unwrap();
    assert_eq!(report.codes["0003"], 1_000);
    assert!(report.acknowledged.is_empty() && report.unanswered.is_empty());
}

#[test]
fn what_was_never_answered_is_named() {
    let gateway = Gateway::start(Fault::Silence(500));
    let report = run(&load(&gateway)).unwrap();
    assert!(!report.is_whole());
    assert_eq!((report.answered, report.unanswered.len()), (999, 1));
    let missing = &report.unanswered[0].trace_no;
    assert!(
        report
            .acknowledged
            .iter()
            .all(|told| told.trace_no != *missing)
    );
    assert!(
        report.broken[0].contains("no answer for"),
        "{:?}",
        report.broken
    );
}

#[test]
fn a_line_that_breaks_leaves_what_was_acknowledged() {
    let gateway = Gateway::start(Fault::HangsUp(300));
    let report = run(&load(&gateway)).unwrap();
    assert_eq!(report.broken.len(), 3);
    assert_eq!(report.acknowledged.len() as u64, report.answered);
    assert_eq!(
        report.answered + report.unanswered.len() as u64,
        report.sent
    );
    assert!((100..=300).contains(&report.answered), "{report}");
}

#[test]
fn an_answer_too_many_is_counted() {
    let gateway = Gateway::start(Fault::Stutters);
    let report = run(&load(&gateway)).unwrap();
    assert!(report.unexpected > 0 && !report.is_whole());
}

#[test]
fn every_kind_is_answered() {
    let gateway = Gateway::start(Fault::None);
    for kind in [Kind::LineTest, Kind::PayeeLookup, Kind::PreDepositCheck] {
        let report = run(&Load {
            kind,
            ..load(&gateway)
        })
        .unwrap();
        assert!(report.is_whole(), "{kind}: {report}");
    }
    let wrong = run(&Load {
        kind: Kind::Balance,
        ..load(&gateway)
    });
    assert!(matches!(wrong, Err(LoadError::Kind(Kind::Balance))));
}

#[test]
fn nobody_there_is_said() {
    let nowhere = Load::new("127.0.0.1:1", date(2030, 6, 3));
    let error = run(&nowhere).err().unwrap().to_string();
    assert!(error.starts_with("no session with 127.0.0.1:1"), "{error}");
}
