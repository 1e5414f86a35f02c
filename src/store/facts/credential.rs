//! The facts behind: the keys by which a merchant's own programs prove who they are.

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::tables::CREDENTIALS;
use crate::domain::{
    CredentialCommand, CredentialFacts, Decision, House, Moment, decide_credential,
};

/// Weighs one command.
pub(super) fn weigh(
    books: &mut Books<'_>,
    command: CredentialCommand,
    _house: &House,
    moment: Moment,
) -> Result<Decision, Broken> {
    let facts = match &command {
        CredentialCommand::Issue { merchant, .. } => CredentialFacts {
            merchant_known: books.merchant(merchant)?.is_some(),
            last_used: None,
        },
        CredentialCommand::NoteUse { merchant, kind, .. } => {
            let keys = CREDENTIALS.get(books.rows(), &(merchant.clone(), *kind))?;
            CredentialFacts {
                merchant_known: keys.is_some(),
                last_used: keys.and_then(|keys| keys.last_used),
            }
        }
    };
    Ok(decide_credential(command, &facts, moment))
}
