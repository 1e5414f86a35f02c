//! Documents and comments speak only of files that exist; every dependency has its reason.

use std::collections::BTreeSet;

use super::arrows::dependencies;
use super::house::{House, has_ending};
use super::{Findings, Rule};

/// Where a path that a document mentions begins, unless it is a file of the root.
const ROOTS: [&str; 8] = [
    "src/",
    "tests/",
    "benches/",
    "docs/",
    "telegrams/",
    "simulator/",
    "grafana/",
    ".ci/",
];
const REASONS: &str = "docs/decisions/0001-dependencies.md";

pub(crate) fn check(house: &House, findings: &mut Findings) {
    for (path, text) in &house.files {
        if has_ending(path, "md") {
            for (line, text) in (1..).zip(text.lines()) {
                mentions(path, line, text, house, findings);
            }
        }
    }
    for (path, source) in &house.sources {
        for (line, text) in &source.comments {
            mentions(path, *line, text, house, findings);
        }
    }
    reasons(house, findings);
}

fn mentions(path: &str, line: usize, text: &str, house: &House, findings: &mut Findings) {
    let ends = |letter: char| letter.is_whitespace() || "`()[]<>\"'|,;".contains(letter);
    // A comma inside braces joins names: src/store/{facts,apply}.rs.
    for word in text.split(|letter: char| ends(letter) && letter != ',') {
        for word in apart(word) {
            let word = word.trim_matches(|letter| ".:,!?*".contains(letter) && letter != '*');
            let word = word.strip_prefix("../").unwrap_or(word);
            if !looks_like_path(word) {
                continue;
            }
            for place in spread(word) {
                if !exists(house, path, &place) {
                    findings.add(
                        (path, line),
                        Rule::Path,
                        format!("{place} does not exist"),
                        "name the file by its path from the root, as it is now",
                    );
                }
            }
        }
    }
}

/// Words joined by commas outside braces.
fn apart(text: &str) -> Vec<&str> {
    if text.contains('{') {
        vec![text]
    } else {
        text.split(',').collect()
    }
}

fn looks_like_path(word: &str) -> bool {
    let rooted = ROOTS
        .iter()
        .any(|root| word.starts_with(root) && word.len() > root.len());
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./{},*".contains(letter);
    let no_path = word.contains("//") || word.contains("NNNN") || word.contains('…');
    let dotted = word.starts_with("docs/") || word.contains('.') || word.contains('/');
    rooted && dotted && !no_path && word.chars().all(plain)
}

/// `src/store/{facts,apply}.rs` is two paths.
fn spread(word: &str) -> Vec<String> {
    let parts = word.split_once('{').and_then(|(before, rest)| {
        rest.split_once('}')
            .map(|(list, after)| (before, list, after))
    });
    let Some((before, list, after)) = parts else {
        return vec![word.to_owned()];
    };
    let each = list.split(',').map(|name| format!("{before}{name}{after}"));
    each.collect()
}

/// Whether there is such a file or folder, seen from the root, or from the member that speaks.
fn exists(house: &House, from: &str, place: &str) -> bool {
    let place = place.trim_end_matches('/');
    let member = match from.split_once('/') {
        Some((member @ ("telegrams" | "simulator"), _)) => member,
        _ => ".",
    };
    let here = |place: &str| match place.split_once('*') {
        None => house.places.contains(place),
        Some((before, after)) => house.places.iter().any(|known| {
            known.len() >= before.len() + after.len()
                && known.starts_with(before)
                && known.ends_with(after)
        }),
    };
    here(place) || here(&format!("{member}/{place}"))
}

/// Each direct dependency stands in the first decision, and nothing else does.
fn reasons(house: &House, findings: &mut Findings) {
    let Some(reasons) = house.files.get(REASONS) else {
        return;
    };
    let given: BTreeSet<(&str, usize)> = (1..)
        .zip(reasons.lines())
        .filter_map(|(line, text)| Some((text.strip_prefix("| `")?.split_once('`')?.0, line)))
        .collect();
    let mut taken = BTreeSet::new();
    for manifest in ["Cargo.toml", "telegrams/Cargo.toml", "simulator/Cargo.toml"] {
        let text = house
            .files
            .get(manifest)
            .map(String::as_str)
            .unwrap_or_default();
        for (_, name, line) in dependencies(text) {
            taken.insert(name);
            if !given.iter().any(|(known, _)| *known == name) {
                findings.add(
                    (manifest, line),
                    Rule::Dependency,
                    format!("nobody says why {name} is here"),
                    format!("give its reason in {REASONS}, or do without it"),
                );
            }
        }
    }
    used(house, findings);
    for (name, line) in given.iter().filter(|(name, _)| !taken.contains(name)) {
        findings.add(
            (REASONS, *line),
            Rule::Dependency,
            format!("no crate depends on {name}"),
            "take its line out",
        );
    }
}

/// Each dependency is named by the code of its crate, and outside tests where it is no
/// dependency of tests only.
fn used(house: &House, findings: &mut Findings) {
    for member in ["", "telegrams/", "simulator/"] {
        let manifest = format!("{member}Cargo.toml");
        let text = house
            .files
            .get(&manifest)
            .map(String::as_str)
            .unwrap_or_default();
        for (section, name, line) in dependencies(text) {
            let word = name.replace('-', "_");
            let in_tests = section == "dev-dependencies";
            let named = house.modules.iter().any(|(path, module)| {
                let ours = match member {
                    "" => !path.starts_with("telegrams/") && !path.starts_with("simulator/"),
                    _ => path.starts_with(member),
                };
                ours && (in_tests || !module.is_test) && names(house, path, &word, in_tests)
            });
            if !named {
                findings.add(
                    (&manifest, line),
                    Rule::Dependency,
                    format!("no code of this crate names {name}"),
                    "take it out, or make it a dependency of tests",
                );
            }
        }
    }
}

/// Whether the code at `path` names a crate, in tests or outside.
fn names(house: &House, path: &str, word: &str, in_tests: bool) -> bool {
    house.sources.get(path).is_some_and(|source| {
        (0..source.tokens.len()).any(|at| source.is(at, word) && (in_tests || !source.is_test(at)))
    })
}
