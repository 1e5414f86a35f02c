//! Rows about: issuing and closing virtual accounts (가상계좌 발급·해지).

use std::ops::ControlFlow;

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::keys::{TableKey as _, Tag, UserKey, Whose};
use super::super::tables::{
    ACCOUNT_LIVES, ACCOUNT_USERS, ACCOUNTS, AccountLife, AccountRow, DayCounts, FREED,
    MERCHANT_ACCOUNTS, ORDER_ACCOUNTS, ORDERS, PARTIALS, POOLS,
};
use super::{Place, history, order};
use crate::domain::{
    Account, AccountDetails, AccountEvent, AccountKey, Drawn, MerchantId, Order, Standing,
    Timestamp, Won,
};

/// Makes the tables say what `event` says.
pub(super) fn apply(
    books: &mut Books<'_>,
    event: &AccountEvent,
    place: Place,
) -> Result<(), Broken> {
    match event {
        AccountEvent::Issued { account, details } => issue(books, account, details, place),
        AccountEvent::Closed {
            merchant,
            account,
            at,
        } => {
            let Some(row) = ACCOUNTS.get(books.rows(), account)? else {
                return Err(Broken::not_understood(
                    ACCOUNTS.id,
                    "a closed account that was never issued",
                ));
            };
            let closed = AccountRow {
                standing: Standing::Closed,
                ..row
            };
            put_row(books, account, closed, Some(*at))?;
            history::note_account(books, (merchant, account), Tag::Account, place, None)
        }
    }
}

fn issue(
    books: &mut Books<'_>,
    account: &Account,
    details: &AccountDetails,
    place: Place,
) -> Result<(), Broken> {
    let (key, merchant) = (&account.key, &account.terms.merchant);
    if let Some(earlier) = ACCOUNTS.get(books.rows(), key)? {
        forget(books, key, &earlier)?;
        uncount(books, &earlier)?;
    }
    match &details.drawn {
        Drawn::Fresh { range } => {
            let number: u64 = key.number.as_str().parse().unwrap_or(*range);
            POOLS.put(
                books.batch(),
                &(key.bank, *range),
                &number.saturating_add(1),
            )?;
        }
        Drawn::Freed { since } => {
            let freed = (key.bank, (*since, key.number.clone()));
            FREED.delete(books.batch(), &freed)?;
        }
    }
    let row = AccountRow {
        terms: account.terms.clone(),
        standing: account.standing,
        used_by: account.used_by.clone(),
        details: Some(details.clone()),
        frees_at: None,
    };
    put_row(books, key, row, None)?;
    MERCHANT_ACCOUNTS.put(books.batch(), &(merchant.clone(), key.clone()), &())?;
    if let Some(user) = &details.user {
        let user = UserKey {
            merchant: merchant.clone(),
            user: user.id.clone(),
        };
        ACCOUNT_USERS.put(books.batch(), &user, key)?;
    }
    if let Some(number) = &details.order {
        let name = (merchant.clone(), number.clone());
        ORDER_ACCOUNTS.put(books.batch(), &name, key)?;
        if let Some(known) = ORDERS.get(books.rows(), &name)? {
            bind(books, &known, key)?;
        }
    }
    let life = AccountLife {
        since: place.position,
        last: 0,
        balance: Won::ZERO,
    };
    ACCOUNT_LIVES.put(books.batch(), key, &life)?;
    history::note_account(books, (merchant, key), Tag::Account, place, None)?;
    count_accounts(books, merchant, 1, place.at)
}

/// An order that has an account of its own meets nothing else.
fn bind(books: &mut Books<'_>, known: &Order, account: &AccountKey) -> Result<(), Broken> {
    let mut bound = known.clone();
    bound.account = Some(account.clone());
    order::replace(books, known, &bound)
}

