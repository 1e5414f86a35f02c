//! Deposits out of the ordinary: partial, over, late, duplicate; and one-time accounts with their
//! orders.

use naru::domain::{
    AccountKind, BankChoice, Command, Deposit, How, Judgement, LedgerAccount, MatchReason, Mode,
    NewAccount, OrderEvent, OrderStanding, PoliciesChange, Reaction, SuspenseReason, Won,
};
use naru::store::DepositStatus;

use super::{Desk, new_order, number, open, paid, placed, program, stands};
use crate::support::{account_key, bank, corrected, deposit, merchant};

/// What the record of a deposit says is out of the ordinary.
pub(super) fn judged(desk: &Desk, position: u64) -> Option<(Judgement, Reaction)> {
    desk.told(position)
        .into_iter()
        .find_map(|event| match event {
            OrderEvent::Judged {
                judgement,
                reaction,
                ..
            } => Some((judgement, reaction)),
            _ => None,
        })
}

pub(super) fn status(desk: &Desk, position: u64) -> DepositStatus {
    let seen = desk.store.reads().deposit_seen(position).unwrap();
    seen.expect("a deposit").status()
}

pub(super) fn owed(desk: &Desk) -> u64 {
    let payable = LedgerAccount::MerchantPayable(merchant());
    let (net, side) = desk.store.reads().balance(&payable).unwrap().net();
    assert_eq!(side, "credit");
    net.digits()
}

pub(super) fn parked(desk: &Desk) -> u64 {
    let suspense = LedgerAccount::Suspense(bank(crate::support::BANK));
    desk.store
        .reads()
        .balance(&suspense)
        .unwrap()
        .net()
        .0
        .digits()
}

/// Books with one account of 10,000 won, give or take 100, of each kind.
pub(super) fn agreed() -> Desk {
    let desk = open();
    for (name, kind) in [
        ("once", AccountKind::OneTime),
        ("fixed", AccountKind::Fixed),
    ] {
        desk.issue(name, kind, |row| {
            row.terms.amount = Won::new(10_000);
            row.terms.tolerance = Won::new(100);
        });
    }
    desk
}

pub(super) fn into(trace: &str, account: &str, amount: u64) -> Deposit {
    deposit(trace, account, amount)
}

#[test]
fn every_policy_does_what_it_says() {
    use Judgement::{Duplicate, Late, Over, Partial};
    use Reaction::{Accept, Refund, Suspense, Wait};
    let policy = |partial, over, late, duplicate| PoliciesChange {
        partial,
        over,
        late,
        duplicate,
        ..PoliciesChange::default()
    };
    let all = |reaction| {
        policy(
            Some(reaction),
            Some(reaction),
            Some(reaction),
            Some(reaction),
        )
    };
    let none = || policy(None, None, None, None);
    let parks = policy(Some(Refund), Some(Suspense), Some(Suspense), Some(Suspense));
    // The decisions, then what is done about too little, too much, too late and a second time.
    let cases = [
        (none(), [Wait, Suspense, Suspense, Suspense]),
        (all(Accept), [Accept; 4]),
        (all(Refund), [Refund; 4]),
        (parks, [Refund, Suspense, Suspense, Suspense]),
    ];
    for (change, expected) in cases {
        let desk = agreed();
        desk.decide_policies(change);
        desk.issue("over", AccountKind::Fixed, |row| {
            row.terms.expires_at = Some(naru::domain::Timestamp::from_micros(0));
        });
        desk.pay(into("ok", "once", 10_100));
        let deposits = [
            (Partial, into("partial", "fixed", 9_899)),
            (Over, into("over", "fixed", 10_101)),
            (Late, into("late", "over", 5)),
            (Duplicate, into("again", "once", 10_000)),
        ];
        for ((judgement, one), reaction) in deposits.into_iter().zip(expected) {
            let position = desk.pay(one);
            assert_eq!(judged(&desk, position), Some((judgement, reaction)));
            let stands = match reaction {
                Accept => DepositStatus::Completed,
                Wait | Refund | Suspense => DepositStatus::Pending,
            };
            assert_eq!(
                status(&desk, position),
                stands,
                "{judgement:?} {reaction:?}"
            );
        }
        desk.assert_sound();
    }
}

#[test]
fn a_policy_waives_its_own_rule_and_no_other() {
    let desk = agreed();
    desk.decide_policies(PoliciesChange {
        over: Some(Reaction::Accept),
        per_deposit: Some(Some(Won::new(11_000))),
        ..PoliciesChange::default()
    });
    let fine = desk.pay(into("1", "fixed", 11_000));
    assert_eq!(status(&desk, fine), DepositStatus::Completed);
    let too_much = desk.pay(into("2", "fixed", 11_001));
    assert_eq!(status(&desk, too_much), DepositStatus::Pending);
    let said = judged(&desk, too_much);
    assert_eq!(said, Some((Judgement::Over, Reaction::Suspense)));
    desk.assert_sound();
}

