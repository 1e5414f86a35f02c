//! Planted samples: each rule sees one house in which it must speak, at one line and no other.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::exceptions::Excuse;
use super::house::House;
use super::source::Source;
use super::{Rule, Violation, excused, inspect};

const MANIFEST: &str = "[dependencies]\nactix.workspace = true\nredb.workspace = true\n\
                        serde.workspace = true\nsimulator.workspace = true\n\
                        [dev-dependencies]\nproptest.workspace = true\n";

/// Modules that samples stand in, so that each is reached from a root.
const ROOTS: &[(&str, &str)] = &[
    ("Cargo.toml", MANIFEST),
    ("telegrams/layouts/dozn.toml", ""),
    (
        "src/lib.rs",
        "//! The map.\npub mod cli;\npub mod clock;\npub mod domain;\nmod store;\n",
    ),
    (
        "src/cli.rs",
        "//! Commands.\npub mod demo;\npub mod serve;\n",
    ),
    ("src/clock.rs", "//! Time.\n"),
    ("src/domain.rs", "//! Rules.\nmod won;\n"),
    ("src/store.rs", "//! Books.\nmod engine;\nmod keys;\n"),
    ("src/store/engine.rs", "//! Floor.\npub mod redb;\n"),
    ("telegrams/src/lib.rs", "//! Codec.\nmod frame;\n"),
    ("simulator/src/lib.rs", "//! A bank.\nmod line;\n"),
    ("tests/books.rs", "//! Books under test.\n"),
];

/// Rule, file, line, and the content in which only that line breaks it.
type Planted = (Rule, &'static str, usize, &'static str);

