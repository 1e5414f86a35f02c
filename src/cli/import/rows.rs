//! One row of a list as a thing of the house, or the reason why it is none.
//!
//! Reasons name the column and what it should hold. They never repeat an account number or a
//! name: the line number finds the row.

use jiff::fmt::temporal::Pieces;
use unicode_normalization::UnicodeNormalization;

use crate::domain::{
    AccountImport, AccountKey, AccountKind, AccountNo, AccountTerms, BankCode, Limits, Merchant,
    MerchantId, Standing, Timestamp, Won,
};
use crate::limits;

/// The columns of a list: those it must have and those it may have.
#[derive(Debug)]
pub(super) struct Head {
    must: &'static [&'static str],
    may: &'static [&'static str],
}

/// A list of merchants.
pub(super) const MERCHANTS: &Head = &Head {
    must: &["merchant_id", "name"],
    may: &["state"],
};

/// A list of accounts.
pub(super) const ACCOUNTS: &Head = &Head {
    must: &[
        "merchant_id",
        "bank_code",
        "account_no",
        "account_type",
        "amount",
        "tolerance",
        "expires_at",
        "holder_name",
    ],
    may: &[
        "depositor_name",
        "limit_per_deposit",
        "limit_per_day",
        "state",
    ],
};

/// The head of a list is not what it must be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum HeadError {
    /// There is no head.
    #[error("line 1 must name the columns: {0}")]
    None(String),
    /// The first line is no row.
    #[error("line 1 must name the columns, and cannot be read: {0}")]
    Unreadable(String),
    /// A column that must be there is not.
    #[error("line 1 has no column {missing}; it must name {must}")]
    Missing {
        /// The column.
        missing: &'static str,
        /// All that must be there.
        must: String,
    },
    /// A column that nobody knows.
    #[error("line 1 names the column {column:?}, which is unknown; did you mean {nearest}?")]
    Unknown {
        /// The column as written.
        column: String,
        /// The nearest known one.
        nearest: &'static str,
    },
    /// A column stands twice.
    #[error("line 1 names the column {0} twice")]
    Twice(&'static str),
}

/// Why a row is bad.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reject(pub(super) String);

fn reject<T>(why: impl Into<String>) -> Result<T, Reject> {
    Err(Reject(why.into()))
}

/// Where each column of a list stands.
#[derive(Debug)]
pub(super) struct Columns {
    places: Vec<(&'static str, usize)>,
    count: usize,
}

impl Columns {
    /// Finds the columns of `head` in the first line.
    pub(super) fn find(first: Option<&csv::ByteRecord>, head: &Head) -> Result<Self, HeadError> {
        let must = || head.must.join(",");
        let first = first.filter(|first| !first.is_empty() && first.as_slice() != b"");
        let first = first.ok_or_else(|| HeadError::None(must()))?;
        let mut places: Vec<(&'static str, usize)> = Vec::new();
        for (place, column) in first.iter().enumerate() {
            let column = String::from_utf8_lossy(column).trim().to_owned();
            let known = head.must.iter().chain(head.may);
            let Some(name) = known.clone().find(|name| **name == column) else {
                let nearest = known.max_by(|one, other| {
                    strsim::jaro_winkler(one, &column)
                        .total_cmp(&strsim::jaro_winkler(other, &column))
                });
                let nearest = nearest.copied().unwrap_or_default();
                return Err(HeadError::Unknown { column, nearest });
            };
            if places.iter().any(|(earlier, _)| earlier == name) {
                return Err(HeadError::Twice(name));
            }
            places.push((name, place));
        }
        let missing = head
            .must
            .iter()
            .find(|must| !places.iter().any(|(name, _)| name == *must));
        match missing {
            Some(missing) => Err(HeadError::Missing {
                missing,
                must: must(),
            }),
            None => Ok(Columns {
                places,
                count: first.len(),
            }),
        }
    }

    /// The trimmed text of a column; empty where the list does not have it.
    fn text<'r>(&self, row: &'r csv::StringRecord, column: &str) -> &'r str {
        let place = self.places.iter().find(|(name, _)| *name == column);
        let text = place.and_then(|(_, place)| row.get(*place));
        text.unwrap_or_default().trim()
    }
}

/// A row as text: it must be UTF-8.
pub(super) fn text(raw: &csv::ByteRecord) -> Result<csv::StringRecord, Reject> {
    csv::StringRecord::from_byte_record(raw.clone()).or_else(|_| {
        reject("the row is not UTF-8; save the list as UTF-8 (a spreadsheet calls it CSV UTF-8)")
    })
}

/// Reads a merchant.
pub(super) fn merchant(columns: &Columns, row: &csv::StringRecord) -> Result<Merchant, Reject> {
    whole(columns, row)?;
    let Some(name) = name(columns, row, "name")? else {
        return reject("name is empty");
    };
    Ok(Merchant {
        id: merchant_id(columns, row)?,
        name,
        standing: standing(columns, row)?.unwrap_or_default(),
    })
}

