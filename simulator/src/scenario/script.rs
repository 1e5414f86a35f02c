//! A scenario as it is written: the TOML file, key by key, before anything is checked.
//!
//! Unknown keys are refused here. What the keys mean together is `read`'s part.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::{Spanned, value::Datetime};

use super::trade::{
    CallScript, EndpointScript, IssueScript, NoWebhookScript, OrderScript, ReceiverScript,
    ShopScript, StatusScript, TradeScript, WebhookScript,
};
use crate::accounts::{AccountKind, AccountState};

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) about: String,
    pub(super) block: u8,
    pub(super) date: Spanned<Datetime>,
    pub(super) time: Option<Spanned<Datetime>>,
    pub(super) profile: Option<String>,
    #[serde(default)]
    pub(super) slow: bool,
    pub(super) seed: Option<u64>,
    #[serde(default)]
    pub(super) accounts: BTreeMap<String, Spanned<AccountScript>>,
    pub(super) shop: Option<ShopScript>,
    #[serde(default)]
    pub(super) endpoints: BTreeMap<String, Spanned<EndpointScript>>,
    #[serde(default, rename = "step")]
    pub(super) steps: Vec<Spanned<StepScript>>,
}

/// One account, or a group of like ones.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountScript {
    pub(super) bank: Option<String>,
    #[serde(default)]
    pub(super) banks: Vec<String>,
    pub(super) each: Option<u32>,
    pub(super) number: Option<String>,
    #[serde(default)]
    pub(super) kind: AccountKind,
    #[serde(default)]
    pub(super) amount: u64,
    #[serde(default)]
    pub(super) amount_step: u64,
    #[serde(default)]
    pub(super) tolerance: u64,
    pub(super) holder: Option<String>,
    pub(super) expires: Option<String>,
    pub(super) payer: Option<String>,
    pub(super) limit_per_deposit: Option<u64>,
    pub(super) limit_per_day: Option<u64>,
    #[serde(default)]
    pub(super) state: AccountState,
}

/// One step: exactly one action, and what is expected of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepScript {
    pub(super) note: Option<String>,
    pub(super) session: Option<u8>,
    #[serde(default)]
    pub(super) sessions: Vec<u8>,
    pub(super) expect: Option<ExpectScript>,
    pub(super) payee_lookup: Option<TelegramScript>,
    pub(super) pre_deposit_check: Option<TelegramScript>,
    pub(super) deposit: Option<TelegramScript>,
    pub(super) correction: Option<TelegramScript>,
    pub(super) aggregate: Option<TelegramScript>,
    pub(super) telegram: Option<OtherScript>,
    pub(super) repeat: Option<RepeatScript>,
    pub(super) frame: Option<FrameScript>,
    pub(super) burst: Option<BurstScript>,
    pub(super) race: Option<RaceScript>,
    pub(super) cut: Option<TelegramScript>,
    pub(super) storm: Option<StormScript>,
    pub(super) day: Option<DayScript>,
    pub(super) resend: Option<ResendScript>,
    pub(super) totals: Option<TotalsScript>,
    pub(super) clock: Option<ClockScript>,
    pub(super) hang_up: Option<Manner>,
    pub(super) listen: Option<ListenScript>,
    pub(super) order: Option<OrderScript>,
    pub(super) exclude: Option<String>,
    pub(super) cancel_order: Option<String>,
    pub(super) cancel_cashbill: Option<String>,
    pub(super) order_status: Option<StatusScript>,
    pub(super) issue: Option<IssueScript>,
    pub(super) webhook: Option<WebhookScript>,
    pub(super) no_webhook: Option<NoWebhookScript>,
    pub(super) receiver: Option<ReceiverScript>,
    pub(super) call: Option<CallScript>,
}

impl StepScript {
    /// The part that the shop plays.
    pub(super) fn trade(&self) -> TradeScript<'_> {
        TradeScript {
            order: self.order.as_ref(),
            exclude: self.exclude.as_deref(),
            cancel_order: self.cancel_order.as_deref(),
            cancel_cashbill: self.cancel_cashbill.as_deref(),
            order_status: self.order_status.as_ref(),
            issue: self.issue.as_ref(),
            webhook: self.webhook.as_ref(),
            no_webhook: self.no_webhook.as_ref(),
            receiver: self.receiver.as_ref(),
            call: self.call.as_ref(),
        }
    }
}

/// What a telegram says; everything has a usual value.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TelegramScript {
    #[serde(rename = "as")]
    pub(super) label: Option<String>,
    pub(super) like: Option<String>,
    pub(super) number: Option<String>,
    pub(super) bank: Option<String>,
    pub(super) date: Option<String>,
    pub(super) account: Option<String>,
    pub(super) amount: Option<u64>,
    pub(super) payer: Option<String>,
    pub(super) mode: Option<Mode>,
    pub(super) resent: bool,
    pub(super) institution: Option<String>,
    pub(super) fields: BTreeMap<String, FieldValue>,
    pub(super) patch: BTreeMap<String, String>,
    pub(super) prefix: Option<String>,
    pub(super) length: Option<usize>,
    pub(super) chunk: Option<usize>,
    pub(super) tail: Option<String>,
    pub(super) lose: Option<Lose>,
}

/// A telegram of a kind that has no key of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OtherScript {
    pub(super) kind: String,
    pub(super) bank: Option<String>,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, FieldValue>,
    #[serde(default)]
    pub(super) patch: BTreeMap<String, String>,
}

