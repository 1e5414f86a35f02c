//! Endpoints of merchants, and the letters on their way to them.
//!
//! An *endpoint* is an address of a merchant that wants to be told what happens. A *letter* is one
//! happening for one endpoint. What a letter says is rendered from the journal record that made
//! it, so that every attempt carries the same bytes; here stands only who gets one, when it is
//! tried and when it is given up. Secrets arrive wrapped; this room cannot open them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::delivery::{self, Then};
use super::notice::{EventId, Story};
use super::{Audit, By, Decision, Event, MerchantId, MerchantRefusal, Outcome, Refusal, Timestamp};

/// Endpoints that one merchant may have.
pub const ENDPOINTS_PER_MERCHANT_MAX: usize = 20;
/// Letters given up one after the other, after which an endpoint is suspended.
pub const GIVEN_UP_IN_A_ROW_MAX: u32 = 20;

/// Names an endpoint: the journal position of the record that made it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct EndpointId(u64);

impl EndpointId {
    /// The endpoint made at `position`.
    pub const fn new(position: u64) -> Self {
        EndpointId(position)
    }

    /// The journal position behind it.
    pub const fn position(self) -> u64 {
        self.0
    }

    /// Reads `ep_000000000012`.
    pub fn parse(text: &str) -> Option<Self> {
        super::notice::twelve_digits(text.strip_prefix("ep_")?).map(EndpointId)
    }
}

impl fmt::Display for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ep_{:012}", self.0)
    }
}

/// How an endpoint wants to be spoken to: shape of the body, headers, what counts as a yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Dialect {
    /// As `PayAction` writes: 매칭완료, `deposited`, `withdrawn`.
    #[serde(rename = "payaction")]
    Payaction,
    /// `EzPG`'s notice as its vendor documents it.
    #[serde(rename = "ezpg-a")]
    EzpgA,
    /// `EzPG`'s notice as its second client reads it.
    #[serde(rename = "ezpg-b")]
    EzpgB,
    /// Standard Webhooks.
    #[serde(rename = "standard")]
    Standard,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Dialect; 4] = [
        Dialect::Payaction,
        Dialect::EzpgA,
        Dialect::EzpgB,
        Dialect::Standard,
    ];

    /// Its name for the world.
    pub const fn name(self) -> &'static str {
        match self {
            Dialect::Payaction => "payaction",
            Dialect::EzpgA => "ezpg-a",
            Dialect::EzpgB => "ezpg-b",
            Dialect::Standard => "standard",
        }
    }

    /// The dialect of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Dialect::ALL
            .into_iter()
            .find(|dialect| dialect.name() == name)
    }

    /// Whether it has words for such a happening. A receiver of `payaction` or `ezpg-b` takes
    /// every body for a payment, so that what is none is never sent there.
    pub const fn can_say(self, kind: EventKind) -> bool {
        match self {
            Dialect::Standard => true,
            Dialect::Payaction => matches!(
                kind,
                EventKind::DepositMatched | EventKind::DepositReceived | EventKind::WithdrawalPaid
            ),
            Dialect::EzpgA => matches!(
                kind,
                EventKind::DepositReceived | EventKind::DepositCorrected
            ),
            Dialect::EzpgB => matches!(
                kind,
                EventKind::DepositReceived
                    | EventKind::WithdrawalPaid
                    | EventKind::WithdrawalFailed
                    | EventKind::WithdrawalReturned
            ),
        }
    }
}

macro_rules! kinds {
    ($($variant:ident = $word:literal, $help:literal;)*) => {
        /// What a merchant can be told. Rows hold it by number: new ones go to the end.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum EventKind {
            $(#[doc = $help] #[serde(rename = $word)] $variant,)*
        }

        impl EventKind {
            /// Every kind.
            pub const ALL: &[EventKind] = &[$(EventKind::$variant,)*];

            /// Its name in every dialect's settings.
            pub const fn word(self) -> &'static str {
                match self { $(EventKind::$variant => $word,)* }
            }
        }
    };
}

