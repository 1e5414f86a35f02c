//! Aggregate (집계): the relay's totals of a day, to be answered with ours.

use jiff::civil::Date;

use crate::field::Field;
use crate::malformed::Malformed;
use crate::profile::Key;
use crate::record::Record;

pub(super) const NEEDED: &[Field] = &[
    Field::Institution,
    Field::Bank,
    Field::TradeDate,
    Field::TraceNo,
    Field::Day,
    Field::TheirDepositCount,
    Field::TheirDepositAmount,
    Field::TheirCorrectionCount,
    Field::TheirCorrectionAmount,
    Field::OurDepositCount,
    Field::OurDepositAmount,
    Field::OurCorrectionCount,
    Field::OurCorrectionAmount,
];

/// What the relay counted (집계).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// Identity of the question; its bank 0 stands for all banks.
    pub key: Key,
    /// The day that is counted.
    pub day: Date,
    /// Deposits, those corrected later included.
    pub their_deposit_count: u64,
    /// Their sum, won.
    pub their_deposit_amount: u64,
    /// Corrections.
    pub their_correction_count: u64,
    /// Their sum, won.
    pub their_correction_amount: u64,
}

impl Aggregate {
    /// Checks the record and reads it.
    pub fn read(record: &Record) -> Result<Self, Malformed> {
        record.check()?;
        Ok(Self {
            key: record.key()?,
            day: record.need(Field::Day, record.date(Field::Day)?)?,
            their_deposit_count: record.needed_number(Field::TheirDepositCount)?,
            their_deposit_amount: record.needed_number(Field::TheirDepositAmount)?,
            their_correction_count: record.needed_number(Field::TheirCorrectionCount)?,
            their_correction_amount: record.needed_number(Field::TheirCorrectionAmount)?,
        })
    }
}
