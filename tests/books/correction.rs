//! A correction reverses an existing deposit once; one that overtook it waits for it.

use naru::domain::{
    AccountKind, Balance, CancelDay, Command, ExceptionKind, LedgerAccount, Mode, Outcome, Refusal,
    Won,
};

use crate::support::{BANK, Desk, corrected, deposited, held, merchant, totals};

fn payable(desk: &Desk) -> Balance {
    let account = LedgerAccount::MerchantPayable(merchant());
    desk.store.reads().balance(&account).unwrap()
}

fn exceptions(desk: &Desk) -> Vec<ExceptionKind> {
    let overview = desk.store.reads().overview().unwrap();
    overview
        .exceptions
        .iter()
        .map(|(exception, _)| exception.kind)
        .collect()
}

#[test]
fn a_correction_reverses_its_deposit_once() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    desk.send(deposited("1", "111", 5000));
    for _ in 0..2 {
        let verdict = desk.verdict(corrected("1", "111", 5000, Mode::Interactive));
        assert_eq!(verdict, Ok(Outcome::Corrected));
    }
    let balance = payable(&desk);
    assert_eq!(
        (balance.debits, balance.credits),
        (Won::new(5000), Won::new(5000))
    );
    assert_eq!(desk.totals("20260302", BANK), totals((1, 5000), (1, 5000)));
    // The deposit's own repeat is still answered as before.
    assert!(desk.send(deposited("1", "111", 5000)).repeated);
    desk.assert_sound();
}

#[test]
fn a_correction_of_money_in_suspense_empties_it() {
    let desk = Desk::open();
    desk.send(deposited("1", "nobody", 5000));
    desk.send(corrected("1", "nobody", 5000, Mode::Notice));
    assert!(desk.store.reads().overview().unwrap().suspense.is_empty());
    assert_eq!(desk.totals("20260302", BANK), totals((1, 5000), (1, 5000)));
    desk.assert_sound();
}

#[test]
fn another_amount_is_refused_and_shown_once() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    desk.send(deposited("1", "111", 5000));
    for _ in 0..2 {
        let verdict = desk.verdict(corrected("1", "111", 4000, Mode::Notice));
        assert_eq!(verdict, Err(Refusal::AmountWrong));
    }
    let verdict = desk.verdict(corrected("1", "222", 5000, Mode::Notice));
    assert_eq!(verdict, Err(Refusal::KeyReused));
    let kinds = exceptions(&desk);
    assert_eq!(kinds.len(), 2);
    assert!(kinds.contains(&ExceptionKind::CorrectionAmountDiffers));
    assert!(kinds.contains(&ExceptionKind::CorrectionKeyReused));
    assert_eq!(desk.totals("20260302", BANK), totals((1, 5000), (0, 0)));
    // The right one is still taken.
    let verdict = desk.verdict(corrected("1", "111", 5000, Mode::Interactive));
    assert_eq!(verdict, Ok(Outcome::Corrected));
}

#[test]
fn after_an_accepted_correction_another_amount_is_a_reused_number() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    desk.send(deposited("1", "111", 5000));
    desk.send(corrected("1", "111", 5000, Mode::Notice));
    let verdict = desk.verdict(corrected("1", "111", 4000, Mode::Notice));
    assert_eq!(verdict, Err(Refusal::KeyReused));
}

#[test]
fn a_question_without_a_deposit_is_refused_a_notice_waits_for_it() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    let asked = desk.verdict(corrected("1", "111", 5000, Mode::Interactive));
    assert_eq!(asked, Err(Refusal::OriginalNotFound));
    assert_eq!(exceptions(&desk), [ExceptionKind::CorrectionWithoutDeposit]);
    let told = desk.verdict(corrected("1", "111", 5000, Mode::Notice));
    assert_eq!(told, Ok(Outcome::Corrected));
    assert_eq!(desk.totals("20260302", BANK), totals((0, 0), (0, 0)));
    assert_eq!(
        desk.verdict(deposited("1", "111", 5000)),
        Ok(Outcome::Booked)
    );
    assert_eq!(desk.totals("20260302", BANK), totals((1, 5000), (1, 5000)));
    let balance = payable(&desk);
    assert_eq!(balance.debits, balance.credits);
    desk.assert_sound();
}

#[test]
fn a_deposit_that_is_not_what_was_corrected_stays_booked() {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    desk.send(corrected("1", "111", 5000, Mode::Notice));
    assert_eq!(
        desk.verdict(deposited("1", "111", 6000)),
        Ok(Outcome::Booked)
    );
    assert_eq!(desk.totals("20260302", BANK), totals((1, 6000), (0, 0)));
    assert_eq!(exceptions(&desk), [ExceptionKind::TombstoneDiffers]);
    desk.assert_sound();
}

#[test]
fn a_one_time_account_may_be_used_again_after_its_correction() {
    let desk = Desk::open();
    desk.issue("once", AccountKind::OneTime, |_| {});
    desk.send(deposited("1", "once", 5000));
    assert_eq!(
        desk.verdict(held("2", "once", 5000)),
        Err(Refusal::AccountClosed)
    );
    desk.send(corrected("1", "once", 5000, Mode::Interactive));
    assert!(desk.verdict(held("2", "once", 5000)).is_ok());
    desk.assert_sound();
}

#[test]
fn an_expired_one_time_account_stays_used_up() {
    let desk = Desk::open();
    let end = desk.clock.now().plus_seconds(3600);
    desk.issue("once", AccountKind::OneTime, |row| {
        row.terms.expires_at = Some(end);
    });
    desk.send(deposited("1", "once", 5000));
    desk.wait_seconds(7200);
    desk.send(corrected("1", "once", 5000, Mode::Notice));
    assert_eq!(
        desk.verdict(held("2", "once", 5000)),
        Err(Refusal::AccountClosed)
    );
}

#[test]
fn by_the_switch_a_correction_counts_on_its_own_day() {
    let desk = Desk::with(|house| house.cancel_day = CancelDay::Cancel);
    desk.issue("111", AccountKind::Fixed, |_| {});
    desk.send(deposited("1", "111", 5000));
    desk.set_time("2026-03-03T00:10:00");
    let late: Command = corrected("1", "111", 5000, Mode::Notice);
    desk.send(late);
    assert_eq!(desk.totals("20260302", BANK), totals((1, 5000), (0, 0)));
    assert_eq!(desk.totals("20260303", BANK), totals((0, 0), (1, 5000)));
    desk.assert_sound();
}
