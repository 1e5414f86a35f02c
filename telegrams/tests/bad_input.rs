//! Bytes that are not what they should be: each has its documented answer, or none, and nothing
//! panics. Institutions and banks are not judged here; that is the gateway's business.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use telegrams::telegram::{Aggregate, Correction, Deposit, Line, Mode, PayeeLookup};
use telegrams::{
    Answer, Field, FrameError, Kind, Malformed, Profile, Profiles, Reading, Record, Why,
};
use tokio_util::codec::{Decoder, Encoder};

fn profile(name: &str) -> Arc<Profile> {
    Profiles::embedded().get(name).unwrap()
}

fn golden(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let text = fs::read_to_string(folder.join(format!("{name}.hex"))).unwrap();
    hex::decode(
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .collect::<String>(),
    )
    .unwrap()
}

/// A golden telegram with some bytes overwritten.
fn with(name: &str, at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut telegram = golden(name);
    telegram[at..at + bytes.len()].copy_from_slice(bytes);
    telegram
}

fn read(bytes: impl Into<Bytes>) -> Reading {
    profile("dozn").read(bytes.into())
}

fn request(bytes: impl Into<Bytes>) -> Record {
    match read(bytes) {
        Reading::Request(record) => record,
        other => panic!("not a request: {other:?}"),
    }
}

fn refusal(bytes: impl Into<Bytes>) -> Malformed {
    request(bytes).check().unwrap_err()
}

/// What is wrong, in which field, at which byte.
fn gist(flaw: &Malformed) -> (&str, &'static str, usize) {
    let field = flaw.field.as_ref().map_or("", |name| name.english);
    (field, flaw.why.name(), flaw.at)
}

// --- the length prefix ----------------------------------------------------------------------

fn decode(bytes: &[u8]) -> Result<Option<Bytes>, FrameError> {
    profile("dozn")
        .frame_codec()
        .decode(&mut BytesMut::from(bytes))
}

#[test]
fn a_prefix_that_is_no_length_ends_the_session() {
    for (bytes, at) in [
        (&b"03O0"[..], 2),
        (b"+300", 0),
        (b"    ", 0),
        (b"03\x0000", 2),
    ] {
        assert!(matches!(decode(bytes), Err(FrameError::NotDigits { at: place }) if place == at));
    }
    assert!(matches!(decode(b"0000"), Err(FrameError::Empty)));
    assert!(matches!(
        decode(b"2049"),
        Err(FrameError::TooLong {
            length: 2049,
            max: 2048
        })
    ));
    assert!(matches!(decode(b"9999"), Err(FrameError::TooLong { .. })));
    assert!(matches!(decode(b"2048"), Ok(None)));
}

#[test]
fn a_telegram_cut_at_any_byte_is_not_yet_one() {
    let mut wire = BytesMut::new();
    let mut codec = profile("dozn").frame_codec();
    codec
        .encode(Bytes::from(golden("dozn/deposit")), &mut wire)
        .unwrap();
    assert_eq!((wire.len(), &wire[..4]), (304, &b"0300"[..]));
    for cut in 0..wire.len() {
        let mut part = BytesMut::from(&wire[..cut]);
        assert!(codec.decode(&mut part).unwrap().is_none(), "cut at {cut}");
        assert_eq!(
            part.len(),
            cut,
            "nothing is eaten before the frame is whole"
        );
        let end = codec.decode_eof(&mut part);
        match cut {
            0 => assert!(matches!(end, Ok(None))),
            _ => assert!(matches!(end, Err(FrameError::Cut { have }) if have == cut)),
        }
    }
    assert_eq!(
        codec.decode(&mut wire).unwrap().unwrap(),
        golden("dozn/deposit")
    );
}

#[test]
fn a_telegram_in_single_bytes_and_bytes_behind_it_come_out_whole() {
    let mut codec = profile("dozn").frame_codec();
    let mut wire = BytesMut::new();
    for byte in [&b"0300"[..], &golden("dozn/deposit"), b"0300VAS"].concat() {
        wire.extend_from_slice(&[byte]);
        if let Some(frame) = codec.decode(&mut wire).unwrap() {
            assert_eq!(frame, golden("dozn/deposit"));
            assert!(wire.is_empty());
        }
    }
    assert_eq!(&wire[..], b"0300VAS");
}

