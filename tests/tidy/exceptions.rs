//! What is excused from a rule, and why. An excuse that nothing needs is itself a violation.

use super::{Rule, Violation};

/// Leave for a file to break a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Excuse {
    pub(crate) file: &'static str,
    pub(crate) rule: Rule,
    /// What the violation must speak of; empty for all.
    pub(crate) about: &'static str,
    /// Why it is right so.
    #[allow(dead_code)] // It is written to be read here, and printed by nobody.
    pub(crate) reason: &'static str,
}

impl Excuse {
    pub(crate) fn covers(&self, one: &Violation) -> bool {
        self.file == one.file && self.rule == one.rule && one.what.contains(self.about)
    }
}

const fn excuse(
    file: &'static str,
    rule: Rule,
    about: &'static str,
    reason: &'static str,
) -> Excuse {
    Excuse {
        file,
        rule,
        about,
        reason,
    }
}

/// For good: what is excused, and why it is right so.
pub(crate) const EXCUSES: &[Excuse] = &[
    excuse(
        "src/store/tally.rs",
        Rule::Float,
        "f64",
        "a metric's value is a float; counts go out through it and never come back",
    ),
    excuse(
        "src/store/meter.rs",
        Rule::Float,
        "f64",
        "a metric's value is a float; durations and sizes go out through it and never come back",
    ),
    excuse(
        "src/config/keys.rs",
        Rule::Name,
        "dozn",
        "the default of a configuration key, which an operator sees and may change",
    ),
    excuse(
        "tests/books/journal_words.rs",
        Rule::Line,
        "",
        "samples of the journal as it was first written, byte for byte and one to a line",
    ),
    excuse("tests/books/people_words.rs", Rule::Line, "", "as above"),
    excuse(
        "tests/books/journal_words/posts.rs",
        Rule::Line,
        "",
        "as above",
    ),
    excuse(
        "simulator/tests/against_a_fake/trading.rs",
        Rule::Line,
        "",
        "samples and golden bodies, byte for byte and one to a line",
    ),
    excuse(
        "src/webhook/body/tests.rs",
        Rule::Line,
        "",
        "samples and golden bodies, byte for byte and one to a line",
    ),
    excuse(
        "tests/books/journal_words/money.rs",
        Rule::Line,
        "",
        "samples and golden bodies, byte for byte and one to a line",
    ),
    excuse(
        "tests/books/people_words.rs",
        Rule::Line,
        "",
        "samples and golden bodies, byte for byte and one to a line",
    ),
];

/// For now: what is known to be wrong and is being mended; it must be empty at a release.
pub(crate) const DEBTS: &[Excuse] = &[];
