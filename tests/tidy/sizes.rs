//! Sizes: a function fits a screen, a file fits a sitting, a line fits beside another.

use super::source::Source;
use super::{Findings, Rule};

const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 500;
const LINE_CHARACTERS_MAX: usize = 100;

pub(crate) fn check(path: &str, source: &Source, findings: &mut Findings) {
    let lines = source.lines.len();
    if lines > FILE_LINES_MAX {
        findings.add(
            (path, lines),
            Rule::File,
            format!("{lines} lines in a file"),
            format!("split it; {FILE_LINES_MAX} are enough"),
        );
    }
    for (name, line, lines) in source.functions() {
        if lines > FUNCTION_LINES_MAX {
            findings.add(
                (path, line),
                Rule::Function,
                format!("{lines} lines in fn {name}"),
                format!("take steps out of it; {FUNCTION_LINES_MAX} are enough"),
            );
        }
    }
    for (line, text) in (1..).zip(&source.lines) {
        let characters = text.chars().count();
        if characters > LINE_CHARACTERS_MAX && !unbreakable(text) {
            findings.add(
                (path, line),
                Rule::Line,
                format!("{characters} characters in a line"),
                format!("break it; {LINE_CHARACTERS_MAX} are enough"),
            );
        }
    }
}

/// An address or a table's row in a comment cannot be broken.
fn unbreakable(line: &str) -> bool {
    let text = line.trim_start();
    let comment = text
        .strip_prefix("//")
        .map(|rest| rest.trim_start_matches(['/', '!', ' ']));
    comment.is_some_and(|rest| rest.contains("://") || rest.starts_with('|'))
}
