//! Event → tables. Nothing else writes a derived row, so that a rebuild from the journal makes
//! the very same tables.

mod credential;
mod issue;
mod message;
mod once;
mod order;
mod people;
mod policy;
mod registration;
mod system;
mod webhook;

use super::books::Books;
use super::engine::Broken;
use super::keys::DayKey;
use super::tables::{
    ACCOUNT_DAYS, ACCOUNTS, AccountRow, CASES, EXCEPTIONS, ExceptionRow, HOLDS, HOLDS_BY_ACCOUNT,
    HOLDS_BY_END, SUSPENSE, SuspenseRow,
};
use crate::domain::{
    Account, AccountKey, AggregateQuestion, BusinessDate, Case, Correction, CorrectionRow, Credit,
    Deposit, DepositRow, Event, Exception, Hold, RelayKey, Timestamp, Totals, Won,
};

/// Where and when the record that is being applied stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) position: u64,
    pub(crate) at: Timestamp,
}

/// Makes the tables say what a record says, and puts what it tells merchants into the outbox.
pub(crate) fn take_in(books: &mut Books<'_>, events: &[Event], place: Place) -> Result<(), Broken> {
    events
        .iter()
        .try_for_each(|event| apply(books, event, place))?;
    webhook::write_letters(books, events, place)
}

/// Makes the tables say what `event` says.
fn apply(books: &mut Books<'_>, event: &Event, place: Place) -> Result<(), Broken> {
    match event {
        // Whose books these are stands in the journal and the folder's identity; no table asks.
        Event::Founded { .. } => Ok(()),
        Event::MerchantsImported { merchants } => merchants
            .iter()
            .try_for_each(|merchant| books.put_merchant(merchant)),
        Event::AccountsImported { accounts } => accounts
            .iter()
            .try_for_each(|account| put_account(books, account)),
        Event::DepositBooked {
            deposit,
            row,
            transfer,
            ..
        } => {
            books.post(transfer)?;
            book_deposit(books, deposit, row, place)
        }
        Event::DepositReleased {
            key, row, transfer, ..
        } => {
            books.post(transfer)?;
            release_deposit(books, key, row)
        }
        Event::CorrectionAccepted(correction) => accept_correction(books, correction, place),
        Event::DepositReversed {
            key,
            row,
            transfer,
            counted_on,
            reopens_account,
            ..
        } => {
            books.post(transfer)?;
            count_correction(books, key, *counted_on, row.amount)?;
            reverse_deposit(books, key, row, place, *reopens_account)
        }
        Event::HoldTaken(hold) => take_hold(books, hold),
        Event::HoldEnded { hold, .. } => end_hold(books, hold),
        Event::AggregateAnswered { question, ours } => note_case(books, question, *ours, place),
        Event::ExceptionRaised(exception) => note_exception(books, exception, place),
        Event::Answered(answered) => once::keep(books, answered, place),
        Event::AnswersForgotten { until, most } => once::forget(books, *until, *most),
        Event::Audited(audit) => system::audit(books, audit, place),
        Event::Account(event) => issue::apply(books, event, place),
        Event::Order(event) => order::apply(books, event, place),
        Event::Policy(event) => policy::apply(books, event, place),
        Event::People(event) => people::apply(books, event, place),
        Event::Credential(event) => credential::apply(books, event, place),
        Event::Registration(event) => registration::apply(books, event, place),
        Event::Webhook(event) => webhook::apply(books, event, place),
        Event::Message(event) => message::apply(books, event, place),
        Event::System(event) => system::apply(books, event, place),
    }
}

fn put_account(books: &mut Books<'_>, account: &Account) -> Result<(), Broken> {
    let row = AccountRow {
        terms: account.terms.clone(),
        standing: account.standing,
        used_by: account.used_by.clone(),
    };
    ACCOUNTS.put(books.batch(), &account.key, &row)
}

fn book_deposit(
    books: &mut Books<'_>,
    deposit: &Deposit,
    row: &DepositRow,
    place: Place,
) -> Result<(), Broken> {
    let mut relayed = books.relayed(&deposit.key)?;
    relayed.deposit = Some(row.clone());
    books.put_relayed(&deposit.key, relayed)?;
    let day = day_key(&deposit.key, deposit.key.trade_date);
    let one = Totals {
        deposit_count: 1,
        deposit_amount: row.amount,
        ..Totals::default()
    };
    books.add_totals(&day, one)?;
    if row.counts_in_day {
        change_day(books, &row.account, deposit.key.trade_date, |sum| {
            sum.checked_add(row.amount)
        })?;
    }
    if row.used_up_account {
        set_used_by(books, &row.account, Some(&deposit.key))?;
    }
    if let Credit::Suspense(reason) = row.credit {
        let parked = SuspenseRow {
            reason,
            account: row.account.clone(),
            amount: row.amount,
            at: place.at,
        };
        SUSPENSE.put(books.batch(), &deposit.key, &parked)?;
    }
    Ok(())
}

