//! Rows about: issuing and closing virtual accounts (가상계좌 발급·해지).

use super::super::books::Books;
use super::super::engine::Broken;
use super::Place;
use crate::domain::AccountEvent;

/// Makes the tables say what `event` says.
pub(super) fn apply(
    _books: &mut Books<'_>,
    event: &AccountEvent,
    _place: Place,
) -> Result<(), Broken> {
    let _ = event;
    Ok(())
}
