//! Rows about: messages to people: mail, chat and text; never in the way of money.

use super::super::books::Books;
use super::super::engine::Broken;
use super::Place;
use crate::domain::MessageEvent;

/// Makes the tables say what `event` says.
pub(super) fn apply(
    _books: &mut Books<'_>,
    event: &MessageEvent,
    _place: Place,
) -> Result<(), Broken> {
    match *event {}
}
