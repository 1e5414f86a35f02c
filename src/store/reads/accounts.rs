//! Questions about accounts: lists by merchant, one with its details and its whole life.

use std::ops::{Bound, ControlFlow};

use super::super::engine::{Broken, Direction, Rows};
use super::super::facts;
use super::super::journal;
use super::super::keys::TableKey;
use super::super::tables::{
    ACCOUNT_LIVES, ACCOUNTS, AccountRow, MERCHANT_ACCOUNTS, POLICIES, prefix_end,
};
use super::deposits::{DepositSeen, seen, story};
use super::history;
use super::{Period, Reads};
use crate::domain::{
    Account, AccountDetails, AccountEvent, AccountKey, AccountNo, Event, MerchantId,
    MerchantSettings, Policies, RelayKey, Standing, Timestamp, Won,
};
use crate::limits;

/// Where an account stands, as merchants are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountStatus {
    /// It takes deposits.
    Open,
    /// Its one deposit has come.
    Used,
    /// Its time is over.
    Expired,
    /// It was closed.
    Closed,
    /// It is stopped for now.
    Stopped,
}

/// An account as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSeen {
    /// As its deposits are judged by.
    pub account: Account,
    /// What else is known; none of an imported one.
    pub details: Option<AccountDetails>,
    /// What was booked to its merchant through it, less corrections.
    pub balance: Won,
    /// Where it stands.
    pub status: AccountStatus,
}

/// Which accounts a list shows.
#[derive(Clone, Debug, Default)]
pub struct AccountQuestion {
    /// Whose; none is everyone's.
    pub merchant: Option<MerchantId>,
    /// Where they stand; none is anywhere.
    pub status: Option<AccountStatus>,
    /// Their number, at whatever bank.
    pub number: Option<AccountNo>,
    /// Only those after this one: where the last page ended.
    pub after: Option<AccountKey>,
    /// Rows at most.
    pub limit: usize,
}

/// A page of accounts by bank and number.
#[derive(Clone, Debug, Default)]
pub struct AccountPage {
    /// The accounts.
    pub accounts: Vec<AccountSeen>,
    /// After which account the next page begins; none where there is no more. A page may be short
    /// and still have a next one, where many were looked at that stand elsewhere.
    pub next: Option<AccountKey>,
    /// How many accounts the whole list has. Of those that stand somewhere nobody keeps count, for
    /// time alone moves them: that is known only where one page shows them all.
    pub total: Option<u64>,
}

/// One chapter of an account's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chapter {
    /// It was issued.
    Issued {
        /// Journal position.
        position: u64,
        /// When.
        at: Timestamp,
    },
    /// It was closed.
    Closed {
        /// Journal position.
        position: u64,
        /// When.
        at: Timestamp,
    },
    /// A deposit came, as it stands now.
    Deposit(Box<DepositSeen>),
    /// A deposit was corrected.
    Correction {
        /// Journal position.
        position: u64,
        /// When.
        at: Timestamp,
        /// The deposit's key.
        deposit: RelayKey,
        /// Journal position of the deposit's booking.
        deposit_position: u64,
        /// How much.
        amount: Won,
    },
}

impl Chapter {
    /// Journal position of its record.
    pub fn position(&self) -> u64 {
        match self {
            Chapter::Issued { position, .. }
            | Chapter::Closed { position, .. }
            | Chapter::Correction { position, .. } => *position,
            Chapter::Deposit(seen) => seen.position,
        }
    }
}

impl Reads {
    /// One account as it stands now.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn account_seen(&self, key: &AccountKey) -> Result<Option<AccountSeen>, Broken> {
        let rows = self.engine.snapshot()?;
        look(&*rows, key, self.clock.now())
    }

    /// A page of accounts.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn accounts(&self, question: &AccountQuestion) -> Result<AccountPage, Broken> {
        let rows = self.engine.snapshot()?;
        let rows = &*rows;
        let now = self.clock.now();
        let fits = |seen: &AccountSeen| {
            let merchant = &seen.account.terms.merchant;
            question.merchant.as_ref().is_none_or(|own| own == merchant)
                && question.status.is_none_or(|status| status == seen.status)
        };
        if let Some(number) = &question.number {
            let mut accounts = Vec::new();
            for bank in &self.house.banks {
                let key = AccountKey {
                    bank: *bank,
                    number: number.clone(),
                };
                accounts.extend(look(rows, &key, now)?.filter(&fits));
            }
            return Ok(AccountPage {
                total: Some(accounts.len() as u64),
                accounts,
                next: None,
            });
        }
        let mut page = AccountPage::default();
        if question.status.is_none() {
            page.total = Some(total(rows, question.merchant.as_ref())?);
        }
        let most = match question.status {
            Some(_) => limits::LIST_ROWS_LOOKED_AT_MAX,
            None => question.limit + 1,
        };
        let keys = keys(rows, question, most)?;
        let more = keys.len() == most;
        let last = keys.last().cloned().filter(|_| more);
        for key in keys {
            if page.accounts.len() == question.limit {
                page.next = page.accounts.last().map(|seen| seen.account.key.clone());
                return Ok(page);
            }
            page.accounts.extend(look(rows, &key, now)?.filter(&fits));
        }
        page.next = last;
        if page.total.is_none() && page.next.is_none() && question.after.is_none() {
            page.total = Some(page.accounts.len() as u64);
        }
        Ok(page)
    }

    /// The life of an account, the newest chapter first, from before the record at `before` on.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn account_life(
        &self,
        key: &AccountKey,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Chapter>, Broken> {
        let rows = self.engine.snapshot()?;
        let mut chapters = Vec::new();
        for position in story(&*rows, key, before, limit)? {
            chapters.extend(chapters_at(&*rows, key, position)?);
        }
        Ok(chapters)
    }

    /// The account that was issued for a merchant's own user.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn account_of_user(
        &self,
        merchant: &MerchantId,
        user: &str,
    ) -> Result<Option<(Account, AccountDetails)>, Broken> {
        facts::issue::account_of_user(&*self.engine.snapshot()?, merchant, user)
    }

    /// A merchant's policies in force.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn policies(&self, merchant: &MerchantId) -> Result<Policies, Broken> {
        let row = POLICIES.get(&*self.engine.snapshot()?, merchant)?;
        Ok(row.unwrap_or_default())
    }

    /// A merchant's settings in force.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn settings(&self, merchant: &MerchantId) -> Result<MerchantSettings, Broken> {
        facts::policy::settings(&*self.engine.snapshot()?, merchant)
    }

    /// The policy of the house, as decisions see it.
    pub fn house(&self) -> &crate::domain::House {
        &self.house
    }
}

