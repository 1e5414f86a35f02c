//! The keys by which a merchant's own programs prove who they are.

use serde::{Deserialize, Serialize};

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum CredentialCommand {}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialEvent {}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialOutcome {}
