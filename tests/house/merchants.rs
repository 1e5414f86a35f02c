//! Merchants over real HTTP: registered, listed, set up, and strictly apart.

use serde_json::{Value, json};

use crate::support::http::{Http, Said};

fn register(house: &Http, admin: &str, body: &Value) -> Said {
    house.post("/ezpg/merchants/register", admin, body)
}

fn whole() -> Value {
    json!({
        "merchantInfo": {
            "merchantName": "나루상점", "businessNumber": "123-45-67890",
            "representativeName": "홍길동", "businessType": "소매",
            "businessCategory": "잡화", "address": "서울", "phoneNumber": "02-123-4567",
        },
        "contactInfo": {
            "managerName": "김담당", "managerEmail": "kim@example.com",
            "managerPhone": "010-1234-5678",
        },
        "accountInfo": {
            "bankCode": "004", "accountNumber": "110-123-456789", "accountHolder": "나루",
        },
        "feeInfo": { "depositFeeRate": 1.5, "withdrawalFeeRate": "0.25" },
        "settingInfo": {
            "accountType": "dynamic", "amountMatchRequired": "N", "allowedAmountError": 5000,
        },
        "somethingElse": true,
    })
}

#[test]
fn a_merchant_is_registered_listed_and_set_up() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let registered = register(&house, &admin, &whole()).yes();
    let id = registered.text("merchantId");
    let listed = house
        .get("/ezpg/merchants/list?searchKeyword=1234567890", &admin)
        .yes();
    assert_eq!(listed.body["totalCount"], 1);
    let shown = &listed.body["merchantList"][0];
    for (field, value) in [
        ("merchantId", json!(id)),
        ("merchantName", json!("나루상점")),
        ("contactPerson", json!("김담당")),
        ("contactPhone", json!("010-1234-5678")),
        ("email", json!("kim@example.com")),
        ("status", json!("active")),
        ("balance", json!(0)),
        ("depositFeeRate", json!(1.5)),
        ("withdrawalFeeRate", json!(0.25)),
        ("accountType", json!("one-time")),
        ("amountMatchRequired", json!("N")),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    let settings = json!({ "merchantId": id, "depositFeeRate": 2, "accountType": "fixed" });
    let set = house
        .post("/ezpg/merchants/settings", &admin, &settings)
        .yes();
    for part in ["settings", "updatedSettings"] {
        assert_eq!(set.body[part]["depositFeeRate"], 2);
        assert_eq!(
            set.body[part]["withdrawalFeeRate"], 0.25,
            "not sent, so it stays"
        );
        assert_eq!(set.body[part]["accountType"], "fixed");
        assert_eq!(set.body[part]["allowedAmountError"], 5000);
    }
    let balance = house
        .get(&format!("/ezpg/merchants/balance?merchantId={id}"), &admin)
        .yes();
    assert_eq!(balance.body["balanceList"][0]["balance"], 0);
    assert!(balance.body["balanceList"][0]["lastTrxDt"].is_null());
    let acts = house
        .get(&format!("/ezpg/audit?subject=merchant/{id}"), &admin)
        .yes();
    let acts = acts.body["audit"].as_array().unwrap().clone();
    let actions: Vec<&str> = acts
        .iter()
        .map(|act| act["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "merchant.settings",
            "merchant.settings",
            "credentials.issue",
            "merchant.register"
        ]
    );
    assert!(
        acts.iter()
            .all(|act| act["actor"] == "admin" && act["address"] == "127.0.0.1")
    );
}

