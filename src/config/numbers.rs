//! Reads which account numbers banks have given us: a sandbox's own, and what an operator lays
//! over them bank by bank.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::layers::{Complaint, Settings};
use super::{Mode, values};
use crate::domain::{BankCode, NumberRange};

#[derive(Deserialize)]
struct Sheet {
    banks: BTreeMap<String, Vec<String>>,
}

/// The ranges of every bank, in the order in which they are used.
pub(super) fn read(
    settings: &Settings,
    mode: Mode,
    complaints: &mut Vec<Complaint>,
) -> BTreeMap<BankCode, Vec<NumberRange>> {
    let mut ranges = match mode {
        // why: the table is part of the program and a test reads it.
        Mode::Sandbox => shipped().expect("a sound table of numbers"),
        Mode::Production => BTreeMap::new(),
    };
    for (path, setting) in settings {
        let Some(name) = path.strip_prefix("numbers.") else {
            continue;
        };
        let bank = name.strip_suffix(".ranges").and_then(BankCode::parse);
        let Some(bank) = bank else {
            complaints.push(format!(
                "{}: {path}: numbers belong to one bank by its 3 digits",
                setting.origin
            ));
            continue;
        };
        let items = setting.items.iter();
        match sound(items.map(|item| values::number_range(item)).collect()) {
            Ok(own) => drop(ranges.insert(bank, own)),
            Err(why) => complaints.push(format!("{}: {path}: {why}", setting.origin)),
        }
    }
    ranges
}

/// Ranges that are ranges and have no number in common.
fn sound(ranges: Result<Vec<NumberRange>, String>) -> Result<Vec<NumberRange>, String> {
    let ranges = ranges?;
    for (at, range) in ranges.iter().enumerate() {
        if ranges[..at].iter().any(|earlier| earlier.overlaps(range)) {
            return Err("two ranges have numbers in common".to_owned());
        }
    }
    Ok(ranges)
}

fn shipped() -> Result<BTreeMap<BankCode, Vec<NumberRange>>, String> {
    let sheet: Sheet =
        toml::from_str(include_str!("numbers.toml")).map_err(|error| error.to_string())?;
    let mut ranges = BTreeMap::new();
    for (code, own) in sheet.banks {
        let bank = BankCode::parse(&code).ok_or_else(|| format!("{code} is not a bank code"))?;
        let own = own.iter().map(|item| values::number_range(item)).collect();
        ranges.insert(bank, sound(own)?);
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_has_numbers_of_five_banks() {
        let banks: Vec<String> = shipped().unwrap().keys().map(ToString::to_string).collect();
        assert_eq!(banks, ["004", "011", "020", "081", "088"]);
    }

    fn configured(text: &str, mode: &str) -> Result<BTreeMap<BankCode, Vec<NumberRange>>, String> {
        let file = std::path::Path::new("naru.toml");
        let variables = [("NARU_MODE".to_owned(), mode.to_owned())];
        let key = [(
            "NARU_STORE_KEY".to_owned(),
            "00112233445566778899aabbccddeeff".repeat(2),
        )];
        let loaded = super::super::read(Some((file, text)), variables.into_iter().chain(key));
        loaded
            .map(|loaded| loaded.config.house.issuing.ranges)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_operator_lays_ranges_over_them() {
        let own = "[numbers.004]\nranges = [\"100-199\", \"300-399\"]\n";
        let kookmin = BankCode::parse("004").unwrap();
        let sandbox = configured(own, "sandbox").unwrap();
        assert_eq!((sandbox.len(), sandbox[&kookmin].len()), (5, 2));
        let production = configured(own, "production").unwrap();
        assert_eq!(production.keys().collect::<Vec<_>>(), [&kookmin]);
    }

    #[test]
    fn what_is_no_range_is_told() {
        for (own, why) in [
            ("[numbers.004]\nranges = [\"100-99\"]\n", "no range"),
            (
                "[numbers.004]\nranges = [\"100-199\", \"150-250\"]\n",
                "in common",
            ),
            ("[numbers.otherwise]\nranges = [\"100-199\"]\n", "3 digits"),
        ] {
            let told = configured(own, "sandbox").unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
