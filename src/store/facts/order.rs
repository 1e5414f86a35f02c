//! The facts behind: a merchant's order (주문), waiting for its deposit.

use super::super::books::Books;
use super::super::engine::Broken;
use crate::domain::{Decision, House, Moment, OrderCommand};

/// Weighs one command.
pub(super) fn weigh(
    _books: &mut Books<'_>,
    command: OrderCommand,
    _house: &House,
    _moment: Moment,
) -> Result<Decision, Broken> {
    match command {}
}
