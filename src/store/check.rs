//! The proof that the books are what the journal says (`naru check`).
//!
//! Three readings of the same journal must agree: its own hash chain, a recount by addition that
//! shares no code with the tables, and the tables made anew in an empty store by the very
//! function that makes them in life.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use sha2::{Digest, Sha256};

use super::apply::{Place, take_in};
use super::books::{Books, Shared};
use super::engine::{Broken, Direction, Engine, Rows, TableId};
use super::journal::{self, Head, Record};
use super::keys::DayKey;
use super::tables::{self, LEDGER, TOTALS};
use crate::domain::{Balance, Event, LedgerAccount, Totals, Transfer, Won};
use crate::limits;

/// What a check found.
#[derive(Clone, Debug, Default)]
pub struct CheckReport {
    /// Records read.
    pub records: u64,
    /// Where the journal ended.
    pub head: Head,
    /// Rows compared.
    pub rows: u64,
    /// Everything that is not as it should be, in words; empty when the books are sound.
    pub problems: Vec<String>,
}

/// Checks the books in `engine`; `scratch` is an empty store with the same tables.
///
/// `progress` is told (records read, records in all).
///
/// # Errors
/// [`Broken`] where a store cannot be read or written.
pub fn check(
    engine: &dyn Engine,
    scratch: &dyn Engine,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<CheckReport, Broken> {
    let rows = engine.snapshot()?;
    let last = journal::last_position(&*rows)?;
    let mut report = CheckReport::default();
    let mut recount = Recount::default();
    let mut shared = Shared::default();
    loop {
        let (records, chain_break) = next_records(&*rows, &mut report.head)?;
        for (_, record) in &records {
            recount.take(record, &mut report.problems);
        }
        replay(scratch, &mut shared, &records)?;
        report.records += records.len() as u64;
        progress(report.records, last);
        if let Some(broken) = chain_break {
            report.problems.push(format!(
                "journal, position {}: {}",
                broken.position, broken.why
            ));
            break;
        }
        if records.is_empty() {
            break;
        }
    }
    recount.compare(&*rows, &mut report.problems)?;
    let made = scratch.snapshot()?;
    for table in tables::ALL
        .iter()
        .filter(|table| **table != tables::JOURNAL)
    {
        report.rows += compare(*table, &*rows, &*made, &mut report.problems)?;
    }
    Ok(report)
}

pub(super) type Records = Vec<(u64, Record)>;

pub(super) fn next_records(
    rows: &dyn Rows,
    head: &mut Head,
) -> Result<(Records, Option<journal::ChainBreak>), Broken> {
    let mut records = Vec::new();
    let (next, chain_break) = journal::walk(
        rows,
        head,
        limits::CHECK_CHUNK_RECORDS,
        &mut |position, record| {
            records.push((position, record.clone()));
            Ok(())
        },
    )?;
    *head = next;
    Ok((records, chain_break))
}

/// Makes the tables again from records, in one commit.
pub(super) fn replay(
    scratch: &dyn Engine,
    shared: &mut Shared,
    records: &[(u64, Record)],
) -> Result<(), Broken> {
    if records.is_empty() {
        return Ok(());
    }
    scratch.commit(&mut |batch| {
        let mut books = Books::new(batch, shared);
        for (position, record) in records {
            let place = Place {
                position: *position,
                at: record.at,
            };
            take_in(&mut books, &record.events, place)?;
        }
        books.flush()
    })
}

/// Plain addition over the journal's events.
#[derive(Default)]
struct Recount {
    balances: BTreeMap<LedgerAccount, (u128, u128)>,
    totals: BTreeMap<DayKey, [u128; 4]>,
}

impl Recount {
    fn take(&mut self, record: &Record, problems: &mut Vec<String>) {
        for event in &record.events {
            match event {
                Event::DepositBooked {
                    deposit,
                    row,
                    transfer,
                    ..
                } => {
                    self.transfer(transfer, row.amount, problems);
                    let key = &deposit.key;
                    self.count(
                        &key.institution,
                        key.trade_date,
                        key.bank,
                        [1, row.amount.digits(), 0, 0],
                    );
                }
                Event::DepositReversed {
                    key,
                    row,
                    transfer,
                    counted_on,
                    ..
                } => {
                    self.transfer(transfer, row.amount, problems);
                    self.count(
                        &key.institution,
                        *counted_on,
                        key.bank,
                        [0, 0, 1, row.amount.digits()],
                    );
                }
                Event::DepositReleased { row, transfer, .. } => {
                    self.transfer(transfer, row.amount, problems);
                }
                Event::Founded { .. }
                | Event::MerchantsImported { .. }
                | Event::AccountsImported { .. }
                | Event::CorrectionAccepted(_)
                | Event::HoldTaken(_)
                | Event::HoldEnded { .. }
                | Event::AggregateAnswered { .. }
                | Event::ExceptionRaised(_)
                | Event::Audited(_)
                | Event::Account(_)
                | Event::Order(_)
                | Event::Policy(_)
                | Event::People(_)
                | Event::Credential(_)
                | Event::Registration(_)
                | Event::Webhook(_)
                | Event::Answered(_)
                | Event::AnswersForgotten { .. }
                | Event::Message(_)
                | Event::System(_) => {}
            }
        }
    }

    fn transfer(&mut self, transfer: &Transfer, told: Won, problems: &mut Vec<String>) {
        let amount = u128::from(transfer.amount.digits());
        if amount == 0 || transfer.amount != told {
            problems.push("journal: a transfer does not move what its event says".to_owned());
        }
        self.balances.entry(transfer.debit.clone()).or_default().0 += amount;
        self.balances.entry(transfer.credit.clone()).or_default().1 += amount;
    }

    fn count(
        &mut self,
        institution: &str,
        day: crate::domain::BusinessDate,
        bank: crate::domain::BankCode,
        more: [u64; 4],
    ) {
        let key = DayKey {
            institution: institution.to_owned(),
            day,
            bank,
        };
        let sums = self.totals.entry(key).or_default();
        for (sum, more) in sums.iter_mut().zip(more) {
            *sum += u128::from(more);
        }
    }

    fn compare(&self, rows: &dyn Rows, problems: &mut Vec<String>) -> Result<(), Broken> {
        let mut balances = BTreeMap::new();
        LEDGER.walk_from(rows, &[], &mut |account, balance: Balance| {
            let sums = (
                u128::from(balance.debits.digits()),
                u128::from(balance.credits.digits()),
            );
            balances.insert(account, sums);
            ControlFlow::Continue(())
        })?;
        let mut totals = BTreeMap::new();
        TOTALS.walk_from(rows, &[], &mut |key, row: Totals| {
            totals.insert(key, figures(row));
            ControlFlow::Continue(())
        })?;
        let debits: u128 = balances.values().map(|(debits, _)| debits).sum();
        let credits: u128 = balances.values().map(|(_, credits)| credits).sum();
        if debits != credits {
            problems.push(format!(
                "ledger: debits {debits} and credits {credits} do not balance"
            ));
        }
        if balances != self.balances {
            problems.push("ledger: a balance is not the sum of its transfers".to_owned());
        }
        if totals != self.totals {
            problems.push("totals: a bank's day is not the sum of its deposits".to_owned());
        }
        Ok(())
    }
}

fn figures(row: Totals) -> [u128; 4] {
    [
        row.deposit_count,
        row.deposit_amount.digits(),
        row.correction_count,
        row.correction_amount.digits(),
    ]
    .map(u128::from)
}

/// Compares one table row by row and says in one line what differs.
fn compare(
    table: TableId,
    stored: &dyn Rows,
    made: &dyn Rows,
    problems: &mut Vec<String>,
) -> Result<u64, Broken> {
    let mut stored = Pages::of(stored, table);
    let mut made = Pages::of(made, table);
    let (mut rows, mut wrong) = (0, Vec::new());
    let (mut left, mut right) = (stored.next()?, made.next()?);
    loop {
        let order = match (&left, &right) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some((one, _)), Some((other, _))) => one.cmp(other),
        };
        rows += 1;
        match order {
            std::cmp::Ordering::Less => {
                wrong.push(("is not from the journal", fingerprint(left.as_ref())));
                left = stored.next()?;
            }
            std::cmp::Ordering::Greater => {
                wrong.push(("is missing", fingerprint(right.as_ref())));
                right = made.next()?;
            }
            std::cmp::Ordering::Equal => {
                if left != right {
                    wrong.push(("differs", fingerprint(left.as_ref())));
                }
                (left, right) = (stored.next()?, made.next()?);
            }
        }
    }
    if let Some((how, row)) = wrong.first() {
        let count = wrong.len();
        let name = table.name;
        problems.push(format!(
            "{name}: {count} rows are not as the journal makes them; the first, {row}, {how}"
        ));
    }
    Ok(rows)
}

