//! Ranges of account numbers that a bank has given us, and the numbers in them.

use super::AccountNo;

/// Consecutive numbers of the same length, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NumberRange {
    first: u64,
    last: u64,
    digits: usize,
}

impl NumberRange {
    /// The numbers from `first` to `last`: digits, as many in both, at most sixteen.
    pub fn new(first: &str, last: &str) -> Option<Self> {
        let plain = |text: &str| {
            let fits = (1..=AccountNo::CHARACTERS_MAX).contains(&text.len());
            (fits && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(())
        };
        plain(first)?;
        plain(last)?;
        let range = NumberRange {
            first: first.parse().ok()?,
            last: last.parse().ok()?,
            digits: first.len(),
        };
        (first.len() == last.len() && range.first <= range.last).then_some(range)
    }

    /// The first number, which names the range.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// `number` as an account number, where it lies in the range.
    pub fn number(&self, number: u64) -> Option<AccountNo> {
        let inside = (self.first..=self.last).contains(&number);
        inside.then(|| AccountNo::new(&format!("{number:0width$}", width = self.digits)))?
    }

    /// Whether the two have a number in common.
    pub fn overlaps(&self, other: &NumberRange) -> bool {
        self.digits == other.digits && self.first <= other.last && other.first <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::NumberRange;

    #[test]
    fn numbers_keep_their_length() {
        let range = NumberRange::new("0099", "0101").unwrap();
        let number = |at: u64| range.number(at).map(|number| number.as_str().to_owned());
        assert_eq!(number(99).as_deref(), Some("0099"));
        assert_eq!(number(101).as_deref(), Some("0101"));
        assert_eq!((number(98), number(102)), (None, None));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for (first, last) in [
            ("", ""),
            ("1", "10"),
            ("20", "10"),
            ("1a", "2a"),
            ("12345678901234567", "12345678901234568"),
        ] {
            assert_eq!(NumberRange::new(first, last), None, "{first}-{last}");
        }
        let one = NumberRange::new("10", "19").unwrap();
        assert!(one.overlaps(&NumberRange::new("19", "20").unwrap()));
        assert!(!one.overlaps(&NumberRange::new("20", "29").unwrap()));
        assert!(!one.overlaps(&NumberRange::new("0010", "0019").unwrap()));
    }
}
