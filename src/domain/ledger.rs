//! The chart of accounts and the double entry over it.
//!
//! A [`Transfer`] debits one account and credits another with the same amount, so that no entry
//! can be out of balance. Nothing is ever edited: an error is corrected by a transfer the other
//! way round.

use serde::{Deserialize, Serialize};

use super::{BankCode, MerchantId, Won};

/// An account of the general ledger (계정과목).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerAccount {
    /// Money that lies at a bank for us; grows by debits.
    BankClearing(BankCode),
    /// Money we owe a merchant; grows by credits.
    MerchantPayable(MerchantId),
    /// Money that came and could not be placed, per bank; grows by credits.
    Suspense(BankCode),
}

/// One movement: `amount` from the credited to the debited side, always more than zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The account debited.
    pub debit: LedgerAccount,
    /// The account credited.
    pub credit: LedgerAccount,
    /// How much.
    pub amount: Won,
}

impl Transfer {
    /// The correcting transfer: the same amount the other way round.
    #[must_use]
    pub fn reversed(&self) -> Transfer {
        Transfer {
            debit: self.credit.clone(),
            credit: self.debit.clone(),
            amount: self.amount,
        }
    }
}

/// What has passed through a ledger account since the first day: two unsigned sums, never a
/// signed one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Sum of all debits.
    pub debits: Won,
    /// Sum of all credits.
    pub credits: Won,
}

impl Balance {
    /// How much more was credited than debited, or the other way round; the text says which.
    pub fn net(&self) -> (Won, &'static str) {
        if self.credits >= self.debits {
            (self.credits.distance(self.debits), "credit")
        } else {
            (self.debits.distance(self.credits), "debit")
        }
    }
}
