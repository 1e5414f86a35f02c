//! Correction (입금정정): a deposit is taken back, or has been already.

use jiff::civil::Date;

use super::deposit::Mode;
use crate::field::Field;
use crate::malformed::Malformed;
use crate::profile::Key;
use crate::record::Record;

pub(super) const NEEDED: &[Field] = &[
    Field::Institution,
    Field::Bank,
    Field::TradeDate,
    Field::TraceNo,
    Field::AccountBank,
    Field::AccountNo,
    Field::Amount,
    Field::Mode,
];

/// A correction (입금정정).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Identity of the telegram itself.
    pub key: Key,
    /// Date and number of the deposit that is taken back; in most layouts the key's own.
    pub original: (Date, String),
    /// Bank of the virtual account.
    pub account_bank: u16,
    /// The virtual account.
    pub account_no: String,
    /// Amount in won, more than 0.
    pub amount: u64,
    /// Whether the bank waits for our consent.
    pub mode: Mode,
    /// Marked as an automatic cancellation.
    pub automatic: bool,
    /// Marked as sent again.
    pub resent: bool,
    /// How often it was sent.
    pub send_count: u8,
}

impl Correction {
    /// Checks what is indispensable and reads the rest as far as it can be read.
    pub fn read(record: &Record) -> Result<Self, Malformed> {
        record.check()?;
        Ok(Self {
            key: record.key()?,
            original: record.original()?,
            account_bank: record.needed_bank(Field::AccountBank)?,
            account_no: record.needed_text(Field::AccountNo)?,
            amount: record.needed_number(Field::Amount)?,
            mode: Mode::read(record)?,
            automatic: super::says_yes(record, Field::AutoCancel)?,
            resent: super::says_yes(record, Field::Resent)?,
            send_count: super::send_count(record)?,
        })
    }
}
