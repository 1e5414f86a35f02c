//! The facts behind: settings of the running house.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::super::books::Books;
use super::super::engine::{Broken, Rows};
use super::super::tables::SYSTEM;
use crate::domain::{Decision, House, SystemCommand, SystemSettings, set_system};

/// Weighs one command.
pub(super) fn weigh(
    books: &mut Books<'_>,
    command: SystemCommand,
    house: &House,
) -> Result<Decision, Broken> {
    let settings = settings(books.rows())?;
    Ok(set_system(command, &settings, house))
}

/// The settings in force.
pub(crate) fn settings(rows: &dyn Rows) -> Result<SystemSettings, Broken> {
    let mut values = BTreeMap::new();
    SYSTEM.walk_from(rows, &[], &mut |key, row| {
        values.insert(key.0, row.value);
        ControlFlow::Continue(())
    })?;
    Ok(SystemSettings::new(values))
}
