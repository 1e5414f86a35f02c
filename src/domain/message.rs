//! Messages to people: mail, chat and text; never in the way of money.

use serde::{Deserialize, Serialize};

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum MessageCommand {}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageEvent {}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageOutcome {}
