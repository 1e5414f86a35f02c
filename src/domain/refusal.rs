//! Every business "no" of the house, one line each. A refusal is a value, not a failure.

use serde::{Deserialize, Serialize};

use super::MerchantRefusal;

/// Why the house says no. The bank's face translates it to the profile's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The institution code is not ours (0006).
    UnknownInstitution,
    /// The telegram's bank is not contracted (0007).
    UnknownBank,
    /// The account's bank has not opened yet today (0102).
    BeforeOpening,
    /// The account's bank has closed, or is under maintenance (0103).
    AfterClosing,
    /// No such account was ever issued (0121).
    AccountUnknown,
    /// The account is closed, cancelled or used up (0117).
    AccountClosed,
    /// The account's term is over (9903).
    Expired,
    /// The amount is not what was agreed (0112).
    AmountWrong,
    /// The payer is not the one allowed (9905).
    DepositorNotAllowed,
    /// More than one deposit or one day may bring (0123).
    LimitPassed,
    /// The account or its merchant is stopped (0124).
    Stopped,
    /// Another payer's approval holds the account (0124).
    HeldByAnother,
    /// The number was used before with another account or amount (0101).
    KeyReused,
    /// There is no deposit to correct (0100).
    OriginalNotFound,
    /// The time to decide was over before the turn came (9980).
    TooLate,
    /// What only merchants and operators can be told; no telegram leads here.
    Merchant(MerchantRefusal),
}

impl Refusal {
    /// Every refusal, so that each face can be asked whether it can say it.
    pub const ALL: [Refusal; 15] = [
        Refusal::UnknownInstitution,
        Refusal::UnknownBank,
        Refusal::BeforeOpening,
        Refusal::AfterClosing,
        Refusal::AccountUnknown,
        Refusal::AccountClosed,
        Refusal::Expired,
        Refusal::AmountWrong,
        Refusal::DepositorNotAllowed,
        Refusal::LimitPassed,
        Refusal::Stopped,
        Refusal::HeldByAnother,
        Refusal::KeyReused,
        Refusal::OriginalNotFound,
        Refusal::TooLate,
    ];
}
