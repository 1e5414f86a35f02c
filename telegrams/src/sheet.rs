//! A layout as it is written down in TOML, word for word and not yet checked.
//!
//! Every name that has to mean something carries its place in the file, so that a complaint can
//! name the line. This module knows the shape of the file and nothing of what its names mean.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// A whole layout file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sheet {
    pub(crate) title: String,
    pub(crate) edition: String,
    /// Markdown file beside this one with the rules of handling, part of the printed document.
    pub(crate) rules: Option<Spanned<String>>,
    pub(crate) frame: Spanned<FrameSheet>,
    pub(crate) text: TextSheet,
    pub(crate) reply: ReplySheet,
    /// Where the key of a corrected deposit stands.
    pub(crate) original: OriginalSheet,
    /// What a field is taken to be where it is blank, broken (in lenient kinds) or not there.
    #[serde(default)]
    pub(crate) stand_ins: BTreeMap<Spanned<String>, StandInSheet>,
    pub(crate) header: BlockSheet,
    pub(crate) bodies: BTreeMap<Spanned<String>, BlockSheet>,
    pub(crate) kinds: Vec<KindSheet>,
    #[serde(default)]
    pub(crate) codes: Vec<CodesSheet>,
    pub(crate) answers: BTreeMap<Spanned<String>, (Spanned<String>, String)>,
    #[serde(default)]
    pub(crate) answers_by_bank: Vec<BankAnswersSheet>,
}

/// `[frame]`: the length prefix.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FrameSheet {
    pub(crate) prefix_digits: usize,
    pub(crate) prefix_counts_itself: bool,
    /// Longest telegram in bytes.
    pub(crate) frame_max: usize,
    pub(crate) poll: Option<PollSheet>,
}

/// The short frame by which a peer asks whether anybody is there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PollSheet {
    pub(crate) asks: String,
    pub(crate) answers: String,
    /// Digits of time behind the word, echoed.
    pub(crate) time_digits: usize,
}

/// `[text]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextSheet {
    pub(crate) charset: Spanned<String>,
}

/// `[reply]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplySheet {
    /// What is added to the message type of a request to make that of its reply.
    pub(crate) step: Spanned<u16>,
}

/// `[original]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OriginalSheet {
    pub(crate) date: Spanned<String>,
    pub(crate) trace_no: Spanned<String>,
}

/// One stand-in: a value, or another field to take it from.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum StandInSheet {
    /// A fixed value.
    Value(String),
    /// The value of another field.
    From {
        /// That field.
        from: String,
    },
}

/// `[header]` or `[bodies.*]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlockSheet {
    pub(crate) korean: String,
    pub(crate) size: Spanned<usize>,
    pub(crate) fields: Vec<Spanned<RowSheet>>,
}

/// One row: offset, length, type, need, our name, the relay's name, the Korean name, and more.
#[derive(Debug, Deserialize)]
pub(crate) struct RowSheet(
    pub(crate) usize,
    pub(crate) usize,
    pub(crate) Spanned<String>,
    pub(crate) Spanned<String>,
    pub(crate) Spanned<String>,
    pub(crate) String,
    pub(crate) String,
    #[serde(default)] pub(crate) MoreSheet,
);

/// What a row may say besides.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoreSheet {
    /// Remark for the document.
    pub(crate) note: Option<String>,
    /// Kind of personal data.
    pub(crate) personal: Option<Spanned<String>>,
    /// The number must be more than zero.
    #[serde(default)]
    pub(crate) positive: bool,
    /// What a freshly composed telegram holds here.
    pub(crate) fresh: Option<String>,
}

/// `[[kinds]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KindSheet {
    pub(crate) name: Spanned<String>,
    pub(crate) korean: String,
    /// Who asks: `relay`, `gateway` or `either`.
    pub(crate) asked_by: Spanned<String>,
    pub(crate) body: Spanned<String>,
    /// The values that tell a request of this kind from all others.
    pub(crate) when: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Fields marked `positive` that may be zero in this kind.
    #[serde(default)]
    pub(crate) may_be_zero: Vec<Spanned<String>>,
    /// When given, the kind is lenient: only these fields are indispensable, gaps elsewhere are
    /// noted and filled by the stand-ins.
    pub(crate) indispensable: Option<Vec<Spanned<String>>>,
    pub(crate) note: Option<String>,
}

/// `[[codes]]`: what the values of some fields mean.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodesSheet {
    pub(crate) korean: String,
    pub(crate) fields: Vec<Spanned<String>>,
    /// True when the list is complete, so that another value is worth a remark.
    #[serde(default)]
    pub(crate) complete: bool,
    /// Since when the list holds; names change.
    pub(crate) as_of: Option<String>,
    pub(crate) values: BTreeMap<String, String>,
}

/// `[[answers_by_bank]]`: response codes that some banks want instead of the usual ones.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BankAnswersSheet {
    pub(crate) banks: Vec<Spanned<String>>,
    pub(crate) codes: BTreeMap<Spanned<String>, Spanned<String>>,
}
