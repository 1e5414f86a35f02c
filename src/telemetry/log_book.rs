//! The log book: log lines of the last days as JSON, one file a day, for the console to read.
//!
//! A line's day is the one that its own stamp says (UTC). Files older than the days to keep go
//! when a new day begins. What cannot be written is let go: the book is a convenience, and the
//! standard error has every line.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use serde_json::{Map, Value};
use tracing_subscriber::fmt::MakeWriter;

use super::logs::LogError;
use crate::limits;

/// Changes what is logged from now on.
type ChangeLevel = Box<dyn Fn(&str) -> Result<(), LogError> + Send + Sync>;

/// What every line begins with; the stamp follows.
const STAMP: &[u8] = b"{\"timestamp\":\"";

/// The book; clones are the same one.
#[derive(Clone)]
pub struct LogBook(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    change_level: Option<ChangeLevel>,
}

struct State {
    level: String,
    keep_days: u16,
    folder: Option<PathBuf>,
    today: Option<(Date, File, u64)>,
}

impl fmt::Debug for LogBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogBook").finish_non_exhaustive()
    }
}

impl Default for LogBook {
    /// A book that keeps nothing: of a process whose logs somebody else has set up.
    fn default() -> Self {
        LogBook::over("info", 0, None)
    }
}

/// Which lines are asked for.
#[derive(Clone, Debug, Default)]
pub struct LogQuestion {
    /// The first instant, as `2026-11-22T15:00:00` in UTC.
    pub from: String,
    /// The instant after the last.
    pub until: String,
    /// Of this level only, as `WARN`.
    pub level: Option<String>,
    /// Lines that hold this, in whatever field.
    pub keyword: Option<String>,
    /// How many of the newest to leave out.
    pub skip: usize,
    /// How many to answer at most.
    pub most: usize,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When, in UTC.
    pub at: String,
    /// `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`.
    pub level: String,
    /// What happened.
    pub message: String,
    /// Which part of the house says so.
    pub source: String,
    /// Everything else.
    pub details: Map<String, Value>,
}

/// The lines that were asked for, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// How many there are in all.
    pub total: usize,
    /// Those of this page.
    pub lines: Vec<LogLine>,
}

impl LogBook {
    pub(super) fn new(level: &str, keep_days: u16, change_level: ChangeLevel) -> LogBook {
        LogBook::over(level, keep_days, Some(change_level))
    }

    fn over(level: &str, keep_days: u16, change_level: Option<ChangeLevel>) -> LogBook {
        LogBook(Arc::new(Shared {
            state: Mutex::new(State {
                level: level.to_owned(),
                keep_days,
                folder: None,
                today: None,
            }),
            change_level,
        }))
    }

    /// From now on lines are kept in `folder`, which is made when the first one comes.
    pub fn keep_in(&self, folder: PathBuf) {
        self.state().folder = Some(folder);
    }

    /// What is let through.
    pub fn level(&self) -> String {
        self.state().level.clone()
    }

    /// Changes what is let through, from the next line on.
    ///
    /// # Errors
    /// [`LogError::Level`] where it is not understood; nothing has changed then.
    pub fn set_level(&self, level: &str) -> Result<(), LogError> {
        match &self.0.change_level {
            Some(change) => change(level)?,
            None => super::logs::check_level(level)?,
        }
        level.clone_into(&mut self.state().level);
        Ok(())
    }

    /// For how many days lines are kept.
    pub fn keep_days(&self) -> u16 {
        self.state().keep_days
    }

    /// Changes for how many days lines are kept; 0 keeps no new ones.
    pub fn set_keep_days(&self, days: u16) {
        let mut state = self.state();
        state.keep_days = days;
        if let (Some(folder), Some((today, ..))) = (state.folder.clone(), &state.today) {
            forget(&folder, *today, days);
        }
    }

    /// The lines that `question` asks for.
    ///
    /// # Errors
    /// The files cannot be read.
    pub fn read(&self, question: &LogQuestion) -> io::Result<LogPage> {
        let folder = self.state().folder.clone();
        match folder {
            Some(folder) => read(&folder, question),
            None => Ok(LogPage::default()),
        }
    }