#[test]
fn parts_wait_until_the_rest_has_come() {
    for name in ["once", "fixed"] {
        let desk = agreed();
        let first = desk.pay(into("1", name, 3_000));
        let second = desk.pay(into("2", name, 3_000));
        assert_eq!((owed(&desk), parked(&desk)), (0, 6_000));
        let third = desk.pay(into("3", name, 4_050));
        for position in [first, second, third] {
            assert_eq!(status(&desk, position), DepositStatus::Completed, "{name}");
        }
        assert_eq!((owed(&desk), parked(&desk)), (10_050, 0));
        let seen = desk.store.reads().account_seen(&account_key(name)).unwrap();
        assert_eq!(seen.unwrap().balance, Won::new(10_050));
        // A fixed account begins anew; a one-time account is used up.
        let next = desk.pay(into("4", name, 3_000));
        let expected = match name {
            "once" => Judgement::Duplicate,
            _ => Judgement::Partial,
        };
        assert_eq!(judged(&desk, next).map(|(what, _)| what), Some(expected));
        desk.assert_sound();
    }
}

#[test]
fn parts_that_come_to_too_much_go_by_the_policy_for_that() {
    let desk = agreed();
    desk.pay(into("1", "once", 9_000));
    let too_much = desk.pay(into("2", "once", 2_000));
    let said = judged(&desk, too_much);
    assert_eq!(said, Some((Judgement::Over, Reaction::Suspense)));
    assert_eq!((owed(&desk), parked(&desk)), (0, 11_000));
    desk.decide_policies(PoliciesChange {
        over: Some(Reaction::Accept),
        ..PoliciesChange::default()
    });
    desk.pay(into("3", "once", 2_000));
    assert_eq!((owed(&desk), parked(&desk)), (11_000, 2_000));
    desk.assert_sound();
}

#[test]
fn a_part_that_is_undone_counts_no_more() {
    let desk = agreed();
    desk.pay(into("1", "once", 6_000));
    desk.verdict(corrected("1", "once", 6_000, Mode::Notice))
        .expect("a correction");
    let rest = desk.pay(into("2", "once", 4_000));
    assert_eq!(status(&desk, rest), DepositStatus::Pending);
    desk.pay(into("3", "once", 6_000));
    assert_eq!((owed(&desk), parked(&desk)), (10_000, 0));
    // The rest is undone: the account waits again, and the part that stays counts.
    desk.verdict(corrected("3", "once", 6_000, Mode::Notice))
        .expect("a correction");
    assert_eq!((owed(&desk), parked(&desk)), (4_000, 0));
    desk.pay(into("4", "once", 6_000));
    assert_eq!((owed(&desk), parked(&desk)), (10_000, 0));
    desk.assert_sound();
}

/// A one-time account of 10,000 won for the order `1`.
pub(super) fn for_order(desk: &Desk) -> String {
    let new = NewAccount {
        merchant: merchant(),
        kind: Some(AccountKind::OneTime),
        bank: BankChoice::Default,
        amount: Some(Won::new(10_000)),
        any_amount: false,
        expires_at: None,
        expires_as_sent: None,
        holder_name: None,
        depositor_name: None,
        limits: naru::domain::Limits::default(),
        order: Some(number("1")),
        user: None,
        by: program(),
    };
    super::issuing::issued(desk, new)
        .0
        .key
        .number
        .as_str()
        .to_owned()
}

pub(super) fn with_numbers() -> Desk {
    let desk = super::issuing::open();
    desk.issue(super::COLLECTS, AccountKind::Matching, |_| {});
    desk
}

#[test]
fn a_one_time_account_meets_its_order_by_the_amount_alone() {
    for order_first in [true, false] {
        let desk = with_numbers();
        let place = || stands(desk.verdict(placed(new_order("1", "홍길동", 10_000))));
        if order_first {
            place();
        }
        let account = for_order(&desk);
        if !order_first {
            place();
        }
        // Under its own name and amount it does not meet a matching account's deposit.
        let stray = desk.pay(paid("stray", "홍길동", 10_000));
        assert_eq!(desk.met(stray), None);
        let mut other_name = into("d1", &account, 10_000);
        other_name.payer.name = "아무개".to_owned();
        let position = desk.pay(other_name);
        assert_eq!(desk.order("1").matched().unwrap().how, How::OneTime);
        assert_eq!(desk.met(position).as_deref(), Some("1"));
        desk.verdict(corrected("d1", &account, 10_000, Mode::Notice))
            .expect("a correction");
        assert_eq!(desk.order("1").standing, OrderStanding::Open);
        let again = desk.pay(into("d2", &account, 10_000));
        assert_eq!(desk.met(again).as_deref(), Some("1"));
        desk.assert_sound();
    }
}

#[test]
fn parts_pay_an_order_together_and_fall_apart_together() {
    let desk = with_numbers();
    stands(desk.verdict(placed(new_order("1", "홍길동", 10_000))));
    let account = for_order(&desk);
    desk.pay(into("d1", &account, 4_000));
    assert_eq!(desk.order("1").standing, OrderStanding::Open);
    let rest = desk.pay(into("d2", &account, 6_000));
    assert_eq!(desk.met(rest).as_deref(), Some("1"));
    desk.verdict(corrected("d1", &account, 4_000, Mode::Notice))
        .expect("a correction");
    assert_eq!(desk.order("1").standing, OrderStanding::Open);
    desk.assert_sound();
}

