//! Orders that come after their deposit, where the merchant lets them match: only where nobody can
//! be mistaken.

use naru::domain::{
    How, Judgement, MatchMode, MatchReason, OrderStanding, PoliciesChange, Reaction, Won,
};
use naru::store::DepositStatus;

use super::judging::{for_order, into, judged, status, with_numbers};
use super::{Desk, new_order, number, open, paid, placed, seoul, stands};
use crate::support::{account_key, merchant};

/// Lets orders match that come after their deposit.
fn late_orders(desk: &Desk) {
    desk.decide_policies(PoliciesChange {
        late_orders: Some(true),
        ..PoliciesChange::default()
    });
}

#[test]
fn a_deposit_that_another_order_waits_for_too_is_left_to_a_person() {
    for mode in [MatchMode::Exact, MatchMode::Oldest, MatchMode::Newest] {
        let desk = open();
        desk.place("1", "홍길동", 1);
        desk.place("2", "홍길동", 1);
        let both = desk.pay(paid("d1", "홍길동", 1));
        assert_eq!(desk.met(both), None, "two wait for it");
        desk.decide_policies(PoliciesChange {
            late_orders: Some(true),
            mode: Some(mode),
            ..PoliciesChange::default()
        });
        let third = desk.place("3", "홍길동", 1);
        assert_eq!(third.standing, OrderStanding::Open, "{mode:?}");
        assert_eq!(desk.met(both), None);
        // Once the others are out there is no doubt any more.
        for out in ["1", "2", "3"] {
            desk.exclude(out).expect("an exclusion");
        }
        desk.place("4", "홍길동", 1);
        assert_eq!(desk.met(both).as_deref(), Some("4"), "{mode:?}");
        desk.assert_sound();
    }
}

#[test]
fn a_match_that_was_undone_leaves_no_doubt_behind() {
    let desk = open();
    late_orders(&desk);
    desk.place("1", "홍길동", 1);
    let one = desk.pay(paid("d1", "홍길동", 1));
    stands(desk.undo(one));
    assert!(desk.place("2", "홍길동", 1).matched().is_none());
    assert_eq!(desk.met(one), None);
    desk.assert_sound();
}

#[test]
fn money_that_is_parked_pays_no_late_order() {
    let desk = open();
    desk.decide_policies(PoliciesChange {
        late_orders: Some(true),
        duplicate: Some(Reaction::Suspense),
        ..PoliciesChange::default()
    });
    desk.place("1", "홍길동", 1);
    desk.pay(paid("d1", "홍길동", 1));
    let again = desk.pay(paid("d2", "홍길동", 1));
    assert_eq!(status(&desk, again), DepositStatus::Pending);
    let late = desk.place("2", "홍길동", 1);
    assert_eq!(late.standing, OrderStanding::Open, "the money is nobody's");
    desk.assert_sound();
}

#[test]
fn money_in_an_orders_own_account_pays_no_other() {
    let desk = with_numbers();
    late_orders(&desk);
    let account = for_order(&desk);
    // Order 1 has not come; somebody of that name pays into its account.
    let own = desk.pay(into("d1", &account, 10_000));
    let reason = MatchReason::NotPlaced { order: number("1") };
    assert_eq!(desk.reasons(own), [reason]);
    assert_eq!(status(&desk, own), DepositStatus::Completed);
    let other = stands(desk.verdict(placed(new_order("2", "홍길동", 10_000))));
    assert_eq!(other.standing, OrderStanding::Open);
    // Its own order meets it, whatever its name.
    let first = stands(desk.verdict(placed(new_order("1", "아무개", 10_000))));
    assert_eq!(first.matched().unwrap().how, How::LateOrder);
    assert_eq!(desk.met(own).as_deref(), Some("1"));
    desk.assert_sound();
}

