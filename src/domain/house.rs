//! The policy of the house: what configuration lets a decision look at.

use std::collections::BTreeSet;

use super::{BankCode, Hours};

/// On which business date a correction is counted (집계 rule A.4-4, a switch because the relay's
/// document is silent).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CancelDay {
    /// On the day of the deposit it corrects.
    #[default]
    Original,
    /// On the day the correction itself was taken, in Seoul.
    Cancel,
}

/// Everything a decision may know of the configuration.
#[derive(Clone, Debug)]
pub struct House {
    /// Our institution code with the relay (기관코드).
    pub institution: String,
    /// Banks we have a contract with.
    pub banks: BTreeSet<BankCode>,
    /// When those banks work.
    pub hours: Hours,
    /// How long an approval holds what it would use up, in seconds.
    pub hold_seconds: i64,
    /// Where corrections are counted.
    pub cancel_day: CancelDay,
}

impl House {
    /// Whether `bank` is contracted.
    pub fn contracts(&self, bank: BankCode) -> bool {
        self.banks.contains(&bank)
    }
}
