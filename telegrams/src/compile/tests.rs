//! Broken sheets, each with the complaint it must get: file, line, field, and what is wrong.

use super::compile;
use crate::profile::Profile;

const SHEET: &str = include_str!("../../layouts/dozn.toml");

fn compiled(text: &str) -> Result<Profile, Vec<String>> {
    compile("trial", "trial.toml", text, |_| Some(String::new()))
        .map_err(|errors| errors.0.iter().map(ToString::to_string).collect())
}

/// The line of the sheet on which a text first stands.
fn line_of(text: &str) -> usize {
    let at = SHEET
        .find(text)
        .unwrap_or_else(|| panic!("`{text}` is not in the sheet"));
    SHEET[..at].split('\n').count()
}

/// Replaces `was` by `is` and expects a complaint that begins with `what`, about the line on
/// which `place` stands.
fn complains_at(place: &str, was: &str, is: &str, what: &str) {
    let wanted = format!("trial.toml:{}: {what}", line_of(place));
    let text = SHEET.replacen(was, is, 1);
    assert_ne!(text, SHEET, "`{was}` is not in the sheet");
    let complaints = compiled(&text).err().unwrap_or_default();
    let said = complaints.iter().any(|one| one.starts_with(&wanted));
    assert!(said, "`{wanted}` is not among:\n{}", complaints.join("\n"));
}

/// The same, about the line that was broken.
fn complains(was: &str, is: &str, what: &str) {
    complains_at(was, was, is, what);
}

#[test]
fn the_sheet_itself_is_right() {
    assert_eq!(compiled(SHEET).unwrap().layouts.len(), 16);
}

#[test]
fn rows_must_follow_each_other_and_fill_their_block() {
    let what = "`mode` begins at byte 109, the row before it ends at 108";
    complains("[108,   1, \"AN\", \"M\"", "[109,   1, \"AN\", \"M\"", what);
    complains(
        "size = 100",
        "size = 99",
        "`size` is 99, the rows sum up to 100",
    );
    complains("[109,   2,", "[109,   0,", "`medium` has no length");
    let what = "`cash_amount` is a number of more than 18 digits";
    complains("[190,  13,", "[190,  19,", what);
}

#[test]
fn names_must_be_known_and_stand_once() {
    let what = "`depositer_bank` is no field that the house knows, did you mean `depositor_bank`";
    complains("\"depositor_bank\", ", "\"depositer_bank\", ", what);
    complains("\"cash_amount\", ", "\"amount\", ", "`amount` stands twice");
    complains("\"giro\", ", "\"bank\", ", "`bank` stands twice");
    let what = "`corection` is no kind that the house knows, did you mean `correction`";
    complains("name = \"correction\"", "name = \"corection\"", what);
    complains(
        "name = \"correction\"",
        "name = \"deposit\"",
        "`deposit` stands twice",
    );
    let what = "`agregate` is no body, did you mean `aggregate`";
    complains("body = \"aggregate\"", "body = \"agregate\"", what);
    let what = "`key_resued` is no answer that the house gives, did you mean `key_reused`";
    complains("key_reused =", "key_resued =", what);
    let what = "`mod` is no field that the house knows, did you mean `mode`";
    complains("fields = [\"mode\"]", "fields = [\"mod\"]", what);
    let what = "`mode` has a list of codes already";
    complains("fields = [\"medium\"]", "fields = [\"mode\"]", what);
    complains(
        "occurrence = \"B\"",
        "occurence = \"B\"",
        "`occurence` is no field",
    );
    complains(
        "prefix_digits = 4",
        "prefix_digit = 4",
        "unknown field `prefix_digit`",
    );
}

