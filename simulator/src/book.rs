//! What the bank believes: every deposit and correction that the gateway has said yes to.
//!
//! The book is the referee's copy. It must not know how the gateway keeps its own, nor ask it:
//! it learns only from the bank's own telegrams and from the codes that came back.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use jiff::civil::Date;

/// The number under which a bank tells of a deposit and of its correction (거래고유번호).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number {
    /// The bank of the telegram (은행코드), 000 to 999.
    pub bank: u16,
    /// The business date of the telegram (거래일자).
    pub date: Date,
    /// The number itself, compared as text.
    pub trace_no: String,
}

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:03} {} {}", self.bank, self.date, self.trace_no)
    }
}

/// Money for one account: what a deposit brought, or what a correction takes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The bank of the virtual account (입금은행코드).
    pub account_bank: u16,
    /// The virtual account (입금계좌번호).
    pub account_no: String,
    /// Whole won.
    pub amount: u64,
}

/// The four figures of an aggregate (집계), for one bank and day or for several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Deposits, later corrected ones included.
    pub deposits: u64,
    /// Their sum in won.
    pub deposit_amount: u64,
    /// Corrected deposits only.
    pub corrections: u64,
    /// Their sum in won.
    pub correction_amount: u64,
}

impl Totals {
    fn add(&mut self, entry: &Entry) {
        let Some(deposit) = &entry.deposit else {
            return;
        };
        self.deposits += 1;
        self.deposit_amount += deposit.amount;
        // A correction counts only against the deposit that it names in full: one that came
        // first, for another amount or account, leaves the deposit standing.
        if entry.correction.as_ref() == Some(deposit) {
            self.corrections += 1;
            self.correction_amount += deposit.amount;
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} deposits of {} won, {} corrections of {} won",
            self.deposits, self.deposit_amount, self.corrections, self.correction_amount
        )
    }
}

/// The gateway said yes twice to one number with different content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {number} was taken for {first} won and again, with other content, for {then} won")]
pub struct Contradiction {
    /// `deposit` or `correction`.
    pub what: &'static str,
    /// The number that was used twice.
    pub number: Number,
    /// The amount of the first.
    pub first: u64,
    /// The amount of the second.
    pub then: u64,
}

#[derive(Default)]
struct Entry {
    deposit: Option<Movement>,
    correction: Option<Movement>,
}

/// The bank's own book over all its days.
#[derive(Default)]
pub struct Book {
    entries: HashMap<Number, Entry>,
}

impl Book {
    /// An empty book.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes down a deposit that was answered 0000. The same one again changes nothing.
    pub fn deposit_taken(
        &mut self,
        number: &Number,
        movement: &Movement,
    ) -> Result<(), Contradiction> {
        let entry = self.entries.entry(number.clone()).or_default();
        write_once("deposit", number, &mut entry.deposit, movement)
    }

    /// Writes down a correction that was answered 0000, with or without its deposit.
    pub fn correction_taken(
        &mut self,
        number: &Number,
        movement: &Movement,
    ) -> Result<(), Contradiction> {
        let entry = self.entries.entry(number.clone()).or_default();
        write_once("correction", number, &mut entry.correction, movement)
    }

    /// The figures of one day, of one bank or (`None`) of all.
    pub fn totals(&self, date: Date, bank: Option<u16>) -> Totals {
        let mut totals = Totals::default();
        for (number, entry) in &self.entries {
            if number.date == date && bank.is_none_or(|bank| bank == number.bank) {
                totals.add(entry);
            }
        }
        totals
    }

    /// The banks that have anything in the book on that day, in order.
    pub fn banks(&self, date: Date) -> Vec<u16> {
        let on_day = self.entries.keys().filter(|number| number.date == date);
        on_day
            .map(|number| number.bank)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }
}

fn write_once(
    what: &'static str,
    number: &Number,
    place: &mut Option<Movement>,
    movement: &Movement,
) -> Result<(), Contradiction> {
    match place {
        None => *place = Some(movement.clone()),
        Some(first) if first == movement => {}
        Some(first) => {
            let (first, then) = (first.amount, movement.amount);
            return Err(Contradiction {
                what,
                number: number.clone(),
                first,
                then,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn number(trace_no: &str) -> Number {
        Number {
            bank: 4,
            date: date(2030, 3, 4),
            trace_no: trace_no.into(),
        }
    }

    fn won(amount: u64) -> Movement {
        Movement {
            account_bank: 4,
            account_no: "701004000001".into(),
            amount,
        }
    }

    #[test]
    fn a_repeat_changes_nothing() {
        let mut book = Book::new();
        book.deposit_taken(&number("1"), &won(500)).unwrap();
        book.deposit_taken(&number("1"), &won(500)).unwrap();
        let totals = book.totals(date(2030, 3, 4), Some(4));
        assert_eq!(
            totals,
            Totals {
                deposits: 1,
                deposit_amount: 500,
                ..Totals::default()
            }
        );
    }

    #[test]
    fn the_same_number_with_other_content_is_a_contradiction() {
        let mut book = Book::new();
        book.deposit_taken(&number("1"), &won(500)).unwrap();
        let found = book.deposit_taken(&number("1"), &won(600)).unwrap_err();
        assert_eq!((found.first, found.then), (500, 600));
        let other = Movement {
            account_no: "701004000002".into(),
            ..won(500)
        };
        assert!(book.deposit_taken(&number("1"), &other).is_err());
    }

    #[test]
    fn a_lone_correction_counts_nowhere_until_its_deposit_comes() {
        let mut book = Book::new();
        book.correction_taken(&number("1"), &won(500)).unwrap();
        assert_eq!(book.totals(date(2030, 3, 4), None), Totals::default());
        book.deposit_taken(&number("1"), &won(500)).unwrap();
        let totals = book.totals(date(2030, 3, 4), None);
        assert_eq!((totals.deposits, totals.corrections), (1, 1));
    }

    #[test]
    fn a_correction_for_another_amount_leaves_the_deposit_standing() {
        let mut book = Book::new();
        book.correction_taken(&number("1"), &won(400)).unwrap();
        book.deposit_taken(&number("1"), &won(500)).unwrap();
        let totals = book.totals(date(2030, 3, 4), None);
        assert_eq!((totals.deposits, totals.corrections), (1, 0));
    }

    #[test]
    fn days_and_banks_are_kept_apart() {
        let mut book = Book::new();
        book.deposit_taken(&number("1"), &won(500)).unwrap();
        let elsewhere = Number {
            bank: 11,
            ..number("1")
        };
        book.deposit_taken(&elsewhere, &won(700)).unwrap();
        let next_day = Number {
            date: date(2030, 3, 5),
            ..number("1")
        };
        book.deposit_taken(&next_day, &won(900)).unwrap();
        assert_eq!(book.banks(date(2030, 3, 4)), [4, 11]);
        assert_eq!(book.totals(date(2030, 3, 4), Some(11)).deposit_amount, 700);
        assert_eq!(book.totals(date(2030, 3, 4), None).deposit_amount, 1200);
        assert_eq!(book.totals(date(2030, 3, 5), None).deposit_amount, 900);
    }
}
