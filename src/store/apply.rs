//! Event → tables. Nothing else writes a derived row, so that a rebuild from the journal makes
//! the very same tables.

mod credential;
mod deposit;
mod history;
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
use super::tables::{CASES, EXCEPTIONS, ExceptionRow, HOLDS, HOLDS_BY_ACCOUNT, HOLDS_BY_END};
use crate::domain::{
    AggregateQuestion, BusinessDate, Case, Event, Exception, Hold, RelayKey, Timestamp, Totals,
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
        Event::AccountsImported { accounts } => issue::import(books, accounts, place),
        Event::DepositBooked {
            deposit,
            row,
            transfer,
            after,
        } => {
            books.post(transfer)?;
            deposit::book(books, deposit, row, after.as_ref(), place)
        }
        Event::DepositReleased {
            key,
            row,
            transfer,
            after,
        } => {
            books.post(transfer)?;
            deposit::release(books, key, row, after.as_ref(), place)
        }
        Event::CorrectionAccepted(correction) => {
            deposit::accept_correction(books, correction, place)
        }
        Event::DepositReversed {
            key,
            row,
            transfer,
            counted_on,
            reopens_account,
            after,
        } => {
            books.post(transfer)?;
            deposit::count_correction(books, key, *counted_on, row.amount)?;
            deposit::reverse(books, key, row, (*reopens_account, after.as_ref()), place)
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
        Event::Policy(event) => policy::apply(books, event),
        Event::People(event) => people::apply(books, event, place),
        Event::Credential(event) => credential::apply(books, event, place),
        Event::Registration(event) => registration::apply(books, event, place),
        Event::Webhook(event) => webhook::apply(books, event, place),
        Event::Message(event) => message::apply(books, event, place),
        Event::System(event) => system::apply(books, event, place),
    }
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
