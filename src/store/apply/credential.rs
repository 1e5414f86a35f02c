//! Rows about: the keys by which a merchant's own programs prove who they are.

use super::super::books::Books;
use super::super::engine::Broken;
use super::Place;
use crate::domain::CredentialEvent;

/// Makes the tables say what `event` says.
pub(super) fn apply(
    _books: &mut Books<'_>,
    event: &CredentialEvent,
    _place: Place,
) -> Result<(), Broken> {
    match *event {}
}
