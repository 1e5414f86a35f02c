//! The facts behind: endpoints of merchants, and the letters on their way to them.

use super::super::books::Books;
use super::super::engine::Broken;
use crate::domain::{Decision, House, Moment, WebhookCommand};

/// Weighs one command.
pub(super) fn weigh(
    _books: &mut Books<'_>,
    command: WebhookCommand,
    _house: &House,
    _moment: Moment,
) -> Result<Decision, Broken> {
    match command {}
}
