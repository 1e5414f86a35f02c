//! What merchants have decided; those that decided nothing have no row.

use super::{At, Table};
use crate::domain::{MerchantId, MerchantSettings, Policies};

/// Policies by merchant.
pub(crate) const POLICIES: Table<MerchantId, Policies> = Table::at(At::Policies);
/// Settings by merchant.
pub(crate) const SETTINGS: Table<MerchantId, MerchantSettings> = Table::at(At::Settings);
