//! Which account is paid into next.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// How traffic is spread over the accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spread {
    /// Each as often as any other.
    #[default]
    Uniform,
    /// The second half as often as the first, the third a third as often, and so on.
    Zipf,
    /// All to one account.
    Hot,
}

impl Spread {
    /// The spread of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "uniform" => Some(Self::Uniform),
            "zipf" => Some(Self::Zipf),
            "hot" => Some(Self::Hot),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Zipf => "zipf",
            Self::Hot => "hot",
        }
    }
}

/// Draws accounts.
pub(super) struct Lots {
    spread: Spread,
    accounts: usize,
    dice: StdRng,
}

/// A prime by which ranks are strewn: neighbours in rank are not neighbours in the file.
const STREW: usize = 2_654_435_761;

impl Lots {
    pub(super) fn new(spread: Spread, accounts: usize, seed: u64) -> Self {
        Self {
            spread,
            accounts: accounts.max(1),
            dice: StdRng::seed_from_u64(seed),
        }
    }

    /// The index of the next account.
    pub(super) fn draw(&mut self) -> usize {
        match self.spread {
            Spread::Uniform => self.dice.random_range(0..self.accounts),
            Spread::Zipf => self.rank().wrapping_mul(STREW) % self.accounts,
            Spread::Hot => 0,
        }
    }

    /// A rank from 0 by Zipf's law with exponent 1: the inverse of its continuous form, in which
    /// the share of the first k of n is ln(k + 1) / ln(n + 1).
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn rank(&mut self) -> usize {
        let lot: f64 = self.dice.random();
        let rank = ((self.accounts as f64 + 1.0).ln() * lot).exp() - 1.0;
        // The cast of a positive float cuts, which is what a rank wants.
        (rank as usize).min(self.accounts - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(spread: Spread) -> Vec<u32> {
        let mut lots = Lots::new(spread, 100, 7);
        let mut hits = vec![0; 100];
        (0..100_000).for_each(|_| hits[lots.draw()] += 1);
        hits
    }

    #[test]
    fn uniform_is_even() {
        assert!(
            hits(Spread::Uniform)
                .iter()
                .all(|hits| (700..1_300).contains(hits))
        );
    }

    #[test]
    fn hot_is_one_account() {
        assert_eq!(hits(Spread::Hot)[0], 100_000);
    }

    #[test]
    fn zipf_is_steep_and_reaches_everyone() {
        let mut hits = hits(Spread::Zipf);
        hits.sort_unstable_by_key(|hits| std::cmp::Reverse(*hits));
        // ln 2 / ln 101 of all go to the first.
        assert!((14_000..16_000).contains(&hits[0]), "{}", hits[0]);
        assert!(hits[0] > hits[1] && hits[1] > hits[9] && hits[9] > hits[99]);
        assert!(hits[99] > 0);
    }
}
