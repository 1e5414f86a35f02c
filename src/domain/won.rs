//! Money: whole won, never a fraction, never a float, never below zero.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount of whole Korean won. Arithmetic is checked: a sum that does not fit is an error of
/// the books, never a wrap.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Won(u64);

impl Won {
    /// No money.
    pub const ZERO: Won = Won(0);
    /// The largest amount one telegram can carry: thirteen digits.
    pub const TELEGRAM_MAX: Won = Won(9_999_999_999_999);

    /// An amount of `won` whole won.
    pub const fn new(won: u64) -> Self {
        Won(won)
    }

    /// The bare number, for machines; people get [`fmt::Display`].
    pub const fn digits(self) -> u64 {
        self.0
    }

    /// Whether there is no money at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` where it does not fit.
    pub const fn checked_add(self, other: Won) -> Option<Won> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Won(sum)),
            None => None,
        }
    }

    /// The difference, or `None` where it would fall below zero.
    pub const fn checked_sub(self, other: Won) -> Option<Won> {
        match self.0.checked_sub(other.0) {
            Some(rest) => Some(Won(rest)),
            None => None,
        }
    }

    /// How far two amounts lie apart, in either direction.
    #[must_use]
    pub const fn distance(self, other: Won) -> Won {
        Won(self.0.abs_diff(other.0))
    }
}

impl fmt::Display for Won {
    /// With thousands separators: `1,234,000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::Won;

    #[test]
    fn people_read_thousands() {
        for (won, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(Won::new(won).to_string(), text);
        }
    }

    #[test]
    fn arithmetic_never_wraps() {
        assert_eq!(Won::new(u64::MAX).checked_add(Won::new(1)), None);
        assert_eq!(Won::new(1).checked_sub(Won::new(2)), None);
        assert_eq!(Won::new(3).distance(Won::new(5)), Won::new(2));
    }
}
