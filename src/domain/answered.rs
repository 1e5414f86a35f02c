//! Answers that are given again: what was said under an idempotency key (멱등 키), in the record of
//! what was done.

use serde::{Deserialize, Serialize};

use super::event::hex_bytes;
use super::{Timestamp, Wrapped};

/// The name of one kept answer: a hash of who asked and of the key it was asked under. The key
/// itself stands nowhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnswerName(pub [u8; 32]);

impl std::fmt::Debug for AnswerName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [first, second, ..] = self.0;
        write!(f, "AnswerName({first:02x}{second:02x}…)")
    }
}

/// How the bytes of an answer are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerForm {
    /// `application/json`.
    Json,
    /// `text/plain;charset=UTF-8`.
    Text,
}

/// The bytes of an answer as the books keep them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptBody {
    /// As they went out.
    Open(String),
    /// An answer that carried secrets: sealed with a key that only whoever knows the idempotency
    /// key can make again.
    Sealed(Wrapped),
}

/// An answer was given, and will be given again until `until`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Under which name it is found.
    #[serde(with = "hash")]
    pub name: AnswerName,
    /// What was asked: a hash of call and body, so that another request is told from a repeat.
    #[serde(with = "hash_bytes")]
    pub asked: [u8; 32],
    /// From this instant on the key may be used anew.
    pub until: Timestamp,
    /// The HTTP status.
    pub status: u16,
    /// How to read the bytes.
    pub form: AnswerForm,
    /// The bytes.
    pub body: KeptBody,
}

mod hash_bytes {
    use serde::{Deserializer, Serializer, de};

    use super::hex_bytes;

    pub(super) fn serialize<S: Serializer>(hash: &[u8; 32], out: S) -> Result<S::Ok, S::Error> {
        hex_bytes::serialize(hash, out)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        let bytes = hex_bytes::deserialize(from)?;
        <[u8; 32]>::try_from(bytes).map_err(|_| de::Error::custom("not 32 bytes"))
    }
}

mod hash {
    use serde::{Deserializer, Serializer};

    use super::{AnswerName, hash_bytes};

    pub(super) fn serialize<S: Serializer>(name: &AnswerName, out: S) -> Result<S::Ok, S::Error> {
        hash_bytes::serialize(&name.0, out)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<AnswerName, D::Error> {
        hash_bytes::deserialize(from).map(AnswerName)
    }
}
