//! Issuing and closing virtual accounts (가상계좌 발급·해지): what can be asked, what becomes true.

use serde::{Deserialize, Serialize};

use super::{
    Account, AccountKey, AccountKind, BankCode, By, Limits, MerchantId, OrderNumber, Timestamp, Won,
};

/// An account to be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Whose.
    pub merchant: MerchantId,
    /// How it is used; none is the merchant's setting.
    pub kind: Option<AccountKind>,
    /// At which bank.
    pub bank: BankChoice,
    /// The amount expected; none or zero takes any.
    pub amount: Option<Won>,
    /// Whether any amount is taken, whatever the merchant's settings say.
    pub any_amount: bool,
    /// From this instant on it takes nothing more.
    pub expires_at: Option<Timestamp>,
    /// The end as the asker wrote it, to be answered so.
    pub expires_as_sent: Option<String>,
    /// The name that look-ups answer; none is the merchant's.
    pub holder_name: Option<String>,
    /// The only payer allowed.
    pub depositor_name: Option<String>,
    /// Ceilings of its own.
    pub limits: Limits,
    /// The order that its deposit meets; for one-time accounts.
    pub order: Option<OrderNumber>,
    /// The merchant's own name for the account's user: the same again answers the same account.
    pub user: Option<AccountUser>,
    /// Who asks.
    pub by: By,
}

/// The bank of a new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankChoice {
    /// This one.
    Named(BankCode),
    /// The merchant's default bank, else the first that has numbers.
    Default,
    /// Any that has numbers, drawn by these random bits.
    Any(u64),
}

/// For whom a merchant asked an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountUser {
    /// The merchant's own id.
    pub id: String,
    /// The name.
    pub name: String,
}

/// Where an account's number came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drawn {
    /// Never used before: the next of the range that begins with this number.
    Fresh {
        /// The range's first number.
        range: u64,
    },
    /// Used before, and free since this instant.
    Freed {
        /// When its quarantine was over.
        since: Timestamp,
    },
}

/// What is known of an issued account beside what its deposits are judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDetails {
    /// House time of the issue.
    pub issued_at: Timestamp,
    /// Journal position of the issue.
    pub position: u64,
    /// The amount that was asked for, also where any amount is taken.
    pub amount: Won,
    /// The end as the asker wrote it.
    pub expires_as_sent: Option<String>,
    /// The order that its deposit meets.
    pub order: Option<OrderNumber>,
    /// For whom.
    pub user: Option<AccountUser>,
    /// Where its number came from.
    pub drawn: Drawn,
    /// How long its number rests after its end before it is used again.
    pub quarantine_seconds: i64,
}

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum AccountCommand {
    /// A new account.
    Issue(Box<NewAccount>),
    /// An account that shall take nothing more (해지).
    Close {
        /// Which.
        account: AccountKey,
        /// Whose it must be, where the asker may close only its own.
        of: Option<MerchantId>,
        /// Who asks.
        by: By,
    },
}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountEvent {
    /// An account was issued.
    Issued {
        /// As its deposits are judged by.
        account: Account,
        /// What else is known.
        details: AccountDetails,
    },
    /// An account was closed.
    Closed {
        /// Whose.
        merchant: MerchantId,
        /// Which.
        account: AccountKey,
        /// House time.
        at: Timestamp,
    },
}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountOutcome {
    /// The account, new or the one that its user had.
    Issued {
        /// As its deposits are judged by.
        account: Box<Account>,
        /// What else is known.
        details: Box<AccountDetails>,
        /// Whether it was there before.
        again: bool,
    },
    /// It is closed.
    Closed,
}
