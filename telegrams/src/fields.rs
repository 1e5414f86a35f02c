//! Reading single fields out of a telegram's bytes: the inner loop of everything. Knows places
//! and pictures, and nothing of what a kind is for.
//!
//! A field is read in two steps. The usual case, digits or printable ASCII, is decided where it is
//! asked for and never leaves the registers; blank, broken and Korean fields take a second look.
//! Measured: results handed back through memory cost more than the digits do.

use std::borrow::Cow;

use jiff::civil::{Date, Time};

use crate::charset;
use crate::field::Field;
use crate::layout::Slot;
use crate::malformed::Malformed;
use crate::picture::{self, NotPlain, Picture};
use crate::record::Record;

/// The fields of one telegram, for reading many of them in a row.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    record: &'a Record,
    bytes: &'a [u8],
    slots: &'a [Slot; Field::COUNT],
}

// Why always: see the head of this module; left to itself the compiler makes calls of them.
#[allow(clippy::inline_always)]
impl<'a> Fields<'a> {
    pub(crate) fn new(record: &'a Record) -> Self {
        Self {
            record,
            bytes: record.bytes(),
            slots: &record.layout().slots,
        }
    }

    /// The text of a field, as by [`Record::text`].
    #[inline(always)]
    pub fn text(self, field: Field) -> Result<Option<Cow<'a, str>>, Malformed> {
        let slot = self.slots[field as usize];
        if slot.picture == Picture::Text
            && let Some(text) = picture::plain_text(&self.bytes[slot.range()])
        {
            if !text.is_empty() {
                return Ok(Some(Cow::Borrowed(text)));
            }
            if !slot.stands {
                return Ok(None);
            }
        }
        if slot.picture == Picture::Hangul {
            let text = charset::decode(&self.bytes[slot.range()]);
            if text.is_some() || !slot.stands {
                return Ok(text);
            }
        }
        self.record.any_text(field)
    }

    /// The value of a field as a number, as by [`Record::number`].
    #[inline(always)]
    pub fn number(self, field: Field) -> Result<Option<u64>, Malformed> {
        let slot = self.slots[field as usize];
        if slot.picture.is_digits()
            && let Some(number) = picture::plain_number(&self.bytes[..slot.end()], slot.len())
        {
            return Ok(Some(number));
        }
        self.record.any_number(field)
    }

    /// The value of a field as a date, as by [`Record::date`].
    #[inline(always)]
    pub fn date(self, field: Field) -> Result<Option<Date>, Malformed> {
        let slot = self.slots[field as usize];
        match picture::plain_date(&self.bytes[..slot.end()], slot.len()) {
            Ok(date) => Ok(date),
            Err(NotPlain) => self.record.any_date(field),
        }
    }

    /// The value of a field as a time, as by [`Record::time`].
    #[inline(always)]
    pub fn time(self, field: Field) -> Result<Option<Time>, Malformed> {
        let slot = self.slots[field as usize];
        match picture::plain_time(&self.bytes[..slot.end()], slot.len()) {
            Some(time) => Ok(Some(time)),
            None => self.record.any_time(field),
        }
    }
}
