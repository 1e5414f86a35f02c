//! The facts behind: a merchant that joins us, and what is known of it.

use super::super::books::Books;
use super::super::engine::Broken;
use crate::domain::{Decision, House, Moment, RegistrationCommand};

/// Weighs one command.
pub(super) fn weigh(
    _books: &mut Books<'_>,
    command: RegistrationCommand,
    _house: &House,
    _moment: Moment,
) -> Result<Decision, Broken> {
    match command {}
}
