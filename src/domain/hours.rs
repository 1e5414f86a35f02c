//! When a bank works (이용시간): its daily window and its maintenance (점검시간).
//!
//! Hours bind look-ups and pre-deposit checks only; a deposit is a fact at any hour (rule A.4-7).

mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime, Weekday};

use super::{BankCode, Timestamp};

pub use words::span_of_day;

/// Minutes in a day; a window that ends here ends with the day.
const DAY_MINUTES: u16 = 24 * 60;

/// A day of the week, Monday first.
pub type WeekDay = Weekday;

/// On which days a maintenance window returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recurrence {
    /// Every day.
    Daily,
    /// Every week on one day.
    Weekly(WeekDay),
    /// Every month on the nth such day, 1 to 5.
    Monthly {
        /// Which one of the month, counted from 1.
        nth: u8,
        /// The day of the week.
        day: WeekDay,
    },
    /// As [`Recurrence::Monthly`]; where that day is a holiday, on the next business day.
    MonthlyOrNextBusinessDay {
        /// Which one of the month, counted from 1.
        nth: u8,
        /// The day of the week.
        day: WeekDay,
    },
}

impl Recurrence {
    fn falls_on(self, today: Date, holidays: &BTreeSet<Date>) -> bool {
        match self {
            Recurrence::Daily => true,
            Recurrence::Weekly(day) => day == today.weekday(),
            Recurrence::Monthly { nth, day } => is_nth(today, nth, day),
            Recurrence::MonthlyOrNextBusinessDay { nth, day } => {
                // Back over the days on which nobody works, to the day that gave way to this one.
                let idle = |date: &Date| !is_business_day(*date, holidays);
                let before =
                    std::iter::successors(today.yesterday().ok(), |date| date.yesterday().ok());
                is_business_day(today, holidays)
                    && (is_nth(today, nth, day)
                        || before.take_while(idle).any(|date| is_nth(date, nth, day)))
            }
        }
    }
}

fn is_nth(date: Date, nth: u8, day: WeekDay) -> bool {
    let week = (date.day().unsigned_abs() - 1) / 7 + 1;
    date.weekday() == day && week == nth
}

fn is_business_day(date: Date, holidays: &BTreeSet<Date>) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays.contains(&date)
}

/// A span of a day in which a bank's systems are down for upkeep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maintenance {
    /// On which days.
    pub recurrence: Recurrence,
    /// First minute of the day that is closed.
    pub from_minute: u16,
    /// First minute that is open again.
    pub to_minute: u16,
}

impl Maintenance {
    fn covers(self, at: DateTime, minute: u16, holidays: &BTreeSet<Date>) -> bool {
        (self.from_minute..self.to_minute).contains(&minute)
            && self.recurrence.falls_on(at.date(), holidays)
    }
}

/// One bank's working time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankHours {
    /// First open minute of the day.
    pub opens_minute: u16,
    /// First minute of the day that is closed again; 1440 is midnight.
    pub closes_minute: u16,
    /// Maintenance windows inside it.
    pub maintenance: Vec<Maintenance>,
}

impl Default for BankHours {
    /// 00:30 to 23:30, the rule for banks without a row of their own (telegrams A.6, B.3).
    fn default() -> Self {
        BankHours {
            opens_minute: 30,
            closes_minute: 23 * 60 + 30,
            maintenance: Vec::new(),
        }
    }
}

/// What the clock says about a bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenState {
    /// Within its hours.
    Open,
    /// Too early (0102).
    BeforeOpening,
    /// Too late, or under maintenance (0103).
    Closed,
}

/// The working time of every bank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// Banks with hours of their own.
    pub by_bank: BTreeMap<BankCode, BankHours>,
    /// Every other bank.
    pub otherwise: BankHours,
    /// Public holidays (공휴일) on which banks rest.
    pub holidays: BTreeSet<Date>,
}

impl Hours {
    /// Hours in which every bank is always open: for tests and decisions that ignore the clock.
    pub fn always_open() -> Self {
        let otherwise = BankHours {
            opens_minute: 0,
            closes_minute: DAY_MINUTES,
            maintenance: Vec::new(),
        };
        Hours {
            by_bank: BTreeMap::new(),
            otherwise,
            holidays: BTreeSet::new(),
        }
    }

    /// The working time of `bank`.
    pub fn of(&self, bank: BankCode) -> &BankHours {
        self.by_bank.get(&bank).unwrap_or(&self.otherwise)
    }

    /// Whether `bank` works at `now`.
    pub fn at(&self, bank: BankCode, now: Timestamp) -> OpenState {
        self.by(self.of(bank), now)
    }

    /// Whether a bank of these `hours` works at `now`.
    pub fn by(&self, hours: &BankHours, now: Timestamp) -> OpenState {
        let Some(at) = now.in_seoul() else {
            return OpenState::Closed;
        };
        let minute =
            u16::from(at.hour().unsigned_abs()) * 60 + u16::from(at.minute().unsigned_abs());
        if minute < hours.opens_minute {
            return OpenState::BeforeOpening;
        }
        let upkeep = hours
            .maintenance
            .iter()
            .any(|window| window.covers(at, minute, &self.holidays));
        if minute >= hours.closes_minute || upkeep {
            OpenState::Closed
        } else {
            OpenState::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Weekday, date};

    use super::{BankHours, Hours, Maintenance, OpenState, Recurrence};
    use crate::domain::{BankCode, Timestamp};

    fn at(day: i8, hour: i8, minute: i8) -> Timestamp {
        // March 2026: the 1st is a Sunday, so the 8th is the second Sunday.
        Timestamp::from_seoul(date(2026, 3, day).at(hour, minute, 0, 0)).expect("a time")
    }

    #[test]
    fn a_day_has_a_morning_and_an_evening() {
        let hours = Hours::default();
        let bank = BankCode::new(5).expect("a bank");
        assert_eq!(hours.at(bank, at(2, 0, 29)), OpenState::BeforeOpening);
        assert_eq!(hours.at(bank, at(2, 0, 30)), OpenState::Open);
        assert_eq!(hours.at(bank, at(2, 23, 29)), OpenState::Open);
        assert_eq!(hours.at(bank, at(2, 23, 30)), OpenState::Closed);
        assert_eq!(
            Hours::always_open().at(bank, at(2, 23, 59)),
            OpenState::Open
        );
    }

    #[test]
    fn maintenance_returns_on_its_days() {
        let bank = BankCode::new(20).expect("a bank");
        let second_sunday = Recurrence::Monthly {
            nth: 2,
            day: Weekday::Sunday,
        };
        let window = Maintenance {
            recurrence: second_sunday,
            from_minute: 120,
            to_minute: 360,
        };
        let mut hours = Hours::default();
        hours.by_bank.insert(
            bank,
            BankHours {
                maintenance: vec![window],
                ..BankHours::default()
            },
        );
        assert_eq!(hours.at(bank, at(8, 2, 0)), OpenState::Closed);
        assert_eq!(hours.at(bank, at(8, 6, 0)), OpenState::Open);
        assert_eq!(hours.at(bank, at(1, 2, 0)), OpenState::Open);
        assert_eq!(hours.at(bank, at(15, 2, 0)), OpenState::Open);
    }
}