/// A value for a field by its type: text, or a number.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum FieldValue {
    /// For digits.
    Number(u64),
    /// For text.
    Text(String),
}

/// How the bank works (입금처리구분).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The bank waits for the answer (I).
    #[default]
    Interactive,
    /// The bank tells of what is already done (S).
    Notice,
}

/// How an answer gets lost on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lose {
    /// It came, and the bank forgets it: only the runner remembers it, to compare.
    Answer,
    /// The session is reset as soon as the telegram is out.
    Session,
}

/// How a session ends from the bank's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// Orderly (FIN).
    Close,
    /// At once (RST).
    Reset,
}

/// An earlier telegram once more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RepeatScript {
    pub(super) of: String,
    #[serde(default)]
    pub(super) resent: bool,
    #[serde(default = "once")]
    pub(super) times: u32,
}

fn once() -> u32 {
    1
}

/// Free bytes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrameScript {
    pub(super) text: Option<String>,
    pub(super) hex: Option<String>,
    pub(super) fill: Option<usize>,
    pub(super) answer: Option<String>,
}

/// Several new telegrams in one write.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BurstScript {
    pub(super) kind: String,
    pub(super) account: String,
    pub(super) amount: u64,
    pub(super) count: u32,
    pub(super) chunk: Option<usize>,
}

/// Several telegrams at once, one on each session, of which one wins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RaceScript {
    #[serde(rename = "as")]
    pub(super) label: String,
    pub(super) kind: String,
    pub(super) telegrams: Vec<TelegramScript>,
}

/// Sessions that come and go.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StormScript {
    pub(super) account: String,
    pub(super) amount: u64,
    pub(super) rounds: u32,
    pub(super) sessions: u8,
}

/// Traffic in bulk, drawn from the seed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DayScript {
    pub(super) deposits: u64,
    pub(super) accounts: Vec<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) slices: Option<u32>,
    pub(super) sessions: Option<u8>,
    pub(super) in_flight: Option<usize>,
    pub(super) notice_banks: Option<Vec<String>>,
    pub(super) lookups: Option<f64>,
    pub(super) corrections: Option<f64>,
    pub(super) unknown_accounts: Option<f64>,
    pub(super) repeated: Option<f64>,
    pub(super) lost_answers: Option<f64>,
    pub(super) lost_sessions: Option<f64>,
}

/// Re-sending of what was not answered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResendScript {
    pub(super) every: Option<String>,
    pub(super) rounds: Option<u32>,
}

/// An aggregate of a day for some banks, held against the bank's own book.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TotalsScript {
    #[serde(default)]
    pub(super) banks: Vec<String>,
    pub(super) date: Option<String>,
    pub(super) claim: Option<ClaimScript>,
    pub(super) deposits: Option<u64>,
    pub(super) deposit_amount: Option<u64>,
    pub(super) corrections: Option<u64>,
    pub(super) correction_amount: Option<u64>,
}

/// What the bank claims to have beyond its own book.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimScript {
    /// Deposits more than were made.
    pub deposits: u64,
    /// Won more than were deposited.
    pub deposit_amount: u64,
    /// Corrections more than were made.
    pub corrections: u64,
    /// Won more than were corrected.
    pub correction_amount: u64,
}

/// Real seconds in which the bank says nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListenScript {
    pub(super) seconds: u64,
    pub(super) line_tests: u64,
}

/// The hour of the house: a moment, or a moment and a speed.
pub(super) enum ClockScript {
    At(String),
    AtSpeed { at: String, speed: f64 },
}

/// What must come back: a code, `silence`, `closed`, or a table.
pub(super) enum ExpectScript {
    Word(String),
    Table(ExpectTable),
}

/// The long form of an expectation.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ExpectTable {
    pub(super) code: Option<String>,
    pub(super) payee: Option<String>,
    pub(super) same_as: Option<String>,
    pub(super) message_type: Option<String>,
    pub(super) one: Option<String>,
    pub(super) others: Option<String>,
}

/// The long form of a clock step.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockTable {
    at: String,
    speed: f64,
}

impl<'de> Deserialize<'de> for ClockScript {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(WordOrTable::<ClockTable>::new())
            .map(|read| match read {
                Either::Word(at) => Self::At(at),
                Either::Table(ClockTable { at, speed }) => Self::AtSpeed { at, speed },
            })
    }
}

impl<'de> Deserialize<'de> for ExpectScript {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(WordOrTable::<ExpectTable>::new())
            .map(|read| match read {
                Either::Word(word) => Self::Word(word),
                Either::Table(table) => Self::Table(table),
            })
    }
}

enum Either<T> {
    Word(String),
    Table(T),
}

/// Reads text or a table. Serde's untagged enums would do so too, but forget which key was wrong.
struct WordOrTable<T>(PhantomData<T>);

impl<T> WordOrTable<T> {
    fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for WordOrTable<T> {
    type Value = Either<T>;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("text or a table")
    }

    fn visit_str<E>(self, word: &str) -> Result<Self::Value, E> {
        Ok(Either::Word(word.to_owned()))
    }

    fn visit_map<M: MapAccess<'de>>(self, table: M) -> Result<Self::Value, M::Error> {
        T::deserialize(MapAccessDeserializer::new(table)).map(Either::Table)
    }
}