// --- lengths --------------------------------------------------------------------------------

#[test]
fn a_known_kind_of_a_wrong_length_is_answered_in_its_own_length() {
    let whole = golden("dozn/deposit");
    for length in [100, 101, 299, 301, 2048] {
        let mut telegram = whole.clone();
        telegram.resize(length, b'x');
        let Reading::WrongLength { kind, answer, why } = read(telegram.clone()) else {
            panic!("{length} bytes")
        };
        assert_eq!(kind, Kind::Deposit);
        assert_eq!(
            why.why,
            Why::WrongLength {
                have: length,
                need: 300
            }
        );
        let mut wanted = telegram;
        wanted.resize(300, b' ');
        wanted[14..18].copy_from_slice(b"0210");
        wanted[51..55].copy_from_slice(b"0001");
        assert_eq!(answer, wanted, "{length} bytes");
    }
}

#[test]
fn less_than_a_header_cannot_be_answered() {
    let whole = golden("dozn/deposit");
    for length in 1..100 {
        let Reading::Unanswerable(why) = read(whole[..length].to_vec()) else {
            panic!("{length} bytes")
        };
        assert_eq!(
            why.why,
            Why::TooShort {
                have: length,
                need: 100
            }
        );
    }
}

#[test]
fn a_wrong_length_with_a_broken_header_cannot_be_answered() {
    let mut telegram = with("dozn/deposit", 23, b"2025-4-7");
    telegram.truncate(280);
    let Reading::Unanswerable(why) = read(telegram) else {
        panic!("the header is broken")
    };
    assert_eq!(gist(&why), ("trade_date", "not_digits", 27));
}

#[test]
fn replies_of_a_wrong_length_are_never_answered() {
    let mut telegram = golden("dozn/deposit.reply");
    telegram.push(b' ');
    assert!(matches!(read(telegram), Reading::Stray(_)));
}

// --- kinds ----------------------------------------------------------------------------------

#[test]
fn an_unknown_kind_is_answered_with_its_own_bytes() {
    let unknown = [
        (with("dozn/deposit", 14, b"0300"), b"0310", "message_type"),
        (
            with("dozn/deposit", 18, b"9999"),
            b"0210",
            "transaction_type",
        ),
        (with("dozn/deposit", 0, b"FRM"), b"0210", "system"),
        (with("dozn/deposit", 0, b"XXX"), b"0210", "system"),
        (with("dozn/deposit", 0, b"   "), b"0210", "system"),
    ];
    for (telegram, reply_type, field) in unknown {
        let Reading::Unknown { answer, why } = read(telegram.clone()) else {
            panic!("{field}")
        };
        assert_eq!(gist(&why).0, field);
        let mut wanted = telegram;
        wanted[14..18].copy_from_slice(reply_type);
        wanted[51..55].copy_from_slice(b"0002");
        assert_eq!(answer, wanted);
    }
}

#[test]
fn an_unknown_kind_of_any_length_is_answered_in_300_bytes() {
    for length in [100, 150, 400] {
        let mut telegram = with("dozn/deposit", 14, b"0300");
        telegram.resize(length, b' ');
        let Reading::Unknown { answer, .. } = read(telegram) else {
            panic!("{length} bytes")
        };
        assert_eq!(answer.len(), 300);
        assert_eq!(
            (&answer[14..18], &answer[51..55]),
            (&b"0310"[..], &b"0002"[..])
        );
    }
}

#[test]
fn a_message_type_that_is_no_number_cannot_be_answered() {
    for bad in [b"02A0", b"    ", b" 200", b"-200", b"\xB0\xA100"] {
        let Reading::Unanswerable(why) = read(with("dozn/deposit", 14, bad)) else {
            panic!("{bad:?}")
        };
        assert_eq!(gist(&why), ("message_type", "type_not_digits", 14));
    }
    let last = read(with("dozn/deposit", 14, b"9995"));
    assert!(
        matches!(last, Reading::Unanswerable(_)),
        "9995 + 10 is no message type"
    );
}

#[test]
fn replies_are_told_from_requests() {
    let Reading::Reply(record) = read(golden("dozn/deposit.reply")) else {
        panic!("a reply")
    };
    assert_eq!(
        (record.kind(), record.answer()),
        (Kind::Deposit, Some(Answer::Accepted))
    );
}

