//! The telegrams about the line itself: opening, closing, fault, recovery, line test.

use jiff::civil::{Date, Time};

use crate::field::Field;
use crate::malformed::Malformed;
use crate::profile::Key;
use crate::record::Record;

pub(super) const NEEDED: &[Field] = &[
    Field::Institution,
    Field::Bank,
    Field::TradeDate,
    Field::TraceNo,
];

/// Something about the line or about a bank behind it; the record's kind says what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Identity of the telegram.
    pub key: Key,
    /// The bank that it is about; 0 is the whole relay, also where the layout does not say.
    pub target_bank: u16,
    /// Date of a fault or a recovery.
    pub event_date: Option<Date>,
    /// Time of a fault or a recovery.
    pub event_time: Option<Time>,
    /// Free text; empty when there is none.
    pub memo: String,
}

impl Line {
    /// Checks the record and reads it.
    pub fn read(record: &Record) -> Result<Self, Malformed> {
        record.check()?;
        let target = match record.number(Field::TargetBank)? {
            Some(_) => record.needed_bank(Field::TargetBank)?,
            None => 0,
        };
        Ok(Self {
            key: record.key()?,
            target_bank: target,
            event_date: record.date(Field::EventDate)?,
            event_time: record.time(Field::EventTime)?,
            memo: record.text(Field::Memo)?.unwrap_or_default().into_owned(),
        })
    }
}
