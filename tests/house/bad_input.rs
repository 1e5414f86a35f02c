//! Bad input, row by row: each has its documented answer or the session's end, is counted, leaves
//! a line in the log without personal data, and takes nothing with it that was already accepted.

use std::time::Duration;

use crate::support::{
    FIXED, Gateway, Relay, Telegram, check, correction, deposit, line_test, lookup,
};

/// What is wrong, the telegram, its answer, and as what it is counted if it is malformed.
type Row = (&'static str, Telegram, &'static str, &'static str);

fn malformed(why: &str) -> String {
    format!("naru_malformed_total{{why=\"{why}\"}}")
}

/// Proof that a session and the house behind it are well.
fn is_well(relay: &mut Relay) {
    let test = line_test("03029999999999");
    assert_eq!(relay.ask(&test), test.reply("0810", "0000"));
}

const TRACE: &str = "03020000000001";

/// Fields of the header.
fn headers() -> Vec<Row> {
    let asked = || lookup(TRACE, FIXED, 0);
    let checked = || check(TRACE, FIXED, 1_000);
    let paid = || deposit(TRACE, FIXED, 1_000);
    let undone = || correction(TRACE, FIXED, 1_000);
    let us = |telegram: Telegram| telegram.put(3, "99999999");
    vec![
        ("institution, look-up", us(asked()), "0006", ""),
        ("institution, check", us(checked()), "0006", ""),
        ("institution, deposit", us(paid()), "0006", ""),
        ("institution, correction", us(undone()), "0006", ""),
        ("institution, test", us(line_test(TRACE)), "0006", ""),
        ("bank, look-up", asked().put(11, "777"), "0007", ""),
        ("bank, check", checked().put(11, "777"), "0007", ""),
        ("type", paid().put(14, "0900"), "0002", "unknown_kind"),
        (
            "transaction",
            paid().put(18, "9999"),
            "0002",
            "unknown_kind",
        ),
        ("transfers", paid().put(0, "FRM"), "0002", "unknown_kind"),
        ("system", paid().put(0, "XYZ"), "0002", "unknown_kind"),
        (
            "date, deposit",
            paid().put(23, "20260230"),
            "0001",
            "not_a_date",
        ),
        (
            "date, look-up",
            asked().put(23, "20261301"),
            "0001",
            "not_a_date",
        ),
        ("number", paid().put(37, " ".repeat(14)), "0001", "missing"),
    ]
}

/// Fields of the body.
fn bodies() -> Vec<Row> {
    let asked = || lookup(TRACE, FIXED, 0);
    let checked = || check(TRACE, FIXED, 1_000);
    let paid = || deposit(TRACE, FIXED, 1_000);
    let undone = || correction(TRACE, FIXED, 1_000);
    let account = |telegram: Telegram| telegram.put(115, " ".repeat(16));
    let amount = |telegram: Telegram, digits: &str| telegram.put(164, digits);
    let (zero, letter, gap) = ("0000000000000", "00000000x1000", "000000000100 ");
    vec![
        (
            "letter, deposit",
            amount(paid(), letter),
            "0001",
            "not_digits",
        ),
        ("gap, check", amount(checked(), gap), "0001", "not_digits"),
        (
            "zero, deposit",
            amount(paid(), zero),
            "0001",
            "not_positive",
        ),
        (
            "zero, correction",
            amount(undone(), zero),
            "0001",
            "not_positive",
        ),
        (
            "zero, check",
            amount(checked(), zero),
            "0001",
            "not_positive",
        ),
        ("zero, look-up", asked(), "0000", ""),
        (
            "no amount",
            amount(paid(), &" ".repeat(13)),
            "0001",
            "missing",
        ),
        ("no account, look-up", account(asked()), "0001", "missing"),
        ("no account, check", account(checked()), "0001", "missing"),
        ("no account, deposit", account(paid()), "0001", "missing"),
        (
            "no account, correction",
            account(undone()),
            "0001",
            "missing",
        ),
        ("no mode, look-up", asked().put(108, " "), "0001", "missing"),
    ]
}

#[test]
fn every_row_has_its_answer_its_counter_and_its_line() {
    for (what, telegram, code, why) in headers().into_iter().chain(bodies()) {
        let gateway = Gateway::start();
        let mut relay = gateway.call();
        assert_eq!(relay.code(&telegram), code, "{what}");
        let complaints = relay.complaints();
        if why.is_empty() {
            assert_eq!(complaints, [""; 0], "{what}");
        } else {
            gateway.metric_becomes(&malformed(why), 1.0);
            assert_eq!(complaints.len(), 1, "{what}: {complaints:?}");
            assert!(complaints[0].contains(why), "{what}: {complaints:?}");
        }
        let log = relay.log().concat();
        assert!(!log.contains(FIXED), "{what} tells an account: {log}");
        assert_eq!(gateway.totals(4).deposit_count, 0, "{what}");
        is_well(&mut relay);
    }
}

#[test]
fn a_deposit_is_taken_with_junk_where_it_can_be_spared() {
    let junk = |trace: &str| deposit(trace, FIXED, 1_000);
    for (what, telegram, why) in [
        (
            "no occurrence",
            junk("03020000000002").put(107, " "),
            "missing",
        ),
        ("no mode", junk("03020000000003").put(108, " "), "missing"),
        (
            "cheques not digits",
            junk("03020000000004").put(177, "xxxxxxxxxxxxx"),
            "not_digits",
        ),
        (
            "time",
            junk("03020000000005").put(31, "256199"),
            "not_a_time",
        ),
        (
            "unlisted occurrence",
            junk("03020000000006").put(107, "Q"),
            "unlisted_code",
        ),
        (
            "control byte",
            junk("03020000000007").put(109, b"\x01\x02"),
            "not_printable",
        ),
        (
            "parts",
            junk("03020000000008").put(177, "0000000005000"),
            "parts_exceed_whole",
        ),
        (
            "unknown bank goes to suspense",
            junk("03020000000009").put(11, "777"),
            "",
        ),
    ] {
        let gateway = Gateway::start();
        let mut relay = gateway.call();
        assert_eq!(
            relay.ask(&telegram),
            telegram.reply("0210", "0000"),
            "{what}"
        );
        if !why.is_empty() {
            gateway.metric_becomes(&malformed(why), 1.0);
            assert!(
                relay.complaints().iter().any(|line| line.contains(why)),
                "{what}"
            );
        }
    }
}

#[test]
fn half_hangul_is_taken_and_goes_back_as_it_came() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    // A lead byte without its second half at the end of the field, and bytes that are no Hangul.
    let cut = [b"A".repeat(29), b"\xb0".to_vec()].concat();
    for (trace, name, at) in [
        ("03020000000010", cut.as_slice(), "at=163"),
        ("03020000000011", b"\xff\xfe\x80", "at=134"),
    ] {
        let told = relay.complaints().len();
        let telegram = deposit(trace, FIXED, 1_000).put(134, name);
        assert_eq!(relay.ask(&telegram), telegram.reply("0210", "0000"));
        let complaints = relay.complaints();
        assert_eq!(complaints.len(), told + 1, "{complaints:?}");
        let line = &complaints[told];
        assert!(line.contains("not_text") && line.contains(at), "{line}");
    }
    gateway.metric_becomes(&malformed("not_text"), 2.0);
    assert_eq!(gateway.totals(4).deposit_count, 2);
}

