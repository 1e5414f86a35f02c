//! `naru import`: merchants and accounts from lists.
//!
//! Good rows land, bad rows are listed with their line and reason. Rows go to the books in
//! chunks, several on their way at a time; a list of a million rows is never held whole.

mod lines;
mod rows;

use std::collections::VecDeque;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};

use self::lines::Lines;
use self::rows::{Columns, HeadError, Reject};
use super::{Ending, Failure, Outcome, books, complain, config::Source, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::{AccountImport, Command, Merchant, Outcome as Decided, RowFate};
use crate::limits;
use crate::store::{self, Folder, Ledger, Pending, Store};

/// Arguments of `naru import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    list: List,
}

#[derive(Debug, clap::Subcommand)]
#[allow(clippy::doc_markdown, reason = "these lines are the command's help")]
enum List {
    /// Take in merchants: merchant_id,name
    Merchants(ListArgs),
    /// Take in accounts: merchant_id,bank_code,account_no,account_type,amount,tolerance,expires_at,
    /// holder_name and, if wanted, depositor_name,limit_per_deposit,limit_per_day,state
    Accounts(ListArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// The list: CSV with a header line, UTF-8 with or without a byte-order mark
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    /// Replace the values of what is known already
    #[arg(long)]
    update: bool,
    #[command(flatten)]
    source: Source,
}

/// Runs `naru import`: exit code 1 where a row was bad.
pub fn run(args: &Args) -> Outcome {
    let (list, kind) = match &args.list {
        List::Merchants(list) => (list, Kind::Merchants),
        List::Accounts(list) => (list, Kind::Accounts),
    };
    let loaded = list.source.load()?;
    let bar = bar(&list.file);
    let summary = import(&loaded.config, &list.file, kind, list.update, &bar)?;
    bar.finish_and_clear();
    tell(&summary, &list.file);
    Ok(if summary.bad == 0 {
        Ending::Well
    } else {
        Ending::Faulty
    })
}

/// What a list is a list of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Merchants.
    Merchants,
    /// Accounts.
    Accounts,
}

/// What became of a list.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// New in the books.
    pub added: u64,
    /// Known with the very same values.
    pub unchanged: u64,
    /// Known with other values, now replaced.
    pub updated: u64,
    /// Not taken in.
    pub bad: u64,
    /// The first bad rows: line and reason.
    pub listed: Vec<(u64, String)>,
}

/// Takes a list into the data folder of `config`, which no gateway may be using.
///
/// # Errors
/// Why the list as a whole cannot be read, or the folder not be opened.
pub fn import(
    config: &Config,
    file: &Path,
    kind: Kind,
    update: bool,
    bar: &ProgressBar,
) -> Result<Summary, Failure> {
    let list = open(file)?;
    let folder = Folder::open(&books::settings(config, false))?;
    for note in folder.notes.iter().chain(&folder.warnings) {
        complain(format_args!("note: {note}"));
    }
    let clock = Clock::sandbox(config.clock_offset_seconds);
    let institution = &config.house.institution;
    store::found(&*folder.engine, institution, config.mode, clock.now())?;
    let on_broken = Box::new(|broken: &store::engine::Broken| {
        complain(format_args!("naru: the books broke: {broken}"));
        std::process::exit(2);
    });
    let store = Store::open(folder.engine, config.house.clone(), clock, on_broken)?;
    let mut intake = Intake::new(store.ledger(), update);
    let read = match kind {
        Kind::Merchants => intake.merchants(list, bar),
        Kind::Accounts => intake.accounts(list, bar),
    };
    let summary = intake.finish();
    store.close()?;
    let named = |error: HeadError| Failure::new(format!("{}: {error}", file.display()));
    read.map_err(named)?;
    summary
}

type Csv = Lines<BufReader<File>>;

fn open(file: &Path) -> Result<Csv, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", file.display()));
    let file = File::open(file).map_err(failed)?;
    Ok(Lines::new(BufReader::with_capacity(1 << 20, file)))
}

/// Rows on their way into the books.
struct Intake {
    ledger: Ledger,
    update: bool,
    waiting: VecDeque<(Vec<u64>, Pending)>,
    summary: Summary,
    broken: bool,
}

impl Intake {
    fn new(ledger: Ledger, update: bool) -> Self {
        Intake {
            ledger,
            update,
            waiting: VecDeque::new(),
            summary: Summary::default(),
            broken: false,
        }
    }

    fn merchants(&mut self, list: Csv, bar: &ProgressBar) -> Result<(), HeadError> {
        let update = self.update;
        self.rows(list, bar, rows::MERCHANTS, rows::merchant, |rows| {
            let rows: Vec<Merchant> = rows;
            Command::ImportMerchants { rows, update }
        })
    }

