//! The books as a page of text for a person.
//!
//! Knows what to show and how to align it; opens nothing. Account numbers are masked unless the
//! reader asked for them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use telegrams::mask;

use crate::domain::{
    BankCode, BusinessDate, ExceptionKind, LedgerAccount, RelayKey, SuspenseReason, Totals, Won,
};
use crate::store::{DayKey, Overview};

/// What a reader wants to see.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wish {
    /// Only this business date, where there is one.
    pub(super) day: Option<BusinessDate>,
    /// Account numbers in full.
    pub(super) reveal: bool,
}

impl Wish {
    fn wants(self, day: BusinessDate) -> bool {
        self.day.is_none_or(|wanted| wanted == day)
    }

    fn number(self, number: &str) -> String {
        if self.reveal {
            number.to_owned()
        } else {
            mask::account(number)
        }
    }
}

/// Renders the page.
pub(super) fn render(books: &Overview, wish: Wish) -> String {
    let mut page = String::new();
    heading(&mut page, books);
    totals(&mut page, books, wish);
    balances(&mut page, books);
    suspense(&mut page, books, wish);
    exceptions(&mut page, books, wish);
    holds(&mut page, books, wish);
    page
}

fn line(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(page, "{text}");
}

fn heading(page: &mut String, books: &Overview) {
    let head = books.head;
    line(
        page,
        format_args!("Books up to journal position {}", head.position),
    );
    if head.position > 0 {
        line(page, format_args!("last record {}", head.at));
        line(page, format_args!("chain head  {}", hex::encode(head.hash)));
    }
}

fn totals(page: &mut String, books: &Overview, wish: Wish) {
    line(page, format_args!("\nTotals per day and bank (집계)"));
    // A day that only the relay knows of is the one a person must see.
    let asked = books.cases.iter().map(|(key, _)| (key, Totals::default()));
    let booked = books.totals.iter().map(|(key, row)| (key, *row));
    let rows: BTreeMap<&DayKey, Totals> = asked
        .chain(booked)
        .filter(|(key, _)| wish.wants(key.day))
        .collect();
    if rows.is_empty() {
        return line(page, format_args!("  none"));
    }
    line(
        page,
        format_args!(
            "  {:<10} {:<4} {:>10} {:>20} {:>10} {:>20}  relay's side",
            "day", "bank", "deposits", "won", "corrected", "won"
        ),
    );
    let mut days: BTreeMap<(&str, BusinessDate), Totals> = BTreeMap::new();
    for (key, row) in &rows {
        // What the relay says of bank 000 it says of all banks: that stands below.
        let all = key.bank == BankCode::ALL;
        if !all {
            let side = relay_side(books, key);
            total_line(page, &key.bank.to_string(), key.day, *row, &side);
        } else if *row != Totals::default() {
            total_line(page, &key.bank.to_string(), key.day, *row, "");
        }
        let sum = days.entry((&key.institution, key.day)).or_default();
        *sum = sum.checked_add(*row).unwrap_or(*sum);
    }
    for ((institution, day), sum) in days {
        let key = DayKey {
            institution: institution.to_owned(),
            day,
            bank: BankCode::ALL,
        };
        let asked = books.cases.iter().any(|(about, _)| *about == key);
        let side = if asked {
            relay_side(books, &key)
        } else {
            String::new()
        };
        total_line(page, "all", day, sum, &side);
    }
}

fn total_line(page: &mut String, bank: &str, day: BusinessDate, row: Totals, side: &str) {
    line(
        page,
        format_args!(
            "  {day:<10} {bank:<4} {:>10} {:>20} {:>10} {:>20}  {side}",
            row.deposit_count, row.deposit_amount, row.correction_count, row.correction_amount
        ),
    );
}

/// What the relay said of the same day and bank when it last asked.
fn relay_side(books: &Overview, key: &DayKey) -> String {
    let case = books.cases.iter().find(|(asked, _)| asked == key);
    match case {
        None => "not asked yet".to_owned(),
        Some((_, case)) if case.agrees() => "agrees".to_owned(),
        Some((_, case)) => format!(
            "DIFFERS: {} for {} won, {} corrected for {} won",
            case.theirs.deposit_count,
            case.theirs.deposit_amount,
            case.theirs.correction_count,
            case.theirs.correction_amount
        ),
    }
}

fn balances(page: &mut String, books: &Overview) {
    line(page, format_args!("\nGeneral ledger"));
    let (mut debits, mut credits) = (0u128, 0u128);
    for (account, balance) in &books.balances {
        debits += u128::from(balance.debits.digits());
        credits += u128::from(balance.credits.digits());
        let (net, side) = balance.net();
        let name = ledger_name(account);
        line(
            page,
            format_args!(
                "  {name:<28} debits {:>20}  credits {:>20}  {side:<6} {net:>20}",
                balance.debits, balance.credits
            ),
        );
    }
    let verdict = if debits == credits {
        "balanced"
    } else {
        "OUT OF BALANCE"
    };
    line(
        page,
        format_args!("  all debits {debits}, all credits {credits}: {verdict}"),
    );
}

fn ledger_name(account: &LedgerAccount) -> String {
    match account {
        LedgerAccount::BankClearing(bank) => format!("bank clearing {bank}"),
        LedgerAccount::MerchantPayable(merchant) => format!("owed to {merchant}"),
        LedgerAccount::Suspense(bank) => format!("suspense {bank}"),
    }
}

