//! The deposit desk (입금) from the relay's side.

use naru::domain::{Command, Mode};

use crate::support::{FIXED, Gateway, deposit, line_test};

#[test]
fn a_deposit_is_booked_and_echoed() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    let telegram = deposit("03020000000001", FIXED, 50_000).put(246, "whatever the relay put here");
    assert_eq!(relay.ask(&telegram), telegram.reply("0210", "0000"));
    let totals = gateway.totals(4);
    assert_eq!(
        (totals.deposit_count, totals.deposit_amount.digits()),
        (1, 50_000)
    );
}

#[test]
fn a_repeat_gets_the_same_bytes_and_is_booked_once() {
    let gateway = Gateway::start();
    let mut one = gateway.call();
    let mut two = gateway.call();
    let telegram = deposit("03020000000002", FIXED, 50_000);
    let first = one.ask(&telegram);
    assert_eq!(two.ask(&telegram), first);
    // Sent again with the flags of a re-send: its own echo, the same answer.
    let again = telegram.put(22, "2").put(31, "101000").put(203, "Y");
    assert_eq!(two.ask(&again), again.reply("0210", "0000"));
    assert_eq!(gateway.totals(4).deposit_count, 1);
}

#[test]
fn a_used_number_with_another_amount_is_refused() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    assert_eq!(
        relay.code(&deposit("03020000000003", FIXED, 50_000)),
        "0000"
    );
    assert_eq!(
        relay.code(&deposit("03020000000003", FIXED, 50_001)),
        "0101"
    );
    assert_eq!(gateway.totals(4).deposit_amount.digits(), 50_000);
    gateway.metric_becomes(
        "naru_telegrams_total{kind=\"deposit\",outcome=\"key_reused\"}",
        1.0,
    );
}

#[test]
fn every_field_reaches_the_books() {
    let mut gateway = Gateway::with(|setup| setup.test_is_writer = true);
    let mut relay = gateway.call();
    let telegram = deposit("03020000000004", FIXED, 70_000)
        .put(22, "3")
        .put(109, "02")
        .put(177, "0000000020000")
        .put(190, "0000000050000")
        .put(203, "Y")
        .put(205, "Y")
        .put(206, b"\xb1\xe8\xc3\xb6\xbc\xf6");
    relay.send(&telegram);
    let Command::Deposit(told) = gateway.job().command else {
        panic!("not a deposit")
    };
    assert_eq!(
        told.key.to_string(),
        "30000003/004/2026-03-02/03020000000004"
    );
    assert_eq!(told.account.bank.to_string(), "004");
    assert_eq!(told.account.number.as_str(), FIXED);
    assert_eq!(told.amount.digits(), 70_000);
    assert_eq!((told.cheque.digits(), told.cash.digits()), (20_000, 50_000));
    assert_eq!(told.payer.bank.as_deref(), Some("088"));
    assert_eq!(told.payer.name, "김철수");
    assert!(!told.payer.name_cut);
    assert_eq!(told.mode, Mode::Notice);
    assert_eq!(told.medium.as_deref(), Some("02"));
    assert_eq!(told.trade_time.as_deref(), Some("100000"));
    assert!(told.resent);
    assert_eq!(told.send_count, 3);
    assert_eq!(told.raw, telegram.0);
}

#[test]
fn a_blank_real_depositor_is_the_printed_one_and_a_full_field_may_be_cut() {
    let mut gateway = Gateway::with(|setup| setup.test_is_writer = true);
    let mut relay = gateway.call();
    let long = "A".repeat(30);
    relay.send(
        &deposit("03020000000005", FIXED, 1)
            .put(205, "Y")
            .put(134, &long),
    );
    let Command::Deposit(told) = gateway.job().command else {
        panic!("not a deposit")
    };
    assert_eq!(told.payer.name, long);
    assert!(told.payer.name_cut);
}

#[test]
fn full_books_are_told_at_once_and_nothing_is_written() {
    let mut gateway = Gateway::with(|setup| {
        setup.test_is_writer = true;
        setup.queue = 1;
    });
    let mut relay = gateway.call();
    relay.send(&deposit("03020000000006", FIXED, 1_000));
    assert_eq!(relay.code(&deposit("03020000000007", FIXED, 1_000)), "0009");
    let Command::Deposit(first) = gateway.job().command else {
        panic!("not a deposit")
    };
    assert_eq!(first.key.trace_no, "03020000000006");
    assert!(
        gateway.jobs.try_recv().is_err(),
        "the refused one is not in the queue"
    );
}

#[test]
fn broken_books_are_silent_and_the_session_goes_on() {
    let mut gateway = Gateway::with(|setup| {
        setup.test_is_writer = true;
        // With so little leave, a request that kept it would stop the session.
        setup.settings.in_flight_max = 1;
    });
    let mut relay = gateway.call();
    relay.send(&deposit("03020000000008", FIXED, 1_000));
    drop(gateway.job());
    let test = line_test("03020000000009");
    assert_eq!(relay.ask(&test), test.reply("0810", "0000"));
    gateway.metric_becomes(
        "naru_telegrams_total{kind=\"deposit\",outcome=\"silent\"}",
        1.0,
    );
}
