//! What the log of this process says, line by line.

use std::io::{self, Write};
use std::sync::{Mutex, Once};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static INSTALLED: Once = Once::new();

struct Sink;

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps the log of every level that is on in production, once for the process.
pub(crate) fn keep() {
    INSTALLED.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::INFO)
            .with_ansi(false)
            .with_writer(|| Sink)
            .init();
    });
}

/// How long the log is now; what is told later stands behind it.
pub(crate) fn mark() -> usize {
    LOG.lock().unwrap().len()
}

/// The lines told since `mark` that hold `part`.
pub(crate) fn lines_since(mark: usize, part: &str) -> Vec<String> {
    let log = LOG.lock().unwrap();
    let text = String::from_utf8_lossy(&log[mark..]);
    let holds = |line: &&str| line.contains(part);
    text.lines().filter(holds).map(str::to_owned).collect()
}