#[test]
fn unknown_answers_are_never_answered() {
    // 0210 answers deposits, so an unknown transaction type under it is an answer to nothing.
    let mut telegram = with("dozn/deposit.reply", 18, b"5555");
    assert!(matches!(read(telegram.clone()), Reading::Stray(_)));
    // What we ourselves send to an unknown kind must not come back for ever.
    telegram = with("dozn/deposit", 14, b"0300");
    let Reading::Unknown { answer, .. } = read(telegram) else {
        panic!("an unknown kind")
    };
    assert!(matches!(read(answer), Reading::Stray(_)));
}

#[test]
fn another_profiles_telegram_gets_no_further_than_its_kind() {
    let ours = profile("dozn").read(golden("ksnet/deposit").into());
    assert!(matches!(ours, Reading::Unanswerable(_)));
    let theirs = profile("ksnet").read(golden("dozn/deposit").into());
    assert!(matches!(
        theirs,
        Reading::Unknown { .. } | Reading::Unanswerable(_)
    ));
}

// --- polls ----------------------------------------------------------------------------------

#[test]
fn polls_are_answered_with_their_own_time() {
    let Reading::Poll { answer } = read(&b"HDRREQPOLL0302151637"[..]) else {
        panic!("a poll")
    };
    assert_eq!(answer, &b"HDRRESPOLL0302151637"[..]);
    assert!(matches!(
        read(&b"HDRRESPOLL0302151637"[..]),
        Reading::Stray(_)
    ));
    for odd in [
        &b"HDRREQPOLL03021516"[..],
        b"HDRREQPOLL03021516377",
        b"HDRREQPOLL0302-51637",
    ] {
        assert!(matches!(read(odd), Reading::Unanswerable(_)));
    }
    let none = profile("ksnet").read((&b"HDRREQPOLL0302151637"[..]).into());
    assert!(
        matches!(none, Reading::Unanswerable(_)),
        "this layout has no poll"
    );
}

