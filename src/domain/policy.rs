//! What a merchant has decided about its deposits: matching, ceilings, reactions.
//!
//! A merchant that has decided nothing lives by the defaults, which are the house's. A change is
//! in force from its position in the journal on, and is written down with what stood before.

use serde::{Deserialize, Serialize};

use super::name::{same_name, spaced_name};
use super::{AccountKind, BankCode, By, Limits, MerchantId, Rate, Reaction, Won};

mod change;

pub use change::{set_policies, set_settings};

/// The most days that a merchant can let an order wait.
pub const ORDER_DAYS_MAX: u16 = 365;

/// What to do when several orders have the deposit's name and amount (스마트오더매칭).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchMode {
    /// Nothing: only exactly one order matches.
    #[default]
    Exact,
    /// The one ordered first.
    Oldest,
    /// The one ordered last.
    Newest,
}

/// How orders meet deposits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchingPolicy {
    /// What to do with several.
    pub mode: MatchMode,
    /// Whether an order may meet a deposit that came before it.
    pub late_orders: bool,
    /// How many days of 24 hours an order waits from its receipt.
    pub max_age_days: u16,
    /// Whether spaces inside a name count for nothing.
    pub ignore_inner_spaces: bool,
}

/// What to do with deposits that are out of the ordinary. None is the house's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositPolicy {
    /// Less than the account's amount: wait, accept or refund; by default wait.
    pub partial: Option<Reaction>,
    /// More than the account's amount: accept, refund or suspense; by default suspense.
    pub over: Option<Reaction>,
    /// After the end: accept, refund or suspense; by default suspense, but for a matching account,
    /// which does not end with its orders and accepts.
    pub late: Option<Reaction>,
    /// Paid before: accept, refund or suspense; by default accept, but for a used-up account,
    /// which is closed and parks.
    pub duplicate: Option<Reaction>,
}

/// How the `PayAction` face tells errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorStatus {
    /// With status 200 and the error in the body.
    #[default]
    #[serde(rename = "200")]
    Always200,
    /// With a status from 400 to 499.
    #[serde(rename = "4xx")]
    Status4xx,
}

/// What a merchant pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// Without cash receipts.
    Basic,
    /// With cash receipts.
    Premium,
}

/// Whether a correction is taken after the money was paid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionAfterPayout {
    /// Yes; the merchant owes it.
    #[default]
    Accept,
    /// No.
    Refuse,
}

/// Everything a merchant has decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies {
    /// How orders meet deposits.
    pub matching: MatchingPolicy,
    /// What to do with deposits that are out of the ordinary.
    pub deposits: DepositPolicy,
    /// Ceilings on every account of the merchant, over what each has of its own.
    pub limits: Limits,
    /// How the `PayAction` face tells errors.
    pub payaction_error_status: ErrorStatus,
    /// Address ranges that its programs may call from; empty is any.
    pub ip_allow_list: Vec<String>,
    /// Corrections after a payout.
    pub correction_after_payout: CorrectionAfterPayout,
    /// What it pays for; none is the house's default.
    pub plan: Option<Plan>,
}

impl Default for Policies {
    fn default() -> Self {
        Policies {
            matching: MatchingPolicy {
                mode: MatchMode::Exact,
                late_orders: false,
                max_age_days: 14,
                ignore_inner_spaces: true,
            },
            deposits: DepositPolicy::default(),
            limits: Limits::default(),
            payaction_error_status: ErrorStatus::default(),
            ip_allow_list: Vec::new(),
            correction_after_payout: CorrectionAfterPayout::default(),
            plan: None,
        }
    }
}

/// What shall be other than it is; none stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoliciesChange {
    /// What to do with several orders.
    pub mode: Option<MatchMode>,
    /// Late orders.
    pub late_orders: Option<bool>,
    /// Days an order waits, 1 to 365.
    pub max_age_days: Option<u16>,
    /// Spaces inside a name.
    pub ignore_inner_spaces: Option<bool>,
    /// Less than the account's amount.
    pub partial: Option<Reaction>,
    /// More than the account's amount.
    pub over: Option<Reaction>,
    /// After the end.
    pub late: Option<Reaction>,
    /// Paid before.
    pub duplicate: Option<Reaction>,
    /// The most one deposit may bring; the inner none takes the ceiling away.
    pub per_deposit: Option<Option<Won>>,
    /// The most one account may bring in a day; the inner none takes the ceiling away.
    pub per_day: Option<Option<Won>>,
    /// How the `PayAction` face tells errors.
    pub payaction_error_status: Option<ErrorStatus>,
    /// Address ranges, already checked.
    pub ip_allow_list: Option<Vec<String>>,
    /// Corrections after a payout.
    pub correction_after_payout: Option<CorrectionAfterPayout>,
    /// What it pays for.
    pub plan: Option<Plan>,
}

