//! A profile: one relay's way of speaking, compiled from a layout file. Tells what a frame is and
//! makes the answers that need no thought. Knows no clock, no socket and no relay by name.

use std::sync::Arc;

use bytes::Bytes;
use jiff::civil::Date;

use crate::answer::Answer;
use crate::charset::Charset;
use crate::compose::Composer;
use crate::field::Field;
use crate::frame::FrameCodec;
use crate::kind::Kind;
use crate::layout::{Asker, Layout, Slot};
use crate::malformed::Malformed;
use crate::reading;
use crate::record::Record;

/// A compiled layout: how one relay's telegrams are framed, laid out, answered and named.
#[derive(Debug)]
pub struct Profile {
    pub(crate) name: Box<str>,
    pub(crate) title: Box<str>,
    pub(crate) edition: Box<str>,
    /// Hand-written rules of handling, Markdown.
    pub(crate) rules: Box<str>,
    pub(crate) codec: FrameCodec,
    pub(crate) poll: Option<Poll>,
    pub(crate) charset: Charset,
    pub(crate) step: u16,
    pub(crate) header_size: usize,
    pub(crate) header_korean: Box<str>,
    /// Each body's name and Korean name.
    pub(crate) body_names: Vec<(Arc<str>, Arc<str>)>,
    pub(crate) message_type: Slot,
    pub(crate) answer_code: Slot,
    pub(crate) layouts: Vec<Layout>,
    /// The message types of each layout's requests and replies, side by side, so that telling a
    /// kind touches one short row of memory.
    pub(crate) types: Vec<[[u8; 4]; 2]>,
    pub(crate) stand_ins: Box<[StandIn]>,
    pub(crate) original: (Field, Field),
    pub(crate) codes: Vec<Codes>,
    /// Which list of codes a field draws from.
    pub(crate) codes_by_field: Vec<Option<usize>>,
    pub(crate) answers: Answers,
}

/// The short frames by which peers ask whether anybody is there.
#[derive(Debug)]
pub(crate) struct Poll {
    pub(crate) asks: Box<[u8]>,
    pub(crate) answers: Box<[u8]>,
    pub(crate) time_digits: usize,
}

/// What stands for a field that a telegram leaves open.
#[derive(Clone, Debug)]
pub(crate) enum StandIn {
    /// Nothing does.
    Nothing,
    /// This value.
    Value(Box<str>),
    /// The value of that field.
    From(Field),
}

/// What the values of some fields mean.
#[derive(Debug)]
pub(crate) struct Codes {
    pub(crate) korean: Arc<str>,
    pub(crate) fields: Vec<Field>,
    pub(crate) complete: bool,
    pub(crate) as_of: Option<Arc<str>>,
    pub(crate) values: Vec<(Arc<str>, Arc<str>)>,
}

/// Response codes by [`Answer`], with their Korean texts.
#[derive(Debug)]
pub(crate) struct Answers {
    pub(crate) codes: Vec<(Box<str>, Box<str>)>,
    pub(crate) by_bank: Vec<BankAnswers>,
}

/// The response codes that some banks have for themselves.
#[derive(Debug)]
pub(crate) struct BankAnswers {
    pub(crate) banks: Vec<u16>,
    pub(crate) codes: Vec<Option<Box<str>>>,
}

/// What a frame turned out to be.
#[derive(Debug)]
pub enum Reading {
    /// A poll frame. The answer is ready to be framed and sent.
    Poll {
        /// The bytes to send.
        answer: Bytes,
    },
    /// A request of a known kind and the right length; its fields are not yet checked.
    Request(Record),
    /// A reply of a known kind and the right length.
    Reply(Record),
    /// No kind of this layout. The answer says so.
    Unknown {
        /// The bytes to send.
        answer: Bytes,
        /// What told it from every known kind.
        why: Malformed,
    },
    /// A known kind of a wrong length. The answer says that the form is wrong.
    WrongLength {
        /// The kind.
        kind: Kind,
        /// The bytes to send.
        answer: Bytes,
        /// The lengths.
        why: Malformed,
    },
    /// Something that is itself an answer and fits nothing: to be counted, never answered, or
    /// two gateways would answer each other for ever.
    Stray(Malformed),
    /// Nothing that could be answered: the session must be closed.
    Unanswerable(Malformed),
}

