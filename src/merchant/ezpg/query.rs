//! What a GET of this face asks, and what lists have in common: how much, from where on, and
//! between which instants.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;

use super::{Code, Fault};
use crate::domain::{BusinessDate, MerchantId, Timestamp};
use crate::limits;
use crate::merchant::{Person, Rooms};

/// The query of a GET, not looked at yet: who calls comes first, and whether they may.
///
/// Fields are texts; those of 2.6 refuse unknown ones (`#[serde(deny_unknown_fields)]`).
pub(crate) struct Query<T> {
    written: String,
    form: PhantomData<T>,
}

impl<T: 'static> FromRequest for Query<T> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Query {
            written: request.query_string().to_owned(),
            form: PhantomData,
        }))
    }
}

impl<T: DeserializeOwned> Query<T> {
    /// What is asked.
    ///
    /// # Errors
    /// [`Fault`] (1003) in the face's shape. Only names of fields are told, never what stood in
    /// them.
    pub(crate) fn read(self) -> Result<T, Fault> {
        let read = web::Query::<T>::from_query(&self.written);
        read.map(web::Query::into_inner).map_err(|error| {
            let words = error.to_string();
            let known = ["unknown field", "missing field", "duplicate field"];
            let telling = known.iter().find_map(|what| words.find(what));
            let told = telling.map_or("요청 값이 올바르지 않습니다.", |at| {
                &words[at..]
            });
            Fault::because(Code::Parameter, told.to_owned())
        })
    }
}

/// Whose things a list shows, as [`Person::scope`] has it; a merchant that head office names must
/// be there, lest a slip of the pen look like a merchant without anything.
///
/// # Errors
/// [`Fault`]: 1004 to a merchant's person, 2001 to ours.
pub(crate) async fn whose(
    rooms: &Rooms,
    person: &Person,
    asked: Option<&str>,
) -> Result<Option<MerchantId>, Fault> {
    let merchant = person.scope(asked)?;
    if let (None, Some(named)) = (&person.merchant, merchant.clone()) {
        let known = rooms.look(move |reads| reads.merchant(&named)).await;
        known.ok_or_else(|| Fault::new(Code::NoMerchant))?;
    }
    Ok(merchant)
}

/// How many rows a list gives: 20 where nothing is asked, at most 500.
///
/// # Errors
/// [`Fault`] (1003) where it is no number or out of bounds.
pub(crate) fn limit(asked: Option<&str>) -> Result<usize, Fault> {
    let most = limits::LIST_ROWS_MAX;
    let Some(asked) = asked.filter(|text| !text.is_empty()) else {
        return Ok(limits::LIST_ROWS_DEFAULT);
    };
    let wrong = || Fault::parameter("limit", &format!("1에서 {most} 사이의 수여야 합니다."));
    let limit = digits(asked).and_then(|limit| usize::try_from(limit).ok());
    limit
        .filter(|limit| (1..=most).contains(limit))
        .ok_or_else(wrong)
}

/// Which page of `limit` rows is asked for, from 1.
///
/// # Errors
/// [`Fault`] (1003) where it is no number, or lies beyond the first ten thousand rows: further on
/// one pages by cursor.
pub(crate) fn page(asked: Option<&str>, limit: usize) -> Result<usize, Fault> {
    let Some(asked) = asked.filter(|text| !text.is_empty()) else {
        return Ok(1);
    };
    let page = digits(asked).and_then(|page| usize::try_from(page).ok());
    let page = page
        .filter(|page| *page >= 1)
        .ok_or_else(|| Fault::parameter("page", "1 이상의 수여야 합니다."))?;
    if page.saturating_mul(limit) > limits::LIST_PAGED_ROWS_MAX {
        let most = limits::LIST_PAGED_ROWS_MAX;
        let words = format!("page × limit은 {most} 이하여야 합니다. 그 뒤는 cursor를 쓰십시오.");
        return Err(Fault::because(Code::Parameter, words));
    }
    Ok(page)
}

/// A whole number in digits alone.
pub(crate) fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// The instant at which a period begins: RFC 3339, or a date, which begins at its midnight.
///
/// # Errors
/// [`Fault`] (1003) where it is neither.
pub(crate) fn from_instant(field: &str, asked: Option<&str>) -> Result<Option<Timestamp>, Fault> {
    instant(field, asked, BusinessDate::begins)
}

/// The instant before which a period ends: RFC 3339, or a date, which belongs to it.
///
/// # Errors
/// [`Fault`] (1003) where it is neither.
pub(crate) fn to_instant(field: &str, asked: Option<&str>) -> Result<Option<Timestamp>, Fault> {
    instant(field, asked, |day| day.next()?.begins())
}

fn instant(
    field: &str,
    asked: Option<&str>,
    of_day: impl FnOnce(BusinessDate) -> Option<Timestamp>,
) -> Result<Option<Timestamp>, Fault> {
    let Some(asked) = asked.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let found = match BusinessDate::parse(asked) {
        Some(day) => of_day(day),
        // A plus sign that a client left bare in an address arrives as a space.
        None => Timestamp::parse(&asked.replace(' ', "+")),
    };
    let wrong = || Fault::parameter(field, "RFC 3339 시각이나 YYYY-MM-DD 날짜여야 합니다.");
    found.map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_bounds() {
        assert_eq!(limit(None).unwrap(), 20);
        assert_eq!(limit(Some("500")).unwrap(), 500);
        for wrong in ["0", "501", "-1", "1.5", "x", "99999999999999999999"] {
            assert_eq!(
                limit(Some(wrong)).unwrap_err().code(),
                Code::Parameter,
                "{wrong}"
            );
        }
        assert_eq!(page(None, 20).unwrap(), 1);
        assert_eq!(page(Some("20"), 500).unwrap(), 20);
        for wrong in ["21", "0", "+1", "18446744073709551615"] {
            assert_eq!(page(Some(wrong), 500).unwrap_err().code(), Code::Parameter);
        }
    }

    #[test]
    fn a_period_is_half_open_and_its_last_date_belongs_to_it() {
        let told = |at: Option<Timestamp>| at.map(Timestamp::to_second);
        let from = from_instant("from", Some("2026-03-02")).unwrap();
        assert_eq!(told(from).as_deref(), Some("2026-03-02T00:00:00+09:00"));
        let to = to_instant("to", Some("20260302")).unwrap();
        assert_eq!(told(to).as_deref(), Some("2026-03-03T00:00:00+09:00"));
        for exact in ["2026-03-02T10:00:00+09:00", "2026-03-02T10:00:00 09:00"] {
            let at = to_instant("to", Some(exact)).unwrap();
            assert_eq!(told(at).as_deref(), Some("2026-03-02T10:00:00+09:00"));
        }
        assert_eq!(from_instant("from", Some("")).unwrap(), None);
        assert!(from_instant("from", Some("yesterday")).is_err());
    }
}
