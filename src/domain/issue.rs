//! Issuing and closing virtual accounts (가상계좌 발급·해지).

use serde::{Deserialize, Serialize};

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum AccountCommand {}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountEvent {}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountOutcome {}
