//! Answers that are given again under their idempotency key; the bytes stand in the journal.

use serde::{Deserialize, Serialize};

use super::{At, Table};
use crate::domain::Timestamp;

/// Kept answers by their names.
pub(crate) const ANSWERS: Table<[u8; 32], AnswerRow> = Table::at(At::Answers);
/// The same by the instant they end.
pub(crate) const ANSWERS_BY_END: Table<(Timestamp, [u8; 32]), ()> = Table::at(At::AnswersByEnd);

/// Where a kept answer stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AnswerRow {
    /// What was asked.
    pub(crate) asked: [u8; 32],
    /// From then on it is not given again.
    pub(crate) until: Timestamp,
    /// The record that holds the bytes.
    pub(crate) position: u64,
}
