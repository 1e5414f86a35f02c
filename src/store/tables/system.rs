//! The house's settings and its audit log.

use super::{At, Table};
use crate::domain::{Audit, SettingRow, Timestamp};
use crate::store::keys::SettingKey;

/// Settings that were set, by key.
pub(crate) const SYSTEM: Table<SettingKey, SettingRow> = Table::at(At::System);
/// Administrative acts by the stamp of their record and their number in it.
pub(crate) const AUDIT: Table<(Timestamp, u64), Audit> = Table::at(At::Audit);
