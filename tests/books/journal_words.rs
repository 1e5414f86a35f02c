//! The journal's language is read for as long as the books exist: one sample of every event, as
//! it was first written, must still be read, and written again word for word.

mod money;
mod posts;

use naru::domain::{Event, Hold, HoldEnd};

/// The bytes of one record per kind of event, as version 1 of the journal has them.
const SAMPLES: &[&str] = &[
    r#"{"founded":{"institution":"30000003","mode":"sandbox"}}"#,
    r#"{"merchants_imported":{"merchants":[{"id":"shop","name":"나루상점","standing":"open"}]}}"#,
    r#"{"accounts_imported":{"accounts":[{"key":{"bank":4,"number":"111"},"terms":{"merchant":"shop","kind":"one_time","amount":5000,"tolerance":0,"expires_at":1772416800000000,"holder_name":null,"depositor_name":"홍길동","limits":{"per_deposit":null,"per_day":10000}},"standing":"open","used_by":null}]}}"#,
    r#"{"deposit_booked":{"deposit":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000001"},"account":{"bank":4,"number":"111"},"amount":5000,"cheque":0,"cash":5000,"payer":{"bank":"088","name":"홍길동","name_cut":false},"mode":"notice","medium":"02","trade_time":"101500","resent":false,"send_count":1,"raw":"564153"},"row":{"account":{"bank":4,"number":"111"},"amount":5000,"credit":{"merchant":"shop"},"position":4,"reversed_at":null,"counts_in_day":false,"used_up_account":true},"transfer":{"debit":{"bank_clearing":4},"credit":{"merchant_payable":"shop"},"amount":5000}}}"#,
    r#"{"deposit_booked":{"deposit":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000002"},"account":{"bank":4,"number":"222"},"amount":700,"cheque":0,"cash":700,"payer":{"bank":null,"name":"","name_cut":false},"mode":"interactive","medium":null,"trade_time":null,"resent":true,"send_count":2,"raw":""},"row":{"account":{"bank":4,"number":"222"},"amount":700,"credit":{"suspense":"account_unknown"},"position":5,"reversed_at":null,"counts_in_day":false,"used_up_account":false},"transfer":{"debit":{"bank_clearing":4},"credit":{"suspense":4},"amount":700}}}"#,
    r#"{"correction_accepted":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000001"},"original":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000001"},"account":{"bank":4,"number":"111"},"amount":5000,"mode":"notice","automatic":false,"raw":"00ff"}}"#,
    r#"{"deposit_reversed":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000001"},"row":{"account":{"bank":4,"number":"111"},"amount":5000,"credit":{"merchant":"shop"},"position":4,"reversed_at":null,"counts_in_day":false,"used_up_account":true},"transfer":{"debit":{"merchant_payable":"shop"},"credit":{"bank_clearing":4},"amount":5000},"counted_on":20260302,"reopens_account":true}}"#,
    r#"{"hold_taken":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000003"},"account":{"bank":4,"number":"111"},"amount":5000,"day":20260302,"until":1772416860000000,"payee_name":"나루상점","position":7}}"#,
    r#"{"hold_ended":{"hold":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000003"},"account":{"bank":4,"number":"111"},"amount":5000,"day":20260302,"until":1772416860000000,"payee_name":"나루상점","position":7},"why":"deposited"}}"#,
    r#"{"aggregate_answered":{"question":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"93122200000018"},"day":20260302,"theirs":{"deposit_count":2,"deposit_amount":5700,"correction_count":1,"correction_amount":5000}},"ours":{"deposit_count":2,"deposit_amount":5700,"correction_count":1,"correction_amount":5000}}}"#,
    r#"{"exception_raised":{"kind":"deposit_key_reused","key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000001"},"account":{"bank":4,"number":"222"},"amount":5000,"earlier":[{"bank":4,"number":"111"},5000]}}"#,
    r#"{"audited":{"by":{"actor":{"user":"admin"},"address":"127.0.0.1"},"action":"matching.undo","subject":"deposit/12","before":"matched","after":null}}"#,
    r#"{"answered":{"name":"0101010101010101010101010101010101010101010101010101010101010101","asked":"0202020202020202020202020202020202020202020202020202020202020202","until":1772416860000000,"status":200,"form":"json","body":{"open":"{}"}}}"#,
    r#"{"answered":{"name":"0101010101010101010101010101010101010101010101010101010101010101","asked":"0202020202020202020202020202020202020202020202020202020202020202","until":1772416860000000,"status":200,"form":"text","body":{"sealed":"01ff"}}}"#,
    r#"{"answers_forgotten":{"until":1772416860000000,"most":8192}}"#,
    r#"{"deposit_booked":{"deposit":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000002"},"account":{"bank":4,"number":"222"},"amount":700,"cheque":0,"cash":700,"payer":{"bank":null,"name":"","name_cut":false},"mode":"interactive","medium":null,"trade_time":null,"resent":true,"send_count":2,"raw":""},"row":{"account":{"bank":4,"number":"222"},"amount":700,"credit":{"merchant":"shop"},"position":5,"reversed_at":null,"counts_in_day":false,"used_up_account":false},"transfer":{"debit":{"bank_clearing":4},"credit":{"merchant_payable":"shop"},"amount":700},"after":{"merchant":"shop","balance":1400}}}"#,
    r#"{"deposit_reversed":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000002"},"row":{"account":{"bank":4,"number":"222"},"amount":700,"credit":{"merchant":"shop"},"position":5,"reversed_at":null,"counts_in_day":false,"used_up_account":false},"transfer":{"debit":{"merchant_payable":"shop"},"credit":{"bank_clearing":4},"amount":700},"counted_on":20260302,"reopens_account":false,"after":{"merchant":"shop","balance":700}}}"#,
    r#"{"deposit_released":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000003"},"row":{"account":{"bank":4,"number":"222"},"amount":700,"credit":{"merchant":"shop"},"position":6,"reversed_at":null,"counts_in_day":false,"used_up_account":false},"transfer":{"debit":{"suspense":4},"credit":{"merchant_payable":"shop"},"amount":700},"after":{"merchant":"shop","balance":1400}}}"#,
];

