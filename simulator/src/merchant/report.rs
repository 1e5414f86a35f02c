//! A receiver's account of what it got, for people.

use std::collections::BTreeMap;
use std::fmt;

use super::Ledger;

/// Faults that are listed in full; more are counted.
const LISTED: usize = 20;

/// What a receiver got.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ReceiverReport {
    /// The dialect's name.
    pub dialect: String,
    /// Different ids.
    pub deliveries: usize,
    /// Attempts in all.
    pub attempts: usize,
    /// How many deliveries of each event there were.
    pub events: BTreeMap<String, usize>,
    /// How many deliveries needed so many attempts.
    pub tries: BTreeMap<usize, usize>,
    /// Everything that was wrong, in words.
    pub faults: Vec<String>,
}

impl ReceiverReport {
    pub(super) fn of(ledger: &Ledger) -> Self {
        let mut report = Self {
            dialect: ledger.dialect().to_string(),
            deliveries: ledger.deliveries().len(),
            attempts: ledger.attempts(),
            faults: ledger.faults().to_vec(),
            ..Self::default()
        };
        for told in ledger.deliveries() {
            *report.events.entry(told.event.clone()).or_default() += 1;
            *report.tries.entry(told.attempts.len()).or_default() += 1;
        }
        report
    }

    /// As one JSON object.
    pub fn json(&self) -> serde_json::Value {
        // Plain figures and texts always serialise.
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl fmt::Display for ReceiverReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}: {} webhooks in {} attempts, {} faults",
            self.dialect,
            self.deliveries,
            self.attempts,
            self.faults.len()
        )?;
        for (event, count) in &self.events {
            write!(out, "\n  {count:>8}  {event}")?;
        }
        for (tries, count) in self.tries.iter().filter(|(tries, _)| **tries > 1) {
            write!(out, "\n  {count:>8}  came {tries} times")?;
        }
        for fault in self.faults.iter().take(LISTED) {
            write!(out, "\n  {fault}")?;
        }
        match self.faults.len().checked_sub(LISTED) {
            None | Some(0) => Ok(()),
            Some(more) => write!(out, "\n  and {more} faults more"),
        }
    }
}
