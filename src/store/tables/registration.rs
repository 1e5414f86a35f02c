//! What is known of merchants beside their name.

use super::{At, Table};
use crate::domain::{MerchantId, ProfileRow};

/// Profiles by merchant; one that was imported has none.
pub(crate) const PROFILES: Table<MerchantId, ProfileRow> = Table::at(At::Profiles);