kinds! {
    DepositReceived = "deposit.received", "A deposit stands in the merchant's books.";
    DepositMatched = "deposit.matched", "A deposit met an order.";
    DepositUnmatched = "deposit.unmatched", "A match was taken back.";
    DepositPartial = "deposit.partial", "Less came than was asked for.";
    DepositOver = "deposit.over", "More came than was asked for.";
    DepositLate = "deposit.late", "A deposit came after its order or account had ended.";
    DepositDuplicate = "deposit.duplicate", "What was paid already was paid again.";
    DepositCorrected = "deposit.corrected", "The bank undid a deposit.";
    OrderExcluded = "order.excluded", "An order was taken out of matching.";
    OrderExpired = "order.expired", "An order waited too long.";
    AccountIssued = "account.issued", "A virtual account was issued.";
    AccountClosed = "account.closed", "A virtual account was closed.";
    WithdrawalRequested = "withdrawal.requested", "A withdrawal was asked for.";
    WithdrawalPaid = "withdrawal.paid", "A withdrawal was paid.";
    WithdrawalFailed = "withdrawal.failed", "A withdrawal was refused.";
    WithdrawalUnknown = "withdrawal.unknown", "Nobody knows yet what became of a withdrawal.";
    WithdrawalReturned = "withdrawal.returned", "A paid withdrawal came back.";
    WithdrawalCancelled = "withdrawal.cancelled", "A withdrawal was called off.";
    RefundPaid = "refund.paid", "A refund was paid.";
    RefundFailed = "refund.failed", "A refund was refused.";
    RefundReturned = "refund.returned", "A paid refund came back.";
}

impl EventKind {
    /// The kind of that name.
    pub fn parse(word: &str) -> Option<Self> {
        EventKind::ALL
            .iter()
            .copied()
            .find(|kind| kind.word() == word)
    }
}

/// A secret that only the room of secrets can open; see `src/secrets.rs`.
pub type WrappedSecret = super::Wrapped;

/// An endpoint as the books know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its name.
    pub id: EndpointId,
    /// Whose it is.
    pub merchant: MerchantId,
    /// Where letters go.
    pub url: String,
    /// How they are written.
    pub dialect: Dialect,
    /// What it wants to be told; empty is the dialect's default.
    pub events: Vec<EventKind>,
    /// Whether letters are written and sent at all.
    pub enabled: bool,
    /// Its own secret; none where the dialect uses the merchant's key.
    pub secret: Option<WrappedSecret>,
    /// The secret before it, and until when it still signs.
    pub former: Option<FormerSecret>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A secret that was rotated away and still counts for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerSecret {
    /// The secret.
    pub secret: WrappedSecret,
    /// The instant from which it counts no more.
    pub until: Timestamp,
}

impl Endpoint {
    /// Whether a happening of `kind` is written to it, were it enabled.
    pub fn wants(&self, kind: EventKind) -> bool {
        if !self.dialect.can_say(kind) {
            return false;
        }
        if self.events.is_empty() {
            return self.dialect != Dialect::Payaction || kind == EventKind::DepositMatched;
        }
        self.events.contains(&kind)
    }
}

/// How an endpoint fares; changes with what becomes of its letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Letters given up since the last one that arrived.
    pub given_up_in_a_row: u32,
    /// Since when nothing is sent any more, where it is suspended.
    pub suspended_at: Option<Timestamp>,
    /// When its merchant was last told of a letter that was given up.
    pub told_at: Option<Timestamp>,
}

/// Names a letter: one happening for one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LetterId {
    /// To whom.
    pub endpoint: EndpointId,
    /// What about.
    pub event: EventId,
}

impl LetterId {
    /// Reads `ep_000000000012.evt_000000000034_0`.
    pub fn parse(text: &str) -> Option<Self> {
        let (endpoint, event) = text.split_once('.')?;
        Some(LetterId {
            endpoint: EndpointId::parse(endpoint)?,
            event: EventId::parse(event)?,
        })
    }
}

impl fmt::Display for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.endpoint, self.event)
    }
}

/// Where a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LetterState {
    /// To be sent: at once, later, or behind another one of its story.
    Waiting,
    /// The receiver said yes.
    Delivered,
    /// Tried as often as its schedule says, ended by the receiver, or skipped.
    GivenUp,
}

