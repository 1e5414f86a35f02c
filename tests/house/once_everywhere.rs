//! Every call that changes something: once under a key, and in the audit log.
//!
//! Made from the document: a call that is neither tried here nor excused with its reason fails.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::bad_calls::state;
use crate::ezpg::Shop;
use crate::matrix::{Things, document, routes, things_of};
use crate::support::http::Said;

/// Calls that are not tried here, and why.
const EXCUSED: &[(&str, &str)] = &[
    (
        "/ezpg/auth/",
        "a log-in that is said again would be a key left lying about",
    ),
    (
        "/ezpg/webhooks/{id}/resume",
        "nothing is suspended here, so that it changes nothing",
    ),
    (
        "/ezpg/webhooks/{id}/test",
        "it tries something out and changes nothing",
    ),
    (
        "/ezpg/transactions/withdrawal/",
        "no money leaves yet, so each is refused",
    ),
    (
        "/ezpg/merWithdrawApi",
        "no money leaves yet, so each is refused",
    ),
    ("/ezpg/searchTransApi", "it only asks"),
];

/// Calls that are no administrative acts: what they do comes back as a telegram or a letter, or
/// is done by a merchant's own program.
const NO_ACTS: &[&str] = &["/ezpg/test/deposit", "/ezpg/regUserApi"];

/// A call, what it says, and the same with something else in it.
struct Change {
    path: &'static str,
    at: String,
    body: Value,
    other: Value,
}

fn change(path: &'static str, at: &str, body: Value, field: &str, other: Value) -> Change {
    let mut changed = body.clone();
    changed[field] = other;
    Change {
        path,
        at: at.to_owned(),
        body,
        other: changed,
    }
}

fn same_path(path: &'static str, body: Value, field: &str, other: Value) -> Change {
    change(path, path, body, field, other)
}

fn of_people() -> Vec<Change> {
    let user = json!({ "userId": "once", "userName": "아무개", "role": "viewer" });
    vec![
        same_path("/ezpg/users", user, "userId", json!("twice")),
        same_path(
            "/ezpg/users/reset-otp",
            json!({ "userId": "once" }),
            "userId",
            json!("other"),
        ),
        same_path(
            "/ezpg/users/disable",
            json!({ "userId": "once" }),
            "userId",
            json!("other"),
        ),
        same_path(
            "/ezpg/system/settings",
            json!({ "settingType": "security", "settings": { "lockout.tries": "4" } }),
            "settings",
            json!({ "lockout.tries": "3" }),
        ),
    ]
}

fn of_merchants(shop: &Shop) -> Vec<Change> {
    let id = &shop.id;
    let conditions = |least: u64| json!({ "depositNotification": true, "minAmount": least });
    vec![
        same_path(
            "/ezpg/merchants/register",
            json!({ "merchantInfo": { "merchantName": "새상점" } }),
            "merchantInfo",
            json!({ "merchantName": "또상점" }),
        ),
        same_path(
            "/ezpg/merchants/settings",
            json!({ "merchantId": id, "depositFeeRate": 2 }),
            "depositFeeRate",
            json!(3),
        ),
        same_path(
            "/ezpg/merchants/policies",
            json!({ "merchantId": id, "payactionErrorStatus": "4xx" }),
            "payactionErrorStatus",
            json!("200"),
        ),
        same_path(
            "/ezpg/merchants/credentials",
            json!({ "merchantId": id, "which": "ipay" }),
            "which",
            json!("payapi"),
        ),
        same_path(
            "/ezpg/notifications/settings",
            json!({ "merchantId": id, "notificationConditions": conditions(1) }),
            "notificationConditions",
            conditions(2),
        ),
    ]
}

fn of_money(shop: &Shop, things: &Things) -> Vec<Change> {
    let id = &shop.id;
    let account = json!({ "merchantId": id, "accountType": "fixed", "bankCode": "004" });
    let (number, deposit) = (&things["accountNo"], &things["transactionId"]);
    let order = json!({ "merchantId": id, "orderNumber": "B-1" });
    let paid = json!({
        "accountNo": number, "bankCode": "004", "amount": 500, "depositorName": "김철수",
    });
    let by_hand = json!({
        "transactionId": deposit, "merchantId": id, "orderNumber": "B-1", "reason": "전화 확인",
    });
    let undo = json!({ "transactionId": deposit, "reason": "잘못 매칭" });
    let close = json!({ "bankCode": "004", "accountNo": number });
    let user = json!({
        "mid": id, "meky": shop.meky, "userId": "once", "userNm": "홍길동", "fixYn": "Y",
    });
    vec![
        same_path("/ezpg/accounts/issue", account.clone(), "amount", json!(7)),
        same_path("/ezpg/virtual-accounts/issue", account, "amount", json!(7)),
        same_path("/ezpg/regUserApi", user, "userNm", json!("김철수")),
        same_path("/ezpg/orders/name-code", order, "orderNumber", json!("B-2")),
        same_path(
            "/ezpg/matching/match",
            by_hand,
            "reason",
            json!("다른 까닭"),
        ),
        same_path("/ezpg/matching/undo", undo, "reason", json!("다른 까닭")),
        same_path("/ezpg/test/deposit", paid, "amount", json!(600)),
        same_path("/ezpg/accounts/close", close, "accountNo", json!("1")),
    ]
}

