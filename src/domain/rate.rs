//! Percentages of fees: whole ten-thousandths of a percent, never a float.

use serde::{Deserialize, Serialize};

/// A percentage in units of a ten-thousandth of a percent: 1.5 % is 15,000.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Rate(pub u32);

impl std::fmt::Display for Rate {
    /// In percent, without noughts at the end: `1.5`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, part) = (self.0 / 10_000, self.0 % 10_000);
        if part == 0 {
            return f.pad(&whole.to_string());
        }
        let digits = format!("{part:04}");
        f.pad(&format!("{whole}.{}", digits.trim_end_matches('0')))
    }
}

impl Rate {
    /// Reads a percentage with up to four decimals, from 0 to 100.
    pub fn parse(text: &str) -> Option<Rate> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = (1..=3).contains(&whole.len()) && part.len() <= 4;
        if !fits || !digits(whole) || !digits(part) || text.ends_with('.') {
            return None;
        }
        let whole: u32 = whole.parse().ok()?;
        let part: u32 = format!("{part:0<4}").parse().ok()?;
        let rate = whole * 10_000 + part;
        (rate <= 1_000_000).then_some(Rate(rate))
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;

    #[test]
    fn rates_have_four_decimals() {
        for (text, rate) in [
            ("0", 0),
            ("1.5", 15_000),
            ("0.0001", 1),
            ("100", 1_000_000),
            ("3.30", 33_000),
        ] {
            assert_eq!(Rate::parse(text), Some(Rate(rate)), "{text}");
        }
        for text in [
            "", "-1", "1.", ".5", "1.00001", "100.1", "1,5", "abc", "1000",
        ] {
            assert_eq!(Rate::parse(text), None, "{text}");
        }
        assert_eq!(Rate(15_000).to_string(), "1.5");
        assert_eq!(Rate(1_000_000).to_string(), "100");
    }
}
