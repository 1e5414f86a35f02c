//! The facts behind: the people who may look and act: users, their log-ins and second factors.

use super::super::books::Books;
use super::super::engine::Broken;
use crate::domain::{Decision, House, Moment, PeopleCommand};

/// Weighs one command.
pub(super) fn weigh(
    _books: &mut Books<'_>,
    command: PeopleCommand,
    _house: &House,
    _moment: Moment,
) -> Result<Decision, Broken> {
    match command {}
}