/// Reads an account.
pub(super) fn account(columns: &Columns, row: &csv::StringRecord) -> Result<AccountImport, Reject> {
    whole(columns, row)?;
    let merchant = merchant_id(columns, row)?;
    let bank = BankCode::parse(columns.text(row, "bank_code"))
        .filter(|bank| *bank != BankCode::ALL)
        .ok_or_else(|| Reject("bank_code must be three digits, such as 004".to_owned()))?;
    let number = columns.text(row, "account_no");
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let Some(number) = AccountNo::new(number).filter(|_| digits) else {
        return reject("account_no must be 1 to 16 digits, without hyphens");
    };
    let terms = AccountTerms {
        merchant,
        kind: kind(columns, row)?,
        amount: won(columns, row, "amount")?.unwrap_or_default(),
        tolerance: won(columns, row, "tolerance")?.unwrap_or_default(),
        expires_at: instant(columns, row, "expires_at")?,
        holder_name: name(columns, row, "holder_name")?,
        depositor_name: name(columns, row, "depositor_name")?,
        limits: Limits {
            per_deposit: won(columns, row, "limit_per_deposit")?,
            per_day: won(columns, row, "limit_per_day")?,
        },
    };
    Ok(AccountImport {
        key: AccountKey { bank, number },
        terms,
        standing: standing(columns, row)?,
    })
}

/// A row has as many fields as the head has columns.
fn whole(columns: &Columns, row: &csv::StringRecord) -> Result<(), Reject> {
    if row.len() == columns.count {
        return Ok(());
    }
    reject(format!(
        "the row has {} fields, line 1 names {}",
        row.len(),
        columns.count
    ))
}

fn merchant_id(columns: &Columns, row: &csv::StringRecord) -> Result<MerchantId, Reject> {
    MerchantId::new(columns.text(row, "merchant_id")).ok_or_else(|| {
        Reject("merchant_id must be 1 to 10 letters, digits, hyphens or underscores".to_owned())
    })
}

fn kind(columns: &Columns, row: &csv::StringRecord) -> Result<AccountKind, Reject> {
    match columns.text(row, "account_type") {
        "fixed" => Ok(AccountKind::Fixed),
        "one_time" => Ok(AccountKind::OneTime),
        "matching" => Ok(AccountKind::Matching),
        _ => reject("account_type must be fixed, one_time or matching"),
    }
}

fn standing(columns: &Columns, row: &csv::StringRecord) -> Result<Option<Standing>, Reject> {
    match columns.text(row, "state") {
        "" => Ok(None),
        "open" => Ok(Some(Standing::Open)),
        "closed" => Ok(Some(Standing::Closed)),
        "stopped" => Ok(Some(Standing::Stopped)),
        _ => reject("state must be open, closed, stopped or empty"),
    }
}

/// Whole won of at most thirteen digits; none where the field is empty.
fn won(columns: &Columns, row: &csv::StringRecord, column: &str) -> Result<Option<Won>, Reject> {
    let text = columns.text(row, column);
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let amount = text.parse().ok().map(Won::new).filter(|_| digits);
    match amount.filter(|amount| *amount <= Won::TELEGRAM_MAX) {
        Some(amount) => Ok(Some(amount)),
        None => reject(format!(
            "{column} must be whole won of at most 13 digits, without separators"
        )),
    }
}

fn instant(
    columns: &Columns,
    row: &csv::StringRecord,
    column: &str,
) -> Result<Option<Timestamp>, Reject> {
    let text = columns.text(row, column);
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<jiff::Timestamp>() {
        Ok(instant) => Ok(Some(Timestamp::from_micros(instant.as_microsecond()))),
        // The same text without its offset is a time; so only the instant is out of reach.
        Err(_) if is_instant_in_form(text) => reject(format!(
            "{column} lies beyond the calendar, which ends with 9999-12-30 in UTC; leave it empty \
             for an account without an end"
        )),
        Err(_) => reject(format!(
            "{column} must be a time with its offset (RFC 3339), such as \
             2026-12-31T23:59:59+09:00"
        )),
    }
}

/// True for a date, a time and an offset, whether or not together they are an instant that can be
/// told.
fn is_instant_in_form(text: &str) -> bool {
    Pieces::parse(text).is_ok_and(|pieces| pieces.time().is_some() && pieces.offset().is_some())
}

