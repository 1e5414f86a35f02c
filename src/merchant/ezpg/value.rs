//! Values as this face writes and reads them: amounts, dates, instants, kinds of account.

use serde::{Deserialize, Deserializer, Serialize, de};

use super::{Code, Fault};
use crate::domain::{AccountKind, BankCode, BusinessDate, Timestamp, Won};

/// A whole amount of won. Clients send it as a number or as digits in quotes; nothing else is
/// taken: no sign, no fraction, no exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Amount(pub(crate) u64);

impl Amount {
    /// More than this is no amount but a slip; a telegram has thirteen digits.
    const MAX: u64 = 9_999_999_999_999;

    /// As the books count it.
    pub(crate) fn won(self) -> Won {
        Won::new(self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visit;
        impl de::Visitor<'_> for Visit {
            type Value = Amount;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole amount of won from 0 to 9999999999999")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Amount, E> {
                if number <= Amount::MAX {
                    Ok(Amount(number))
                } else {
                    Err(E::invalid_value(de::Unexpected::Unsigned(number), &self))
                }
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
                let digits = (1..=13).contains(&text.len())
                    && text.bytes().all(|byte| byte.is_ascii_digit());
                let number = text.parse().ok().filter(|_| digits).map(Amount);
                number.ok_or_else(|| E::invalid_value(de::Unexpected::Str("…"), &self))
            }
        }
        from.deserialize_any(Visit)
    }
}

/// The id of a deposit: its booking's place in the journal.
pub(crate) fn transaction_id(position: u64) -> String {
    format!("dep_{position:012}")
}

/// The place in the journal of the booking that an id names.
pub(crate) fn deposit_position(id: &str) -> Option<u64> {
    let digits = id.strip_prefix("dep_")?;
    let plain = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// The end of an account: a date means its last second in Seoul, else RFC 3339.
pub(crate) fn end(field: &'static str, text: &str) -> Result<Timestamp, Fault> {
    let wrong = || Fault::parameter(field, "YYYY-MM-DD 또는 RFC 3339 형식이어야 합니다.");
    if let Some(date) = BusinessDate::parse(text) {
        let last = date.date().at(23, 59, 59, 0);
        return Timestamp::from_seoul(last).ok_or_else(wrong);
    }
    // A year has four digits here; others are a calendar's business and no account's end.
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(wrong());
    }
    Timestamp::parse(text).ok_or_else(wrong)
}

/// A day as `YYYYMMDD` or `YYYY-MM-DD`; blank is none.
pub(crate) fn day(field: &str, text: Option<&str>) -> Result<Option<BusinessDate>, Fault> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let wrong = || Fault::parameter(field, "YYYYMMDD 또는 YYYY-MM-DD 형식이어야 합니다.");
    BusinessDate::parse(text).map(Some).ok_or_else(wrong)
}

/// A bank code of three digits.
pub(crate) fn bank(text: &str) -> Result<BankCode, Fault> {
    let wrong = || Fault::parameter("bankCode", "은행코드 3자리여야 합니다.");
    BankCode::parse(text)
        .filter(|bank| *bank != BankCode::ALL)
        .ok_or_else(wrong)
}

/// A kind of account by either document's word.
pub(crate) fn kind(word: &str) -> Result<AccountKind, Fault> {
    match word {
        "fixed" => Ok(AccountKind::Fixed),
        "one-time" | "dynamic" => Ok(AccountKind::OneTime),
        "matching" => Ok(AccountKind::Matching),
        _ => Err(Fault::because(
            Code::Parameter,
            "accountType: fixed, one-time(dynamic), matching 중 하나여야 합니다.",
        )),
    }
}

/// The word of the older document for a kind of account.
pub(crate) fn kind_word(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Fixed => "fixed",
        AccountKind::OneTime => "one-time",
        AccountKind::Matching => "matching",
    }
}

/// A text that is there and not blank, its ends trimmed.
pub(crate) fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_whole_and_positive() {
        let read = |text: &str| serde_json::from_str::<Amount>(text).map(|amount| amount.0);
        for (text, amount) in [("0", 0), ("15000", 15_000), ("\"15000\"", 15_000)] {
            assert_eq!(read(text).unwrap(), amount, "{text}");
        }
        for wrong in [
            "-1",
            "1.5",
            "1e3",
            "\"-1\"",
            "\"1.5\"",
            "\"\"",
            "\" 1\"",
            "\"1,000\"",
            "\"홍길동\"",
            "true",
            "null",
            "[1]",
            "10000000000000",
            "\"00000000000001\"",
        ] {
            let fault = read(wrong).expect_err(wrong).to_string();
            assert!(!fault.contains("홍길동"), "{fault}");
        }
    }

    #[test]
    fn an_end_is_a_days_last_second_or_an_instant() {
        let shown = |text| end("expireDate", text).unwrap().to_second();
        assert_eq!(shown("2026-03-01"), "2026-03-01T23:59:59+09:00");
        assert_eq!(shown("20260301"), "2026-03-01T23:59:59+09:00");
        assert_eq!(
            shown("2026-03-01T12:30:00+09:00"),
            "2026-03-01T12:30:00+09:00"
        );
        assert_eq!(shown("2026-03-01T03:30:00Z"), "2026-03-01T12:30:00+09:00");
        for wrong in [
            "2026-02-30",
            "tomorrow",
            "",
            "2026-03-01T12:30:00",
            "-002026-03-01T00:00:00Z",
        ] {
            assert!(end("expireDate", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_deposits_id_is_twelve_digits_and_nothing_else() {
        assert_eq!(deposit_position(&transaction_id(42)), Some(42));
        for wrong in [
            "dep_42",
            "42",
            "dep_00000000004x",
            "dep_+00000000042",
            "evt_000000000042",
        ] {
            assert_eq!(deposit_position(wrong), None, "{wrong}");
        }
    }
}
