//! A deposit is a fact: booked once, wherever it belongs, and never refused for a business reason.

use naru::domain::{
    AccountKind, Balance, LedgerAccount, Outcome, Refusal, Standing, SuspenseReason, Timestamp, Won,
};

use crate::support::{BANK, Desk, account_key, bank, deposit, deposited, key, merchant, totals};

fn credits(won: u64) -> Balance {
    Balance {
        debits: Won::ZERO,
        credits: Won::new(won),
    }
}

#[test]
fn a_deposit_is_booked_on_both_sides() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    assert_eq!(
        desk.verdict(deposited("1", "111", 5000)),
        Ok(Outcome::Booked)
    );
    let reads = desk.store.reads();
    let payable = LedgerAccount::MerchantPayable(merchant());
    assert_eq!(reads.balance(&payable).unwrap(), credits(5000));
    let clearing = reads
        .balance(&LedgerAccount::BankClearing(bank(BANK)))
        .unwrap();
    assert_eq!(clearing.debits, Won::new(5000));
    assert_eq!(desk.totals("20260302", BANK), totals((1, 5000), (0, 0)));
    desk.assert_sound();
}

#[test]
fn the_same_amount_three_times_is_three_deposits() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    for trace_no in ["1", "2", "3"] {
        assert_eq!(
            desk.verdict(deposited(trace_no, "111", 100)),
            Ok(Outcome::Booked)
        );
    }
    assert_eq!(desk.totals("20260302", BANK), totals((3, 300), (0, 0)));
}

#[test]
fn a_repeat_is_answered_and_not_booked_also_after_a_restart() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    let first = desk.send(deposited("1", "111", 5000));
    assert!(!first.repeated);
    let mut again = deposit("1", "111", 5000);
    again.send_count = 2;
    again.resent = true;
    again.payer.name = "다른이름".to_owned();
    let repeat = desk.send(naru::domain::Command::Deposit(Box::new(again)));
    assert!(repeat.repeated);
    assert_eq!(repeat.verdict, Ok(Outcome::Booked));
    let (memory, clock) = (desk.memory.clone(), desk.clock.clone());
    desk.store.close().expect("an orderly end");
    let desk = Desk::reopen(memory, clock, |_| {});
    assert!(desk.send(deposited("1", "111", 5000)).repeated);
    assert_eq!(desk.totals("20260302", BANK), totals((1, 5000), (0, 0)));
}

#[test]
fn repeats_and_conflicts_inside_one_batch_are_seen() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    let ledger = desk.store.ledger();
    let commands = [
        deposited("1", "111", 5000),
        deposited("1", "111", 5000),
        deposited("1", "111", 5001),
    ];
    let pending: Vec<_> = commands
        .into_iter()
        .map(|command| ledger.submit(command).expect("a place"))
        .collect();
    let verdicts: Vec<_> = pending
        .into_iter()
        .map(|pending| pending.wait().expect("a receipt").verdict)
        .collect();
    let expected = [
        Ok(Outcome::Booked),
        Ok(Outcome::Booked),
        Err(Refusal::KeyReused),
    ];
    assert_eq!(verdicts, expected);
    assert_eq!(desk.totals("20260302", BANK), totals((1, 5000), (0, 0)));
}

#[test]
fn a_number_used_again_for_something_else_is_recorded_once_and_never_booked() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    desk.issue("222", AccountKind::Fixed, |_| {});
    desk.send(deposited("1", "111", 5000));
    for _ in 0..3 {
        assert_eq!(
            desk.verdict(deposited("1", "111", 5001)),
            Err(Refusal::KeyReused)
        );
        assert_eq!(
            desk.verdict(deposited("1", "222", 5000)),
            Err(Refusal::KeyReused)
        );
    }
    let overview = desk.store.reads().overview().unwrap();
    assert_eq!(overview.exceptions.len(), 2);
    assert_eq!(desk.totals("20260302", BANK), totals((1, 5000), (0, 0)));
    desk.assert_sound();
}

#[test]
fn only_a_foreign_institution_is_refused() {
    let desk = Desk::open();
    let mut foreign = deposit("1", "111", 5000);
    foreign.key.institution = "30000004".to_owned();
    let verdict = desk.verdict(naru::domain::Command::Deposit(Box::new(foreign)));
    assert_eq!(verdict, Err(Refusal::UnknownInstitution));
}

