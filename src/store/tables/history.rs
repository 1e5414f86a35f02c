//! What happened to whom: one small row for each record that concerns a merchant, in the order of
//! the journal, and the counts of each day.
//!
//! Every list and the feed are readings of this one index. Its keys grow with time, so that a row
//! costs next to nothing.

use serde::{Deserialize, Serialize};

use super::super::keys::{Tag, Whose};
use super::{At, Table};
use crate::domain::{BusinessDate, Won};

/// Journal positions by whom they concern and how. The row is the position of the record before
/// it about the same account, 0 where there is none.
pub(crate) const HISTORY: Table<(Whose, (Tag, u64)), u64> = Table::at(At::History);
/// Counts by the day on which things came into the books.
pub(crate) const MERCHANT_DAYS: Table<(Whose, BusinessDate), DayCounts> =
    Table::at(At::MerchantDays);

/// How many, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// How many.
    pub count: u64,
    /// How much.
    pub amount: Won,
}

impl Sum {
    /// One of this amount.
    pub(crate) fn one(amount: Won) -> Self {
        Sum { count: 1, amount }
    }

    /// Both together, or none where they do not fit.
    pub fn checked_add(self, other: Sum) -> Option<Sum> {
        Some(Sum {
            count: self.count.checked_add(other.count)?,
            amount: self.amount.checked_add(other.amount)?,
        })
    }

    /// The rest, or none where it would fall below nothing.
    pub fn checked_sub(self, other: Sum) -> Option<Sum> {
        Some(Sum {
            count: self.count.checked_sub(other.count)?,
            amount: self.amount.checked_sub(other.amount)?,
        })
    }
}

/// One day. Deposits and orders are counted on the day they came into the books, with where they
/// stand now; corrections also on their own day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCounts {
    /// Deposits that came, wherever they stand now.
    pub deposits: Sum,
    /// Of them, those whose money is parked.
    pub pending: Sum,
    /// Of them, those that were corrected.
    pub cancelled: Sum,
    /// Corrections that came on this day.
    pub corrections: Sum,
    /// Orders that came, wherever they stand now.
    pub orders: u64,
    /// Of them, those that met their deposit.
    pub matched: u64,
    /// Of them, those taken out.
    pub excluded: u64,
    /// Of them, those whose time ran out.
    pub expired: u64,
    /// Accounts that were issued or imported.
    pub accounts: u64,
}

impl DayCounts {
    /// Both days together, or none where a sum does not fit.
    pub fn checked_add(self, other: DayCounts) -> Option<DayCounts> {
        Some(DayCounts {
            deposits: self.deposits.checked_add(other.deposits)?,
            pending: self.pending.checked_add(other.pending)?,
            cancelled: self.cancelled.checked_add(other.cancelled)?,
            corrections: self.corrections.checked_add(other.corrections)?,
            orders: self.orders.checked_add(other.orders)?,
            matched: self.matched.checked_add(other.matched)?,
            excluded: self.excluded.checked_add(other.excluded)?,
            expired: self.expired.checked_add(other.expired)?,
            accounts: self.accounts.checked_add(other.accounts)?,
        })
    }

    /// Deposits that stand booked to the merchant.
    pub fn completed(&self) -> Sum {
        let rest = self.deposits.checked_sub(self.pending);
        rest.and_then(|rest| rest.checked_sub(self.cancelled))
            .unwrap_or_default()
    }
}
