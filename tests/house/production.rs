//! A house in earnest: what a sandbox lets pass is not there, or refused.

use serde_json::{Value, json};

use crate::ezpg::{person_of, register};
use crate::support::http::{Http, PRODUCTION_KEY};

/// A house in production with a merchant: head office's token, the merchant's id and key, and the
/// token of its person.
fn in_earnest() -> (Http, String, String, String, String) {
    let house = Http::with(&[
        ("NARU_MODE", "production"),
        ("NARU_STORE_KEY", PRODUCTION_KEY),
        ("NARU_NUMBERS_004_RANGES", "79040000000000-79040000009999"),
    ]);
    let (_, admin) = house.admin();
    let (id, meky) = register(&house, &admin, "나루상점");
    let person = person_of(&house, &admin, "shopper", &id);
    (house, admin, id, meky, person)
}

#[test]
fn nothing_of_the_sandbox_is_there() {
    let (house, admin, id, _, person) = in_earnest();
    let account = json!({ "merchantId": id, "accountType": "fixed", "bankCode": "004" });
    let issued = house.post("/ezpg/accounts/issue", &person, &account).yes();
    assert_eq!(issued.header("x-naru-mode"), None);
    let number = &issued.body["accountInfo"]["accountNo"];
    let trial = json!({ "accountNo": number, "bankCode": "004", "amount": 1_000 });
    for token in [&admin, &person] {
        let said = house.post("/ezpg/test/deposit", token, &trial);
        assert_eq!(said.no(), (404, "1004"), "{}", said.body);
        let outbox = house.get("/ezpg/notifications/outbox", token);
        assert_eq!(outbox.no(), (404, "1004"));
    }
    let paid = house.get("/ezpg/transactions/deposits", &admin).yes();
    assert_eq!(paid.body["totalCount"], 0);
    let other_bank = json!({ "merchantId": id, "accountType": "fixed", "bankCode": "088" });
    let said = house.post("/ezpg/accounts/issue", &admin, &other_bank);
    assert_eq!(said.no(), (400, "1003"), "no ranges ship for earnest");
}

#[test]
fn keys_of_a_sandbox_are_told_that_they_are_in_the_wrong_place() {
    let (house, _, id, meky, _) = in_earnest();
    assert!(meky.starts_with("live_"), "{meky}");
    let call = |meky: &str| {
        let body = json!({
            "mid": id, "meky": meky, "userId": "user0001", "userNm": "홍길동", "fixYn": "Y",
        });
        house.post("/ezpg/regUserApi", "", &body)
    };
    let sandboxes = call(&meky.replacen("live_", "test_", 1));
    assert_eq!((sandboxes.status, sandboxes.code()), (200, "1001"));
    let words = "테스트 키는 운영 환경에서 사용할 수 없습니다.";
    assert_eq!(sandboxes.text("resultMsg"), words);
    call(&meky).yes();
}

#[test]
fn a_merchants_person_may_less_than_in_a_sandbox() {
    let (house, admin, id, _, person) = in_earnest();
    let account = json!({ "merchantId": id, "accountType": "fixed", "bankCode": "004" });
    let issued = house.post("/ezpg/accounts/issue", &person, &account).yes();
    let number = &issued.body["accountInfo"]["accountNo"];
    let close = json!({ "bankCode": "004", "accountNo": number });
    let settings = json!({ "merchantId": id, "amountMatchRequired": "N" });
    for (path, body) in [
        ("/ezpg/accounts/close", close),
        ("/ezpg/merchants/settings", settings),
    ] {
        assert_eq!(
            house.post(path, &person, &body).no(),
            (403, "1002"),
            "{path}"
        );
        house.post(path, &admin, &body).yes();
    }
}

#[test]
fn webhooks_go_to_public_addresses_over_https_and_telegrams_stay_masked() {
    let (house, admin, id, _, _) = in_earnest();
    for url in [
        "http://shop.example/hook",
        "https://localhost/hook",
        "https://127.0.0.1/hook",
        "https://10.0.0.1/hook",
        "https://169.254.169.254/latest",
        "https://[::1]/hook",
        "https://[::ffff:10.0.0.1]/hook",
    ] {
        let body = json!({ "merchantId": id, "url": url, "dialect": "standard", "events": [] });
        let said = house.post("/ezpg/webhooks", &admin, &body);
        assert_eq!(said.no(), (400, "1003"), "{url}: {}", said.body);
    }
    let fine = json!({
        "merchantId": id, "url": "https://shop.example/hook", "dialect": "standard", "events": [],
    });
    house.post("/ezpg/webhooks", &admin, &fine).yes();
    let masking = |value: &Value| {
        let body = json!({ "settingType": "log", "settings": { "log.masking": value } });
        house.post("/ezpg/system/settings", &admin, &body)
    };
    assert_eq!(masking(&json!("N")).no(), (400, "1003"));
}
