//! The face's document says what the running service does.

use serde_json::{Value, json};

use super::mall::{Mall, right, send};
use super::{GOLDEN, GUIDES};
use crate::support::http::Http;

/// The document's name for a path of these tests.
fn template(path: &str) -> String {
    match path.split('/').collect::<Vec<_>>()[..] {
        ["", "order", _] => "/payaction/order/{order_number}".to_owned(),
        ["", "orders", _, "cancel"] => "/payaction/orders/{order_number}/cancel".to_owned(),
        _ => format!("/payaction{path}"),
    }
}

/// Whether `answer` is one that the document has for `status`.
fn fits(document: &Value, operation: &Value, status: u16, answer: &Value) -> bool {
    let responses = &operation["responses"];
    let response = responses
        .get(status.to_string())
        .unwrap_or(&responses["default"]);
    let mut schema = json!({ "components": document["components"] });
    schema["allOf"] = json!([response["content"]["application/json"]["schema"]]);
    jsonschema::is_valid(&schema, answer)
}

#[test]
fn every_answer_is_one_that_the_document_has() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    let strict = Mall::register(&house, &admin);
    strict.wants_4xx(&house, &admin);
    let document = house.get("/payaction/openapi.json", "").body;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    mall.order(&house, &right("shown"));
    strict.order(&house, &right("shown"));
    let shown = ("GET /order/shown", "", "", 200);
    let mut seen = Vec::new();
    for (call, body, ..) in GOLDEN.into_iter().chain([shown]) {
        let (method, path) = call.split_once(' ').unwrap();
        let template = template(path);
        let operation = &document["paths"][&template][method.to_lowercase()];
        assert!(operation.is_object(), "{call} is documented");
        for mall in [&mall, &strict] {
            let path = format!("/payaction{path}");
            let answer = send(&house, method, &path, &mall.keys(), body.as_bytes());
            let told: Value = serde_json::from_str(&answer.body).unwrap();
            assert!(
                fits(&document, operation, answer.status, &told),
                "{call} {body}: {told}"
            );
            assert!(!fits(&document, operation, answer.status, &json!({})));
        }
        seen.push(template);
    }
    let paths = document["paths"].as_object().unwrap();
    for path in paths.keys() {
        assert!(seen.contains(path), "{path} was called");
    }
    let guides: Value = serde_json::from_str(GUIDES).unwrap();
    let ask = "#/components/schemas/PlaceAsk";
    let schema = json!({ "components": document["components"], "$ref": ask });
    assert!(jsonschema::is_valid(&schema, &guides));
    for field in [
        "order_number",
        "order_amount",
        "order_date",
        "billing_name",
        "orderer_name",
    ] {
        let mut order = guides.clone();
        order.as_object_mut().unwrap().remove(field);
        assert!(
            !jsonschema::is_valid(&schema, &order),
            "{field} is required"
        );
    }
}

#[test]
fn the_document_tells_the_keys_and_its_viewer_needs_no_internet() {
    let house = Http::start();
    let document = house.get("/payaction/openapi.json", "").body;
    assert_eq!(document["info"]["title"], "PayAction");
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            assert_eq!(
                operation["security"],
                json!([{ "apiKey": [], "mallId": [] }])
            );
        }
    }
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["apiKey"]["name"], "x-api-key");
    assert_eq!(schemes["mallId"]["name"], "x-mall-id");
    let page = house.get("/payaction/docs/", "");
    assert_eq!(page.status, 200);
    let page = page.body.as_str().expect("a page").to_owned();
    for named in page.split(['"', '\'']).filter(|word| word.contains("://")) {
        assert!(
            named.starts_with("http://www.w3.org"),
            "the page asks {named}"
        );
    }
    let settings = house.get("/payaction/docs/swagger-initializer.js", "");
    let settings = settings.body.as_str().expect("a script").to_owned();
    assert!(settings.contains("/payaction/openapi.json"), "{settings}");
}
