//! Rows about: a merchant's order (주문), waiting for its deposit.

use super::super::books::Books;
use super::super::engine::Broken;
use super::Place;
use crate::domain::OrderEvent;

/// Makes the tables say what `event` says.
pub(super) fn apply(
    _books: &mut Books<'_>,
    event: &OrderEvent,
    _place: Place,
) -> Result<(), Broken> {
    let _ = event;
    Ok(())
}
