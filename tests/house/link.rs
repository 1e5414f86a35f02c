//! The link: sessions, back-pressure, line tests, who may come in.

use std::time::Duration;

use naru::limits;

use crate::support::{
    FIXED, FIXED_TOO, Gateway, ONE_TIME, deposit, eventually, line_test, lookup, network,
};

const ACCEPTED_LINE_TESTS: &str = "naru_telegrams_total{kind=\"line_test\",outcome=\"accepted\"}";

#[test]
fn a_line_test_is_echoed_with_another_type_and_a_code() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    let test = line_test("03020000000001").put(81, "echo this filler 19");
    assert_eq!(relay.ask(&test), test.reply("0810", "0000"));
    gateway.metric_becomes(ACCEPTED_LINE_TESTS, 1.0);
    gateway.metric_becomes("naru_telegram_seconds_count{kind=\"line_test\"}", 1.0);
}

#[test]
fn a_poll_frame_is_answered_with_its_own_time() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    relay.send_bytes(b"0020HDRREQPOLL0302101530");
    assert_eq!(relay.hear().unwrap().0, b"HDRRESPOLL0302101530");
}

#[test]
fn the_relay_may_open_close_and_report_faults() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    let fault = "naru_bank_fault{bank=\"088\"}";
    for (transaction, target, after) in [
        ("1000", "000", 0.0),
        ("5000", "088", 1.0),
        ("6000", "088", 0.0),
        ("5000", "088", 1.0),
        ("6000", "000", 0.0),
        ("3000", "000", 0.0),
    ] {
        let telegram = network(transaction, "03020000000002", target);
        assert_eq!(relay.ask(&telegram), telegram.reply("0810", "0000"));
        gateway.metric_becomes(fault, after);
    }
    let strange = line_test("03020000000003").put(3, "99999999");
    assert_eq!(relay.code(&strange), "0006");
}

#[test]
fn an_answer_goes_back_on_the_session_that_asked() {
    let gateway = Gateway::start();
    let mut one = gateway.call();
    let mut two = gateway.call();
    one.send(&deposit("03020000000010", FIXED, 1_000));
    two.send(&deposit("03020000000020", FIXED, 2_000));
    assert_eq!(two.hear().unwrap().trace_no(), "03020000000020");
    assert_eq!(one.hear().unwrap().trace_no(), "03020000000010");
    gateway.metric_becomes("naru_sessions{profile=\"dozn\"}", 2.0);
}

#[test]
fn answers_leave_in_the_order_of_completion() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    gateway.committed.close();
    relay.send(&deposit("03020000000030", FIXED, 1_000));
    relay.send(&line_test("03020000000031"));
    assert_eq!(relay.hear().unwrap().trace_no(), "03020000000031");
    gateway.committed.open();
    assert_eq!(relay.hear().unwrap().trace_no(), "03020000000030");
}

#[test]
fn a_session_has_hundreds_of_requests_in_work() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    gateway.committed.close();
    let requests = limits::IN_FLIGHT_PER_SESSION_MAX - 1;
    assert!(requests >= 64);
    for number in 0..requests {
        relay.send(&deposit(&format!("0302{number:010}"), FIXED, 1_000));
    }
    // There is still leave for one more, so all the others are in work.
    assert_eq!(relay.code(&line_test("03029999999999")), "0000");
    gateway.committed.open();
    for _ in 0..requests {
        assert_eq!(relay.hear().unwrap().code(), "0000");
    }
    assert_eq!(gateway.totals(4).deposit_count, requests as u64);
}

#[test]
fn a_session_that_asks_faster_than_we_answer_waits_in_its_own_socket() {
    let gateway = Gateway::with(|setup| setup.settings.in_flight_max = 1);
    let mut relay = gateway.call();
    let mut other = gateway.call();
    gateway.committed.close();
    relay.send(&deposit("03020000000040", FIXED, 1_000));
    gateway.committed.wait_for_someone();
    relay.send(&line_test("03020000000041"));
    // The house is awake and answers others meanwhile.
    for number in 0..100 {
        assert_eq!(
            other.code(&line_test(&format!("0302000001{number:04}"))),
            "0000"
        );
    }
    gateway.committed.open();
    assert_eq!(relay.hear().unwrap().trace_no(), "03020000000040");
    assert_eq!(relay.hear().unwrap().trace_no(), "03020000000041");
}

#[test]
fn glued_and_split_frames_are_the_same_telegrams() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    let glued: Vec<u8> = (0..40)
        .flat_map(|number| deposit(&format!("0302000002{number:04}"), FIXED, 1_000).frame())
        .collect();
    // Pieces of 7 bytes: every frame is cut in another place.
    for piece in glued.chunks(7) {
        relay.send_bytes(piece);
    }
    for _ in 0..40 {
        assert_eq!(relay.hear().unwrap().code(), "0000");
    }
    assert_eq!(gateway.totals(4).deposit_count, 40);
}

