//! A deposit into a matching account meets exactly one order, or says why it meets none.

use naru::domain::{
    Account, AccountKind, How, MatchMode, MatchReason, MerchantRefusal, OrderCommand, OrderEvent,
    OrderOutcome, OrderStanding, Outcome, PoliciesChange, Won, name_code,
};

use super::{new_order, number, open, paid, placed, refused, seoul, stands};
use crate::support::{account, corrected, merchant};

#[test]
fn a_deposit_meets_the_only_order_with_its_name_and_amount() {
    let desk = open();
    desk.place("1", "홍길동", 19_000);
    desk.place("2", "김철수", 19_000);
    desk.place("3", "홍길동", 20_000);
    let position = desk.pay(paid("d1", " 홍 길동 ", 19_000));
    let order = desk.order("1");
    let found = order.matched().expect("a match");
    assert_eq!(
        (found.deposit_position, found.how),
        (position, How::Automatic)
    );
    assert_eq!(desk.met(position).as_deref(), Some("1"));
    assert_eq!(desk.order("2").standing, OrderStanding::Open);
    // The match stands in the record of the deposit itself.
    assert!(matches!(
        &desk.told(position)[..],
        [OrderEvent::Matched { .. }]
    ));
    desk.assert_sound();
}

#[test]
fn an_order_is_taken_once_and_its_number_for_good() {
    let desk = open();
    desk.place("1", "홍길동", 19_000);
    let again = || desk.verdict(placed(new_order("1", "김철수", 5)));
    assert_eq!(again(), refused(MerchantRefusal::OrderExists));
    assert!(desk.exclude("1").is_ok());
    assert_eq!(again(), refused(MerchantRefusal::OrderExists));
    let mut foreign = new_order("9", "홍길동", 5);
    foreign.merchant = naru::domain::MerchantId::new("nobody").unwrap();
    let verdict = desk.verdict(placed(foreign));
    assert_eq!(verdict, refused(MerchantRefusal::NoSuchMerchant));
}

/// Every reason of the FAQ, from the first order to the record's own words.
#[test]
fn every_reason_for_a_failed_match_is_told() {
    let desk = open();
    let order = |text: &str| number(text);
    let failed = |trace: &str, name: &str, amount: u64| {
        let position = desk.pay(paid(trace, name, amount));
        assert_eq!(desk.met(position), None, "{trace}");
        desk.reasons(position)
    };
    assert_eq!(failed("none", "홍길동", 1), [MatchReason::NoOrder]);
    assert_eq!(failed("nameless", "  ", 1), [MatchReason::NoName]);
    desk.place("2a", "홍길동", 2);
    desk.place("2b", "홍길동", 2);
    let several = MatchReason::Several {
        orders: vec![order("2a"), order("2b")],
    };
    assert_eq!(failed("several", "홍길동", 2), [several]);
    let mut future = new_order("3", "홍길동", 3);
    future.ordered_at = seoul("2026-03-02T10:01:01");
    stands(desk.verdict(placed(future)));
    let later = MatchReason::OrderedLater { order: order("3") };
    assert_eq!(failed("future", "홍길동", 3)[0], later);
    desk.place("4", "김철수", 4);
    let differs = MatchReason::NameDiffers { order: order("4") };
    assert_eq!(failed("other name", "이영희", 4), [differs]);
    desk.place("5", "박영수", 5);
    let amount = MatchReason::AmountDiffers {
        order: order("5"),
        amount: Won::new(5),
    };
    assert_eq!(failed("other amount", "박영수", 50), [amount]);
    desk.place("6", "나루페이먼츠", 6);
    let mut cut = paid("cut", "나루페이", 6);
    cut.payer.name_cut = true;
    let position = desk.pay(cut);
    let reason = MatchReason::NameCut { order: order("6") };
    assert_eq!(desk.reasons(position)[0], reason);
    desk.place("7", "정민수", 7);
    desk.exclude("7").expect("an exclusion");
    let excluded = MatchReason::Excluded { order: order("7") };
    assert_eq!(failed("excluded", "정민수", 7), [excluded]);
    desk.place("8", "최지우", 8);
    desk.days_later(15);
    assert!(matches!(
        desk.order("8").standing,
        OrderStanding::Expired { .. }
    ));
    let expired = MatchReason::Expired { order: order("8") };
    assert_eq!(failed("expired", "최지우", 8), [expired]);
    desk.assert_sound();
}

