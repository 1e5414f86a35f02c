//! An operator brings a deposit and an order together, and parts them again.

use naru::domain::{
    Event, How, MerchantId, MerchantRefusal, OrderEvent, OrderStanding, PoliciesChange, Reaction,
};

use super::{number, open, paid, refused, stands};
use crate::support::{corrected, merchant};

#[test]
fn an_operator_matches_and_undoes() {
    let desk = open();
    desk.place("1", "홍길동", 10_000);
    let deposit = desk.pay(paid("d1", "홍 판서", 9_000));
    assert_eq!(desk.met(deposit), None);
    let receipt = desk.match_by_hand(deposit, merchant(), "1");
    let order = stands(receipt.verdict);
    assert_eq!(order.matched().unwrap().how, How::ByHand);
    assert_eq!(desk.met(deposit).as_deref(), Some("1"));
    let record = desk
        .store
        .reads()
        .record(receipt.position)
        .unwrap()
        .unwrap();
    assert!(matches!(
        &record.events[..],
        [Event::Order(OrderEvent::Matched { reason: Some(_), .. }), Event::Audited(audit)]
            if audit.action == "matching.match"
    ));
    let order = stands(desk.undo(deposit));
    assert_eq!(order.standing, OrderStanding::Open);
    assert_eq!(desk.met(deposit), None);
    let file = desk.store.reads().deposit_file(deposit).unwrap().unwrap();
    assert_eq!(file.records.len(), 3, "booking, match and its undoing");
    desk.assert_sound();
}

#[test]
fn what_cannot_be_matched_is_refused() {
    let desk = open();
    desk.place("1", "홍길동", 1);
    desk.place("2", "김철수", 2);
    desk.place("3", "이영희", 3);
    desk.exclude("3").expect("an exclusion");
    let one = desk.pay(paid("d1", "홍길동", 1));
    let loose = desk.pay(paid("d2", "아무개", 7));
    let gone = desk.pay(paid("d3", "아무개", 8));
    let undone = corrected("d3", super::COLLECTS, 8, naru::domain::Mode::Notice);
    desk.verdict(undone).expect("a correction");
    let nobody = MerchantId::new("nobody").unwrap();
    for (deposit, of, text, refusal) in [
        (9_999, merchant(), "2", MerchantRefusal::NoSuchDeposit),
        (1, merchant(), "2", MerchantRefusal::NoSuchDeposit),
        (loose, nobody, "2", MerchantRefusal::NoSuchDeposit),
        (one, merchant(), "2", MerchantRefusal::DepositMatched),
        (loose, merchant(), "1", MerchantRefusal::OrderMatched),
        (loose, merchant(), "3", MerchantRefusal::OrderExcluded),
        (loose, merchant(), "9", MerchantRefusal::NoSuchOrder),
        (gone, merchant(), "2", MerchantRefusal::DepositNotBooked),
    ] {
        let verdict = desk.match_by_hand(deposit, of, text).verdict;
        assert_eq!(verdict, refused(refusal), "{deposit} {text}");
    }
    assert_eq!(
        desk.undo(loose),
        refused(MerchantRefusal::DepositNotMatched)
    );
    assert_eq!(desk.undo(9_999), refused(MerchantRefusal::NoSuchDeposit));
    assert_eq!(desk.exclude("1"), refused(MerchantRefusal::OrderMatched));
    let (first, second) = (desk.exclude("2"), desk.exclude("2"));
    assert_eq!(
        stands(first),
        stands(second),
        "an exclusion again is no change"
    );
    desk.assert_sound();
}

#[test]
fn an_expired_order_can_still_be_matched_by_hand() {
    let desk = open();
    desk.place("1", "홍길동", 1);
    desk.days_later(20);
    let deposit = desk.pay(paid("d1", "홍길동", 1));
    assert_eq!(desk.met(deposit), None);
    stands(desk.match_by_hand(deposit, merchant(), "1").verdict);
    assert_eq!(desk.met(deposit).as_deref(), Some("1"));
    // Undone, it waits for nothing any more: its time is over.
    stands(desk.undo(deposit));
    desk.send(naru::domain::Command::Pulse);
    assert!(matches!(
        desk.order("1").standing,
        OrderStanding::Expired { .. }
    ));
    desk.assert_sound();
}

#[test]
fn parked_money_belongs_to_no_order_yet() {
    let desk = open();
    desk.decide_policies(PoliciesChange {
        duplicate: Some(Reaction::Suspense),
        ..PoliciesChange::default()
    });
    desk.place("1", "홍길동", 1);
    desk.place("2", "김철수", 1);
    desk.pay(paid("d1", "홍길동", 1));
    let parked = desk.pay(paid("d2", "홍길동", 1));
    let verdict = desk.match_by_hand(parked, merchant(), "2").verdict;
    assert_eq!(verdict, refused(MerchantRefusal::DepositNotBooked));
    assert_eq!(number("2").as_str(), "2");
    desk.assert_sound();
}
