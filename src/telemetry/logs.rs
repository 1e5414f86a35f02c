//! The set-up of the logs: JSON or text, on the standard error, one line for each event; and the
//! same as JSON in the log book (`src/telemetry/log_book.rs`), which the console reads.
//!
//! Masking is done where an event is written; here every line is made harmless to a terminal and
//! to a log viewer: control characters and the marks that turn the direction of writing are shown
//! as `\u…` escapes, so that no field can forge a line or hide its end.

use std::fmt::Write as _;
use std::io::{self, Write};

use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, reload};

use super::log_book::LogBook;

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line, for machines.
    Json,
    /// Readable text, for people.
    Text,
}

/// What the logs need to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The form of a line.
    pub format: Format,
    /// What to let through: `info`, or finer as in `info,naru::bank=debug`.
    pub level: String,
    /// For how many days the log book keeps lines.
    pub keep_days: u16,
}

/// Why the logs could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// `log.level` is not a level or a list of directives.
    #[error("log.level {level:?} is not understood")]
    Level {
        /// What stands in the configuration.
        level: String,
        /// Why it is not understood.
        #[source]
        source: ParseError,
    },
    /// The logs of this process are set up already.
    #[error("the logs are set up already")]
    Twice(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Checks a level without setting anything up.
pub fn check_level(level: &str) -> Result<(), LogError> {
    filter(level).map(|_| ())
}

/// Sets up the logs of the process. The book that comes back keeps nothing until it is told
/// where ([`LogBook::keep_in`]).
pub fn install(settings: &Settings) -> Result<LogBook, LogError> {
    let (level, handle) = reload::Layer::<EnvFilter, Registry>::new(filter(&settings.level)?);
    let change = move |level: &str| {
        let fresh = filter(level)?;
        // The handle lives as long as the subscriber, which is for ever.
        let _ = handle.reload(fresh);
        Ok(())
    };
    let book = LogBook::new(&settings.level, settings.keep_days, Box::new(change));
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(Harmless(io::stderr));
    let lines = match settings.format {
        Format::Json => lines.json().flatten_event(true).boxed(),
        Format::Text => lines.boxed(),
    };
    let kept = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(Harmless(book.writer()));
    tracing_subscriber::registry()
        .with(level)
        .with(kept)
        .with(lines)
        .try_init()
        .map_err(|error| LogError::Twice(Box::new(error)))?;
    Ok(book)
}

fn filter(level: &str) -> Result<EnvFilter, LogError> {
    EnvFilter::builder()
        .parse(level)
        .map_err(|source| LogError::Level {
            level: level.to_owned(),
            source,
        })
}

/// A writer whose lines hold no control characters: the subscriber hands over one whole event,
/// with its line end, in one write.
struct Harmless<M>(M);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Harmless<M> {
    type Writer = HarmlessWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        HarmlessWriter(self.0.make_writer())
    }
}

struct HarmlessWriter<W>(W);

impl<W: Write> Write for HarmlessWriter<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let line = event.strip_suffix(b"\n").unwrap_or(event);
        match std::str::from_utf8(line) {
            Ok(text) if !text.contains(is_harmful) => self.0.write_all(event)?,
            Ok(text) => writeln!(self.0, "{}", escape(text))?,
            Err(_) => writeln!(self.0, "{}", escape(&String::from_utf8_lossy(line)))?,
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Controls, and the marks that turn, isolate or hide text.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The text with every harmful character as JSON would escape it; all of them are in the first
/// plane, so four digits do.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_harmful(character) {
            // Writing to a string cannot fail.
            let _ = write!(safe, "\\u{:04x}", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What a hostile name looks like in a log of the given form.
    fn logged(json: bool, name: &str) -> String {
        let sink = Sink::default();
        let make = {
            let sink = sink.clone();
            move || sink.clone()
        };
        let lines = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_writer(Harmless(make));
        let event = || tracing::info!(name, shown = %name, "a line with {name}");
        if json {
            let subscriber = lines.json().flatten_event(true).finish();
            tracing::subscriber::with_default(subscriber, event);
        } else {
            tracing::subscriber::with_default(lines.finish(), event);
        }
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    const HOSTILE: &str = "홍\u{202e}길\u{1b}[31m동\r\nlevel=ERROR \u{7f}\u{85}\u{feff}\u{2028}";

    #[test]
    fn no_form_lets_a_field_break_its_line() {
        for json in [true, false] {
            let text = logged(json, HOSTILE);
            let line = text.strip_suffix('\n').unwrap();
            assert!(!line.contains(is_harmful), "{line:?}");
            assert!(line.contains("\\u202e"), "{line}");
            assert!(line.contains('홍') && line.contains('동'), "{line}");
        }
    }

    #[test]
    fn an_escaped_json_line_is_still_json() {
        let value: serde_json::Value = serde_json::from_str(&logged(true, HOSTILE)).unwrap();
        assert_eq!(value["name"], HOSTILE);
        assert_eq!(value["level"], "INFO");
    }

    #[test]
    fn harmless_lines_pass_as_they_are() {
        assert!(logged(false, "plain 이름").contains("plain 이름"));
    }

    #[test]
    fn a_level_is_checked_before_it_is_used() {
        assert!(check_level("info,naru::bank=debug").is_ok());
        assert!(check_level("naru=loudly").is_err());
    }
}