#[test]
fn bytes_that_are_no_korean_text_are_noted_in_every_kind_and_change_no_answer() {
    let noise = b"\xff\xfe\x80";
    let paid = deposit("03020000000022", FIXED, 1_000);
    for (what, telegram, at) in [
        ("look-up", lookup("03020000000020", FIXED, 0), 134),
        ("check", check("03020000000021", FIXED, 1_000), 134),
        (
            "correction",
            correction("03020000000022", FIXED, 1_000),
            134,
        ),
        ("line test", line_test("03020000000023"), 117),
    ] {
        let gateway = Gateway::start();
        let mut relay = gateway.call();
        assert_eq!(relay.code(&paid), "0000");
        assert_eq!(relay.code(&telegram.put(at, noise)), "0000", "{what}");
        gateway.metric_becomes(&malformed("not_text"), 1.0);
        let complaints = relay.complaints();
        assert_eq!(complaints.len(), 1, "{what}: {complaints:?}");
        assert!(complaints[0].contains("not_text"), "{what}: {complaints:?}");
    }
}

#[test]
fn a_wrong_length_is_answered_with_300_bytes() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    let telegram = deposit("03020000000012", FIXED, 1_000);
    let expected = telegram.reply("0210", "0001");
    // Fourteen digits of amount make the telegram one byte longer.
    let mut long = telegram.clone();
    long.0.push(b' ');
    assert_eq!(relay.ask(&long), expected);
    let mut short = telegram.clone();
    short.0.truncate(250);
    let mut padded = expected;
    padded.0.truncate(250);
    padded.0.resize(300, b' ');
    assert_eq!(relay.ask(&short), padded);
    gateway.metric_becomes(&malformed("wrong_length"), 2.0);
    let complaints = relay.complaints();
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    is_well(&mut relay);
}

#[test]
fn replies_sent_as_requests_are_counted_and_never_answered() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    let paid = deposit("03020000000013", FIXED, 1_000);
    relay.send(&paid.reply("0210", "0000"));
    relay.send(&paid.reply("0210", "    "));
    relay.send(&line_test("03020000000014").reply("0810", "0000"));
    // An unknown kind that bears the code of an answer is one.
    relay.send(&paid.reply("0990", "0002"));
    is_well(&mut relay);
    gateway.metric_becomes("naru_replies_unexpected_total", 4.0);
    let complaints = relay.complaints();
    assert_eq!(complaints.len(), 4, "{complaints:?}");
    assert_eq!(gateway.totals(4).deposit_count, 0);
}

