//! The shop's side of a scenario: each slip of a gateway must show in the verdict, and an honest
//! gateway must pass.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::faces::{House, Slip};
use simulator::scenario::{Scenario, Stage, play};
use simulator::shop::{HeadOffice, Keys};
use simulator::verdict::Verdict;

const STORY: &str = r#"
name  = "trade"
title = "A bit of trade"
about = "For the fake gateway."
block = 98
date  = 2030-03-04

[accounts.shop]
bank = "004"
kind = "matching"

[shop]

[endpoints.mall]
dialect = "payaction"
answers = ["500", "ok"]

[endpoints.own]
dialect = "standard"

[[step]]
order = { as = "one", amount = 1_000, name = " 홍길동 " }

[[step]]
note   = "a number is taken once"
order  = { number = "S98-one", amount = 5, name = "김철수" }
expect = "이미 해당 주문번호의 주문이 존재합니다."

[[step]]
order  = { number = "x", without = ["order_number"] }
expect = "누락된 필드가 존재합니다."

[[step]]
order_status = { order = "one", is = "매칭대기" }

[[step]]
deposit = { as = "paid", account = "shop", amount = 1_000, payer = "홍길동" }

[[step]]
webhook = { as = "first", at = "mall", event = "deposit.matched", order = "one" }

[[step]]
note    = "the first answer was no yes"
webhook = { at = "mall", again = "first" }

[[step]]
webhook = { at = "own", event = "deposit.matched", order = "one", has = { "data.amount" = 1_000, "data.transactionId" = "{deposit:paid}", "data.reason" = "!" } }

[[step]]
order_status = { order = "one", is = "매칭완료" }

[[step]]
order = { as = "twin-a", amount = 2_000, name = "이영희" }

[[step]]
order = { as = "twin-b", amount = 2_000, name = "이영희" }

[[step]]
deposit = { account = "shop", amount = 2_000, payer = "이영희" }

[[step]]
no_webhook = { at = "mall", for = "1s" }

[[step]]
issue = { as = "own", kind = "fixed", bank = "004" }

[[step]]
deposit = { as = "into", account = "own", amount = 3_000, payer = "박민수" }

[[step]]
call = { get = "/ezpg/transactions/deposit/history?x={account:own}", has = { "deposits.2.transactionId" = "{deposit:into}" } }
"#;

fn played(story: &str, slip: Slip) -> Verdict {
    let house = House::start(slip);
    let mut stage = Stage::new(&house.relay.address, None);
    let office = HeadOffice::new(&house.http, Keys::new("admin", "first")).unwrap();
    stage.office = Some(Arc::new(office));
    stage.patience = Duration::from_secs(2);
    let scenario = Scenario::parse("trade", story).unwrap();
    play(&scenario, &stage, &mut |_, _| {})
}

#[test]
fn an_honest_gateway_passes() {
    let verdict = played(STORY, Slip::None);
    assert!(verdict.passed(), "{verdict}");
    assert!(verdict.checks >= 14, "{verdict}");
}

#[test]
fn every_slip_is_noticed() {
    let slips = [
        (
            Slip::NeverTells,
            "no webhook deposit.matched of S98-one came",
        ),
        (Slip::TellsTwice, "a webhook that no step asked for"),
        (Slip::WrongKey, "x-webhook-key is `OTHER`"),
        (Slip::WrongSecret, "was not made with our secret"),
        (Slip::TellsMore, "`amount` does not belong there"),
        (
            Slip::NewTrace,
            "the trace id is not that of the first attempt",
        ),
        (Slip::NewBody, "the body is not that of the first attempt"),
        (Slip::TakesAnything, "no further attempt of `first` came"),
        (Slip::MatchesTwins, "S98-twin-a"),
        (Slip::ForgetsStatus, "due was «매칭완료»"),
        (Slip::TakesTwice, "answered «success»"),
    ];
    thread::scope(|threads| {
        for (slip, words) in slips {
            threads.spawn(move || {
                let verdict = played(STORY, slip);
                assert!(!verdict.passed(), "{slip:?} was not noticed: {verdict}");
                assert!(verdict.to_string().contains(words), "{slip:?}: {verdict}");
            });
        }
    });
}

#[test]
fn without_the_gateways_http_it_is_skipped_and_says_so() {
    let stage = Stage::new("127.0.0.1:1", None);
    let scenario = Scenario::parse("trade", STORY).unwrap();
    let verdict = play(&scenario, &stage, &mut |_, _| {});
    assert!(verdict.skipped.unwrap().contains("no HTTP listener"));
}

#[test]
fn a_closed_receiver_is_told_nothing() {
    let steps = r#"
[[step]]
receiver = { at = "own", open = false }

[[step]]
order = { as = "late", amount = 10, name = "최지우" }

[[step]]
deposit = { account = "shop", amount = 10, payer = "최지우" }

[[step]]
webhook = { at = "own", event = "deposit.matched", order = "late", within = "1s" }
"#;
    let story = STORY.split("[[step]]").next().unwrap().to_owned() + steps;
    let verdict = played(&story, Slip::None);
    let told = verdict.to_string();
    assert!(
        told.contains("no webhook deposit.matched of S98-late"),
        "{told}"
    );
}
