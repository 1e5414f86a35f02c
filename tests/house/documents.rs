//! What the documents say of answers is what the service answers: every route of them is called,
//! with things that are there and with things that are not.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::ezpg::Shop;
use crate::matrix::{Route, absent, body, call, document, path_of, routes, things_of};
use crate::support::http::{Phone, Said};

/// What an answer to this route must look like, by its status.
fn schema(document: &Value, route: &Route, said: &Said) -> Value {
    let operation = &document["paths"][&route.path][route.method.to_lowercase()];
    let response = match said.status {
        200 => &operation["responses"]["200"],
        _ => &operation["responses"]["default"],
    };
    let content = response["content"].as_object().expect("content");
    let (form, content) = content.iter().next().expect("a form");
    let name = route.name();
    assert_eq!(said.header("content-type"), Some(form.as_str()), "{name}");
    let mut schema = inside(&content["schema"]);
    assert!(schema.is_object(), "{name} {} has no schema", said.status);
    // A refusal may tell more than its code.
    if said.code() == "0000" {
        schema = closed(&schema);
    }
    // References lead from the root, so the root takes the components along.
    schema["components"] = document["components"].clone();
    let schemas = schema["components"]["schemas"].as_object_mut();
    for (_, component) in schemas.expect("schemas") {
        *component = inside(component);
    }
    schema
}

/// The same, but what it does not name must not be there.
fn closed(schema: &Value) -> Value {
    let named = ["$ref", "properties", "allOf", "oneOf", "anyOf"];
    if named.iter().any(|word| schema.get(word).is_some()) {
        json!({ "allOf": [schema], "unevaluatedProperties": false })
    } else {
        schema.clone()
    }
}

/// The same with everything in it closed.
fn inside(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, field) in fields.into_iter().flatten() {
        *field = closed(&inside(field));
    }
    if schema.get("items").is_some() {
        schema["items"] = closed(&inside(&schema["items"]));
    }
    for way in ["allOf", "oneOf", "anyOf"] {
        let all = schema.get_mut(way).and_then(Value::as_array_mut);
        for one in all.into_iter().flatten() {
            *one = inside(one);
        }
    }
    schema
}

fn fits(document: &Value, route: &Route, said: &Said) {
    let schema = schema(document, route, said);
    let validator = jsonschema::validator_for(&schema)
        .unwrap_or_else(|error| panic!("{}: no schema: {error}", route.name()));
    let faults: Vec<String> = validator
        .iter_errors(&said.body)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(
        faults.is_empty(),
        "{} answered {} {}: {faults:#?}",
        route.name(),
        said.status,
        said.body
    );
}

#[test]
fn an_answer_with_more_than_its_document_has_does_not_fit() {
    let person = json!({ "properties": { "name": { "type": "string" } } });
    let list = json!({ "properties": { "people": { "type": "array", "items": person } } });
    let is = |answer: Value| jsonschema::is_valid(&closed(&inside(&list)), &answer);
    assert!(is(json!({ "people": [{ "name": "홍길동" }] })));
    assert!(!is(json!({ "people": [{ "name": "홍길동", "age": 7 }] })));
    assert!(!is(json!({ "people": [], "more": 1 })));
}

/// Calls that need more than the names of things: each with what it was answered.
fn in_detail(shop: &Shop) -> Vec<(&'static str, Said)> {
    let house = &shop.house;
    let person = json!({ "userId": "reader", "userName": "아무개", "role": "viewer" });
    let added = house.post("/ezpg/users", &shop.admin, &person);
    let password = added.text("password");
    let entered = house.log_in("reader", &password);
    let refresh = json!({ "refreshToken": entered.text("refreshToken") });
    let refreshed = house.post("/ezpg/auth/refresh", "", &refresh);
    let token = refreshed.text("token");
    let change = json!({ "old": password, "new": "another-pass-of-reader" });
    let changed = house.post("/ezpg/auth/password", &token, &change);
    let offered = house.post("/ezpg/auth/enrol-otp", &changed.text("token"), &json!({}));
    let mut phone = Phone::of(&offered.text("secret"));
    let half = house.log_in("reader", "another-pass-of-reader");
    let verified = house.verify(&half.text("token"), "reader", &phone.code());
    let issued = shop.issue(&json!({ "amount": 1_000, "expireDate": "2099-12-31" }));
    let number = issued.body["accountInfo"]["accountNo"]
        .as_str()
        .expect("a number");
    let paid = shop.pay(number, 1_000, "홍길동");
    let other = json!({ "merchantId": shop.id, "accountType": "dynamic", "amount": 1_000 });
    let virtual_one = house.post("/ezpg/virtual-accounts/issue", &shop.admin, &other);
    vec![
        ("POST /ezpg/users", added),
        ("POST /ezpg/auth/login", entered),
        ("POST /ezpg/auth/refresh", refreshed),
        ("POST /ezpg/auth/password", changed),
        ("POST /ezpg/auth/enrol-otp", offered),
        ("POST /ezpg/auth/login", half),
        ("POST /ezpg/auth/verify-otp", verified),
        ("POST /ezpg/test/deposit", paid),
        ("POST /ezpg/accounts/issue", issued),
        ("POST /ezpg/virtual-accounts/issue", virtual_one),
    ]
}

