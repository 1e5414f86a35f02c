//! An order that is paid in parts: what has come in all counts, and a part that is undone is
//! missing again.

use naru::domain::{
    Judgement, Mode, OrderEvent, OrderStanding, PoliciesChange, Reaction, ReceiptWish,
    SuspenseReason, Won,
};
use naru::store::DepositStatus;

use super::judging::{agreed, for_order, into, judged, owed, parked, status, with_numbers};
use super::{Desk, new_order, placed, stands};
use crate::support::{corrected, merchant};

/// Books with order `1` of 10,000 won, which wants a receipt, and an account of its own.
fn ordered() -> (Desk, String) {
    let desk = with_numbers();
    let mut order = new_order("1", "홍길동", 10_000);
    order.receipt = ReceiptWish::judged(Some("소득공제용"), Some("01012345678"));
    stands(desk.verdict(placed(order)));
    let account = for_order(&desk);
    (desk, account)
}

fn undone(desk: &Desk, trace: &str, account: &str, amount: u64) {
    let verdict = desk.verdict(corrected(trace, account, amount, Mode::Notice));
    assert!(verdict.is_ok(), "{verdict:?}");
}

/// Over how much the record at `position` issued a cash receipt.
fn receipt_over(desk: &Desk, position: u64) -> Option<Won> {
    let told = desk.told(position).into_iter();
    let mut issued = told.filter_map(|event| match event {
        OrderEvent::ReceiptIssued { amount, .. } => Some(amount),
        _ => None,
    });
    issued.next()
}

#[test]
fn the_receipt_and_the_match_are_over_what_has_come_in_all() {
    let (desk, account) = ordered();
    desk.pay(into("d1", &account, 3_000));
    desk.pay(into("d2", &account, 1_000));
    let last = desk.pay(into("d3", &account, 6_000));
    assert_eq!(receipt_over(&desk, last), Some(Won::new(10_000)));
    let paid = desk.told(last).into_iter().find_map(|event| match event {
        OrderEvent::Matched { paid, .. } => Some(paid),
        _ => None,
    });
    assert_eq!(paid, Some(Some(Won::new(10_000))));
    // Whoever undoes the match and makes it again by hand says the same.
    stands(desk.undo(last));
    let again = desk.match_by_hand(last, merchant(), "1");
    assert_eq!(receipt_over(&desk, again.position), Some(Won::new(10_000)));
    let (desk, account) = ordered();
    let whole = desk.pay(into("d1", &account, 10_000));
    assert_eq!(receipt_over(&desk, whole), Some(Won::new(10_000)));
    assert!(matches!(
        &desk.told(whole)[0],
        OrderEvent::Matched { paid: None, .. }
    ));
}

#[test]
fn a_part_that_is_undone_is_waited_for_again() {
    // Whichever part goes: what is left counts, and what comes in its place pays the order.
    for (gone, amount) in [("d1", 3_000), ("d2", 1_000), ("d3", 6_000)] {
        let (desk, account) = ordered();
        desk.pay(into("d1", &account, 3_000));
        desk.pay(into("d2", &account, 1_000));
        desk.pay(into("d3", &account, 6_000));
        undone(&desk, gone, &account, amount);
        assert_eq!(desk.order("1").standing, OrderStanding::Open, "{gone}");
        assert_eq!((owed(&desk), parked(&desk)), (10_000 - amount, 0));
        let short = desk.pay(into("d4", &account, amount - 1));
        let waits = Some((Judgement::Partial, Reaction::Wait));
        assert_eq!(judged(&desk, short), waits, "{gone}");
        let rest = desk.pay(into("d5", &account, 1));
        assert_eq!(desk.met(rest).as_deref(), Some("1"), "{gone}");
        assert_eq!(receipt_over(&desk, rest), Some(Won::new(10_000)));
        assert_eq!((owed(&desk), parked(&desk)), (10_000, 0));
        // Every part of now can still be undone.
        undone(&desk, "d4", &account, amount - 1);
        assert_eq!(desk.order("1").standing, OrderStanding::Open, "{gone}");
        desk.assert_sound();
    }
}

#[test]
fn an_account_without_an_order_waits_for_its_part_again_too() {
    let desk = agreed();
    desk.pay(into("1", "once", 4_000));
    desk.pay(into("2", "once", 6_000));
    undone(&desk, "1", "once", 4_000);
    let rest = desk.pay(into("3", "once", 4_000));
    assert_eq!(status(&desk, rest), DepositStatus::Completed);
    assert_eq!(judged(&desk, rest), None);
    assert_eq!((owed(&desk), parked(&desk)), (10_000, 0));
    let more = desk.pay(into("4", "once", 10_000));
    let again = Some((Judgement::Duplicate, Reaction::Suspense));
    assert_eq!(judged(&desk, more), again, "used up it is closed");
    desk.assert_sound();
}

#[test]
fn a_part_that_was_not_needed_opens_nothing() {
    let (desk, account) = ordered();
    desk.pay(into("d1", &account, 3_000));
    desk.pay(into("d2", &account, 7_000));
    undone(&desk, "d2", &account, 7_000);
    // The whole amount comes at once; the first part is the merchant's all the same.
    let whole = desk.pay(into("d3", &account, 10_000));
    assert_eq!(desk.met(whole).as_deref(), Some("1"));
    assert_eq!(receipt_over(&desk, whole), Some(Won::new(10_000)));
    undone(&desk, "d1", &account, 3_000);
    assert_eq!(desk.met(whole).as_deref(), Some("1"));
    assert_eq!(owed(&desk), 10_000);
    let more = desk.pay(into("d4", &account, 3_000));
    assert_eq!(
        judged(&desk, more).map(|(what, _)| what),
        Some(Judgement::Duplicate)
    );
    desk.assert_sound();
}

#[test]
fn a_part_for_an_order_that_is_out_does_not_wait() {
    let desk = with_numbers();
    stands(desk.verdict(placed(new_order("1", "홍길동", 10_000))));
    let account = for_order(&desk);
    desk.pay(into("d1", &account, 4_000));
    desk.exclude("1").expect("an exclusion");
    desk.decide_policies(PoliciesChange {
        late: Some(Reaction::Accept),
        ..PoliciesChange::default()
    });
    // Late is accepted, but nobody has accepted too little.
    let rest = desk.pay(into("d2", &account, 6_000));
    let late = Some((Judgement::Late, Reaction::Suspense));
    assert_eq!(judged(&desk, rest), late);
    let seen = desk.store.reads().deposit_seen(rest).unwrap().unwrap();
    let reason = naru::domain::Credit::Suspense(SuspenseReason::OrderOver);
    assert_eq!(seen.row.credit, reason);
    assert_eq!((owed(&desk), parked(&desk)), (0, 10_000));
    desk.assert_sound();
}

#[test]
fn a_part_for_an_order_that_was_paid_elsewhere_is_a_repetition() {
    let (desk, account) = ordered();
    let elsewhere = desk.pay(super::paid("d1", "아무개", 10_000));
    stands(desk.match_by_hand(elsewhere, merchant(), "1").verdict);
    let part = desk.pay(into("d2", &account, 4_000));
    let again = Some((Judgement::Duplicate, Reaction::Suspense));
    assert_eq!(judged(&desk, part), again);
    desk.assert_sound();
}