#[test]
fn what_is_wrong_about_a_merchant_is_told_and_nothing_is_written() {
    let house = Http::start();
    let (_, admin) = house.admin();
    for (path, value) in [
        ("/merchantInfo/merchantName", json!("  ")),
        ("/merchantInfo/merchantName", json!("x".repeat(101))),
        ("/merchantInfo/merchantName", json!("\u{202e}점상")),
        ("/merchantInfo/merchantName", json!(7)),
        ("/merchantInfo/businessNumber", json!("123")),
        ("/contactInfo/managerEmail", json!("not mail")),
        ("/accountInfo/bankCode", json!("4")),
        ("/accountInfo/accountNumber", json!("110-abc")),
        ("/feeInfo/depositFeeRate", json!(-1)),
        ("/feeInfo/depositFeeRate", json!(100.5)),
        ("/settingInfo/accountType", json!("gold")),
        ("/settingInfo/amountMatchRequired", json!("maybe")),
        ("/settingInfo/allowedAmountError", json!(-5)),
        ("/settingInfo/allowedAmountError", json!(1.5)),
    ] {
        let mut body = whole();
        *body.pointer_mut(path).unwrap() = value.clone();
        let said = register(&house, &admin, &body);
        assert_eq!(said.no(), (400, "1003"), "{path} {value}: {}", said.body);
    }
    let listed = house.get("/ezpg/merchants/list", &admin).yes();
    assert_eq!(listed.body["totalCount"], 0);
    let password = house.add_user(&admin, "opa", "operator", None);
    let (_, operator) = house.enrol("opa", &password);
    assert_eq!(register(&house, &operator, &whole()).no(), (403, "1002"));
}

#[test]
fn merchants_are_listed_page_by_page() {
    let house = Http::start();
    let (_, admin) = house.admin();
    for number in 0..5 {
        let body = json!({ "merchantInfo": { "merchantName": format!("가게 {number}") } });
        register(&house, &admin, &body).yes();
    }
    let mut seen = Vec::new();
    for page in 1..=3 {
        let path = format!("/ezpg/merchants/list?page={page}&limit=2");
        let listed = house.get(&path, &admin).yes().body;
        assert_eq!(listed["totalCount"], 5);
        let list = listed["merchantList"].as_array().unwrap().clone();
        seen.extend(
            list.iter()
                .map(|one| one["merchantId"].as_str().unwrap().to_owned()),
        );
    }
    let sorted = {
        let mut ids = seen.clone();
        ids.sort();
        ids.dedup();
        ids
    };
    assert_eq!((seen.len(), &seen), (5, &sorted));
    for wrong in ["page=21&limit=500", "page=0", "limit=501", "limit=x"] {
        let said = house.get(&format!("/ezpg/merchants/list?{wrong}"), &admin);
        assert_eq!(said.no(), (400, "1003"), "{wrong}");
    }
    let none = house
        .get("/ezpg/merchants/list?searchKeyword=nothing", &admin)
        .yes();
    assert_eq!(none.body["totalCount"], 0);
}

#[test]
fn policies_change_field_by_field_and_unknown_ones_are_refused() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let id = register(&house, &admin, &whole()).yes().text("merchantId");
    let path = format!("/ezpg/merchants/policies?merchantId={id}");
    let usual = house.get(&path, &admin).yes().body;
    assert_eq!(
        usual["matching"],
        json!({"mode": "exact", "lateOrders": false, "maxAgeDays": 14, "ignoreInnerSpaces": true})
    );
    assert_eq!(
        usual["deposits"],
        json!({"partial": "wait", "over": "suspense", "late": "suspense", "duplicate": "accept"})
    );
    assert_eq!(
        (&usual["plan"], &usual["payactionErrorStatus"]),
        (&json!("premium"), &json!("200"))
    );
    let set = |body: Value| {
        let mut body = body;
        body["merchantId"] = json!(id);
        house.post("/ezpg/merchants/policies", &admin, &body)
    };
    let said = set(json!({
        "matching": { "mode": "newest" }, "limits": { "perDay": 1_000_000 },
        "payactionErrorStatus": "4xx",
    }));
    let said = said.yes().body;
    assert_eq!(said["matching"]["mode"], "newest");
    assert_eq!(said["matching"]["maxAgeDays"], 14, "not sent, so it stays");
    assert_eq!(
        said["limits"],
        json!({ "perDeposit": 0, "perDay": 1_000_000 })
    );
    set(json!({ "limits": { "perDay": 0 } })).yes();
    for wrong in [
        json!({ "matching": { "mode": "best" } }),
        json!({ "matching": { "moed": "exact" } }),
        json!({ "matching": { "maxAgeDays": 0 } }),
        json!({ "matching": { "maxAgeDays": -1 } }),
        json!({ "deposits": { "partial": "suspense" } }),
        json!({ "deposits": { "over": "wait" } }),
        json!({ "limits": { "perDay": 1.5 } }),
        json!({ "payactionErrorStatus": "500" }),
        json!({ "ipAllowList": ["everywhere"] }),
        json!({ "plan": "gold" }),
        json!({ "unknown": 1 }),
    ] {
        let said = set(wrong.clone());
        assert_eq!(said.no(), (400, "1003"), "{wrong}");
    }
    let now = house.get(&path, &admin).yes().body;
    assert_eq!(now["limits"], json!({ "perDeposit": 0, "perDay": 0 }));
    assert_eq!(now["matching"]["mode"], "newest");
    let absent = json!({ "merchantId": "nobody", "plan": "basic" });
    let absent = house.post("/ezpg/merchants/policies", &admin, &absent);
    assert_eq!(absent.no(), (404, "2001"));
}