#[test]
fn a_silent_session_is_asked_twice_and_then_closed() {
    let gateway = Gateway::with(|setup| setup.settings.waits.idle = Duration::from_millis(20));
    let mut relay = gateway.call();
    let first = relay.hear().unwrap();
    let second = relay.hear().unwrap();
    relay.is_hung_up();
    for test in [&first, &second] {
        assert_eq!(test.text(0, 22), "NET3000000300008008000");
        assert_eq!(test.text(22, 1), "1");
        assert_eq!(test.code(), "    ");
        assert_eq!(test.text(100, 3), "000");
    }
    assert_ne!(first.trace_no(), second.trace_no());
    gateway.metric_becomes("naru_sessions_closed_total{why=\"silent\"}", 1.0);
    gateway.metric_becomes("naru_line_tests_total{outcome=\"unanswered\"}", 2.0);
}

#[test]
fn a_silent_session_that_answers_stays() {
    let gateway = Gateway::with(|setup| setup.settings.waits.idle = Duration::from_millis(50));
    // A session whose answers counted for nothing would end after two tests. One that stays for
    // five may need a second try, where this machine is too busy to answer in time.
    let outlives_five = || {
        let mut relay = gateway.call();
        (0..5).all(|_| {
            let test = relay.hear();
            let answered = test.map(|test| relay.try_send(&test.reply("0810", "0000")));
            answered.is_some()
        })
    };
    assert!((0..10).any(|_| outlives_five()));
    eventually("answers are counted", || {
        gateway.metric("naru_line_tests_total{outcome=\"answered\"}") > 3.5
    });
}

#[test]
fn only_allowed_addresses_come_in() {
    let gateway = Gateway::with(|setup| {
        setup.settings.allow = vec!["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()];
    });
    gateway.call().is_hung_up();
    gateway.metric_becomes("naru_sessions_refused_total{why=\"address\"}", 1.0);
}

#[test]
fn allowed_addresses_come_in() {
    let gateway = Gateway::with(|setup| {
        setup.settings.allow = vec!["127.0.0.0/8".parse().unwrap()];
    });
    assert_eq!(gateway.call().code(&line_test("03020000000050")), "0000");
}

#[test]
fn there_is_a_cap_on_sessions() {
    let gateway = Gateway::with(|setup| setup.settings.sessions_max = 2);
    let mut one = gateway.call();
    let mut two = gateway.call();
    for relay in [&mut one, &mut two] {
        assert_eq!(relay.code(&line_test("03020000000060")), "0000");
    }
    gateway.call().is_hung_up();
    gateway.metric_becomes("naru_sessions_refused_total{why=\"full\"}", 1.0);
    drop(two);
    gateway.metric_becomes("naru_sessions{profile=\"dozn\"}", 1.0);
    let mut three = gateway.call();
    assert_eq!(three.code(&line_test("03020000000061")), "0000");
}

#[test]
fn a_storm_of_reconnects_leaves_nothing_behind() {
    let gateway = Gateway::start();
    for number in 0..200 {
        let mut relay = gateway.call();
        relay.send(&deposit(&format!("0302000003{number:04}"), FIXED, 1_000));
        // Every other session is gone before its answer can come.
        if number % 2 == 0 {
            assert_eq!(relay.hear().unwrap().code(), "0000");
        }
    }
    gateway.metric_becomes("naru_sessions{profile=\"dozn\"}", 0.0);
    eventually("every deposit is booked once", || {
        gateway.totals(4).deposit_count == 200
    });
    assert_eq!(gateway.call().code(&line_test("03020000000070")), "0000");
}

#[test]
fn a_flood_of_look_ups_delays_no_deposit_and_is_answered_at_once() {
    let gateway = Gateway::with(|setup| setup.settings.desk_mailbox = 4);
    let mut flood = gateway.call();
    let mut relay = gateway.call();
    gateway.reading.close();
    flood.send(&lookup("03020000000080", FIXED, 0));
    gateway.reading.wait_for_someone();
    // The look-up desk is held up over one, and its mailbox takes four.
    for number in 0..20 {
        flood.send(&lookup(&format!("0302000004{number:04}"), FIXED, 0));
    }
    for _ in 0..16 {
        assert_eq!(flood.hear().unwrap().code(), "0009");
    }
    gateway.metric_becomes("naru_mailbox_full_total{desk=\"payee_lookup\"}", 16.0);
    for number in 0..10 {
        let telegram = deposit(&format!("0302000005{number:04}"), FIXED_TOO, 1_000);
        assert_eq!(relay.code(&telegram), "0000");
    }
    gateway.reading.open();
    for _ in 0..5 {
        assert_eq!(flood.hear().unwrap().code(), "0000");
    }
    assert_eq!(flood.code(&lookup("03020000000081", ONE_TIME, 0)), "0000");
}
