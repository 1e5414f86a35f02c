//! Samples of what accounts, orders and policies say in the journal, as they were first written.

use naru::domain::{AccountEvent, Event, OrderEvent, PolicyEvent};

use super::read_and_write_again;

const SAMPLES: &[&str] = &[
    r#"{"account":{"issued":{"account":{"key":{"bank":4,"number":"79040000000001"},"terms":{"merchant":"shop","kind":"one_time","amount":5000,"tolerance":0,"expires_at":1772416800000000,"holder_name":null,"depositor_name":null,"limits":{"per_deposit":null,"per_day":null}},"standing":"open","used_by":null},"details":{"issued_at":1772413200000000,"position":7,"amount":5000,"expires_as_sent":"2026-03-02","order":"1001","user":{"id":"hong","name":"홍길동"},"drawn":{"fresh":{"range":79040000000000}},"quarantine_seconds":7776000}}}}"#,
    r#"{"account":{"closed":{"merchant":"shop","account":{"bank":4,"number":"79040000000001"},"at":1772413200000000}}}"#,
    r#"{"order":{"placed":{"merchant":"shop","number":"1001","amount":19000,"ordered_at":1772413200000000,"received_at":1772413201000000,"position":8,"ends_at":1773622801000000,"billing_name":"홍길동","name_code":null,"orderer":{"name":"홍길동","phone":"01012345678","email":null},"receipt":{"wanted":{"usage":"income_deduction","identity":"01012345678"}},"account":null,"standing":"open"}}}"#,
    r#"{"order":{"matched":{"merchant":"shop","number":"1001","deposit":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000001"},"position":9,"account":{"bank":4,"number":"111"},"amount":19000,"payer_name":"홍길동"},"how":"automatic","at":1772413260000000,"reason":null}}}"#,
    r#"{"order":{"matched":{"merchant":"shop","number":"1001","deposit":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000001"},"position":9,"account":{"bank":4,"number":"111"},"amount":9000,"payer_name":"홍길동"},"how":"one_time","at":1772413260000000,"reason":null,"paid":19000}}}"#,
    r#"{"order":{"match_failed":{"merchant":"shop","deposit":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000002"},"position":10,"account":{"bank":4,"number":"111"},"amount":19000,"payer_name":"홍길순"},"reasons":[{"not_placed":{"order":"1001"}}]}}}"#,
    r#"{"order":{"match_failed":{"merchant":"shop","deposit":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000002"},"position":10,"account":{"bank":4,"number":"111"},"amount":19000,"payer_name":"홍길순"},"reasons":["no_name","no_order",{"several":{"orders":["1","2"]}},{"expired":{"order":"3"}},{"excluded":{"order":"4"}},{"ordered_later":{"order":"5"}},{"sent_later":{"order":"6"}},{"amount_differs":{"order":"7","amount":18999}},{"name_differs":{"order":"8"}},{"spaces_differ":{"order":"9"}},{"name_cut":{"order":"10"}},{"paid_before":{"order":"11"}}]}}}"#,
    r#"{"order":{"judged":{"merchant":"shop","deposit":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000003"},"position":11,"account":{"bank":4,"number":"111"},"amount":4000,"payer_name":"홍길동"},"judgement":"partial","reaction":"wait","number":"1001"}}}"#,
    r#"{"order":{"unmatched":{"merchant":"shop","number":"1001","deposit":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000001"},"position":9,"account":{"bank":4,"number":"111"},"amount":19000,"payer_name":"홍길동"},"why":{"undo":{"reason":"다른 주문"}},"at":1772413320000000}}}"#,
    r#"{"order":{"unmatched":{"merchant":"shop","number":"1001","deposit":{"key":{"institution":"30000003","bank":4,"trade_date":20260302,"trace_no":"03020000000001"},"position":9,"account":{"bank":4,"number":"111"},"amount":19000,"payer_name":"홍길동"},"why":"correction","at":1772413320000000}}}"#,
    r#"{"order":{"excluded":{"merchant":"shop","number":"1001","at":1772413380000000}}}"#,
    r#"{"order":{"expired":{"merchant":"shop","number":"1001","at":1773622802000000}}}"#,
    r#"{"order":{"name_code_minted":{"merchant":"shop","number":"1001","code":"K7Q2MX"}}}"#,
    r#"{"order":{"receipt_issued":{"merchant":"shop","number":"1001","receipt":"000000009","amount":19000,"at":1772413260000000}}}"#,
    r#"{"order":{"receipt_cancelled":{"merchant":"shop","number":"1001","receipt":"000000009","why":"request","at":1772413320000000}}}"#,
    r#"{"policy":{"policies_set":{"merchant":"shop","policies":{"matching":{"mode":"oldest","late_orders":true,"max_age_days":14,"ignore_inner_spaces":true},"deposits":{"partial":"wait","over":"suspense","late":"refund","duplicate":null},"limits":{"per_deposit":1000000,"per_day":null},"payaction_error_status":"4xx","ip_allow_list":["10.0.0.0/8"],"correction_after_payout":"accept","plan":"premium"}}}}"#,
    r#"{"policy":{"settings_set":{"merchant":"shop","settings":{"account_kind":"one_time","amount_match_required":true,"allowed_amount_error":5000,"default_bank":4,"deposit_fee_rate":15000,"withdrawal_fee_rate":0}}}}"#,
];

#[test]
fn the_journal_of_money_is_read_and_written_word_for_word() {
    for sample in SAMPLES {
        read_and_write_again(sample);
    }
}

/// A new variant needs a sample: these matches fail to compile until it is thought of.
#[test]
fn every_event_of_money_has_a_sample() {
    let mut seen = [false; 14];
    for sample in SAMPLES {
        let index = match read_and_write_again(sample) {
            Event::Account(event) => match event {
                AccountEvent::Issued { .. } => 0,
                AccountEvent::Closed { .. } => 1,
            },
            Event::Order(event) => 2 + order(&event),
            Event::Policy(event) => match event {
                PolicyEvent::PoliciesSet { .. } => 12,
                PolicyEvent::SettingsSet { .. } => 13,
            },
            other => panic!("{other:?} is no business of this list"),
        };
        seen[index] = true;
    }
    assert_eq!(seen, [true; 14]);
}

fn order(event: &OrderEvent) -> usize {
    match event {
        OrderEvent::Placed(_) => 0,
        OrderEvent::Matched { .. } => 1,
        OrderEvent::MatchFailed { .. } => 2,
        OrderEvent::Judged { .. } => 3,
        OrderEvent::Unmatched { .. } => 4,
        OrderEvent::Excluded { .. } => 5,
        OrderEvent::Expired { .. } => 6,
        OrderEvent::NameCodeMinted { .. } => 7,
        OrderEvent::ReceiptIssued { .. } => 8,
        OrderEvent::ReceiptCancelled { .. } => 9,
    }
}
