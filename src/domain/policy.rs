//! What a merchant has decided about its deposits: matching, ceilings, reactions.

use serde::{Deserialize, Serialize};

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum PolicyCommand {}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyEvent {}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyOutcome {}
