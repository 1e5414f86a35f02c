//! Rows about: whom a record concerns, and how many of a kind a day has brought.

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::keys::{Tag, Whose};
use super::super::tables::{ACCOUNT_LIVES, AccountLife, DayCounts, HISTORY};
use super::Place;
use crate::domain::{AccountKey, MerchantId, Timestamp, Won};

/// Notes that the record at `place` concerns `whose`.
pub(super) fn note(
    books: &mut Books<'_>,
    whose: &Whose,
    tag: Tag,
    place: Place,
) -> Result<(), Broken> {
    let key = (whose.clone(), (tag, place.position));
    HISTORY.put(books.batch(), &key, &0)
}

/// Lists a deposit, named by the position of its booking, once more under `tag`.
pub(super) fn list(
    books: &mut Books<'_>,
    whose: &Whose,
    tag: Tag,
    booking: u64,
) -> Result<(), Broken> {
    HISTORY.put(books.batch(), &(whose.clone(), (tag, booking)), &0)
}

/// Takes a deposit off the list of `tag`.
pub(super) fn unlist(
    books: &mut Books<'_>,
    whose: &Whose,
    tag: Tag,
    booking: u64,
) -> Result<(), Broken> {
    HISTORY.delete(books.batch(), &(whose.clone(), (tag, booking)))?;
    Ok(())
}

/// Notes that the record at `place` is the next one in the story of an account of `owner`, and
/// what stands on the account after it.
pub(super) fn note_account(
    books: &mut Books<'_>,
    (owner, account): (&MerchantId, &AccountKey),
    tag: Tag,
    place: Place,
    balance: Option<Won>,
) -> Result<(), Broken> {
    let life = ACCOUNT_LIVES
        .get(books.rows(), account)?
        .unwrap_or_default();
    let key = (Whose::Merchant(owner.clone()), (tag, place.position));
    // The second note of one record adds nothing: the first leads back already.
    let before = if life.last == place.position {
        0
    } else {
        life.last
    };
    HISTORY.put(books.batch(), &key, &before)?;
    let life = AccountLife {
        since: life.since,
        last: place.position,
        balance: balance.unwrap_or(life.balance),
    };
    ACCOUNT_LIVES.put(books.batch(), account, &life)
}

/// Says what stands on an account now, without a new chapter in its story.
pub(super) fn set_balance(
    books: &mut Books<'_>,
    account: &AccountKey,
    balance: Won,
) -> Result<(), Broken> {
    let life = ACCOUNT_LIVES
        .get(books.rows(), account)?
        .unwrap_or_default();
    let life = AccountLife { balance, ..life };
    ACCOUNT_LIVES.put(books.batch(), account, &life)
}

/// Changes the counts of the day of `at`.
pub(super) fn count(
    books: &mut Books<'_>,
    whose: &Whose,
    at: Timestamp,
    change: impl Fn(DayCounts) -> Option<DayCounts>,
) -> Result<(), Broken> {
    match at.business_date() {
        Some(day) => books.count_day(whose, day, change),
        // A time beyond the calendar is on no day.
        None => Ok(()),
    }
}
