//! The merchant (가맹점) behind an account.

use serde::{Deserialize, Serialize};

use super::{MerchantId, Standing};

/// A merchant as the books know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merchant {
    /// Who.
    pub id: MerchantId,
    /// The name shown to payers where an account has no holder name of its own.
    pub name: String,
    /// Whether it is in business.
    pub standing: Standing,
}