/// The identity of a transaction (`org_c`, `bnk_c`, `tr_dt`, `tr_natv_no`), with
/// its system.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// System, empty where the layout has none.
    pub system: String,
    /// Institution code.
    pub institution: String,
    /// Bank of the telegram.
    pub bank: u16,
    /// Business date.
    pub trade_date: Date,
    /// Number of the transaction, as text.
    pub trace_no: String,
}

impl Profile {
    /// The profile's name: that of its file without `.toml`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The title of its document, in Korean.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The codec for lines of this profile.
    pub fn frame_codec(&self) -> FrameCodec {
        self.codec.clone()
    }

    /// Says what a frame is. `frame` is the telegram without its length prefix.
    pub fn read(self: &Arc<Self>, frame: Bytes) -> Reading {
        reading::read(self, frame)
    }

    /// Begins a request of this kind.
    pub fn compose(self: &Arc<Self>, kind: Kind) -> Composer {
        Composer::new(Arc::clone(self), kind)
    }

    /// The response code of an answer, by the bank of the account where banks have their own.
    pub fn code(&self, answer: Answer, account_bank: Option<u16>) -> &str {
        let own = account_bank.and_then(|bank| {
            let table = self
                .answers
                .by_bank
                .iter()
                .find(|table| table.banks.contains(&bank))?;
            table.codes[answer as usize].as_deref()
        });
        own.unwrap_or(&self.answers.codes[answer as usize].0)
    }

    /// What a response code means. A code that several answers share reads as
    /// [`Answer::Other`] where that is one of them, else as the first. Codes that only single
    /// banks have are not looked at: the same number means different things at different banks.
    pub fn answer_of(&self, code: &str) -> Option<Answer> {
        let has = |answer: &Answer| &*self.answers.codes[*answer as usize].0 == code;
        if has(&Answer::Other) {
            return Some(Answer::Other);
        }
        Answer::ALL.iter().copied().find(has)
    }

    /// The Korean meaning of a response code that came for an account of this bank: all answers
    /// that have it.
    pub(crate) fn meaning_of_code(&self, code: &str, bank: Option<u16>) -> Option<String> {
        let mut texts: Vec<&str> = Vec::new();
        for answer in Answer::ALL
            .iter()
            .filter(|answer| self.code(**answer, bank) == code)
        {
            let text = self.answer_text(*answer);
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        (!texts.is_empty()).then(|| texts.join(" / "))
    }

    /// The Korean text of an answer.
    pub fn answer_text(&self, answer: Answer) -> &str {
        &self.answers.codes[answer as usize].1
    }

    /// True when the relay speaks this kind.
    pub fn has(&self, kind: Kind) -> bool {
        self.layout(kind).is_some()
    }

    /// Who asks with this kind; `None` when the relay does not speak it.
    pub fn asked_by(&self, kind: Kind) -> Option<Asker> {
        self.layout(kind).map(|layout| layout.asked_by)
    }

    /// The Korean name of a kind, where the relay speaks it.
    pub fn korean(&self, kind: Kind) -> Option<&str> {
        self.layout(kind).map(|layout| &*layout.korean)
    }

    /// Bytes of a telegram of this kind, without its prefix.
    pub fn telegram_size(&self, kind: Kind) -> Option<usize> {
        self.layout(kind).map(|layout| layout.size)
    }

    pub(crate) fn layout(&self, kind: Kind) -> Option<&Layout> {
        self.layouts.iter().find(|layout| layout.kind == kind)
    }

    /// The list of codes that a field draws from.
    pub(crate) fn codes_of(&self, field: Field) -> Option<&Codes> {
        self.codes.get(self.codes_by_field[field as usize]?)
    }
}

impl Codes {
    /// The Korean meaning of a value.
    pub(crate) fn meaning(&self, value: &str) -> Option<&str> {
        self.values
            .iter()
            .find(|(code, _)| &**code == value)
            .map(|(_, meaning)| &**meaning)
    }
}
