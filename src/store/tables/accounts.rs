//! What lives around accounts: their merchants' lists, their stories, the numbers still free.

use serde::{Deserialize, Serialize};

use super::super::keys::UserKey;
use super::{At, Table};
use crate::domain::{
    AccountKey, AccountNo, BankCode, MerchantId, OrderNumber, Partial, Timestamp, Won,
};

/// Where each account's story ends, and what stands on it.
pub(crate) const ACCOUNT_LIVES: Table<AccountKey, AccountLife> = Table::at(At::AccountLives);
/// Accounts by merchant.
pub(crate) const MERCHANT_ACCOUNTS: Table<(MerchantId, AccountKey), ()> =
    Table::at(At::MerchantAccounts);
/// The account that was issued for an order.
pub(crate) const ORDER_ACCOUNTS: Table<(MerchantId, OrderNumber), AccountKey> =
    Table::at(At::OrderAccounts);
/// The account that was issued for a merchant's own user.
pub(crate) const ACCOUNT_USERS: Table<UserKey, AccountKey> = Table::at(At::AccountUsers);
/// Deposits of less than their account's amount that count towards it.
pub(crate) const PARTIALS: Table<(AccountKey, u64), Partial> = Table::at(At::Partials);
/// The next number never used, by bank and the first number of its range.
pub(crate) const POOLS: Table<(BankCode, u64), u64> = Table::at(At::Pools);
/// Numbers that may be used again, from when on.
pub(crate) const FREED: Table<(BankCode, (Timestamp, AccountNo)), ()> = Table::at(At::Freed);

/// Where an account's story ends, and what stands on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccountLife {
    /// Journal position of the issue; an earlier account of the same number is another one.
    pub(crate) since: u64,
    /// Journal position of the last record about it. The row of that record in the history leads
    /// to the one before.
    pub(crate) last: u64,
    /// What was booked to its merchant through it, less corrections.
    pub(crate) balance: Won,
}
