//! A second relay is a second file: kinds told apart by a field of the body, the account's bank
//! in the header, the original's key in a field of its own, response codes by bank.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use telegrams::telegram::{Correction, Deposit, Line, Mode, PayeeLookup, PreDepositCheck};
use telegrams::{Answer, Field, Kind, Profile, Profiles, Reading, Record};

fn profile() -> Arc<Profile> {
    Profiles::embedded().get("ksnet").unwrap()
}

fn golden(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/ksnet");
    let text = fs::read_to_string(folder.join(format!("{name}.hex"))).unwrap();
    hex::decode(
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .collect::<String>(),
    )
    .unwrap()
}

fn request(bytes: Vec<u8>) -> Record {
    match profile().read(bytes.into()) {
        Reading::Request(record) => record,
        other => panic!("not a request: {other:?}"),
    }
}

#[test]
fn kinds_are_told_apart_in_the_body() {
    let lookup = PayeeLookup::read(&request(golden("payee_lookup"))).unwrap();
    assert_eq!(
        (lookup.amount, lookup.depositor_name.as_str()),
        (50000, "성춘향")
    );
    let check = PreDepositCheck::read(&request(golden("pre_deposit_check"))).unwrap();
    assert_eq!(
        (check.account_bank, check.account_no.as_str()),
        (4, "70012345678902")
    );
    assert_eq!(request(golden("correction")).kind(), Kind::Correction);

    let mut other = golden("payee_lookup");
    other[185..187].copy_from_slice(b"99");
    let Reading::Unknown { answer, why } = profile().read(other.into()) else {
        panic!("no such deal")
    };
    assert_eq!(why.field.unwrap().english, "deal_kind");
    assert_eq!(
        (&answer[19..23], &answer[47..51]),
        (&b"0910"[..], &b"0002"[..])
    );
}

#[test]
fn a_deposit_finds_what_its_layout_leaves_out() {
    let deposit = Deposit::read(&request(golden("deposit"))).unwrap();
    assert_eq!(
        (deposit.key.system.as_str(), deposit.key.trace_no.as_str()),
        ("", "000003")
    );
    assert_eq!((deposit.key.bank, deposit.account_bank), (88, 88));
    assert_eq!(
        (deposit.mode, deposit.occurrence.as_str()),
        (Mode::Notice, "B")
    );
    assert_eq!(
        (deposit.amount, deposit.cash_amount, deposit.send_count),
        (50000, 50000, 1)
    );
}

#[test]
fn a_number_written_with_spaces_is_the_same_number() {
    let mut spaced = golden("deposit");
    spaced[27..33].copy_from_slice(b"     3");
    let deposit = Deposit::read(&request(spaced)).unwrap();
    assert_eq!(deposit.key.trace_no, "000003");
}

#[test]
fn a_cancel_names_its_deposit_in_the_header() {
    let cancel = Correction::read(&request(golden("correction"))).unwrap();
    assert_eq!(cancel.key.trace_no, "000009");
    let day = jiff::civil::date(2026, 3, 2);
    assert_eq!(cancel.original, (day, "000003".to_owned()));

    let mut without = golden("correction");
    without[55..69].copy_from_slice(b"00000000      ");
    let flaw = request(without).check().unwrap_err();
    assert_eq!((flaw.field.unwrap().english, flaw.at), ("origin_date", 55));
}

#[test]
fn refusals_speak_the_banks_own_codes() {
    let profile = profile();
    assert_eq!(profile.code(Answer::AmountWrong, Some(4)), "415");
    assert_eq!(profile.code(Answer::AmountWrong, Some(12)), "V713");
    assert_eq!(profile.code(Answer::AmountWrong, Some(32)), "9999");
    assert_eq!(profile.code(Answer::AmountWrong, None), "9999");
    assert_eq!(profile.code(Answer::Malformed, Some(4)), "0001");
    assert_eq!(profile.answer_of("9999"), Some(Answer::Other));
    assert_eq!(profile.answer_of("0000"), Some(Answer::Accepted));
    assert_eq!(profile.answer_of("4711"), None);
    // The bank of the look-up stands in its body here.
    let reply = request(golden("pre_deposit_check"))
        .reply(Answer::Expired)
        .bytes();
    assert_eq!(&reply[47..51], b"413 ");
    // A deposit's stands in the header.
    let reply = request(golden("deposit")).reply(Answer::Stopped).bytes();
    assert_eq!(&reply[47..51], b"V817");
}

#[test]
fn a_field_that_the_layout_lacks_is_left_out_of_a_reply() {
    let plain = request(golden("deposit")).reply(Answer::Accepted);
    let named = request(golden("deposit"))
        .reply(Answer::Accepted)
        .text(Field::PayeeName, "나루");
    assert_eq!(plain.bytes(), named.bytes());
}

#[test]
fn the_line_test_has_an_empty_body() {
    let line = Line::read(&request(golden("line_test"))).unwrap();
    assert_eq!((line.target_bank, line.memo.as_str()), (0, ""));
}

#[test]
fn a_telegram_cut_before_the_deciding_field_is_answered_by_its_type() {
    let mut cut = golden("deposit");
    cut.truncate(110);
    let Reading::WrongLength { answer, .. } = profile().read(cut.into()) else {
        panic!("cut before 거래구분")
    };
    assert_eq!(
        (answer.len(), &answer[19..23], &answer[47..51]),
        (300, &b"0210"[..], &b"0001"[..])
    );
}

#[test]
fn no_line_of_rust_names_a_relay() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![source];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            // Tests name what they test, and documentation may give an example.
            if entry.ends_with("tests.rs") {
                continue;
            }
            let text = fs::read_to_string(&entry).unwrap();
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let named = code.filter(|line| line.contains("ksnet") || line.contains("dozn"));
            assert_eq!(named.count(), 0, "{} names a relay", entry.display());
        }
    }
}
