//! Messages to people: mail, chat and text; never in the way of money.
//!
//! Whoever decides about money knows nothing of messages. When a decision has been made,
//! `queue` in the store looks at its events and puts beside them, in the same record, who is
//! to be told and what. A message is then sent by a room of its own, as often as its schedule
//! says; if it is given up, nothing but the message is lost.

use serde::{Deserialize, Serialize};

use super::webhook::{EndpointId, EventKind, LetterId};
use super::{
    BankCode, BusinessDate, By, Decision, Event, MatchReason, MerchantId, Outcome, Timestamp, Won,
};

mod settings;

pub use settings::{MatchFailedMail, Notifications, NotificationsChange, Reach, Telegram, set};

/// How somebody is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// E-mail.
    Mail,
    /// A Telegram chat.
    Telegram,
    /// Kakao's Alimtalk (알림톡), by phone number.
    Alimtalk,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Channel; 3] = [Channel::Mail, Channel::Telegram, Channel::Alimtalk];

    /// Its name for the world.
    pub const fn name(self) -> &'static str {
        match self {
            Channel::Mail => "mail",
            Channel::Telegram => "telegram",
            Channel::Alimtalk => "alimtalk",
        }
    }
}

/// Names a message: the journal position of the record that queued it, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageId {
    /// The record.
    pub position: u64,
    /// Which of its messages, from 0.
    pub number: u32,
}

impl MessageId {
    /// Reads `msg_000000000034_0`.
    pub fn parse(text: &str) -> Option<Self> {
        let event = super::EventId::parse(&text.replacen("msg_", "evt_", 1))?;
        Some(MessageId {
            position: event.position,
            number: event.index,
        })
    }
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "msg_{:012}_{}", self.position, self.number)
    }
}

/// Why a message was not even tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skipped {
    /// The order's number is longer than an Alimtalk can show.
    OrderNumberTooLong,
}

/// A message as it is queued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// How.
    pub channel: Channel,
    /// To which address, number or chat.
    pub to: String,
    /// Whose settings it goes by; none for the house's own.
    pub on_behalf_of: Option<MerchantId>,
    /// What it says.
    pub wording: Wording,
    /// Why it is not sent at all.
    pub skipped: Option<Skipped>,
}

/// One line about a deposit that met no order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmatched {
    /// Journal position of the booking.
    pub deposit: u64,
    /// How much.
    pub amount: Won,
    /// The payer's name as the bank told it.
    pub payer: String,
    /// Why, most telling first.
    pub reasons: Vec<MatchReason>,
}

/// What a message says; the words are made when it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wording {
    /// To whoever ordered: the order was taken, so much is to be paid.
    OrderTaken {
        /// The shop.
        shop: String,
        /// The order.
        number: String,
        /// Who ordered.
        orderer: String,
        /// How much.
        amount: Won,
        /// The name to pay under.
        billing_name: String,
    },
    /// To whoever ordered: the money has come.
    OrderPaid {
        /// The shop.
        shop: String,
        /// The order.
        number: String,
        /// Who ordered.
        orderer: String,
        /// How much has come.
        amount: Won,
    },
    /// To the merchant: a deposit met no order.
    MatchFailed(Unmatched),
    /// To the merchant: all deposits of a day that met no order.
    MatchFailedDay {
        /// Which day.
        day: BusinessDate,
        /// The first of them.
        deposits: Vec<Unmatched>,
        /// How many there were.
        count: u64,
    },
    /// To the merchant: a letter was given up.
    LetterGivenUp {
        /// Which.
        letter: LetterId,
        /// What it was about.
        kind: EventKind,
        /// Its endpoint's host.
        host: String,
    },
    /// To the merchant: nothing is sent to an endpoint any more.
    EndpointSuspended {
        /// Which.
        endpoint: EndpointId,
        /// Its host.
        host: String,
    },
    /// To the merchant: its programs are locked out for a while.
    Locked {
        /// For how long.
        minutes: u32,
    },
    /// By the settings: money has come.
    DepositCame {
        /// The merchant's name.
        shop: String,
        /// Journal position of the booking.
        deposit: u64,
        /// How much.
        amount: Won,
        /// The payer's name as the bank told it.
        payer: String,
        /// The account's bank.
        bank: BankCode,
        /// The last characters of its number.
        account_end: String,
    },
    /// To the merchant by mail, and by the settings: a deposit was undone.
    DepositUndone {
        /// The merchant's name.
        shop: String,
        /// Journal position of the booking.
        deposit: u64,
        /// How much.
        amount: Won,
        /// The order that waits again because of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<String>,
    },
    /// To the merchant: an operator has parted a deposit from its order.
    MatchUndone {
        /// The order, which waits again.
        number: String,
        /// Journal position of the booking.
        deposit: u64,
        /// How much.
        amount: Won,
        /// The payer's name as the bank told it.
        payer: String,
        /// Why, in the operator's words.
        reason: String,
    },
    /// To the merchant, where it wants such mails: orders that wait no more.
    OrdersOver {
        /// Why they do not.
        why: OrderEnd,
        /// The first of them.
        numbers: Vec<String>,
        /// How many there are.
        count: u64,
    },
}

