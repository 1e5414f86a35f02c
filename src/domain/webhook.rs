//! Endpoints of merchants, and the letters on their way to them.
//!
//! An *endpoint* is an address of a merchant that wants to be told what happens. A *letter* is one
//! happening for one endpoint. What a letter says is rendered from the journal record that made
//! it, so that every attempt carries the same bytes; here stands only who gets one, when it is
//! tried and when it is given up. Secrets arrive wrapped; this room cannot open them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::delivery::Then;
use super::notice::{EventId, Story};
use super::{By, MerchantId, Timestamp};

mod decide;
mod kind;

pub use decide::{add, change, record, replay, resend, resume};
pub use kind::EventKind;

/// Endpoints that one merchant may have.
pub const ENDPOINTS_PER_MERCHANT_MAX: usize = 20;
/// Letters given up one after the other, after which an endpoint is suspended.
pub const GIVEN_UP_IN_A_ROW_MAX: u32 = 20;
/// Letters left out in one turn of a resumption.
pub const SKIPPED_AT_A_TIME_MAX: usize = 500;
/// Letters of one replay command.
pub const REPLAYED_AT_A_TIME_MAX: usize = 500;

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
