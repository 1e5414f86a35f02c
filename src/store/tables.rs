//! Every table: the schema on one page.
//!
//! The journal is the ground state. Every other table is derived from it by `apply.rs` alone and
//! can be thrown away and made again; `naru check` does exactly that and compares.

mod accounts;
mod credential;
mod history;
mod message;
mod once;
mod orders;
mod people;
mod policy;
mod registration;
mod system;
mod webhook;

use std::marker::PhantomData;
use std::ops::{Bound, ControlFlow};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::engine::{Batch, Broken, Direction, Rows, TableId};
use super::keys::{DayKey, TableKey};
use crate::domain::{
    AccountDetails, AccountKey, AccountTerms, Balance, BusinessDate, Case, CorrectionRow,
    DepositRow, ExceptionKind, Hold, LedgerAccount, Merchant, MerchantId, RelayKey, Standing,
    SuspenseReason, Timestamp, Totals, Won,
};

pub(crate) use accounts::{
    ACCOUNT_LIVES, ACCOUNT_USERS, AccountLife, FREED, MERCHANT_ACCOUNTS, ORDER_ACCOUNTS, PARTIALS,
    POOLS,
};
pub(crate) use credential::{CREDENTIALS, KEY_OWNERS};
pub use history::{DayCounts, Sum};
pub(crate) use history::{HISTORY, MERCHANT_DAYS};
pub use orders::DepositState;
pub(crate) use orders::{
    AMOUNTS_STRETCH, DEPOSIT_STATES, NameRow, ORDER_AMOUNTS, ORDER_NAMES, ORDERS, ORDERS_BY_END,
    UNMET, UnmetRow,
};
pub(crate) use people::{FAILURES, FAILURES_BY_TIME, SESSIONS, SESSIONS_BY_END, USERS};
pub(crate) use policy::{POLICIES, SETTINGS};
pub(crate) use registration::PROFILES;
pub(crate) use system::{AUDIT, SYSTEM};

/// The journal itself: position → hash and record. Its rows are the journal room's business.
pub(crate) const JOURNAL: TableId = At::Journal.id();
/// Merchants by id.
pub(crate) const MERCHANTS: Table<MerchantId, Merchant> = Table::at(At::Merchants);
/// Virtual accounts by bank and number.
pub(crate) const ACCOUNTS: Table<AccountKey, AccountRow> = Table::at(At::Accounts);
/// What the relay has told us, by its key: the stored answers.
pub(crate) const RELAYED: Table<RelayKey, Relayed> = Table::at(At::Relayed);
/// Holds by the key of the approval.
pub(crate) const HOLDS: Table<RelayKey, Hold> = Table::at(At::Holds);
/// The same holds by account.
pub(crate) const HOLDS_BY_ACCOUNT: Table<(AccountKey, RelayKey), ()> =
    Table::at(At::HoldsByAccount);
/// The same holds by the instant they end.
pub(crate) const HOLDS_BY_END: Table<(Timestamp, RelayKey), ()> = Table::at(At::HoldsByEnd);
/// What an account with a daily ceiling received on a date, less corrections.
pub(crate) const ACCOUNT_DAYS: Table<(AccountKey, BusinessDate), Won> = Table::at(At::AccountDays);
/// The general ledger.
pub(crate) const LEDGER: Table<LedgerAccount, Balance> = Table::at(At::Ledger);
/// Counts and sums per bank and date.
pub(crate) const TOTALS: Table<DayKey, Totals> = Table::at(At::Totals);
/// Deposits that could not be placed, while their money is still parked.
pub(crate) const SUSPENSE: Table<RelayKey, SuspenseRow> = Table::at(At::Suspense);
/// Conflicts for a person to look at.
pub(crate) const EXCEPTIONS: Table<ConflictKey, ExceptionRow> = Table::at(At::Exceptions);
/// The last answer about each bank's day.
pub(crate) const CASES: Table<DayKey, Case> = Table::at(At::Cases);

pub(crate) use message::{
    Hearer, MESSAGES, MESSAGES_DUE, MESSAGES_OF, MESSAGES_WAITING, NOTIFICATIONS, UNMATCHED_DAYS,
};
pub use message::{Lane, MessageRow, MessageState};
pub(crate) use once::{ANSWERS, ANSWERS_BY_END, AnswerRow};
pub use webhook::LetterRow;
pub(crate) use webhook::{
    AT_ONCE, ENDPOINT_HEALTH, ENDPOINTS, ENDPOINTS_OF, LETTERS, LETTERS_DUE, LETTERS_WAITING,
    LetterKey,
};