/// Every rule that a pre-deposit check would have refused for parks the money instead.
#[test]
fn what_breaks_a_rule_is_parked_with_its_reason() {
    let desk = Desk::open();
    desk.issue("closed", AccountKind::Fixed, |row| {
        row.standing = Some(Standing::Closed);
    });
    desk.issue("stopped", AccountKind::Fixed, |row| {
        row.standing = Some(Standing::Stopped);
    });
    desk.issue("expired", AccountKind::Fixed, |row| {
        row.terms.expires_at = Some(Timestamp::from_micros(0));
    });
    desk.issue("amount", AccountKind::Fixed, |row| {
        row.terms.amount = Won::new(10_000);
        row.terms.tolerance = Won::new(1000);
    });
    desk.issue("payer", AccountKind::Fixed, |row| {
        row.terms.depositor_name = Some("김철수".to_owned());
    });
    desk.issue("most", AccountKind::Fixed, |row| {
        row.terms.limits.per_deposit = Some(Won::new(4999));
    });
    desk.issue("once", AccountKind::OneTime, |_| {});
    desk.send(deposited("0", "once", 1));
    let cases = [
        ("unknown", SuspenseReason::AccountUnknown),
        ("closed", SuspenseReason::AccountClosed),
        ("once", SuspenseReason::AccountClosed),
        ("expired", SuspenseReason::AccountExpired),
        ("amount", SuspenseReason::AmountWrong),
        ("payer", SuspenseReason::DepositorNotAllowed),
        ("most", SuspenseReason::LimitPassed),
        ("stopped", SuspenseReason::Stopped),
    ];
    for (index, (number, _)) in cases.iter().enumerate() {
        let command = deposited(&format!("{}", index + 1), number, 5000);
        assert_eq!(desk.verdict(command), Ok(Outcome::Booked), "{number}");
    }
    let overview = desk.store.reads().overview().unwrap();
    let reasons: Vec<_> = overview
        .suspense
        .iter()
        .map(|(_, row)| row.reason)
        .collect();
    let expected: Vec<_> = cases.iter().map(|(_, reason)| *reason).collect();
    assert_eq!(reasons, expected);
    let parked = desk
        .store
        .reads()
        .balance(&LedgerAccount::Suspense(bank(BANK)))
        .unwrap();
    assert_eq!(parked, credits(8 * 5000));
    assert_eq!(desk.totals("20260302", BANK), totals((9, 40_001), (0, 0)));
    desk.assert_sound();
}

#[test]
fn a_bank_without_contract_is_parked_too() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    let mut stray = deposit("1", "111", 5000);
    stray.key = key("1", "20260302", 999);
    let verdict = desk.verdict(naru::domain::Command::Deposit(Box::new(stray)));
    assert_eq!(verdict, Ok(Outcome::Booked));
    let overview = desk.store.reads().overview().unwrap();
    assert_eq!(
        overview.suspense[0].1.reason,
        SuspenseReason::BankNotContracted
    );
}

#[test]
fn a_daily_limit_counts_deposits_less_corrections() {
    let desk = Desk::open();
    desk.issue("day", AccountKind::Fixed, |row| {
        row.terms.limits.per_day = Some(Won::new(10_000));
    });
    desk.send(deposited("1", "day", 10_000));
    desk.send(deposited("2", "day", 1));
    assert_eq!(desk.store.reads().overview().unwrap().suspense.len(), 1);
    let undone = crate::support::corrected("1", "day", 10_000, naru::domain::Mode::Notice);
    assert_eq!(desk.verdict(undone), Ok(Outcome::Corrected));
    desk.send(deposited("3", "day", 9999));
    desk.send(deposited("4", "day", 2));
    let overview = desk.store.reads().overview().unwrap();
    assert_eq!(overview.suspense.len(), 2);
    desk.assert_sound();
}

#[test]
fn a_day_is_the_telegrams_day() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    let mut late = deposit("1", "111", 700);
    late.key = key("1", "20260301", BANK);
    desk.send(naru::domain::Command::Deposit(Box::new(late)));
    assert_eq!(desk.totals("20260301", BANK), totals((1, 700), (0, 0)));
    assert_eq!(desk.totals("20260302", BANK), totals((0, 0), (0, 0)));
    assert_eq!(desk.totals("20260301", 0), totals((1, 700), (0, 0)));
    assert_eq!(account_key("111").bank, bank(BANK));
}