/// Why nothing that could be an answer came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The URL cannot be called.
    BadUrl,
    /// Nobody knows the name.
    NameNotResolved,
    /// The name leads to an address that we do not call: private, special, our own.
    AddressRefused,
    /// Nobody listens there.
    ConnectionRefused,
    /// The certificate is over, or not valid yet.
    CertificateExpired,
    /// The certificate is for another name.
    CertificateName,
    /// The certificate does not lead to an authority that we know.
    CertificateUntrusted,
    /// The two sides could not agree on how to encrypt.
    Tls,
    /// No whole answer came in time.
    TimedOut,
    /// The connection broke, or what came back is no HTTP.
    Broke,
    /// Our own keys could not be opened.
    NoKey,
}

/// What one attempt came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Where it went.
    pub url: String,
    /// House time when it began; the timestamp in its headers.
    pub sent_at: Timestamp,
    /// How long it took, in real milliseconds.
    pub took_millis: u64,
    /// The status that came back.
    pub status: Option<u16>,
    /// The beginning of the body that came back.
    pub answer: Option<String>,
    /// Why there was none.
    pub fault: Option<Fault>,
    /// Whether it is the yes that the dialect asks for.
    pub accepted: bool,
    /// Seconds that the receiver asks us to wait.
    pub retry_after: Option<i64>,
}

/// What can be asked for. `owner` is set where the asker may only see its own.
#[derive(Clone, Debug)]
pub enum WebhookCommand {
    /// A new endpoint.
    Add {
        /// Who asks.
        by: By,
        /// Whose.
        merchant: MerchantId,
        /// Where to.
        url: String,
        /// In which dialect.
        dialect: Dialect,
        /// About what; empty is the dialect's default.
        events: Vec<EventKind>,
        /// Its secret.
        secret: Option<WrappedSecret>,
    },
    /// Other values; what is absent stays.
    Change {
        /// Who asks.
        by: By,
        /// Only this merchant's endpoints are seen.
        owner: Option<MerchantId>,
        /// Which.
        id: EndpointId,
        /// Where to.
        url: Option<String>,
        /// About what.
        events: Option<Vec<EventKind>>,
        /// Whether at all.
        enabled: Option<bool>,
    },
    /// A new secret; the one before still signs for a while.
    Rotate {
        /// Who asks.
        by: By,
        /// Only this merchant's endpoints are seen.
        owner: Option<MerchantId>,
        /// Which.
        id: EndpointId,
        /// The new secret.
        secret: WrappedSecret,
        /// For how long the old one counts.
        overlap_seconds: i64,
    },
    /// An end of the suspension. Where letters are to be left out and many wait, it takes
    /// several turns; the outcome says so.
    Resume {
        /// Who asks.
        by: By,
        /// Only this merchant's endpoints are seen.
        owner: Option<MerchantId>,
        /// Which.
        id: EndpointId,
        /// Whether what waited is left out.
        skip: bool,
    },
    /// An attempt is over.
    Record {
        /// Of which letter.
        letter: LetterId,
        /// What it came to.
        attempt: Box<Attempt>,
    },
    /// One more attempt with the same id and body.
    Resend {
        /// Who asks.
        by: By,
        /// Only this merchant's letters are seen.
        owner: Option<MerchantId>,
        /// Which.
        letter: LetterId,
    },
    /// Everything that happened in a stretch of the journal, once more.
    Replay {
        /// Who asks.
        by: By,
        /// Only this merchant's endpoints are seen.
        owner: Option<MerchantId>,
        /// To which.
        id: EndpointId,
        /// The happenings, as the reader found them; those that are not the endpoint's to hear
        /// are left out.
        events: Vec<EventId>,
    },
}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookEvent {
    /// There is a new endpoint.
    EndpointAdded(Endpoint),
    /// An endpoint has other values.
    EndpointChanged(Endpoint),
    /// An endpoint gets nothing more until it is resumed.
    EndpointSuspended {
        /// Which.
        id: EndpointId,
        /// Whose, so that it can be told.
        merchant: MerchantId,
    },
    /// An endpoint is sent to again.
    EndpointResumed {
        /// Which.
        id: EndpointId,
    },
    /// A letter was tried.
    Attempted {
        /// Which.
        letter: LetterId,
        /// Whose, so that it can be told.
        merchant: MerchantId,
        /// What it came to.
        attempt: Attempt,
        /// What follows from it.
        then: Then,
    },
    /// Letters are given up without another attempt.
    Skipped {
        /// Which.
        letters: Vec<LetterId>,
    },
    /// Letters are tried once more, at once.
    Requeued {
        /// Which.
        letters: Vec<LetterId>,
    },
    /// Letters begin their schedule anew, or for the first time where there was none.
    Replayed {
        /// To whom.
        endpoint: EndpointId,
        /// Which.
        letters: Vec<LetterAnew>,
    },
}

