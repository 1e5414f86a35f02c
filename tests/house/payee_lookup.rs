//! The look-up desk (수취조회) from the relay's side.

use std::time::Duration;

use crate::support::{FIXED, Gateway, ONE_TIME, PAYEE, deposit, line_test, lookup};

#[test]
fn a_look_up_is_answered_with_the_payees_name() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    let telegram = lookup("03020000000001", FIXED, 0);
    let expected = telegram.reply("0510", "0000").put(226, PAYEE);
    assert_eq!(relay.ask(&telegram), expected);
    gateway.metric_becomes("naru_budget_left_seconds_count{kind=\"payee_lookup\"}", 1.0);
}

#[test]
fn a_look_up_books_and_holds_nothing() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    assert_eq!(
        relay.code(&lookup("03020000000002", ONE_TIME, 1_000)),
        "0000"
    );
    assert_eq!(
        relay.code(&lookup("03020000000003", "99999999999999", 0)),
        "0121"
    );
    assert_eq!(gateway.holds(), 0);
    assert_eq!(gateway.totals(4).deposit_count, 0);
}

#[test]
fn what_was_not_decided_in_time_is_refused() {
    let gateway = Gateway::with(|setup| setup.settings.waits.decide = Duration::ZERO);
    let mut relay = gateway.call();
    assert_eq!(relay.code(&lookup("03020000000004", FIXED, 0)), "9980");
    // The time of questions binds questions only.
    assert_eq!(relay.code(&deposit("03020000000005", FIXED, 1_000)), "0000");
}

#[test]
fn what_could_not_leave_in_time_does_not_leave() {
    let gateway = Gateway::with(|setup| setup.settings.waits.answer = Duration::ZERO);
    let mut relay = gateway.call();
    relay.send(&lookup("03020000000006", FIXED, 0));
    gateway.metric_becomes(
        "naru_telegrams_total{kind=\"payee_lookup\",outcome=\"late\"}",
        1.0,
    );
    let test = line_test("03020000000007");
    assert_eq!(relay.ask(&test), test.reply("0810", "0000"));
    // Not even a refusal leaves late.
    relay.send(&lookup("03020000000008", FIXED, 0).put(3, "99999999"));
    relay.send(&lookup("03020000000009", FIXED, 0).put(115, " ".repeat(16)));
    gateway.metric_becomes(
        "naru_telegrams_total{kind=\"payee_lookup\",outcome=\"late\"}",
        3.0,
    );
    assert_eq!(relay.ask(&test), test.reply("0810", "0000"));
}
