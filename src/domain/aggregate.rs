//! The aggregate (집계): our day against the relay's day.
//!
//! Deposits include those corrected later; corrections are counted again on their own, by the
//! deposit's date (rule A.4-4). We always answer with our own figures; a difference opens a case
//! that names both sides.

use serde::{Deserialize, Serialize};

use super::{
    BankCode, BusinessDate, Decision, Event, House, Outcome, Refusal, RelayKey, Timestamp, Won,
};

/// Counts and sums of one bank's day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Deposits, those corrected later included.
    pub deposit_count: u64,
    /// Their sum.
    pub deposit_amount: Won,
    /// Corrections.
    pub correction_count: u64,
    /// Their sum.
    pub correction_amount: Won,
}

impl Totals {
    /// Both days together, or `None` where a sum does not fit.
    pub fn checked_add(self, other: Totals) -> Option<Totals> {
        Some(Totals {
            deposit_count: self.deposit_count.checked_add(other.deposit_count)?,
            deposit_amount: self.deposit_amount.checked_add(other.deposit_amount)?,
            correction_count: self.correction_count.checked_add(other.correction_count)?,
            correction_amount: self
                .correction_amount
                .checked_add(other.correction_amount)?,
        })
    }
}

/// What the relay asks: these are my figures for the day, what are yours?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AggregateQuestion {
    /// The telegram's own key.
    pub key: RelayKey,
    /// The day counted (집계일자).
    pub day: BusinessDate,
    /// The relay's figures.
    pub theirs: Totals,
}

impl AggregateQuestion {
    /// The bank counted; every bank where the telegram says 000.
    pub fn bank(&self) -> BankCode {
        self.key.bank
    }
}

/// The last answer about one bank's day, with both sides' figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Our figures as answered.
    pub ours: Totals,
    /// The relay's figures as told.
    pub theirs: Totals,
    /// When it was first asked.
    pub first_at: Timestamp,
    /// When it was last asked.
    pub last_at: Timestamp,
}

impl Case {
    /// Whether both sides say the same.
    pub fn agrees(&self) -> bool {
        self.ours == self.theirs
    }
}

/// Everything the answer may depend on.
#[derive(Clone, Debug)]
pub struct AggregateFacts<'h> {
    /// The policy in force.
    pub house: &'h House,
    /// Our figures for the day and bank.
    pub ours: Totals,
    /// The last answer about the same day and bank.
    pub last: Option<Case>,
}

/// Answers an aggregate. Decided anew on every repeat, because late deposits change the day.
pub fn decide(question: &AggregateQuestion, facts: &AggregateFacts<'_>) -> Decision {
    if question.key.institution != facts.house.institution {
        return Decision::refuse(Refusal::UnknownInstitution);
    }
    let bank = question.bank();
    if bank != BankCode::ALL && !facts.house.contracts(bank) {
        return Decision::refuse(Refusal::UnknownBank);
    }
    let outcome = Outcome::Counted {
        ours: facts.ours,
        agrees: facts.ours == question.theirs,
    };
    let told_before = facts
        .last
        .is_some_and(|case| case.ours == facts.ours && case.theirs == question.theirs);
    if told_before {
        return Decision::new(outcome, Vec::new());
    }
    let answered = Event::AggregateAnswered {
        question: question.clone(),
        ours: facts.ours,
    };
    Decision::new(outcome, vec![answered])
}
