//! Deposit notice (입금): money has come in. Only what identifies it is indispensable; the rest
//! may be missing or broken and the money is in all the same.

use jiff::civil::Time;

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
    Field::Mode,
];

/// Whether the bank asked before it acted (입금처리구분).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It asks and acts on our answer.
    Interactive,
    /// It reports what has been done already.
    Notice,
}

impl Mode {
    /// Anything but the interactive letter is a notice: the bank has acted already, so the safe
    /// reading of a broken field is that it cannot be undone.
    pub(super) fn read(record: &Record) -> Result<Self, Malformed> {
        let interactive = record.text(Field::Mode)?.is_some_and(|mode| mode == "I");
        Ok(if interactive {
            Self::Interactive
        } else {
            Self::Notice
        })
    }
}

/// A deposit (입금).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// Identity of the deposit.
    pub key: Key,
    /// Bank of the virtual account.
    pub account_bank: u16,
    /// The virtual account.
    pub account_no: String,
    /// Amount in won, more than 0.
    pub amount: u64,
    /// Cheques within the amount, won.
    pub cheque_amount: u64,
    /// Cash within the amount, won.
    pub cash_amount: u64,
    /// The payer's bank, where it is known.
    pub depositor_bank: Option<String>,
    /// Name of the payer; empty when none is said. The real depositor's where there is one.
    pub depositor_name: String,
    /// The name fills its field to the last byte, so that its end may be missing.
    pub depositor_name_cut: bool,
    /// Whether the bank asked before.
    pub mode: Mode,
    /// Where it began: `B` bank, or the relay's letter.
    pub occurrence: String,
    /// By which medium the payer paid.
    pub medium: Option<String>,
    /// When, by the bank's clock.
    pub trade_time: Option<Time>,
    /// Marked as sent again.
    pub resent: bool,
    /// How often it was sent.
    pub send_count: u8,
}

impl Deposit {
    /// Checks what is indispensable and reads the rest as far as it can be read.
    pub fn read(record: &Record) -> Result<Self, Malformed> {
        record.check()?;
        let amount = record.needed_number(Field::Amount)?;
        let (depositor_name, depositor_name_cut) = super::effective_name(record)?;
        Ok(Self {
            key: record.key()?,
            account_bank: record.needed_bank(Field::AccountBank)?,
            account_no: record.needed_text(Field::AccountNo)?,
            amount,
            cheque_amount: record.number(Field::ChequeAmount)?.unwrap_or(0),
            cash_amount: record.number(Field::CashAmount)?.unwrap_or(amount),
            depositor_bank: record.text(Field::DepositorBank)?.map(Into::into),
            depositor_name,
            depositor_name_cut,
            mode: Mode::read(record)?,
            occurrence: record
                .text(Field::Occurrence)?
                .unwrap_or_default()
                .into_owned(),
            medium: record.text(Field::Medium)?.map(Into::into),
            trade_time: record.time(Field::TradeTime)?,
            resent: super::says_yes(record, Field::Resent)?,
            send_count: super::send_count(record)?,
        })
    }
}
