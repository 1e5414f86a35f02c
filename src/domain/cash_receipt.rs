//! The cash receipt (현금영수증) of an order: wished for with the order, issued on the match,
//! cancelled with a correction, an undone match or on request.
//!
//! The office that issues receipts stands behind a port. The one there is keeps them in the books
//! and draws their numbers from the journal; where no office is at hand the wish is kept.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// What the receipt is for (거래구분).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptUsage {
    /// A person's income deduction (소득공제용).
    IncomeDeduction,
    /// A business's proof of expense (지출증빙용).
    ExpenseProof,
}

/// Why an order goes without a receipt although something was said about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptRefusal {
    /// Neither 소득공제용 nor 지출증빙용.
    UsageUnknown,
    /// The identity number is missing or does not fit the usage.
    IdentityInvalid,
    /// The merchant's plan has no receipts.
    NotInPlan,
    /// No office is at hand.
    NoOffice,
}

/// What a merchant asked for, judged by its form alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptWish {
    /// Nothing.
    #[default]
    None,
    /// Something that cannot be issued.
    Invalid(ReceiptRefusal),
    /// A receipt.
    Wanted {
        /// For what.
        usage: ReceiptUsage,
        /// For whom: a phone, a card or a person's number, or a business's.
        identity: String,
    },
}

/// Why a receipt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptEnd {
    /// The merchant asked for it.
    Request,
    /// The match was undone.
    Undo,
    /// The bank corrected the deposit.
    Correction,
}

/// What became of an order's receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    /// None was asked for.
    None,
    /// None will be issued.
    Refused(ReceiptRefusal),
    /// One will be issued on the match.
    Wanted {
        /// For what.
        usage: ReceiptUsage,
        /// For whom.
        identity: String,
    },
    /// One was issued.
    Issued {
        /// For what.
        usage: ReceiptUsage,
        /// For whom.
        identity: String,
        /// Its own number.
        receipt: String,
        /// When.
        at: Timestamp,
    },
    /// It was cancelled.
    Cancelled {
        /// For what it was.
        usage: ReceiptUsage,
        /// For whom it was.
        identity: String,
        /// Its own number.
        receipt: String,
        /// Why.
        why: ReceiptEnd,
        /// When.
        at: Timestamp,
    },
}
