//! What a document is made of, whatever it is written in.

/// A part of a document. Texts may hold `code` and **bold**.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// A heading of level 1 to 6.
    Heading(usize, String),
    /// A paragraph.
    Text(String),
    /// Items, with numbers or with dots.
    List { numbered: bool, items: Vec<String> },
    /// Rows under a head.
    Table {
        head: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    /// Text to be shown as it is.
    Plain(String),
}

impl Block {
    pub(super) fn heading(level: usize, text: impl Into<String>) -> Self {
        Self::Heading(level, text.into())
    }

    pub(super) fn table(head: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self::Table {
            head: head.iter().map(|word| (*word).to_owned()).collect(),
            rows,
        }
    }
}
