//! A house in earnest: what a sandbox may do and production refuses, one by one.

use serde_json::{Value, json};

use crate::ezpg::register;
use crate::support::http::{Http, PRODUCTION_KEY};

fn production() -> Http {
    Http::with(&[
        ("NARU_MODE", "production"),
        ("NARU_STORE_KEY", PRODUCTION_KEY),
    ])
}

fn endpoint(house: &Http, admin: &str, merchant: &str, url: &str) -> (u16, Value) {
    let body = json!({ "merchantId": merchant, "url": url, "dialect": "standard", "events": [] });
    let said = house.post("/ezpg/webhooks", admin, &body);
    (said.status, said.body)
}

#[test]
fn production_refuses_what_a_sandbox_may_do() {
    let house = production();
    let first = house
        .log_in("admin", crate::support::http::ADMIN_PASSWORD)
        .yes();
    assert_eq!(
        first.header("x-naru-mode"),
        None,
        "only a sandbox says what it is"
    );
    let (_, admin) = house.admin();
    let (merchant, _) = register(&house, &admin, "나루상점");
    let trial = json!({ "accountNo": "1", "bankCode": "004", "amount": 1_000 });
    let said = house.post("/ezpg/test/deposit", &admin, &trial);
    assert_eq!(said.no(), (404, "1004"), "there are no trial deposits");
    for url in [
        "http://shop.example.com/hook",
        "http://localhost/hook",
        "https://localhost/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://10.0.0.7/hook",
        "https://169.254.169.254/latest",
        "https://[::ffff:127.0.0.1]/hook",
    ] {
        let (status, told) = endpoint(&house, &admin, &merchant, url);
        assert_eq!(
            (status, &told["resultCode"]),
            (400, &json!("1003")),
            "{url}: {told}"
        );
    }
    let (status, told) = endpoint(&house, &admin, &merchant, "https://shop.example.com/hook");
    assert_eq!(status, 200, "{told}");
    let said = house.get("/ezpg/notifications/outbox", &admin);
    assert_eq!(said.no(), (404, "1004"), "no outbox to read");
    let bare = json!({ "settingType": "log", "settings": { "log.masking": "N" } });
    let said = house.post("/ezpg/system/settings", &admin, &bare);
    assert_eq!(said.no(), (400, "1003"), "what is masked stays masked");
}

#[test]
fn keys_of_production_show_it_and_a_sandboxs_are_named() {
    let house = production();
    let (_, admin) = house.admin();
    let body = json!({ "merchantInfo": { "merchantName": "나루상점" } });
    let said = house.post("/ezpg/merchants/register", &admin, &body).yes();
    let key = |face: &str, name: &str| {
        let key = said.body["credentials"][face][name].as_str();
        key.unwrap_or_else(|| panic!("no {face}.{name}")).to_owned()
    };
    for (face, name) in [
        ("payaction", "apiKey"),
        ("ezpg", "meky"),
        ("ipay", "apiKey"),
        ("ipay", "apiSecret"),
        ("ipay", "publishableKey"),
    ] {
        assert!(key(face, name).starts_with("live_"), "{face}.{name}");
    }
    let id = said.text("merchantId");
    let sentence = "테스트 키는 운영 환경에서 사용할 수 없습니다.";
    let test = |key: String| key.replacen("live_", "test_", 1);
    for (meky, code) in [
        (key("ezpg", "meky"), "1004"),
        (test(key("ezpg", "meky")), "1001"),
    ] {
        let call = json!({ "mid": id, "meky": meky, "moid": "none" });
        let said = house.post("/ezpg/searchTransApi", "", &call);
        assert_eq!(said.body["resultCode"], code);
        assert_eq!(
            said.body["resultMsg"] == sentence,
            code == "1001",
            "{}",
            said.body
        );
    }
    let api_key = test(key("payaction", "apiKey"));
    let headers = [("x-mall-id", id.as_str()), ("x-api-key", api_key.as_str())];
    let said = house.get_with("/payaction/order/1", &headers);
    assert_eq!(said.body["response"]["message"], sentence);
}
