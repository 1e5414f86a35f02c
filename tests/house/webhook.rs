//! Letters over real sockets: receivers of every mood on one side, the books and their courier on
//! the other.

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use naru::domain::webhook::Fault;
use naru::domain::{Dialect, EventKind, LetterState};
use sha2::Sha256;

use super::support::eventually;
use super::support::receiver::{Got, Receiver, Say};
use super::support::shop::{MALL_KEY, SECRET, Shop};

const RECEIVED: &[EventKind] = &[EventKind::DepositReceived];

/// What a receiver of Standard Webhooks computes for itself.
fn signature(secret: &[u8], got: &Got) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    let (id, timestamp) = (got.header("webhook-id"), got.header("webhook-timestamp"));
    mac.update(format!("{id}.{timestamp}.{}", got.text()).as_bytes());
    let engine = base64::engine::general_purpose::STANDARD;
    format!("v1,{}", engine.encode(mac.finalize().into_bytes()))
}

fn secret_bytes() -> Vec<u8> {
    let engine = base64::engine::general_purpose::STANDARD;
    engine
        .decode(SECRET.strip_prefix("whsec_").unwrap())
        .unwrap()
}

#[test]
fn every_dialect_arrives_with_its_proof_of_who_sent_it() {
    let shop = Shop::open();
    let standard = Receiver::start(|_, _| Say::status("204 No Content"));
    let payaction = Receiver::start(|_, _| Say::ok(r#"{"status":"success"}"#));
    let ezpg_a = Receiver::start(|_, _| Say::ok("0000"));
    let ezpg_b = Receiver::start(|_, _| Say::ok("0000"));
    let ends = [
        (&standard, Dialect::Standard),
        (&payaction, Dialect::Payaction),
        (&ezpg_a, Dialect::EzpgA),
        (&ezpg_b, Dialect::EzpgB),
    ];
    let ids = ends.map(|(receiver, dialect)| shop.endpoint(&receiver.url(), dialect, RECEIVED));
    let position = shop.deposit("1");
    for id in ids {
        eventually("each letter is delivered", || {
            shop.letter(id, position).state == LetterState::Delivered
        });
    }
    for (receiver, dialect) in ends {
        let got = &receiver.got()[0];
        let key = if dialect == Dialect::Payaction {
            MALL_KEY.as_bytes().to_vec()
        } else {
            secret_bytes()
        };
        assert_eq!(got.path, "/hook");
        assert_eq!(got.header("content-type"), "application/json");
        assert_eq!(got.header("webhook-id"), format!("evt_{position:012}_0"));
        assert_eq!(got.header("webhook-signature"), signature(&key, got));
        let json: serde_json::Value = serde_json::from_slice(&got.body).unwrap();
        assert!(json.is_object());
    }
    let got = &payaction.got()[0];
    assert_eq!(got.header("x-webhook-key"), MALL_KEY);
    assert_eq!(got.header("x-mall-id"), "shop");
    let (head, tail) = got.header("x-trace-id").split_once('x').unwrap();
    assert_eq!((head.len(), tail.len()), (13, 18));
    assert!(got.text().contains(r#""transaction_type":"deposited""#));
    assert!(
        standard.got()[0]
            .text()
            .contains(r#""type":"deposit.received""#)
    );
    assert_eq!(standard.got()[0].header("x-webhook-key"), "");
}

#[test]
fn every_attempt_has_the_same_id_trace_and_bytes() {
    let shop = Shop::open();
    let receiver = Receiver::start(|nth, _| match nth {
        0 => Say::status("500 Internal Server Error"),
        1 => Say::ok(r#"{"result":"success"}"#),
        _ => Say::ok(r#"{"status":"success"}"#),
    });
    let id = shop.endpoint(&receiver.url(), Dialect::Payaction, RECEIVED);
    let position = shop.deposit("1");
    for (tried, jump) in [(1, 61), (2, 601)] {
        eventually("an attempt is noted", || {
            shop.letter(id, position).tried == tried
        });
        shop.jump(jump);
    }
    eventually("it is delivered", || {
        shop.letter(id, position).state == LetterState::Delivered
    });
    let got = receiver.got();
    assert_eq!(got.len(), 3);
    for other in &got[1..] {
        for header in ["webhook-id", "x-trace-id", "x-webhook-key"] {
            assert_eq!(other.header(header), got[0].header(header));
        }
        assert_eq!(other.body, got[0].body);
        assert_ne!(
            other.header("webhook-timestamp"),
            got[0].header("webhook-timestamp")
        );
        assert_eq!(
            other.header("webhook-signature"),
            signature(MALL_KEY.as_bytes(), other)
        );
    }
    let attempts = shop.attempts(id, position);
    let statuses: Vec<_> = attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [Some(500), Some(200), Some(200)]);
    assert_eq!(
        attempts[1].answer.as_deref(),
        Some(r#"{"result":"success"}"#)
    );
    assert!(!attempts[1].accepted && attempts[2].accepted);
}

#[test]
fn a_letter_ends_at_410_and_waits_as_long_as_it_is_asked_to() {
    let shop = Shop::open();
    let gone = Receiver::start(|_, _| Say::status("410 Gone"));
    let busy = Receiver::start(|nth, _| match nth {
        0 => Say::with("503 Service Unavailable", "retry-after: 3600".to_owned()),
        _ => Say::status("200 OK"),
    });
    let ended = shop.endpoint(&gone.url(), Dialect::Standard, RECEIVED);
    let asked = shop.endpoint(&busy.url(), Dialect::Standard, RECEIVED);
    let position = shop.deposit("1");
    eventually("410 ends it", || {
        shop.letter(ended, position).state == LetterState::GivenUp
    });
    eventually("503 is noted", || shop.letter(asked, position).tried == 1);
    let attempt = &shop.attempts(asked, position)[0];
    assert_eq!(attempt.retry_after, Some(3600));
    shop.jump(3_500);
    let next = shop.deposit("2");
    eventually("a later letter is delivered", || {
        shop.letter(asked, next).state == LetterState::Delivered
    });
    assert_eq!(shop.letter(asked, position).tried, 1, "not before its hour");
    shop.jump(200);
    eventually("it is delivered after its hour", || {
        shop.letter(asked, position).state == LetterState::Delivered
    });
    assert_eq!(gone.count(), 2, "one attempt for each of two letters");
}

#[test]
fn a_dead_and_a_hanging_endpoint_delay_nobody() {
    let shop = Shop::open();
    let hanging = Receiver::start(|_, _| Say::Hang);
    let alive = Receiver::start(|_, _| Say::status("200 OK"));
    // A port that was free a moment ago and that nobody listens on.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("http://{}/hook", nobody.local_addr().unwrap());
    drop(nobody);
    let held = shop.endpoint(&hanging.url(), Dialect::Standard, RECEIVED);
    let refused = shop.endpoint(&dead, Dialect::Standard, RECEIVED);
    let id = shop.endpoint(&alive.url(), Dialect::Standard, RECEIVED);
    let positions: Vec<u64> = (0..100).map(|n| shop.deposit(&n.to_string())).collect();
    eventually("the living endpoint has all of them", || {
        let delivered = |position: &u64| shop.letter(id, *position).state == LetterState::Delivered;
        positions.iter().all(delivered)
    });
    assert_eq!(alive.count(), 100);
    let waits = |position: &u64| shop.letter(held, *position).state == LetterState::Waiting;
    assert!(positions.iter().all(waits));
    assert!(
        hanging.count() <= 32,
        "an endpoint has its share and no more"
    );
    eventually("the dead one is known for what it is", || {
        shop.letter(refused, positions[0]).tried > 0
    });
    let fault = shop.attempts(refused, positions[0])[0].fault;
    assert_eq!(fault, Some(Fault::ConnectionRefused));
}

#[test]
fn a_story_reaches_its_receiver_in_order() {
    let shop = Shop::open();
    let receiver = Receiver::start(|nth, _| match nth {
        0 => Say::HangUp,
        _ => Say::status("200 OK"),
    });
    let id = shop.endpoint(&receiver.url(), Dialect::Standard, &[]);
    let booked = shop.deposit("1");
    eventually("the first attempt has failed", || {
        shop.letter(id, booked).tried == 1
    });
    assert_eq!(shop.attempts(id, booked)[0].fault, Some(Fault::Broke));
    let undone = shop.correct("1");
    let other = shop.deposit("2");
    eventually("another story goes on", || {
        shop.letter(id, other).state == LetterState::Delivered
    });
    assert_eq!(receiver.count(), 2);
    shop.jump(6);
    eventually("both parts of the story have arrived", || {
        // The correction's own notice is the second event of its record.
        receiver.count() == 4
    });
    let ids: Vec<_> = receiver
        .got()
        .iter()
        .map(|got| got.header("webhook-id").to_owned())
        .collect();
    let name = |position: u64, index: u32| format!("evt_{position:012}_{index}");
    assert_eq!(
        ids,
        [
            name(booked, 0),
            name(other, 0),
            name(booked, 0),
            name(undone, 1)
        ]
    );
}

#[test]
fn a_crash_loses_no_letter_and_counts_no_attempt_that_it_cut() {
    let shop = Shop::open();
    let receiver = Receiver::start(|nth, _| match nth {
        0 => Say::Hang,
        _ => Say::status("200 OK"),
    });
    let id = shop.endpoint(&receiver.url(), Dialect::Standard, RECEIVED);
    let position = shop.deposit("1");
    eventually("the letter is under way", || receiver.count() == 1);
    let shop = shop.crash_and_restart();
    eventually("it is delivered after the restart", || {
        shop.letter(id, position).state == LetterState::Delivered
    });
    assert_eq!(shop.letter(id, position).tried, 1);
    let got = receiver.got();
    assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"));
    assert_eq!(got[0].body, got[1].body);
}

#[test]
fn a_redirect_is_a_failure_and_is_not_followed() {
    let shop = Shop::open();
    let elsewhere = Receiver::start(|_, _| Say::status("200 OK"));
    let target = elsewhere.url();
    let receiver = Receiver::start(move |_, _| {
        Say::with("307 Temporary Redirect", format!("location: {target}"))
    });
    let id = shop.endpoint(&receiver.url(), Dialect::Standard, RECEIVED);
    let position = shop.deposit("1");
    eventually("the attempt is noted", || {
        shop.letter(id, position).tried == 1
    });
    assert_eq!(shop.attempts(id, position)[0].status, Some(307));
    assert_eq!(elsewhere.count(), 0);
}

#[test]
fn an_answer_without_end_is_cut_and_kept_in_part() {
    let shop = Shop::open();
    let receiver = Receiver::start(|_, _| Say::Flood);
    let strict = shop.endpoint(&receiver.url(), Dialect::EzpgA, RECEIVED);
    let lenient = shop.endpoint(&receiver.url(), Dialect::Standard, RECEIVED);
    let position = shop.deposit("1");
    eventually("both attempts are noted", || {
        shop.letter(strict, position).tried == 1 && shop.letter(lenient, position).tried == 1
    });
    assert_eq!(shop.letter(lenient, position).state, LetterState::Delivered);
    let attempt = &shop.attempts(strict, position)[0];
    assert!(!attempt.accepted);
    assert_eq!(attempt.answer.as_ref().map(String::len), Some(1_024));
}

#[test]
fn private_addresses_are_not_called_even_where_an_endpoint_names_one() {
    let shop = Shop::open();
    let urls = [
        ("http://10.255.255.1/hook", Fault::AddressRefused),
        (
            "http://169.254.169.254/latest/meta-data/",
            Fault::AddressRefused,
        ),
        ("http://[::ffff:10.0.0.1]/", Fault::AddressRefused),
        ("http://printer.local/", Fault::AddressRefused),
        ("http://shop.invalid/", Fault::NameNotResolved),
        ("ftp://127.0.0.1/", Fault::BadUrl),
    ];
    let ids = urls.map(|(url, _)| shop.endpoint(url, Dialect::Standard, RECEIVED));
    let position = shop.deposit("1");
    for (id, (url, fault)) in ids.into_iter().zip(urls) {
        eventually("the attempt is noted", || {
            shop.letter(id, position).tried == 1
        });
        assert_eq!(shop.attempts(id, position)[0].fault, Some(fault), "{url}");
    }
}
