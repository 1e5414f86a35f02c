//! From a telegram's words to the domain's, where several desks share them.

use telegrams::{Key, Kind, Malformed, Why, telegram};

use crate::domain::{AccountKey, AccountNo, BankCode, BusinessDate, Mode, RelayKey};

/// The relay's key of a transaction.
pub(super) fn key(key: Key) -> RelayKey {
    RelayKey {
        institution: key.institution,
        bank: bank(key.bank),
        trade_date: BusinessDate::new(key.trade_date),
        trace_no: key.trace_no,
    }
}

/// A bank code; a record never gives one above 999.
pub(super) fn bank(code: u16) -> BankCode {
    BankCode::new(code).unwrap_or(BankCode::ALL)
}

/// A virtual account.
///
/// Errors: the number is longer than the books keep, which only a layout of its own could bring.
pub(super) fn account(kind: Kind, bank_code: u16, number: &str) -> Result<AccountKey, Malformed> {
    let wrong = || Malformed {
        kind: Some(kind),
        field: None,
        at: 0,
        why: Why::WrongLength {
            have: number.len(),
            need: AccountNo::CHARACTERS_MAX,
        },
    };
    Ok(AccountKey {
        bank: bank(bank_code),
        number: AccountNo::new(number).ok_or_else(wrong)?,
    })
}

/// Asked or told.
pub(super) fn mode(mode: telegram::Mode) -> Mode {
    match mode {
        telegram::Mode::Interactive => Mode::Interactive,
        telegram::Mode::Notice => Mode::Notice,
    }
}
