//! What the documents say of answers is what the service answers: every route of them is called,
//! with things that are there and with things that are not.

use serde_json::{Value, json};

use crate::ezpg::Shop;
use crate::matrix::{Route, absent, call, document, routes, things_of};
use crate::support::http::Said;

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

#[test]
fn every_route_of_ezpg_answers_as_its_document_says() {
    let shop = Shop::open();
    let house = &shop.house;
    let document = document(house);
    let there = things_of(&shop);
    let nowhere = absent();
    let mut told = (0, 0);
    let routes = routes(&document);
    // Whoever logs out first hears nothing of the rest.
    let last = |route: &&Route| route.path == "/ezpg/auth/logout";
    let first = routes.iter().filter(|route| !last(route));
    for route in first.chain(routes.iter().filter(last)) {
        for things in [&nowhere, &there] {
            let said = call(house, &document, route, &shop.admin, things);
            fits(&document, route, &said);
            told.0 += usize::from(said.status == 200);
            told.1 += usize::from(said.status != 200);
        }
    }
    assert!(told.0 > 30 && told.1 > 30, "{told:?} answers of each kind");
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
