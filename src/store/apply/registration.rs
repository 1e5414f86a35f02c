//! Rows about: a merchant that joins us, and what is known of it.

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::tables::PROFILES;
use super::Place;
use crate::domain::{ProfileRow, RegistrationEvent};

/// Makes the tables say what `event` says.
pub(super) fn apply(
    books: &mut Books<'_>,
    event: &RegistrationEvent,
    place: Place,
) -> Result<(), Broken> {
    match event {
        RegistrationEvent::Registered { merchant, profile } => {
            books.put_merchant(merchant)?;
            let row = ProfileRow {
                profile: profile.clone(),
                registered_at: place.at,
            };
            PROFILES.put(books.batch(), &merchant.id, &row)
        }
    }
}
