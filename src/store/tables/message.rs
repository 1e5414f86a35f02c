//! Messages to people, which of them are due, and who wants to be told what.

use serde::{Deserialize, Serialize};

use super::super::keys::{TableKey, take};
use super::{At, Table};
use crate::domain::message::Unmatched;
use crate::domain::{BusinessDate, Channel, MerchantId, MessageId, Notifications, Timestamp};

/// Who wants to be told what: merchants, and under none the house.
pub(crate) const NOTIFICATIONS: Table<Hearer, Notifications> = Table::at(At::Notifications);
/// Messages by the record that queued them.
pub(crate) const MESSAGES: Table<MessageId, MessageRow> = Table::at(At::Messages);
/// Messages that wait, by lane and the hour from which they may be sent.
pub(crate) const MESSAGES_DUE: Table<(Lane, (Timestamp, MessageId)), ()> =
    Table::at(At::MessagesDue);
/// Messages by whose settings they go by.
pub(crate) const MESSAGES_OF: Table<(Hearer, MessageId), ()> = Table::at(At::MessagesOf);
/// How many messages wait that go by somebody's settings.
pub(crate) const MESSAGES_WAITING: Table<Hearer, u64> = Table::at(At::MessagesWaiting);
/// Deposits without an order that wait for their day's mail.
pub(crate) const UNMATCHED_DAYS: Table<(BusinessDate, (MerchantId, u64)), Unmatched> =
    Table::at(At::UnmatchedDays);

/// A merchant, or none for the house.
pub(crate) type Hearer = Option<MerchantId>;

/// Messages of one channel that go by the same settings: they wait for each other and for nobody
/// else.
pub type Lane = (Channel, Option<MerchantId>);

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MessageState {
    /// It is to be sent.
    Waiting,
    /// It was taken.
    Sent,
    /// It is given up.
    GivenUp,
    /// It was never tried.
    Skipped,
}

/// A message. What it says is in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRow {
    /// How.
    pub channel: Channel,
    /// When it was queued.
    pub at: Timestamp,
    /// Hearer settings it goes by.
    pub whose: Option<MerchantId>,
    /// Where it stands.
    pub state: MessageState,
    /// Attempts so far.
    pub tried: u32,
    /// When it may be sent next.
    pub due: Option<Timestamp>,
    /// Journal position of the last attempt.
    pub last_attempt: Option<u64>,
}

impl TableKey for MessageId {
    fn write(&self, out: &mut Vec<u8>) {
        self.position.write(out);
        out.extend_from_slice(&self.number.to_be_bytes());
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Some(MessageId {
            position: u64::read(from)?,
            number: u32::from_be_bytes(take(from)?),
        })
    }
}

impl TableKey for Channel {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(match self {
            Channel::Mail => 0,
            Channel::Telegram => 1,
            Channel::Alimtalk => 2,
        });
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        match take::<1>(from)? {
            [0] => Some(Channel::Mail),
            [1] => Some(Channel::Telegram),
            [2] => Some(Channel::Alimtalk),
            _ => None,
        }
    }
}

impl TableKey for Hearer {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            None => out.push(0),
            Some(merchant) => {
                out.push(1);
                merchant.write(out);
            }
        }
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        match take::<1>(from)? {
            [0] => Some(None),
            [1] => MerchantId::read(from).map(Some),
            _ => None,
        }
    }
}