/// What a merchant's new accounts are like, and what it pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantSettings {
    /// The kind of account where a request names none.
    pub account_kind: AccountKind,
    /// Whether a new account takes only its amount.
    pub amount_match_required: bool,
    /// How far a deposit may lie from that amount.
    pub allowed_amount_error: Won,
    /// The bank where a request names none.
    pub default_bank: Option<BankCode>,
    /// The fee on deposits.
    pub deposit_fee_rate: Rate,
    /// The fee on withdrawals.
    pub withdrawal_fee_rate: Rate,
}

impl Default for MerchantSettings {
    fn default() -> Self {
        MerchantSettings {
            account_kind: AccountKind::Fixed,
            amount_match_required: true,
            allowed_amount_error: Won::ZERO,
            default_bank: None,
            deposit_fee_rate: Rate::default(),
            withdrawal_fee_rate: Rate::default(),
        }
    }
}

/// What shall be other than it is; none stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// The kind of account where a request names none.
    pub account_kind: Option<AccountKind>,
    /// Whether a new account takes only its amount.
    pub amount_match_required: Option<bool>,
    /// How far a deposit may lie from that amount.
    pub allowed_amount_error: Option<Won>,
    /// The bank where a request names none.
    pub default_bank: Option<Option<BankCode>>,
    /// The fee on deposits.
    pub deposit_fee_rate: Option<Rate>,
    /// The fee on withdrawals.
    pub withdrawal_fee_rate: Option<Rate>,
}

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum PolicyCommand {
    /// Other policies for a merchant.
    SetPolicies {
        /// Whose.
        merchant: MerchantId,
        /// What is to be other.
        change: Box<PoliciesChange>,
        /// Who says so.
        by: By,
    },
    /// Other settings for a merchant.
    SetSettings {
        /// Whose.
        merchant: MerchantId,
        /// What is to be other.
        change: Box<SettingsChange>,
        /// Who says so.
        by: By,
    },
}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyEvent {
    /// A merchant's policies are these now.
    PoliciesSet {
        /// Whose.
        merchant: MerchantId,
        /// All of them.
        policies: Policies,
    },
    /// A merchant's settings are these now.
    SettingsSet {
        /// Whose.
        merchant: MerchantId,
        /// All of them.
        settings: MerchantSettings,
    },
}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyOutcome {
    /// The policies in force now.
    Policies(Box<Policies>),
    /// The settings in force now.
    Settings(Box<MerchantSettings>),
}

impl MatchingPolicy {
    /// Whether the name that the bank told is the one that an order asks for.
    pub fn names_agree(&self, told: &str, asked: &str) -> bool {
        if self.ignore_inner_spaces {
            return same_name(told, asked);
        }
        spaced_name(told) == spaced_name(asked)
    }
}

impl DepositPolicy {
    /// About too little.
    pub fn on_partial(&self) -> Reaction {
        self.partial.unwrap_or(Reaction::Wait)
    }

    /// About too much.
    pub fn on_over(&self) -> Reaction {
        self.over.unwrap_or(Reaction::Suspense)
    }

    /// About too late.
    pub fn on_late(&self) -> Reaction {
        self.late.unwrap_or(Reaction::Suspense)
    }

    /// About what comes into a matching account too late for its order: the account itself is not
    /// over, so that only a merchant that has itself chosen otherwise does not get the money.
    pub fn on_late_by_name(&self) -> Reaction {
        self.late.unwrap_or(Reaction::Accept)
    }

    /// About an order that was paid before.
    pub fn on_duplicate(&self) -> Reaction {
        self.duplicate.unwrap_or(Reaction::Accept)
    }

    /// About an account that is used up, and so is closed.
    pub fn on_used_up(&self) -> Reaction {
        self.duplicate.unwrap_or(Reaction::Suspense)
    }
}
