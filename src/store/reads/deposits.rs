//! Questions about deposits: lists by merchant, time and status, one with its whole file, and the
//! orders it may belong to.

use std::ops::ControlFlow;

use super::super::engine::{Broken, Rows};
use super::super::facts;
use super::super::journal::{self, Record};
use super::super::keys::{Tag, Whose};
use super::super::tables::{ACCOUNT_LIVES, ACCOUNTS, DEPOSIT_STATES, HISTORY, POLICIES, RELAYED};
use super::Reads;
use super::history::{self, Period, Stretch};
use crate::domain::candidates::{self, Candidate};
use crate::domain::{
    AccountAfter, Arrival, Credit, Deposit, DepositRow, Event, MerchantId, Order, Timestamp,
};
use crate::limits;
use crate::store::tables::DepositState;

/// Where a deposit stands, as merchants are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DepositStatus {
    /// Booked to its merchant.
    Completed,
    /// Parked.
    Pending,
    /// Corrected.
    Cancelled,
}

/// A deposit as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositSeen {
    /// Journal position of its booking; names it towards merchants.
    pub position: u64,
    /// The stamp of its booking.
    pub at: Timestamp,
    /// As the bank told it.
    pub deposit: Deposit,
    /// As the key table keeps it.
    pub row: DepositRow,
    /// Whose account it came into; none where that was never issued.
    pub merchant: Option<MerchantId>,
    /// What stood on the account after its booking.
    pub after: Option<AccountAfter>,
    /// What else is to be said of it.
    pub state: DepositState,
}

impl DepositSeen {
    /// Where it stands.
    pub fn status(&self) -> DepositStatus {
        match (self.row.reversed_at, &self.row.credit) {
            (Some(_), _) => DepositStatus::Cancelled,
            (None, Credit::Suspense(_)) => DepositStatus::Pending,
            (None, Credit::Merchant(_)) => DepositStatus::Completed,
        }
    }
}

/// Which deposits a list shows.
#[derive(Clone, Debug, Default)]
pub struct DepositQuestion {
    /// Whose; none is everyone's.
    pub merchant: Option<MerchantId>,
    /// When they came into the books.
    pub period: Period,
    /// Where they stand; none is anywhere.
    pub status: Option<DepositStatus>,
    /// Only those booked before this position: where the last page ended.
    pub before: Option<u64>,
    /// Rows to leave out at the beginning, for pages by number.
    pub skip: usize,
    /// Rows at most.
    pub limit: usize,
}

/// A page of deposits, the newest first.
#[derive(Clone, Debug, Default)]
pub struct DepositPage {
    /// The deposits.
    pub deposits: Vec<DepositSeen>,
    /// Where the next page begins; none where there is no more.
    pub next: Option<u64>,
    /// How many the whole list has.
    pub total: u64,
}

/// Everything the books know about one deposit.
#[derive(Clone, Debug)]
pub struct DepositFile {
    /// As it stands now.
    pub seen: DepositSeen,
    /// The order it has met.
    pub order: Option<Order>,
    /// The records that speak of it with their positions, the booking first.
    pub records: Vec<(u64, Record)>,
}

