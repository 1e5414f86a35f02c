//! The `EzPG` face through the whole house: an account is issued, a bank pays through the line,
//! and everybody sees what they may see of it.

mod accounts;
mod calls;
mod lists;

use serde_json::{Value, json};

use crate::support::http::{Http, Said};

/// A house with a merchant, head office's token and a person of the merchant's.
pub(crate) struct Shop {
    pub(crate) house: Http,
    pub(crate) admin: String,
    pub(crate) id: String,
    pub(crate) meky: String,
    pub(crate) person: String,
}

impl Shop {
    pub(crate) fn open() -> Shop {
        Shop::with(&[])
    }

    pub(crate) fn with(more: &[(&str, &str)]) -> Shop {
        let house = Http::with(more);
        let (_, admin) = house.admin();
        let (id, meky) = register(&house, &admin, "나루상점");
        let person = person_of(&house, &admin, "shopper", &id);
        Shop {
            house,
            admin,
            id,
            meky,
            person,
        }
    }

    /// An account of the shop's.
    pub(crate) fn issue(&self, more: &Value) -> Said {
        let mut body = json!({ "merchantId": self.id, "accountType": "fixed", "bankCode": "004" });
        for (name, value) in more.as_object().expect("fields") {
            body[name] = value.clone();
        }
        self.house.post("/ezpg/accounts/issue", &self.admin, &body)
    }

    /// A deposit as if a bank had sent it.
    pub(crate) fn pay(&self, account: &str, amount: u64, payer: &str) -> Said {
        let body = json!({
            "accountNo": account, "bankCode": "004", "amount": amount, "depositorName": payer,
        });
        self.house.post("/ezpg/test/deposit", &self.admin, &body)
    }
}

/// Registers a merchant: its id and its key for calls.
pub(crate) fn register(house: &Http, admin: &str, name: &str) -> (String, String) {
    let body = json!({ "merchantInfo": { "merchantName": name } });
    let said = house.post("/ezpg/merchants/register", admin, &body).yes();
    (said.text("merchantId"), said.text("merchantKey"))
}

/// A merchant's own person, logged in.
pub(crate) fn person_of(house: &Http, admin: &str, user: &str, merchant: &str) -> String {
    let password = house.add_user(admin, user, "merchant", Some(merchant));
    house.log_in(user, &password).yes().text("token")
}

pub(crate) fn number_of(said: &Said) -> String {
    said.body["accountInfo"]["accountNo"]
        .as_str()
        .expect("a number")
        .to_owned()
}