#[test]
fn types_needs_and_marks_must_be_known() {
    complains(
        "\"N\",  \"M\", \"bank\"",
        "\"9\",  \"M\", \"bank\"",
        "`bank` has the type `9`",
    );
    let what = "`answer_code` has the need `X`";
    complains(
        "\"AN\", \"R\", \"answer_code\"",
        "\"AN\", \"X\", \"answer_code\"",
        what,
    );
    let what = "`account_no` is marked as personal data of an unknown kind, `acount`, did you mean \
                `account`";
    complains("personal = \"account\"", "personal = \"acount\"", what);
    let what = "`trade_time` is a date, which has 8 digits";
    complains(
        "\"T\",  \"M\", \"trade_time\"",
        "\"D\",  \"M\", \"trade_time\"",
        what,
    );
    let what = "`filler` must have the need `-`";
    complains("\"-\", \"filler\"", "\"M\", \"filler\"", what);
    complains(
        "fresh = \"1\"",
        "fresh = \"x\"",
        "`send_count` is begun with `x`",
    );
    let what = "`asked_by` is `bank`, known are relay, gateway and either";
    complains("asked_by = \"relay\"", "asked_by = \"bank\"", what);
    let what = "`charset` is unknown: `cp94`, did you mean `cp949`";
    complains("\"cp949\"", "\"cp94\"", what);
}

#[test]
fn a_kind_must_have_what_the_house_needs_of_it() {
    let place = "name = \"payee_lookup\"";
    let what = "`payee_lookup` lacks the field `account_no`, and nothing stands in for it";
    complains_at(
        place,
        "\"account_no\",          \"rv",
        "\"cms_no\",              \"rv",
        what,
    );
    let was = "may_be_zero = [\"amount\"]";
    complains(
        was,
        "may_be_zero = [\"memo\"]",
        "`memo` is no field of this kind",
    );
    let was = "indispensable = [";
    complains(
        was,
        "indispensable = [\"day\",",
        "`day` is no field of this kind",
    );
}

#[test]
fn kinds_must_be_told_apart() {
    let place = "name = \"deposit\"";
    let what = "`deposit` cannot be told from `pre_deposit_check` by its `when`";
    complains_at(
        place,
        "transaction_type = \"1100\"",
        "transaction_type = \"1000\"",
        what,
    );
    // A request that looks like another kind's reply is as bad.
    let place = "name = \"correction\"";
    let what = "`correction` cannot be told from `deposit` by its `when`";
    let was = "when = { system = \"VAS\", message_type = \"0400\"";
    complains_at(
        place,
        was,
        "when = { system = \"VAS\", message_type = \"0210\"",
        what,
    );
    let place = "name = \"payee_lookup\"";
    let what = "`payee_lookup` does not say its message_type in `when`";
    complains_at(
        place,
        "message_type = \"0500\", transaction_type = \"4100\"",
        "bank = \"001\"",
        what,
    );
}

#[test]
fn message_types_must_leave_room_for_the_reply() {
    let was = "message_type = \"0500\", transaction_type = \"7000\"";
    let what = "`message_type` must be four digits that leave room for the reply step";
    complains(
        was,
        "message_type = \"9995\", transaction_type = \"7000\"",
        what,
    );
    complains(
        was,
        "message_type = \"050\", transaction_type = \"7000\"",
        what,
    );
    complains("step = 10", "step = 0", "`step` must be more than zero");
    let what = "`system` cannot hold `VASS`";
    complains(
        "system = \"VAS\", message_type = \"0500\"",
        "system = \"VASS\", message_type = \"0500\"",
        what,
    );
}

#[test]
fn answers_must_have_codes_that_fit() {
    let place = "accepted = [";
    let was = "too_late = [\"9980\", \"기관 내부 처리시한 초과\"]\n";
    complains_at(
        place,
        was,
        "",
        "`too_late` has no response code in [answers]",
    );
    let what = "`expired` has the code `99035`";
    complains("expired = [\"9903\"", "expired = [\"99035\"", what);
    complains(
        "expired = [\"9903\"",
        "expired = [\"99 3\"",
        "`expired` has the code `99 3`",
    );
}

#[test]
fn frames_must_be_sayable() {
    let place = "[frame]";
    let was = "frame_max = 2048";
    complains_at(
        place,
        was,
        "frame_max = 10000",
        "`frame_max` cannot be said",
    );
    complains_at(place, was, "frame_max = 0", "`frame_max` cannot be said");
    complains_at(
        place,
        "prefix_digits = 4",
        "prefix_digits = 0",
        "`prefix_digits` must be 1 to 9",
    );
    complains_at(
        place,
        "HDRRESPOLL",
        "HDRREQPOLL",
        "`poll` needs two different words",
    );
}

