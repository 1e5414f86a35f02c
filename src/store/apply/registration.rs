//! Rows about: a merchant that joins us, and what is known of it.

use super::super::books::Books;
use super::super::engine::Broken;
use super::Place;
use crate::domain::RegistrationEvent;

/// Makes the tables say what `event` says.
pub(super) fn apply(
    _books: &mut Books<'_>,
    event: &RegistrationEvent,
    _place: Place,
) -> Result<(), Broken> {
    match *event {}
}