/// A letter as it is written: all of it that the books need beside its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterAnew {
    /// What about.
    pub event: EventId,
    /// What happened.
    pub kind: EventKind,
    /// When it happened.
    pub at: Timestamp,
    /// The stories it is told in.
    pub stories: Vec<Story>,
}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookOutcome {
    /// The endpoint as it is now.
    Endpoint(Box<Endpoint>),
    /// The endpoint is no longer suspended, or it is still, with letters left to be left out.
    Resumed {
        /// As it is.
        endpoint: Box<Endpoint>,
        /// Whether the command must be given once more.
        more: bool,
    },
    /// So many letters are on their way again.
    Requeued(usize),
    /// What follows from an attempt.
    Recorded(Then),
}

/// An endpoint and how it fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointFacts {
    /// Its settings.
    pub endpoint: Endpoint,
    /// How it fares.
    pub health: Health,
}

/// What a recorded attempt may depend on.
#[derive(Clone, Debug)]
pub struct LetterFacts {
    /// Where the letter goes.
    pub to: EndpointFacts,
    /// Where it stands.
    pub state: LetterState,
    /// Attempts by its schedule so far; those that were asked for do not count.
    pub tried: u32,
    /// Whether this attempt was asked for by a person.
    pub asked_for: bool,
}

fn no(refusal: MerchantRefusal) -> Decision {
    Decision::refuse(Refusal::Merchant(refusal))
}

fn audited(by: By, action: &str, subject: String, after: String) -> Event {
    Event::Audited(Audit {
        by,
        action: action.to_owned(),
        subject,
        before: None,
        after: Some(after),
    })
}

/// In short, for the audit log; an address may hold a token, so only its host is told.
fn described(endpoint: &Endpoint) -> String {
    let words: Vec<_> = endpoint.events.iter().map(|kind| kind.word()).collect();
    let host = endpoint.url.split('/').nth(2).unwrap_or_default();
    let state = if endpoint.enabled { "on" } else { "off" };
    let (dialect, words) = (endpoint.dialect.name(), words.join(","));
    format!("{dialect} {host} [{words}] {state}")
}

/// Adds an endpoint.
pub fn add(by: By, endpoint: Endpoint, merchant_known: bool, already: usize) -> Decision {
    if !merchant_known {
        return no(MerchantRefusal::NoSuchMerchant);
    }
    if already >= ENDPOINTS_PER_MERCHANT_MAX {
        return no(MerchantRefusal::TooManyEndpoints);
    }
    if !all_sayable(endpoint.dialect, &endpoint.events) {
        return no(MerchantRefusal::EventNotInDialect);
    }
    let subject = format!("webhook/{}", endpoint.id);
    let audit = audited(by, "webhook.add", subject, described(&endpoint));
    let outcome = WebhookOutcome::Endpoint(Box::new(endpoint.clone()));
    let added = Event::Webhook(WebhookEvent::EndpointAdded(endpoint));
    Decision::new(Outcome::Webhook(outcome), vec![added, audit])
}

fn all_sayable(dialect: Dialect, events: &[EventKind]) -> bool {
    events.iter().all(|kind| dialect.can_say(*kind))
}

/// Gives an endpoint the values of `changed`; `action` names the act in the audit log.
pub fn change(by: By, action: &str, before: &Endpoint, changed: Endpoint) -> Decision {
    if !all_sayable(changed.dialect, &changed.events) {
        return no(MerchantRefusal::EventNotInDialect);
    }
    let outcome = Outcome::Webhook(WebhookOutcome::Endpoint(Box::new(changed.clone())));
    if *before == changed {
        return Decision::new(outcome, Vec::new());
    }
    let audit = Event::Audited(Audit {
        by,
        action: action.to_owned(),
        subject: format!("webhook/{}", changed.id),
        before: Some(described(before)),
        after: Some(described(&changed)),
    });
    let event = Event::Webhook(WebhookEvent::EndpointChanged(changed));
    Decision::new(outcome, vec![event, audit])
}

