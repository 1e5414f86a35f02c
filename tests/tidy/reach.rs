//! Every file is reached from its crate's root, says first what it is for, and has a name that
//! says something.

use super::house::{House, parent};
use super::source::Source;
use super::{Findings, Rule};

const DRAWERS: [&str; 10] = [
    "utils", "util", "helpers", "helper", "common", "types", "core", "manager", "service", "misc",
];

pub(crate) fn check(path: &str, source: &Source, house: &House, findings: &mut Findings) {
    if !house.modules.contains_key(path) {
        findings.add(
            (path, 1),
            Rule::Dead,
            "no crate reaches this file",
            "declare it with mod, or delete it",
        );
    }
    if !source
        .lines
        .first()
        .is_some_and(|line| line.starts_with("//! "))
    {
        findings.add(
            (path, 1),
            Rule::Essay,
            "the first line does not say what the file is for",
            "begin with a line of //!",
        );
    }
    for declared in source.modules() {
        if DRAWERS.contains(&declared.name.as_str()) {
            findings.add(
                (path, declared.line),
                Rule::Drawer,
                format!("a module named {}", declared.name),
                "name it after what is in it",
            );
        }
    }
    let folder = parent(path).rsplit('/').next().unwrap_or_default();
    if DRAWERS.contains(&folder) {
        findings.add(
            (path, 1),
            Rule::Drawer,
            format!("a folder named {folder}"),
            "name it after what is in it",
        );
    }
}
