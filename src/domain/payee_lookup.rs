//! The payee look-up (수취조회): who is behind this number?
//!
//! A question and nothing but a question: it asks everything a pre-deposit check asks, but holds
//! nothing, and a deposit may never follow.

use super::pre_deposit_check::{CheckFacts, Question, check};
use super::{Refusal, Timestamp};

/// Answers a look-up with the payee's name.
///
/// # Errors
/// The first refusal in the order of rule A.4-1; an amount of zero skips the rules about amounts.
pub fn answer(
    question: &Question,
    facts: &CheckFacts<'_>,
    now: Timestamp,
) -> Result<String, Refusal> {
    check(question, facts, now).map(|approval| approval.payee_name)
}
