//! The facts behind: settings of the running house.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::super::books::Books;
use super::super::engine::{Broken, Rows};
use super::super::tables::SYSTEM;
use crate::domain::{
    BankCode, BankHours, Decision, House, SystemCommand, SystemSettings, set_system,
};
use crate::store::keys::SettingKey;

/// Weighs one command.
pub(super) fn weigh(
    books: &mut Books<'_>,
    command: SystemCommand,
    house: &House,
) -> Result<Decision, Broken> {
    let settings = settings(books.rows())?;
    Ok(set_system(command, &settings, house))
}

/// The hours of a bank, where somebody set others than those configured.
pub(crate) fn hours(
    rows: &dyn Rows,
    bank: BankCode,
    house: &House,
) -> Result<Option<BankHours>, Broken> {
    let mut values = BTreeMap::new();
    for part in ["hours", "maintenance"] {
        let key = format!("{part}.{bank}");
        if let Some(row) = SYSTEM.get(rows, &SettingKey(key.clone()))? {
            values.insert(key, row.value);
        }
    }
    if values.is_empty() {
        return Ok(None);
    }
    let configured = house.hours.of(bank);
    Ok(Some(SystemSettings::new(values).hours(bank, configured)))
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
