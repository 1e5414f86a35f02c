//! Reads when banks work: the table we ship, and what an operator lays over it.
//!
//! A window is `00:30-24:00`; a maintenance is a recurrence and a span, as in
//! `2nd Sun 00:00-04:00`. What the words mean for a given hour is the domain's business.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Deserialize;

use super::layers::{Complaint, Setting, Settings};
use crate::domain::{BankCode, BankHours, Hours, Maintenance, span_of_day as span};

/// The row for banks that have none.
const OTHERWISE: &str = "otherwise";

#[derive(Deserialize)]
struct Sheet {
    /// When the table was taken; for its reader only.
    #[allow(dead_code)]
    dated: String,
    holidays: Vec<String>,
    banks: BTreeMap<String, Row>,
}

#[derive(Deserialize, Clone)]
struct Row {
    window: String,
    #[serde(default)]
    maintenance: Vec<String>,
}

/// The working hours of every bank: the table we ship under the configured rows.
pub(super) fn read(settings: &Settings, complaints: &mut Vec<Complaint>) -> Hours {
    let mut hours = shipped();
    let rows: BTreeSet<&str> = settings.keys().filter_map(|path| row_name(path)).collect();
    // The general row first: a row that is laid over nothing starts as that.
    let (general, banks): (Vec<_>, Vec<_>) = rows.into_iter().partition(|name| *name == OTHERWISE);
    for name in general.into_iter().chain(banks) {
        let mut row = lookup(&hours, name).clone();
        let window = settings.get(&format!("hours.{name}.window"));
        overlay(window, complaints, |items| {
            let (opens, closes) = span(items.first().ok_or("is empty; as in 00:30-24:00")?)?;
            (row.opens_minute, row.closes_minute) = (opens, closes);
            Ok(())
        });
        let upkeep = settings.get(&format!("hours.{name}.maintenance"));
        overlay(upkeep, complaints, |items| {
            row.maintenance = items
                .iter()
                .map(|item| Maintenance::parse(item))
                .collect::<Result<_, _>>()?;
            Ok(())
        });
        match BankCode::parse(name) {
            Some(bank) => drop(hours.by_bank.insert(bank, row)),
            None => hours.otherwise = row,
        }
    }
    let holidays = settings
        .get("holidays")
        .filter(|setting| !setting.items.is_empty());
    overlay(holidays, complaints, |items| {
        hours.holidays = items
            .iter()
            .map(|item| holiday(item))
            .collect::<Result<_, _>>()?;
        Ok(())
    });
    hours
}

fn row_name(path: &str) -> Option<&str> {
    path.strip_prefix("hours.")?.split('.').next()
}

fn lookup<'a>(hours: &'a Hours, name: &str) -> &'a BankHours {
    let bank = BankCode::parse(name).and_then(|bank| hours.by_bank.get(&bank));
    bank.unwrap_or(&hours.otherwise)
}

fn overlay(
    setting: Option<&Setting>,
    complaints: &mut Vec<Complaint>,
    lay: impl FnOnce(&[String]) -> Result<(), String>,
) {
    let Some(setting) = setting else { return };
    if let Err(why) = lay(&setting.items) {
        complaints.push(format!("{}: hours: {why}", setting.origin));
    }
}

/// The table we ship.
fn shipped() -> Hours {
    // why: the table is part of the program and a test reads it.
    parse_sheet(include_str!("hours.toml")).expect("a sound table of hours")
}

fn parse_sheet(text: &str) -> Result<Hours, String> {
    let sheet: Sheet = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut hours = Hours::default();
    for (name, row) in sheet.banks {
        let (opens_minute, closes_minute) = span(&row.window)?;
        let upkeep = row.maintenance.iter().map(|item| Maintenance::parse(item));
        let maintenance = upkeep.collect::<Result<_, _>>()?;
        let row = BankHours {
            opens_minute,
            closes_minute,
            maintenance,
        };
        match BankCode::parse(&name) {
            Some(bank) => drop(hours.by_bank.insert(bank, row)),
            None if name == OTHERWISE => hours.otherwise = row,
            None => return Err(format!("{name} is not a bank code")),
        }
    }
    hours.holidays = sheet
        .holidays
        .iter()
        .map(|day| holiday(day))
        .collect::<Result<_, _>>()?;
    Ok(hours)
}

