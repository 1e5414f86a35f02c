//! Rows about: deposits (입금) and their corrections (입금정정).

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::keys::{Tag, Whose};
use super::super::tables::{
    ACCOUNT_DAYS, ACCOUNT_LIVES, ACCOUNTS, AccountLife, AccountRow, DEPOSIT_STATES, DayCounts,
    PARTIALS, Relayed, SUSPENSE, Sum, SuspenseRow, UNMET,
};
use super::{Place, day_key, history, issue};
use crate::domain::{
    AccountAfter, AccountKey, AccountKind, BusinessDate, Correction, CorrectionRow, Credit,
    Deposit, DepositRow, Partial, RelayKey, Timestamp, Totals, Won,
};
use crate::store::keys::UnmetKey;

/// A deposit is booked.
pub(super) fn book(
    books: &mut Books<'_>,
    deposit: &Deposit,
    row: &DepositRow,
    after: Option<&AccountAfter>,
    place: Place,
) -> Result<(), Broken> {
    let derived = derived(books, row, after)?;
    let after = after.or(derived.as_ref());
    let mut relayed = books.relayed(&deposit.key)?;
    relayed.deposit = Some(row.clone());
    relayed.booked_at = Some(place.at);
    relayed.owner = after.map(|after| after.merchant.clone());
    let owner = owner(&relayed);
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
        set_used_by(books, &row.account, Some(&deposit.key), place.at)?;
    }
    let parked = matches!(row.credit, Credit::Suspense(_));
    if let Credit::Suspense(reason) = row.credit {
        let parked = SuspenseRow {
            reason,
            account: row.account.clone(),
            amount: row.amount,
            at: place.at,
        };
        SUSPENSE.put(books.batch(), &deposit.key, &parked)?;
        history::list(books, &owner, Tag::Pending, row.position)?;
    }
    match after {
        Some(after) => {
            let account = (&after.merchant, &row.account);
            history::note_account(books, account, Tag::Deposit, place, Some(after.balance))?;
        }
        None => history::note(books, &owner, Tag::Deposit, place)?,
    }
    let sum = Sum::one(row.amount);
    history::count(books, &owner, place.at, |day| {
        let pending = if parked {
            day.pending.checked_add(sum)?
        } else {
            day.pending
        };
        Some(DayCounts {
            deposits: day.deposits.checked_add(sum)?,
            pending,
            ..day
        })
    })
}

/// What records older than the field do not say: whose account it is and what stands on it after
/// the booking.
fn derived(
    books: &Books<'_>,
    row: &DepositRow,
    told: Option<&AccountAfter>,
) -> Result<Option<AccountAfter>, Broken> {
    if told.is_some() {
        return Ok(None);
    }
    let Some(account) = ACCOUNTS.get(books.rows(), &row.account)? else {
        return Ok(None);
    };
    let balance = standing(books, &row.account)?.balance;
    let credited = matches!(row.credit, Credit::Merchant(_));
    let more = balance.checked_add(row.amount).filter(|_| credited);
    Ok(Some(AccountAfter {
        merchant: account.terms.merchant,
        balance: more.unwrap_or(balance),
    }))
}

/// The same after a reversal; none where the number is by now another account's.
fn undone(
    books: &Books<'_>,
    row: &DepositRow,
    owner: &Whose,
) -> Result<Option<AccountAfter>, Broken> {
    let (Whose::Merchant(merchant), life) = (owner, standing(books, &row.account)?) else {
        return Ok(None);
    };
    if life.since > row.position {
        return Ok(None);
    }
    let credited = matches!(row.credit, Credit::Merchant(_));
    let less = life.balance.checked_sub(row.amount).filter(|_| credited);
    Ok(Some(AccountAfter {
        merchant: merchant.clone(),
        balance: less.unwrap_or(life.balance),
    }))
}

fn standing(books: &Books<'_>, account: &AccountKey) -> Result<AccountLife, Broken> {
    let life = ACCOUNT_LIVES.get(books.rows(), account)?;
    Ok(life.unwrap_or_default())
}

/// Whom a deposit concerns: the merchant whose account it came into when it was booked.
fn owner(relayed: &Relayed) -> Whose {
    match &relayed.owner {
        Some(merchant) => Whose::Merchant(merchant.clone()),
        None => Whose::Nobody,
    }
}

/// A deposit's money goes from suspense to its merchant.
pub(super) fn release(
    books: &mut Books<'_>,
    key: &RelayKey,
    row: &DepositRow,
    after: Option<&AccountAfter>,
    place: Place,
) -> Result<(), Broken> {
    let mut relayed = books.relayed(key)?;
    let booked_at = relayed.booked_at.unwrap_or(place.at);
    relayed.deposit = Some(row.clone());
    let owner = owner(&relayed);
    books.put_relayed(key, relayed)?;
    SUSPENSE.delete(books.batch(), key)?;
    history::unlist(books, &owner, Tag::Pending, row.position)?;
    history::note(books, &owner, Tag::Change, place)?;
    if let Some(after) = after {
        history::set_balance(books, &row.account, after.balance)?;
    }
    settle_partial(books, key, row)?;
    let sum = Sum::one(row.amount);
    history::count(books, &owner, booked_at, |day| {
        Some(DayCounts {
            pending: day.pending.checked_sub(sum)?,
            ..day
        })
    })
}