/// Bytes that are no frame, and how they are counted.
const NO_FRAMES: &[(&str, &[u8], &str, &str)] = &[
    ("letters", b"HELO", "not_digits", "bad_frame"),
    ("a wrong digit", b"03x0", "not_digits", "bad_frame"),
    ("spaces", b" 300", "not_digits", "bad_frame"),
    ("empty", b"0000", "empty", "bad_frame"),
    ("oversize", b"2049", "too_long", "bad_frame"),
    ("far oversize", b"9999", "too_long", "bad_frame"),
];

#[test]
fn bytes_that_are_no_frame_end_the_session_and_lose_nothing() {
    for (what, bytes, refused, closed) in NO_FRAMES {
        let gateway = Gateway::start();
        let mut relay = gateway.call();
        let paid = deposit("03020000000015", FIXED, 1_000);
        // In one piece: the deposit before the rubbish is carried out and answered.
        let after_the_frame = [paid.frame(), bytes.to_vec(), paid.frame()].concat();
        relay.send_bytes(&after_the_frame);
        assert_eq!(relay.hear().unwrap(), paid.reply("0210", "0000"), "{what}");
        relay.is_hung_up();
        gateway.metric_becomes(
            &format!("naru_frames_refused_total{{why=\"{refused}\"}}"),
            1.0,
        );
        gateway.metric_becomes(
            &format!("naru_sessions_closed_total{{why=\"{closed}\"}}"),
            1.0,
        );
        assert_eq!(relay.complaints().len(), 1, "{what}");
        assert_eq!(gateway.totals(4).deposit_count, 1, "{what}");
        is_well(&mut gateway.call());
    }
}

#[test]
fn what_cannot_even_be_refused_ends_the_session() {
    // A telegram of another profile whose header stands elsewhere, a type that is no number, and
    // a frame without a whole header.
    let foreign = [b" ".repeat(9), b"30000003  0200300100000120260302".to_vec()].concat();
    let mut other_profile = Telegram(vec![b' '; 300]);
    other_profile.0[..foreign.len()].copy_from_slice(&foreign);
    let no_type = deposit("03020000000016", FIXED, 1_000).put(14, "02x0");
    let too_short = Telegram(b"VAS30000003".to_vec());
    for (telegram, why) in [
        (other_profile, "type_not_digits"),
        (no_type, "type_not_digits"),
        (too_short, "too_short"),
    ] {
        let gateway = Gateway::start();
        let mut relay = gateway.call();
        relay.send(&telegram);
        relay.is_hung_up();
        gateway.metric_becomes(&malformed(why), 1.0);
        gateway.metric_becomes("naru_sessions_closed_total{why=\"unanswerable\"}", 1.0);
        assert!(relay.complaints().iter().any(|line| line.contains(why)));
        is_well(&mut gateway.call());
    }
}

#[test]
fn a_connection_cut_at_any_byte_of_a_frame_loses_nothing_and_books_nothing() {
    let gateway = Gateway::start();
    let paid = deposit("03020000000017", FIXED, 1_000);
    let half = deposit("03020000000018", FIXED, 9_000).frame();
    for cut in 0..half.len() {
        let mut relay = gateway.call();
        relay.send_bytes(&[paid.frame(), half[..cut].to_vec()].concat());
        relay.say_no_more();
        assert_eq!(
            relay.hear().unwrap(),
            paid.reply("0210", "0000"),
            "cut at {cut}"
        );
        relay.is_hung_up();
    }
    let cuts = half.len() as f64 - 1.0;
    gateway.metric_becomes("naru_frames_refused_total{why=\"cut\"}", cuts);
    gateway.metric_becomes("naru_sessions_closed_total{why=\"cut\"}", cuts);
    gateway.metric_becomes("naru_sessions_closed_total{why=\"peer\"}", 1.0);
    let totals = gateway.totals(4);
    assert_eq!(
        (totals.deposit_count, totals.deposit_amount.digits()),
        (1, 1_000)
    );
}

#[test]
fn a_frame_that_never_ends_has_its_time() {
    let gateway =
        Gateway::with(|setup| setup.settings.waits.half_frame = Duration::from_millis(20));
    let mut relay = gateway.call();
    is_well(&mut relay);
    relay.send_bytes(&deposit("03020000000019", FIXED, 1_000).frame()[..100]);
    relay.is_hung_up();
    gateway.metric_becomes("naru_frames_refused_total{why=\"half_received\"}", 1.0);
    gateway.metric_becomes("naru_sessions_closed_total{why=\"half_received\"}", 1.0);
    assert_eq!(gateway.totals(4).deposit_count, 0);
}
