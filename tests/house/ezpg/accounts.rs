//! Virtual accounts from the outside: when they end, who may pay into them and how much, where
//! their numbers come from.

use naru::clock::Clock;
use serde_json::{Value, json};

use super::{Shop, number_of};
use crate::support::http::Said;

/// An account of bank 004 that is `more`.
fn issued(shop: &Shop, more: &Value) -> (String, Value) {
    let said = shop.issue(more).yes();
    (number_of(&said), said.body["virtualAccount"].clone())
}

/// A deposit that no bank asked about before it took the money.
fn force(shop: &Shop, account: &str, amount: u64) -> Said {
    let body = json!({
        "accountNo": account, "bankCode": "004", "amount": amount, "depositorName": "홍길동",
        "force": true,
    });
    shop.house.post("/ezpg/test/deposit", &shop.admin, &body)
}

#[test]
fn an_account_ends_on_the_minute_that_its_answer_tells() {
    let shop = Shop::open();
    // The whole minute that is one to two minutes away.
    let now = Clock::real().real_now().as_micros() / 1_000_000;
    let end = jiff::Timestamp::from_second((now / 60 + 2) * 60).expect("an instant");
    let seoul = end.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(9)));
    let sent = seoul.strftime("%Y-%m-%dT%H:%M+09:00").to_string();
    let exact = seoul.strftime("%Y-%m-%dT%H:%M:00+09:00").to_string();
    let (account, told) = issued(&shop, &json!({ "expireDate": sent }));
    assert_eq!(told["expireDate"], sent.as_str(), "as it was sent");
    assert_eq!(told["expiresAt"], exact.as_str(), "and exactly");
    let utc = end.strftime("%Y-%m-%dT%H:%M:00Z").to_string();
    let (_, same) = issued(&shop, &json!({ "expireDate": utc }));
    assert_eq!(
        (&same["expireDate"], &same["expiresAt"]),
        (&json!(utc), &json!(exact))
    );
    shop.pay(&account, 1_000, "홍길동").yes();
    shop.house.shift_clock(121);
    let late = shop.pay(&account, 1_000, "홍길동");
    assert_eq!(late.no(), (200, "4002"), "{}", late.body);
    assert_eq!(late.body["status"], "failed");
    assert_eq!(
        force(&shop, &account, 1_000).yes().body["status"],
        "pending"
    );
    let list = shop
        .house
        .get("/ezpg/accounts?status=expired", &shop.admin)
        .yes();
    assert_eq!(list.body["accounts"].as_array().map(Vec::len), Some(2));
    let over = shop.issue(&json!({ "expireDate": exact }));
    assert_eq!(over.no(), (400, "1003"), "in the past");
}

#[test]
fn only_the_payer_agreed_upon_may_pay() {
    let shop = Shop::open();
    let (account, told) = issued(&shop, &json!({ "depositorName": "홍길동" }));
    assert_eq!(told["depositorName"], "홍길동");
    shop.pay(&account, 1_000, "홍길동").yes();
    let other = shop.pay(&account, 1_000, "성춘향");
    assert_eq!(other.no(), (200, "4002"), "{}", other.body);
}

#[test]
fn ceilings_hold_for_a_deposit_and_for_a_day_and_nought_is_none() {
    let shop = Shop::open();
    let limits = json!({ "limits": { "perDeposit": 10_000, "perDay": 15_000 } });
    let (account, _) = issued(&shop, &limits);
    assert_eq!(shop.pay(&account, 10_001, "홍길동").no(), (200, "4002"));
    shop.pay(&account, 10_000, "홍길동").yes();
    assert_eq!(shop.pay(&account, 5_001, "홍길동").no(), (200, "4002"));
    shop.pay(&account, 5_000, "홍길동").yes();
    assert_eq!(force(&shop, &account, 1).yes().body["status"], "pending");
    let none = json!({ "limits": { "perDeposit": 0, "perDay": "0" } });
    let (free, _) = issued(&shop, &none);
    shop.pay(&free, 9_000_000_000, "홍길동").yes();
}

#[test]
fn a_one_time_account_takes_one_deposit_and_a_matching_one_takes_many() {
    let shop = Shop::open();
    let (once, told) = issued(
        &shop,
        &json!({ "accountType": "one-time", "amount": 5_000 }),
    );
    assert_eq!(told["accountType"], "dynamic");
    shop.pay(&once, 5_000, "홍길동").yes();
    assert_eq!(shop.pay(&once, 5_000, "홍길동").no(), (200, "4002"));
    let used = shop
        .house
        .get("/ezpg/accounts?status=used", &shop.person)
        .yes();
    assert_eq!(used.body["accounts"][0]["accountNo"], once.as_str());
    let (collects, told) = issued(&shop, &json!({ "accountType": "matching" }));
    assert_eq!(told["accountType"], "matching");
    for payer in ["홍길동", "성춘향"] {
        let paid = shop.pay(&collects, 1_000, payer).yes();
        assert_eq!(paid.body["status"], "completed", "met an order or not");
    }
}

#[test]
fn numbers_come_from_the_ranges_of_their_bank_until_they_are_used_up() {
    let shop = Shop::with(&[("NARU_NUMBERS_088_RANGES", "56000000000007-56000000000008")]);
    let body = json!({ "merchantId": shop.id, "accountType": "fixed", "bankCode": "088" });
    let issue = || shop.house.post("/ezpg/accounts/issue", &shop.admin, &body);
    let mut numbers = [number_of(&issue().yes()), number_of(&issue().yes())];
    numbers.sort();
    assert_eq!(numbers, ["56000000000007", "56000000000008"]);
    let none = issue();
    assert_eq!(none.no(), (200, "3001"), "{}", none.body);
    for bank in ["004", "011", "020", "081"] {
        let body = json!({ "merchantId": shop.id, "accountType": "fixed", "bankCode": bank });
        let said = shop
            .house
            .post("/ezpg/virtual-accounts/issue", &shop.admin, &body)
            .yes();
        assert_eq!(said.body["virtualAccount"]["bankCode"], bank);
    }
    let nobody = json!({ "merchantId": shop.id, "accountType": "fixed", "bankCode": "002" });
    let said = shop
        .house
        .post("/ezpg/accounts/issue", &shop.admin, &nobody);
    assert_eq!(said.no(), (400, "1003"), "{}", said.body);
    // A program's user is given one of the merchant's own bank.
    let settings = json!({ "merchantId": shop.id, "defaultBank": "081" });
    shop.house
        .post("/ezpg/merchants/settings", &shop.admin, &settings)
        .yes();
    let user = json!({
        "mid": shop.id, "meky": shop.meky, "userId": "user0001", "userNm": "홍길동", "fixYn": "Y",
    });
    let said = shop.house.post("/ezpg/regUserApi", "", &user).yes();
    assert_eq!(said.body["vactBankCd"], "081");
}
