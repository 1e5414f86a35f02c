//! The facts behind: a merchant's order (주문), waiting for its deposit.

use super::super::books::Books;
use super::super::engine::Broken;
use crate::domain::{Decision, House, MerchantRefusal, Moment, OrderCommand, Refusal};

/// Weighs one command.
pub(super) fn weigh(
    _books: &mut Books<'_>,
    command: OrderCommand,
    _house: &House,
    _moment: Moment,
) -> Result<Decision, Broken> {
    let _ = command;
    Ok(Decision::refuse(Refusal::Merchant(
        MerchantRefusal::NoSuchMerchant,
    )))
}
