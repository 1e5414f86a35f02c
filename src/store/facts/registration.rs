//! The facts behind: a merchant that joins us, and what is known of it.

use super::super::books::Books;
use super::super::engine::Broken;
use crate::domain::{Decision, House, Moment, RegistrationCommand, register};

/// Weighs one command.
pub(super) fn weigh(
    books: &mut Books<'_>,
    command: RegistrationCommand,
    _house: &House,
    moment: Moment,
) -> Result<Decision, Broken> {
    let RegistrationCommand::Register { merchant, .. } = &command;
    let taken = books.merchant(&merchant.id)?.is_some();
    Ok(register(command, taken, moment))
}