fn release_deposit(books: &mut Books<'_>, key: &RelayKey, row: &DepositRow) -> Result<(), Broken> {
    let mut relayed = books.relayed(key)?;
    relayed.deposit = Some(row.clone());
    books.put_relayed(key, relayed)?;
    SUSPENSE.delete(books.batch(), key)?;
    Ok(())
}

fn accept_correction(
    books: &mut Books<'_>,
    correction: &Correction,
    place: Place,
) -> Result<(), Broken> {
    let mut relayed = books.relayed(&correction.original)?;
    relayed.correction = Some(CorrectionRow {
        account: correction.account.clone(),
        amount: correction.amount,
        position: place.position,
    });
    books.put_relayed(&correction.original, relayed)
}

fn count_correction(
    books: &mut Books<'_>,
    key: &RelayKey,
    counted_on: BusinessDate,
    amount: Won,
) -> Result<(), Broken> {
    let one = Totals {
        correction_count: 1,
        correction_amount: amount,
        ..Totals::default()
    };
    books.add_totals(&day_key(key, counted_on), one)
}

fn reverse_deposit(
    books: &mut Books<'_>,
    key: &RelayKey,
    row: &DepositRow,
    place: Place,
    reopens_account: bool,
) -> Result<(), Broken> {
    let mut relayed = books.relayed(key)?;
    relayed.deposit = Some(DepositRow {
        reversed_at: Some(place.position),
        ..row.clone()
    });
    books.put_relayed(key, relayed)?;
    if row.counts_in_day {
        change_day(books, &row.account, key.trade_date, |sum| {
            sum.checked_sub(row.amount)
        })?;
    }
    if reopens_account {
        set_used_by(books, &row.account, None)?;
    }
    if matches!(row.credit, Credit::Suspense(_)) {
        SUSPENSE.delete(books.batch(), key)?;
    }
    Ok(())
}

fn change_day(
    books: &mut Books<'_>,
    account: &AccountKey,
    day: BusinessDate,
    change: impl FnOnce(Won) -> Option<Won>,
) -> Result<(), Broken> {
    let key = (account.clone(), day);
    let sum = ACCOUNT_DAYS.get(books.rows(), &key)?.unwrap_or_default();
    let changed = change(sum).ok_or_else(|| {
        Broken::not_understood(ACCOUNT_DAYS.id, "a day's sum below zero or beyond counting")
    })?;
    ACCOUNT_DAYS.put(books.batch(), &key, &changed)
}

fn set_used_by(
    books: &mut Books<'_>,
    account: &AccountKey,
    used_by: Option<&RelayKey>,
) -> Result<(), Broken> {
    let Some(row) = ACCOUNTS.get(books.rows(), account)? else {
        return Err(Broken::not_understood(
            ACCOUNTS.id,
            "a used account that was never issued",
        ));
    };
    let changed = AccountRow {
        used_by: used_by.cloned(),
        ..row
    };
    ACCOUNTS.put(books.batch(), account, &changed)
}

fn take_hold(books: &mut Books<'_>, hold: &Hold) -> Result<(), Broken> {
    let by_account = (hold.account.clone(), hold.key.clone());
    HOLDS.put(books.batch(), &hold.key, hold)?;
    HOLDS_BY_ACCOUNT.put(books.batch(), &by_account, &())?;
    HOLDS_BY_END.put(books.batch(), &(hold.until, hold.key.clone()), &())
}

fn end_hold(books: &mut Books<'_>, hold: &Hold) -> Result<(), Broken> {
    let by_account = (hold.account.clone(), hold.key.clone());
    HOLDS.delete(books.batch(), &hold.key)?;
    HOLDS_BY_ACCOUNT.delete(books.batch(), &by_account)?;
    HOLDS_BY_END.delete(books.batch(), &(hold.until, hold.key.clone()))?;
    Ok(())
}

fn note_case(
    books: &mut Books<'_>,
    question: &AggregateQuestion,
    ours: Totals,
    place: Place,
) -> Result<(), Broken> {
    let key = day_key(&question.key, question.day);
    let first_at = CASES
        .get(books.rows(), &key)?
        .map_or(place.at, |case| case.first_at);
    let case = Case {
        ours,
        theirs: question.theirs,
        first_at,
        last_at: place.at,
    };
    CASES.put(books.batch(), &key, &case)
}

fn note_exception(
    books: &mut Books<'_>,
    exception: &Exception,
    place: Place,
) -> Result<(), Broken> {
    let key = (
        exception.key.clone(),
        exception.kind,
        exception.account.clone(),
        exception.amount,
    );
    let row = ExceptionRow {
        earlier: exception.earlier.clone(),
        at: place.at,
        position: place.position,
    };
    EXCEPTIONS.put(books.batch(), &key, &row)
}

fn day_key(key: &RelayKey, day: BusinessDate) -> DayKey {
    DayKey {
        institution: key.institution.clone(),
        day,
        bank: key.bank,
    }
}
