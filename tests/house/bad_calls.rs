//! What nobody can use, made from the documents that the house serves: every field of every call,
//! missing, misspelt, of another type, with hidden characters, too long. Each is told in the
//! face's shape; nothing is changed, nothing leaks, and nothing of ours fails.

mod programs;

use serde_json::{Value, json};

use crate::ezpg::Shop;
use crate::matrix::{Route, body, document, path_of, routes, things_of};
use crate::support::http::Said;
use crate::support::log;

/// Stands in every value that must not come back.
const CANARY: &str = "canary-홍길동";

/// Fields that take more than their document says, and fields that anything may stand in.
const LENIENT: &[(&str, &str)] = &[
    ("/ezpg/notifications/settings", "chatId"),
    ("/ezpg/system/settings", "settings"),
    ("/ezpg/merWithdrawApi", "withType"),
    ("/ezpg/transactions/withdrawal/request", ""),
    ("/ezpg/transactions/withdrawal/approve", ""),
    ("/ezpg/transactions/withdrawal/reject", ""),
    ("/ezpg/transactions/withdrawal/cancel", ""),
];

fn is_lenient(route: &Route, field: &str) -> bool {
    let same = |(path, name): &&(&str, &str)| {
        route.path == *path && (name.is_empty() || field.ends_with(name))
    };
    LENIENT.iter().any(|one| same(&one))
}

/// What head office sees of a shop.
pub(crate) fn state(shop: &Shop) -> Vec<Value> {
    let lists = [
        "accounts",
        "orders",
        "webhooks",
        "transactions/deposits",
        "merchants/policies",
        "merchants/list",
    ];
    let look = |list: &&str| {
        let path = format!("/ezpg/{list}?merchantId={}", shop.id);
        shop.house.get(&path, &shop.admin).body
    };
    lists.iter().map(look).collect()
}

/// The schema that a schema stands for.
fn whole<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    if let Some(named) = schema["$ref"].as_str() {
        return whole(document, document.pointer(&named[1..]).expect("a schema"));
    }
    let one_of = schema["oneOf"].as_array().into_iter().flatten();
    match one_of.into_iter().find(|one| one["type"] != "null") {
        Some(one) => whole(document, one),
        None => schema,
    }
}

/// Every field of a schema as a JSON pointer, those within others too, with its schema.
fn fields<'d>(document: &'d Value, schema: &'d Value, at: &str) -> Vec<(String, &'d Value)> {
    let schema = whole(document, schema);
    let mut found = Vec::new();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let (at, field) = (format!("{at}/{name}"), whole(document, field));
        found.extend(fields(document, field, &at));
        found.push((at, field));
    }
    found
}

/// Whether a schema takes values of a type.
fn takes(schema: &Value, kind: &str) -> bool {
    let named = |given: &Value| given == kind || (kind == "integer" && given == "number");
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(named),
        Value::Null => schema["properties"].is_object() == (kind == "object"),
        given => named(given),
    }
}

/// Values that a field of this schema cannot have.
fn wrong(schema: &Value) -> Vec<Value> {
    let mut values = Vec::new();
    for (kind, value) in [
        ("string", json!(CANARY)),
        ("integer", json!(7)),
        ("number", json!(1.5)),
        ("boolean", json!(true)),
        ("array", json!([CANARY])),
        ("object", json!({ CANARY: CANARY })),
    ] {
        if !takes(schema, kind) {
            values.push(value);
        }
    }
    if takes(schema, "integer") {
        for number in ["-1", "1e300", "-0.5", "\"-1\"", "\"1,000\"", "\"1e3\""] {
            values.push(serde_json::from_str(number).expect("JSON"));
        }
    }
    if takes(schema, "string") {
        for hidden in [
            "\u{0}",
            "\n",
            "\u{1b}[31m",
            "\u{202e}",
            "\u{2066}",
            "\u{200b}",
            "\u{feff}x",
        ] {
            values.push(json!(format!("{CANARY}{hidden}{CANARY}")));
        }
        values.push(json!(CANARY.repeat(4_000)));
    }
    values
}

/// A body with another value at a pointer.
fn with(body: &Value, at: &str, value: &Value) -> Value {
    let mut body = body.clone();
    let mut place = &mut body;
    for name in at.split('/').skip(1) {
        if !place.is_object() {
            *place = json!({});
        }
        place = &mut place[name];
    }
    *place = value.clone();
    body
}

/// A body without what stands at a pointer, or with it under a name with a slip.
fn without(body: &Value, at: &str, misspelt: bool) -> Value {
    let (parent, name) = at.rsplit_once('/').expect("a pointer");
    let mut body = body.clone();
    let object = body.pointer_mut(parent).and_then(Value::as_object_mut);
    if let Some(object) = object {
        let value = object.remove(name).unwrap_or_default();
        if misspelt {
            object.insert(format!("{name}s_"), value);
        }
    }
    body
}

/// Bodies that are no object at all.
fn shapeless() -> Vec<Vec<u8>> {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let texts = [
        &deep,
        "[]",
        "null",
        "7",
        "{",
        "{\"a\":}",
        "{'a':1}",
        "a=1&b=2",
        "\"canary\"",
        "canary",
        "{} canary",
        "{\"canary\":NaN}",
    ];
    let mut bodies: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    bodies.push(b"{\"canary\":\"\xc8\xab\xb1\xe6\xb5\xbf\"}".to_vec());
    bodies
}

