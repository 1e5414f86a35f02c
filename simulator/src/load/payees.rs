//! Whom load pays: a list of accounts, or the usual range, which needs none.

use std::path::Path;

use super::LoadError;
use crate::accounts::{Account, LOAD_ACCOUNTS, load_bank};

/// Won for accounts that take any amount.
pub(super) const USUAL_AMOUNT: u64 = 1_000;

/// An account in the form in which it is patched into a telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payee {
    pub(super) bank: [u8; 3],
    pub(super) number: [u8; 16],
    pub(super) amount: u64,
}

impl Payee {
    /// Of an account.
    pub fn of(account: &Account) -> Self {
        Self::new(account.bank, &account.number, account.amount)
    }

    /// Of a bank's code, a number of at most 16 digits, and the amount that it takes; 0 for any.
    pub fn new(bank: u16, number: &str, amount: u64) -> Self {
        let mut digits = [0; 3];
        write_digits(u64::from(bank), &mut digits);
        let mut text = [b' '; 16];
        text.iter_mut()
            .zip(number.bytes())
            .for_each(|(to, from)| *to = from);
        let amount = if amount == 0 { USUAL_AMOUNT } else { amount };
        Self {
            bank: digits,
            number: text,
            amount,
        }
    }

    /// Of [`crate::accounts::load_account`], digit by digit: it is made for every telegram.
    fn usual(index: u64) -> Self {
        let (mut bank, mut number) = ([0; 3], [b' '; 16]);
        write_digits(u64::from(load_bank(index)), &mut bank);
        number[0] = b'8';
        number[1..4].copy_from_slice(&bank);
        write_digits(index, &mut number[4..14]);
        Self {
            bank,
            number,
            amount: USUAL_AMOUNT,
        }
    }

    /// Reads the accounts of an import file, those that are open and not for one time only.
    fn read(path: &Path) -> Result<Vec<Self>, LoadError> {
        let wrong = |what: String| LoadError::Accounts {
            path: path.into(),
            what,
        };
        let mut file = csv::Reader::from_path(path).map_err(|error| wrong(error.to_string()))?;
        let headers = file
            .headers()
            .map_err(|error| wrong(error.to_string()))?
            .clone();
        let column = |name: &str| headers.iter().position(|header| header == name);
        let needed = |name: &str| column(name).ok_or_else(|| wrong(format!("no column {name}")));
        let (bank, number) = (needed("bank_code")?, needed("account_no")?);
        let (amount, kind, state) = (column("amount"), column("account_type"), column("state"));
        let mut payees = Vec::new();
        for row in file.records() {
            let row = row.map_err(|error| wrong(error.to_string()))?;
            let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default();
            if cell(kind) == "one_time" || !matches!(cell(state), "" | "open") {
                continue;
            }
            let code = cell(Some(bank)).parse();
            let code = code.map_err(|_| wrong(format!("bank_code is {}", cell(Some(bank)))))?;
            payees.push(Self::new(
                code,
                cell(Some(number)),
                cell(amount).parse().unwrap_or(0),
            ));
        }
        if payees.is_empty() {
            Err(wrong("no open account".into()))
        } else {
            Ok(payees)
        }
    }

    /// Its bank, number and amount as text.
    pub fn parts(&self) -> (String, String, u64) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        (text(&self.bank), text(&self.number), self.amount)
    }
}

/// The accounts that load is spread over.
#[derive(Clone, Debug)]
pub enum Payees {
    /// The first so many of the accounts that [`crate::accounts::load_account`] counts: ten
    /// million take no memory.
    Usual(u64),
    /// These.
    List(Vec<Payee>),
}

impl Default for Payees {
    fn default() -> Self {
        Self::Usual(LOAD_ACCOUNTS)
    }
}

impl Payees {
    /// The accounts of an import file, those that are open and not for one time only.
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        Payee::read(path).map(Self::List)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Usual(count) => usize::try_from(*count).unwrap_or(usize::MAX),
            Self::List(list) => list.len(),
        }
    }

    /// The one at this place, from 0.
    pub(super) fn get(&self, index: usize) -> Payee {
        match self {
            Self::Usual(_) => Payee::usual(index as u64),
            Self::List(list) => list[index],
        }
    }
}

/// Writes a number right-justified with zeros; digits that do not fit are lost.
pub(super) fn write_digits(mut number: u64, place: &mut [u8]) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::load_account;

    #[test]
    fn accounts_come_from_an_import_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts.csv");
        let rows = "merchant_id,bank_code,account_no,account_type,amount,state\n\
                    M,004,123,fixed,0,open\nM,004,124,one_time,0,open\nM,088,125,fixed,5,closed\n\
                    M,011,126,matching,700,\n";
        std::fs::write(&path, rows).unwrap();
        let payees = Payee::read(&path).unwrap();
        assert_eq!(
            payees,
            [Payee::new(4, "123", 0), Payee::new(11, "126", 700)]
        );
        std::fs::write(&path, "bank_code\n004\n").unwrap();
        let error = Payee::read(&path).unwrap_err().to_string();
        assert!(error.contains("no column account_no"), "{error}");
    }

    #[test]
    fn the_usual_range_needs_no_list() {
        let payees = Payees::Usual(10_000_000);
        assert_eq!(payees.len(), 10_000_000);
        assert_eq!(payees.get(7), Payee::of(&load_account(7)));
        assert_eq!(payees.get(9_999_999), Payee::new(88, "80880009999999", 0));
    }
}
