//! Routes × roles × merchants: who may call what, and that nobody sees another merchant's things.
//!
//! Made from the document that the house serves, so that a route cannot be forgotten: one that is
//! not in the document is found in the sources, and one whose document does not say who may call
//! it, or with what, fails here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::ezpg::{Shop, person_of, register};
use crate::support::http::{Http, Said};

/// One route of the document.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) method: String,
    pub(crate) path: String,
    who: BTreeSet<String>,
    pub(crate) open: bool,
    query: Vec<String>,
    body: Option<Value>,
}

impl Route {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether a merchant's person may call it.
    fn is_for_merchants(&self) -> bool {
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
fn body(document: &Value, schema: &Value, things: &Things) -> Value {
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

/// Calls `route` with `things` in its path, its query and its body.
pub(crate) fn call(
    house: &Http,
    document: &Value,
    route: &Route,
    token: &str,
    things: &Things,
) -> Said {
    let text = |name: &str| match &things[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut path = route.path.clone();
    while let Some((before, rest)) = path.split_once('{') {
        let (name, after) = rest.split_once('}').expect("a name in braces");
        let name = match (name, before) {
            ("id", before) if before.ends_with("/deliveries/") => "deliveryId",
            ("id", before) if before.ends_with("/webhooks/") => "endpointId",
            ("id", before) if before.ends_with("/deposits/") => "transactionId",
            (name, _) => name,
        };
        assert!(
            things.contains_key(name),
            "{}: nothing is known of {name}",
            route.name()
        );
        path = format!("{before}{}{after}", text(name));
    }
    if route.method == "GET" {
        let named = route.query.iter().filter(|name| {
            ["merchantId", "endpointId", "bankCode", "accountNo"].contains(&name.as_str())
        });
        let pairs: Vec<String> = named.map(|name| format!("{name}={}", text(name))).collect();
        let query = pairs.join("&");
        return house.get(&format!("{path}?{query}"), token);
    }
    let body = route
        .body
        .as_ref()
        .map_or(json!({}), |schema| body(document, schema, things));
    house.post(&path, token, &body)
}

/// What differs between two refusals but their ids.
fn told(said: &Said) -> (u16, String, String) {
    let text = |name: &str| said.body[name].as_str().unwrap_or_default().to_owned();
    (said.status, text("resultCode"), text("resultMsg"))
}

#[test]
fn every_route_is_in_the_document_and_says_who_may_call_it() {
    let house = Http::start();
    let document = document(&house);
    let routes = routes(&document);
    let known = ["HO", "OP", "VW", "ME", "all", "mid", "open"];
    for route in &routes {
        let right = route.who.iter().all(|who| known.contains(&who.as_str()));
        let said = document["paths"][&route.path][route.method.to_lowercase()]["x-who"].as_str();
        assert!(
            said.is_some() && right,
            "{}: who may call it? {said:?}",
            route.name()
        );
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/merchant/ezpg");
    let (mut mounted, mut told) = (0, 0);
    for entry in std::fs::read_dir(folder).expect("the face's folder") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|ending| ending != "rs") || path.ends_with("openapi.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source");
        let count = |words: &[&str]| words.iter().map(|word| text.matches(word).count()).sum();
        let here: usize = count(&[
            "web::get().to(",
            "web::post().to(",
            "web::put().to(",
            "web::patch().to(",
            "web::delete().to(",
            "web::to(",
        ]);
        let documented: usize = count(&["#[utoipa::path("]);
        assert_eq!(
            here,
            documented,
            "{}: routes and documented handlers",
            path.display()
        );
        mounted += here;
        told += documented;
    }
    assert_eq!(
        (mounted, told),
        (routes.len(), routes.len()),
        "all of them are in the document"
    );
}

#[test]
fn who_may_not_is_refused_before_anything_else() {
    let shop = Shop::open();
    let house = &shop.house;
    let document = document(house);
    let things = absent();
    let log_in = |user: &str, role: &str| {
        let password = house.add_user(&shop.admin, user, role, None);
        if role == "operator" {
            house.enrol(user, &password).1
        } else {
            house.log_in(user, &password).yes().text("token")
        }
    };
    let people = [
        ("HO", shop.admin.clone()),
        ("OP", log_in("op", "operator")),
        ("VW", log_in("vw", "viewer")),
        ("ME", shop.person.clone()),
    ];
    let half = {
        let password = house.add_user(&shop.admin, "half", "operator", None);
        house.log_in("half", &password).yes().text("token")
    };
    let forged = format!("{}x", shop.admin);
    for route in routes(&document).iter().filter(|route| !route.open) {
        let name = route.name();
        let midway = ["/ezpg/auth/verify-otp", "/ezpg/auth/enrol-otp"].contains(&&*route.path);
        for token in ["", &forged, &half] {
            if midway && token == half {
                continue;
            }
            let said = call(house, &document, route, token, &things);
            assert_eq!(
                said.no(),
                (401, "1001"),
                "{name} without a token: {}",
                said.body
            );
        }
        if route.path.starts_with("/ezpg/auth/") {
            continue;
        }
        for (role, token) in &people {
            let said = call(house, &document, route, token, &things);
            let refused = (said.status, said.code()) == (403, "1002");
            let may = route.who.contains(*role) || route.who.contains("all");
            assert_eq!(
                refused, !may,
                "{name} by {role}: {} {}",
                said.status, said.body
            );
            assert!(said.status < 500, "{name} by {role}: {}", said.body);
        }
    }
}

#[test]
fn another_merchants_things_are_as_if_they_were_not_there() {
    let shop = Shop::open();
    let house = &shop.house;
    let document = document(house);
    let shops = things_of(&shop);
    let nowhere = absent();
    let (other, _) = register(house, &shop.admin, "다른상점");
    let stranger = person_of(house, &shop.admin, "stranger", &other);
    let naming = [
        "merchantId",
        "transactionId",
        "accountNo",
        "endpointId",
        "deliveryId",
        "id",
    ];
    let mut proven = 0;
    for route in routes(&document)
        .iter()
        .filter(|route| route.is_for_merchants() && !route.open)
    {
        let name = route.name();
        let schema = route.body.as_ref();
        let named = schema.map(|schema| body(&document, schema, &nowhere));
        let names_something = route.path.contains('{')
            || route
                .query
                .iter()
                .any(|name| naming.contains(&name.as_str()))
            || named.is_some_and(|body| naming.iter().any(|name| body.get(name).is_some()));
        if !names_something {
            assert!(
                OWN_BY_NATURE.contains(&name.as_str()),
                "{name}: whose things does it see?"
            );
            continue;
        }
        let before = state(&shop);
        let theirs = call(house, &document, route, &stranger, &shops);
        let none = call(house, &document, route, &stranger, &nowhere);
        assert_eq!(told(&theirs), told(&none), "{name} tells what is there");
        assert_eq!(theirs.no(), (404, "1004"), "{name}: {}", theirs.body);
        assert_eq!(state(&shop), before, "{name} changed something");
        // The owner is told something else: the thing is there.
        let own = call(house, &document, route, &shop.person, &shops);
        assert_ne!(
            own.status, 404,
            "{name} does not find the owner's thing: {}",
            own.body
        );
        proven += 1;
    }
    assert!(proven >= 20, "{proven} routes were proven");
}

/// Routes that name nothing, because they speak of the caller alone.
const OWN_BY_NATURE: &[&str] = &[
    "POST /ezpg/auth/enrol-otp",
    "POST /ezpg/auth/logout",
    "POST /ezpg/auth/password",
    "POST /ezpg/auth/verify-otp",
];

/// The shop's things, one of each.
pub(crate) fn things_of(shop: &Shop) -> Things {
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
    ]);
    things
}

/// What head office sees of the shop.
fn state(shop: &Shop) -> Vec<Value> {
    [
        "/ezpg/accounts",
        "/ezpg/transactions/deposits",
        "/ezpg/orders",
        "/ezpg/webhooks",
    ]
    .iter()
    .map(|path| {
        let path = format!("{path}?merchantId={}", shop.id);
        shop.house.get(&path, &shop.admin).yes().body
    })
    .collect()
}
