//! Scenarios: what the bank says in which order, and what it must hear.
//!
//! A scenario is a TOML file (see the README for its language): some accounts, a business date,
//! and steps. `read` turns the file into the values here and refuses, by line and key, what makes
//! no sense; `play` acts them out and returns a verdict. Nothing here knows the gateway but by its
//! telegrams and the clock of its house.

mod crowds;
mod embedded;
mod figures;
mod judge;
mod moment;
mod play;
mod read;
mod read_step;
mod script;
mod steps;
mod trade;
mod wording;

use std::path::Path;

use jiff::civil::{Date, Time};
use telegrams::{Field, Kind};

use crate::accounts::{Account, Merchant};
use crate::day::DayPlan;

pub use embedded::EMBEDDED;
pub use moment::{Day, Moment};
pub use play::{Stage, play};
pub use read::ScriptError;
pub use script::{ClaimScript as Claim, FieldValue, Lose, Manner, Mode};

use trade::{ShopPart, Trade};

/// A scenario that was read and checked.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its short name, as in `simulator play NAME`.
    pub name: String,
    /// What it shows, in one line.
    pub title: String,
    /// What it shows, in a few lines.
    pub about: String,
    /// Its own number from 1 to 99: accounts and trace numbers are made from it.
    pub block: u8,
    /// The business date (거래일자) of its telegrams, unless a step says otherwise.
    pub date: Date,
    /// The hour of the house (Seoul) at which it begins.
    pub time: Time,
    /// The profile of the relay that it speaks for.
    pub profile: String,
    /// Whether it takes a minute or more of real time: `all` leaves it out.
    pub slow: bool,
    /// The usual seed of what is drawn by lot.
    pub seed: u64,
    groups: Vec<(String, Vec<Account>)>,
    pub(crate) shop: Option<ShopPart>,
    pub(crate) steps: Vec<Step>,
}

impl Scenario {
    /// Reads a scenario from text; `file` is what errors call it.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScriptError> {
        read::scenario(file, text)
    }

    /// Reads a scenario from a file, or takes the embedded one of that name.
    pub fn find(name_or_path: &str) -> Result<Self, ScriptError> {
        if let Some((_, text)) = EMBEDDED.iter().find(|(name, _)| *name == name_or_path) {
            return Self::parse(name_or_path, text);
        }
        let text = std::fs::read_to_string(Path::new(name_or_path)).map_err(|error| {
            let what = format!("is neither an embedded scenario nor a readable file: {error}");
            ScriptError {
                file: name_or_path.into(),
                line: 0,
                what,
            }
        })?;
        Self::parse(name_or_path, &text)
    }

    /// All scenarios that came with the simulator, in the order of their dates: played in this
    /// order the clock of the house never runs back.
    pub fn embedded() -> Result<Vec<Self>, ScriptError> {
        let parsed = EMBEDDED.iter().map(|(name, text)| Self::parse(name, text));
        let mut scenarios = parsed.collect::<Result<Vec<_>, _>>()?;
        scenarios.sort_by_key(|scenario| scenario.date);
        Ok(scenarios)
    }

    /// Whether a shop takes part, which needs the gateway's HTTP.
    pub fn has_shop(&self) -> bool {
        self.shop.is_some()
    }

    /// Everything that the scenario pays into.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.groups.iter().flat_map(|(_, accounts)| accounts)
    }

    /// The accounts that were declared under one name.
    pub fn group(&self, name: &str) -> Option<&[Account]> {
        let found = self.groups.iter().find(|(group, _)| group == name);
        found.map(|(_, accounts)| accounts.as_slice())
    }

    /// The merchant whom the scenario's accounts belong to.
    pub fn merchant(&self) -> Merchant {
        Merchant {
            id: format!("SIM{:02}", self.block),
            name: self.title.clone(),
        }
    }
}

/// One step with its place in the file.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The line at which the step begins, from 1.
    pub(crate) line: usize,
    /// What the step shows, for the report.
    pub(crate) note: Option<String>,
    /// The sessions on which it speaks; each is dialled when first needed.
    pub(crate) sessions: Vec<u8>,
    pub(crate) action: Action,
    pub(crate) expect: Expect,
}

