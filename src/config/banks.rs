//! The banks there are: a dated list of codes and names, as data.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::domain::BankCode;

#[derive(Deserialize)]
struct Sheet {
    /// When the list was taken; for its reader only.
    #[allow(dead_code)]
    dated: String,
    banks: BTreeMap<String, String>,
}

static BANKS: LazyLock<BTreeMap<BankCode, String>> = LazyLock::new(|| {
    // why: the list is part of the program and a test reads it.
    let sheet: Sheet = toml::from_str(include_str!("banks.toml")).expect("a sound list of banks");
    let row = |(code, name): (String, String)| Some((BankCode::parse(&code)?, name));
    sheet.banks.into_iter().filter_map(row).collect()
});

/// Every bank of the list, by code.
pub fn all() -> impl Iterator<Item = BankCode> {
    BANKS.keys().copied()
}

/// The bank's name in Korean, if the list has it.
pub fn name(bank: BankCode) -> Option<&'static str> {
    BANKS.get(&bank).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sound() {
        let sheet: Sheet = toml::from_str(include_str!("banks.toml")).unwrap();
        assert_eq!(sheet.banks.len(), BANKS.len(), "a code is not three digits");
        assert_eq!(all().count(), 71);
        let kookmin = BankCode::parse("004").unwrap();
        assert_eq!(name(kookmin), Some("국민"));
    }
}