const PLANTED: &[Planted] = &[
    (
        Rule::Arrow,
        "src/domain/won.rs",
        2,
        "//! A.\nuse crate::store::Ledger;\n",
    ),
    (
        Rule::Arrow,
        "src/domain/won.rs",
        2,
        "//! A.\nuse crate::{domain::Won, clock};\n",
    ),
    (
        Rule::Arrow,
        "src/domain/won.rs",
        3,
        "//! A.\nfn a() {\n    super::super::store::b();\n}\n",
    ),
    (
        Rule::Arrow,
        "src/domain/won.rs",
        4,
        "//! A.\nmod inner {\n    use super::Won;\n    \
        use super::super::super::clock::Clock;\n}\n",
    ),
    (
        Rule::Arrow,
        "src/domain/won.rs",
        4,
        "//! A.\n#[cfg(test)]\nmod tests {\n    \
        use crate::store::Ledger;\n}\n",
    ),
    (
        Rule::Arrow,
        "src/store/keys.rs",
        2,
        "//! A.\nuse crate::drawer::Thing;\n",
    ),
    (
        Rule::Arrow,
        "src/store/keys.rs",
        2,
        "//! A.\nuse crate::cli::say;\n",
    ),
    (
        Rule::Crate,
        "src/domain/won.rs",
        2,
        "//! A.\nuse redb::Database;\n",
    ),
    (
        Rule::Crate,
        "src/domain/won.rs",
        2,
        "//! A.\nuse std::{fmt, time::Duration};\n",
    ),
    (
        Rule::Crate,
        "src/domain/won.rs",
        2,
        "//! A.\nuse proptest::prelude::*;\n",
    ),
    (
        Rule::Crate,
        "src/store/keys.rs",
        2,
        "//! A.\nfn a() -> redb::Key { b() }\n",
    ),
    (
        Rule::Crate,
        "src/store/keys.rs",
        2,
        "//! A.\nuse actix::Actor;\n",
    ),
    (
        Rule::Crate,
        "src/cli/serve.rs",
        2,
        "//! A.\nuse simulator::Bank;\n",
    ),
    (
        Rule::Crate,
        "simulator/src/line.rs",
        2,
        "//! A.\nuse naru::domain::Won;\n",
    ),
    (
        Rule::Crate,
        "telegrams/src/frame.rs",
        2,
        "//! A.\nuse std::net::TcpStream;\n",
    ),
    (
        Rule::Crate,
        "telegrams/src/frame.rs",
        2,
        "//! A.\nuse std::time::Instant;\n",
    ),
    (Rule::Dead, "src/store/forgotten.rs", 1, "//! A.\n"),
    (
        Rule::Essay,
        "src/domain/won.rs",
        1,
        "/// A.\npub struct Won;\n",
    ),
    (Rule::Ascii, "src/domain/won.rs", 2, "//! A.\nfn 원() {}\n"),
    (
        Rule::Panic,
        "src/domain/won.rs",
        2,
        "//! A.\nfn a() { b().unwrap(); }\n",
    ),
    (
        Rule::Panic,
        "src/domain/won.rs",
        3,
        "//! A.\n// Because.\nfn a() { b().expect(\"c\"); }\n",
    ),
    (
        Rule::Panic,
        "src/domain/won.rs",
        2,
        "//! A.\nfn a() { panic!(\"b\"); }\n",
    ),
    (
        Rule::Panic,
        "src/domain/won.rs",
        2,
        "//! A.\nfn a() { println!(\"b\"); }\n",
    ),
    (
        Rule::Panic,
        "src/domain/won.rs",
        3,
        "//! A.\n// why: soon.\nfn a() { todo!() }\n",
    ),
    (
        Rule::Panic,
        "src/domain/won.rs",
        4,
        "//! A.\n#[cfg(test)]\nuse b::c;\nfn a() { \
        unreachable!() }\n",
    ),
    (
        Rule::Panic,
        "src/domain/won.rs",
        3,
        "//! A.\n#[cfg(not(test))]\nfn a() { b().unwrap(); }\n",
    ),
    (
        Rule::Clock,
        "src/store/keys.rs",
        2,
        "//! A.\nfn a() { Instant::now(); }\n",
    ),
    (
        Rule::Clock,
        "src/cli/demo.rs",
        2,
        "//! A.\nuse std::time::SystemTime;\n",
    ),
    (
        Rule::Clock,
        "src/cli/demo.rs",
        2,
        "//! A.\nfn a() { Zoned::now(); }\n",
    ),
    (
        Rule::Clock,
        "telegrams/src/frame.rs",
        2,
        "//! A.\nfn a() { Timestamp::now(); }\n",
    ),
    (
        Rule::Float,
        "src/domain/won.rs",
        2,
        "//! A.\nfn a(b: f64) {}\n",
    ),
    (
        Rule::Float,
        "src/store/keys.rs",
        2,
        "//! A.\nfn a() { b(1.5); }\n",
    ),
    (
        Rule::Float,
        "src/store/keys.rs",
        2,
        "//! A.\nfn a() { b.as_secs_f64(); }\n",
    ),
    (
        Rule::Order,
        "src/domain/won.rs",
        2,
        "//! A.\nuse std::collections::HashMap;\n",
    ),
    (
        Rule::Write,
        "src/store/keys.rs",
        2,
        "//! A.\nfn a() { b.begin_write(); }\n",
    ),
    (
        Rule::Write,
        "src/store/keys.rs",
        2,
        "//! A.\nfn a() { ACCOUNT_DAYS.put(b, c, d); }\n",
    ),
    (
        Rule::Queue,
        "src/cli/demo.rs",
        2,
        "//! A.\nfn a() { b.do_send(c); }\n",
    ),
    (
        Rule::Queue,
        "tests/books.rs",
        2,
        "//! A.\nfn a() { unbounded_channel(); }\n",
    ),
    (
        Rule::Queue,
        "src/store/keys.rs",
        2,
        "//! A.\nfn a() { mpsc::channel(); }\n",
    ),
    (
        Rule::Name,
        "src/cli/demo.rs",
        2,
        "//! A.\nfn a() { match b { \"dozn\" => c() } }\n",
    ),
    (
        Rule::Name,
        "src/cli/demo.rs",
        2,
        "//! A.\nfn a() { if b == \"더즌\" {} }\n",
    ),
    (
        Rule::Name,
        "simulator/src/line.rs",
        2,
        "//! A.\nfn a() { if b == \"dozn\" { c(\"dozn\") } }\n",
    ),
    (
        Rule::Drawer,
        "src/cli.rs",
        2,
        "//! A.\nmod helpers {}\npub mod demo;\npub mod serve;\n",
    ),
    (
        Rule::Path,
        "docs/ARCHITECTURE.md",
        2,
        "# Map\nSee `src/gone.rs` and `src/clock.rs`.\n",
    ),
    (
        Rule::Path,
        "README.md",
        1,
        "Read [this](docs/GONE.md) and src/{cli,clock}.rs first\n",
    ),
    (
        Rule::Path,
        "src/domain/won.rs",
        2,
        "//! A.\n// As tests/gone.rs shows.\n",
    ),
];

