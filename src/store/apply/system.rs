//! Rows about: settings of the running house, and the audit log.

use std::ops::ControlFlow;

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::tables::{AUDIT, SYSTEM};
use super::Place;
use crate::domain::{Audit, SettingRow, SystemEvent};
use crate::store::keys::{SettingKey, TableKey as _};

/// Makes the tables say what `event` says.
pub(super) fn apply(
    books: &mut Books<'_>,
    event: &SystemEvent,
    place: Place,
) -> Result<(), Broken> {
    let SystemEvent::Set { values, by } = event;
    books.settings_changed();
    for (key, value) in values {
        let key = SettingKey(key.clone());
        if value.is_empty() {
            SYSTEM.delete(books.batch(), &key)?;
            continue;
        }
        let row = SettingRow {
            value: value.clone(),
            at: place.at,
            by: by.clone(),
        };
        SYSTEM.put(books.batch(), &key, &row)?;
    }
    Ok(())
}

/// Notes an administrative act, after the others of its record.
pub(super) fn audit(books: &mut Books<'_>, audit: &Audit, place: Place) -> Result<(), Broken> {
    let mut number = 0_u64;
    let record = place.at.bytes();
    AUDIT.walk_prefix(books.rows(), &record, &mut |_, _| {
        number += 1;
        ControlFlow::Continue(())
    })?;
    AUDIT.put(books.batch(), &(place.at, number), audit)
}
