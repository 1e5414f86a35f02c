//! What breaks a layout: which field, at which byte, and why. Never what the bytes said, because
//! they may be somebody's name.

use std::fmt;
use std::sync::Arc;

use crate::kind::Kind;

/// The three names of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldName {
    /// Our name.
    pub english: &'static str,
    /// The relay's own name, as in its document.
    pub relay: Arc<str>,
    /// The Korean name.
    pub korean: Arc<str>,
}

impl fmt::Display for FieldName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({}, {})", self.english, self.relay, self.korean)
    }
}

/// A telegram, or one of its fields, that breaks the layout. Holds no content of the telegram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The kind, where it could be told.
    pub kind: Option<Kind>,
    /// The field, where it is one field's fault.
    pub field: Option<Arc<FieldName>>,
    /// Byte in the telegram (its length prefix not counted), from 0.
    pub at: usize,
    /// What is wrong.
    pub why: Why,
}

/// What is wrong with a telegram or a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// A required field is blank.
    Missing,
    /// A numeric field holds something other than digits.
    NotDigits,
    /// A text field holds a byte outside 0x20 to 0x7E.
    NotPrintable,
    /// A field of Korean text holds bytes that are none. Never a reason to refuse.
    NotText,
    /// A date that no calendar has.
    NotADate,
    /// A time that no clock has.
    NotATime,
    /// An amount of zero where there must be one.
    NotPositive,
    /// A code that the layout's list does not have.
    UnlistedCode,
    /// The parts of an amount are more than the whole.
    PartsExceedWhole,
    /// The telegram is of no kind that the layout knows.
    UnknownKind,
    /// The message type is not four digits.
    TypeNotDigits,
    /// Too short to hold a header.
    TooShort {
        /// Bytes there are.
        have: usize,
        /// Bytes there should be.
        need: usize,
    },
    /// The kind is known and the length is not its own.
    WrongLength {
        /// Bytes there are.
        have: usize,
        /// Bytes there should be.
        need: usize,
    },
    /// A reply of no kind that the layout knows, or of a wrong length.
    StrayReply,
}

impl Why {
    /// A short written name, for counting.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotDigits => "not_digits",
            Self::NotPrintable => "not_printable",
            Self::NotText => "not_text",
            Self::NotADate => "not_a_date",
            Self::NotATime => "not_a_time",
            Self::NotPositive => "not_positive",
            Self::UnlistedCode => "unlisted_code",
            Self::PartsExceedWhole => "parts_exceed_whole",
            Self::UnknownKind => "unknown_kind",
            Self::TypeNotDigits => "type_not_digits",
            Self::TooShort { .. } => "too_short",
            Self::WrongLength { .. } => "wrong_length",
            Self::StrayReply => "stray_reply",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => out.write_str("is required and blank"),
            Self::NotDigits => out.write_str("holds something other than digits"),
            Self::NotPrintable => out.write_str("holds a byte outside 0x20 to 0x7E"),
            Self::NotText => out.write_str("holds bytes that are no Korean text"),
            Self::NotADate => out.write_str("is not a real date (YYYYMMDD)"),
            Self::NotATime => out.write_str("is not a real time (HHMMSS)"),
            Self::NotPositive => out.write_str("must be more than zero"),
            Self::UnlistedCode => out.write_str("holds a code that is not in its list"),
            Self::PartsExceedWhole => out.write_str("and the other parts exceed the amount"),
            Self::UnknownKind => out.write_str("belongs to no kind of this layout"),
            Self::TypeNotDigits => out.write_str("is not four digits"),
            Self::TooShort { have, need } => {
                write!(out, "has {have} bytes, the header alone has {need}")
            }
            Self::WrongLength { have, need } => {
                write!(out, "has {have} bytes, its kind has {need}")
            }
            Self::StrayReply => out.write_str("is a reply that fits no kind of this layout"),
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(kind) = self.kind {
            write!(out, "{kind}: ")?;
        }
        match &self.field {
            Some(name) => write!(out, "{name} at byte {} {}", self.at, self.why),
            None => write!(out, "the telegram {}", self.why),
        }
    }
}

impl std::error::Error for Malformed {}
