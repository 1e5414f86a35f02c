//! Messages to people: mail, chat and text; never in the way of money.
//!
//! Whoever decides about money knows nothing of messages. When a decision has been made,
//! `queue` in the store looks at its events and puts beside them, in the same record, who is
//! to be told and what. A message is then sent by a room of its own, as often as its schedule
//! says; if it is given up, nothing but the message is lost.

use serde::{Deserialize, Serialize};

use super::webhook::{EndpointId, EventKind, LetterId};
use super::{
    Audit, BankCode, BusinessDate, By, Decision, Event, MatchReason, MerchantId, MerchantRefusal,
    Outcome, Refusal, Timestamp, Won, Wrapped,
};

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
        /// How much.
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
    /// By the settings: a deposit was undone.
    DepositUndone {
        /// The merchant's name.
        shop: String,
        /// Journal position of the booking.
        deposit: u64,
        /// How much.
        amount: Won,
    },
}

/// A Telegram bot and the chat that it writes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telegram {
    /// The bot's token, wrapped.
    pub token: Wrapped,
    /// Its last characters, to tell it from another.
    pub token_end: String,
    /// The chat: a number or `@name`.
    pub chat: String,
    /// Whether it writes.
    pub enabled: bool,
}

/// How a merchant hears of deposits that met no order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchFailedMail {
    /// A mail for each.
    #[default]
    Each,
    /// One mail a day.
    Daily,
    /// None.
    Never,
}

/// What somebody wants to be told, and where: a merchant, or the house about all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch that somebody sets by its name"
)]
pub struct Notifications {
    /// The chat, where there is one.
    pub telegram: Option<Telegram>,
    /// E-mail addresses; empty is the contact of the registration.
    pub mail_to: Vec<String>,
    /// Whether deposits and so on go out by mail, too.
    pub by_mail: bool,
    /// Whether deposits are told.
    pub deposits: bool,
    /// Whether withdrawals are told.
    pub withdrawals: bool,
    /// Whether troubles are told in the chat, too; by mail they always are.
    pub errors: bool,
    /// Less than this is not worth a word.
    pub min_amount: Won,
    /// How deposits without an order are told.
    pub match_failed: MatchFailedMail,
}

/// Other settings; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct NotificationsChange {
    /// The bot's token, wrapped, and its end.
    pub token: Option<(Wrapped, String)>,
    /// The chat.
    pub chat: Option<String>,
    /// Whether the bot writes.
    pub telegram_enabled: Option<bool>,
    /// E-mail addresses.
    pub mail_to: Option<Vec<String>>,
    /// Whether by mail, too.
    pub by_mail: Option<bool>,
    /// Deposits.
    pub deposits: Option<bool>,
    /// Withdrawals.
    pub withdrawals: Option<bool>,
    /// Troubles.
    pub errors: Option<bool>,
    /// The least amount.
    pub min_amount: Option<Won>,
    /// Deposits without an order.
    pub match_failed: Option<MatchFailedMail>,
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

/// Gives somebody other settings. A chat needs a token, and a token a chat.
pub fn set(
    by: By,
    whose: Option<MerchantId>,
    known: bool,
    before: &Notifications,
    change: NotificationsChange,
) -> Decision {
    if !known {
        return Decision::refuse(Refusal::Merchant(MerchantRefusal::NoSuchMerchant));
    }
    let mut settings = before.clone();
    settings.telegram = match telegram(before.telegram.clone(), &change) {
        Ok(telegram) => telegram,
        Err(refusal) => return Decision::refuse(Refusal::Merchant(refusal)),
    };
    settings.mail_to = change.mail_to.unwrap_or(settings.mail_to);
    settings.by_mail = change.by_mail.unwrap_or(settings.by_mail);
    settings.deposits = change.deposits.unwrap_or(settings.deposits);
    settings.withdrawals = change.withdrawals.unwrap_or(settings.withdrawals);
    settings.errors = change.errors.unwrap_or(settings.errors);
    settings.min_amount = change.min_amount.unwrap_or(settings.min_amount);
    settings.match_failed = change.match_failed.unwrap_or(settings.match_failed);
    let outcome = Outcome::Message(MessageOutcome::Settings(Box::new(settings.clone())));
    if settings == *before {
        return Decision::new(outcome, Vec::new());
    }
    let subject = whose
        .as_ref()
        .map_or("house".to_owned(), |id| format!("merchant/{id}"));
    let audit = Event::Audited(Audit {
        by,
        action: "notifications.set".to_owned(),
        subject,
        before: Some(described(before)),
        after: Some(described(&settings)),
    });
    let event = Event::Message(MessageEvent::NotificationsSet { whose, settings });
    Decision::new(outcome, vec![event, audit])
}

