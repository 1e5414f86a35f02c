//! A hold: what an approval keeps for its payer until the deposit comes or time runs out.

use serde::{Deserialize, Serialize};

use super::{AccountKey, BusinessDate, RelayKey, Timestamp, Won};

/// An approval that uses something up keeps it for its own payer for a while (house rule 0-2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Whose approval: the key the deposit will come under.
    pub key: RelayKey,
    /// The account held.
    pub account: AccountKey,
    /// The amount approved; counts against the day's limit while the hold lives.
    pub amount: Won,
    /// The business date it counts on.
    pub day: BusinessDate,
    /// From this instant on it counts for nothing.
    pub until: Timestamp,
    /// The stored answer: the payee's name as it was approved.
    pub payee_name: String,
    /// Journal position of the approval; names this hold among later ones under the same key.
    pub position: u64,
}

impl Hold {
    /// Whether it still counts at `now`.
    pub fn lives(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// Why a hold ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldEnd {
    /// Its deposit came.
    Deposited,
    /// A deposit came under its number with another account or amount.
    DepositedOtherwise,
    /// A later pre-check under the same number took its place.
    Replaced,
    /// Its time ran out.
    Expired,
    /// Its approval could not leave in time, so it was never promised.
    Void,
}

impl HoldEnd {
    /// All of them.
    pub const ALL: [HoldEnd; 5] = [
        HoldEnd::Deposited,
        HoldEnd::DepositedOtherwise,
        HoldEnd::Replaced,
        HoldEnd::Expired,
        HoldEnd::Void,
    ];
}