#[test]
fn every_complaint_is_told_at_once() {
    let text = SHEET
        .replacen("size = 100", "size = 99", 1)
        .replacen("\"giro\"", "\"gyro\"", 1);
    assert!(compiled(&text).unwrap_err().len() >= 2);
}

#[test]
fn a_rules_file_that_is_named_must_be_there() {
    let errors = compile("trial", "trial.toml", SHEET, |_| None).unwrap_err();
    let wanted = format!("trial.toml:{}: `rules` names a file", line_of("rules = "));
    assert!(errors.to_string().starts_with(&wanted), "{errors}");
}

#[test]
fn a_correction_cannot_do_without_its_original() {
    let was = "trace_no = \"trace_no\"";
    let what = "`origin_trace_no` names the original and is not indispensable in correction";
    complains(was, "trace_no = \"origin_trace_no\"", what);
}

#[test]
fn the_code_of_a_yes_is_no_refusals() {
    let what = "`key_reused` has the code `0000`, which is that of `accepted`";
    complains("key_reused = [\"0101\"", "key_reused = [\"0000\"", what);
    // What a bank has of its own counts together with what it has from the table of all.
    let by_bank = |codes: &str| {
        let text = format!("{SHEET}\n[[answers_by_bank]]\nbanks = [\"004\"]\ncodes = {codes}\n");
        compiled(&text).err().unwrap_or_default().join("\n")
    };
    let line = SHEET.split('\n').count() + 3;
    for (codes, refusal) in [
        ("{ expired = \"0000\" }", "expired"),
        ("{ accepted = \"0121\" }", "account_unknown"),
        ("{ accepted = \"Y\", expired = \"Y\" }", "expired"),
    ] {
        let wanted = format!("trial.toml:{line}: `{refusal}` has the code `");
        assert!(
            by_bank(codes).starts_with(&wanted),
            "{codes}: {}",
            by_bank(codes)
        );
    }
    assert_eq!(by_bank("{ accepted = \"Y\", expired = \"N\" }"), "");
}

#[test]
fn a_stand_in_is_of_its_fields_type() {
    for value in ["none", "", "1 2", "-5"] {
        let is = format!("cheque_amount = \"{value}\"");
        let what =
            format!("`cheque_amount` has the stand-in `{value}`, which its type N cannot be");
        complains("cheque_amount = \"0\"", &is, &what);
    }
    complains(
        "send_count = \"1\"",
        "send_count = \"x\"",
        "`send_count` has the stand-in `x`, which its type N cannot be",
    );
    complains(
        "send_count = \"1\"",
        "trade_date = \"20260230\"",
        "`trade_date` has the stand-in `20260230`, which its type D cannot be",
    );
}

#[test]
fn a_frame_holds_every_kind_whole() {
    let place = "[frame]";
    let what = "`frame_max` allows 299 bytes, and a telegram of the kind `deposit` has 300";
    complains_at(place, "frame_max = 2048", "frame_max = 299", what);
    let what = "`poll` is longer than a frame, which has at most 2048 bytes";
    complains_at(
        place,
        "time_digits = 10",
        "time_digits = 9223372036854775807",
        what,
    );
}

#[test]
fn a_length_beyond_any_frame_is_a_complaint_and_no_allocation() {
    for size in ["2049", "1000000000000", "9223372036854775807"] {
        let is = format!("size = {size}");
        let what = format!("`size` is {size}, and a frame holds at most 2048 bytes");
        complains("size = 100", &is, &what);
        complains("size = 200", &is, &what);
        let is = format!("[109,   {size},");
        let what = "`medium` ends at byte ";
        complains("[109,   2,", &is, what);
    }
    // The prefix could say more than a place in a telegram can be.
    let text = SHEET
        .replacen("prefix_digits = 4", "prefix_digits = 9", 1)
        .replacen("frame_max = 2048", "frame_max = 900000000", 1)
        .replacen("size = 200", "size = 800000000", 1);
    let complaints = compiled(&text).unwrap_err().join("\n");
    assert!(
        complaints.contains("a frame holds at most 65535 bytes"),
        "{complaints}"
    );
}