impl Reads {
    /// A page of deposits.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn deposits(&self, question: &DepositQuestion) -> Result<DepositPage, Broken> {
        let rows = self.engine.snapshot()?;
        let rows = &*rows;
        let merchant = question.merchant.as_ref();
        let owners = history::owners(rows, merchant)?;
        let whole = Stretch::of(rows, question.period)?;
        let stretch = whole.before(question.before);
        let mut page = DepositPage {
            total: total(rows, question, &owners, whole)?,
            ..DepositPage::default()
        };
        let tag = match question.status {
            None | Some(DepositStatus::Completed) => Tag::Deposit,
            Some(DepositStatus::Pending) => Tag::Pending,
            Some(DepositStatus::Cancelled) => Tag::Cancelled,
        };
        let (mut left_out, mut looked_at) = (0, 0);
        history::walk_back(rows, &owners, tag, stretch, &mut |owner, position| {
            if page.deposits.len() == question.limit || looked_at == limits::LIST_ROWS_LOOKED_AT_MAX
            {
                page.next = Some(position.saturating_add(1));
                return Ok(ControlFlow::Break(()));
            }
            let parted = question.status == Some(DepositStatus::Completed)
                && (history::stands(rows, owner, Tag::Pending, position)?
                    || history::stands(rows, owner, Tag::Cancelled, position)?);
            looked_at += usize::from(parted);
            if parted {
                return Ok(ControlFlow::Continue(()));
            }
            if left_out < question.skip {
                left_out += 1;
                return Ok(ControlFlow::Continue(()));
            }
            page.deposits.extend(seen(rows, position)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(page)
    }

    /// One deposit as it stands now, by the position of its booking.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn deposit_seen(&self, position: u64) -> Result<Option<DepositSeen>, Broken> {
        seen(&*self.engine.snapshot()?, position)
    }

    /// Everything about one deposit.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn deposit_file(&self, position: u64) -> Result<Option<DepositFile>, Broken> {
        let rows = self.engine.snapshot()?;
        let rows = &*rows;
        let Some(seen) = seen(rows, position)? else {
            return Ok(None);
        };
        let order = match (&seen.merchant, &seen.state.met) {
            (Some(merchant), Some(number)) => facts::order::order(rows, merchant, number)?,
            _ => None,
        };
        let mut positions = vec![position];
        positions.extend(&seen.state.records);
        positions.extend(seen.row.reversed_at);
        positions.sort_unstable();
        positions.dedup();
        let mut records = Vec::with_capacity(positions.len());
        for position in positions {
            records.extend(journal::at(rows, position)?.map(|record| (position, record)));
        }
        Ok(Some(DepositFile {
            seen,
            order,
            records,
        }))
    }

    /// Orders of its merchant that a deposit may belong to, the best first; none where there is no
    /// such deposit.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn candidates(
        &self,
        position: u64,
    ) -> Result<Option<(MerchantId, Vec<Candidate>)>, Broken> {
        let rows = self.engine.snapshot()?;
        let rows = &*rows;
        let Some(seen) = seen(rows, position)? else {
            return Ok(None);
        };
        let Some(merchant) = seen.merchant.clone() else {
            return Ok(None);
        };
        let policies = POLICIES.get(rows, &merchant)?.unwrap_or_default();
        let mut arrival = Arrival::of(&seen.deposit, seen.at);
        arrival.now = self.clock.now();
        let lines = facts::matching::around(rows, &merchant, &arrival)?;
        let ranked = candidates::ranked(&arrival, &policies.matching, &lines, position);
        let own = own_order(rows, &merchant, &seen)?;
        let ranked = candidates::with_own(ranked, own.as_ref(), arrival.amount);
        Ok(Some((merchant, ranked)))
    }

    /// When the last deposit of a merchant came into the books.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn last_deposit_at(&self, merchant: &MerchantId) -> Result<Option<Timestamp>, Broken> {
        let rows = self.engine.snapshot()?;
        let owners = [Whose::Merchant(merchant.clone())];
        let all = Stretch {
            from: 0,
            to: u64::MAX,
        };
        let mut last = None;
        history::walk_back(&*rows, &owners, Tag::Deposit, all, &mut |_, position| {
            last = Some(position);
            Ok(ControlFlow::Break(()))
        })?;
        let record = match last {
            Some(position) => journal::at(&*rows, position)?,
            None => None,
        };
        Ok(record.map(|record| record.at))
    }
}

/// The order that the deposit's account was issued for.
fn own_order(
    rows: &dyn Rows,
    merchant: &MerchantId,
    seen: &DepositSeen,
) -> Result<Option<Order>, Broken> {
    let life = ACCOUNT_LIVES.get(rows, &seen.deposit.account)?;
    let account = ACCOUNTS.get(rows, &seen.deposit.account)?;
    // A number that was issued again since is another account.
    let account = account.filter(|_| life.is_some_and(|life| life.since <= seen.position));
    let number = account
        .and_then(|account| account.details)
        .and_then(|details| details.order);
    match number {
        Some(number) => facts::order::order(rows, merchant, &number),
        None => Ok(None),
    }
}

