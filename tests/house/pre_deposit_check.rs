//! The desk of the pre-deposit check (입금사전조회) from the relay's side: promises and what
//! becomes of them.

use std::time::Duration;

use naru::domain::{Command, Outcome, Timestamp, VoidReason};
use naru::store::Receipt;

use crate::support::{FIXED, Gateway, ONE_TIME, PAYEE, check, deposit, eventually, line_test, log};

/// An approval that took a hold at journal position `position`.
fn approval(position: u64, repeated: bool) -> Receipt {
    Receipt {
        position,
        at: Timestamp::from_micros(0),
        repeated,
        verdict: Ok(Outcome::Approved {
            payee_name: "나루상점".to_owned(),
            held: true,
        }),
    }
}

#[test]
fn an_approval_names_the_payee() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    let telegram = check("03020000000001", FIXED, 1_000);
    let expected = telegram.reply("0210", "0000").put(226, PAYEE);
    assert_eq!(relay.ask(&telegram), expected);
    assert_eq!(gateway.holds(), 0, "an account for everybody needs no hold");
}

#[test]
fn a_one_time_account_is_promised_to_one_payer() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    let telegram = check("03020000000002", ONE_TIME, 1_000);
    let first = relay.ask(&telegram);
    assert_eq!(first, telegram.reply("0210", "0000").put(226, PAYEE));
    assert_eq!(relay.ask(&telegram), first, "a repeat gets the same bytes");
    assert_eq!(
        relay.code(&check("03020000000003", ONE_TIME, 1_000)),
        "0124"
    );
    assert_eq!(gateway.holds(), 1);
    assert_eq!(
        relay.code(&deposit("03020000000002", ONE_TIME, 1_000)),
        "0000"
    );
    assert_eq!(gateway.holds(), 0);
    assert_eq!(
        relay.code(&check("03020000000004", ONE_TIME, 1_000)),
        "0117"
    );
}

#[test]
fn what_was_not_decided_in_time_takes_no_hold() {
    let gateway = Gateway::with(|setup| setup.settings.waits.decide = Duration::ZERO);
    let mut relay = gateway.call();
    assert_eq!(
        relay.code(&check("03020000000005", ONE_TIME, 1_000)),
        "9980"
    );
    assert_eq!(gateway.holds(), 0);
}

#[test]
fn an_approval_that_comes_after_the_refusal_is_void() {
    let mut gateway = Gateway::with(|setup| {
        setup.test_is_writer = true;
        setup.settings.waits.decide = Duration::from_secs(2);
    });
    let mut relay = gateway.call();
    relay.send(&check("03020000000006", ONE_TIME, 1_000));
    let job = gateway.job();
    assert!(matches!(job.command, Command::Hold(_)));
    assert!(job.decide_by.is_some());
    // The writer has not answered, and the time is over.
    assert_eq!(relay.hear().unwrap().code(), "9980");
    job.answer(approval(7, false));
    let Command::VoidHold { key, position, why } = gateway.job().command else {
        panic!("the hold is not made void")
    };
    assert_eq!(key.trace_no, "03020000000006");
    assert_eq!((position, why), (7, VoidReason::Late));
    gateway.metric_becomes("naru_approvals_void_total{why=\"late\"}", 1.0);
    let told = log::lines_since(0, "key=30000003/004/2026-03-02/03020000000006");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(relay.code(&line_test("03020000000007")), "0000");
}

#[test]
fn a_repeated_approval_promises_nothing_new() {
    let mut gateway = Gateway::with(|setup| {
        setup.test_is_writer = true;
        setup.settings.waits.answer = Duration::ZERO;
    });
    let mut relay = gateway.call();
    relay.send(&check("03020000000008", ONE_TIME, 1_000));
    gateway.job().answer(approval(7, true));
    gateway.metric_becomes(
        "naru_telegrams_total{kind=\"pre_deposit_check\",outcome=\"late\"}",
        1.0,
    );
    // Were the hold made void, that command would come first.
    relay.send(&deposit("03020000000009", FIXED, 1_000));
    assert!(matches!(gateway.job().command, Command::Deposit(_)));
}

#[test]
fn an_approval_that_could_not_leave_in_time_is_void_in_the_books() {
    let gateway = Gateway::with(|setup| setup.settings.waits.answer = Duration::ZERO);
    let mut relay = gateway.call();
    relay.send(&check("03020000000010", ONE_TIME, 1_000));
    gateway.metric_becomes("naru_approvals_void_total{why=\"late\"}", 1.0);
    eventually("the hold has ended", || gateway.holds() == 0);
    gateway.metric_becomes(
        "naru_telegrams_total{kind=\"pre_deposit_check\",outcome=\"late\"}",
        1.0,
    );
    // Nothing was sent: the next thing heard answers the next telegram.
    assert_eq!(
        relay.ask(&line_test("03020000000011")).trace_no(),
        "03020000000011"
    );
}

#[test]
fn an_approval_whose_session_is_gone_is_void_in_the_books() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    gateway.committed.close();
    relay.send(&check("03020000000012", ONE_TIME, 1_000));
    gateway.committed.wait_for_someone();
    relay.vanish();
    gateway.committed.open();
    gateway.metric_becomes("naru_approvals_void_total{why=\"session_gone\"}", 1.0);
    eventually("the hold has ended", || gateway.holds() == 0);
    let mut relay = gateway.call();
    assert_eq!(
        relay.code(&check("03020000000013", ONE_TIME, 1_000)),
        "0000"
    );
}

#[test]
fn an_approval_that_was_kept_is_not_void() {
    let mut gateway = Gateway::with(|setup| setup.test_is_writer = true);
    let mut relay = gateway.call();
    relay.send(&check("03020000000014", ONE_TIME, 1_000));
    gateway.job().answer(approval(7, false));
    assert_eq!(relay.hear().unwrap().code(), "0000");
    drop(relay);
    gateway.metric_becomes("naru_sessions{profile=\"dozn\"}", 0.0);
    let mut other = gateway.call();
    other.send(&deposit("03020000000015", FIXED, 1_000));
    assert!(
        matches!(gateway.job().command, Command::Deposit(_)),
        "no void before it"
    );
}

#[test]
fn full_books_make_an_approval_void_as_soon_as_they_can() {
    let mut gateway = Gateway::with(|setup| {
        setup.test_is_writer = true;
        setup.queue = 1;
        setup.settings.waits.answer = Duration::ZERO;
    });
    let mut relay = gateway.call();
    relay.send(&check("03020000000016", ONE_TIME, 1_000));
    let job = gateway.job();
    // Somebody else fills the queue before the approval turns out to be late.
    relay.send(&deposit("03020000000017", FIXED, 1_000));
    assert_eq!(relay.code(&deposit("03020000000018", FIXED, 1_000)), "0009");
    job.answer(approval(9, false));
    gateway.metric_becomes("naru_approvals_void_total{why=\"late\"}", 1.0);
    assert!(matches!(gateway.job().command, Command::Deposit(_)));
    let void = gateway.job().command;
    assert!(
        matches!(void, Command::VoidHold { position: 9, .. }),
        "{void:?}"
    );
}
