//! What the books keep of secrets: never the secret itself.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::event::hex_bytes;

/// A secret that must be read back one day, encrypted with a key that lies outside the books.
/// Only `secrets` makes and opens it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wrapped(#[serde(with = "hex_bytes")] Vec<u8>);

impl Wrapped {
    /// What encryption made.
    pub fn new(bytes: Vec<u8>) -> Self {
        Wrapped(bytes)
    }

    /// The encrypted bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wrapped(..)")
    }
}

/// A secret that need only be recognised: its hash under a key that lies outside the books, so
/// that the books alone let nobody guess it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "HexHash", try_from = "HexHash")]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// A hash that `secrets` made.
    pub const fn new(bytes: [u8; 32]) -> Self {
        KeyHash(bytes)
    }

    /// The hash.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(..)")
    }
}

/// A hash as the journal writes it.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct HexHash(#[serde(with = "hex_bytes")] Vec<u8>);

impl From<KeyHash> for HexHash {
    fn from(hash: KeyHash) -> Self {
        HexHash(hash.0.to_vec())
    }
}

impl TryFrom<HexHash> for KeyHash {
    type Error = &'static str;

    fn try_from(hash: HexHash) -> Result<Self, Self::Error> {
        let bytes = hash.0.try_into();
        bytes
            .map(KeyHash)
            .map_err(|_| "a hash of other than 32 bytes")
    }
}