#[test]
fn what_was_written_is_still_read_and_written_the_same() {
    for sample in SAMPLES {
        read_and_write_again(sample);
    }
}

fn read_and_write_again(sample: &str) -> Event {
    let event: Event = serde_json::from_str(sample)
        .unwrap_or_else(|error| panic!("the journal can no longer be read: {error}\n{sample}"));
    let again = serde_json::to_string(&event).expect("an event is written");
    assert_eq!(again, sample);
    event
}

/// A new variant needs a sample: this match fails to compile until it is thought of.
#[test]
fn every_kind_of_event_has_a_sample() {
    let mut seen = [false; 14];
    for sample in SAMPLES {
        let event: Event = serde_json::from_str(sample).expect("an event");
        let index = match event {
            Event::Founded { .. } => 0,
            Event::MerchantsImported { .. } => 1,
            Event::AccountsImported { .. } => 2,
            Event::DepositBooked { .. } => 3,
            Event::CorrectionAccepted(_) => 4,
            Event::DepositReversed { .. } => 5,
            Event::HoldTaken(_) => 6,
            Event::HoldEnded { .. } => 7,
            Event::AggregateAnswered { .. } => 8,
            Event::ExceptionRaised(_) => 9,
            Event::Audited(_) => 10,
            Event::Answered(_) => 11,
            Event::AnswersForgotten { .. } => 12,
            Event::DepositReleased { .. } => 13,
            // Their samples stand in lists of their own.
            Event::Account(_)
            | Event::Order(_)
            | Event::Policy(_)
            | Event::Webhook(_)
            | Event::Message(_)
            | Event::People(_)
            | Event::Credential(_)
            | Event::Registration(_)
            | Event::System(_) => continue,
        };
        seen[index] = true;
    }
    assert_eq!(seen, [true; 14]);
}

#[test]
fn ends_of_holds_keep_their_words() {
    let words = [
        (HoldEnd::Deposited, "\"deposited\""),
        (HoldEnd::DepositedOtherwise, "\"deposited_otherwise\""),
        (HoldEnd::Replaced, "\"replaced\""),
        (HoldEnd::Expired, "\"expired\""),
        (HoldEnd::Void, "\"void\""),
    ];
    for (end, word) in words {
        assert_eq!(serde_json::to_string(&end).expect("a word"), word);
    }
    let junk = r#"{"hold_taken":{"key":1}}"#;
    assert!(serde_json::from_str::<Event>(junk).is_err());
    assert!(serde_json::from_str::<Hold>("{}").is_err());
}