    pub(super) fn writer(&self) -> Writer {
        Writer(self.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes lines into the book.
pub(super) struct Writer(LogBook);

impl<'a> MakeWriter<'a> for Writer {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(&self.0)
    }
}

/// Takes one line in one write.
pub(super) struct Line<'a>(&'a LogBook);

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut state = self.0.state();
        if let Some(day) = day_of(line) {
            // A line that cannot be kept is on the standard error all the same.
            let _ = state.keep(day, line);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl State {
    fn keep(&mut self, day: Date, line: &[u8]) -> io::Result<()> {
        let Some(folder) = self.folder.as_ref().filter(|_| self.keep_days > 0) else {
            return Ok(());
        };
        if self.today.as_ref().is_none_or(|(today, ..)| *today != day) {
            fs::create_dir_all(folder)?;
            let mut open = OpenOptions::new();
            let file = open.create(true).append(true).open(file_of(folder, day))?;
            let bytes = file.metadata()?.len();
            forget(folder, day, self.keep_days);
            self.today = Some((day, file, bytes));
        }
        if let Some((_, file, bytes)) = &mut self.today
            && *bytes < limits::LOG_DAY_BYTES_MAX
        {
            *bytes += line.len() as u64;
            file.write_all(line)?;
        }
        Ok(())
    }
}

fn file_of(folder: &Path, day: Date) -> PathBuf {
    folder.join(format!("naru-{day}.jsonl"))
}

fn day_of(line: &[u8]) -> Option<Date> {
    let stamp = line.strip_prefix(STAMP)?.get(..10)?;
    std::str::from_utf8(stamp).ok()?.parse().ok()
}

/// Every day that has a file, the newest first.
fn days(folder: &Path) -> io::Result<Vec<Date>> {
    let mut days = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        let day = name
            .strip_prefix("naru-")
            .and_then(|rest| rest.strip_suffix(".jsonl"));
        days.extend(day.and_then(|day| day.parse::<Date>().ok()));
    }
    days.sort_by(|one, other| other.cmp(one));
    Ok(days)
}

/// Takes away the files of days that are too old.
fn forget(folder: &Path, today: Date, keep_days: u16) {
    let Ok(days) = days(folder) else { return };
    let age = |day: &Date| {
        let span = today.since(*day).map(|span| span.get_days());
        span.is_ok_and(|days| days >= i32::from(keep_days).max(1))
    };
    for day in days.iter().filter(|day| age(day)) {
        // One that stays is tried again on the next day.
        let _ = fs::remove_file(file_of(folder, *day));
    }
}

fn read(folder: &Path, question: &LogQuestion) -> io::Result<LogPage> {
    let mut page = LogPage::default();
    let days = match days(folder) {
        Ok(days) => days,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(page),
        Err(error) => return Err(error),
    };
    let mut looked_through = 0;
    for day in days {
        let name = day.to_string();
        let within = question.from.get(..10).unwrap_or("") <= name.as_str()
            && name.as_str() <= question.until.get(..10).unwrap_or("9");
        if !within || looked_through > limits::LOG_SCAN_BYTES_MAX {
            continue;
        }
        looked_through += read_day(&file_of(folder, day), question, &mut page)?;
    }
    Ok(page)
}

/// Adds one day's lines to the page and says how many bytes were looked through.
fn read_day(file: &Path, question: &LogQuestion, page: &mut LogPage) -> io::Result<u64> {
    let mut reader = BufReader::new(File::open(file)?);
    let (mut places, mut at) = (Vec::new(), 0_u64);
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)? as u64;
        if length == 0 {
            break;
        }
        if question.wants(&line) {
            places.push(at);
        }
        at += length;
    }
    let before = page.total;
    page.total += places.len();
    let first = question.skip.saturating_sub(before);
    let room = question.most - page.lines.len();
    for place in places.into_iter().rev().skip(first).take(room) {
        reader.seek(SeekFrom::Start(place))?;
        line.clear();
        reader.read_until(b'\n', &mut line)?;
        page.lines.extend(parse(&line));
    }
    Ok(at)
}

impl LogQuestion {
    fn wants(&self, line: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(line) else {
            return false;
        };
        let Some((stamp, rest)) = text
            .get(STAMP.len()..)
            .and_then(|rest| rest.split_once('"'))
        else {
            return false;
        };
        let in_time = self.from.as_str() <= stamp && stamp < self.until.as_str();
        let of_level = self.level.as_ref().is_none_or(|level| {
            let written = format!("\"level\":\"{level}\"");
            rest.starts_with(&format!(",{written}"))
        });
        in_time && of_level && self.keyword.as_ref().is_none_or(|word| rest.contains(word))
    }
}