fn of_endpoints(shop: &Shop, things: &Things) -> Vec<Change> {
    let name = |thing: &str| things[thing].as_str().expect("a name").to_owned();
    let own = format!("/ezpg/webhooks/{}", name("endpointId"));
    let letter = format!("/ezpg/webhooks/deliveries/{}", name("deliveryId"));
    let url = "http://127.0.0.1:9009/other";
    let made = json!({ "merchantId": shop.id, "url": url, "dialect": "standard", "events": [] });
    let period = json!({ "from": "2020-01-01" });
    let resend = "/ezpg/webhooks/deliveries/{id}/resend";
    let replay = "/ezpg/webhooks/{id}/replay";
    let rotate = "/ezpg/webhooks/{id}/rotate";
    vec![
        same_path("/ezpg/webhooks", made, "dialect", json!("ezpg-a")),
        change(
            resend,
            &format!("{letter}/resend"),
            json!({}),
            "x",
            json!(1),
        ),
        change(
            replay,
            &format!("{own}/replay"),
            period,
            "from",
            json!("2020-01-02"),
        ),
        change(
            rotate,
            &format!("{own}/rotate"),
            json!({ "overlapHours": 1 }),
            "overlapHours",
            json!(2),
        ),
        change(
            "/ezpg/webhooks/{id}",
            &own,
            json!({ "enabled": false }),
            "enabled",
            json!(true),
        ),
    ]
}

/// The newest administrative act.
fn newest_act(shop: &Shop) -> Value {
    let acts = shop.house.get("/ezpg/audit?limit=1", &shop.admin).yes();
    acts.body["audit"][0].clone()
}

fn order_to_match(shop: &Shop) {
    let keys = json!({ "merchantId": shop.id, "which": "payaction" });
    let said = shop
        .house
        .post("/ezpg/merchants/credentials", &shop.admin, &keys)
        .yes();
    let key = said.body["credentials"]["payaction"]["apiKey"]
        .as_str()
        .expect("a key");
    let headers = [("x-mall-id", shop.id.as_str()), ("x-api-key", key)];
    let order = json!({
        "order_number": "B-1", "order_amount": 1_000, "billing_name": "다른사람",
        "order_date": "2026-01-02T11:31:00+09:00", "orderer_name": "다른사람",
    });
    let said = shop
        .house
        .post_with("/payaction/order", "", &headers, &order);
    assert_eq!(said.body["status"], "success", "{}", said.body);
}

fn ask(shop: &Shop, change: &Change, body: &Value) -> Said {
    let own_program = body.get("meky").is_some();
    let token = if own_program { "" } else { shop.admin.as_str() };
    let key = format!("once{}", change.path.replace(['/', '{', '}'], "-"));
    shop.house
        .post_with(&change.at, token, &[("idempotency-key", &key)], body)
}

/// One call: done once, told again, refused with another content, and written down.
fn is_done_once(shop: &Shop, change: &Change) {
    let path = change.path;
    let before = newest_act(shop);
    let first = ask(shop, change, &change.body).yes();
    assert_eq!(first.header("idempotent-replayed"), None, "{path}");
    let (seen, act) = (state(shop), newest_act(shop));
    assert_eq!(act == before, NO_ACTS.contains(&path), "{path}: {act}");
    if act != before {
        assert_eq!(
            (&act["actor"], &act["address"]),
            (&json!("admin"), &json!("127.0.0.1"))
        );
    }
    let again = ask(shop, change, &change.body).yes();
    assert_eq!(again.header("idempotent-replayed"), Some("true"), "{path}");
    assert_eq!(again.text, first.text, "{path}: the same bytes");
    assert_eq!(
        again.header("content-type"),
        first.header("content-type"),
        "{path}"
    );
    let other = ask(shop, change, &change.other);
    let status = match path {
        "/ezpg/regUserApi" => 200,
        // It has nothing to say, so that whatever it says is wrong in itself.
        "/ezpg/webhooks/deliveries/{id}/resend" => 400,
        _ => 422,
    };
    assert_eq!(other.no(), (status, "1003"), "{path}: {}", other.body);
    assert_eq!(state(shop), seen, "{path} was done twice");
    assert_eq!(newest_act(shop), act, "{path} was done twice");
}

#[test]
fn every_change_is_done_once_under_its_key_and_written_down() {
    let shop = Shop::open();
    let things = things_of(&shop);
    order_to_match(&shop);
    let mut changes = of_people();
    changes.extend(of_merchants(&shop));
    changes.extend(of_money(&shop, &things));
    changes.extend(of_endpoints(&shop, &things));
    for change in &changes {
        is_done_once(&shop, change);
    }
    let tried: BTreeSet<&str> = changes.iter().map(|change| change.path).collect();
    for route in routes(&document(&shop.house)) {
        let excused = EXCUSED.iter().any(|(path, _)| route.path.starts_with(path));
        let known = tried.contains(route.path.as_str());
        assert!(
            route.method == "GET" || known != excused,
            "{} is not tried",
            route.name()
        );
    }
}
