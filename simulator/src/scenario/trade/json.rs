//! Values in answers: found by their place, compared with what was due, filled in from names.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// What stands for «anything, but there».
const ANYTHING: &str = "*";

/// What stands for «not there».
const ABSENT: &str = "!";

/// From TOML; a date becomes its text.
pub(super) fn of_toml(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text.as_str()),
        toml::Value::Integer(number) => Value::from(*number),
        toml::Value::Float(number) => Value::from(*number),
        toml::Value::Boolean(truth) => Value::from(*truth),
        toml::Value::Datetime(time) => Value::from(time.to_string()),
        toml::Value::Array(list) => list.iter().map(of_toml).collect(),
        toml::Value::Table(table) => {
            let pairs = table
                .iter()
                .map(|(key, value)| (key.clone(), of_toml(value)));
            Value::Object(pairs.collect())
        }
    }
}

/// A table of TOML values as an object.
pub(super) fn object(table: &BTreeMap<String, toml::Value>) -> Value {
    let pairs = table
        .iter()
        .map(|(key, value)| (key.clone(), of_toml(value)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// A value by its place: `data.amount`, `candidates.0.orderNumber`.
pub(super) fn at<'a>(value: &'a Value, place: &str) -> Option<&'a Value> {
    place.split('.').try_fold(value, |value, step| match value {
        Value::Array(list) => list.get(step.parse::<usize>().ok()?),
        _ => value.get(step),
    })
}

/// Says which place does not have what was due; `None` where all do.
pub(super) fn lacks(value: &Value, due: &[(String, Value)]) -> Option<String> {
    due.iter().find_map(|(place, due)| {
        let found = at(value, place);
        let right = match due.as_str() {
            Some(ABSENT) => found.is_none(),
            Some(ANYTHING) => found.is_some(),
            _ => found == Some(due),
        };
        let came = found.map_or_else(|| "nothing".to_owned(), Value::to_string);
        (!right).then(|| format!("`{place}` is {came}, due was {due}"))
    })
}

/// Fills every `{name}` in every text with what the name stands for.
pub(super) fn filled(
    value: &Value,
    name: &impl Fn(&str) -> Result<String, String>,
) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Value::String(filled_text(text, name)?),
        Value::Array(list) => {
            let list = list.iter().map(|value| filled(value, name));
            Value::Array(list.collect::<Result<_, _>>()?)
        }
        Value::Object(table) => {
            let pairs = table
                .iter()
                .map(|(key, value)| Ok((key.clone(), filled(value, name)?)));
            Value::Object(pairs.collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}

/// The same for one text. A brace that opens no name stays as it is.
pub(super) fn filled_text(
    text: &str,
    name: &impl Fn(&str) -> Result<String, String>,
) -> Result<String, String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        out.push_str(before);
        match from[1..].split_once('}') {
            Some((inside, after)) if is_name(inside) => {
                out.push_str(&name(inside)?);
                rest = after;
            }
            _ => {
                out.push('{');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// The names in every text.
pub(super) fn names(value: &Value) -> Vec<String> {
    let found = RefCell::new(Vec::new());
    let note = |name: &str| {
        found.borrow_mut().push(name.to_owned());
        Ok(String::new())
    };
    // Noting a name cannot fail.
    let _ = filled(value, &note);
    found.into_inner()
}

fn is_name(text: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || b":_-.".contains(&byte);
    !text.is_empty() && text.bytes().all(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn places_reach_into_tables_and_lists() {
        let said = json!({ "a": { "b": [{ "c": 1 }] }, "d": "x" });
        assert_eq!(at(&said, "a.b.0.c"), Some(&json!(1)));
        assert_eq!(at(&said, "a.b.1.c"), None);
        let due = |place: &str, value: Value| vec![(place.to_owned(), value)];
        assert_eq!(lacks(&said, &due("d", json!("x"))), None);
        assert_eq!(lacks(&said, &due("d", json!("*"))), None);
        assert_eq!(lacks(&said, &due("e", json!("!"))), None);
        assert_eq!(
            lacks(&said, &due("e", json!("*"))).unwrap(),
            "`e` is nothing, due was \"*\""
        );
        assert!(lacks(&said, &due("d", json!("!"))).is_some());
        assert!(lacks(&said, &due("a.b.0.c", json!("1"))).is_some());
    }

    #[test]
    fn names_are_filled_in_everywhere() {
        let name = |name: &str| match name {
            "order:a" => Ok("A-1".to_owned()),
            other => Err(format!("`{other}` is unknown")),
        };
        let body = json!({ "x": ["{order:a}!", 1], "y": "{<script>} { }" });
        assert_eq!(
            filled(&body, &name).unwrap(),
            json!({ "x": ["A-1!", 1], "y": "{<script>} { }" })
        );
        assert!(filled(&json!("{order:b}"), &name).is_err());
    }
}