fn suspense(page: &mut String, books: &Overview, wish: Wish) {
    let rows: Vec<_> = books
        .suspense
        .iter()
        .filter(|(key, _)| wish.wants(key.trade_date))
        .collect();
    let sum = rows
        .iter()
        .try_fold(Won::ZERO, |sum, (_, row)| sum.checked_add(row.amount));
    let sum = sum.unwrap_or_default();
    line(
        page,
        format_args!("\nSuspense: {} deposits, {sum} won", rows.len()),
    );
    for (key, row) in rows {
        let account = wish.number(row.account.number.as_str());
        line(
            page,
            format_args!(
                "  {}  account {} {account:<16} {:>16} won  {}",
                relay_name(key),
                row.account.bank,
                row.amount,
                reason(row.reason)
            ),
        );
    }
}

fn relay_name(key: &RelayKey) -> String {
    format!("{} {} no {}", key.trade_date, key.bank, key.trace_no)
}

fn reason(reason: SuspenseReason) -> &'static str {
    match reason {
        SuspenseReason::BankNotContracted => "the telegram's bank is not contracted",
        SuspenseReason::AccountUnknown => "the account was never issued",
        SuspenseReason::AccountClosed => "the account is closed or used up",
        SuspenseReason::AccountExpired => "the account's term is over",
        SuspenseReason::AmountWrong => "the amount is not what was agreed",
        SuspenseReason::DepositorNotAllowed => "the payer is not the one allowed",
        SuspenseReason::LimitPassed => "a limit is passed",
        SuspenseReason::Stopped => "the account or its merchant is stopped",
        SuspenseReason::OrderOver => "the account's order was over",
        SuspenseReason::PaidBefore => "the order was paid before",
    }
}

fn exceptions(page: &mut String, books: &Overview, wish: Wish) {
    let rows: Vec<_> = books
        .exceptions
        .iter()
        .filter(|(exception, _)| wish.wants(exception.key.trade_date))
        .collect();
    line(page, format_args!("\nExceptions: {}", rows.len()));
    for (exception, row) in rows {
        let earlier = exception
            .earlier
            .as_ref()
            .map_or_else(String::new, |(account, amount)| {
                let number = wish.number(account.number.as_str());
                format!("; told before: {} {number} {amount} won", account.bank)
            });
        line(
            page,
            format_args!(
                "  {}  {}: account {} {} {} won{earlier} (position {})",
                relay_name(&exception.key),
                conflict(exception.kind),
                exception.account.bank,
                wish.number(exception.account.number.as_str()),
                exception.amount,
                row.position
            ),
        );
    }
}

fn conflict(kind: ExceptionKind) -> &'static str {
    match kind {
        ExceptionKind::DepositKeyReused => "a deposit's number came again with other content",
        ExceptionKind::CorrectionKeyReused => "a correction names another payment",
        ExceptionKind::CorrectionAmountDiffers => "a correction names another amount",
        ExceptionKind::CorrectionWithoutDeposit => "a correction asks for a deposit never seen",
        ExceptionKind::TombstoneDiffers => "a deposit is not what its earlier correction named",
    }
}

fn holds(page: &mut String, books: &Overview, wish: Wish) {
    let rows: Vec<_> = books
        .holds
        .iter()
        .filter(|hold| wish.wants(hold.day))
        .collect();
    line(page, format_args!("\nHolds: {}", rows.len()));
    for hold in rows {
        let account = wish.number(hold.account.number.as_str());
        line(
            page,
            format_args!(
                "  {}  account {} {account} {} won until {}",
                relay_name(&hold.key),
                hold.account.bank,
                hold.amount,
                hold.until
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Case;

    fn day(bank: BankCode) -> DayKey {
        DayKey {
            institution: "30000003".to_owned(),
            day: BusinessDate::parse("20260302").expect("a date"),
            bank,
        }
    }

    fn told(count: u64, won: u64) -> Totals {
        Totals {
            deposit_count: count,
            deposit_amount: Won::new(won),
            ..Totals::default()
        }
    }

    fn page(books: &Overview) -> String {
        render(books, Wish::default())
    }

    #[test]
    fn a_day_that_only_the_relay_knows_of_is_shown() {
        let bank = BankCode::new(4).expect("a bank");
        let case = Case {
            first_at: crate::domain::Timestamp::from_micros(1),
            last_at: crate::domain::Timestamp::from_micros(1),
            theirs: told(2, 7_000),
            ours: Totals::default(),
        };
        let books = Overview {
            cases: vec![(day(bank), case)],
            ..Overview::default()
        };
        let page = page(&books);
        assert!(page.contains("DIFFERS: 2 for 7,000 won"), "{page}");
    }

    #[test]
    fn what_the_relay_says_of_all_banks_stands_beside_the_sum_of_all() {
        let bank = BankCode::new(4).expect("a bank");
        let case = Case {
            first_at: crate::domain::Timestamp::from_micros(1),
            last_at: crate::domain::Timestamp::from_micros(1),
            theirs: told(3, 9_000),
            ours: told(2, 7_000),
        };
        let books = Overview {
            totals: vec![
                (day(BankCode::ALL), told(1, 2_000)),
                (day(bank), told(1, 5_000)),
            ],
            cases: vec![(day(BankCode::ALL), case)],
            ..Overview::default()
        };
        let page = page(&books);
        let all = page
            .lines()
            .find(|line| line.contains(" all "))
            .expect("a sum");
        assert!(all.contains("DIFFERS: 3 for 9,000 won"), "{page}");
        assert_eq!(page.matches("DIFFERS").count(), 1, "{page}");
    }
}