/// A name, composed (NFC) so that it can meet the names in telegrams; none where it is empty.
fn name(
    columns: &Columns,
    row: &csv::StringRecord,
    column: &str,
) -> Result<Option<String>, Reject> {
    let name: String = columns.text(row, column).nfc().collect();
    if name.chars().any(char::is_control) {
        return reject(format!("{column} holds a control character"));
    }
    if name.chars().count() > limits::NAME_CHARACTERS_MAX {
        return reject(format!(
            "{column} has more than {} characters",
            limits::NAME_CHARACTERS_MAX
        ));
    }
    Ok(Some(name).filter(|name| !name.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::{ACCOUNTS, Columns, HeadError, MERCHANTS, Reject, account, merchant};
    use crate::domain::{AccountKind, Standing, Won};

    const HEAD: &[&str] = &[
        "merchant_id",
        "bank_code",
        "account_no",
        "account_type",
        "amount",
        "tolerance",
        "expires_at",
        "holder_name",
        "limit_per_day",
        "state",
    ];
    const GOOD: &[&str] = &[
        "shop",
        "004",
        "08856211024649",
        "one_time",
        "5000",
        "",
        "2020-01-01T00:00:00+09:00",
        "나루",
        "10000",
        "stopped",
    ];

    fn columns() -> Columns {
        Columns::find(Some(&csv::ByteRecord::from(HEAD.to_vec())), ACCOUNTS).expect("a head")
    }

    #[test]
    fn a_good_row_is_an_account() {
        let row = account(&columns(), &csv::StringRecord::from(GOOD.to_vec())).expect("an account");
        assert_eq!(row.key.number.as_str(), "08856211024649");
        assert_eq!(row.terms.kind, AccountKind::OneTime);
        assert_eq!(row.terms.amount, Won::new(5000));
        assert_eq!(row.terms.tolerance, Won::ZERO);
        assert_eq!(row.terms.limits.per_day, Some(Won::new(10_000)));
        assert_eq!(row.standing, Some(Standing::Stopped));
    }

    #[test]
    fn the_end_of_the_calendar_is_told_as_what_it_is() {
        let told = |text: &str| {
            let mut row = GOOD.to_vec();
            row[6] = text;
            let read = account(&columns(), &csv::StringRecord::from(row));
            read.map(|row| row.terms.expires_at)
                .map_err(|Reject(why)| why)
        };
        for beyond in ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59+09:00"] {
            let why = told(beyond).expect_err("beyond");
            assert!(
                why.starts_with("expires_at lies beyond the calendar"),
                "{why}"
            );
        }
        for broken in [
            "9999-12-31T23:59:59",
            "9999-12-32T23:59:59Z",
            "9999-12-31",
            "never",
        ] {
            let why = told(broken).expect_err("no time");
            assert!(why.contains("RFC 3339"), "{broken}: {why}");
        }
        assert!(told("9999-12-30T12:00:00Z").is_ok());
    }

    #[test]
    fn each_bad_field_is_named_and_none_is_repeated() {
        let wrong = [
            (0, "elevenchars"),
            (1, "4"),
            (1, "000"),
            (2, "088-562"),
            (2, ""),
            (2, "12345678901234567"),
            (3, "fixd"),
            (4, "1.5"),
            (4, "-1"),
            (4, "10000000000000"),
            (5, "+5"),
            (6, "2020-01-01"),
            (7, "a\u{7}b"),
            (8, "1,000"),
            (9, "OPEN"),
        ];
        for (place, text) in wrong {
            let mut row = GOOD.to_vec();
            row[place] = text;
            let Err(Reject(why)) = account(&columns(), &csv::StringRecord::from(row)) else {
                panic!("{text:?} passed as {}", HEAD[place]);
            };
            assert!(why.contains(HEAD[place]), "{why}");
            assert!(
                text.is_empty() || text == "4" || !why.contains(text),
                "{why}"
            );
        }
        let short = csv::StringRecord::from(GOOD[..9].to_vec());
        assert!(account(&columns(), &short).is_err());
    }

    #[test]
    fn decomposed_names_are_composed() {
        let head = csv::ByteRecord::from(vec!["name", "merchant_id"]);
        let columns = Columns::find(Some(&head), MERCHANTS).expect("a head");
        let row = csv::StringRecord::from(vec!["\u{1112}\u{1169}\u{11bc}", "shop"]);
        assert_eq!(merchant(&columns, &row).expect("a merchant").name, "홍");
    }

    #[test]
    fn a_head_is_checked_before_any_row() {
        let find = |names: &[&str]| {
            Columns::find(Some(&csv::ByteRecord::from(names.to_vec())), MERCHANTS).map(|_| ())
        };
        assert_eq!(find(&["merchant_id", "name"]), Ok(()));
        assert!(matches!(
            find(&["merchant_id"]),
            Err(HeadError::Missing {
                missing: "name",
                ..
            })
        ));
        assert!(matches!(
            find(&["merchantid", "name"]),
            Err(HeadError::Unknown {
                nearest: "merchant_id",
                ..
            })
        ));
        assert_eq!(find(&["name", "name"]), Err(HeadError::Twice("name")));
        assert!(matches!(
            Columns::find(None, MERCHANTS),
            Err(HeadError::None(_))
        ));
    }
}