fn holiday(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is not a date; as in 2026-12-25"))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::config::layers;
    use crate::domain::{OpenState, Timestamp};

    fn bank(code: &str) -> BankCode {
        BankCode::parse(code).unwrap()
    }

    /// 2026-03-01 is a Sunday.
    fn march(day: i8, hour: i8, minute: i8) -> Timestamp {
        Timestamp::from_seoul(date(2026, 3, day).at(hour, minute, 0, 0)).unwrap()
    }

    #[test]
    fn the_shipped_table_says_what_the_banks_say() {
        let hours = parse_sheet(include_str!("hours.toml")).unwrap();
        let open = |code: &str, at| hours.at(bank(code), at) == OpenState::Open;
        assert_eq!(hours.by_bank.len(), 27);
        assert!(open("004", march(2, 23, 59)));
        assert!(!open("004", march(15, 5, 0)) && open("004", march(15, 5, 30)));
        assert!(!open("027", march(2, 4, 29)) && open("027", march(2, 4, 30)));
        assert!(!open("035", march(22, 4, 30)) && open("035", march(23, 4, 30)));
        assert!(!open("002", march(8, 3, 59)) && open("002", march(15, 3, 59)));
        assert_eq!(hours.at(bank("003"), march(2, 0, 0)), OpenState::Open);
        // A bank without a row.
        assert_eq!(
            hours.at(bank("054"), march(2, 0, 29)),
            OpenState::BeforeOpening
        );
        assert_eq!(hours.at(bank("054"), march(2, 23, 30)), OpenState::Closed);
    }

    #[test]
    fn maintenance_gives_way_to_a_holiday() {
        let hours = parse_sheet(include_str!("hours.toml")).unwrap();
        let closed = |month, day| {
            let at = Timestamp::from_seoul(date(2026, month, day).at(1, 0, 0, 0)).unwrap();
            hours.at(bank("011"), at) == OpenState::Closed
        };
        assert!(closed(3, 16) && !closed(3, 17));
        // The third Monday of February 2026 begins the New Year's holidays (설날, 16 to 18).
        assert!(!closed(2, 16) && !closed(2, 17) && !closed(2, 18) && closed(2, 19));
        assert!(!closed(2, 20));
        assert!(!closed(8, 17) && closed(8, 18));
    }

    fn configured(text: &str) -> (Hours, Vec<Complaint>) {
        let (mut settings, mut complaints) = (layers::defaults(), Vec::new());
        layers::lay_file("naru.toml".as_ref(), text, &mut settings, &mut complaints);
        let hours = read(&settings, &mut complaints);
        (hours, complaints)
    }

    #[test]
    fn a_configured_row_lies_over_the_shipped_one() {
        let (hours, complaints) = configured(
            "[hours.027]\nmaintenance = []\n[hours.otherwise]\nwindow = '00:00-24:00'\n\
             [hours.054]\nmaintenance = ['daily 12:00-13:00']",
        );
        assert_eq!(complaints, Vec::<String>::new());
        let open = |code: &str, at| hours.at(bank(code), at) == OpenState::Open;
        assert!(open("027", march(2, 3, 0)) && !open("027", march(2, 23, 40)));
        assert!(open("051", march(2, 0, 0)));
        assert!(!open("054", march(2, 12, 0)));
    }

    #[test]
    fn what_is_no_hour_is_refused_where_it_stands() {
        for (row, why) in [
            ("window = '00:30'", "not a span"),
            ("window = '0:30-1:00'", "not a span"),
            ("window = '00:30-24:01'", "not a span"),
            ("window = '00:60-24:00'", "not a span"),
            ("window = '12:00-11:00'", "ends before"),
            ("window = ''", "is empty"),
            ("maintenance = ['6th Sun 00:00-04:00']", "not a maintenance"),
            ("maintenance = ['Sonntag 00:00-04:00']", "not a maintenance"),
            ("maintenance = ['2nd Sun 04:00-04:00']", "ends before"),
        ] {
            let (_, complaints) = configured(&format!("[hours.004]\n{row}"));
            assert_eq!(complaints.len(), 1, "{row}");
            assert!(complaints[0].starts_with("naru.toml:2: ") && complaints[0].contains(why));
        }
    }
}