/// A no in the shape of head office's and merchants' people's calls, that quotes nothing.
fn is_told(said: &Said, what: &str) {
    let text = said.body.to_string();
    assert!(
        (400..500).contains(&said.status),
        "{what}: {} {text:.300}",
        said.status
    );
    let digits = said.body["resultCode"].as_str().unwrap_or_default();
    assert!(
        digits.len() == 4 && digits != "0000" && digits != "1000",
        "{what}: {text:.300}"
    );
    assert!(said.body["resultMsg"].is_string(), "{what}: {text:.300}");
    assert!(said.body["traceId"].is_string(), "{what}: {text:.300}");
    assert!(!text.contains(CANARY), "{what}: {text:.300}");
}

/// What is right about a route but for one thing.
struct Case<'d> {
    document: &'d Value,
    route: &'d Route,
    path: String,
    right: Value,
}

impl Case<'_> {
    /// Every body with one thing wrong, and what that is.
    fn bodies(&self) -> Vec<(String, Value)> {
        let Some(schema) = &self.route.body else {
            return Vec::new();
        };
        let name = self.route.name();
        let mut bodies = Vec::new();
        for (at, field) in fields(self.document, schema, "") {
            if is_lenient(self.route, &at) {
                continue;
            }
            for value in wrong(field) {
                let what = format!("{name} {at} = {value:.80}");
                bodies.push((what, with(&self.right, &at, &value)));
            }
        }
        let required = &whole(self.document, schema)["required"];
        for field in required.as_array().into_iter().flatten() {
            let at = format!("/{}", field.as_str().expect("a name"));
            bodies.push((
                format!("{name} without {at}"),
                without(&self.right, &at, false),
            ));
            bodies.push((
                format!("{name} {at} misspelt"),
                without(&self.right, &at, true),
            ));
        }
        bodies
    }
}

fn acts(shop: &Shop) -> Value {
    let acts = shop.house.get("/ezpg/audit?limit=1", &shop.admin).yes();
    acts.body["audit"].clone()
}

#[test]
fn every_field_of_every_call_of_people_is_looked_at() {
    let shop = Shop::open();
    let document = document(&shop.house);
    let things = things_of(&shop);
    let mark = log::mark();
    let mut tried = 0;
    for route in routes(&document) {
        let own_session = route.path.starts_with("/ezpg/auth/");
        if route.method != "POST" || route.who.contains("mid") || own_session {
            continue;
        }
        let schema = route.body.clone();
        let right = schema.map_or(json!({}), |schema| body(&document, &schema, &things));
        let case = Case {
            document: &document,
            route: &route,
            path: path_of(&route, &things),
            right,
        };
        let before = (state(&shop), acts(&shop));
        for (what, body) in case.bodies() {
            is_told(&shop.house.post(&case.path, &shop.admin, &body), &what);
            tried += 1;
        }
        for text in shapeless() {
            let said = shop.house.post_bytes(&case.path, &shop.admin, &[], &text);
            let shown = String::from_utf8_lossy(&text);
            is_told(&said, &format!("{} {shown:.40}", route.name()));
            assert_eq!(said.no(), (400, "1003"), "{} {shown:.40}", route.name());
            tried += 1;
        }
        let now = (state(&shop), acts(&shop));
        assert_eq!(now, before, "{} changed something", route.name());
    }
    assert!(tried > 1_000, "{tried} calls");
    assert!(
        log::lines_since(mark, "canary").is_empty(),
        "nothing in the log"
    );
}

/// What stands in addresses by mistake or on purpose, as it is written there.
const JUNK: &[&str] = &[
    "",
    "x",
    "-1",
    "0",
    "1.5",
    "501",
    "99999999999999999999",
    "18446744073709551615",
    "canary%E2%80%AE",
    "%00",
    "%ff%fe",
    "2026-02-30",
    "20261301",
    "0000-00-00",
    "9999-12-31T23:59:59%2B14:00",
    "..%2F..%2Fetc",
    "%3Cscript%3E",
    "%27%20or%201=1",
    "1&limit=1&limit=2",
];

#[test]
fn every_question_is_looked_at() {
    let shop = Shop::open();
    let document = document(&shop.house);
    let mark = log::mark();
    let is_told = |path: &str| {
        let said = shop.house.get(path, &shop.admin);
        let text = &said.text;
        assert!(said.status < 500, "{path}: {} {text:.300}", said.status);
        assert!(said.body["resultCode"].is_string(), "{path}: {text:.300}");
        assert!(!text.contains("canary"), "{path}: {text:.300}");
        if said.status != 200 {
            assert!(said.body["traceId"].is_string(), "{path}: {text:.300}");
        }
    };
    let mut tried = 0;
    for route in routes(&document)
        .iter()
        .filter(|route| route.method == "GET")
    {
        let named: Vec<&str> = route
            .path
            .split('/')
            .filter(|part| part.starts_with('{'))
            .collect();
        for junk in JUNK {
            let in_path = junk.replace('&', "%26");
            let in_path = if in_path.is_empty() { "x" } else { &in_path };
            let at = named
                .iter()
                .fold(route.path.clone(), |path, part| path.replace(part, in_path));
            is_told(&at);
            for name in &route.query {
                is_told(&format!("{at}?{name}={junk}"));
                tried += 1;
            }
        }
    }
    assert!(tried > 500, "{tried} questions");
    assert!(
        log::lines_since(mark, "canary").is_empty(),
        "nothing in the log"
    );
}