macro_rules! list_tables {
    ($($table:ident = $name:literal,)+) => {
        /// Every table's place in the file. A name never changes once data exists; the order may.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum At {
            $(#[doc = concat!("The table `", $name, "`.")] $table,)+
        }

        impl At {
            pub(crate) const fn id(self) -> TableId {
                ALL[self as usize]
            }
        }

        /// Every table, in the order of its index.
        pub(crate) const ALL: &[TableId] = &[
            $(TableId { index: At::$table as usize, name: $name },)+
        ];
    };
}

list_tables! {
    Journal = "journal",
    Merchants = "merchants",
    Accounts = "accounts",
    Relayed = "relayed",
    Holds = "holds",
    HoldsByAccount = "holds_by_account",
    HoldsByEnd = "holds_by_end",
    AccountDays = "account_days",
    Ledger = "ledger",
    Totals = "totals",
    Suspense = "suspense",
    Exceptions = "exceptions",
    Cases = "cases",
    Endpoints = "endpoints",
    EndpointsOf = "endpoints_of",
    EndpointHealth = "endpoint_health",
    Letters = "letters",
    LettersDue = "letters_due",
    LettersWaiting = "letters_waiting",
    Notifications = "notifications",
    Messages = "messages",
    MessagesDue = "messages_due",
    MessagesOf = "messages_of",
    MessagesWaiting = "messages_waiting",
    UnmatchedDays = "unmatched_days",
    Answers = "answers",
    AnswersByEnd = "answers_by_end",
    Users = "users",
    Failures = "failures",
    FailuresByTime = "failures_by_time",
    Sessions = "sessions",
    SessionsByEnd = "sessions_by_end",
    Credentials = "credentials",
    KeyOwners = "key_owners",
    Profiles = "profiles",
    System = "system",
    Audit = "audit",
    Orders = "orders",
    OrderNames = "order_names",
    OrderAmounts = "order_amounts",
    OrdersByEnd = "orders_by_end",
    DepositStates = "deposit_states",
    Unmet = "unmet",
    AccountLives = "account_lives",
    MerchantAccounts = "merchant_accounts",
    OrderAccounts = "order_accounts",
    AccountUsers = "account_users",
    Partials = "partials",
    Pools = "pools",
    Freed = "freed",
    History = "history",
    MerchantDays = "merchant_days",
    Policies = "policies",
    Settings = "settings",
}

/// Names a conflict: the key, its kind, and the account and amount that disagree.
pub(crate) type ConflictKey = (RelayKey, ExceptionKind, AccountKey, Won);

/// A virtual account without its key, which is the row's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccountRow {
    pub(crate) terms: AccountTerms,
    pub(crate) standing: Standing,
    pub(crate) used_by: Option<RelayKey>,
    /// What is known of an account that we issued; none of one that was imported.
    pub(crate) details: Option<AccountDetails>,
    /// From when on its number may be used again, as things stand.
    pub(crate) frees_at: Option<Timestamp>,
}

/// Everything accepted under one relay key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Relayed {
    pub(crate) deposit: Option<DepositRow>,
    pub(crate) correction: Option<CorrectionRow>,
    /// The stamp of the deposit's record.
    pub(crate) booked_at: Option<Timestamp>,
    /// Whose account it came into then; none where that was never issued.
    pub(crate) owner: Option<MerchantId>,
}

/// A deposit whose money is parked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspenseRow {
    /// Why.
    pub reason: SuspenseReason,
    /// The account the payer named.
    pub account: AccountKey,
    /// How much.
    pub amount: Won,
    /// When it was booked.
    pub at: Timestamp,
}

/// A recorded conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionRow {
    /// Account and amount told before, where there was something before.
    pub earlier: Option<(AccountKey, Won)>,
    /// When it was recorded.
    pub at: Timestamp,
    /// Journal position of the record.
    pub position: u64,
}

/// Written before each row, so that a later shape can be told from this one.
const ROW_VERSION: u8 = 1;

/// A table with typed keys and rows over the engine's bytes.
#[derive(Debug)]
pub(crate) struct Table<K, R> {
    pub(crate) id: TableId,
    types: PhantomData<fn(K) -> R>,
}

impl<K: TableKey, R: Serialize + DeserializeOwned> Table<K, R> {
    pub(crate) const fn at(place: At) -> Self {
        Table {
            id: place.id(),
            types: PhantomData,
        }
    }

