//! Time as the house writes it. Only this file knows that Seoul is nine hours ahead.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Korea keeps UTC+9 all year round.
const SEOUL: Offset = Offset::constant(9);
const MICROS_PER_SECOND: i64 = 1_000_000;

/// An instant of house time: microseconds since 1970 in UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since 1970, UTC.
    pub const fn from_micros(micros: i64) -> Self {
        Timestamp(micros)
    }

    /// Microseconds since 1970, UTC.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The instant `seconds` later; stays at the end of time rather than wrap.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Timestamp(
            self.0
                .saturating_add(seconds.saturating_mul(MICROS_PER_SECOND)),
        )
    }

    /// Reads RFC 3339 with `Z` or any offset, else `None`.
    pub fn parse(text: &str) -> Option<Self> {
        // A signed year is more than RFC 3339 has.
        let plain = text.len() <= 40 && text.starts_with(|first: char| first.is_ascii_digit());
        let instant: jiff::Timestamp = text.parse().ok().filter(|_| plain)?;
        Some(Timestamp(instant.as_microsecond()))
    }

    /// Reads an instant as other people's programs write them: RFC 3339 with any fraction and any
    /// offset, also as `+0900` or after a blank, with a blank for the `T`; without an offset it is
    /// Seoul's clock. A date alone is no instant.
    pub fn parse_lenient(text: &str) -> Option<Self> {
        let begins_with_year = text.get(..4)?.bytes().all(|byte| byte.is_ascii_digit());
        if !begins_with_year || BusinessDate::parse(text).is_some() {
            return None;
        }
        let joined = text.replacen(" +", "+", 1).replacen(" -", "-", 1);
        Timestamp::parse(&joined).or_else(|| Timestamp::from_seoul(joined.parse().ok()?))
    }

    /// Seoul time to the second with its offset: `2026-11-22T09:00:00+09:00`.
    pub fn to_second(self) -> String {
        match self.in_seoul() {
            Some(at) => format!("{}+09:00", at.strftime("%Y-%m-%dT%H:%M:%S")),
            None => self.to_string(),
        }
    }

    /// The wall clock of Seoul at this instant, or `None` beyond the years a calendar has.
    pub fn in_seoul(self) -> Option<DateTime> {
        let instant = jiff::Timestamp::from_microsecond(self.0).ok()?;
        Some(SEOUL.to_datetime(instant))
    }

    /// The instant at which Seoul's clocks show `at`.
    pub fn from_seoul(at: DateTime) -> Option<Self> {
        let instant = SEOUL.to_timestamp(at).ok()?;
        Some(Timestamp(instant.as_microsecond()))
    }

    /// The date in Seoul.
    pub fn business_date(self) -> Option<BusinessDate> {
        self.in_seoul().map(|at| BusinessDate(at.date()))
    }
}

impl fmt::Display for Timestamp {
    /// Seoul time with its offset: `2026-11-22T09:00:00.000000+09:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.in_seoul() {
            Some(at) => write!(f, "{}+09:00", at.strftime("%Y-%m-%dT%H:%M:%S.%6f")),
            None => write!(f, "{} µs", self.0),
        }
    }
}

/// When and where in the journal a decision is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// House time: what is over and what still lives is judged by it.
    pub now: Timestamp,
    /// The journal position the decision's record will have, if it makes one.
    pub position: u64,
}

/// A day of business (거래일자): the date a telegram carries, a civil date in Seoul.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessDate(Date);

impl BusinessDate {
    /// The day of a civil date.
    pub const fn new(date: Date) -> Self {
        BusinessDate(date)
    }

    /// The civil date.
    pub const fn date(self) -> Date {
        self.0
    }

    /// The instant at which the day begins in Seoul.
    pub fn begins(self) -> Option<Timestamp> {
        Timestamp::from_seoul(self.0.at(0, 0, 0, 0))
    }

    /// The day after this one, if the calendar has one.
    pub fn next(self) -> Option<BusinessDate> {
        self.0.tomorrow().ok().map(BusinessDate)
    }