fn total(rows: &dyn Rows, merchant: Option<&MerchantId>) -> Result<u64, Broken> {
    let Some(days) = history::whole_days(Period::default()) else {
        return Ok(0);
    };
    let days = history::days(rows, &history::counted(merchant), days)?;
    Ok(history::sum(&days).accounts)
}

/// The first `most` accounts to look at, in order.
fn keys(
    rows: &dyn Rows,
    question: &AccountQuestion,
    most: usize,
) -> Result<Vec<AccountKey>, Broken> {
    let mut keys = Vec::new();
    let mut take = |key: AccountKey| {
        keys.push(key);
        if keys.len() == most {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    if let Some(merchant) = &question.merchant {
        let prefix = merchant.bytes();
        let from = match &question.after {
            Some(after) => (merchant.clone(), after.clone()).bytes(),
            None => prefix.clone(),
        };
        let end = prefix_end(&prefix);
        let bounds = (
            Bound::Excluded(from.as_slice()),
            end.as_deref().map_or(Bound::Unbounded, Bound::Excluded),
        );
        let each = &mut |(_, key): (MerchantId, AccountKey), ()| take(key);
        MERCHANT_ACCOUNTS.walk(rows, bounds, Direction::Forward, each)?;
    } else {
        let from = question.after.as_ref().map(TableKey::bytes);
        let low = from.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let each = &mut |key: AccountKey, _: AccountRow| take(key);
        ACCOUNTS.walk(rows, (low, Bound::Unbounded), Direction::Forward, each)?;
    }
    Ok(keys)
}

fn look(rows: &dyn Rows, key: &AccountKey, now: Timestamp) -> Result<Option<AccountSeen>, Broken> {
    let Some(row) = ACCOUNTS.get(rows, key)? else {
        return Ok(None);
    };
    let account = facts::of_row(key, &row);
    let life = ACCOUNT_LIVES.get(rows, key)?.unwrap_or_default();
    let status = match account.standing {
        Standing::Closed => AccountStatus::Closed,
        Standing::Stopped => AccountStatus::Stopped,
        Standing::Open if account.used_by.is_some() => AccountStatus::Used,
        Standing::Open if account.expired(now) => AccountStatus::Expired,
        Standing::Open => AccountStatus::Open,
    };
    Ok(Some(AccountSeen {
        account,
        details: row.details,
        balance: life.balance,
        status,
    }))
}

fn chapters_at(rows: &dyn Rows, key: &AccountKey, position: u64) -> Result<Vec<Chapter>, Broken> {
    let Some(record) = journal::at(rows, position)? else {
        return Ok(Vec::new());
    };
    let at = record.at;
    let mut chapters = Vec::new();
    for event in record.events.iter().rev() {
        match event {
            Event::Account(AccountEvent::Issued { account, .. }) if account.key == *key => {
                chapters.push(Chapter::Issued { position, at });
            }
            Event::Account(AccountEvent::Closed { account, .. }) if account == key => {
                chapters.push(Chapter::Closed { position, at });
            }
            Event::DepositBooked { deposit, .. } if deposit.account == *key => {
                let seen = seen(rows, position)?;
                chapters.extend(seen.map(|seen| Chapter::Deposit(Box::new(seen))));
            }
            Event::DepositReversed {
                key: deposit, row, ..
            } if row.account == *key => chapters.push(Chapter::Correction {
                position,
                at,
                deposit: deposit.clone(),
                deposit_position: row.position,
                amount: row.amount,
            }),
            _ => {}
        }
    }
    Ok(chapters)
}
