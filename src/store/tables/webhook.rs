//! Endpoints, the letters to them, and which of those are due.
//!
//! Letters of one endpoint lie together and grow at the end. A letter that waits stands under each
//! of its stories; only the first of a story can be due, so that a story is told in order and
//! another story never waits for it. Due letters lie by endpoint, so that a dead one delays nobody.

use serde::{Deserialize, Serialize};

use super::super::keys::{TableKey, read_bytes, take, write_bytes};
use super::{At, Table};
use crate::domain::{
    AccountKey, Endpoint, EndpointId, EventId, EventKind, Health, LetterState, MerchantId, Story,
    Timestamp,
};

/// Endpoints by their name.
pub(crate) const ENDPOINTS: Table<EndpointId, Endpoint> = Table::at(At::Endpoints);
/// The same endpoints by merchant.
pub(crate) const ENDPOINTS_OF: Table<(MerchantId, EndpointId), ()> = Table::at(At::EndpointsOf);
/// How endpoints fare; those that never had a letter given up have no row.
pub(crate) const ENDPOINT_HEALTH: Table<EndpointId, Health> = Table::at(At::EndpointHealth);
/// Letters, by endpoint and then in the order of the journal.
pub(crate) const LETTERS: Table<LetterKey, LetterRow> = Table::at(At::Letters);
/// Letters that may be sent once their hour has come, by endpoint and hour.
pub(crate) const LETTERS_DUE: Table<(EndpointId, (Timestamp, EventId)), ()> =
    Table::at(At::LettersDue);
/// Letters that wait, by endpoint and story.
pub(crate) const LETTERS_WAITING: Table<(EndpointId, (Story, EventId)), ()> =
    Table::at(At::LettersWaiting);

/// Names a letter.
pub(crate) type LetterKey = (EndpointId, EventId);

/// The hour of a letter that is due at once: before all others, in the order of the journal, and
/// whatever a shifted clock says.
pub(crate) const AT_ONCE: Timestamp = Timestamp::from_micros(0);

/// A letter. What it says is in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterRow {
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// The stories it is told in.
    pub stories: Vec<Story>,
    /// Where it stands.
    pub state: LetterState,
    /// Attempts by its schedule so far.
    pub tried: u32,
    /// When it may be sent; none where it is resolved or behind another one of its story.
    pub due: Option<Timestamp>,
    /// Whether the attempt that is due was asked for by a person.
    pub asked_for: bool,
    /// Journal positions of its attempts.
    pub attempts: Vec<u64>,
}

impl TableKey for EndpointId {
    fn write(&self, out: &mut Vec<u8>) {
        self.position().write(out);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        u64::read(from).map(EndpointId::new)
    }
}

impl TableKey for EventId {
    fn write(&self, out: &mut Vec<u8>) {
        self.position.write(out);
        out.extend_from_slice(&self.index.to_be_bytes());
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Some(EventId {
            position: u64::read(from)?,
            index: u32::from_be_bytes(take(from)?),
        })
    }
}

impl TableKey for Story {
    /// An order's number is its merchant's own text, so its length stands before it.
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Story::Deposit(position) => {
                out.push(0);
                position.write(out);
            }
            Story::Order(number) => {
                out.push(1);
                write_bytes(number.as_bytes(), out);
            }
            Story::Account(account) => {
                out.push(2);
                account.write(out);
            }
        }
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        match take::<1>(from)? {
            [0] => u64::read(from).map(Story::Deposit),
            [1] => {
                let number = read_bytes(from)?;
                std::str::from_utf8(number)
                    .ok()
                    .map(|number| Story::Order(number.to_owned()))
            }
            [2] => AccountKey::read(from).map(Story::Account),
            _ => None,
        }
    }
}