    /// Reads `YYYYMMDD` or `YYYY-MM-DD`, else `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = match text.len() {
            8 => text.to_owned(),
            10 if text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-' => text.replace('-', ""),
            _ => return None,
        };
        if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        BusinessDate::from_number(digits.parse().ok()?)
    }

    /// The date as the number `YYYYMMDD`; sorts as the dates do.
    pub fn number(self) -> u32 {
        let year = u32::from(self.0.year().unsigned_abs());
        let month = u32::from(self.0.month().unsigned_abs());
        let day = u32::from(self.0.day().unsigned_abs());
        year * 10_000 + month * 100 + day
    }

    /// The date behind a number `YYYYMMDD`, or `None` where there is no such day.
    pub fn from_number(number: u32) -> Option<Self> {
        let year = i16::try_from(number / 10_000).ok()?;
        let month = i8::try_from(number / 100 % 100).ok()?;
        let day = i8::try_from(number % 100).ok()?;
        Date::new(year, month, day).ok().map(BusinessDate)
    }
}

impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

impl Serialize for BusinessDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.number())
    }
}

impl<'de> Deserialize<'de> for BusinessDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u32::deserialize(deserializer)?;
        BusinessDate::from_number(number)
            .ok_or_else(|| de::Error::custom(format!("{number} is not a date")))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{BusinessDate, Timestamp};

    #[test]
    fn midnight_in_seoul_is_the_new_day() {
        let midnight = Timestamp::from_seoul(date(2026, 3, 1).at(0, 0, 0, 0)).expect("a time");
        assert_eq!(midnight.business_date(), BusinessDate::parse("20260301"));
        let before = Timestamp::from_micros(midnight.as_micros() - 1);
        assert_eq!(before.business_date(), BusinessDate::parse("2026-02-28"));
        assert_eq!(midnight.to_string(), "2026-03-01T00:00:00.000000+09:00");
    }

    #[test]
    fn instants_are_read_with_their_offset_and_told_in_seoul() {
        let nine = Timestamp::parse("2026-03-01T00:00:00Z").expect("a time");
        assert_eq!(nine.to_second(), "2026-03-01T09:00:00+09:00");
        assert_eq!(
            Timestamp::parse("2026-03-01T09:00:00.000+09:00"),
            Some(nine)
        );
        for wrong in ["2026-03-01T09:00:00", "2026-03-01", "now", ""] {
            assert_eq!(Timestamp::parse(wrong), None, "{wrong}");
        }
        let day = BusinessDate::parse("20260228").expect("a date");
        assert_eq!(day.next(), BusinessDate::parse("20260301"));
        let begin = day.begins().map(Timestamp::to_second);
        assert_eq!(begin.as_deref(), Some("2026-02-28T00:00:00+09:00"));
    }

    #[test]
    fn other_peoples_instants_are_read_whatever_their_shape() {
        for same in [
            "2023-07-26T11:31:00+09:00",
            "2023-07-26T11:31:00.000+09:00",
            "2023-07-26T02:31:00Z",
            "2023-07-26T02:31:00.000Z",
            "2023-07-26t02:31:00z",
            "2023-07-26T11:31:00+0900",
            "2023-07-26 11:31:00+09:00",
            "2023-07-26 11:31:00 +0900",
            "2023-07-25 21:31:00 -0500",
            "2023-07-26 11:31:00",
            "2023-07-26T11:31:00",
            "2023-07-26T11:31:00.000000",
            "20230726T113100+0900",
        ] {
            let read = Timestamp::parse_lenient(same).map(Timestamp::to_second);
            assert_eq!(read.as_deref(), Some("2023-07-26T11:31:00+09:00"), "{same}");
        }
        for wrong in [
            "",
            "now",
            "2023-07-26",
            "20230726",
            "2023-02-30T11:31:00+09:00",
            "2023-07-26T25:00:00+09:00",
            "2023-07-26T11:31:00+99:00",
            "2023년 7월 26일",
            "07/26/2023 11:31",
            "-002023-07-26T11:31:00Z",
            "1690338660000",
            "2023-07-26T11:31:00+09:00; DROP",
        ] {
            assert_eq!(Timestamp::parse_lenient(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_real_days_are_dates() {
        for wrong in [
            "20260229",
            "20261301",
            "2026-1-01",
            "0",
            "2026013a",
            "日日日日",
        ] {
            assert_eq!(BusinessDate::parse(wrong), None, "{wrong}");
        }
        let leap = BusinessDate::parse("20280229").expect("a leap day");
        assert_eq!(BusinessDate::from_number(leap.number()), Some(leap));
    }
}