/// A part whose rest has come: it goes on counting for a one-time account, which the rest has used
/// up, and is done with for any other.
fn settle_partial(books: &mut Books<'_>, key: &RelayKey, row: &DepositRow) -> Result<(), Broken> {
    let name = (row.account.clone(), row.position);
    let account = ACCOUNTS.get(books.rows(), &row.account)?;
    let once = account.is_some_and(|account| account.terms.kind == AccountKind::OneTime);
    if once {
        let partial = Partial {
            key: key.clone(),
            row: row.clone(),
        };
        return PARTIALS.put(books.batch(), &name, &partial);
    }
    PARTIALS.delete(books.batch(), &name)?;
    Ok(())
}

/// A correction is accepted.
pub(super) fn accept_correction(
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

/// Counts a correction on its business date.
pub(super) fn count_correction(
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

/// A deposit is undone.
pub(super) fn reverse(
    books: &mut Books<'_>,
    key: &RelayKey,
    row: &DepositRow,
    (reopens_account, after): (bool, Option<&AccountAfter>),
    place: Place,
) -> Result<(), Broken> {
    let mut relayed = books.relayed(key)?;
    let booked_at = relayed.booked_at.unwrap_or(place.at);
    relayed.deposit = Some(DepositRow {
        reversed_at: Some(place.position),
        ..row.clone()
    });
    let owner = owner(&relayed);
    books.put_relayed(key, relayed)?;
    if row.counts_in_day {
        change_day(books, &row.account, key.trade_date, |sum| {
            sum.checked_sub(row.amount)
        })?;
    }
    if reopens_account {
        count_rest(books, key, row)?;
        set_used_by(books, &row.account, None, place.at)?;
    }
    let undone = undone(books, row, &owner)?;
    let after = after.or(undone.as_ref());
    let parked = matches!(row.credit, Credit::Suspense(_));
    if parked {
        SUSPENSE.delete(books.batch(), key)?;
        history::unlist(books, &owner, Tag::Pending, row.position)?;
    }
    history::list(books, &owner, Tag::Cancelled, row.position)?;
    match after {
        Some(after) => {
            let account = (&after.merchant, &row.account);
            history::note_account(books, account, Tag::Correction, place, Some(after.balance))?;
        }
        None => history::note(books, &owner, Tag::Correction, place)?,
    }
    PARTIALS.delete(books.batch(), &(row.account.clone(), row.position))?;
    forget_unmet(books, &owner, row)?;
    count_reversal(books, &owner, row, booked_at, place)
}

/// Where a part is undone, what used up the account together with it counts as a part itself: the
/// account waits for what is missing.
fn count_rest(books: &mut Books<'_>, undone: &RelayKey, part: &DepositRow) -> Result<(), Broken> {
    let account = ACCOUNTS.get(books.rows(), &part.account)?;
    let last = account.and_then(|account| account.used_by);
    let Some(last) = last.filter(|last| last != undone) else {
        return Ok(());
    };
    let Some(row) = books.relayed(&last)?.deposit else {
        return Ok(());
    };
    let name = (row.account.clone(), row.position);
    PARTIALS.put(books.batch(), &name, &Partial { key: last, row })
}

fn count_reversal(
    books: &mut Books<'_>,
    owner: &Whose,
    row: &DepositRow,
    booked_at: Timestamp,
    place: Place,
) -> Result<(), Broken> {
    let parked = matches!(row.credit, Credit::Suspense(_));
    let sum = Sum::one(row.amount);
    history::count(books, owner, booked_at, |day| {
        let pending = if parked {
            day.pending.checked_sub(sum)?
        } else {
            day.pending
        };
        Some(DayCounts {
            pending,
            cancelled: day.cancelled.checked_add(sum)?,
            ..day
        })
    })?;
    history::count(books, owner, place.at, |day| {
        Some(DayCounts {
            corrections: day.corrections.checked_add(sum)?,
            ..day
        })
    })
}

/// A deposit that is undone waits for no order any more.
fn forget_unmet(books: &mut Books<'_>, owner: &Whose, row: &DepositRow) -> Result<(), Broken> {
    let Whose::Merchant(merchant) = owner else {
        return Ok(());
    };
    let Some(mut state) = DEPOSIT_STATES.get(books.rows(), &row.position)? else {
        return Ok(());
    };
    let Some(folded) = state.unmet.take() else {
        return Ok(());
    };
    let key = UnmetKey {
        merchant: merchant.clone(),
        folded,
        amount: row.amount,
        position: row.position,
    };
    UNMET.delete(books.batch(), &key)?;
    DEPOSIT_STATES.put(books.batch(), &row.position, &state)
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
    now: Timestamp,
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
    let ended = used_by.is_some().then_some(now);
    issue::put_row(books, account, changed, ended)
}