#[test]
fn an_account_is_issued_under_both_documents_names() {
    let shop = Shop::open();
    let more = json!({ "amount": 20_000, "expireDate": "2099-12-31", "depositorName": "홍길동" });
    let said = shop.issue(&more).yes();
    let (info, account) = (&said.body["accountInfo"], &said.body["virtualAccount"]);
    assert_eq!(said.body["merchantId"], shop.id.as_str());
    assert_eq!(info["accountNo"], account["accountNo"]);
    assert_eq!(
        (&info["accountType"], &account["accountType"]),
        (&json!("fixed"), &json!("fixed"))
    );
    assert_eq!(account["amount"], 20_000);
    assert_eq!(account["expireDate"], "2099-12-31", "as it was sent");
    assert_eq!(
        account["expiresAt"], "2099-12-31T23:59:59+09:00",
        "and exactly"
    );
    assert_eq!(
        (&info["bankCode"], &info["bankName"]),
        (&json!("004"), &json!("국민"))
    );
    assert_eq!(account["status"], "active");
    let body = json!({ "merchantId": shop.id, "accountType": "dynamic", "amount": "15000" });
    let said = shop
        .house
        .post("/ezpg/virtual-accounts/issue", &shop.person, &body)
        .yes();
    assert_eq!(said.body["accountInfo"]["accountType"], "one-time");
    assert_eq!(said.body["virtualAccount"]["accountType"], "dynamic");
    let list = shop.house.get("/ezpg/accounts", &shop.person).yes();
    assert_eq!(list.body["totalCount"], 2);
    assert_eq!(list.body["accounts"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_is_wrong_with_an_account_is_told_and_nothing_is_issued() {
    let shop = Shop::open();
    for (more, status) in [
        (json!({ "amount": -1 }), 400),
        (json!({ "amount": 1.5 }), 400),
        (json!({ "amount": "many" }), 400),
        (json!({ "accountType": "savings" }), 400),
        (json!({ "accountType": 1 }), 400),
        (json!({ "bankCode": "4" }), 400),
        (json!({ "bankCode": "000" }), 400),
        (json!({ "expireDate": "2020-01-01" }), 400),
        (json!({ "expireDate": "soon" }), 400),
        (json!({ "accountType": "one-time" }), 400),
        (json!({ "holderName": "\u{202e}동길홍" }), 400),
        (json!({ "depositorName": "가".repeat(21) }), 400),
        (json!({ "merchantId": "nobody" }), 404),
        (json!({ "merchantId": "<script>" }), 404),
    ] {
        let said = shop.issue(&more);
        assert_eq!(said.status, status, "{more}: {}", said.body);
        assert!(said.body["traceId"].is_string());
    }
    let list = shop.house.get("/ezpg/accounts", &shop.admin).yes();
    assert_eq!(list.body["totalCount"], 0);
}

#[test]
fn another_amount_than_agreed_is_refused_at_the_door() {
    let shop = Shop::open();
    let settings = json!({
        "merchantId": shop.id, "amountMatchRequired": "Y", "allowedAmountError": 5_000,
    });
    shop.house
        .post("/ezpg/merchants/settings", &shop.admin, &settings)
        .yes();
    let account = number_of(&shop.issue(&json!({ "amount": 20_000 })).yes());
    shop.pay(&account, 25_000, "홍길동").yes();
    let refused = shop.pay(&account, 30_000, "홍길동");
    assert_eq!(refused.no(), (200, "4002"));
    assert_eq!(refused.body["status"], "failed");
    assert!(refused.body["reason"].is_string(), "{}", refused.body);
    let list = shop
        .house
        .get("/ezpg/transactions/deposits", &shop.admin)
        .yes();
    assert_eq!(list.body["totalCount"], 1);
    let never = shop.pay("99999999999999", 1_000, "홍길동");
    assert_eq!(never.no(), (404, "3002"));
}

#[test]
fn a_deposit_tells_its_whole_story_and_masks_its_telegrams() {
    let shop = Shop::open();
    let account = number_of(&shop.issue(&json!({})).yes());
    let id = shop
        .pay(&account, 10_000, "남궁민수")
        .yes()
        .text("transactionId");
    let file = shop
        .house
        .get(&format!("/ezpg/deposits/{id}"), &shop.person)
        .yes();
    assert_eq!(file.body["deposit"]["transactionId"], id.as_str());
    let telegram = file.body["telegrams"][0]["text"].as_str().expect("a page");
    assert!(telegram.contains("입금"), "{telegram}");
    assert!(
        !telegram.contains(&account) && !telegram.contains("남궁민수"),
        "{telegram}"
    );
    let posting = &file.body["postings"][0];
    assert_eq!(posting["amount"], 10_000);
    assert_eq!(posting["credit"], format!("merchant_payable/{}", shop.id));
    assert_eq!(file.body["decisions"][0]["what"], "입금 처리");
    let life = shop
        .house
        .get(&format!("/ezpg/accounts/004/{account}"), &shop.person)
        .yes();
    let story = life.body["story"].as_array().expect("a story");
    let types: Vec<&str> = story
        .iter()
        .map(|one| one["type"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["deposit", "issued"]);
    assert_eq!(life.body["account"]["balance"], 10_000);
}

#[test]
fn a_closed_account_takes_nothing_more() {
    let shop = Shop::open();
    let account = number_of(&shop.issue(&json!({})).yes());
    let close = json!({ "bankCode": "004", "accountNo": account });
    shop.house
        .post("/ezpg/accounts/close", &shop.person, &close)
        .yes();
    let refused = shop.pay(&account, 1_000, "홍길동");
    assert_eq!(refused.no(), (200, "4002"));
    // A bank that does not ask brings it all the same; it waits in suspense.
    let forced = json!({
        "accountNo": account, "bankCode": "004", "amount": 1_000, "force": true,
    });
    let forced = shop
        .house
        .post("/ezpg/test/deposit", &shop.admin, &forced)
        .yes();
    assert_eq!(forced.body["status"], "pending");
    let pending = "/ezpg/transactions/deposits?status=pending";
    let pending = shop.house.get(pending, &shop.person).yes();
    assert_eq!(pending.body["totalCount"], 1);
    assert!(pending.body["depositList"][0]["reason"].is_string());
    let statistics = shop.house.get("/ezpg/statistics", &shop.person).yes();
    assert_eq!(
        statistics.body["statistics"]["totalDeposit"], 0,
        "only what is completed"
    );
}

#[test]
fn the_same_idempotency_key_pays_once() {
    let shop = Shop::open();
    let account = number_of(&shop.issue(&json!({})).yes());
    let body = json!({ "accountNo": account, "bankCode": "004", "amount": 5_000 });
    let key = [("idempotency-key", "pay-1")];
    let first = shop
        .house
        .post_with("/ezpg/test/deposit", &shop.admin, &key, &body)
        .yes();
    let again = shop
        .house
        .post_with("/ezpg/test/deposit", &shop.admin, &key, &body)
        .yes();
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.body, first.body);
    let list = shop
        .house
        .get("/ezpg/transactions/deposits", &shop.admin)
        .yes();
    assert_eq!(list.body["totalCount"], 1);
    let calls = json!({
        "mid": shop.id, "meky": shop.meky, "userId": "user0001", "userNm": "홍길동", "fixYn": "Y",
    });
    let first = shop
        .house
        .post_with("/ezpg/regUserApi", "", &key, &calls)
        .yes();
    let again = shop
        .house
        .post_with("/ezpg/regUserApi", "", &key, &calls)
        .yes();
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(
        again.header("content-type"),
        Some("text/plain;charset=UTF-8")
    );
    assert_eq!(again.body, first.body);
}

#[test]
fn hostile_names_of_payers_come_out_as_they_went_in_and_break_nothing() {
    let shop = Shop::open();
    let account = number_of(&shop.issue(&json!({})).yes());
    for name in [
        "<script>alert(1)</script>",
        "=1+1",
        "'; DROP TABLE",
        "../../etc",
        "{{7*7}}",
    ] {
        shop.pay(&account, 1_000, name).yes();
        let list = shop
            .house
            .get("/ezpg/transactions/deposits?limit=1", &shop.person)
            .yes();
        assert_eq!(list.body["depositList"][0]["depositorName"], name);
        assert_eq!(list.header("content-type"), Some("application/json"));
    }
    for name in ["a\u{0}b", "\u{202e}x", "a\nb", "x".repeat(101).as_str()] {
        let said = shop.pay(&account, 1_000, name);
        assert_eq!(said.no(), (400, "1003"), "{name:?}");
    }
    let list = shop
        .house
        .get("/ezpg/transactions/deposits", &shop.person)
        .yes();
    assert_eq!(list.body["totalCount"], 5);
}
