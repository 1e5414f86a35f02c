//! Fields: what is refused, what is doubted, and what is said about it.

use telegrams::telegram::{Aggregate, Correction, Deposit, Line, Mode, PayeeLookup};
use telegrams::{Field, Kind, Why};

use super::support::{gist, golden, refusal, request, with};

// --- fields of strict kinds -----------------------------------------------------------------

/// Bytes at a place, and the field, the reason and the byte that the complaint must name.
type Case = (usize, &'static [u8], (&'static str, &'static str, usize));

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
