//! Cash receipts follow their order: issued on the match, cancelled with what undoes it.

use naru::domain::{
    MerchantRefusal, OrderCommand, OrderEvent, Plan, PoliciesChange, ReceiptEnd, ReceiptRefusal,
    ReceiptState, ReceiptWish, Verdict,
};

use super::{Desk, new_order, number, open, paid, placed, refused, stands};
use crate::support::{corrected, merchant};

fn wanted(desk: &Desk, text: &str, identity: &str) -> ReceiptState {
    let mut order = new_order(text, "홍길동", 1);
    order.receipt = ReceiptWish::judged(Some("소득공제용"), Some(identity));
    stands(desk.verdict(placed(order))).receipt
}

fn cancel(desk: &Desk, text: &str) -> Verdict {
    desk.order_command(OrderCommand::CancelReceipt {
        merchant: merchant(),
        number: number(text),
        by: super::program(),
    })
}

#[test]
fn a_receipt_is_issued_on_the_match_and_cancelled_on_request() {
    let desk = open();
    wanted(&desk, "1", "01012345678");
    assert_eq!(cancel(&desk, "1"), refused(MerchantRefusal::NoReceipt));
    let deposit = desk.pay(paid("d1", "홍길동", 1));
    let issued = desk.order("1").receipt;
    let receipt = issued.issued().expect("a receipt").to_owned();
    assert_eq!(receipt.len(), 9);
    assert!(matches!(
        &desk.told(deposit)[..],
        [OrderEvent::Matched { .. }, OrderEvent::ReceiptIssued { .. }]
    ));
    let first = stands(cancel(&desk, "1")).receipt;
    assert!(matches!(
        &first,
        ReceiptState::Cancelled { why: ReceiptEnd::Request, receipt: number, .. }
            if *number == receipt
    ));
    assert_eq!(
        stands(cancel(&desk, "1")).receipt,
        first,
        "a second cancel is success"
    );
    assert_eq!(cancel(&desk, "9"), refused(MerchantRefusal::NoSuchOrder));
    desk.assert_sound();
}

#[test]
fn a_correction_cancels_and_the_next_match_issues_anew() {
    let desk = open();
    wanted(&desk, "1", "01012345678");
    desk.pay(paid("d1", "홍길동", 1));
    let first = desk.order("1").receipt.issued().unwrap().to_owned();
    let undone = corrected("d1", super::COLLECTS, 1, naru::domain::Mode::Notice);
    desk.verdict(undone).expect("a correction");
    assert!(matches!(
        desk.order("1").receipt,
        ReceiptState::Cancelled {
            why: ReceiptEnd::Correction,
            ..
        }
    ));
    let again = desk.pay(paid("d2", "홍길동", 1));
    let second = desk.order("1").receipt.issued().unwrap().to_owned();
    assert_ne!(first, second);
    stands(desk.undo(again));
    assert!(matches!(
        desk.order("1").receipt,
        ReceiptState::Cancelled {
            why: ReceiptEnd::Undo,
            ..
        }
    ));
    desk.assert_sound();
}

#[test]
fn an_order_is_taken_whatever_its_receipt_was_meant_to_be() {
    let desk = open();
    let invalid = ReceiptState::Refused(ReceiptRefusal::IdentityInvalid);
    assert_eq!(wanted(&desk, "1", "hong"), invalid);
    let deposit = desk.pay(paid("d1", "홍길동", 1));
    assert_eq!(desk.met(deposit).as_deref(), Some("1"));
    assert_eq!(cancel(&desk, "1"), refused(MerchantRefusal::NoReceipt));
    desk.decide_policies(PoliciesChange {
        plan: Some(Plan::Basic),
        ..PoliciesChange::default()
    });
    let basic = ReceiptState::Refused(ReceiptRefusal::NotInPlan);
    assert_eq!(wanted(&desk, "2", "01012345678"), basic);
    let alone = Desk::with(|house| house.receipts_in_books = false);
    let none = ReceiptState::Refused(ReceiptRefusal::NoOffice);
    assert_eq!(wanted(&alone, "1", "01012345678"), none);
}

#[test]
fn who_wants_no_receipt_any_more_gets_none_with_the_next_match() {
    let desk = open();
    wanted(&desk, "1", "01012345678");
    desk.pay(paid("d1", "홍길동", 1));
    let undone = corrected("d1", super::COLLECTS, 1, naru::domain::Mode::Notice);
    desk.verdict(undone).expect("a correction");
    // It ended with its match; that none is wanted any more is another thing, and is kept.
    for _ in 0..2 {
        assert!(matches!(
            stands(cancel(&desk, "1")).receipt,
            ReceiptState::Cancelled {
                why: ReceiptEnd::Request,
                ..
            }
        ));
    }
    let again = desk.pay(paid("d2", "홍길동", 1));
    assert_eq!(desk.met(again).as_deref(), Some("1"));
    assert_eq!(desk.order("1").receipt.issued(), None);
    desk.assert_sound();
}