/// Letters left out in one turn of a resumption.
pub const SKIPPED_AT_A_TIME_MAX: usize = 500;
/// Letters of one replay command.
pub const REPLAYED_AT_A_TIME_MAX: usize = 500;

/// Ends a suspension, leaving out the letters in `skipped`; `more` are left for another turn. An
/// endpoint that is not suspended stays as it is, and is none the worse for it.
pub fn resume(by: By, facts: EndpointFacts, skipped: Vec<LetterId>, more: bool) -> Decision {
    let id = facts.endpoint.id;
    let endpoint = Box::new(facts.endpoint);
    let outcome = Outcome::Webhook(WebhookOutcome::Resumed { endpoint, more });
    if facts.health.suspended_at.is_none() {
        return Decision::new(outcome, Vec::new());
    }
    let mut events = Vec::new();
    let after = match skipped.len() {
        0 => "what waited is sent".to_owned(),
        count => format!("{count} letters are left out"),
    };
    if !skipped.is_empty() {
        events.push(Event::Webhook(WebhookEvent::Skipped { letters: skipped }));
    }
    if !more {
        events.push(Event::Webhook(WebhookEvent::EndpointResumed { id }));
    }
    events.push(audited(
        by,
        "webhook.resume",
        format!("webhook/{id}"),
        after,
    ));
    Decision::new(outcome, events)
}

/// Notes an attempt and decides what follows: delivered, again at a later hour, or given up; and
/// whether the endpoint is suspended for it.
pub fn record(letter: LetterId, attempt: Attempt, facts: &LetterFacts, now: Timestamp) -> Decision {
    let then = delivery::after(letter, &attempt, facts, now);
    let endpoint = &facts.to.endpoint;
    let merchant = endpoint.merchant.clone();
    let mut events = vec![Event::Webhook(WebhookEvent::Attempted {
        letter,
        merchant: merchant.clone(),
        attempt,
        then,
    })];
    let health = facts.to.health;
    let one_more = health.given_up_in_a_row.saturating_add(1);
    if then == Then::GaveUp && health.suspended_at.is_none() && one_more >= GIVEN_UP_IN_A_ROW_MAX {
        let id = endpoint.id;
        events.push(Event::Webhook(WebhookEvent::EndpointSuspended {
            id,
            merchant,
        }));
    }
    Decision::new(Outcome::Webhook(WebhookOutcome::Recorded(then)), events)
}

/// Why nothing can be sent to an endpoint on request.
fn cannot_send(facts: &EndpointFacts) -> Option<MerchantRefusal> {
    if !facts.endpoint.enabled {
        return Some(MerchantRefusal::EndpointDisabled);
    }
    let suspended = facts.health.suspended_at.is_some();
    suspended.then_some(MerchantRefusal::EndpointSuspended)
}

/// One more attempt for one letter.
pub fn resend(by: By, facts: &EndpointFacts, letter: LetterId) -> Decision {
    if let Some(refusal) = cannot_send(facts) {
        return no(refusal);
    }
    let subject = format!("webhook/{letter}");
    let audit = audited(by, "webhook.resend", subject, "one more attempt".to_owned());
    let letters = vec![letter];
    let requeued = Event::Webhook(WebhookEvent::Requeued { letters });
    let outcome = Outcome::Webhook(WebhookOutcome::Requeued(1));
    Decision::new(outcome, vec![requeued, audit])
}

/// Begins the schedules of letters anew.
pub fn replay(by: By, facts: &EndpointFacts, letters: Vec<LetterAnew>) -> Decision {
    if let Some(refusal) = cannot_send(facts) {
        return no(refusal);
    }
    let outcome = Outcome::Webhook(WebhookOutcome::Requeued(letters.len()));
    if letters.is_empty() {
        return Decision::new(outcome, Vec::new());
    }
    let endpoint = facts.endpoint.id;
    let after = format!("{} letters anew", letters.len());
    let audit = audited(by, "webhook.replay", format!("webhook/{endpoint}"), after);
    let replayed = Event::Webhook(WebhookEvent::Replayed { endpoint, letters });
    Decision::new(outcome, vec![replayed, audit])
}
