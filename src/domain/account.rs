//! The virtual account (가상계좌): whose it is, what may come into it, and whether it still may.

use serde::{Deserialize, Serialize};

use super::{AccountKey, MerchantId, RelayKey, Timestamp, Won};

/// How an account is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Takes any number of deposits (고정식).
    Fixed,
    /// Is used up by its first deposit (일회성, `dynamic` in `EzPG`).
    OneTime,
    /// A collection account whose deposits meet orders by name and amount.
    Matching,
}

/// Whether an account or a merchant may do business.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// In business.
    #[default]
    Open,
    /// Ended for good (0117).
    Closed,
    /// Halted for now (0124).
    Stopped,
}

/// Ceilings on what an account may receive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The most one deposit may bring.
    pub per_deposit: Option<Won>,
    /// The most one business date may bring.
    pub per_day: Option<Won>,
}

/// What was agreed about an account when it was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountTerms {
    /// Whose account it is.
    pub merchant: MerchantId,
    /// How it is used.
    pub kind: AccountKind,
    /// The amount expected; zero takes any.
    pub amount: Won,
    /// How far a deposit may lie from `amount`, in either direction.
    pub tolerance: Won,
    /// From this instant on it takes nothing more (9903).
    pub expires_at: Option<Timestamp>,
    /// The payee's name (예금주명) that look-ups answer; the merchant's name where absent.
    pub holder_name: Option<String>,
    /// The only payer allowed (9905), where there is such a rule.
    pub depositor_name: Option<String>,
    /// Ceilings (0123).
    pub limits: Limits,
}

/// A virtual account as the books know it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Bank and number.
    pub key: AccountKey,
    /// What was agreed.
    pub terms: AccountTerms,
    /// Whether it may still be used.
    pub standing: Standing,
    /// The deposit that used up a one-time account.
    pub used_by: Option<RelayKey>,
}

impl Account {
    /// A fresh account under `terms`.
    pub fn new(key: AccountKey, terms: AccountTerms) -> Self {
        Account {
            key,
            terms,
            standing: Standing::Open,
            used_by: None,
        }
    }

    /// Whether its time is over at `now`.
    pub fn expired(&self, now: Timestamp) -> bool {
        self.terms.expires_at.is_some_and(|end| now >= end)
    }

    /// Whether `amount` lies within what was agreed: |amount − agreed| ≤ tolerance, zero takes any.
    pub fn takes_amount(&self, amount: Won) -> bool {
        let agreed = self.terms.amount;
        agreed.is_zero() || amount.distance(agreed) <= self.terms.tolerance
    }

    /// Whether an approval takes something away that a second payer must not also be promised.
    pub fn approval_uses_up(&self) -> bool {
        self.terms.kind == AccountKind::OneTime || self.terms.limits.per_day.is_some()
    }
}
