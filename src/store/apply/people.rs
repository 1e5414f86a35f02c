//! Rows about: the people who may look and act: users, their log-ins and second factors.

use super::super::books::Books;
use super::super::engine::Broken;
use super::Place;
use crate::domain::PeopleEvent;

/// Makes the tables say what `event` says.
pub(super) fn apply(
    _books: &mut Books<'_>,
    event: &PeopleEvent,
    _place: Place,
) -> Result<(), Broken> {
    match *event {}
}
