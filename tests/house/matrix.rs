//! Routes × roles × merchants: who may call what, in which order that is found out, and that
//! nobody sees another merchant's things.
//!
//! Made from the documents that the house serves, so that a route cannot be forgotten: one that is
//! not in its face's document is found in the sources, and one whose document does not say who may
//! call it, or with what, fails here.

mod apart;
mod first;
mod listed;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::ezpg::Shop;
use crate::support::http::{Http, Said};

/// One route of the document.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) who: BTreeSet<String>,
    pub(crate) open: bool,
    pub(crate) query: Vec<String>,
    pub(crate) body: Option<Value>,
}

impl Route {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether a merchant's person may call it.
    pub(crate) fn is_for_merchants(&self) -> bool {
        self.who.contains("ME") || self.who.contains("all")
    }
}

pub(crate) fn document(house: &Http) -> Value {
    house.get("/ezpg/openapi.json", "").body
}

pub(crate) fn routes(document: &Value) -> Vec<Route> {
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let who = operation["x-who"].as_str().unwrap_or_default();
            let parameters = operation["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let query = parameters.iter().filter(|one| one["in"] == "query");
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            routes.push(Route {
                method: method.to_uppercase(),
                path: path.clone(),
                who: who
                    .split(|letter: char| !letter.is_ascii_alphabetic())
                    // In which mode is said beside it.
                    .filter(|word| !word.is_empty() && *word != "sandbox")
                    .map(str::to_owned)
                    .collect(),
                open: operation["security"] == json!([]),
                query: query
                    .map(|one| one["name"].as_str().unwrap().to_owned())
                    .collect(),
                body: schema.is_object().then(|| schema.clone()),
            });
        }
    }
    routes
}

/// What requests name, by the names of their fields.
pub(crate) type Things = BTreeMap<&'static str, Value>;

/// Values that are right wherever a field of this name stands.
fn plain() -> Things {
    BTreeMap::from([
        ("accountHolder", json!("홍길동")),
        ("accountType", json!("fixed")),
        ("amount", json!(1_000)),
        ("amountMatchRequired", json!("N")),
        ("billing_name", json!("홍길동")),
        ("channel", json!("mail")),
        ("dialect", json!("standard")),
        ("enabled", json!(true)),
        ("events", json!([])),
        ("expireDate", json!("2099-12-31")),
        ("from", json!("2026-01-01")),
        ("groupBy", json!("day")),
        ("otpCode", json!("123456")),
        ("overlapHours", json!(1)),
        ("reason", json!("까닭")),
        ("role", json!("viewer")),
        ("settingType", json!("environment")),
        ("skip", json!(false)),
        ("statisticsType", json!("transaction")),
        ("to", json!("2099-01-01")),
        ("url", json!("http://127.0.0.1:65001/hook")),
        ("userName", json!("아무개")),
        ("which", json!("ezpg")),
    ])
}

/// Things that are nowhere.
pub(crate) fn absent() -> Things {
    let mut things = plain();
    things.extend([
        ("merchantId", json!("absent")),
        ("transactionId", json!("dep_000000999999")),
        ("accountNo", json!("79040000099999")),
        ("bankCode", json!("004")),
        ("orderNumber", json!("none")),
        ("userId", json!("absent")),
        ("endpointId", json!("ep_000000999999")),
        ("deliveryId", json!("ep_000000999999.evt_000000999998_0")),
        ("id", json!("absent")),
    ]);
    things
}

/// A body of `schema` that names `things`; only what must be there and what names something.
pub(crate) fn body(document: &Value, schema: &Value, things: &Things) -> Value {
    let mut schema = schema;
    while let Some(named) = schema["$ref"].as_str() {
        schema = document.pointer(&named[1..]).expect("a schema");
    }
    let mut body = json!({});
    let required: Vec<&str> = schema["required"]
        .as_array()
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let naming = [
            "merchantId",
            "transactionId",
            "accountNo",
            "bankCode",
            "orderNumber",
        ];
        let needed = required.contains(&name.as_str()) || naming.contains(&name.as_str());
        let example = field.get("example").or_else(|| field["examples"].get(0));
        if let Some(value) = things.get(name.as_str()) {
            body[name] = value.clone();
        } else if let (Some(value), true) = (example, needed) {
            body[name] = value.clone();
        } else if needed {
            body[name] = by_type(document, field, things);
        }
    }
    body
}

