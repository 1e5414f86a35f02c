//! Log-ins that live: a family of tokens, of which only the latest refresh counts.

use serde::{Deserialize, Serialize};

use super::UserId;
use crate::domain::Timestamp;
use crate::domain::event::hex_bytes;

/// One log-in and everything refreshed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "HexFamily", try_from = "HexFamily")]
pub struct FamilyId([u8; 16]);

impl FamilyId {
    /// A family of random bytes.
    pub const fn new(bytes: [u8; 16]) -> Self {
        FamilyId(bytes)
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct HexFamily(#[serde(with = "hex_bytes")] Vec<u8>);

impl From<FamilyId> for HexFamily {
    fn from(family: FamilyId) -> Self {
        HexFamily(family.0.to_vec())
    }
}

impl TryFrom<HexFamily> for FamilyId {
    type Error = &'static str;

    fn try_from(family: HexFamily) -> Result<Self, Self::Error> {
        let bytes = family.0.try_into();
        bytes
            .map(FamilyId)
            .map_err(|_| "a family of other than 16 bytes")
    }
}

/// A family that lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Whose.
    pub user: UserId,
    /// How often it was refreshed; only the refresh token of this number counts.
    pub serial: u32,
    /// The user's `proof` it stands on.
    pub proof: u64,
    /// Without a refresh it is over then.
    pub until: Timestamp,
    /// It is over then, whatever happens.
    pub ends: Timestamp,
}
