//! The two questions before a payment: account lookup (수취조회) and pre-deposit check
//! (입금사전조회). They ask the same thing and bind differently, so they are two types.

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
}

/// Will this very deposit be accepted (입금사전조회).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreDepositCheck {
    /// Identity of the question; the deposit that follows carries the same.
    pub key: Key,
    /// Bank of the virtual account.
    pub account_bank: u16,
    /// The virtual account.
    pub account_no: String,
    /// Amount in won, more than 0.
    pub amount: u64,
    /// Name of the payer; empty when none is said. The real depositor's where there is one.
    pub depositor_name: String,
}

impl PayeeLookup {
    /// Checks the record and reads it.
    pub fn read(record: &Record) -> Result<Self, Malformed> {
        record.check()?;
        Ok(Self {
            key: record.key()?,
            account_bank: record.needed_bank(Field::AccountBank)?,
            account_no: record.needed_text(Field::AccountNo)?,
            amount: record.needed_number(Field::Amount)?,
            depositor_name: super::effective_name(record)?.0,
        })
    }
}

impl PreDepositCheck {
    /// Checks the record and reads it.
    pub fn read(record: &Record) -> Result<Self, Malformed> {
        let PayeeLookup {
            key,
            account_bank,
            account_no,
            amount,
            depositor_name,
        } = PayeeLookup::read(record)?;
        Ok(Self {
            key,
            account_bank,
            account_no,
            amount,
            depositor_name,
        })
    }
}
