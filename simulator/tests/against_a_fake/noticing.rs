//! A runner of scenarios that cannot fail is worth nothing: each fault of a gateway must show in
//! the verdict, and an honest gateway must pass.

use std::time::Duration;

use crate::fake::{Fault, Gateway};
use jiff::civil::date;
use simulator::scenario::{Scenario, Stage, play};
use simulator::verdict::Verdict;
use simulator::{BankDay, bank_day};

const STORY: &str = r#"
name  = "story"
title = "A bit of everything"
about = "For the fake gateway."
block = 99
date  = 2030-03-04

[accounts.shop]
bank = "004"

[[step]]
payee_lookup = { account = "shop", amount = 1_000 }
expect       = { payee = "나루상점" }

[[step]]
deposit = { as = "first", account = "shop", amount = 1_000, payer = "홍길동" }

[[step]]
note   = "the same bytes"
repeat = { of = "first" }
expect = { same_as = "first" }

[[step]]
note    = "other content"
deposit = { like = "first", amount = 2_000 }
expect  = "0101"

[[step]]
deposit = { as = "second", account = "shop", amount = 3_000 }

[[step]]
correction = { like = "second" }

[[step]]
correction = { account = "shop", amount = 4_000 }
expect     = "0100"

[[step]]
sessions = [1, 2]
deposit  = { account = "shop", amount = 5_000 }

[[step]]
session = 3
frame   = { text = "NOT A FRAME" }
expect  = "closed"

[[step]]
burst = { kind = "deposit", account = "shop", amount = 100, count = 20, chunk = 7 }

[[step]]
session = 4
deposit = { account = "shop", amount = 6_000, lose = "session" }

[[step]]
deposit = { account = "shop", amount = 7_000, lose = "answer" }

[[step]]
resend = { every = "10m" }

[[step]]
deposit = { account = "shop", amount = 1, patch = { message_type = "0210" } }
expect  = "silence"

[[step]]
deposit = { account = "shop", amount = 1, length = 299 }
expect  = "0001"

[[step]]
totals = { deposits = 25, corrections = 1 }
"#;

fn verdict_on(fault: Fault, text: &str) -> Verdict {
    let gateway = Gateway::start(fault);
    let mut stage = Stage::new(&gateway.address, None);
    stage.patience = Duration::from_millis(400);
    let scenario = Scenario::parse("story.toml", text).unwrap();
    play(&scenario, &stage, &mut |_, _| {})
}

/// The verdict must be no, and its words must hold this.
fn noticed(fault: Fault, words: &str) {
    let verdict = verdict_on(fault, STORY);
    assert!(!verdict.passed(), "{fault:?} went unnoticed");
    let said = verdict
        .differences()
        .iter()
        .any(|difference| difference.contains(words));
    assert!(said, "{fault:?}: no «{words}» in\n{verdict}");
}

#[test]
fn an_honest_gateway_passes() {
    let verdict = verdict_on(Fault::None, STORY);
    assert!(verdict.passed(), "{verdict}");
    assert!(verdict.checks > 40 && verdict.telegrams > 30, "{verdict}");
}

#[test]
fn a_wrong_code_is_noticed() {
    noticed(
        Fault::WrongCode,
        "step 2 (deposit, line 15): answered 0003, due was 0000",
    );
}

#[test]
fn a_missing_answer_is_noticed() {
    noticed(
        Fault::Silence(0),
        "step 2 (deposit, line 15): nothing within 0.4 s, due was 0000",
    );
}

#[test]
fn a_differing_repeat_is_noticed() {
    noticed(
        Fault::DifferingRepeat,
        "«the same bytes»: the answer's byte 226 (payee_name)",
    );
}

#[test]
fn a_broken_echo_is_noticed() {
    noticed(Fault::BrokenEcho, "byte 299 (filler) is not the question's");
}

#[test]
fn wrong_totals_are_noticed() {
    noticed(
        Fault::WrongTotals,
        "bank 004: the gateway has 25 deposits of 23999 won",
    );
}

#[test]
fn a_number_booked_twice_is_noticed() {
    noticed(
        Fault::BooksTwice,
        "«other content»: answered 0000, due was 0101",
    );
    noticed(
        Fault::BooksTwice,
        "was taken for 1000 won and again, with other content, for 2000",
    );
}

#[test]
fn a_repeat_booked_again_is_noticed() {
    noticed(Fault::BooksRepeats, "the bank's own book has 25 deposits");
}

#[test]
fn a_forgotten_correction_is_noticed() {
    noticed(
        Fault::ForgetsCorrections,
        "0 corrections of 0 won; the bank's own book has 25",
    );
}

#[test]
fn an_answer_too_many_is_noticed() {
    noticed(Fault::Stutters, "an answer to nothing that was asked");
}

#[test]
fn a_wrong_name_is_noticed() {
    noticed(
        Fault::WrongName,
        "the payee's name is «다른상점», due was «나루상점»",
    );
}

