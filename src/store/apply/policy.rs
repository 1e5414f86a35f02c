//! Rows about: what a merchant has decided about its deposits.

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::tables::SETTINGS;
use crate::domain::PolicyEvent;

/// Makes the tables say what `event` says.
pub(super) fn apply(books: &mut Books<'_>, event: &PolicyEvent) -> Result<(), Broken> {
    match event {
        PolicyEvent::PoliciesSet { merchant, policies } => books.put_policies(merchant, policies),
        PolicyEvent::SettingsSet { merchant, settings } => {
            SETTINGS.put(books.batch(), merchant, settings)
        }
    }
}
