//! Pre-deposit checks: the order of the reasons, and what an approval keeps for its payer.

use naru::domain::{
    AccountKind, Command, Hours, Outcome, Refusal, Standing, Timestamp, VoidReason, Won,
};
use naru::store::CheckReading;

use crate::support::{Desk, account, bank, deposited, held, merchant, question};

#[allow(clippy::unnecessary_wraps, reason = "compared with verdicts")]
fn approved(name: &str) -> Result<Outcome, Refusal> {
    Ok(Outcome::Approved {
        payee_name: name.to_owned(),
        held: true,
    })
}

/// Everything is wrong at first; each step mends the reason just given and meets the next.
#[test]
fn the_first_reason_is_the_first_in_the_list() {
    let desk = Desk::with(|house| house.hours = Hours::default());
    let mut asked = question("1", "111", 9000);
    asked.key.institution = "1".to_owned();
    asked.key.bank = bank(999);
    let check = |asked: &naru::domain::Question| {
        desk.store.reads().pre_deposit_check(asked).expect("books")
    };
    let refused = |asked: &naru::domain::Question| match check(asked) {
        CheckReading::Refused(refusal) => refusal,
        other => panic!("expected a refusal, not {other:?}"),
    };
    desk.set_time("2026-03-02T00:10:00");
    assert_eq!(refused(&asked), Refusal::UnknownInstitution);
    asked.key.institution = crate::support::US.to_owned();
    assert_eq!(refused(&asked), Refusal::UnknownBank);
    asked.key.bank = bank(4);
    assert_eq!(refused(&asked), Refusal::BeforeOpening);
    desk.set_time("2026-03-02T23:45:00");
    assert_eq!(refused(&asked), Refusal::AfterClosing);
    desk.set_time("2026-03-02T12:00:00");
    assert_eq!(refused(&asked), Refusal::AccountUnknown);
    let mut row = account("111", AccountKind::OneTime);
    row.standing = Some(Standing::Closed);
    row.terms.expires_at = Some(Timestamp::from_micros(0));
    row.terms.amount = Won::new(5000);
    row.terms.depositor_name = Some("김철수".to_owned());
    row.terms.limits.per_deposit = Some(Won::new(100));
    let issue = |row: &naru::domain::AccountImport| {
        let rows = vec![row.clone()];
        assert!(
            desk.verdict(Command::ImportAccounts { rows, update: true })
                .is_ok()
        );
    };
    issue(&row);
    assert_eq!(refused(&asked), Refusal::AccountClosed);
    row.standing = Some(Standing::Stopped);
    issue(&row);
    assert_eq!(refused(&asked), Refusal::Expired);
    row.terms.expires_at = None;
    issue(&row);
    assert_eq!(refused(&asked), Refusal::AmountWrong);
    row.terms.tolerance = Won::new(4000);
    issue(&row);
    assert_eq!(refused(&asked), Refusal::DepositorNotAllowed);
    // A beginning counts only where the field had no room for more, and an end never does.
    asked.depositor_name = "김철".to_owned();
    assert_eq!(refused(&asked), Refusal::DepositorNotAllowed);
    asked.depositor_name_cut = true;
    assert_eq!(refused(&asked), Refusal::LimitPassed);
    for other in ["철수", "김철수나", ""] {
        asked.depositor_name = other.to_owned();
        assert_eq!(refused(&asked), Refusal::DepositorNotAllowed, "{other}");
    }
    asked.depositor_name_cut = false;
    asked.depositor_name = "김 철 수".to_owned();
    assert_eq!(refused(&asked), Refusal::LimitPassed);
    row.terms.limits.per_deposit = Some(Won::new(9000));
    issue(&row);
    assert_eq!(refused(&asked), Refusal::Stopped);
    row.standing = Some(Standing::Open);
    issue(&row);
    assert_eq!(check(&asked), CheckReading::NeedsHold);
    assert!(desk.verdict(Command::Hold(Box::new(asked.clone()))).is_ok());
    let mut other = asked.clone();
    other.key.trace_no = "2".to_owned();
    assert_eq!(refused(&other), Refusal::HeldByAnother);
}

#[test]
fn an_amount_may_lie_within_its_tolerance_either_way() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |row| {
        row.terms.amount = Won::new(20_000);
        row.terms.tolerance = Won::new(5000);
    });
    let takes = |amount| {
        let asked = question("1", "111", amount);
        desk.store.reads().payee_lookup(&asked).expect("books")
    };
    for amount in [0, 15_000, 20_000, 25_000] {
        assert_eq!(takes(amount), Ok("나루상점".to_owned()), "{amount}");
    }
    for amount in [14_999, 25_001, 30_000] {
        assert_eq!(takes(amount), Err(Refusal::AmountWrong), "{amount}");
    }
}

#[test]
fn a_holder_name_of_its_own_comes_before_the_merchants() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |row| {
        row.terms.holder_name = Some("나루_홍길동".to_owned());
    });
    let asked = question("1", "111", 0);
    let name = desk.store.reads().payee_lookup(&asked).expect("books");
    assert_eq!(name, Ok("나루_홍길동".to_owned()));
}

