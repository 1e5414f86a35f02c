//! Hours as people write them: `00:30-24:00`, `2nd Sun 00:00-04:00`.

use std::fmt;

use super::{BankHours, Maintenance, Recurrence, WeekDay};

const NTH: [&str; 5] = ["1st", "2nd", "3rd", "4th", "5th"];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl BankHours {
    /// Reads a window, `00:30-24:00`, and a list of maintenances parted by commas; an empty text
    /// leaves that part as it is.
    ///
    /// # Errors
    /// What is wrong with them, in words.
    pub fn laid_over(&self, window: &str, maintenance: &str) -> Result<BankHours, String> {
        let mut hours = self.clone();
        if !window.trim().is_empty() {
            (hours.opens_minute, hours.closes_minute) = span_of_day(window)?;
        }
        let mut items = maintenance.split(',').map(str::trim);
        if maintenance.trim() == "none" {
            hours.maintenance.clear();
        } else if !maintenance.trim().is_empty() {
            hours.maintenance = items.try_fold(Vec::new(), |mut read, item| {
                read.push(Maintenance::parse(item)?);
                Ok::<_, String>(read)
            })?;
        }
        Ok(hours)
    }

    /// The window as it is written.
    pub fn window_words(&self) -> String {
        words_of_span(self.opens_minute, self.closes_minute)
    }

    /// The maintenances as they are written, parted by commas; `none` where there are none.
    pub fn maintenance_words(&self) -> String {
        let words: Vec<String> = self.maintenance.iter().map(ToString::to_string).collect();
        if words.is_empty() {
            "none".to_owned()
        } else {
            words.join(", ")
        }
    }
}

impl fmt::Display for Maintenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |day: WeekDay| DAYS[usize::from(day.to_monday_zero_offset().unsigned_abs())];
        let nth = |nth: u8| NTH[usize::from(nth.clamp(1, 5)) - 1];
        match self.recurrence {
            Recurrence::Daily => f.write_str("daily")?,
            Recurrence::Weekly(on) => f.write_str(day(on))?,
            Recurrence::Monthly {
                nth: which,
                day: on,
            } => {
                write!(f, "{} {}", nth(which), day(on))?;
            }
            Recurrence::MonthlyOrNextBusinessDay {
                nth: which,
                day: on,
            } => {
                write!(f, "{} {} or next business day", nth(which), day(on))?;
            }
        }
        write!(f, " {}", words_of_span(self.from_minute, self.to_minute))
    }
}

fn words_of_span(from: u16, to: u16) -> String {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    format!("{}-{}", clock(from), clock(to))
}

/// Reads `00:30-24:00` as minutes of the day: the first that is in, and the first after it.
///
/// # Errors
/// What is wrong with it, in words.
pub fn span_of_day(text: &str) -> Result<(u16, u16), String> {
    let wrong = || format!("{text:?} is not a span of a day; as in 00:30-24:00");
    let (from, to) = text.split_once(['-', '–']).ok_or_else(wrong)?;
    let (from, to) = (
        minute(from).ok_or_else(wrong)?,
        minute(to).ok_or_else(wrong)?,
    );
    if from < to {
        Ok((from, to))
    } else {
        Err(format!("{text:?} ends before it begins"))
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let of_day = hour * 60 + minute;
    (minute < 60 && of_day <= 24 * 60).then_some(of_day)
}

impl Maintenance {
    /// Reads `daily 00:30-04:30`, `Sun 04:30-05:00`, `2nd Sun 00:00-04:00` or
    /// `3rd Mon or next business day 00:00-04:00`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a maintenance; as in 2nd Sun 00:00-04:00");
        let (when, hours) = text.rsplit_once(' ').ok_or_else(wrong)?;
        let (from_minute, to_minute) = span_of_day(hours)?;
        let recurrence = recurrence(when.trim()).ok_or_else(wrong)?;
        Ok(Maintenance {
            recurrence,
            from_minute,
            to_minute,
        })
    }
}

fn recurrence(when: &str) -> Option<Recurrence> {
    if when == "daily" {
        return Some(Recurrence::Daily);
    }
    if let Some(day) = weekday(when) {
        return Some(Recurrence::Weekly(day));
    }
    let (monthly, gives_way) = match when.strip_suffix(" or next business day") {
        Some(monthly) => (monthly, true),
        None => (when, false),
    };
    let (nth, day) = monthly.split_once(' ')?;
    let nth = NTH.iter().zip(1..).find(|(name, _)| **name == nth);
    let (nth, day) = (nth?.1, weekday(day)?);
    Some(if gives_way {
        Recurrence::MonthlyOrNextBusinessDay { nth, day }
    } else {
        Recurrence::Monthly { nth, day }
    })
}

fn weekday(name: &str) -> Option<WeekDay> {
    let index = DAYS.iter().position(|known| *known == name)?;
    WeekDay::from_monday_zero_offset(i8::try_from(index).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_written_again() {
        for text in [
            "daily 00:30-04:30",
            "Sun 04:30-05:00",
            "2nd Sun 00:00-04:00",
            "3rd Mon or next business day 00:00-04:00",
        ] {
            let read = Maintenance::parse(text).expect(text);
            assert_eq!(read.to_string(), text);
        }
        let base = BankHours::default();
        let hours = base
            .laid_over("01:00-24:00", "daily 03:00-03:10, Sun 04:30-05:00")
            .expect("hours");
        assert_eq!(hours.window_words(), "01:00-24:00");
        assert_eq!(
            hours.maintenance_words(),
            "daily 03:00-03:10, Sun 04:30-05:00"
        );
        assert_eq!(hours.laid_over("", ""), Ok(hours.clone()));
        let none = hours.laid_over("", "none").expect("hours");
        assert_eq!(none.maintenance_words(), "none");
        for (window, maintenance) in [("25:00-26:00", ""), ("", "sometimes"), ("", "daily")] {
            assert!(base.laid_over(window, maintenance).is_err());
        }
    }
}