/// Takes away what an earlier account of the same number has left in lists.
fn forget(books: &mut Books<'_>, key: &AccountKey, earlier: &AccountRow) -> Result<(), Broken> {
    let merchant = &earlier.terms.merchant;
    MERCHANT_ACCOUNTS.delete(books.batch(), &(merchant.clone(), key.clone()))?;
    let details = earlier.details.as_ref();
    if let Some(user) = details.and_then(|details| details.user.as_ref()) {
        let user = UserKey {
            merchant: merchant.clone(),
            user: user.id.clone(),
        };
        ACCOUNT_USERS.delete(books.batch(), &user)?;
    }
    if let Some(number) = details.and_then(|details| details.order.as_ref()) {
        let name = (merchant.clone(), number.clone());
        if ORDER_ACCOUNTS.get(books.rows(), &name)?.as_ref() == Some(key) {
            ORDER_ACCOUNTS.delete(books.batch(), &name)?;
        }
    }
    if let Some(at) = earlier.frees_at {
        FREED.delete(books.batch(), &(key.bank, (at, key.number.clone())))?;
    }
    let mut parts = Vec::new();
    PARTIALS.walk_prefix(books.rows(), &key.bytes(), &mut |part, _| {
        parts.push(part);
        ControlFlow::Continue(())
    })?;
    for part in parts {
        PARTIALS.delete(books.batch(), &part)?;
    }
    Ok(())
}

/// An account whose number another one takes over counts no more, on the day of its issue. (One
/// that an import has given to another merchant was counted elsewhere; then there is nothing to
/// take away.)
fn uncount(books: &mut Books<'_>, earlier: &AccountRow) -> Result<(), Broken> {
    let Some(details) = &earlier.details else {
        return Ok(());
    };
    let whose = Whose::Merchant(earlier.terms.merchant.clone());
    history::count(books, &whose, details.issued_at, |day| {
        Some(DayCounts {
            accounts: day.accounts.saturating_sub(1),
            ..day
        })
    })
}

/// Writes an account that we issued, and from when on its number is free again: some time after it
/// `ended` (closed or used up), else after its term.
pub(super) fn put_row(
    books: &mut Books<'_>,
    key: &AccountKey,
    mut row: AccountRow,
    ended: Option<Timestamp>,
) -> Result<(), Broken> {
    if let Some(details) = &row.details {
        let end = ended.or(row.terms.expires_at);
        let frees_at = end.map(|end| end.plus_seconds(details.quarantine_seconds));
        if frees_at != row.frees_at {
            if let Some(at) = row.frees_at {
                FREED.delete(books.batch(), &(key.bank, (at, key.number.clone())))?;
            }
            if let Some(at) = frees_at {
                FREED.put(books.batch(), &(key.bank, (at, key.number.clone())), &())?;
            }
            row.frees_at = frees_at;
        }
    }
    ACCOUNTS.put(books.batch(), key, &row)
}

/// Takes accounts in from a list; what an account has lived through stays.
pub(super) fn import(
    books: &mut Books<'_>,
    accounts: &[Account],
    place: Place,
) -> Result<(), Broken> {
    let mut added: Vec<(MerchantId, u64)> = Vec::new();
    for account in accounts {
        let merchant = &account.terms.merchant;
        let known = ACCOUNTS.get(books.rows(), &account.key)?;
        if known.as_ref().map(|known| &known.terms.merchant) != Some(merchant) {
            if let Some(known) = &known {
                let listed = (known.terms.merchant.clone(), account.key.clone());
                MERCHANT_ACCOUNTS.delete(books.batch(), &listed)?;
                // What it lived through under another merchant is none of this one's business.
                let life = AccountLife {
                    since: place.position,
                    ..AccountLife::default()
                };
                ACCOUNT_LIVES.put(books.batch(), &account.key, &life)?;
            }
            let listed = (merchant.clone(), account.key.clone());
            MERCHANT_ACCOUNTS.put(books.batch(), &listed, &())?;
        }
        if known.is_none() {
            match added.iter_mut().find(|(whose, _)| whose == merchant) {
                Some((_, count)) => *count += 1,
                None => added.push((merchant.clone(), 1)),
            }
        }
        let (details, frees_at) = known.map_or((None, None), |row| (row.details, row.frees_at));
        let row = AccountRow {
            terms: account.terms.clone(),
            standing: account.standing,
            used_by: account.used_by.clone(),
            details,
            frees_at,
        };
        ACCOUNTS.put(books.batch(), &account.key, &row)?;
    }
    added
        .into_iter()
        .try_for_each(|(merchant, count)| count_accounts(books, &merchant, count, place.at))
}

fn count_accounts(
    books: &mut Books<'_>,
    merchant: &MerchantId,
    more: u64,
    at: Timestamp,
) -> Result<(), Broken> {
    let whose = Whose::Merchant(merchant.clone());
    history::count(books, &whose, at, |day| {
        Some(DayCounts {
            accounts: day.accounts.checked_add(more)?,
            ..day
        })
    })
}