/// What a step does.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Tell(Box<Telegram>),
    Repeat {
        of: String,
        resent: bool,
        times: u32,
    },
    Frame {
        bytes: Vec<u8>,
        answer: Option<Vec<u8>>,
    },
    Burst {
        kind: Kind,
        account: AccountRef,
        amount: u64,
        count: u32,
        chunk: Option<usize>,
    },
    Race {
        label: String,
        telegrams: Vec<Telegram>,
    },
    Cut(Box<Telegram>),
    Storm {
        account: AccountRef,
        amount: u64,
        rounds: u32,
        sessions: u8,
    },
    Day(Box<DayPlan>),
    Resend {
        every: jiff::SignedDuration,
        rounds: u32,
    },
    Totals(TotalsStep),
    Clock {
        at: Moment,
        speed: f64,
    },
    HangUp(Manner),
    /// Says nothing for so many real seconds and counts the gateway's line tests.
    Listen {
        seconds: u64,
        line_tests: u64,
    },
    /// What the shop does, or sees.
    Trade(Box<Trade>),
}

impl Action {
    /// The step's action as the file calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Tell(telegram) => telegram.kind.name(),
            Self::Repeat { .. } => "repeat",
            Self::Frame { .. } => "frame",
            Self::Burst { .. } => "burst",
            Self::Race { .. } => "race",
            Self::Cut(_) => "cut",
            Self::Storm { .. } => "storm",
            Self::Day(_) => "day",
            Self::Resend { .. } => "resend",
            Self::Totals(_) => "totals",
            Self::Clock { .. } => "clock",
            Self::HangUp(_) => "hang_up",
            Self::Listen { .. } => "listen",
            Self::Trade(trade) => trade.name(),
        }
    }
}

/// An account by its key on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountRef {
    pub(crate) bank: u16,
    pub(crate) number: String,
}

/// A telegram to be made and sent.
#[derive(Clone, Debug)]
pub(crate) struct Telegram {
    pub(crate) kind: Kind,
    pub(crate) label: Option<String>,
    /// Number, bank, date, account, amount and payer are taken from this earlier telegram.
    pub(crate) like: Option<String>,
    /// A label whose number is used, or the number itself.
    pub(crate) number: Option<NumberRef>,
    pub(crate) bank: Option<u16>,
    pub(crate) date: Option<Day>,
    pub(crate) account: Option<AccountRef>,
    /// An account that the scenario had issued, by its label.
    pub(crate) issued: Option<String>,
    pub(crate) amount: Option<u64>,
    pub(crate) payer: Option<String>,
    pub(crate) mode: Mode,
    pub(crate) resent: bool,
    pub(crate) institution: Option<String>,
    pub(crate) fields: Vec<(Field, FieldValue)>,
    pub(crate) damage: Damage,
    pub(crate) lose: Option<Lose>,
}

/// Where a telegram's number comes from when it is not a new one.
#[derive(Clone, Debug)]
pub(crate) enum NumberRef {
    Of(String),
    Text(String),
}

/// What is done to a telegram's bytes after it was made well.
#[derive(Clone, Debug, Default)]
pub(crate) struct Damage {
    /// Fields whose bytes are overwritten.
    pub(crate) patch: Vec<(Field, Vec<u8>)>,
    /// Other text in the place of the length.
    pub(crate) prefix: Option<String>,
    /// The telegram is cut, or filled with spaces, to so many bytes, and its prefix says so.
    pub(crate) length: Option<usize>,
    /// The frame is written in pieces of so many bytes.
    pub(crate) chunk: Option<usize>,
    /// Bytes written after the frame.
    pub(crate) tail: Option<Vec<u8>>,
}

impl Damage {
    /// Whether the reply may have lost the key by which answers are paired.
    pub(crate) fn breaks_the_key(&self) -> bool {
        !self.patch.is_empty() || self.length.is_some() || self.prefix.is_some()
    }
}

/// An aggregate held against the book.
#[derive(Clone, Debug)]
pub(crate) struct TotalsStep {
    /// Banks to ask for; empty means every bank in the book, and all together (000).
    pub(crate) banks: Vec<u16>,
    pub(crate) date: Day,
    pub(crate) claim: Claim,
    /// Figures that the scenario states besides the book's, to hold the book itself to account.
    pub(crate) deposits: Option<u64>,
    pub(crate) deposit_amount: Option<u64>,
    pub(crate) corrections: Option<u64>,
    pub(crate) correction_amount: Option<u64>,
}

/// What must come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    Answer(Answer),
    Silence,
    Closed,
    /// Of several that race, one gets the first code and all others the second.
    Winner {
        one: String,
        others: String,
    },
    /// `success`, or the message of a no over HTTP.
    Said(String),
    /// The step speaks no telegram of its own, or settles itself what is right.
    Nothing,
}

/// An answer in full.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The response code (응답코드).
    pub(crate) code: String,
    /// The name that a look-up answers.
    pub(crate) payee: Option<String>,
    /// The answer of this label, byte for byte.
    pub(crate) same_as: Option<String>,
    /// The message type of the answer where it is not the request's kind.
    pub(crate) message_type: Option<String>,
}
