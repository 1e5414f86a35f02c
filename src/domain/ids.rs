//! The names of things: banks, accounts, merchants, and the relay's key of a transaction.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::BusinessDate;

/// A Korean bank by its three digits (은행코드), 001 to 999; 000 means "all banks" where a
/// telegram says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BankCode(u16);

impl BankCode {
    /// The code that stands for every bank of the relay.
    pub const ALL: BankCode = BankCode(0);

    /// A bank code, or `None` above 999.
    pub const fn new(code: u16) -> Option<Self> {
        if code <= 999 {
            Some(BankCode(code))
        } else {
            None
        }
    }

    /// Reads exactly three digits.
    pub fn parse(text: &str) -> Option<Self> {
        let three_digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        if three_digits {
            text.parse().ok().map(BankCode)
        } else {
            None
        }
    }

    /// The number behind the digits.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for BankCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

/// The number of a virtual account (가상계좌번호) as the bank writes it: up to 16 printable
/// characters, digits in every case but a bank's mistake.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountNo(String);

impl AccountNo {
    /// The most characters an account number can have on the wire.
    pub const CHARACTERS_MAX: usize = 16;

    /// An account number of 1 to 16 printable ASCII characters, else `None`.
    pub fn new(text: &str) -> Option<Self> {
        let printable = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        let fits = (1..=Self::CHARACTERS_MAX).contains(&text.len());
        (printable && fits).then(|| AccountNo(text.to_owned()))
    }

    /// The characters, unmasked: for the wire and the books, never for a log.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccountNo {
    /// Only a hint of the number, because debug output ends in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail = self.0.get(self.0.len().saturating_sub(2)..).unwrap_or("");
        write!(f, "AccountNo(…{tail})")
    }
}

/// A virtual account: numbers are only unique within their bank (rule A.4-1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountKey {
    /// The bank that keeps the account (입금은행코드).
    pub bank: BankCode,
    /// Its number at that bank.
    pub number: AccountNo,
}

/// A merchant (가맹점): 1 to 10 letters, digits, `-` or `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MerchantId(String);

impl MerchantId {
    /// The most characters a merchant id can have (a Welcome `mid` has ten).
    pub const CHARACTERS_MAX: usize = 10;

    /// A merchant id, or `None` where the text is empty, too long or has other characters.
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=Self::CHARACTERS_MAX).contains(&text.len());
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        (fits && plain).then(|| MerchantId(text.to_owned()))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MerchantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What makes a relay's transaction the same transaction: the key that a pre-deposit check, its
/// deposit and the deposit's correction share (telegrams A.1, "deposit key").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RelayKey {
    /// Institution code of the contract (기관코드).
    pub institution: String,
    /// Bank of the telegram, which need not be the account's bank.
    pub bank: BankCode,
    /// Business date of the telegram (거래일자), never our own date of arrival.
    pub trade_date: BusinessDate,
    /// The relay's number (거래고유번호), compared as text.
    pub trace_no: String,
}

impl fmt::Display for RelayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}/{}",
            self.institution, self.bank, self.trade_date, self.trace_no
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountNo, BankCode, MerchantId};

    #[test]
    fn bank_codes_are_three_digits() {
        assert_eq!(
            BankCode::parse("004")
                .map(|bank| bank.to_string())
                .as_deref(),
            Some("004")
        );
        for wrong in ["", "4", "04", "0004", "00x", "+04"] {
            assert_eq!(BankCode::parse(wrong), None, "{wrong:?}");
        }
        assert_eq!(BankCode::new(1000), None);
    }

    #[test]
    fn merchant_ids_are_short_and_plain() {
        assert!(MerchantId::new("shop-01").is_some());
        for wrong in ["", "elevenchars", "a b", "가게", "a/b"] {
            assert_eq!(MerchantId::new(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn debug_output_hides_account_numbers() {
        let number = AccountNo::new("08856211024649").expect("an account number");
        assert!(!format!("{number:?}").contains("0885621102"));
    }
}
