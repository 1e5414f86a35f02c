//! The facts behind: issuing and closing virtual accounts (가상계좌 발급·해지).

use std::ops::ControlFlow;

use super::super::books::Books;
use super::super::engine::{Broken, Rows};
use super::super::keys::{TableKey as _, UserKey};
use super::super::tables::{ACCOUNT_USERS, ACCOUNTS, FREED, ORDER_ACCOUNTS, ORDERS, POOLS};
use super::{account, of_row, policy};
use crate::domain::issue::{self, FreeNumber, IssueFacts, NoNumber};
use crate::domain::{
    Account, AccountCommand, AccountDetails, AccountKey, AccountNo, BankChoice, BankCode, Decision,
    Drawn, House, MerchantId, Moment, NewAccount, OrderNumber, Standing, Timestamp,
};

/// Numbers in a row that may be found taken (by an import) before a range counts as used up.
const TAKEN_IN_A_ROW_MAX: usize = 10_000;
/// Freed numbers looked at for one that is free indeed.
const FREED_SCANNED_MAX: usize = 64;

/// Weighs one command.
pub(super) fn weigh(
    books: &mut Books<'_>,
    command: AccountCommand,
    house: &House,
    moment: Moment,
) -> Result<Decision, Broken> {
    match command {
        AccountCommand::Issue(new) => {
            let facts = facts(books, &new, house, moment.now)?;
            Ok(issue::issue(*new, facts, moment))
        }
        AccountCommand::Close {
            account: key,
            of,
            by,
        } => {
            let account = account(books.rows(), &key)?;
            Ok(issue::close(account.as_ref(), of.as_ref(), &by, moment.now))
        }
    }
}

fn facts(
    books: &mut Books<'_>,
    new: &NewAccount,
    house: &House,
    now: Timestamp,
) -> Result<IssueFacts, Broken> {
    let merchant = books.merchant(&new.merchant)?;
    let rows = books.rows();
    let settings = policy::settings(rows, &new.merchant)?;
    let had = match &new.user {
        Some(user) => account_of_user(rows, &new.merchant, &user.id)?,
        None => None,
    };
    let (mut order, mut order_has_account) = (None, false);
    if let Some(number) = &new.order {
        order = ORDERS.get(rows, &(new.merchant.clone(), number.clone()))?;
        order_has_account = has_account(rows, &new.merchant, number, now)?;
    }
    let banks = banks(new.bank, settings.default_bank, house);
    let number = if had.is_some() {
        Err(NoNumber::NotOffered)
    } else {
        free_number(rows, &banks, house, now)?
    };
    Ok(IssueFacts {
        merchant,
        settings,
        had,
        order,
        order_has_account,
        number,
        quarantine_seconds: house.issuing.quarantine_seconds,
    })
}

/// The account that was issued for a merchant's own user.
pub(crate) fn account_of_user(
    rows: &dyn Rows,
    merchant: &MerchantId,
    user: &str,
) -> Result<Option<(Account, AccountDetails)>, Broken> {
    let key = UserKey {
        merchant: merchant.clone(),
        user: user.to_owned(),
    };
    let Some(key) = ACCOUNT_USERS.get(rows, &key)? else {
        return Ok(None);
    };
    let row = ACCOUNTS.get(rows, &key)?;
    Ok(row.and_then(|row| {
        let account = of_row(&key, &row);
        row.details.map(|details| (account, details))
    }))
}

/// Whether an account that still takes deposits was issued for the order.
fn has_account(
    rows: &dyn Rows,
    merchant: &MerchantId,
    number: &OrderNumber,
    now: Timestamp,
) -> Result<bool, Broken> {
    let Some(key) = ORDER_ACCOUNTS.get(rows, &(merchant.clone(), number.clone()))? else {
        return Ok(false);
    };
    Ok(account(rows, &key)?.is_some_and(|account| {
        account.standing != Standing::Closed && account.used_by.is_none() && !account.expired(now)
    }))
}

/// The banks to ask for a number, in order.
fn banks(choice: BankChoice, default: Option<BankCode>, house: &House) -> Vec<BankCode> {
    let contracted = house.issuing.ranges.keys().copied();
    let mut offered: Vec<_> = contracted.filter(|bank| house.contracts(*bank)).collect();
    match choice {
        BankChoice::Named(bank) => offered.retain(|offered| *offered == bank),
        BankChoice::Default => {
            if let Some(default) = default {
                offered.retain(|offered| *offered == default);
            }
        }
        BankChoice::Any(dice) if !offered.is_empty() => {
            let count = u64::try_from(offered.len()).unwrap_or(1);
            let at = usize::try_from(dice % count).unwrap_or_default();
            offered.rotate_left(at);
        }
        BankChoice::Any(_) => {}
    }
    offered
}

/// The first number that any of the banks has: never used where there is one, else the one that
/// has rested longest.
fn free_number(
    rows: &dyn Rows,
    banks: &[BankCode],
    house: &House,
    now: Timestamp,
) -> Result<Result<FreeNumber, NoNumber>, Broken> {
    if banks.is_empty() {
        return Ok(Err(NoNumber::NotOffered));
    }
    for bank in banks {
        if let Some(fresh) = fresh(rows, *bank, house)? {
            return Ok(Ok(fresh));
        }
        if let Some(rested) = rested(rows, *bank, now)? {
            return Ok(Ok(rested));
        }
    }
    Ok(Err(NoNumber::UsedUp))
}

fn fresh(rows: &dyn Rows, bank: BankCode, house: &House) -> Result<Option<FreeNumber>, Broken> {
    let ranges = house.issuing.ranges.get(&bank);
    for range in ranges.into_iter().flatten() {
        let next = POOLS.get(rows, &(bank, range.first()))?;
        let from = next.unwrap_or(range.first());
        for number in (from..).take(TAKEN_IN_A_ROW_MAX) {
            let Some(free) = range.number(number) else {
                break;
            };
            let key = AccountKey { bank, number: free };
            if ACCOUNTS.get(rows, &key)?.is_none() {
                let range = range.first();
                let drawn = Drawn::Fresh { range };
                return Ok(Some(FreeNumber { key, drawn }));
            }
        }
    }
    Ok(None)
}

fn rested(rows: &dyn Rows, bank: BankCode, now: Timestamp) -> Result<Option<FreeNumber>, Broken> {
    let mut over: Vec<(Timestamp, AccountNo)> = Vec::new();
    FREED.walk_prefix(rows, &bank.bytes(), &mut |(_, (since, number)), ()| {
        if since > now || over.len() == FREED_SCANNED_MAX {
            return ControlFlow::Break(());
        }
        over.push((since, number));
        ControlFlow::Continue(())
    })?;
    for (since, number) in over {
        let key = AccountKey { bank, number };
        let row = ACCOUNTS.get(rows, &key)?;
        if row.is_some_and(|row| row.frees_at == Some(since)) {
            let drawn = Drawn::Freed { since };
            return Ok(Some(FreeNumber { key, drawn }));
        }
    }
    Ok(None)
}
