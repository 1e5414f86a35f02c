//! The merchants' guides are true: every command and every program in them is run, and what comes
//! back is what the guide says.

use std::path::Path;

use crate::shop::{House, NodeServer, Variables, are_there, node, shell, turn};
use naru::clock::Clock;
use serde_json::Value;
use simulator::merchant::{Dialect, Receiver};

/// A fenced block of a guide.
struct Block {
    line: usize,
    kind: String,
    text: String,
}

fn blocks(guide: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (line, text) in (1..).zip(guide.lines()) {
        match (text.strip_prefix("```"), &mut open) {
            (Some(kind), None) => {
                open = Some(Block {
                    line,
                    kind: kind.to_owned(),
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(text);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// Where an answer is not as a guide shows it: what is shown must be there, and be so, unless it is
/// shown as `…`.
fn differs(due: &Value, came: &Value, at: &str) -> Option<String> {
    match (due, came) {
        (Value::String(due), _) if due.contains('…') => {
            let empty = came.is_null() || came == "";
            empty.then(|| format!("{at} is {came}"))
        }
        (Value::Object(due), Value::Object(came)) => due.iter().find_map(|(key, due)| {
            let at = format!("{at}.{key}");
            match came.get(key) {
                None => Some(format!("{at} is missing")),
                Some(came) => differs(due, came, &at),
            }
        }),
        (Value::Array(due), Value::Array(came)) if due.len() == came.len() => {
            let pairs = due.iter().zip(came).enumerate();
            pairs
                .map(|(index, (due, came))| differs(due, came, &format!("{at}.{index}")))
                .find_map(|found| found)
        }
        (due, came) => (due != came).then(|| format!("{at} is {came}, shown is {due}")),
    }
}

/// Runs every command of a guide in its order; what is issued is used by the next ones.
fn run_commands(guide: &str, variables: &mut Variables, mut heard: impl FnMut(&Value)) -> usize {
    let blocks = blocks(guide);
    let mut run = 0;
    for (at, block) in blocks.iter().enumerate() {
        if block.kind != "bash" {
            continue;
        }
        let place = format!("line {}", block.line);
        let said = shell(&block.text, variables);
        let came: Value =
            serde_json::from_str(&said).unwrap_or_else(|_| panic!("{place}: no JSON came: {said}"));
        let shown = blocks.get(at + 1).filter(|next| next.kind == "json");
        let shown = shown.unwrap_or_else(|| panic!("{place}: no answer is shown"));
        let due: Value = serde_json::from_str(&shown.text).expect("the answer that is shown");
        if let Some(words) = differs(&due, &came, "answer") {
            panic!("{place}: {words}\n{said}");
        }
        if let Some(number) = came.pointer("/virtualAccount/accountNo") {
            let number = number.as_str().expect("an account number");
            variables.insert("ACCOUNT_NO", number.to_owned());
        }
        heard(&came);
        run += 1;
    }
    run
}

/// Writes a guide's program of that name into a folder.
fn program(guide: &str, name: &str, folder: &Path) -> std::path::PathBuf {
    let first = format!("// {name}\n");
    let mut found = blocks(guide)
        .into_iter()
        .filter(|block| block.text.starts_with(&first));
    let block = found.next().unwrap_or_else(|| panic!("no program {name}"));
    let path = folder.join(name);
    std::fs::write(&path, block.text).expect("a file");
    path
}

const PAYACTION: &str = include_str!("../../docs/merchants/payaction.md");
const EZPG: &str = include_str!("../../docs/merchants/ezpg.md");

fn payaction_variables(house: &House) -> Variables {
    Variables::from([
        ("NARU", house.gateway.http.clone()),
        ("API_KEY", house.credential.api_key.clone()),
        ("MALL_ID", house.credential.merchant.clone()),
        ("WEBHOOK_KEY", house.credential.webhook_key.clone()),
        ("TOKEN", house.token()),
    ])
}

#[test]
fn the_payaction_guide_is_true_command_by_command() {
    if !are_there(
        "guides::the_payaction_guide_is_true_command_by_command",
        &["curl", "bash"],
    ) {
        return;
    }
    let _turn = turn();
    let house = House::start();
    let receiver = Receiver::start("127.0.0.1:0", Dialect::Payaction).expect("a receiver");
    receiver.knows(house.credential.recognises(None));
    let mut variables = payaction_variables(&house);
    variables.insert("WEBHOOK_URL", receiver.url());
    let run = run_commands(PAYACTION, &mut variables, |_| {});
    assert!(run >= 12, "only {run} commands were found");
    let told = receiver.wait_for(std::time::Duration::from_secs(20), |ledger| {
        ledger.deliveries().first().map(|told| told.story.clone())
    });
    assert_eq!(told.as_deref(), Some("20260302-0001"));
    assert_eq!(receiver.report().faults, [""; 0]);
}

#[test]
fn the_payaction_guides_programs_work() {
    if !are_there("guides::the_payaction_guides_programs_work", &["node"]) {
        return;
    }
    let _turn = turn();
    let (house, folder) = (House::start(), tempfile::tempdir().expect("a folder"));
    let mut variables = payaction_variables(&house);
    let server = NodeServer::start(
        &program(PAYACTION, "receiver.mjs", folder.path()),
        &variables,
    );
    let order = program(PAYACTION, "order.mjs", folder.path());
    let merchant = &house.credential.merchant;
    let url = format!("http://127.0.0.1:{}/webhook", server.port);
    let events = ["deposit.matched".to_owned(), "deposit.received".to_owned()];
    let made = house
        .office
        .endpoint(merchant, &url, Dialect::Payaction, &events);
    house.runtime.block_on(made).expect("an endpoint");
    let account = house.office.issue(merchant, "matching", "004");
    let (_, account) = house.runtime.block_on(account).expect("an account");
    variables.insert("ORDER_NUMBER", "NODE-1".to_owned());
    let (well, told) = node(&order, &variables);
    assert!(well && told.contains("등록됨"), "{told}");
    let (well, told) = node(&order, &variables);
    assert!(
        !well && told.contains("이미 해당 주문번호의 주문이 존재합니다."),
        "{told}"
    );
    let paid = house
        .office
        .trial_deposit("004", &account, 33_000, "성춘향");
    house.runtime.block_on(paid).expect("a deposit");
    assert_eq!(server.line_with("입금 "), "33000 성춘향");
    assert_eq!(server.line_with("결제완료 "), "NODE-1");
}

#[test]
fn the_ezpg_guide_is_true_command_by_command() {
    if !are_there(
        "guides::the_ezpg_guide_is_true_command_by_command",
        &["curl", "bash"],
    ) {
        return;
    }
    let _turn = turn();
    let house = House::start();
    let receiver = Receiver::start("127.0.0.1:0", Dialect::EzpgB).expect("a receiver");
    let day = Clock::real().now().in_seoul().expect("a time").date();
    let mut variables = Variables::from([
        ("NARU", house.gateway.http.clone()),
        ("MID", house.credential.merchant.clone()),
        ("MEKY", house.credential.meky.clone()),
        ("TOKEN", house.token()),
        ("NOTICE_URL", receiver.url()),
        ("TODAY", day.to_string()),
    ]);
    let run = run_commands(EZPG, &mut variables, |came| {
        if let Some(secret) = came["secret"].as_str() {
            receiver.knows(house.credential.recognises(Some(secret.to_owned())));
        }
    });
    assert!(run >= 9, "only {run} commands were found");
    let told = receiver.wait_for(std::time::Duration::from_secs(20), |ledger| {
        ledger
            .deliveries()
            .first()
            .map(|told| told.json()["amt"].clone())
    });
    assert_eq!(told, Some("25000".into()));
    assert_eq!(receiver.report().faults, [""; 0]);
}

#[test]
fn the_ezpg_guides_programs_work() {
    if !are_there("guides::the_ezpg_guides_programs_work", &["node"]) {
        return;
    }
    let _turn = turn();
    let (house, folder) = (House::start(), tempfile::tempdir().expect("a folder"));
    let merchant = &house.credential.merchant;
    // A secret of one's own, so that the receiver knows it before it is registered.
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
    let mut variables = Variables::from([
        ("NARU", house.gateway.http.clone()),
        ("MID", merchant.clone()),
        ("MEKY", house.credential.meky.clone()),
        ("SECRET", secret.clone()),
    ]);
    let (well, told) = node(&program(EZPG, "issue.mjs", folder.path()), &variables);
    assert!(well, "{told}");
    let (bank, account) = told.trim().split_once(' ').expect("a bank and a number");
    let notice = program(EZPG, "notice.mjs", folder.path());
    let server = NodeServer::start(&notice, &variables);
    let url = format!("http://127.0.0.1:{}/notice", server.port);
    let events = ["deposit.received".to_owned()];
    let given = Some(secret.as_str());
    let made = house
        .office
        .endpoint_with(merchant, &url, Dialect::EzpgB, &events, given);
    house.runtime.block_on(made).expect("an endpoint");
    let paid = house.office.trial_deposit(bank, account, 12_345, "이몽룡");
    house.runtime.block_on(paid).expect("a deposit");
    assert_eq!(server.line_with("입금 "), "12345 이몽룡");
    variables.insert("MEKY", "wrong".to_owned());
    let (well, told) = node(&program(EZPG, "issue.mjs", folder.path()), &variables);
    assert!(!well && told.contains("1001"), "{told}");
}

#[test]
fn what_differs_from_a_guide_is_noticed() {
    let due: Value = serde_json::from_str(r#"{"a":"…","b":[{"c":1}]}"#).expect("JSON");
    let found = |came: &str| {
        let came = serde_json::from_str(came).expect("JSON");
        differs(&due, &came, "answer")
    };
    assert_eq!(found(r#"{"a":7,"b":[{"c":1,"d":2}],"e":3}"#), None);
    for wrong in [
        r#"{"b":[{"c":1}]}"#,
        r#"{"a":"","b":[{"c":1}]}"#,
        r#"{"a":7,"b":[{"c":2}]}"#,
        r#"{"a":7,"b":[]}"#,
        r#"{"a":7,"b":[{}]}"#,
    ] {
        assert!(found(wrong).is_some(), "{wrong}");
    }
}
