//! Pre-deposit check (입금사전조회): will this very deposit be accepted. It asks what a look-up asks
//! and binds differently, so it is a type of its own.

use super::payee_lookup::{self, PayeeLookup};
use crate::field::Field;
use crate::malformed::Malformed;
use crate::profile::Key;
use crate::record::Record;

pub(super) const NEEDED: &[Field] = payee_lookup::NEEDED;

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
    /// The name fills its field to the last byte, so that its end may be missing.
    pub depositor_name_cut: bool,
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
            depositor_name_cut,
        } = PayeeLookup::read(record)?;
        Ok(Self {
            key,
            account_bank,
            account_no,
            amount,
            depositor_name,
            depositor_name_cut,
        })
    }
}
