//! Every "no" that a merchant or an operator can be told, one line each. The faces translate.

use serde::{Deserialize, Serialize};

/// Why a merchant's or an operator's request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MerchantRefusal {
    /// No such merchant, or it is not the caller's to see.
    NoSuchMerchant,
}