#[test]
fn money_for_an_order_that_is_out_is_late() {
    let desk = with_numbers();
    stands(desk.verdict(placed(new_order("1", "홍길동", 10_000))));
    let account = for_order(&desk);
    desk.exclude("1").expect("an exclusion");
    let late = desk.pay(into("d1", &account, 10_000));
    let said = judged(&desk, late);
    assert_eq!(said, Some((Judgement::Late, Reaction::Suspense)));
    let seen = desk.store.reads().deposit_seen(late).unwrap().unwrap();
    let reason = naru::domain::Credit::Suspense(SuspenseReason::OrderOver);
    assert_eq!(seen.row.credit, reason);
    desk.decide_policies(PoliciesChange {
        late: Some(Reaction::Accept),
        ..PoliciesChange::default()
    });
    let taken = desk.pay(into("d2", &account, 10_000));
    assert_eq!(status(&desk, taken), DepositStatus::Completed);
    assert_eq!(desk.met(taken), None);
    desk.assert_sound();
}

#[test]
fn the_same_payment_again_is_told_and_taken_by_default() {
    let desk = open();
    desk.place("1", "홍길동", 1);
    desk.pay(paid("d1", "홍길동", 1));
    let again = desk.pay(paid("d2", "홍길동", 1));
    let said = judged(&desk, again);
    assert_eq!(said, Some((Judgement::Duplicate, Reaction::Accept)));
    assert_eq!(status(&desk, again), DepositStatus::Completed);
    let reason = MatchReason::PaidBefore { order: number("1") };
    assert_eq!(desk.reasons(again), [reason]);
    desk.decide_policies(PoliciesChange {
        duplicate: Some(Reaction::Refund),
        ..PoliciesChange::default()
    });
    let sent_back = desk.pay(paid("d3", "홍길동", 1));
    assert_eq!(status(&desk, sent_back), DepositStatus::Pending);
    // With a new order it is no repetition.
    desk.place("2", "홍길동", 1);
    let fresh = desk.pay(paid("d4", "홍길동", 1));
    assert_eq!(desk.met(fresh).as_deref(), Some("2"));
    desk.assert_sound();
}

#[test]
fn what_comes_too_late_for_its_order_is_told_and_taken_by_default() {
    let desk = open();
    for out in ["1", "2", "3"] {
        desk.place(out, "홍길동", 1);
        desk.exclude(out).expect("an exclusion");
    }
    desk.place("4", "김철수", 2);
    let late = desk.pay(paid("d1", "홍길동", 1));
    let said = judged(&desk, late);
    assert_eq!(said, Some((Judgement::Late, Reaction::Accept)));
    assert_eq!(status(&desk, late), DepositStatus::Completed);
    assert!(matches!(
        desk.reasons(late)[0],
        MatchReason::Excluded { .. }
    ));
    desk.decide_policies(PoliciesChange {
        late: Some(Reaction::Refund),
        ..PoliciesChange::default()
    });
    desk.days_later(15);
    let refund = Some((Judgement::Late, Reaction::Refund));
    for (trace, name, amount) in [("d2", "홍길동", 1), ("d3", "김철수", 2)] {
        let position = desk.pay(paid(trace, name, amount));
        assert_eq!(judged(&desk, position), refund, "{name}");
        assert_eq!(status(&desk, position), DepositStatus::Pending, "{name}");
    }
    // While another order of the name and amount waits nobody can say that it is late.
    desk.place("5", "김철수", 2);
    desk.place("6", "김철수", 2);
    let several = desk.pay(paid("d4", "김철수", 2));
    assert_eq!(judged(&desk, several), None);
    // What was over long ago has nothing to do with it.
    for out in ["5", "6"] {
        desk.exclude(out).expect("an exclusion");
    }
    desk.days_later(30);
    let much_later = desk.pay(paid("d5", "김철수", 2));
    assert_eq!(judged(&desk, much_later), None);
    assert_eq!(status(&desk, much_later), DepositStatus::Completed);
    desk.assert_sound();
}

#[test]
fn a_policy_that_does_not_know_a_reaction_is_refused() {
    let desk = open();
    for change in [
        PoliciesChange {
            partial: Some(Reaction::Suspense),
            ..PoliciesChange::default()
        },
        PoliciesChange {
            over: Some(Reaction::Wait),
            ..PoliciesChange::default()
        },
        PoliciesChange {
            max_age_days: Some(0),
            ..PoliciesChange::default()
        },
    ] {
        let command = naru::domain::PolicyCommand::SetPolicies {
            merchant: merchant(),
            change: Box::new(change),
            by: super::operator(),
        };
        let verdict = desk.verdict(Command::Policy(Box::new(command)));
        assert_eq!(
            verdict,
            super::refused(naru::domain::MerchantRefusal::PolicyInvalid)
        );
    }
}
