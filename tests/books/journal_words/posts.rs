//! Samples of what webhooks and messages say in the journal, as they were first written.

use naru::domain::{Event, MessageEvent, WebhookEvent};

use super::read_and_write_again;

const SAMPLES: &[&str] = &[
    r#"{"webhook":{"endpoint_added":{"id":12,"merchant":"shop","url":"https://shop.example/hook","dialect":"standard","events":["deposit.received","deposit.matched"],"enabled":true,"secret":"0102","former":null,"created_at":1772416800000000}}}"#,
    r#"{"webhook":{"endpoint_changed":{"id":12,"merchant":"shop","url":"https://shop.example/hook","dialect":"ezpg-a","events":[],"enabled":false,"secret":"03","former":{"secret":"0102","until":1772416860000000},"created_at":1772416800000000}}}"#,
    r#"{"webhook":{"endpoint_suspended":{"id":12,"merchant":"shop"}}}"#,
    r#"{"webhook":{"endpoint_resumed":{"id":12}}}"#,
    r#"{"webhook":{"attempted":{"letter":{"endpoint":12,"event":{"position":14,"index":0}},"merchant":"shop","attempt":{"url":"https://shop.example/hook","sent_at":1772416800000000,"took_millis":31,"status":503,"answer":"busy","fault":null,"accepted":false,"retry_after":30},"then":{"again":1772416830000000}}}}"#,
    r#"{"webhook":{"attempted":{"letter":{"endpoint":12,"event":{"position":14,"index":0}},"merchant":"shop","attempt":{"url":"https://shop.example/hook","sent_at":1772416800000000,"took_millis":15000,"status":null,"answer":null,"fault":"timed_out","accepted":false,"retry_after":null},"then":"gave_up"}}}"#,
    r#"{"webhook":{"skipped":{"letters":[{"endpoint":12,"event":{"position":14,"index":0}}]}}}"#,
    r#"{"webhook":{"requeued":{"letters":[{"endpoint":12,"event":{"position":14,"index":0}}]}}}"#,
    r#"{"webhook":{"replayed":{"endpoint":12,"letters":[{"event":{"position":14,"index":0},"kind":"deposit.matched","at":1772416800000000,"stories":[{"deposit":14},{"order":"A-1"}]}]}}}"#,
    r#"{"message":{"notifications_set":{"whose":"shop","settings":{"telegram":{"token":"0102","token_end":"wXyZ","chat":"-100123","enabled":true},"mail_to":["ops@shop.example"],"by_mail":true,"deposits":true,"withdrawals":false,"errors":true,"min_amount":1000,"match_failed":"daily"}}}}"#,
    r#"{"message":{"notifications_set":{"whose":null,"settings":{"telegram":null,"mail_to":[],"by_mail":false,"deposits":false,"withdrawals":false,"errors":false,"min_amount":0,"match_failed":"each"}}}}"#,
    r#"{"message":{"queued":{"messages":[{"channel":"alimtalk","to":"01012345678","on_behalf_of":"shop","wording":{"order_taken":{"shop":"나루상점","number":"1001","orderer":"홍길동","amount":19000,"billing_name":"홍길동"}},"skipped":"order_number_too_long"},{"channel":"mail","to":"hong@gildong.kr","on_behalf_of":"shop","wording":{"order_paid":{"shop":"나루상점","number":"1001","orderer":"홍길동","amount":19000}},"skipped":null}]}}}"#,
    r#"{"message":{"queued":{"messages":[{"channel":"mail","to":"ops@shop.example","on_behalf_of":"shop","wording":{"match_failed":{"deposit":9,"amount":19000,"payer":"홍길동","reasons":["no_order"]}},"skipped":null},{"channel":"mail","to":"ops@shop.example","on_behalf_of":"shop","wording":{"match_failed_day":{"day":20260302,"deposits":[{"deposit":9,"amount":19000,"payer":"홍길동","reasons":[]}],"count":2}},"skipped":null}]}}}"#,
    r#"{"message":{"queued":{"messages":[{"channel":"mail","to":"ops@shop.example","on_behalf_of":"shop","wording":{"letter_given_up":{"letter":{"endpoint":12,"event":{"position":14,"index":0}},"kind":"deposit.matched","host":"shop.example"}},"skipped":null},{"channel":"telegram","to":"-100123","on_behalf_of":"shop","wording":{"endpoint_suspended":{"endpoint":12,"host":"shop.example"}},"skipped":null},{"channel":"mail","to":"ops@shop.example","on_behalf_of":"shop","wording":{"locked":{"minutes":5}},"skipped":null}]}}}"#,
    r#"{"message":{"queued":{"messages":[{"channel":"telegram","to":"-100123","on_behalf_of":null,"wording":{"deposit_came":{"shop":"나루상점","deposit":9,"amount":19000,"payer":"홍길동","bank":4,"account_end":"5678"}},"skipped":null},{"channel":"telegram","to":"-100123","on_behalf_of":"shop","wording":{"deposit_undone":{"shop":"나루상점","deposit":9,"amount":19000}},"skipped":null}]}}}"#,
    r#"{"message":{"queued":{"messages":[{"channel":"mail","to":"ops@shop.example","on_behalf_of":"shop","wording":{"deposit_undone":{"shop":"나루상점","deposit":9,"amount":19000,"order":"1001"}},"skipped":null},{"channel":"mail","to":"ops@shop.example","on_behalf_of":"shop","wording":{"match_undone":{"number":"1001","deposit":9,"amount":19000,"payer":"홍길동","reason":"다른 주문"}},"skipped":null},{"channel":"mail","to":"ops@shop.example","on_behalf_of":"shop","wording":{"orders_over":{"why":"expired","numbers":["1001"],"count":1}},"skipped":null}]}}}"#,
    r#"{"message":{"put_aside":{"merchant":"shop","day":20260302,"deposit":{"deposit":9,"amount":19000,"payer":"홍길동","reasons":["no_order"]}}}}"#,
    r#"{"message":{"day_told":{"merchant":"shop","day":20260302}}}"#,
    r#"{"message":{"tried":{"id":{"position":15,"number":0},"sent":"taken","then":"done"}}}"#,
    r#"{"message":{"tried":{"id":{"position":15,"number":1},"sent":{"failed":{"why":"telegram asks for patience","retry_after":31}},"then":{"again":1772416830000000}}}}"#,
    r#"{"message":{"tried":{"id":{"position":15,"number":1},"sent":{"refused":{"why":"telegram refused with 403"}},"then":"gave_up"}}}"#,
    r#"{"message":{"locked":{"merchant":"shop","minutes":5}}}"#,
];