/// Why an order that met no deposit waits no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderEnd {
    /// It was taken out.
    Excluded,
    /// Its time ran out.
    Expired,
}

/// What one attempt to send came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// It was taken.
    Taken,
    /// It was not, and may be later.
    Failed {
        /// Why, in a few words without addresses.
        why: String,
        /// Seconds that the other side asks us to wait.
        retry_after: Option<i64>,
    },
    /// It never will be.
    Refused {
        /// Why, in a few words without addresses.
        why: String,
    },
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageThen {
    /// It is done.
    Done,
    /// Once more, not before this instant.
    Again(Timestamp),
    /// It is given up.
    GaveUp,
}

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum MessageCommand {
    /// Other settings.
    Set {
        /// Who asks.
        by: By,
        /// Whose; none for the house's own.
        whose: Option<MerchantId>,
        /// What.
        change: Box<NotificationsChange>,
    },
    /// An attempt is over.
    Record {
        /// Of which message.
        id: MessageId,
        /// What it came to.
        sent: Sent,
    },
    /// A merchant's programs were locked out for malformed calls.
    TellLocked {
        /// Whose.
        merchant: MerchantId,
        /// For how long.
        minutes: u32,
    },
    /// A day is over whose deposits without an order are told together.
    TellDay {
        /// Whose.
        merchant: MerchantId,
        /// Which day.
        day: BusinessDate,
    },
}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageEvent {
    /// Somebody wants to be told other things.
    NotificationsSet {
        /// Who; none for the house.
        whose: Option<MerchantId>,
        /// What.
        settings: Notifications,
    },
    /// People are to be told of what else stands in the record.
    Queued {
        /// What, in the order of their numbers.
        messages: Vec<Message>,
    },
    /// A deposit without an order waits for the day's mail.
    PutAside {
        /// Whose.
        merchant: MerchantId,
        /// The day it belongs to.
        day: BusinessDate,
        /// The deposit.
        deposit: Unmatched,
    },
    /// The day's mail was queued.
    DayTold {
        /// Whose.
        merchant: MerchantId,
        /// Which day.
        day: BusinessDate,
    },
    /// A message was tried.
    Tried {
        /// Which.
        id: MessageId,
        /// What came of it.
        sent: Sent,
        /// What follows.
        then: MessageThen,
    },
    /// A merchant's programs were locked out.
    Locked {
        /// Whose.
        merchant: MerchantId,
        /// For how long.
        minutes: u32,
    },
}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageOutcome {
    /// The settings in force.
    Settings(Box<Notifications>),
    /// What follows from an attempt.
    Recorded(MessageThen),
}

/// Seconds between the attempts of a message.
const GAPS: &[i64] = &[30, 300, 1_800, 7_200, 21_600];
/// The most that the other side can put off the next attempt.
const RETRY_AFTER_SECONDS_MAX: i64 = 6 * 3_600;

/// Notes an attempt, the `tried`th before it being over, and decides what follows.
pub fn record(id: MessageId, sent: Sent, tried: u32, now: Timestamp) -> Decision {
    let then = match &sent {
        Sent::Taken => MessageThen::Done,
        Sent::Refused { .. } => MessageThen::GaveUp,
        Sent::Failed { retry_after, .. } => {
            let gap = GAPS.get(usize::try_from(tried).unwrap_or(usize::MAX));
            let asked = retry_after.unwrap_or(0).clamp(0, RETRY_AFTER_SECONDS_MAX);
            gap.map_or(MessageThen::GaveUp, |gap| {
                MessageThen::Again(now.plus_seconds(asked.max(*gap)))
            })
        }
    };
    let event = MessageEvent::Tried { id, sent, then };
    let outcome = Outcome::Message(MessageOutcome::Recorded(then));
    Decision::new(outcome, vec![Event::Message(event)])
}

/// Characters of an order number that an Alimtalk can show.
pub const ALIMTALK_ORDER_NUMBER_MAX: usize = 22;

/// The messages to whoever ordered, where a phone or an address came.
pub fn to_orderer(
    merchant: &MerchantId,
    (phone, email): (Option<&str>, Option<&str>),
    number: &str,
    wording: &Wording,
) -> Vec<Message> {
    let message = |channel, to: &str, skipped| Message {
        channel,
        to: to.to_owned(),
        on_behalf_of: Some(merchant.clone()),
        wording: wording.clone(),
        skipped,
    };
    let too_long = number.chars().count() > ALIMTALK_ORDER_NUMBER_MAX;
    let skipped = too_long.then_some(Skipped::OrderNumberTooLong);
    let text = phone.map(|phone| message(Channel::Alimtalk, phone, skipped));
    let mail = email.map(|email| message(Channel::Mail, email, None));
    text.into_iter().chain(mail).collect()
}
