//! The orderly end: nothing new comes in, what is in is answered, nobody is waited for.

use std::time::Duration;

use naru::domain::Command;

use crate::support::{FIXED, Gateway, ONE_TIME, check, deposit, line_test};

#[test]
fn what_is_in_is_answered_and_half_a_frame_is_dropped() {
    let mut gateway = Gateway::start();
    let mut relay = gateway.call();
    let mut idle = gateway.call();
    assert_eq!(idle.code(&line_test("03020000000001")), "0000");
    gateway.committed.close();
    relay.send(&deposit("03020000000002", FIXED, 50_000));
    gateway.committed.wait_for_someone();
    relay.send_bytes(&deposit("03020000000003", FIXED, 70_000).frame()[..200]);
    let gate = gateway.committed.clone();
    gateway.stop_while(|| {
        // The idle session is told at once; the busy one when it has its answer.
        idle.is_hung_up();
        gate.open();
        assert_eq!(relay.hear().unwrap().code(), "0000");
        relay.is_hung_up();
    });
    assert_eq!(gateway.totals(4).deposit_amount.digits(), 50_000);
    let stopped = gateway.metric("naru_sessions_closed_total{why=\"stop\"}");
    assert!((stopped - 2.0).abs() < 0.5, "{stopped} sessions stopped");
}

#[test]
fn what_is_taken_in_is_answered_and_what_is_not_is_not_booked() {
    let mut gateway = Gateway::start();
    let mut relay = gateway.call();
    let mut idle = gateway.call();
    assert_eq!(idle.code(&line_test("03020000000004")), "0000");
    gateway.committed.close();
    relay.send(&deposit("03020000000005", FIXED, 50_000));
    gateway.committed.wait_for_someone();
    let gate = gateway.committed.clone();
    let mut answered = Vec::new();
    gateway.stop_while(|| {
        // The word has gone out; the relay, who has not heard it, goes on.
        idle.is_hung_up();
        for number in 0..100 {
            relay.send(&deposit(&format!("0302000001{number:04}"), FIXED, 1));
        }
        gate.open();
        // Unread telegrams do not reset the session: every answer comes before its end.
        answered = relay.hear_out();
    });
    assert_eq!(answered[0].trace_no(), "03020000000005");
    assert_eq!(gateway.totals(4).deposit_count, answered.len() as u64);
}

#[test]
fn peers_that_neither_read_nor_hang_up_are_not_waited_for() {
    let mut gateway = Gateway::with(|setup| {
        setup.test_is_writer = true;
        setup.settings.waits.stop = Duration::from_millis(50);
    });
    let mut relay = gateway.call();
    relay.send(&deposit("03020000000006", FIXED, 1_000));
    // The books never answer this one.
    let job = gateway.job();
    gateway.stop();
    relay.is_hung_up();
    drop(job);
}

#[test]
fn an_approval_that_the_end_cuts_off_is_void() {
    let mut gateway = Gateway::with(|setup| {
        setup.test_is_writer = true;
        setup.settings.waits.decide = Duration::from_secs(2);
    });
    let mut relay = gateway.call();
    relay.send(&check("03020000000007", ONE_TIME, 1_000));
    let late = gateway.job();
    assert!(matches!(late.command, Command::Hold(_)));
    assert_eq!(relay.hear().unwrap().code(), "9980");
    // The relay has its answer and is gone; the end waits for the receipt all the same.
    drop(relay);
    late.answer(naru::store::Receipt {
        position: 5,
        at: naru::domain::Timestamp::from_micros(0),
        repeated: false,
        verdict: Ok(naru::domain::Outcome::Approved {
            payee_name: String::new(),
            held: true,
        }),
    });
    gateway.stop();
    let void = gateway
        .jobs
        .try_recv()
        .expect("the hold is made void")
        .command;
    assert!(
        matches!(void, Command::VoidHold { position: 5, .. }),
        "{void:?}"
    );
}

#[test]
fn nobody_comes_in_after_the_end() {
    let mut gateway = Gateway::start();
    let address = gateway.address;
    gateway.stop();
    assert!(std::net::TcpStream::connect(address).is_err());
}
