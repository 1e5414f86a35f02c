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

#[test]
fn a_line_is_met_by_name_amount_and_time() {
    type Change = &'static dyn Fn(&mut Waiting, &mut Arrival);
    let strict = MatchingPolicy {
        ignore_inner_spaces: false,
        ..policy()
    };
    let fits = |change: &dyn Fn(&mut Waiting, &mut Arrival)| {
        let (mut line, mut deposit) = (order("1", "홍길동", 19_000), arrival("홍길동"));
        change(&mut line, &mut deposit);
        (
            deposit.meets(&line, &policy()),
            deposit.meets(&line, &strict),
        )
    };
    let cases: [(&str, Change, (bool, bool)); 14] = [
        ("as it is", &|_, _| {}, (true, true)),
        (
            "ends trimmed",
            &|_, told| told.name = "  홍길동 ".into(),
            (true, true),
        ),
        (
            "width",
            &|line, told| {
                line.name = "ＫＩＭ".into();
                told.name = "KIM".into();
            },
            (true, true),
        ),
        (
            "inner space",
            &|_, told| told.name = "홍 길동".into(),
            (true, false),
        ),
        (
            "case",
            &|line, told| {
                line.name = "kim".into();
                told.name = "KIM".into();
            },
            (false, false),
        ),
        (
            "amount",
            &|line, _| line.amount = Won::new(19_001),
            (false, false),
        ),
        (
            "cut name",
            &|_, told| {
                told.name = "홍길".into();
                told.name_cut = true;
            },
            (false, false),
        ),
        (
            "equal though cut",
            &|_, told| told.name_cut = true,
            (true, true),
        ),
        (
            "60 s after",
            &|line, _| line.ordered_at = at(60),
            (true, true),
        ),
        (
            "61 s after",
            &|line, _| line.ordered_at = at(61),
            (false, false),
        ),
        (
            "last instant",
            &|line, _| line.ends_at = at(1),
            (true, true),
        ),
        ("over", &|line, _| line.ends_at = at(0), (false, false)),
        (
            "excluded",
            &|line, _| line.shelf = Shelf::Excluded,
            (false, false),
        ),
        (
            "matched",
            &|line, _| line.shelf = Shelf::Matched,
            (false, false),
        ),
    ];
    for (what, change, expected) in cases {
        assert_eq!(fits(change), expected, "{what}");
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

#[test]
fn every_reason_of_the_faq_is_told() {
    let number = |text: &str| OrderNumber::new(text).unwrap();
    let said = |deposit: &Arrival, near: Vec<Waiting>| {
        let facts = MatchFacts {
            near,
            ..MatchFacts::default()
        };
        let spaces_count = MatchingPolicy {
            ignore_inner_spaces: false,
            ..policy()
        };
        reasons(deposit, &spaces_count, &facts)
    };
    let hong = arrival("홍길동");
    let same = |change: &dyn Fn(&mut Waiting)| {
        let mut line = order("1", "홍길동", 19_000);
        change(&mut line);
        vec![line]
    };
    let one = || number("1");
    assert_eq!(said(&hong, vec![]), [MatchReason::NoOrder]);
    assert_eq!(said(&arrival(" "), same(&|_| {})), [MatchReason::NoName]);
    let cases: [(Vec<Waiting>, MatchReason); 8] = [
        (
            same(&|line| line.shelf = Shelf::Expired),
            MatchReason::Expired { order: one() },
        ),
        (
            same(&|line| line.ends_at = at(0)),
            MatchReason::Expired { order: one() },
        ),
        (
            same(&|line| line.shelf = Shelf::Excluded),
            MatchReason::Excluded { order: one() },
        ),
        (
            same(&|line| line.shelf = Shelf::Matched),
            MatchReason::PaidBefore { order: one() },
        ),
        (
            same(&|line| line.ordered_at = at(61)),
            MatchReason::OrderedLater { order: one() },
        ),
        (
            same(&|line| line.name = "홍 길동".into()),
            MatchReason::SpacesDiffer { order: one() },
        ),
        (
            same(&|line| line.name = "김철수".into()),
            MatchReason::NameDiffers { order: one() },
        ),
        (
            same(&|line| line.amount = Won::new(1)),
            MatchReason::AmountDiffers {
                order: one(),
                amount: Won::new(1),
            },
        ),
    ];
    for (near, reason) in cases {
        assert_eq!(said(&hong, near), [reason]);
    }
    let cut = Arrival {
        name_cut: true,
        ..arrival("홍길")
    };
    assert_eq!(
        said(&cut, same(&|_| {})),
        [MatchReason::NameCut { order: one() }]
    );
    // What has nothing to do with the deposit is no reason.
    assert_eq!(
        said(&hong, vec![order("2", "김철수", 1)]),
        [MatchReason::NoOrder]
    );
    let facts = MatchFacts {
        eligible: vec![order("1", "홍길동", 19_000), order("2", "홍길동", 19_000)],
        ..MatchFacts::default()
    };
    let several = MatchReason::Several {
        orders: vec![number("1"), number("2")],
    };
    assert_eq!(reasons(&hong, &policy(), &facts), [several]);
}
