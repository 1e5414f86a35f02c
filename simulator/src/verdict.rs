//! The verdict on a scenario: what was checked, and every difference in words.

use std::fmt;
use std::time::Duration;

/// Differences beyond this many are counted, not listed.
const LISTED: usize = 40;

/// What a scenario came to.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// The scenario's name.
    pub scenario: String,
    /// Steps that were played.
    pub steps: usize,
    /// Telegrams that were sent.
    pub telegrams: u64,
    /// Expectations that were held against what came back.
    pub checks: u64,
    /// Why the scenario was not played, where it was not.
    pub skipped: Option<String>,
    /// How long it took.
    pub took: Duration,
    differences: Vec<String>,
    unlisted: u64,
}

impl Verdict {
    /// A verdict on a scenario that has not begun.
    pub fn new(scenario: &str) -> Self {
        Self {
            scenario: scenario.into(),
            ..Self::default()
        }
    }

    /// Whether nothing differed, and something was checked.
    pub fn passed(&self) -> bool {
        self.differences.is_empty() && (self.checks > 0 || self.skipped.is_some())
    }

    /// Notes that an expectation was met.
    pub fn met(&mut self) {
        self.checks += 1;
    }

    /// Notes a difference; the words say where, what came and what was expected.
    pub fn differs(&mut self, words: impl Into<String>) {
        self.checks += 1;
        if self.differences.len() < LISTED {
            self.differences.push(words.into());
        } else {
            self.unlisted += 1;
        }
    }

    /// The differences in the order in which they were found.
    pub fn differences(&self) -> &[String] {
        &self.differences
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            scenario,
            steps,
            telegrams,
            checks,
            ..
        } = self;
        if let Some(why) = &self.skipped {
            return write!(out, "{scenario}: SKIPPED, {why}");
        }
        let word = if self.passed() { "passed" } else { "FAILED" };
        write!(
            out,
            "{scenario}: {word}, {steps} steps, {telegrams} telegrams, {checks} checks"
        )?;
        write!(out, ", {:.1} s", self.took.as_secs_f64())?;
        if self.checks == 0 {
            write!(out, "\n  nothing was checked")?;
        }
        for difference in &self.differences {
            write!(out, "\n  {difference}")?;
        }
        if self.unlisted > 0 {
            write!(out, "\n  and {} differences more", self.unlisted)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_that_checked_nothing_has_not_passed() {
        let mut verdict = Verdict::new("empty");
        assert!(!verdict.passed());
        verdict.met();
        assert!(verdict.passed());
        verdict.differs("step 2: silence where 0000 was expected");
        assert!(!verdict.passed());
        assert!(verdict.to_string().contains("FAILED"));
    }

    #[test]
    fn a_flood_of_differences_is_counted() {
        let mut verdict = Verdict::new("flood");
        (0..LISTED + 7).for_each(|at| verdict.differs(format!("number {at}")));
        assert_eq!(verdict.differences().len(), LISTED);
        assert!(verdict.to_string().ends_with("and 7 differences more"));
    }
}