/// What looks like a violation and is none.
const SOUND: &[(&str, &str)] = &[
    (
        "src/domain/won.rs",
        "//! A.\n//! `b.unwrap()`, see https://example.org/src/gone.rs\n\
        use jiff::civil::Date;\nuse super::super::domain::Won;\n/* panic!() */\n\
        fn a<'a>(b: &'a str) -> char {\n    \
        c(\"f64 do_send \\\" todo!()\", '\"', r#\"\"d.unwrap()\"#)\n}\n\
        fn d() {\n    // why: the list\n    // is never empty.\n    e().expect(\"f\");\n}\n\
        #[cfg(test)]\nmod tests {\n    use proptest::prelude::*;\n    #[test]\n    \
        fn g() { h().unwrap(); panic!(); println!(); }\n}\n",
    ),
    (
        "src/clock.rs",
        "//! A.\nfn a() { Instant::now(); SystemTime::now(); }\n",
    ),
    (
        "src/store/engine.rs",
        "//! A.\npub mod redb;\nfn a() -> redb::Here { redb::b() }\n",
    ),
    (
        "src/store/engine/redb.rs",
        "//! A.\nuse redb::Database;\nfn a() { b.begin_write(); }\n",
    ),
    (
        "src/cli/demo.rs",
        "//! A.\nuse simulator::Bank;\nfn a() { oneshot::channel(); \
        b(1.5, c.expect); self.expect(d); }\n",
    ),
    (
        "tests/books.rs",
        "//! A.\nuse naru::b;\nuse redb::c;\nfn d() { Instant::now(); \
        e(\"dozn\").unwrap(); }\n",
    ),
    (
        "docs/STYLE.md",
        "`src/clock.rs`, src/{cli,clock}.rs, `src/store/`, /metrics, a/b, docs/*.md\n",
    ),
];

/// The roots, with `files` over them; files that the roots declare are there and empty.
fn house(files: &[(&str, &str)]) -> House {
    let declared = [
        "src/cli/demo.rs",
        "src/cli/serve.rs",
        "src/domain/won.rs",
        "src/store/engine/redb.rs",
        "src/store/keys.rs",
        "telegrams/src/frame.rs",
        "simulator/src/line.rs",
    ];
    let mut all: Vec<(&str, &str)> = declared.map(|path| (path, "//! A.\n")).to_vec();
    all.extend(ROOTS);
    all.extend(files);
    House::planted(&all)
}

#[test]
fn every_planted_violation_is_found_where_it_stands() {
    for (rule, path, line, text) in PLANTED {
        let files = [(*path, *text)];
        let found = inspect(&house(&files));
        let told: Vec<(Rule, &str, usize)> = found
            .iter()
            .map(|one| (one.rule, one.file.as_str(), one.line))
            .collect();
        assert_eq!(told, [(*rule, *path, *line)], "{text}");
    }
}

#[test]
fn what_only_looks_wrong_is_left_alone() {
    assert_eq!(inspect(&house(SOUND)), []);
}