#[test]
fn the_journal_of_webhooks_and_messages_is_read_and_written_word_for_word() {
    for sample in SAMPLES {
        read_and_write_again(sample);
    }
}

/// A new variant needs a sample: these matches fail to compile until it is thought of.
#[test]
fn every_event_of_webhooks_and_messages_has_a_sample() {
    let mut seen = [false; 14];
    for sample in SAMPLES {
        let index = match read_and_write_again(sample) {
            Event::Webhook(event) => match event {
                WebhookEvent::EndpointAdded(_) => 0,
                WebhookEvent::EndpointChanged(_) => 1,
                WebhookEvent::EndpointSuspended { .. } => 2,
                WebhookEvent::EndpointResumed { .. } => 3,
                WebhookEvent::Attempted { .. } => 4,
                WebhookEvent::Skipped { .. } => 5,
                WebhookEvent::Requeued { .. } => 6,
                WebhookEvent::Replayed { .. } => 7,
            },
            Event::Message(event) => match event {
                MessageEvent::NotificationsSet { .. } => 8,
                MessageEvent::Queued { .. } => 9,
                MessageEvent::PutAside { .. } => 10,
                MessageEvent::DayTold { .. } => 11,
                MessageEvent::Tried { .. } => 12,
                MessageEvent::Locked { .. } => 13,
            },
            other => panic!("{other:?} is no business of this list"),
        };
        seen[index] = true;
    }
    assert_eq!(seen, [true; 14]);
}