#[test]
fn two_weeks_are_inclusive_and_do_not_wait_for_the_pulse() {
    let desk = open();
    desk.place("1", "홍길동", 1);
    desk.place("2", "홍길동", 2);
    desk.wait_seconds(14 * 24 * 60 * 60 - 5);
    let position = desk.pay(paid("in time", "홍길동", 1));
    assert_eq!(desk.met(position).as_deref(), Some("1"));
    desk.wait_seconds(10);
    // No pulse has come yet, and the order is over all the same.
    let position = desk.pay(paid("too late", "홍길동", 2));
    assert_eq!(desk.met(position), None);
    assert!(desk.store.reads().pulse_due().unwrap());
    desk.assert_sound();
}

#[test]
fn spaces_count_where_the_merchant_says_so() {
    let desk = open();
    desk.decide_policies(PoliciesChange {
        ignore_inner_spaces: Some(false),
        ..PoliciesChange::default()
    });
    desk.place("1", "KIM A", 1);
    let position = desk.pay(paid("d1", "KIMA", 1));
    let reason = MatchReason::SpacesDiffer { order: number("1") };
    assert_eq!(desk.reasons(position), [reason]);
    let position = desk.pay(paid("d2", " KIM  A ", 1));
    assert_eq!(desk.met(position).as_deref(), Some("1"));
    desk.assert_sound();
}

#[test]
fn smart_matching_takes_the_oldest_or_the_newest() {
    for (mode, first, second) in [
        (MatchMode::Oldest, "old", "new"),
        (MatchMode::Newest, "new", "old"),
    ] {
        let desk = open();
        desk.decide_policies(PoliciesChange {
            mode: Some(mode),
            ..PoliciesChange::default()
        });
        // The newer one comes first: what counts is when it was ordered.
        let mut new = new_order("new", "홍길동", 1);
        new.ordered_at = seoul("2026-03-02T09:30:00");
        stands(desk.verdict(placed(new)));
        desk.place("old", "홍길동", 1);
        let mut future = new_order("future", "홍길동", 1);
        future.ordered_at = seoul("2026-03-02T10:05:00");
        stands(desk.verdict(placed(future)));
        let one = desk.pay(paid("d1", "홍길동", 1));
        assert_eq!(desk.met(one).as_deref(), Some(first));
        assert_eq!(desk.order(first).matched().unwrap().how, How::Smart);
        let two = desk.pay(paid("d2", "홍길동", 1));
        assert_eq!(desk.met(two).as_deref(), Some(second));
        assert_eq!(desk.order(second).matched().unwrap().how, How::Automatic);
        desk.assert_sound();
    }
}

#[test]
fn a_late_order_matches_only_where_the_merchant_lets_it() {
    let desk = open();
    let one = desk.pay(paid("d1", "홍길동", 1));
    desk.place("off", "홍길동", 1);
    assert_eq!(desk.met(one), None);
    desk.exclude("off").expect("an exclusion");
    desk.decide_policies(PoliciesChange {
        late_orders: Some(true),
        ..PoliciesChange::default()
    });
    let order = desk.place("on", "홍길동", 1);
    assert_eq!(order.matched().unwrap().how, How::LateOrder);
    assert_eq!(desk.met(one).as_deref(), Some("on"));
    // Met once, a deposit meets nothing else.
    assert!(desk.place("again", "홍길동", 1).matched().is_none());
    // Two that fit are too many.
    desk.pay(paid("d2", "김철수", 2));
    desk.pay(paid("d3", "김철수", 2));
    assert!(desk.place("two", "김철수", 2).matched().is_none());
    // One that was corrected fits nothing.
    desk.pay(paid("d4", "이영희", 4));
    let undone = corrected("d4", super::COLLECTS, 4, naru::domain::Mode::Notice);
    desk.verdict(undone).expect("a correction");
    assert!(desk.place("gone", "이영희", 4).matched().is_none());
    desk.assert_sound();
}