fn parse(line: &[u8]) -> Option<LogLine> {
    let mut fields: Map<String, Value> = serde_json::from_slice(line).ok()?;
    let mut take = |name: &str| match fields.remove(name) {
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
        None => String::new(),
    };
    Some(LogLine {
        at: take("timestamp"),
        level: take("level"),
        message: take("message"),
        source: take("target"),
        details: fields,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(folder: &Path, keep_days: u16) -> LogBook {
        let book = LogBook::over("info", keep_days, None);
        book.keep_in(folder.join("logs"));
        book
    }

    fn write(book: &LogBook, stamp: &str, level: &str, message: &str) {
        let line = format!(
            "{{\"timestamp\":\"{stamp}Z\",\"level\":\"{level}\",\"message\":\"{message}\",\
             \"target\":\"naru::web\",\"trace\":\"T1\"}}\n"
        );
        let writer = book.writer();
        writer.make_writer().write_all(line.as_bytes()).unwrap();
    }

    fn ask(book: &LogBook, question: LogQuestion) -> (usize, Vec<String>) {
        let page = book
            .read(&LogQuestion {
                from: "2026-03-01T15:00:00".to_owned(),
                until: "2026-03-03T15:00:00".to_owned(),
                most: 2,
                ..question
            })
            .unwrap();
        (
            page.total,
            page.lines.into_iter().map(|line| line.message).collect(),
        )
    }

    #[test]
    fn lines_are_found_newest_first_by_time_level_and_word() {
        let folder = tempfile::tempdir().unwrap();
        let book = book(folder.path(), 30);
        for (stamp, level, message) in [
            ("2026-03-01T14:59:59.999999", "INFO", "before"),
            ("2026-03-01T15:00:00.000000", "INFO", "one"),
            ("2026-03-02T01:00:00.000000", "WARN", "two 이름"),
            ("2026-03-03T14:59:59.000000", "INFO", "three"),
            ("2026-03-03T15:00:00.000000", "INFO", "after"),
        ] {
            write(&book, stamp, level, message);
        }
        let all = LogQuestion::default();
        assert_eq!(
            ask(&book, all.clone()),
            (3, vec!["three".into(), "two 이름".into()])
        );
        let second = LogQuestion {
            skip: 2,
            ..all.clone()
        };
        assert_eq!(ask(&book, second), (3, vec!["one".into()]));
        let warnings = LogQuestion {
            level: Some("WARN".to_owned()),
            ..all.clone()
        };
        assert_eq!(ask(&book, warnings), (1, vec!["two 이름".into()]));
        let named = LogQuestion {
            keyword: Some("이름".to_owned()),
            ..all
        };
        assert_eq!(ask(&book, named), (1, vec!["two 이름".into()]));
        let page = book.read(&LogQuestion {
            until: "9".to_owned(),
            most: 1,
            ..Default::default()
        });
        let line = page.unwrap().lines.remove(0);
        assert_eq!(
            (line.source.as_str(), line.level.as_str()),
            ("naru::web", "INFO")
        );
        assert_eq!(line.details["trace"], "T1");
    }

    #[test]
    fn old_days_go_when_a_new_one_begins() {
        let folder = tempfile::tempdir().unwrap();
        let book = book(folder.path(), 2);
        for day in ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"] {
            write(&book, &format!("{day}T00:00:00.000000"), "INFO", "x");
        }
        let left: Vec<String> = days(&folder.path().join("logs"))
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(left, ["2026-03-02", "2026-03-01"]);
        book.set_keep_days(1);
        assert_eq!(days(&folder.path().join("logs")).unwrap().len(), 1);
    }

    #[test]
    fn a_book_without_a_folder_or_days_keeps_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = LogBook::default();
        write(&nowhere, "2026-03-02T00:00:00.000000", "INFO", "x");
        assert_eq!(
            nowhere.read(&LogQuestion::default()).unwrap(),
            LogPage::default()
        );
        let none = book(folder.path(), 0);
        write(&none, "2026-03-02T00:00:00.000000", "INFO", "x");
        assert!(!folder.path().join("logs").exists());
        assert!(none.set_level("naru=loudly").is_err());
        none.set_level("warn").unwrap();
        assert_eq!(none.level(), "warn");
    }
}