#[test]
fn two_payers_are_never_both_promised_a_one_time_account() {
    let desk = Desk::open();
    desk.issue("once", AccountKind::OneTime, |_| {});
    assert_eq!(desk.verdict(held("1", "once", 5000)), approved("나루상점"));
    assert_eq!(
        desk.verdict(held("2", "once", 5000)),
        Err(Refusal::HeldByAnother)
    );
    // The first one's repeat gets its stored answer.
    assert!(desk.send(held("1", "once", 5000)).repeated);
    // After a minute the account is free again.
    desk.wait_seconds(61);
    assert_eq!(desk.verdict(held("2", "once", 5000)), approved("나루상점"));
    desk.assert_sound();
}

#[test]
fn a_hold_ends_with_its_deposit() {
    let desk = Desk::open();
    desk.issue("once", AccountKind::OneTime, |_| {});
    desk.send(held("1", "once", 5000));
    desk.send(deposited("1", "once", 5000));
    assert!(desk.store.reads().overview().unwrap().holds.is_empty());
    assert_eq!(
        desk.verdict(held("2", "once", 5000)),
        Err(Refusal::AccountClosed)
    );
    desk.assert_sound();
}

#[test]
fn a_deposit_is_not_bound_by_its_check() {
    let desk = Desk::open();
    desk.issue("once", AccountKind::OneTime, |_| {});
    desk.issue("111", AccountKind::Fixed, |_| {});
    desk.send(held("1", "once", 5000));
    assert_eq!(
        desk.verdict(deposited("1", "111", 7000)),
        Ok(Outcome::Booked)
    );
    assert_eq!(desk.verdict(held("2", "once", 5000)), approved("나루상점"));
    desk.assert_sound();
}

#[test]
fn held_sums_count_against_the_day() {
    let desk = Desk::open();
    desk.issue("day", AccountKind::Fixed, |row| {
        row.terms.limits.per_day = Some(Won::new(10_000));
    });
    assert!(desk.verdict(held("1", "day", 6000)).is_ok());
    assert_eq!(
        desk.verdict(held("2", "day", 4001)),
        Err(Refusal::LimitPassed)
    );
    assert!(desk.verdict(held("3", "day", 4000)).is_ok());
    desk.send(deposited("1", "day", 6000));
    assert_eq!(desk.verdict(held("4", "day", 1)), Err(Refusal::LimitPassed));
    desk.assert_sound();
}

#[test]
fn an_approval_that_never_left_holds_nothing() {
    let desk = Desk::open();
    desk.issue("once", AccountKind::OneTime, |_| {});
    let first = desk.send(held("1", "once", 5000));
    let void = |position| Command::VoidHold {
        key: question("1", "once", 5000).key,
        position,
        why: VoidReason::Late,
    };
    // Another approval's position voids nothing.
    desk.send(void(first.position + 1));
    assert_eq!(
        desk.verdict(held("2", "once", 5000)),
        Err(Refusal::HeldByAnother)
    );
    desk.send(void(first.position));
    assert_eq!(desk.verdict(held("2", "once", 5000)), approved("나루상점"));
    desk.assert_sound();
}

#[test]
fn a_check_with_other_content_takes_the_place_of_the_first() {
    let desk = Desk::open();
    desk.issue("one", AccountKind::OneTime, |_| {});
    desk.issue("two", AccountKind::OneTime, |_| {});
    desk.send(held("1", "one", 5000));
    assert_eq!(desk.verdict(held("1", "two", 5000)), approved("나루상점"));
    assert_eq!(desk.verdict(held("2", "one", 5000)), approved("나루상점"));
    desk.assert_sound();
}

#[test]
fn a_pulse_clears_what_is_over() {
    let desk = Desk::open();
    desk.issue("once", AccountKind::OneTime, |_| {});
    desk.send(held("1", "once", 5000));
    assert!(!desk.store.reads().pulse_due().unwrap());
    desk.wait_seconds(61);
    assert!(desk.store.reads().pulse_due().unwrap());
    desk.send(Command::Pulse);
    assert!(!desk.store.reads().pulse_due().unwrap());
    desk.assert_sound();
}

#[test]
fn a_question_whose_time_is_over_writes_nothing() {
    let desk = Desk::open();
    desk.issue("once", AccountKind::OneTime, |_| {});
    let before = desk.store.reads().head().unwrap();
    let past = naru::clock::monotonic();
    std::thread::sleep(std::time::Duration::from_millis(2));
    let command = held("1", "once", 5000);
    let pending = desk
        .store
        .ledger()
        .submit_before(command, past)
        .expect("a place");
    assert_eq!(
        pending.wait().expect("a receipt").verdict,
        Err(Refusal::TooLate)
    );
    assert_eq!(desk.store.reads().head().unwrap(), before);
    assert_eq!(merchant().as_str(), "shop");
}
