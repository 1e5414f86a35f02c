//! Account look-up (수취조회): may somebody pay into this account, and whose is it.

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
    Field::DepositorName,
    Field::PayeeName,
];

/// May somebody pay into this account (수취조회).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayeeLookup {
    /// Identity of the question.
    pub key: Key,
    /// Bank of the virtual account.
    pub account_bank: u16,
    /// The virtual account.
    pub account_no: String,
    /// Amount in won; 0 when none is said.
    pub amount: u64,
    /// Name of the payer; empty when none is said. The real depositor's where there is one.
    pub depositor_name: String,
    /// The name fills its field to the last byte, so that its end may be missing.
    pub depositor_name_cut: bool,
}

impl PayeeLookup {
    /// Checks the record and reads it.
    pub fn read(record: &Record) -> Result<Self, Malformed> {
        record.check()?;
        let (depositor_name, depositor_name_cut) = super::effective_name(record)?;
        Ok(Self {
            key: record.key()?,
            account_bank: record.needed_bank(Field::AccountBank)?,
            account_no: record.needed_text(Field::AccountNo)?,
            amount: record.needed_number(Field::Amount)?,
            depositor_name,
            depositor_name_cut,
        })
    }
}