    /// The row under `key`, or none.
    pub(crate) fn get(&self, rows: &dyn Rows, key: &K) -> Result<Option<R>, Broken> {
        match rows.get(self.id, &key.bytes())? {
            Some(bytes) => self.row(&bytes).map(Some),
            None => Ok(None),
        }
    }

    /// Writes `row` under `key`.
    pub(crate) fn put(&self, batch: &mut dyn Batch, key: &K, row: &R) -> Result<(), Broken> {
        let bytes = postcard::to_extend(row, vec![ROW_VERSION])
            .map_err(|_| Broken::not_understood(self.id, "a row could not be written"))?;
        batch.put(self.id, &key.bytes(), &bytes)
    }

    /// Takes the row under `key` away.
    pub(crate) fn delete(&self, batch: &mut dyn Batch, key: &K) -> Result<bool, Broken> {
        batch.delete(self.id, &key.bytes())
    }

    /// Walks rows from `from` on while `each` goes on.
    pub(crate) fn walk_from(
        &self,
        rows: &dyn Rows,
        from: &[u8],
        each: &mut dyn FnMut(K, R) -> ControlFlow<()>,
    ) -> Result<(), Broken> {
        let start = Bound::Included(from);
        rows.scan(
            self.id,
            start,
            Bound::Unbounded,
            Direction::Forward,
            &mut |key, bytes| Ok(each(self.key(key)?, self.row(bytes)?)),
        )
    }

    /// Walks the rows between two bounds in either direction while `each` goes on.
    pub(crate) fn walk(
        &self,
        rows: &dyn Rows,
        (from, to): (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
        each: &mut dyn FnMut(K, R) -> ControlFlow<()>,
    ) -> Result<(), Broken> {
        rows.scan(self.id, from, to, direction, &mut |key, bytes| {
            Ok(each(self.key(key)?, self.row(bytes)?))
        })
    }

    /// Walks all rows whose key begins with `prefix`, the last one first.
    pub(crate) fn walk_prefix_back(
        &self,
        rows: &dyn Rows,
        prefix: &[u8],
        each: &mut dyn FnMut(K, R) -> ControlFlow<()>,
    ) -> Result<(), Broken> {
        let end = prefix_end(prefix);
        let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let bounds = (Bound::Included(prefix), to);
        self.walk(rows, bounds, Direction::Backward, each)
    }

    /// Walks all rows whose key begins with `prefix`.
    pub(crate) fn walk_prefix(
        &self,
        rows: &dyn Rows,
        prefix: &[u8],
        each: &mut dyn FnMut(K, R) -> ControlFlow<()>,
    ) -> Result<(), Broken> {
        let start = Bound::Included(prefix);
        rows.scan(
            self.id,
            start,
            Bound::Unbounded,
            Direction::Forward,
            &mut |key, bytes| {
                if key.starts_with(prefix) {
                    Ok(each(self.key(key)?, self.row(bytes)?))
                } else {
                    Ok(ControlFlow::Break(()))
                }
            },
        )
    }

    /// A key and its row, from a scan of one's own.
    pub(crate) fn read(&self, key: &[u8], row: &[u8]) -> Result<(K, R), Broken> {
        Ok((self.key(key)?, self.row(row)?))
    }

    fn key(&self, mut bytes: &[u8]) -> Result<K, Broken> {
        K::read(&mut bytes)
            .filter(|_| bytes.is_empty())
            .ok_or_else(|| Broken::not_understood(self.id, "a key could not be read"))
    }

    fn row(&self, bytes: &[u8]) -> Result<R, Broken> {
        let wrong = || Broken::not_understood(self.id, "a row could not be read");
        match bytes.split_first() {
            Some((&ROW_VERSION, row)) => postcard::from_bytes(row).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

/// The first key behind all that begin with `prefix`; none where there is no such key.
pub(crate) fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{ALL, prefix_end};

    #[test]
    fn a_prefix_ends_before_the_next() {
        assert_eq!(prefix_end(&[1, 2]), Some(vec![1, 3]));
        assert_eq!(prefix_end(&[1, 255]), Some(vec![2]));
        assert_eq!(prefix_end(&[255, 255]), None);
        assert_eq!(prefix_end(&[]), None);
    }

    #[test]
    fn tables_stand_at_their_index() {
        for (index, table) in ALL.iter().enumerate() {
            assert_eq!(table.index, index, "{}", table.name);
        }
    }
}
