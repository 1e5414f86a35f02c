//! As much of a `PromQL` query as the rules need: names, labels and what is rated. It does not
//! check the grammar; promtool does where it is installed.

use std::collections::BTreeSet;

/// The parts of a query.
#[derive(Debug)]
pub(crate) struct Query {
    /// The query itself.
    pub(crate) text: String,
    /// Every series of ours in it.
    pub(crate) series: BTreeSet<String>,
    /// Every label it matches or groups by.
    pub(crate) labels: BTreeSet<String>,
    /// The labels it groups by.
    pub(crate) grouped: BTreeSet<String>,
    /// Label and value of every matcher, alternatives apart, variables left out.
    pub(crate) values: Vec<(String, String)>,
    /// Every series under `rate` or `increase`.
    pub(crate) rated: BTreeSet<String>,
}

impl Query {
    /// Takes a query apart.
    pub(crate) fn parse(text: &str) -> Query {
        let matchers: Vec<(String, String)> = braces(text).flat_map(matchers).collect();
        let grouped: BTreeSet<String> = after(text, "by (").flat_map(list).collect();
        let asked = after(text, "label_values(").filter_map(|inside| list(inside).nth(1));
        let matched = matchers.iter().map(|(label, _)| label.clone());
        let values = matchers.iter().flat_map(|(label, value)| {
            let plain = value.split('|').filter(|word| !word.contains(['$', '.']));
            plain.map(move |word| (label.clone(), word.to_owned()))
        });
        let calls = ["rate(", "increase("].into_iter();
        let rated = calls
            .flat_map(|call| after(text, call))
            .filter_map(|inside| series(inside).into_iter().next());
        Query {
            text: text.to_owned(),
            series: series(text),
            labels: matched
                .chain(asked)
                .chain(grouped.iter().cloned())
                .collect(),
            values: values.collect(),
            rated: rated.collect(),
            grouped,
        }
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Every name of ours in a text: `naru_` and what follows.
pub(crate) fn series(text: &str) -> BTreeSet<String> {
    let words = text.split(|character| !is_word(character));
    words
        .filter(|word| word.starts_with("naru_"))
        .map(str::to_owned)
        .collect()
}

/// The labels that a legend shows: `{{bank}}`.
pub(crate) fn legend(text: &str) -> Vec<String> {
    let parts = text
        .split("{{")
        .skip(1)
        .filter_map(|part| part.split_once("}}"));
    parts.map(|(label, _)| label.trim().to_owned()).collect()
}

/// What stands in each pair of braces.
fn braces(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'))
        .map(|(inside, _)| inside)
}

/// What follows each `call`, up to the bracket that closes it or the end.
fn after<'a>(text: &'a str, call: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(call).filter_map(move |(at, _)| {
        let apart = at == 0 || !text[..at].ends_with(is_word);
        let rest = &text[at + call.len()..];
        apart.then(|| &rest[..rest.find(')').unwrap_or(rest.len())])
    })
}

fn list(inside: &str) -> impl Iterator<Item = String> + '_ {
    inside
        .split(',')
        .map(|word| word.trim().to_owned())
        .filter(|word| !word.is_empty())
}

/// `label="value"` and its kin, with commas only between them.
fn matchers(inside: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut parts = inside.split('"');
    while let (Some(head), Some(value)) = (parts.next(), parts.next()) {
        let label: String = head.chars().filter(|c| is_word(*c)).collect();
        found.push((label, value.to_owned()));
    }
    found
}
