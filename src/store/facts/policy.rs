//! The facts behind: what a merchant has decided about its deposits: matching, ceilings, reactions.

use super::super::books::Books;
use super::super::engine::Broken;
use crate::domain::{Decision, House, MerchantRefusal, Moment, PolicyCommand, Refusal};

/// Weighs one command.
pub(super) fn weigh(
    _books: &mut Books<'_>,
    command: PolicyCommand,
    _house: &House,
    _moment: Moment,
) -> Result<Decision, Broken> {
    let _ = command;
    Ok(Decision::refuse(Refusal::Merchant(
        MerchantRefusal::NoSuchMerchant,
    )))
}
