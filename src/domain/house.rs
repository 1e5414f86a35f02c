//! The policy of the house: what configuration lets a decision look at.

use std::collections::{BTreeMap, BTreeSet};

use super::{BankCode, Hours, NumberRange, Plan};

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

/// What new accounts are issued from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuing {
    /// The ranges of numbers that each bank has given us, in the order in which they are used.
    pub ranges: BTreeMap<BankCode, Vec<NumberRange>>,
    /// How long a number rests after its account's end before it is used again.
    pub quarantine_seconds: i64,
}

impl Default for Issuing {
    /// No ranges, and ninety days of rest.
    fn default() -> Self {
        Issuing {
            ranges: BTreeMap::new(),
            quarantine_seconds: 90 * 24 * 60 * 60,
        }
    }
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
    /// What new accounts are issued from.
    pub issuing: Issuing,
    /// What merchants pay for that have chosen nothing.
    pub plan: Plan,
    /// Whether the office in the books issues cash receipts; without it none are issued.
    pub receipts_in_books: bool,
}

impl House {
    /// Whether `bank` is contracted.
    pub fn contracts(&self, bank: BankCode) -> bool {
        self.banks.contains(&bank)
    }
}