type Row = (Vec<u8>, Vec<u8>);

/// Names a row without telling whose it is.
fn fingerprint(row: Option<&Row>) -> String {
    let digest = Sha256::digest(row.map(|(key, _)| key.as_slice()).unwrap_or_default());
    hex::encode(&digest[..6])
}

/// Walks a table page by page, so that two walks can go side by side.
struct Pages<'r> {
    rows: &'r dyn Rows,
    table: TableId,
    page: std::vec::IntoIter<Row>,
    last: Option<Vec<u8>>,
    over: bool,
}

impl<'r> Pages<'r> {
    fn of(rows: &'r dyn Rows, table: TableId) -> Self {
        Pages {
            rows,
            table,
            page: Vec::new().into_iter(),
            last: None,
            over: false,
        }
    }

    fn next(&mut self) -> Result<Option<Row>, Broken> {
        if let Some(row) = self.page.next() {
            return Ok(Some(row));
        }
        if self.over {
            return Ok(None);
        }
        let mut page: Vec<Row> = Vec::new();
        let from = self
            .last
            .as_deref()
            .map_or(Bound::Unbounded, Bound::Excluded);
        self.rows.scan(
            self.table,
            from,
            Bound::Unbounded,
            Direction::Forward,
            &mut |key, row| {
                page.push((key.to_vec(), row.to_vec()));
                let full = page.len() == limits::CHECK_PAGE_ROWS;
                Ok(if full {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                })
            },
        )?;
        self.over = page.len() < limits::CHECK_PAGE_ROWS;
        self.last = page.last().map(|(key, _)| key.clone());
        self.page = page.into_iter();
        Ok(self.page.next())
    }
}