/// Bytes at a place, and the field, the reason and the byte that the complaint must name.
type Case = (usize, &'static [u8], (&'static str, &'static str, usize));

// --- fields of strict kinds -----------------------------------------------------------------

#[test]
fn questions_are_refused_for_every_field_that_is_not_right() {
    let cases: &[Case] = &[
        (3, b"        ", ("institution", "missing", 3)),
        (3, b"3000\x010003", ("institution", "not_printable", 7)),
        (11, b"   ", ("bank", "missing", 11)),
        (11, b"0x8", ("bank", "not_digits", 12)),
        (22, b" ", ("send_count", "missing", 22)),
        (23, b"        ", ("trade_date", "missing", 23)),
        (23, b"00000000", ("trade_date", "missing", 23)),
        (23, b"20260230", ("trade_date", "not_a_date", 23)),
        (23, b"2026/3/2", ("trade_date", "not_digits", 27)),
        (31, b"250000", ("trade_time", "not_a_time", 31)),
        (37, b"              ", ("trace_no", "missing", 37)),
        (59, b"20261332", ("origin_date", "not_a_date", 59)),
        (107, b" ", ("occurrence", "missing", 107)),
        (108, b" ", ("mode", "missing", 108)),
        (112, b"   ", ("account_bank", "missing", 112)),
        (115, b"                ", ("account_no", "missing", 115)),
        (115, b"\xB0\xA1", ("account_no", "not_printable", 115)),
        (164, b"             ", ("amount", "missing", 164)),
        (164, b"0000000150,00", ("amount", "not_digits", 174)),
        (164, b"0000000000000", ("amount", "not_positive", 164)),
        (164, b"-000000150000", ("amount", "not_digits", 164)),
        (177, b"             ", ("cheque_amount", "missing", 177)),
        (190, b"000000005000 ", ("cash_amount", "not_digits", 202)),
    ];
    for (at, bytes, wanted) in cases {
        let flaw = refusal(with("dozn/pre_deposit_check", *at, bytes));
        assert_eq!(gist(&flaw), *wanted);
        assert_eq!(flaw.kind, Some(Kind::PreDepositCheck));
    }
}

#[test]
fn questions_are_not_refused_for_what_may_be_open() {
    let fine: &[(usize, &[u8])] = &[
        (11, b" 11"),
        (51, b"\x00\x00\x00\x00"),
        (100, b"       "),
        (107, b"Q"),
        (134, b"\xFF\xFF\xFF"),
        (164, b"       150000"),
        (205, b" "),
        (226, b"\x01"),
        (246, b"anything"),
    ];
    for (at, bytes) in fine {
        let record = request(with("dozn/pre_deposit_check", *at, bytes));
        record.check().unwrap_or_else(|flaw| panic!("{at}: {flaw}"));
    }
}

#[test]
fn only_a_look_up_may_ask_about_no_amount() {
    let lookup = PayeeLookup::read(&request(golden("dozn/payee_lookup"))).unwrap();
    assert_eq!(
        (lookup.amount, lookup.depositor_name.as_str()),
        (0, "(주)한강상사")
    );
    let blank = refusal(with("dozn/payee_lookup", 164, &[b' '; 13]));
    assert_eq!(gist(&blank), ("amount", "missing", 164));
}

#[test]
fn totals_and_line_telegrams_are_strict() {
    let flaw = Aggregate::read(&request(with("dozn/aggregate", 108, b"00102x4"))).unwrap_err();
    assert_eq!(gist(&flaw), ("their_deposit_count", "not_digits", 113));
    let flaw = Aggregate::read(&request(with("dozn/aggregate", 100, b"20260229"))).unwrap_err();
    assert_eq!(gist(&flaw), ("day", "not_a_date", 100));
    let flaw = Line::read(&request(with("dozn/line_test", 100, b"   "))).unwrap_err();
    assert_eq!(gist(&flaw), ("target_bank", "missing", 100));
    // Our own columns are not the relay's to fill.
    let open = with("dozn/aggregate", 148, &[b' '; 40]);
    assert_eq!(
        Aggregate::read(&request(open)).unwrap().their_deposit_count,
        10234
    );
}

// --- lenient kinds --------------------------------------------------------------------------

#[test]
fn a_deposit_is_refused_only_for_what_it_cannot_do_without() {
    let cases: &[Case] = &[
        (3, b"        ", ("institution", "missing", 3)),
        (11, b"   ", ("bank", "missing", 11)),
        (11, b"AB1", ("bank", "not_digits", 11)),
        (23, b"20260230", ("trade_date", "not_a_date", 23)),
        (23, b"00000000", ("trade_date", "missing", 23)),
        (37, b"              ", ("trace_no", "missing", 37)),
        (37, b"0407\xFF", ("trace_no", "not_printable", 41)),
        (115, b"                ", ("account_no", "missing", 115)),
        (164, b"             ", ("amount", "missing", 164)),
        (164, b"00000000030O0", ("amount", "not_digits", 175)),
        (164, b"0000000000000", ("amount", "not_positive", 164)),
    ];
    for (at, bytes, wanted) in cases {
        for name in ["dozn/deposit", "dozn/correction"] {
            assert_eq!(gist(&refusal(with(name, *at, bytes))), *wanted);
        }
    }
}

#[test]
fn a_deposit_of_nothing_but_the_indispensable_is_read_with_stand_ins() {
    let mut telegram = golden("dozn/deposit");
    let junk: &[(usize, &[u8])] = &[
        (22, b"?"),
        (31, b"999999"),
        (59, b"notadate"),
        (100, b"       "),
        (107, b" "),
        (108, b"\x02"),
        (112, b"   "),
        (131, b"\xFF\xFF\xFF"),
        (134, &[b' '; 30]),
        (177, b"x            "),
        (190, &[b' '; 13]),
        (203, b"\x00\x00\x00"),
    ];
    for (at, bytes) in junk {
        telegram[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    let record = request(telegram);
    let deposit = Deposit::read(&record).unwrap();
    assert_eq!(deposit.amount, 300);
    assert_eq!((deposit.cheque_amount, deposit.cash_amount), (0, 300));
    assert_eq!(
        (deposit.mode, deposit.occurrence.as_str()),
        (Mode::Notice, "B")
    );
    assert_eq!((deposit.account_bank, deposit.send_count), (88, 1));
    assert_eq!((deposit.depositor_bank, deposit.trade_time), (None, None));
    assert_eq!(
        (deposit.depositor_name.as_str(), deposit.resent),
        ("", false)
    );
    let gaps: Vec<_> = record.gaps().iter().map(|gap| gap.why.name()).collect();
    assert_eq!(gaps.len(), 12, "{gaps:?}");
}

#[test]
fn the_worked_sample_has_no_gaps() {
    let record = request(golden("dozn/deposit"));
    assert_eq!(record.gaps(), []);
    let deposit = Deposit::read(&record).unwrap();
    assert_eq!(deposit.key.system, "VAS");
    assert_eq!(deposit.key.institution, "30000003");
    assert_eq!(deposit.key.bank, 88);
    assert_eq!(deposit.key.trade_date, jiff::civil::date(2025, 4, 7));
    assert_eq!(deposit.key.trace_no, "04070000000074");
    assert_eq!(deposit.account_no, "56211024649265");
    assert_eq!(deposit.depositor_name, "홍길동");
    assert!(!deposit.depositor_name_cut);
    assert_eq!(deposit.trade_time, Some(jiff::civil::time(15, 2, 56, 0)));
}

#[test]
fn odd_sums_and_unlisted_codes_are_noted_and_nothing_more() {
    let mut telegram = with("dozn/deposit", 177, b"0000000000001");
    telegram[107] = b'Q';
    let record = request(telegram);
    record.check().unwrap();
    let gaps: Vec<_> = record.gaps().iter().map(|gap| gap.why).collect();
    assert_eq!(gaps, [Why::UnlistedCode, Why::PartsExceedWhole]);
    assert_eq!(record.text(Field::Occurrence).unwrap().unwrap(), "Q");
}

#[test]
fn the_real_depositor_counts_where_he_is_named() {
    let named = Deposit::read(&request(golden("dozn/deposit_full"))).unwrap();
    assert_eq!(named.depositor_name, "뷁똠방각하ABC");
    let blank = with("dozn/deposit_full", 206, &[b' '; 20]);
    let blank = Deposit::read(&request(blank)).unwrap();
    assert_eq!(blank.depositor_name, "가나다라마바사아자차카타파하거");
    assert!(blank.depositor_name_cut, "the name fills its 30 bytes");
    let unsaid = Deposit::read(&request(with("dozn/deposit_full", 205, b" "))).unwrap();
    assert_eq!(unsaid.depositor_name, "가나다라마바사아자차카타파하거");
}

#[test]
fn half_a_syllable_and_bytes_that_are_no_text_do_not_refuse_a_deposit() {
    let half = [&b"\xC8\xAB\xB1\xE6\xB5"[..], &[b' '; 25]].concat();
    let half = Deposit::read(&request(with("dozn/deposit", 134, &half))).unwrap();
    assert_eq!(half.depositor_name, "홍길");
    let full = [&[0xB0, 0xA1].repeat(14)[..], &b"A\xB0"[..]].concat();
    let full = Deposit::read(&request(with("dozn/deposit", 134, &full))).unwrap();
    assert_eq!(full.depositor_name, format!("{}A", "가".repeat(14)));
    assert!(full.depositor_name_cut);
    let noise = Deposit::read(&request(with("dozn/deposit", 134, b"A\xFF\xFEB"))).unwrap();
    assert!(noise.depositor_name.contains('\u{FFFD}'));
}

// --- what is said about it ------------------------------------------------------------------

#[test]
fn complaints_name_the_field_three_times_and_never_its_content() {
    let flaw = refusal(with("dozn/pre_deposit_check", 115, b"790\xB0\xA1 SECRET"));
    let text = flaw.to_string();
    assert_eq!(
        text,
        "pre_deposit_check: account_no (rv_acno, 입금계좌번호) at byte 118 \
         holds a byte outside 0x20 to 0x7E"
    );
    assert!(!text.contains("SECRET") && !text.contains("790"));
}

#[test]
fn a_correction_names_its_original_where_the_layout_says() {
    let own = Correction::read(&request(golden("dozn/correction"))).unwrap();
    let date = jiff::civil::date(2025, 4, 7);
    assert_eq!(own.original, (date, "04070000000074".to_owned()));
    assert_eq!((own.automatic, own.mode), (true, Mode::Notice));
}
