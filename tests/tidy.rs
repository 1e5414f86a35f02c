//! The architecture as a test: arrows between rooms, sizes, bans, dead files, and documents that
//! speak of what is there.
//!
//! Every rule is shown to fail on a planted sample before it is trusted with the real files. A
//! violation reads `file:line: what, rule, how to mend it`. Exceptions are listed with their
//! reasons in `tests/tidy/exceptions.rs`, the arrows in `tests/tidy/rooms.rs`.

use std::fmt;
use std::path::Path;

#[path = "tidy/arrows.rs"]
mod arrows;
#[path = "tidy/bans.rs"]
mod bans;
#[path = "tidy/documents.rs"]
mod documents;
#[path = "tidy/exceptions.rs"]
mod exceptions;
#[path = "tidy/house.rs"]
mod house;
#[path = "tidy/lexer.rs"]
mod lexer;
#[path = "tidy/planted.rs"]
mod planted;
#[path = "tidy/reach.rs"]
mod reach;
#[path = "tidy/rooms.rs"]
mod rooms;
#[path = "tidy/sizes.rs"]
mod sizes;
#[path = "tidy/source.rs"]
mod source;

use exceptions::{DEBTS, EXCUSES, Excuse};
use house::House;

/// The rules, by the word that a violation names them with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// A room names a room that the map has no arrow to.
    Arrow,
    /// A room names a crate that it may not know.
    Crate,
    /// A function is longer than 70 lines.
    Function,
    /// A file is longer than 500 lines.
    File,
    /// A line is longer than 100 characters.
    Line,
    /// A file that no crate reaches.
    Dead,
    /// A file does not begin by saying what it is for.
    Essay,
    /// An identifier is not ASCII.
    Ascii,
    /// Code outside tests may panic or print, and does not say why.
    Panic,
    /// The time is asked of the machine outside `src/clock.rs`.
    Clock,
    /// A float near money.
    Float,
    /// Decisions must not depend on the order of a hash table.
    Order,
    /// A write transaction is opened, or a derived row written, outside its one place.
    Write,
    /// A queue without a bound, or a mailbox's bound ignored.
    Queue,
    /// Rust knows a bank or a relay by name.
    Name,
    /// A module is a drawer for anything.
    Drawer,
    /// A document or a comment mentions a file that does not exist.
    Path,
    /// A dependency without its reason, or a reason without its dependency.
    Dependency,
    /// An exception that nothing needs.
    Excuse,
}

impl Rule {
    /// Every rule, so that none goes without a sample.
    const ALL: [Rule; 19] = [
        Rule::Arrow,
        Rule::Crate,
        Rule::Function,
        Rule::File,
        Rule::Line,
        Rule::Dead,
        Rule::Essay,
        Rule::Ascii,
        Rule::Panic,
        Rule::Clock,
        Rule::Float,
        Rule::Order,
        Rule::Write,
        Rule::Queue,
        Rule::Name,
        Rule::Drawer,
        Rule::Path,
        Rule::Dependency,
        Rule::Excuse,
    ];
}

/// A rule broken somewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) rule: Rule,
    pub(crate) what: String,
    pub(crate) mend: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation {
            file,
            line,
            rule,
            what,
            mend,
        } = self;
        write!(f, "{file}:{line}: {what}, rule {rule:?}, {mend}")
    }
}

/// Collects violations.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Violation>);

impl Findings {
    pub(crate) fn add(
        &mut self,
        (file, line): (&str, usize),
        rule: Rule,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.0.push(Violation {
            file: file.to_owned(),
            line,
            rule,
            what: what.into(),
            mend: mend.into(),
        });
    }
}

/// Everything that breaks a rule, whatever is excused.
pub(crate) fn inspect(house: &House) -> Vec<Violation> {
    let mut findings = Findings::default();
    let names = bans::names(house);
    for (path, source) in &house.sources {
        sizes::check(path, source, &mut findings);
        reach::check(path, source, house, &mut findings);
        arrows::check(path, source, house, &mut findings);
        bans::check(path, source, house, &names, &mut findings);
    }
    documents::check(house, &mut findings);
    findings.0.sort();
    findings.0.dedup();
    findings.0
}

/// Takes out what is excused, and adds excuses that excused nothing.
pub(crate) fn excused(found: Vec<Violation>, excuses: &[Excuse]) -> Vec<Violation> {
    let mut left = Findings::default();
    for excuse in excuses {
        if !found.iter().any(|one| excuse.covers(one)) {
            left.add(
                (excuse.file, 1),
                Rule::Excuse,
                format!("nothing here needs to be excused from {:?}", excuse.rule),
                "take the excuse out of tests/tidy/exceptions.rs",
            );
        }
    }
    let open = |one: &Violation| !excuses.iter().any(|excuse| excuse.covers(one));
    left.0.extend(found.into_iter().filter(open));
    left.0
}

#[test]
fn the_house_is_tidy() {
    let house = House::on_disk(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("readable files");
    assert!(house.modules.len() > 50, "the scanner lost the way in");
    let left = excused(inspect(&house), EXCUSES);
    let is_debt = |one: &Violation| DEBTS.iter().any(|debt| debt.covers(one));
    let left: Vec<Violation> = left.into_iter().filter(|one| !is_debt(one)).collect();
    let lines: Vec<String> = left.iter().map(Violation::to_string).collect();
    let count = lines.len();
    assert!(
        lines.is_empty(),
        "{count} violations:\n{}",
        lines.join("\n")
    );
}