#[test]
fn sizes_are_counted() {
    let mut long = String::from("//! A.\nfn fits() {\n");
    long.push_str(&"    a();\n".repeat(68));
    long.push_str("}\nfn grows(b: [u8; 3]) -> u8 {\n");
    long.push_str(&"    a();\n".repeat(69));
    long.push_str("}\n");
    let found = inspect(&house(&[("src/domain/won.rs", &long)]));
    assert_eq!(told(&found), [(Rule::Function, 72)]);

    let full = format!("//! A.\n{}", "// b\n".repeat(499));
    assert_eq!(inspect(&house(&[("src/domain/won.rs", &full)])), []);
    let found = inspect(&house(&[("src/domain/won.rs", &format!("{full}// b\n"))]));
    assert_eq!(told(&found), [(Rule::File, 501)]);

    let hangul = "가".repeat(97);
    let mut text = format!("//! A.\n// {hangul}\n// {hangul}나\n");
    let _ = writeln!(text, "// https://example.org/{hangul}\n/// | {hangul} |");
    let found = inspect(&house(&[("src/domain/won.rs", &text)]));
    assert_eq!(told(&found), [(Rule::Line, 3)]);
}

#[test]
fn a_dependency_has_a_reason_and_a_user() {
    const REASONS: &str = "docs/decisions/0001-dependencies.md";
    let dependencies = |manifest: &str, reasons: &str, code: &str| {
        let files = [
            ("Cargo.toml", manifest),
            (REASONS, reasons),
            ("src/domain/won.rs", code),
        ];
        let found = inspect(&house(&files));
        let told = found
            .iter()
            .map(|one| (one.rule, one.file.clone(), one.line));
        told.collect::<Vec<_>>()
    };
    let manifest = "[dependencies]\nserde.workspace = true\n\
                    [dev-dependencies]\nproptest = \"1\"\n";
    let reasons = "| `serde` | a |\n| `proptest` | b |\n";
    let code = "//! A.\nuse serde::Serialize;\n#[cfg(test)]\nuse proptest::prelude::*;\n";
    assert_eq!(dependencies(manifest, reasons, code), []);
    let at = |file: &str, line| vec![(Rule::Dependency, file.to_owned(), line)];
    let more = format!("{reasons}| `left-pad` | c |\n");
    assert_eq!(dependencies(manifest, &more, code), at(REASONS, 3));
    let fewer = "| `serde` | a |\n";
    assert_eq!(dependencies(manifest, fewer, code), at("Cargo.toml", 4));
    let unused = "//! A.\n#[cfg(test)]\nuse {proptest::prelude::*, serde::Serialize};\n";
    assert_eq!(dependencies(manifest, reasons, unused), at("Cargo.toml", 2));
}

#[test]
fn an_excuse_covers_its_violation_and_nothing_else() {
    let text = "//! A.\nfn a(b: f64) {}\nfn c() { d().unwrap(); }\n";
    let found = inspect(&house(&[("src/domain/won.rs", text)]));
    let excuse = Excuse {
        file: "src/domain/won.rs",
        rule: Rule::Float,
        about: "f64",
        reason: "a sample",
    };
    assert_eq!(told(&excused(found.clone(), &[excuse])), [(Rule::Panic, 3)]);
    let idle = Excuse {
        rule: Rule::Clock,
        ..excuse
    };
    let told: BTreeSet<Rule> = excused(found, &[idle]).iter().map(|one| one.rule).collect();
    assert_eq!(
        told,
        BTreeSet::from([Rule::Float, Rule::Panic, Rule::Excuse])
    );
}

#[test]
fn every_rule_has_a_sample() {
    let mut shown: BTreeSet<Rule> = PLANTED.iter().map(|(rule, ..)| *rule).collect();
    // Shown by the tests above.
    shown.extend([
        Rule::Function,
        Rule::File,
        Rule::Line,
        Rule::Dependency,
        Rule::Excuse,
    ]);
    assert_eq!(shown, Rule::ALL.into_iter().collect());
}

#[test]
fn imports_are_spread_out() {
    let source = Source::read("use a::{self, b::{c, d as e}, f::*};\nfn g() { h::i::<j::k>(); }\n");
    let paths: Vec<String> = source
        .paths()
        .iter()
        .map(|named| named.segments.join("::"))
        .collect();
    assert_eq!(
        paths,
        ["a::self", "a::b::c", "a::b::d", "a::f", "h::i", "j::k"]
    );
}

fn told(found: &[Violation]) -> Vec<(Rule, usize)> {
    found.iter().map(|one| (one.rule, one.line)).collect()
}
