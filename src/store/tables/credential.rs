//! Tables about merchants' keys.

use super::{At, Table};
use crate::domain::{KeyHash, KeyKind, KeysOfKind, MerchantId};

/// A merchant's keys by kind.
pub(crate) const CREDENTIALS: Table<(MerchantId, KeyKind), KeysOfKind> = Table::at(At::Credentials);
/// Whose a key is that comes without a name.
pub(crate) const KEY_OWNERS: Table<KeyHash, (MerchantId, KeyKind)> = Table::at(At::KeyOwners);
