//! A merchant that joins us, and what is known of it.

use serde::{Deserialize, Serialize};

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum RegistrationCommand {}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationEvent {}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationOutcome {}
