//! What happened to a merchant, read from a journal record: the one list behind webhooks, the
//! pull feed and messages to people.
//!
//! A notice is derived, never stored: the same record gives the same notices for as long as the
//! books exist. An event makes one notice at most, and the event's place in its record is the
//! notice's number; so the names of what was told never move when new kinds are added.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::webhook::EventKind;
use super::{
    AccountEvent, AccountKey, Credit, DepositRef, DepositRow, Event, Judgement, MerchantId,
    OrderEvent, OrderNumber, Parting, Reaction,
};

/// Names a happening: the journal position of its record, and its place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventId {
    /// The record.
    pub position: u64,
    /// The event within it, from 0.
    pub index: u32,
}

impl EventId {
    /// Reads `evt_000000000034_0`.
    pub fn parse(text: &str) -> Option<Self> {
        let (position, index) = text.strip_prefix("evt_")?.split_once('_')?;
        let plain = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
        Some(EventId {
            position: twelve_digits(position)?,
            index: plain.then(|| index.parse().ok())??,
        })
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "evt_{:012}_{}", self.position, self.index)
    }
}

/// A journal position as it stands in public names: at least twelve digits.
pub(super) fn twelve_digits(text: &str) -> Option<u64> {
    let digits = text.len() >= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// Numbers that look drawn by lot and are the same for the same input (`SplitMix64`, folded).
pub(super) fn mixed(numbers: &[u64]) -> u64 {
    numbers.iter().fold(0x6e61_7275_6e61_7275, |state, number| {
        let mut z = (state ^ number).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

/// Two numbers of at most eighteen digits that look drawn by lot: for names in others' shapes.
pub fn digits_of(numbers: &[u64]) -> (u64, u64) {
    let head = mixed(numbers);
    let tail = mixed(&[head, numbers.len() as u64]);
    (
        head % 1_000_000_000_000_000_000,
        tail % 1_000_000_000_000_000_000,
    )
}

/// What belongs together and must be told in order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Story {
    /// A deposit, by the journal position of its booking.
    Deposit(u64),
    /// An order of the merchant, by its number.
    Order(String),
    /// A virtual account.
    Account(AccountKey),
}

/// One happening that a merchant can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its name.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// To whom.
    pub merchant: MerchantId,
    /// Journal position of the booking of the deposit it is about.
    pub deposit: Option<u64>,
    /// The order it is about.
    pub order: Option<String>,
    /// The account it is about, where it is about neither.
    pub account: Option<AccountKey>,
    /// Why, in a word for programs, where there is something to say.
    pub reason: Option<String>,
}

impl Notice {
    /// The stories it is told in: behind earlier letters of each of them.
    pub fn stories(&self) -> Vec<Story> {
        let deposit = self.deposit.map(Story::Deposit);
        let order = self.order.clone().map(Story::Order);
        let account = self.account.clone().map(Story::Account);
        [deposit, order, account].into_iter().flatten().collect()
    }
}

/// What the record at `position` with these events tells merchants, in order.
pub fn notices(events: &[Event], position: u64) -> Vec<Notice> {
    let mut notices = Vec::new();
    for (index, event) in (0u32..).zip(events) {
        let id = EventId { position, index };
        notices.extend(notice(id, event, events));
    }
    notices
}

/// What one event tells; another of its record may add the order that a deposit has met or left.
fn notice(id: EventId, event: &Event, record: &[Event]) -> Option<Notice> {
    match event {
        Event::DepositBooked { row, .. } | Event::DepositReleased { row, .. } => {
            about_money(id, EventKind::DepositReceived, row, record)
        }
        Event::DepositReversed { row, .. } => {
            about_money(id, EventKind::DepositCorrected, row, record)
        }
        Event::Order(event) => about_order(id, event),
        Event::Account(AccountEvent::Issued { account, .. }) => {
            let account = (&account.terms.merchant, &account.key);
            Some(about_account(id, EventKind::AccountIssued, account))
        }
        Event::Account(AccountEvent::Closed {
            merchant, account, ..
        }) => Some(about_account(
            id,
            EventKind::AccountClosed,
            (merchant, account),
        )),
        Event::Founded { .. }
        | Event::MerchantsImported { .. }
        | Event::AccountsImported { .. }
        | Event::CorrectionAccepted(_)
        | Event::HoldTaken(_)
        | Event::HoldEnded { .. }
        | Event::AggregateAnswered { .. }
        | Event::ExceptionRaised(_)
        | Event::Audited(_)
        | Event::Answered(_)
        | Event::AnswersForgotten { .. }
        | Event::Policy(_)
        | Event::People(_)
        | Event::Credential(_)
        | Event::Registration(_)
        | Event::Webhook(_)
        | Event::Message(_)
        | Event::System(_) => None,
    }
}

fn plain(id: EventId, kind: EventKind, merchant: &MerchantId) -> Notice {
    Notice {
        id,
        kind,
        merchant: merchant.clone(),
        deposit: None,
        order: None,
        account: None,
        reason: None,
    }
}

/// Money in suspense is nobody's yet, so its coming and going are told nobody.
fn about_money(id: EventId, kind: EventKind, row: &DepositRow, record: &[Event]) -> Option<Notice> {
    let Credit::Merchant(merchant) = &row.credit else {
        return None;
    };
    let mut notice = plain(id, kind, merchant);
    notice.deposit = Some(row.position);
    notice.order = record.iter().find_map(|event| match event {
        Event::Order(
            OrderEvent::Matched {
                number, deposit, ..
            }
            | OrderEvent::Unmatched {
                number, deposit, ..
            },
        ) if deposit.position == row.position => Some(number.to_string()),
        _ => None,
    });
    Some(notice)
}

fn about_order(id: EventId, event: &OrderEvent) -> Option<Notice> {
    let told = |kind, merchant, number: Option<&OrderNumber>, deposit: Option<&DepositRef>| {
        let mut notice = plain(id, kind, merchant);
        notice.order = number.map(ToString::to_string);
        notice.deposit = deposit.map(|deposit| deposit.position);
        notice
    };
    match event {
        OrderEvent::Matched {
            merchant,
            number,
            deposit,
            ..
        } => Some(told(
            EventKind::DepositMatched,
            merchant,
            Some(number),
            Some(deposit),
        )),
        OrderEvent::Unmatched {
            merchant,
            number,
            deposit,
            why,
            ..
        } => {
            let kind = EventKind::DepositUnmatched;
            let mut notice = told(kind, merchant, Some(number), Some(deposit));
            let word = match why {
                Parting::Undo { .. } => "undo",
                Parting::Correction => "correction",
            };
            notice.reason = Some(word.to_owned());
            Some(notice)
        }
        OrderEvent::Judged {
            merchant,
            deposit,
            judgement,
            reaction,
            number,
            ..
        } => {
            let kind = judged(*judgement);
            let mut notice = told(kind, merchant, number.as_ref(), Some(deposit));
            notice.reason = Some(reacted(*reaction).to_owned());
            Some(notice)
        }
        OrderEvent::Excluded {
            merchant, number, ..
        } => Some(told(EventKind::OrderExcluded, merchant, Some(number), None)),
        OrderEvent::Expired {
            merchant, number, ..
        } => Some(told(EventKind::OrderExpired, merchant, Some(number), None)),
        OrderEvent::Placed(_)
        | OrderEvent::MatchFailed { .. }
        | OrderEvent::NameCodeMinted { .. }
        | OrderEvent::ReceiptIssued { .. }
        | OrderEvent::ReceiptCancelled { .. } => None,
    }
}

fn judged(judgement: Judgement) -> EventKind {
    match judgement {
        Judgement::Partial => EventKind::DepositPartial,
        Judgement::Over => EventKind::DepositOver,
        Judgement::Late => EventKind::DepositLate,
        Judgement::Duplicate => EventKind::DepositDuplicate,
    }
}

fn reacted(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::Wait => "wait",
        Reaction::Accept => "accept",
        Reaction::Refund => "refund",
        Reaction::Suspense => "suspense",
    }
}

fn about_account(
    id: EventId,
    kind: EventKind,
    (merchant, account): (&MerchantId, &AccountKey),
) -> Notice {
    let mut notice = plain(id, kind, merchant);
    notice.account = Some(account.clone());
    notice
}
