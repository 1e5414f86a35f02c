//! The facts behind: the keys by which a merchant's own programs prove who they are.

use super::super::books::Books;
use super::super::engine::Broken;
use crate::domain::{CredentialCommand, Decision, House, Moment};

/// Weighs one command.
pub(super) fn weigh(
    _books: &mut Books<'_>,
    command: CredentialCommand,
    _house: &House,
    _moment: Moment,
) -> Result<Decision, Broken> {
    match command {}
}