#[test]
fn a_correction_opens_the_order_again() {
    let desk = open();
    desk.place("1", "홍길동", 1);
    let first = desk.pay(paid("d1", "홍길동", 1));
    let undone = corrected("d1", super::COLLECTS, 1, naru::domain::Mode::Notice);
    let receipt = desk.send(undone);
    assert_eq!(receipt.verdict, Ok(Outcome::Corrected));
    assert!(matches!(
        &desk.told(receipt.position)[..],
        [OrderEvent::Unmatched { deposit, .. }] if deposit.position == first
    ));
    assert_eq!(desk.order("1").standing, OrderStanding::Open);
    assert_eq!(desk.met(first), None);
    let second = desk.pay(paid("d2", "홍길동", 1));
    assert_eq!(desk.met(second).as_deref(), Some("1"));
    desk.assert_sound();
}

#[test]
fn a_deposit_that_finds_its_correction_waiting_meets_nothing() {
    let desk = open();
    desk.place("1", "홍길동", 1);
    let undone = corrected("d1", super::COLLECTS, 1, naru::domain::Mode::Notice);
    desk.verdict(undone).expect("a tombstone");
    let position = desk.pay(paid("d1", "홍길동", 1));
    assert_eq!(desk.told(position), []);
    assert_eq!(desk.order("1").standing, OrderStanding::Open);
    let seen = desk
        .store
        .reads()
        .account_seen(&crate::support::account_key(super::COLLECTS));
    assert_eq!(seen.unwrap().unwrap().balance, Won::ZERO);
    desk.assert_sound();
}

#[test]
fn other_accounts_meet_no_orders() {
    let desk = open();
    desk.issue("fixed", AccountKind::Fixed, |_| {});
    desk.place("1", "홍길동", 1);
    let mut elsewhere = paid("d1", "홍길동", 1);
    elsewhere.account = crate::support::account_key("fixed");
    let position = desk.pay(elsewhere);
    assert_eq!((desk.met(position), desk.told(position)), (None, vec![]));
    let terms = account("fixed", AccountKind::Fixed).terms;
    assert!(
        Account::new(crate::support::account_key("fixed"), terms)
            .used_by
            .is_none()
    );
    desk.assert_sound();
}

#[test]
fn a_name_code_tells_two_orders_apart() {
    let desk = open();
    desk.place("1", "홍길동", 1);
    desk.place("2", "홍길동", 1);
    let mint = |text: &str| {
        let command = OrderCommand::MintNameCode {
            merchant: merchant(),
            number: number(text),
            dice: 7,
            by: super::program(),
        };
        match desk.order_command(command) {
            Ok(Outcome::Order(OrderOutcome::NameCode(code))) => code,
            other => panic!("a code, not {other:?}"),
        }
    };
    let (one, two) = (mint("1"), mint("2"));
    assert_ne!(one, two);
    assert_eq!(mint("1"), one);
    assert_eq!(name_code::is_right(&two), Some(true));
    // By name there are still two; by code there is one.
    let by_name = desk.pay(paid("d1", "홍길동", 1));
    assert_eq!(desk.met(by_name), None);
    let by_code = desk.pay(paid("d2", &two, 1));
    assert_eq!(desk.met(by_code).as_deref(), Some("2"));
    let now_one = desk.pay(paid("d3", "홍길동", 1));
    assert_eq!(desk.met(now_one).as_deref(), Some("1"));
    desk.assert_sound();
}

#[test]
fn candidates_are_ranked_with_their_reasons() {
    let desk = open();
    desk.place("same", "홍길동", 19_000);
    desk.place("twice", "홍길동", 19_000);
    desk.place("near", "홍길순", 19_000);
    desk.place("other", "김철수", 5);
    let position = desk.pay(paid("d1", "홍길동", 19_000));
    desk.place("late", "홍길동", 19_000);
    let (owner, ranked) = desk.store.reads().candidates(position).unwrap().unwrap();
    assert_eq!(owner, merchant());
    let told: Vec<_> = ranked
        .iter()
        .map(|one| (one.number.as_str(), one.score))
        .collect();
    let expected = [("same", 100), ("twice", 100), ("late", 95), ("near", 75)];
    assert_eq!(told, expected);
    assert!(
        ranked[2]
            .reasons
            .iter()
            .any(|reason| reason.contains("늦게"))
    );
    assert_eq!(desk.store.reads().candidates(9_999).unwrap(), None);
}
