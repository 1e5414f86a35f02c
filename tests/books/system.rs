//! Settings of the running house, and what they change in the books from then on.

use std::collections::BTreeMap;

use naru::domain::{
    AccountKind, By, Command, MerchantRefusal, Outcome, Refusal, SystemCommand, Verdict,
};
use naru::store::CheckReading;

use crate::support::{Desk, deposited, question};

fn set(desk: &Desk, values: &[(&str, &str)]) -> Verdict {
    let values: BTreeMap<String, String> = values
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    desk.verdict(Command::System(Box::new(SystemCommand::Set {
        values,
        production: false,
        by: By::HOUSE,
    })))
}

fn look_up(desk: &Desk) -> Result<String, Refusal> {
    let reads = desk.store.reads();
    reads
        .payee_lookup(&question("1", "111", 1_000))
        .expect("books")
}

fn check(desk: &Desk, amount: u64) -> CheckReading {
    let reads = desk.store.reads();
    reads
        .pre_deposit_check(&question("1", "111", amount))
        .expect("books")
}

#[test]
fn hours_that_are_set_bind_questions_from_then_on() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    assert!(look_up(&desk).is_ok());
    assert_eq!(
        set(&desk, &[("hours.004", "11:00-12:00")]),
        Ok(Outcome::Done)
    );
    assert_eq!(look_up(&desk), Err(Refusal::BeforeOpening));
    assert_eq!(
        check(&desk, 1_000),
        CheckReading::Refused(Refusal::BeforeOpening)
    );
    // Money that is here is here.
    assert_eq!(desk.verdict(deposited("9", "111", 5)), Ok(Outcome::Booked));
    desk.set_time("2026-03-02T11:30:00");
    assert!(look_up(&desk).is_ok());
    assert_eq!(
        set(&desk, &[("maintenance.004", "daily 11:15-11:45")]),
        Ok(Outcome::Done)
    );
    assert_eq!(look_up(&desk), Err(Refusal::AfterClosing));
    let back = set(&desk, &[("hours.004", ""), ("maintenance.004", "")]);
    assert_eq!(back, Ok(Outcome::Done));
    assert!(look_up(&desk).is_ok());
    desk.assert_sound();
}

#[test]
fn ceilings_that_are_set_bind_every_account() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    assert_eq!(
        set(&desk, &[("limits.perDeposit", "10000")]),
        Ok(Outcome::Done)
    );
    assert!(matches!(check(&desk, 10_000), CheckReading::Approved(_)));
    assert_eq!(
        check(&desk, 10_001),
        CheckReading::Refused(Refusal::LimitPassed)
    );
    assert_eq!(set(&desk, &[("limits.perDeposit", "0")]), Ok(Outcome::Done));
    assert!(matches!(check(&desk, 10_001), CheckReading::Approved(_)));
    desk.assert_sound();
}

#[test]
fn a_change_is_whole_or_nothing() {
    let desk = Desk::open();
    let refused = |refusal| Err(Refusal::Merchant(refusal));
    let both = set(&desk, &[("lockout.tries", "4"), ("lockout.minutes", "0")]);
    assert_eq!(both, refused(MerchantRefusal::SettingOutOfRange));
    let foreign = set(
        &desk,
        &[("lockout.tries", "4"), ("hours.099", "00:00-24:00")],
    );
    assert_eq!(foreign, refused(MerchantRefusal::NoSuchSetting));
    assert!(desk.store.reads().setting_rows().expect("books").is_empty());
    let production = desk.verdict(Command::System(Box::new(SystemCommand::Set {
        values: BTreeMap::from([("log.masking".to_owned(), "N".to_owned())]),
        production: true,
        by: By::HOUSE,
    })));
    assert_eq!(production, refused(MerchantRefusal::SettingOutOfRange));
    let before = desk.store.reads().head().expect("books").position;
    assert_eq!(set(&desk, &[("lockout.tries", "5")]), Ok(Outcome::Done));
    assert_eq!(set(&desk, &[("lockout.tries", "5")]), Ok(Outcome::Done));
    let after = desk.store.reads().head().expect("books").position;
    assert_eq!(after, before + 1, "the same again is no news");
    desk.assert_sound();
}
