//! Rows about: endpoints of merchants, and the letters on their way to them.

use super::super::books::Books;
use super::super::engine::Broken;
use super::Place;
use crate::domain::WebhookEvent;

/// Makes the tables say what `event` says.
pub(super) fn apply(
    _books: &mut Books<'_>,
    event: &WebhookEvent,
    _place: Place,
) -> Result<(), Broken> {
    match *event {}
}