#[test]
fn an_order_that_comes_after_its_own_account_was_paid_waits_for_a_person_by_default() {
    let desk = with_numbers();
    let account = for_order(&desk);
    let own = desk.pay(into("d1", &account, 10_000));
    let order = stands(desk.verdict(placed(new_order("1", "아무개", 10_000))));
    assert_eq!(order.standing, OrderStanding::Open);
    let (_, ranked) = desk.store.reads().candidates(own).unwrap().unwrap();
    assert_eq!(
        (ranked[0].number.as_str(), ranked[0].score, ranked.len()),
        ("1", 100, 1)
    );
    assert!(ranked[0].reasons[0].contains("이 주문에 발급된 계좌"));
    stands(desk.match_by_hand(own, merchant(), "1").verdict);
    let (_, ranked) = desk.store.reads().candidates(own).unwrap().unwrap();
    assert!(ranked.is_empty(), "what is paid is no candidate");
    desk.assert_sound();
}

#[test]
fn parts_that_came_before_their_order_pay_it_together() {
    let desk = with_numbers();
    late_orders(&desk);
    let account = for_order(&desk);
    desk.pay(into("d1", &account, 4_000));
    let last = desk.pay(into("d2", &account, 6_000));
    let reason = MatchReason::NotPlaced { order: number("1") };
    assert_eq!(desk.reasons(last), [reason]);
    let wrong = stands(desk.verdict(placed(new_order("2", "홍길동", 6_000))));
    assert_eq!(wrong.standing, OrderStanding::Open);
    stands(desk.verdict(placed(new_order("1", "홍길동", 10_000))));
    assert_eq!(desk.met(last).as_deref(), Some("1"));
    desk.assert_sound();
}

#[test]
fn a_late_order_for_another_amount_does_not_take_what_its_account_got() {
    let desk = with_numbers();
    late_orders(&desk);
    let account = for_order(&desk);
    desk.pay(into("d1", &account, 10_000));
    let order = stands(desk.verdict(placed(new_order("1", "홍길동", 10_001))));
    assert_eq!(order.standing, OrderStanding::Open);
    desk.assert_sound();
}

#[test]
fn a_payment_is_no_repetition_while_another_order_waits_for_it() {
    let desk = open();
    desk.decide_policies(PoliciesChange {
        duplicate: Some(Reaction::Refund),
        ..PoliciesChange::default()
    });
    desk.place("1", "홍길동", 1);
    desk.pay(paid("d1", "홍길동", 1));
    // Two more of the same name and amount: the next payment is for one of them.
    desk.place("2", "홍길동", 1);
    desk.place("3", "홍길동", 1);
    let next = desk.pay(paid("d2", "홍길동", 1));
    assert_eq!(judged(&desk, next), None);
    assert_eq!(status(&desk, next), DepositStatus::Completed);
    stands(desk.match_by_hand(next, merchant(), "2").verdict);
    desk.exclude("3").expect("an exclusion");
    // So it is with an order that says it was made later.
    let mut future = new_order("4", "홍길동", 1);
    future.ordered_at = seoul("2026-03-02T11:00:00");
    stands(desk.verdict(placed(future)));
    let early = desk.pay(paid("d3", "홍길동", 1));
    assert_eq!(status(&desk, early), DepositStatus::Completed);
    desk.exclude("4").expect("an exclusion");
    let last = desk.pay(paid("d4", "홍길동", 1));
    let again = Some((Judgement::Duplicate, Reaction::Refund));
    assert_eq!(judged(&desk, last), again);
    desk.assert_sound();
}

#[test]
fn of_very_many_that_nearly_fit_none_is_chosen_in_a_hurry() {
    let desk = open();
    desk.decide_policies(PoliciesChange {
        ignore_inner_spaces: Some(false),
        ..PoliciesChange::default()
    });
    let mut only = new_order("only", "홍길동", 1);
    only.ordered_at = seoul("2026-03-02T08:00:00");
    stands(desk.verdict(placed(only)));
    for n in 0..300 {
        desk.place(&n.to_string(), "홍 길동", 1);
    }
    let one = desk.pay(paid("d1", "홍길동", 1));
    assert_eq!(desk.met(one), None, "another may lie behind the many");
    let seen = desk
        .store
        .reads()
        .account_seen(&account_key(super::COLLECTS));
    assert_eq!(seen.unwrap().unwrap().balance, Won::new(1));
    desk.assert_sound();
}
