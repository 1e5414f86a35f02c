//! Tables of cases: which order a deposit meets, and what is said where it meets none.

use super::*;
use crate::domain::Policies;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_772_413_200_000_000).plus_seconds(seconds)
}

fn order(number: &str, name: &str, amount: u64) -> Waiting {
    Waiting {
        number: OrderNumber::new(number).unwrap(),
        name: name.to_owned(),
        amount: Won::new(amount),
        ordered_at: at(-100),
        position: 1,
        ends_at: at(1000),
        shelf: Shelf::Open,
    }
}

fn arrival(name: &str) -> Arrival {
    Arrival {
        name: name.to_owned(),
        name_cut: false,
        amount: Won::new(19_000),
        paid_at: at(0),
        now: at(1),
    }
}

fn policy() -> MatchingPolicy {
    Policies::default().matching
}

/// Whether the two meet, where inner spaces count for nothing and where they count.
fn meet(line: &Waiting, deposit: &Arrival) -> (bool, bool) {
    let strict = MatchingPolicy {
        ignore_inner_spaces: false,
        ..policy()
    };
    let mild = deposit.meets(line, &policy());
    (mild, deposit.meets(line, &strict))
}

#[test]
fn names_meet_as_people_mean_them() {
    let (both, mild, none) = ((true, true), (true, false), (false, false));
    for (asked, told, expected) in [
        ("홍길동", "홍길동", both),
        ("홍길동", "  홍길동 ", both),
        ("ＫＩＭ", "KIM", both),
        ("홍길동", "홍 길동", mild),
        ("KIM A", "KIM  A", both),
        ("kim", "KIM", none),
        ("홍길동", "홍길", none),
        ("(주)나루", "나루", none),
    ] {
        let line = order("1", asked, 19_000);
        assert_eq!(meet(&line, &arrival(told)), expected, "{asked} {told}");
        // A name that fills its field is no other name.
        let full = Arrival {
            name_cut: true,
            ..arrival(told)
        };
        assert_eq!(meet(&line, &full), expected, "{asked} {told}, full");
    }
}

#[test]
fn a_line_is_met_by_its_amount_in_its_time() {
    // Amount, ordered so many seconds after the deposit, over so many seconds after it.
    for (amount, ordered, ends, expected) in [
        (19_000, -100, 1_000, true),
        (19_001, -100, 1_000, false),
        (18_999, -100, 1_000, false),
        (19_000, 60, 1_000, true),
        (19_000, 61, 1_000, false),
        (19_000, -100, 1, true),
        (19_000, -100, 0, false),
    ] {
        let line = Waiting {
            ordered_at: at(ordered),
            ends_at: at(ends),
            ..order("1", "홍길동", amount)
        };
        let met = meet(&line, &arrival("홍길동"));
        assert_eq!(met, (expected, expected), "{amount} {ordered} {ends}");
    }
    for shelf in [Shelf::Matched, Shelf::Excluded, Shelf::Expired] {
        let line = Waiting {
            shelf,
            ..order("1", "홍길동", 19_000)
        };
        assert_eq!(meet(&line, &arrival("홍길동")), (false, false), "{shelf:?}");
    }
}

#[test]
fn one_is_met_and_of_several_the_one_the_merchant_wants() {
    let line = |number: &str, ordered: i64, position: u64| Waiting {
        ordered_at: at(ordered),
        position,
        ..order(number, "홍길동", 19_000)
    };
    let pick = |lines: &[Waiting], mode| {
        choose(lines, mode).map(|(line, how)| (line.number.as_str().to_owned(), how))
    };
    let one = [line("1", 0, 1)];
    let three = [line("1", 5, 1), line("2", 0, 2), line("3", 5, 3)];
    for mode in [MatchMode::Exact, MatchMode::Oldest, MatchMode::Newest] {
        assert_eq!(pick(&[], mode), None);
        assert_eq!(pick(&one, mode), Some(("1".into(), How::Automatic)));
    }
    assert_eq!(pick(&three, MatchMode::Exact), None);
    assert_eq!(
        pick(&three, MatchMode::Oldest),
        Some(("2".into(), How::Smart))
    );
    // Ordered at the same time: the one received later is the newer.
    assert_eq!(
        pick(&three, MatchMode::Newest),
        Some(("3".into(), How::Smart))
    );
    // Two names of one order are one order.
    let twice = [line("1", 0, 1), line("1", 0, 1)];
    assert_eq!(
        pick(&twice, MatchMode::Exact),
        Some(("1".into(), How::Automatic))
    );
}

/// What is said of a deposit that met none of these, where inner spaces count.
fn said(deposit: &Arrival, near: Vec<Waiting>) -> Vec<MatchReason> {
    let facts = MatchFacts {
        near,
        ..MatchFacts::default()
    };
    let spaces_count = MatchingPolicy {
        ignore_inner_spaces: false,
        ..policy()
    };
    reasons(deposit, &spaces_count, &facts)
}

#[test]
fn every_reason_of_the_faq_is_told() {
    let one = || OrderNumber::new("1").unwrap();
    let same = || order("1", "홍길동", 19_000);
    let shelved = |shelf| Waiting { shelf, ..same() };
    let over = Waiting {
        ends_at: at(0),
        ..same()
    };
    let later = Waiting {
        ordered_at: at(61),
        ..same()
    };
    let differs = MatchReason::AmountDiffers {
        order: one(),
        amount: Won::new(1),
    };
    let cases = [
        (
            shelved(Shelf::Expired),
            MatchReason::Expired { order: one() },
        ),
        (over, MatchReason::Expired { order: one() }),
        (
            shelved(Shelf::Excluded),
            MatchReason::Excluded { order: one() },
        ),
        (
            shelved(Shelf::Matched),
            MatchReason::PaidBefore { order: one() },
        ),
        (later, MatchReason::OrderedLater { order: one() }),
        (
            order("1", "홍 길동", 19_000),
            MatchReason::SpacesDiffer { order: one() },
        ),
        (
            order("1", "김철수", 19_000),
            MatchReason::NameDiffers { order: one() },
        ),
        (order("1", "홍길동", 1), differs),
    ];
    for (near, reason) in cases {
        assert_eq!(said(&arrival("홍길동"), vec![near]), [reason]);
    }
}

#[test]
fn where_nothing_came_close_that_is_said() {
    let hong = arrival("홍길동");
    assert_eq!(said(&hong, vec![]), [MatchReason::NoOrder]);
    let stranger = order("2", "김철수", 1);
    assert_eq!(said(&hong, vec![stranger]), [MatchReason::NoOrder]);
    let same = order("1", "홍길동", 19_000);
    assert_eq!(
        said(&arrival(" "), vec![same.clone()]),
        [MatchReason::NoName]
    );
    let cut = Arrival {
        name_cut: true,
        ..arrival("홍길")
    };
    let order_one = OrderNumber::new("1").unwrap();
    let reason = MatchReason::NameCut { order: order_one };
    assert_eq!(said(&cut, vec![same]), [reason]);
}

#[test]
fn several_are_named() {
    let lines = ["1", "2", "2"].map(|number| order(number, "홍길동", 19_000));
    let facts = MatchFacts {
        eligible: lines.into(),
        ..MatchFacts::default()
    };
    let orders = ["1", "2"].map(|number| OrderNumber::new(number).unwrap());
    let several = MatchReason::Several {
        orders: orders.into(),
    };
    assert_eq!(reasons(&arrival("홍길동"), &policy(), &facts), [several]);
}
