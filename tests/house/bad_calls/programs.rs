//! The same for merchants' programs: `EzPG`'s own calls and `PayAction`'s.

use serde_json::{Value, json};

use super::{CANARY, Case, shapeless, without};
use crate::ezpg::{Shop, register};
use crate::matrix::{Things, body, document, path_of, routes};
use crate::support::http::Said;
use crate::support::log;

/// A no in the shape of merchants' own calls: JSON labelled as text, status 200, both codes.
fn is_told_as_text(said: &Said, what: &str) {
    let text = said.body.to_string();
    assert_eq!(said.status, 200, "{what}: {text:.300}");
    assert_eq!(
        said.header("content-type"),
        Some("text/plain;charset=UTF-8"),
        "{what}"
    );
    assert_eq!(said.body["resultCode"], "1003", "{what}: {text:.300}");
    assert_eq!(said.body["resultCd"], "1003", "{what}: {text:.300}");
    assert!(
        said.body["resultMsg"].is_string() && said.body["traceId"].is_string(),
        "{what}"
    );
    assert!(!text.contains(CANARY), "{what}: {text:.300}");
}

/// What is right for a call.
fn right(path: &str) -> Value {
    match path {
        "/ezpg/regUserApi" => json!({ "userId": "u1", "userNm": "홍길동", "fixYn": "Y" }),
        "/ezpg/merWithdrawApi" => json!({
            "moid": "m1", "withAmt": 1_000, "bankCd": "004", "withAccntNo": "110123456789",
            "withAccntNm": "홍길동",
        }),
        "/ezpg/searchTransApi" => json!({ "moid": "m1" }),
        other => panic!("what is right for {other}?"),
    }
}

/// Everything that is wrong about one call.
fn is_looked_at(shop: &Shop, case: &Case<'_>) {
    let house = &shop.house;
    // A merchant that sends so much nonsense is locked, so each of its hundreds has its own.
    let (mut mid, mut meky) = register(house, &shop.admin, "상점");
    let mut bodies = case.bodies();
    let needed = case.right.as_object().expect("fields").keys();
    for field in needed.filter(|name| *name != "moid") {
        let what = format!("{} without {field}", case.path);
        bodies.push((what, without(&case.right, &format!("/{field}"), false)));
    }
    for (nth, (what, mut body)) in bodies.into_iter().enumerate() {
        if nth % 90 == 89 {
            (mid, meky) = register(house, &shop.admin, "상점");
        }
        for (name, own) in [("mid", &mid), ("meky", &meky)] {
            if body.get(name).is_none() {
                body[name] = json!(own);
            }
        }
        let said = house.post(&case.path, "", &body);
        if what.contains(" /mid ") || what.contains(" /meky ") {
            let known = ["1001", "1003"].contains(&said.code());
            assert!(said.status == 200 && known, "{what}: {}", said.body);
        } else {
            is_told_as_text(&said, &what);
        }
    }
    for text in shapeless() {
        let said = house.post_bytes(&case.path, "", &[], &text);
        let shown = String::from_utf8_lossy(&text);
        is_told_as_text(&said, &format!("{} {shown:.40}", case.path));
    }
}

#[test]
fn every_field_of_every_call_of_merchants_programs_is_looked_at() {
    let shop = Shop::open();
    let document = document(&shop.house);
    let mark = log::mark();
    for route in &routes(&document) {
        if route.who.contains("mid") {
            let case = Case {
                document: &document,
                route,
                path: route.path.clone(),
                right: right(&route.path),
            };
            is_looked_at(&shop, &case);
        }
    }
    let accounts = shop.house.get("/ezpg/accounts", &shop.admin).yes();
    assert_eq!(accounts.body["totalCount"], 0, "nothing was issued");
    let told = log::lines_since(mark, "canary");
    assert!(told.is_empty(), "nothing in the log");
}

#[test]
fn every_field_of_every_call_of_payaction_is_looked_at() {
    let shop = Shop::open();
    let house = &shop.house;
    let document = house.get("/payaction/openapi.json", "").body;
    let named = Things::from([("order_number", json!("p-1"))]);
    let keys = || {
        let body = json!({ "merchantId": register(house, &shop.admin, "상점").0,
            "which": "payaction" });
        let said = house
            .post("/ezpg/merchants/credentials", &shop.admin, &body)
            .yes();
        let own = said.body["credentials"]["payaction"].clone();
        let text = |name: &str| own[name].as_str().expect("a key").to_owned();
        (text("mallId"), text("apiKey"))
    };
    let mark = log::mark();
    for route in routes(&document)
        .iter()
        .filter(|route| route.body.is_some())
    {
        let schema = route.body.clone().expect("a body");
        let case = Case {
            document: &document,
            route,
            path: path_of(route, &named),
            right: body(&document, &schema, &Things::new()),
        };
        let (mut mall, mut key) = keys();
        for (nth, (what, body)) in case.bodies().into_iter().enumerate() {
            // What is wrong about a receipt is never a reason to refuse an order.
            if what.contains("/trade_usage") || what.contains("/identity_number") {
                continue;
            }
            if nth % 90 == 89 {
                (mall, key) = keys();
            }
            let headers = [("x-mall-id", mall.as_str()), ("x-api-key", key.as_str())];
            let said = house.post_with(&case.path, "", &headers, &body);
            let text = said.body.to_string();
            assert_eq!(
                (said.status, &said.body["status"]),
                (200, &json!("error")),
                "{what}: {text}"
            );
            let words = said.body["response"]["message"]
                .as_str()
                .unwrap_or_default();
            let told = ["값이 올바르지 않습니다.", "누락된 필드가 존재합니다."];
            assert!(
                told.iter().any(|end| words.ends_with(end)),
                "{what}: {text}"
            );
            assert!(!text.contains(CANARY), "{what}: {text}");
        }
    }
    let orders = house.get("/ezpg/orders", &shop.admin).yes();
    assert_eq!(orders.body["totalCount"], 0, "nothing was ordered");
    assert!(
        log::lines_since(mark, "canary").is_empty(),
        "nothing in the log"
    );
}