#[test]
fn a_session_that_lives_on_is_noticed() {
    noticed(Fault::Tolerant, "the session was not closed");
}

#[test]
fn a_day_that_was_played_already_is_said_before_anything_is_sent() {
    let gateway = Gateway::start(Fault::None);
    let stage = Stage::new(&gateway.address, None);
    let scenario = Scenario::parse("story.toml", STORY).unwrap();
    assert!(play(&scenario, &stage, &mut |_, _| {}).passed());
    let again = play(&scenario, &stage, &mut |_, _| {});
    assert_eq!((again.passed(), again.steps), (false, 0));
    let words = &again.differences()[0];
    assert!(
        words.starts_with("the gateway has already 25 deposits"),
        "{words}"
    );
    let mut next_day = stage;
    next_day.date = Some(date(2030, 3, 5));
    assert!(play(&scenario, &next_day, &mut |_, _| {}).passed());
}

#[test]
fn nobody_there_is_a_verdict_too() {
    let stage = Stage::new("127.0.0.1:1", None);
    let scenario = Scenario::parse("story.toml", STORY).unwrap();
    let verdict = play(&scenario, &stage, &mut |_, _| {});
    assert!(
        verdict.to_string().contains("no session with 127.0.0.1:1"),
        "{verdict}"
    );
    assert!(!verdict.passed());
}

#[test]
fn a_clock_that_cannot_be_set_is_no_pass() {
    let text = format!("{STORY}\n[[step]]\nclock = \"23:55\"\n");
    let verdict = verdict_on(Fault::None, &text);
    assert!(!verdict.passed());
    assert!(
        verdict.to_string().contains("no ops listener was named"),
        "{verdict}"
    );
}

#[test]
fn a_profile_without_a_listener_is_skipped_in_words() {
    let verdict = play(
        &Scenario::find("ksnet").unwrap(),
        &Stage::new("127.0.0.1:1", None),
        &mut |_, _| {},
    );
    assert!(verdict.passed());
    assert!(
        verdict
            .to_string()
            .contains("SKIPPED, no listener of the profile ksnet")
    );
}

fn small_day(gateway: &Gateway) -> BankDay {
    let mut day = BankDay::new(&gateway.address, None, date(2030, 6, 3));
    day.deposits = 400;
    day
}

#[test]
fn a_bank_day_ends_with_both_sides_agreed() {
    let gateway = Gateway::start(Fault::None);
    let mut heard = (0, 0);
    let report = bank_day(&small_day(&gateway), &mut |done, total| {
        heard = (done, total);
    })
    .unwrap();
    assert!(report.verdict.passed(), "{}", report.verdict);
    assert_eq!(heard, (400, 400));
    assert_eq!(report.believed().deposits, 400);
    assert!(report.believed().corrections > 0);
    assert!(
        report
            .banks
            .iter()
            .all(|bank| bank.answered == Some(bank.believed))
    );
    assert!(report.slowest_check > Duration::ZERO);
    assert!(
        gateway.line_tests_answered() >= 4,
        "the gateway's line tests are answered"
    );
}

#[test]
fn a_bank_day_with_wrong_figures_says_so() {
    for fault in [
        Fault::WrongTotals,
        Fault::ForgetsCorrections,
        Fault::WrongName,
    ] {
        let gateway = Gateway::start(fault);
        let report = bank_day(&small_day(&gateway), &mut |_, _| {}).unwrap();
        assert!(!report.verdict.passed(), "{fault:?} went unnoticed");
    }
}

#[test]
fn the_same_seed_plays_the_same_day() {
    let figures = |seed| {
        let gateway = Gateway::start(Fault::None);
        let mut day = small_day(&gateway);
        day.seed = seed;
        bank_day(&day, &mut |_, _| {}).unwrap().banks
    };
    assert_eq!(figures(7), figures(7));
    assert_ne!(figures(7), figures(8));
}

#[test]
fn the_same_seed_plays_the_same_day_whatever_broken_sessions_take_along() {
    // Some sessions break, and how many neighbours lose their answers with them is chance.
    let corrected = || {
        let gateway = Gateway::start(Fault::None);
        let mut day = small_day(&gateway);
        day.deposits = 6_000;
        let report = bank_day(&day, &mut |_, _| {}).unwrap();
        assert!(report.verdict.passed(), "{}", report.verdict);
        assert!(report.resends > 0);
        report.banks
    };
    let first = corrected();
    for _ in 0..2 {
        assert_eq!(corrected(), first);
    }
}

#[test]
fn a_bank_day_that_is_stopped_ends_and_says_so() {
    let gateway = Gateway::start(Fault::None);
    let day = small_day(&gateway);
    let stop = day.stop.clone();
    let report = bank_day(&day, &mut |done, _| {
        if done == 10 {
            stop.cancel();
        }
    })
    .unwrap();
    assert!(
        report.verdict.to_string().contains("stopped"),
        "{}",
        report.verdict
    );
    assert!(report.believed().deposits < 400);
}
