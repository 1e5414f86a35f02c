//! Many orders of one name and amount: whatever was matched before, automatically or by hand, and
//! undone again, the next deposit meets the right one. Lines of matched orders are cleared away
//! late, and nobody may notice.

use naru::domain::{MatchMode, MatchReason, PoliciesChange};

use super::{Desk, open, paid};
use crate::support::merchant;

const CROWD: usize = 120;

/// A shop where `CROWD` customers of one name wait for one amount, from `0` on.
fn crowd(mode: MatchMode) -> Desk {
    let desk = open();
    desk.decide_policies(PoliciesChange {
        mode: Some(mode),
        ..PoliciesChange::default()
    });
    for number in 0..CROWD {
        desk.place(&number.to_string(), "홍길동", 10_000);
    }
    desk
}

/// Pays once more and tells which order was met.
fn pay(desk: &Desk, turn: usize) -> Option<usize> {
    let position = desk.pay(paid(&format!("p{turn}"), "홍길동", 10_000));
    desk.met(position).map(|number| number.parse().unwrap())
}

#[test]
fn each_deposit_meets_the_next_one() {
    for mode in [MatchMode::Oldest, MatchMode::Newest] {
        let desk = crowd(mode);
        let met: Vec<usize> = (0..CROWD).filter_map(|turn| pay(&desk, turn)).collect();
        let mut due: Vec<usize> = (0..CROWD).collect();
        if mode == MatchMode::Newest {
            due.reverse();
        }
        assert_eq!(met, due, "{mode:?}");
        // Nobody waits any more, and it is said that they were paid.
        let position = desk.pay(paid("more", "홍길동", 10_000));
        assert_eq!(desk.met(position), None);
        let reasons = desk.reasons(position);
        assert!(
            reasons
                .iter()
                .all(|reason| matches!(reason, MatchReason::PaidBefore { .. })),
            "{reasons:?}"
        );
        desk.assert_sound();
    }
}

#[test]
fn hands_may_have_taken_some_out_of_the_middle_and_put_them_back() {
    for mode in [MatchMode::Oldest, MatchMode::Newest] {
        let desk = crowd(mode);
        let by_hand: Vec<(usize, u64)> = (30..90)
            .map(|number| {
                let name = format!("아무개{number}");
                let position = desk.pay(paid(&format!("h{number}"), &name, 10_000));
                let receipt = desk.match_by_hand(position, merchant(), &number.to_string());
                assert!(receipt.verdict.is_ok());
                (number, position)
            })
            .collect();
        for (number, position) in &by_hand {
            if number % 7 == 0 {
                assert!(desk.undo(*position).is_ok());
            }
        }
        let mut due: Vec<usize> = (0..CROWD)
            .filter(|number| !(30..90).contains(number) || number % 7 == 0)
            .collect();
        if mode == MatchMode::Newest {
            due.reverse();
        }
        let met: Vec<usize> = (0..CROWD).map_while(|turn| pay(&desk, turn)).collect();
        assert_eq!(met, due, "{mode:?}");
        desk.assert_sound();
    }
}

#[test]
fn without_smart_matching_the_last_one_that_waits_is_the_only_one() {
    let desk = crowd(MatchMode::Exact);
    for number in 1..CROWD {
        let position = desk.pay(paid(&format!("h{number}"), "아무개", 10_000));
        let receipt = desk.match_by_hand(position, merchant(), &number.to_string());
        assert!(receipt.verdict.is_ok());
    }
    assert_eq!(pay(&desk, 0), Some(0));
    assert_eq!(pay(&desk, 1), None);
    desk.assert_sound();
}