/// How many deposits the whole list has: from the counts of days, and row by row only where the
/// period cuts through a day.
fn total(
    rows: &dyn Rows,
    question: &DepositQuestion,
    owners: &[Whose],
    whole: Stretch,
) -> Result<u64, Broken> {
    if let Some(days) = history::whole_days(question.period) {
        let counted = history::counted(question.merchant.as_ref());
        let sum = history::sum(&history::days(rows, &counted, days)?);
        return Ok(match question.status {
            None => sum.deposits.count,
            Some(DepositStatus::Completed) => sum.completed().count,
            Some(DepositStatus::Pending) => sum.pending.count,
            Some(DepositStatus::Cancelled) => sum.cancelled.count,
        });
    }
    let count = |tag| history::count(rows, owners, tag, whole);
    Ok(match question.status {
        None => count(Tag::Deposit)?,
        Some(DepositStatus::Pending) => count(Tag::Pending)?,
        Some(DepositStatus::Cancelled) => count(Tag::Cancelled)?,
        Some(DepositStatus::Completed) => count(Tag::Deposit)?
            .saturating_sub(count(Tag::Pending)?)
            .saturating_sub(count(Tag::Cancelled)?),
    })
}

/// The deposit that was booked at `position`, as it stands now.
pub(super) fn seen(rows: &dyn Rows, position: u64) -> Result<Option<DepositSeen>, Broken> {
    let Some(record) = journal::at(rows, position)? else {
        return Ok(None);
    };
    let at = record.at;
    let booked = record.events.into_iter().find_map(|event| match event {
        Event::DepositBooked {
            deposit,
            row,
            after,
            ..
        } => Some((deposit, row, after)),
        _ => None,
    });
    let Some((deposit, first, after)) = booked else {
        return Ok(None);
    };
    let relayed = RELAYED.get(rows, &deposit.key)?;
    let row = relayed.and_then(|relayed| relayed.deposit).unwrap_or(first);
    let merchant = match (&after, &row.credit) {
        (Some(after), _) => Some(after.merchant.clone()),
        (None, Credit::Merchant(merchant)) => Some(merchant.clone()),
        (None, Credit::Suspense(_)) => None,
    };
    let state = DEPOSIT_STATES.get(rows, &position)?.unwrap_or_default();
    Ok(Some(DepositSeen {
        position,
        at,
        deposit,
        row,
        merchant,
        after,
        state,
    }))
}

/// The positions of an account's story, the newest first.
pub(super) fn story(
    rows: &dyn Rows,
    account: &crate::domain::AccountKey,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<u64>, Broken> {
    let life = ACCOUNT_LIVES.get(rows, account)?;
    let owner = ACCOUNTS.get(rows, account)?.map(|row| row.terms.merchant);
    let (Some(life), Some(owner)) = (life, owner) else {
        return Ok(Vec::new());
    };
    let owner = Whose::Merchant(owner);
    let mut positions = Vec::new();
    // The record that the last page ended with knows the one before it.
    let mut position = match before {
        Some(before) => earlier(rows, &owner, before)?,
        None => life.last,
    };
    while position > 0 && position >= life.since && positions.len() < limit {
        positions.push(position);
        position = earlier(rows, &owner, position)?;
    }
    Ok(positions)
}

/// The record before the one at `position` in the story of its account; 0 where there is none.
fn earlier(rows: &dyn Rows, owner: &Whose, position: u64) -> Result<u64, Broken> {
    let mut earlier = 0;
    for tag in [Tag::Deposit, Tag::Correction, Tag::Account] {
        let row = HISTORY.get(rows, &(owner.clone(), (tag, position)))?;
        earlier = earlier.max(row.unwrap_or_default());
    }
    Ok(earlier)
}