    fn accounts(&mut self, list: Csv, bar: &ProgressBar) -> Result<(), HeadError> {
        let update = self.update;
        self.rows(list, bar, rows::ACCOUNTS, rows::account, |rows| {
            let rows: Vec<AccountImport> = rows;
            Command::ImportAccounts { rows, update }
        })
    }

    /// Reads a list to its end; only its head can make it fail as a whole.
    fn rows<T>(
        &mut self,
        mut list: Csv,
        bar: &ProgressBar,
        head: &rows::Head,
        read: impl Fn(&Columns, &csv::StringRecord) -> Result<T, Reject>,
        command: impl Fn(Vec<T>) -> Command,
    ) -> Result<(), HeadError> {
        let mut raw = csv::ByteRecord::new();
        let first = match list.next(&mut raw) {
            Ok(Some((_, Err(Reject(why))))) => return Err(HeadError::Unreadable(why)),
            first => first.ok().flatten(),
        };
        let columns = Columns::find(first.map(|_| &raw), head)?;
        let (mut lines, mut chunk) = (Vec::new(), Vec::new());
        loop {
            let (line, fate) = match list.next(&mut raw) {
                Ok(None) => break,
                Ok(Some(next)) => next,
                Err(error) => {
                    self.reject(list.line(), &format!("the list cannot be read on: {error}"));
                    break;
                }
            };
            let row = fate.and_then(|()| rows::text(&raw));
            match row.and_then(|row| read(&columns, &row)) {
                Ok(row) => {
                    lines.push(line);
                    chunk.push(row);
                }
                Err(Reject(why)) => self.reject(line, &why),
            }
            if chunk.len() == limits::IMPORT_CHUNK_ROWS {
                bar.set_position(list.bytes());
                self.send(
                    std::mem::take(&mut lines),
                    command(std::mem::take(&mut chunk)),
                );
            }
        }
        if !chunk.is_empty() {
            self.send(lines, command(chunk));
        }
        Ok(())
    }

    fn send(&mut self, lines: Vec<u64>, command: Command) {
        if self.waiting.len() >= limits::IMPORT_CHUNKS_WAITING_MAX {
            self.take_receipt();
        }
        match self.ledger.submit_blocking(command) {
            Ok(pending) => self.waiting.push_back((lines, pending)),
            Err(_) => self.broken = true,
        }
    }

    fn take_receipt(&mut self) {
        let Some((lines, pending)) = self.waiting.pop_front() else {
            return;
        };
        match pending.wait().map(|receipt| receipt.verdict) {
            Some(Ok(Decided::Imported(fates))) => {
                for (line, fate) in lines.into_iter().zip(fates) {
                    self.note(line, fate);
                }
            }
            _ => self.broken = true,
        }
    }

    fn note(&mut self, line: u64, fate: RowFate) {
        match fate {
            RowFate::Added => self.summary.added += 1,
            RowFate::Unchanged => self.summary.unchanged += 1,
            RowFate::Updated => self.summary.updated += 1,
            RowFate::Differs => self.reject(
                line,
                "known with other values; give --update to replace them",
            ),
            RowFate::MerchantUnknown => self.reject(
                line,
                "its merchant_id is not known; import the merchants first",
            ),
        }
    }

    fn reject(&mut self, line: u64, why: &str) {
        self.summary.bad += 1;
        if self.summary.listed.len() < limits::IMPORT_BAD_ROWS_LISTED_MAX {
            self.summary.listed.push((line, why.to_owned()));
        }
    }

    fn finish(mut self) -> Result<Summary, Failure> {
        while !self.waiting.is_empty() {
            self.take_receipt();
        }
        if self.broken {
            return Err(Failure::new("the books broke while rows were on their way"));
        }
        self.summary.listed.sort_by_key(|(line, _)| *line);
        Ok(self.summary)
    }
}

fn bar(file: &Path) -> ProgressBar {
    let bytes = std::fs::metadata(file).map_or(0, |file| file.len());
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(bytes).with_style(style)
}

fn tell(summary: &Summary, file: &Path) {
    for (line, why) in &summary.listed {
        say(format_args!("{}, line {line}: {why}", file.display()));
    }
    let unlisted = summary.bad - summary.listed.len() as u64;
    if unlisted > 0 {
        say(format_args!("… and {unlisted} more bad rows"));
    }
    say(format_args!(
        "{} added, {} updated, {} unchanged, {} bad",
        summary.added, summary.updated, summary.unchanged, summary.bad
    ));
}
