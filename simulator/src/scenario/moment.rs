//! Days and hours as a scenario writes them, relative to its own date.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

/// A business date: so many days from the scenario's own, or a date of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// Days after the scenario's date.
    After(i64),
    /// A date of the calendar.
    On(Date),
}

impl Day {
    /// Reads `+1d`, `-1d` or `2030-03-04`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(days) = text.strip_suffix('d') {
            return Some(Self::After(days.parse().ok()?));
        }
        Some(Self::On(text.parse().ok()?))
    }

    /// The date, seen from the scenario's own.
    pub fn from(self, date: Date) -> Date {
        match self {
            Self::After(days) => date.saturating_add(SignedDuration::from_hours(24 * days)),
            Self::On(date) => date,
        }
    }
}

/// An hour of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// So long after what the house's clock shows.
    Later(SignedDuration),
    /// That time on the scenario's date, or so many days after it.
    At(i64, Time),
}

impl Moment {
    /// Reads `+10m`, `-61s`, `23:55`, `23:59:50`, `+1d 00:10` or `-14d 10:00`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some((days, time)) = text.split_once(' ') {
            let days = days.strip_suffix('d')?.parse().ok()?;
            return Some(Self::At(days, parse_time(time)?));
        }
        if let Some(duration) = text.strip_prefix('-') {
            return Some(Self::Later(-parse_duration(duration)?));
        }
        match text.strip_prefix('+') {
            Some(duration) => Some(Self::Later(parse_duration(duration)?)),
            None => Some(Self::At(0, parse_time(text)?)),
        }
    }

    /// The hour, seen from the scenario's date and from what the clock shows now.
    pub fn from(self, date: Date, now: DateTime) -> DateTime {
        match self {
            Self::Later(duration) => now.saturating_add(duration),
            Self::At(days, time) => Day::After(days).from(date).to_datetime(time),
        }
    }
}

/// Reads `23:55` or `23:59:50`.
pub(super) fn parse_time(text: &str) -> Option<Time> {
    let mut parts = text.split(':').map(|part| part.parse::<i8>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = match parts.next() {
        None => 0,
        Some(second) => second?,
    };
    match parts.next() {
        None => Time::new(hour, minute, second, 0).ok(),
        Some(_) => None,
    }
}

/// Reads `61s`, `10m` or `2h`.
pub(super) fn parse_duration(text: &str) -> Option<SignedDuration> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count: i64 = count.parse().ok()?;
    match unit {
        "s" => Some(SignedDuration::from_secs(count)),
        "m" => Some(SignedDuration::from_mins(count)),
        "h" => Some(SignedDuration::from_hours(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime, time};

    #[test]
    fn days_are_counted_from_the_scenario() {
        let today = date(2030, 3, 31);
        assert_eq!(Day::parse("+1d").unwrap().from(today), date(2030, 4, 1));
        assert_eq!(Day::parse("-1d").unwrap().from(today), date(2030, 3, 30));
        assert_eq!(
            Day::parse("2031-01-02").unwrap().from(today),
            date(2031, 1, 2)
        );
        assert_eq!(Day::parse("tomorrow"), None);
        assert_eq!(Day::parse("2030-02-30"), None);
    }

    #[test]
    fn hours_are_absolute_or_later() {
        let (today, now) = (date(2030, 3, 4), datetime(2030, 3, 4, 23, 55, 0, 0));
        let from = |text| Moment::parse(text).unwrap().from(today, now);
        assert_eq!(from("10:00"), datetime(2030, 3, 4, 10, 0, 0, 0));
        assert_eq!(from("+1d 00:10:30"), datetime(2030, 3, 5, 0, 10, 30, 0));
        assert_eq!(from("+10m"), datetime(2030, 3, 5, 0, 5, 0, 0));
        assert_eq!(from("-61s"), datetime(2030, 3, 4, 23, 53, 59, 0));
        assert_eq!(from("-14d 10:00"), datetime(2030, 2, 18, 10, 0, 0, 0));
        for wrong in [
            "",
            "10",
            "25:00",
            "10:00:00:00",
            "+10x",
            "+m",
            "1d 10:00 x",
            "10분",
        ] {
            assert_eq!(Moment::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_stands_alone() {
        assert_eq!(parse_time("08:30"), Some(time(8, 30, 0, 0)));
        assert_eq!(parse_time("08"), None);
    }
}
