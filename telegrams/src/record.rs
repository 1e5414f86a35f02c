//! A record: the bytes of one telegram seen through its layout. Reads a field when asked for it
//! and copies nothing. Knows what is written, not what is to be done about it.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use jiff::civil::{Date, Time};

use crate::answer::Answer;
use crate::charset;
use crate::field::Field;
use crate::fields::Fields;
use crate::kind::Kind;
use crate::layout::{Layout, Need, Slot};
use crate::malformed::{Malformed, Why};
use crate::picture::{self, Flaw, Picture};
use crate::profile::{Key, Profile, StandIn};
use crate::reply::Reply;
use crate::telegram;

/// One telegram of a known kind. Cloning shares the bytes.
#[derive(Clone, Debug)]
pub struct Record {
    profile: Arc<Profile>,
    index: usize,
    reply: bool,
    bytes: Bytes,
}

impl Record {
    pub(crate) fn new(profile: Arc<Profile>, index: usize, reply: bool, bytes: Bytes) -> Self {
        Self {
            profile,
            index,
            reply,
            bytes,
        }
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.layout().kind
    }

    /// True for a reply, false for a request.
    pub fn is_reply(&self) -> bool {
        self.reply
    }

    /// The bytes as they came, without the length prefix.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The profile by which it is read.
    pub fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// Index of its layout in the profile.
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.profile.layouts[self.index]
    }

    /// The bytes of a field, or `None` where the layout has no such field.
    pub fn raw(&self, field: Field) -> Option<&[u8]> {
        Some(&self.bytes[self.layout().slot(field)?.range()])
    }

    /// The fields, for reading many of them in a row.
    #[inline]
    pub fn fields(&self) -> Fields<'_> {
        Fields::new(self)
    }

    /// The text of a field. `None` when it is blank or not in the layout and nothing stands in
    /// for it. In lenient kinds a broken field counts as blank unless it is indispensable.
    pub fn text(&self, field: Field) -> Result<Option<Cow<'_, str>>, Malformed> {
        self.fields().text(field)
    }

    /// The value of a field as a number. `None` as in [`Record::text`].
    pub fn number(&self, field: Field) -> Result<Option<u64>, Malformed> {
        self.fields().number(field)
    }

    /// The value of a field as a date. `None` when it is blank, all zeros or not in the layout.
    pub fn date(&self, field: Field) -> Result<Option<Date>, Malformed> {
        self.fields().date(field)
    }

    /// The value of a field as a time. `None` when it is blank or not in the layout.
    pub fn time(&self, field: Field) -> Result<Option<Time>, Malformed> {
        self.fields().time(field)
    }

    /// The text of a field of any picture, or what stands for it.
    #[inline(never)]
    pub(crate) fn any_text(&self, field: Field) -> Result<Option<Cow<'_, str>>, Malformed> {
        let slot = self.layout().slots[field as usize];
        let bytes = &self.bytes[slot.range()];
        let read = match slot.picture {
            Picture::Text => picture::text(bytes).map(|text| text.map(Cow::Borrowed)),
            Picture::Hangul => Ok(charset::decode(bytes)),
            Picture::Date => picture::date_digits(bytes),
            Picture::Number | Picture::Time => picture::digits(bytes),
        };
        if let Some(text) = self.forgiven(field, slot, read)? {
            return Ok(Some(text));
        }
        match &self.profile.stand_ins[field as usize] {
            StandIn::Nothing => Ok(None),
            StandIn::Value(value) => Ok(Some(Cow::Borrowed(value))),
            StandIn::From(other) => self.text(*other),
        }
    }

    /// The number in a field of any picture, or what stands for it.
    #[inline(never)]
    pub(crate) fn any_number(&self, field: Field) -> Result<Option<u64>, Malformed> {
        let slot = self.layout().slots[field as usize];
        let bytes = &self.bytes[slot.range()];
        let read = if slot.picture.is_digits() {
            picture::number(bytes)
        } else {
            // A text field that holds digits is padded on the other side.
            picture::number(bytes.trim_ascii_end())
        };
        if let Some(number) = self.forgiven(field, slot, read)? {
            return Ok(Some(number));
        }
        match &self.profile.stand_ins[field as usize] {
            StandIn::Nothing => Ok(None),
            StandIn::Value(value) => Ok(picture::number(value.as_bytes()).ok().flatten()),
            StandIn::From(other) => self.number(*other),
        }
    }

    #[inline(never)]
    pub(crate) fn any_date(&self, field: Field) -> Result<Option<Date>, Malformed> {
        let slot = self.layout().slots[field as usize];
        self.forgiven(field, slot, picture::date(&self.bytes[slot.range()]))
    }

    #[inline(never)]
    pub(crate) fn any_time(&self, field: Field) -> Result<Option<Time>, Malformed> {
        let slot = self.layout().slots[field as usize];
        self.forgiven(field, slot, picture::time(&self.bytes[slot.range()]))
    }

    /// What was read, its flaw forgiven in lenient kinds unless the field is indispensable.
    fn forgiven<T>(
        &self,
        field: Field,
        slot: Slot,
        read: Result<Option<T>, Flaw>,
    ) -> Result<Option<T>, Malformed> {
        read.or_else(|(at, why)| {
            let layout = self.layout();
            let forgiven = layout.lenient && !layout.indispensable.has(field);
            if forgiven {
                Ok(None)
            } else {
                Err(layout.malformed(slot, at, why))
            }
        })
    }

    /// True when the text of a field fills it to the last byte, so that its end may be missing.
    pub fn fills(&self, field: Field) -> bool {
        self.raw(field)
            .and_then(<[u8]>::last)
            .is_some_and(|last| *last != b' ')
    }

    /// A required value, or the complaint that it is missing.
    pub(crate) fn need<T>(&self, field: Field, value: Option<T>) -> Result<T, Malformed> {
        value.ok_or_else(|| {
            let layout = self.layout();
            layout.malformed(layout.slots[field as usize], 0, Why::Missing)
        })
    }

    /// The identity of the transaction.
    pub fn key(&self) -> Result<Key, Malformed> {
        Ok(Key {
            system: self.text(Field::System)?.unwrap_or_default().into_owned(),
            institution: self.needed_text(Field::Institution)?,
            bank: self.needed_bank(Field::Bank)?,
            trade_date: self.need(Field::TradeDate, self.date(Field::TradeDate)?)?,
            trace_no: self.needed_text(Field::TraceNo)?,
        })
    }

    /// Date and number of the transaction that this one is about, where the layout says.
    pub fn original(&self) -> Result<(Date, String), Malformed> {
        let (date, trace_no) = self.profile.original;
        Ok((
            self.need(date, self.date(date)?)?,
            self.needed_text(trace_no)?,
        ))
    }

    pub(crate) fn needed_text(&self, field: Field) -> Result<String, Malformed> {
        self.need(field, self.text(field)?).map(Cow::into_owned)
    }

    pub(crate) fn needed_number(&self, field: Field) -> Result<u64, Malformed> {
        self.need(field, self.number(field)?)
    }

    /// A bank code: 0 to 999 by its three digits.
    pub(crate) fn needed_bank(&self, field: Field) -> Result<u16, Malformed> {
        let number = self.needed_number(field)?;
        let layout = self.layout();
        u16::try_from(number)
            .ok()
            .filter(|bank| *bank <= 999)
            .ok_or_else(|| layout.malformed(layout.slots[field as usize], 0, Why::NotDigits))
    }

    /// What a reply says; `None` when its code is not in the layout, or in a request.
    pub fn answer(&self) -> Option<Answer> {
        let code = self.text(Field::AnswerCode).ok().flatten()?;
        if self.reply {
            self.profile.answer_of(&code)
        } else {
            None
        }
    }

    /// Refuses what must be refused with the format code. Strict kinds: a required field that is
    /// blank, a field that is not of its type, a date no calendar has, an amount of zero where
    /// there must be one. Lenient kinds (deposit, correction): the same for the indispensable
    /// fields only.
    pub fn check(&self) -> Result<(), Malformed> {
        let layout = self.layout();
        for row in &layout.rows {
            let Some(field) = row.field else { continue };
            if !layout.lenient || layout.indispensable.has(field) {
                self.check_field(field, row.slot)?;
            }
        }
        Ok(())
    }

    /// The strict rule whatever the kind: for what we compose ourselves.
    pub(crate) fn check_all(&self) -> Result<(), Malformed> {
        let rows = self.layout().rows.iter();
        rows.filter_map(|row| Some((row.field?, row.slot)))
            .try_for_each(|(field, slot)| self.check_field(field, slot))
    }

    /// Everything odd that is not refused: in lenient kinds what a strict kind would refuse, in
    /// all kinds codes outside their lists, bytes that are no text and parts that exceed the
    /// amount. To be logged.
    pub fn gaps(&self) -> Vec<Malformed> {
        let odd = self.flaws().into_iter().filter(|(_, refused)| !refused);
        odd.map(|(flaw, _)| flaw).collect()
    }

    /// Everything odd, and whether it is refused.
    pub(crate) fn flaws(&self) -> Vec<(Malformed, bool)> {
        let layout = self.layout();
        let mut flaws = Vec::new();
        for row in &layout.rows {
            let Some(field) = row.field else { continue };
            if let Err(flaw) = self.check_field(field, row.slot) {
                flaws.push((flaw, !layout.lenient || layout.indispensable.has(field)));
            } else if !self.is_listed(field) {
                flaws.push((layout.malformed(row.slot, 0, Why::UnlistedCode), false));
            } else if let Some((at, why)) = self.noise(row.slot) {
                flaws.push((layout.malformed(row.slot, at, why), false));
            }
        }
        flaws.extend(telegram::parts_exceed_whole(self).map(|flaw| (flaw, false)));
        flaws
    }

    /// Bytes that are no text where text should stand. What only a reply fills is not the asker's.
    fn noise(&self, slot: Slot) -> Option<Flaw> {
        if slot.need == Need::Reply && !self.reply {
            return None;
        }
        picture::noise(slot.picture, &self.bytes[slot.range()])
    }

    fn check_field(&self, field: Field, slot: Slot) -> Result<(), Malformed> {
        let layout = self.layout();
        let bytes = &self.bytes[slot.range()];
        let wanted = match slot.need {
            _ if layout.indispensable.has(field) => true,
            Need::Request => true,
            Need::Reply => self.reply && !layout.lenient && self.accepts(),
            Need::Conditional | Need::Optional | Need::Filler => false,
        };
        // What only a reply fills is not the asker's to get wrong.
        if slot.need == Need::Reply && !self.reply {
            return Ok(());
        }
        let flaw = |(at, why): Flaw| layout.malformed(slot, at, why);
        picture::check(slot.picture, bytes).map_err(flaw)?;
        if wanted && picture::is_blank(slot.picture, bytes) {
            return Err(layout.malformed(slot, 0, Why::Missing));
        }
        let zero = slot.positive
            && !layout.may_be_zero.has(field)
            && picture::number(bytes).map_err(flaw)? == Some(0);
        if zero {
            Err(layout.malformed(slot, 0, Why::NotPositive))
        } else {
            Ok(())
        }
    }

    fn accepts(&self) -> bool {
        self.answer() == Some(Answer::Accepted)
    }

    /// True unless the field draws from a complete list that has no such value.
    fn is_listed(&self, field: Field) -> bool {
        let Some(codes) = self.profile.codes_of(field).filter(|codes| codes.complete) else {
            return true;
        };
        match self.text(field) {
            Ok(Some(value)) => codes.meaning(&value).is_some(),
            _ => true,
        }
    }

    /// Begins the reply: the request's own bytes with the reply's type and the answer's code.
    pub fn reply(&self, answer: Answer) -> Reply {
        Reply::new(self, answer)
    }
}
