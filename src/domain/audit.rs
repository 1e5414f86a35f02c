//! Who did what: the audit log (감사 기록) is part of the journal, in the record of the act itself.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::MerchantId;

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A person who had logged in, by user id.
    User(String),
    /// A merchant's own program, by its key.
    Program(MerchantId),
    /// The house itself: a start, a clock, a command line.
    House,
}

/// Who acted, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// From which address, where one is known.
    pub address: Option<IpAddr>,
}

impl By {
    /// The house itself.
    pub const HOUSE: By = By {
        actor: Actor::House,
        address: None,
    };

    /// Whether a person acted, whose acts are written down.
    pub fn is_person(&self) -> bool {
        matches!(self.actor, Actor::User(_))
    }
}

/// One administrative act. `before` and `after` are short texts for people; they hold no secret
/// and no unmasked personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Who.
    pub by: By,
    /// What was done, as `merchant.register` or `matching.undo`.
    pub action: String,
    /// To what, as `merchant/shop` or `account/004/…49`.
    pub subject: String,
    /// How it was.
    pub before: Option<String>,
    /// How it is now.
    pub after: Option<String>,
}
