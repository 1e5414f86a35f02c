//! What is wrong with a layout file: file, line, field, and what to do. Knows no telegrams.

use std::fmt;
use std::ops::Range;

/// One complaint about a layout file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutError {
    /// The file.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// The field or key that it is about, where it is about one.
    pub field: Option<String>,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl fmt::Display for LayoutError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: ", self.file, self.line)?;
        match &self.field {
            Some(field) => write!(out, "`{field}` {}", self.what),
            None => out.write_str(&self.what),
        }
    }
}

/// Everything that is wrong with the layouts, so that one reading is enough to mend them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutErrors(pub Vec<LayoutError>);

impl fmt::Display for LayoutErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            let gap = if at == 0 { "" } else { "\n" };
            write!(out, "{gap}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for LayoutErrors {}

/// Gathers complaints while a layout is compiled.
pub(crate) struct Complaints<'a> {
    file: &'a str,
    text: &'a str,
    found: Vec<LayoutError>,
}

impl<'a> Complaints<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            found: Vec::new(),
        }
    }

    /// Notes a complaint about the field at this place of the file.
    pub(crate) fn about(&mut self, field: &str, span: Range<usize>, what: impl Into<String>) {
        self.note(Some(field), span, what);
    }

    /// Notes a complaint about no particular field.
    pub(crate) fn note(
        &mut self,
        field: Option<&str>,
        span: Range<usize>,
        what: impl Into<String>,
    ) {
        let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
        self.found.push(LayoutError {
            file: self.file.to_owned(),
            line: before.split(|byte| *byte == b'\n').count(),
            field: field.map(str::to_owned),
            what: what.into(),
        });
    }

    /// The value, unless there were complaints.
    pub(crate) fn verdict<T>(mut self, value: Option<T>) -> Result<T, LayoutErrors> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => {
                self.found.sort_by_key(|error| error.line);
                Err(LayoutErrors(self.found))
            }
        }
    }
}
