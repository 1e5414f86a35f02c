//! Whoever was told that something is done sees it at once, on whatever line they ask.

use serde_json::{Value, json};

use crate::ezpg::Shop;
use crate::support::http::Http;

/// How often each is written and looked for.
const ROUNDS: usize = 25;

/// Whether a list has a row with this value.
fn has(list: &Value, field: &str, value: &str) -> bool {
    let rows = list.as_array().expect("a list");
    rows.iter().any(|row| row[field] == value)
}

fn get(shop: &Shop, path: &str) -> Value {
    shop.house.get(path, &shop.admin).yes().body
}

fn accounts_and_deposits(shop: &Shop) {
    for nth in 0..ROUNDS {
        let issued = shop.issue(&json!({})).yes();
        let number = issued.body["accountInfo"]["accountNo"]
            .as_str()
            .expect("a number");
        let list = get(shop, &format!("/ezpg/accounts?accountNo={number}"));
        assert!(
            has(&list["accounts"], "accountNo", number),
            "round {nth}: {list}"
        );
        let id = shop
            .pay(number, 1_000, "홍길동")
            .yes()
            .text("transactionId");
        for path in ["/ezpg/transactions/deposits", "/ezpg/transactions/recent"] {
            let list = get(shop, &format!("{path}?limit=5"));
            assert!(
                list.to_string().contains(&id),
                "round {nth}, {path}: {list}"
            );
        }
        shop.house
            .get(&format!("/ezpg/deposits/{id}"), &shop.person)
            .yes();
        let close = json!({ "bankCode": "004", "accountNo": number });
        shop.house
            .post("/ezpg/accounts/close", &shop.admin, &close)
            .yes();
        let told = get(shop, &format!("/ezpg/accounts/004/{number}"));
        assert!(told.to_string().contains("closed"), "round {nth}: {told}");
    }
}

fn people_and_settings(shop: &Shop) {
    for nth in 0..ROUNDS {
        let user = format!("user{nth}");
        shop.house.add_user(&shop.admin, &user, "viewer", None);
        let users = get(shop, "/ezpg/users?limit=100");
        assert!(has(&users["users"], "userId", &user), "round {nth}");
        let status = if nth % 2 == 0 { "4xx" } else { "200" };
        let change = json!({ "merchantId": shop.id, "payactionErrorStatus": status });
        shop.house
            .post("/ezpg/merchants/policies", &shop.admin, &change)
            .yes();
        let told = get(
            shop,
            &format!("/ezpg/merchants/policies?merchantId={}", shop.id),
        );
        assert!(
            told.to_string().contains(&format!("\"{status}\"")),
            "round {nth}: {told}"
        );
        let acts = get(
            shop,
            &format!("/ezpg/audit?limit=1&subject=merchant/{}", shop.id),
        );
        let act = &acts["audit"][0]["action"];
        assert_eq!(act, "merchant.policies", "round {nth}");
        let rotate = json!({ "merchantId": shop.id, "which": "ezpg" });
        let said = shop
            .house
            .post("/ezpg/merchants/credentials", &shop.admin, &rotate)
            .yes();
        let meky = &said.body["credentials"]["ezpg"]["meky"];
        let call = json!({ "mid": shop.id, "meky": meky, "moid": "none" });
        let said = shop.house.post("/ezpg/searchTransApi", "", &call);
        assert_eq!(said.code(), "1004", "round {nth}: the new key counts");
    }
}

fn orders(house: &Http, mall: &str, key: &str) {
    let headers = [("x-mall-id", mall), ("x-api-key", key)];
    for nth in 0..ROUNDS {
        let number = format!("n-{nth}");
        let order = json!({
            "order_number": number, "order_amount": 1_000 + nth, "billing_name": "홍길동",
            "order_date": "2026-01-02T11:31:00+09:00", "orderer_name": "홍길동",
        });
        let said = house.post_with("/payaction/order", "", &headers, &order);
        assert_eq!(said.body["status"], "success", "{}", said.body);
        let show = || {
            let path = format!("/payaction/order/{number}");
            let said = house.get_with(&path, &headers);
            said.body["response"]["order_status"].clone()
        };
        assert_eq!(show(), "매칭대기", "round {nth}");
        let exclude = json!({ "order_number": number });
        house.post_with("/payaction/order-exclude", "", &headers, &exclude);
        assert_eq!(show(), "매칭제외", "round {nth}");
    }
}

#[test]
fn reads_see_the_callers_own_writes() {
    let shop = Shop::open();
    let keys = json!({ "merchantId": shop.id, "which": "payaction" });
    let said = shop
        .house
        .post("/ezpg/merchants/credentials", &shop.admin, &keys)
        .yes();
    let key = said.body["credentials"]["payaction"]["apiKey"]
        .as_str()
        .expect("a key");
    // All at once, so that the books are never still.
    std::thread::scope(|scope| {
        scope.spawn(|| accounts_and_deposits(&shop));
        scope.spawn(|| people_and_settings(&shop));
        scope.spawn(|| orders(&shop.house, &shop.id, key));
    });
}