#[test]
fn every_route_of_ezpg_answers_as_its_document_says() {
    let shop = Shop::open();
    let house = &shop.house;
    let document = document(house);
    let there = things_of(&shop);
    let nowhere = absent();
    let routes = routes(&document);
    let detailed = in_detail(&shop);
    let mut done: BTreeSet<String> = BTreeSet::new();
    for (name, said) in detailed {
        let route = routes.iter().find(|route| route.name() == name);
        fits(&document, route.expect("a route"), &said.yes());
        done.insert(name.to_owned());
    }
    // Whoever logs out first hears nothing of the rest.
    let last = |route: &&Route| route.path == "/ezpg/auth/logout";
    let first = routes.iter().filter(|route| !last(route));
    let mut refused = 0;
    for route in first.chain(routes.iter().filter(last)) {
        for things in [&nowhere, &there] {
            let said = call(house, &document, route, &shop.admin, things);
            fits(&document, route, &said);
            if said.code() == "0000" {
                done.insert(route.name());
            } else {
                refused += 1;
            }
        }
    }
    assert!(refused > 40, "{refused} refusals");
    let all: BTreeSet<String> = routes.iter().map(Route::name).collect();
    let never: Vec<&String> = all.difference(&done).collect();
    assert_eq!(
        never, NOT_OPEN,
        "every other call was answered with a success, too"
    );
}

/// Calls that nobody is answered with a success, before money can leave.
const NOT_OPEN: &[&str] = &[
    "POST /ezpg/merWithdrawApi",
    "POST /ezpg/searchTransApi",
    "POST /ezpg/transactions/withdrawal/approve",
    "POST /ezpg/transactions/withdrawal/cancel",
    "POST /ezpg/transactions/withdrawal/reject",
    "POST /ezpg/transactions/withdrawal/request",
];

/// Calls of the interface's older documents: what they do not know is not theirs.
const LENIENT: &[&str] = &[
    "/ezpg/accounts/issue",
    "/ezpg/auth/login",
    "/ezpg/auth/verify-otp",
    "/ezpg/merWithdrawApi",
    "/ezpg/merchants/register",
    "/ezpg/merchants/settings",
    "/ezpg/notifications/settings",
    "/ezpg/regUserApi",
    "/ezpg/searchTransApi",
    "/ezpg/system/settings",
    "/ezpg/test/deposit",
    "/ezpg/transactions/withdrawal/request",
    "/ezpg/virtual-accounts/issue",
];

#[test]
fn unknown_fields_are_refused_in_our_own_calls_and_ignored_in_those_of_others() {
    let shop = Shop::open();
    let document = document(&shop.house);
    let there = things_of(&shop);
    let mut strict = 0;
    for route in routes(&document)
        .iter()
        .filter(|route| route.method == "POST")
    {
        let name = route.name();
        let mut sent = route
            .body
            .as_ref()
            .map_or(json!({}), |schema| body(&document, schema, &there));
        sent["colour"] = json!("blue");
        let token = if route.open { "" } else { &shop.admin };
        let path = path_of(route, &there);
        let said = shop.house.post(&path, token, &sent);
        let refused = said.body["resultMsg"]
            .as_str()
            .is_some_and(|words| words.contains("colour"));
        assert_eq!(
            refused,
            !LENIENT.contains(&route.path.as_str()),
            "{name}: {}",
            said.body
        );
        if refused {
            assert_eq!(said.no(), (400, "1003"), "{name}");
            strict += 1;
        }
    }
    assert!(strict > 20, "{strict}");
}

#[test]
fn every_route_of_payaction_is_there_and_refuses_as_its_document_says() {
    let shop = Shop::open();
    let document = shop.house.get("/payaction/openapi.json", "").body;
    let paths = document["paths"].as_object().expect("paths");
    assert!(paths.len() >= 5, "{paths:?}");
    for route in routes(&document) {
        let path = route.path.replace("{order_number}", "A-1");
        let said = match route.method.as_str() {
            "GET" => shop.house.get(&path, ""),
            _ => shop.house.post(&path, "", &json!({})),
        };
        assert!([200, 401].contains(&said.status), "{path}: {}", said.body);
        assert_eq!(said.body["status"], "error", "{path}");
        fits(&document, &route, &said);
        let other = match route.method.as_str() {
            "GET" => shop.house.post(&path, "", &json!({})),
            _ => shop.house.get(&path, ""),
        };
        assert!(
            [404, 405].contains(&other.status),
            "{path}: {}",
            other.status
        );
    }
    let page = shop.house.get("/payaction/docs/", "");
    assert!(page.body.as_str().expect("a page").contains("swagger-ui"));
}