#[test]
fn a_list_of_addresses_binds_a_merchants_programs() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let registered = register(&house, &admin, &whole()).yes();
    let id = registered.text("merchantId");
    let call = || {
        let body = json!({ "mid": id, "meky": registered.text("merchantKey"), "moid": "x" });
        house
            .post("/ezpg/searchTransApi", "", &body)
            .body
            .to_string()
    };
    let set = |list: Value| {
        let body = json!({ "merchantId": id, "ipAllowList": list });
        house.post("/ezpg/merchants/policies", &admin, &body).yes();
    };
    assert!(call().contains("1004"), "no list, no bound");
    set(json!(["192.0.2.0/24"]));
    assert!(!call().contains("1004"), "not from here");
    set(json!(["192.0.2.0/24", "127.0.0.0/8"]));
    assert!(call().contains("1004"));
    set(json!([]));
    assert!(call().contains("1004"));
}

#[test]
fn a_merchant_sees_only_itself() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let own = register(&house, &admin, &whole()).yes().text("merchantId");
    let other = register(&house, &admin, &whole()).yes().text("merchantId");
    let password = house.add_user(&admin, "shopper", "merchant", Some(&own));
    let token = house.log_in("shopper", &password).yes();
    assert_eq!(token.body["userInfo"]["merchantId"], json!(own));
    assert_eq!(token.body["userInfo"]["merchantName"], "나루상점");
    let token = token.text("token");
    let listed = house.get("/ezpg/merchants/list", &token).yes();
    assert_eq!(listed.body["totalCount"], 1);
    assert_eq!(listed.body["merchantList"][0]["merchantId"], json!(own));
    let balance = house.get("/ezpg/merchants/balance", &token).yes();
    assert_eq!(
        balance.body["balanceList"].as_array().map(Vec::len),
        Some(1)
    );
    let mut told = Vec::new();
    for id in [other.as_str(), "nobody", "not an id!"] {
        let path = format!(
            "/ezpg/merchants/balance?merchantId={}",
            id.replace(' ', "%20")
        );
        let mut said = house.get(&path, &token);
        assert_eq!(said.no(), (404, "1004"), "{id}");
        said.body["traceId"].take();
        told.push(said.body);
        let settings = json!({ "merchantId": id, "depositFeeRate": 0 });
        let said = house.post("/ezpg/merchants/settings", &token, &settings);
        assert_eq!(said.no(), (404, "1004"), "{id}");
    }
    told.dedup();
    assert_eq!(told.len(), 1, "another's and an absent one are alike");
    for path in [
        "/ezpg/merchants/policies",
        "/ezpg/users",
        "/ezpg/audit",
        "/ezpg/system/settings",
    ] {
        assert_eq!(house.get(path, &token).no(), (403, "1002"), "{path}");
    }
    // Head office is told the difference.
    let said = house.get("/ezpg/merchants/balance?merchantId=nobody", &admin);
    assert_eq!(said.no(), (404, "2001"));
}