fn by_type(document: &Value, field: &Value, things: &Things) -> Value {
    if field["$ref"].is_string() || field["properties"].is_object() {
        return body(document, field, things);
    }
    let kind = match &field["type"] {
        Value::Array(kinds) => kinds[0].as_str(),
        kind => kind.as_str(),
    };
    match kind {
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(false),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => json!("x"),
    }
}

fn text(things: &Things, name: &str) -> String {
    match &things[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The path of `route` with the things that it names.
pub(crate) fn path_of(route: &Route, things: &Things) -> String {
    let mut path = route.path.clone();
    while let Some((before, rest)) = path.split_once('{') {
        let (name, after) = rest.split_once('}').expect("a name in braces");
        let name = match (name, before) {
            ("id", before) if before.ends_with("/deliveries/") => "deliveryId",
            ("id", before) if before.ends_with("/webhooks/") => "endpointId",
            ("id", before) if before.ends_with("/deposits/") => "transactionId",
            (name, _) => name,
        };
        let known = things.contains_key(name);
        assert!(known, "{}: nothing is known of {name}", route.name());
        path = format!("{before}{}{after}", text(things, name));
    }
    path
}

/// Calls `route` with `things` in its path, its query and its body.
pub(crate) fn call(
    house: &Http,
    document: &Value,
    route: &Route,
    token: &str,
    things: &Things,
) -> Said {
    let path = path_of(route, things);
    if route.method == "GET" {
        let named = route.query.iter().filter(|name| {
            ["merchantId", "endpointId", "bankCode", "accountNo"].contains(&name.as_str())
        });
        let pairs: Vec<String> = named
            .map(|name| format!("{name}={}", text(things, name)))
            .collect();
        let query = pairs.join("&");
        return house.get(&format!("{path}?{query}"), token);
    }
    let body = route
        .body
        .as_ref()
        .map_or(json!({}), |schema| body(document, schema, things));
    house.post(&path, token, &body)
}

/// Has the shop's own program place an order.
fn place(shop: &Shop, number: &str) {
    let body = json!({ "merchantId": shop.id, "which": "payaction" });
    let keys = shop
        .house
        .post("/ezpg/merchants/credentials", &shop.admin, &body);
    let key = keys.yes().body["credentials"]["payaction"]["apiKey"].clone();
    let key = key.as_str().expect("a key");
    let headers = [("x-api-key", key), ("x-mall-id", shop.id.as_str())];
    let order = json!({
        "order_number": number, "order_amount": 19_000, "billing_name": "성춘향",
        "orderer_name": "성춘향", "order_date": "2026-01-01T00:00:00+09:00",
    });
    let said = shop
        .house
        .post_with("/payaction/order", "", &headers, &order);
    assert_eq!(said.body["status"], "success", "{}", said.body);
}

/// The shop's things, one of each.
pub(crate) fn things_of(shop: &Shop) -> Things {
    place(shop, "A-1");
    let said = shop.issue(&json!({})).yes();
    let account = said.body["accountInfo"]["accountNo"]
        .as_str()
        .unwrap()
        .to_owned();
    let hook = json!({
        "merchantId": shop.id, "url": "http://127.0.0.1:65001/hook", "dialect": "standard",
        "events": [],
    });
    let hook = shop.house.post("/ezpg/webhooks", &shop.admin, &hook).yes();
    let id = shop
        .pay(&account, 1_000, "홍길동")
        .yes()
        .text("transactionId");
    let list = format!("/ezpg/webhooks/deliveries?merchantId={}", shop.id);
    let deliveries = shop.house.get(&list, &shop.admin).yes();
    let delivery = deliveries.body["deliveries"][0]["deliveryId"].clone();
    assert!(delivery.is_string(), "{}", deliveries.body);
    let mut things = plain();
    things.extend([
        ("merchantId", json!(shop.id)),
        ("transactionId", json!(id)),
        ("accountNo", json!(account)),
        ("bankCode", json!("004")),
        ("orderNumber", json!("A-1")),
        ("userId", json!("shopper")),
        ("endpointId", json!(hook.text("endpointId"))),
        ("deliveryId", delivery),
        ("id", json!("nothing")),
        ("mid", json!(shop.id)),
        ("meky", json!(shop.meky)),
        ("userNm", json!("홍길동")),
        ("fixYn", json!("Y")),
    ]);
    things
}
