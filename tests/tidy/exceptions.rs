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
];

/// For now: what is known to be wrong and is being mended; it must be empty at a release.
pub(crate) const DEBTS: &[Excuse] = &[
    excuse(
        "telegrams/tests/bad_input.rs",
        Rule::File,
        "",
        "a file that is to be split",
    ),
    excuse(
        "Cargo.toml",
        Rule::Dependency,
        "no code of this crate names",
        "the demo, the codec's bench and the dashboards' test are on their way",
    ),
    excuse(
        "simulator/src/command_line.rs",
        Rule::Panic,
        "",
        "its words go out by println, which ends in a panic where the pipe is closed",
    ),
    excuse(
        "simulator/src/command_line/load.rs",
        Rule::Panic,
        "",
        "as above",
    ),
    excuse(
        "simulator/src/command_line/play.rs",
        Rule::Panic,
        "",
        "as above",
    ),
    excuse(
        "src/bank/desk/mod.rs",
        Rule::Queue,
        "channel",
        "about to land: one word from one thread; sync_channel(1) says so",
    ),
    excuse(
        "grafana/schema/README.md",
        Rule::Path,
        "grafana",
        "the dashboards and their test come after the schema",
    ),
    excuse(
        "src/telemetry.rs",
        Rule::Path,
        "tests/grafana.rs",
        "the test of the dashboards comes with the dashboards",
    ),
];
