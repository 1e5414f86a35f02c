//! The facts behind: issuing and closing virtual accounts (가상계좌 발급·해지).

use super::super::books::Books;
use super::super::engine::Broken;
use crate::domain::{AccountCommand, Decision, House, MerchantRefusal, Moment, Refusal};

/// Weighs one command.
pub(super) fn weigh(
    _books: &mut Books<'_>,
    command: AccountCommand,
    _house: &House,
    _moment: Moment,
) -> Result<Decision, Broken> {
    let _ = command;
    Ok(Decision::refuse(Refusal::Merchant(
        MerchantRefusal::NoSuchMerchant,
    )))
}
