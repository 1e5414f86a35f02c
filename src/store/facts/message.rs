//! The facts behind: messages to people: mail, chat and text; never in the way of money.

use super::super::books::Books;
use super::super::engine::Broken;
use crate::domain::{Decision, House, MessageCommand, Moment};

/// Weighs one command.
pub(super) fn weigh(
    _books: &mut Books<'_>,
    command: MessageCommand,
    _house: &House,
    _moment: Moment,
) -> Result<Decision, Broken> {
    match command {}
}