fn telegram(
    before: Option<Telegram>,
    change: &NotificationsChange,
) -> Result<Option<Telegram>, MerchantRefusal> {
    let told = change.token.is_some() || change.chat.is_some();
    let Some(mut telegram) = before else {
        if !told {
            // To switch off what was never there is no mistake.
            let on = change.telegram_enabled.unwrap_or(false);
            return if on {
                Err(MerchantRefusal::TelegramIncomplete)
            } else {
                Ok(None)
            };
        }
        let (Some((token, token_end)), Some(chat)) = (change.token.clone(), change.chat.clone())
        else {
            return Err(MerchantRefusal::TelegramIncomplete);
        };
        let enabled = change.telegram_enabled.unwrap_or(true);
        return Ok(Some(Telegram {
            token,
            token_end,
            chat,
            enabled,
        }));
    };
    if let Some((token, token_end)) = change.token.clone() {
        (telegram.token, telegram.token_end) = (token, token_end);
    }
    telegram.chat = change.chat.clone().unwrap_or(telegram.chat);
    telegram.enabled = change.telegram_enabled.unwrap_or(telegram.enabled);
    Ok(Some(telegram))
}

/// In short, for the audit log: no token, no address.
fn described(settings: &Notifications) -> String {
    let on = |is_on: bool| if is_on { "on" } else { "off" };
    let chat = settings
        .telegram
        .as_ref()
        .is_some_and(|telegram| telegram.enabled);
    format!(
        "telegram {}, mail {}, deposits {}, withdrawals {}, errors {}, from {} won",
        on(chat),
        on(settings.by_mail),
        on(settings.deposits),
        on(settings.withdrawals),
        on(settings.errors),
        settings.min_amount
    )
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

/// Where a merchant, or the house, is told something.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// What it wants to be told.
    pub settings: Notifications,
    /// The contact of its registration.
    pub contact: Option<String>,
}

impl Reach {
    /// Messages about something that must be told by mail whatever is set.
    pub fn trouble(&self, whose: Option<&MerchantId>, wording: &Wording) -> Vec<Message> {
        let chat = self.settings.errors;
        self.messages(whose, wording, true, chat)
    }

    /// Messages about money, where they are wanted.
    pub fn money(
        &self,
        whose: Option<&MerchantId>,
        amount: Won,
        wording: &Wording,
    ) -> Vec<Message> {
        if !self.settings.deposits || amount < self.settings.min_amount {
            return Vec::new();
        }
        self.messages(whose, wording, self.settings.by_mail, true)
    }

    fn messages(
        &self,
        whose: Option<&MerchantId>,
        wording: &Wording,
        mail: bool,
        chat: bool,
    ) -> Vec<Message> {
        let message = |channel, to: &str| Message {
            channel,
            to: to.to_owned(),
            on_behalf_of: whose.cloned(),
            wording: wording.clone(),
            skipped: None,
        };
        let mut messages = Vec::new();
        let telegram = self.settings.telegram.as_ref();
        if let Some(telegram) = telegram.filter(|telegram| chat && telegram.enabled) {
            messages.push(message(Channel::Telegram, &telegram.chat));
        }
        if mail {
            let given = self.settings.mail_to.iter();
            let contact = self
                .contact
                .iter()
                .filter(|_| self.settings.mail_to.is_empty());
            messages.extend(given.chain(contact).map(|to| message(Channel::Mail, to)));
        }
        messages
    }
}
