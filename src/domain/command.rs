//! The closed list of ways in which the house can change: one door.

use super::{AccountImport, AggregateQuestion, Correction, Deposit, Merchant, Question, RelayKey};

/// Why an approval was taken back before it counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoidReason {
    /// It could not be put on the wire before 9.5 s.
    Late,
    /// The session that asked was gone.
    SessionGone,
}

/// Something that wants to change the books. The writer decides one after the other.
#[derive(Clone, Debug)]
pub enum Command {
    /// A deposit notice (입금).
    Deposit(Box<Deposit>),
    /// A correction (입금정정).
    Correction(Box<Correction>),
    /// A day to be counted (집계).
    Aggregate(Box<AggregateQuestion>),
    /// A pre-deposit check whose approval uses something up (입금사전조회).
    Hold(Box<Question>),
    /// An approval that never left: its hold counts for nothing.
    VoidHold {
        /// The key it was taken under.
        key: RelayKey,
        /// Journal position of the approval, so that a later hold is not touched.
        position: u64,
        /// Why.
        why: VoidReason,
    },
    /// A chunk of a merchant list.
    ImportMerchants {
        /// The rows.
        rows: Vec<Merchant>,
        /// Whether other values replace known ones.
        update: bool,
    },
    /// A chunk of an account list.
    ImportAccounts {
        /// The rows.
        rows: Vec<AccountImport>,
        /// Whether other values replace known ones.
        update: bool,
    },
    /// Time has passed: end what is over.
    Pulse,
}
