//! Calls of merchants' programs: what they send, and what they are told, to the letter.

use serde_json::{Value, json};

use super::{Shop, register};
use crate::support::http::Http;

#[test]
fn a_users_account_is_the_same_one_every_time() {
    let shop = Shop::open();
    let body = json!({
        "mid": shop.id, "meky": shop.meky, "userId": "user0001", "userNm": "홍길동", "fixYn": "Y",
    });
    let first = shop.house.post("/ezpg/regUserApi", "", &body).yes();
    assert_eq!(
        first.header("content-type"),
        Some("text/plain;charset=UTF-8")
    );
    assert_eq!(first.body["resultCd"], "0000");
    for field in [
        "mid",
        "userId",
        "userNm",
        "fixYn",
        "userSeq",
        "vactBankCd",
        "vacctNo",
    ] {
        assert!(first.body[field].is_string(), "{field}: {}", first.body);
    }
    let again = shop.house.post("/ezpg/regUserApi", "", &body).yes();
    assert_eq!(again.body, first.body);
    let once = json!({
        "mid": shop.id, "meky": shop.meky, "userId": "user0002", "userNm": "김철수", "fixYn": "N",
    });
    let other = shop.house.post("/ezpg/regUserApi", "", &once).yes();
    assert_ne!(other.body["vacctNo"], first.body["vacctNo"]);
}

#[test]
fn a_program_hears_what_is_wrong_with_status_200_and_both_names() {
    let shop = Shop::open();
    let right = json!({
        "mid": shop.id, "meky": shop.meky, "userId": "user0001", "userNm": "홍길동", "fixYn": "Y",
    });
    let change = |name: &str, value: Value| {
        let mut body = right.clone();
        body[name] = value;
        body
    };
    for (body, code) in [
        (change("meky", json!("test_wrong")), "1001"),
        (change("mid", json!("nobody")), "1001"),
        (change("meky", json!("live_abc")), "1001"),
        (change("meky", Value::Null), "1003"),
        (change("fixYn", json!("X")), "1003"),
        (change("fixYn", json!("")), "1003"),
        (change("userId", json!("a b")), "1003"),
        (change("userId", json!("x".repeat(16))), "1003"),
        (change("userNm", json!("\u{0}")), "1003"),
        (change("userNm", json!("\u{202e}동길홍")), "1003"),
        (change("userNm", json!(7)), "1003"),
    ] {
        let said = shop.house.post("/ezpg/regUserApi", "", &body);
        assert_eq!(
            (said.status, said.code()),
            (200, code),
            "{body} {}",
            said.body
        );
        assert_eq!(said.body["resultCd"], code);
        assert_eq!(
            said.header("content-type"),
            Some("text/plain;charset=UTF-8")
        );
    }
    let other = shop
        .house
        .post("/ezpg/regUserApi", "", &change("meky", json!("live_abc")));
    assert!(
        other.text("resultMsg").contains("운영 키"),
        "{}",
        other.body
    );
    assert_eq!(
        shop.house.get("/ezpg/accounts", &shop.admin).yes().body["totalCount"],
        0
    );
}

#[test]
fn withdrawals_are_not_open_yet_and_say_so() {
    let shop = Shop::open();
    let body = json!({
        "mid": shop.id, "meky": shop.meky, "moid": "m-1", "withAmt": "10000", "bankCd": "004",
        "withAccntNo": "123-456-789", "withAccntNm": "홍길동", "withType": "03",
    });
    for _ in 0..2 {
        let said = shop.house.post("/ezpg/merWithdrawApi", "", &body);
        assert_eq!((said.status, said.code()), (200, "4001"));
        assert_eq!(said.body["resultCd"], "4001");
        assert_eq!(said.body["moid"], "m-1", "echoed");
        assert_eq!(said.body["withAmt"], "10000");
    }
    let search = json!({ "mid": shop.id, "meky": shop.meky, "moid": "m-1" });
    let said = shop.house.post("/ezpg/searchTransApi", "", &search);
    assert_eq!(
        (said.status, said.code()),
        (200, "1004"),
        "4001 uses no moid up"
    );
    for (field, wrong) in [
        ("withAmt", json!(-1)),
        ("withAmt", json!(1.5)),
        ("withAmt", json!("")),
        ("bankCd", json!("4")),
        ("withAccntNo", json!("x")),
        ("withAccntNm", json!(null)),
    ] {
        let mut body = body.clone();
        body[field] = wrong;
        let said = shop.house.post("/ezpg/merWithdrawApi", "", &body);
        assert_eq!((said.status, said.code()), (200, "1003"), "{body}");
    }
}

#[test]
fn nobody_withdraws_through_the_console_either() {
    let shop = Shop::open();
    let path = "/ezpg/transactions/withdrawal";
    let asked = json!({
        "merchantId": shop.id, "amount": 10_000, "bankCode": "004", "accountNo": "123456789",
        "accountHolder": "홍길동", "memo": "메모",
    });
    let request = |body: &Value| {
        shop.house
            .post(&format!("{path}/request"), &shop.person, body)
    };
    assert_eq!(request(&asked).no(), (200, "4001"));
    for wrong in [json!(-1), json!(1.5), json!("many"), json!(0), json!(10e20)] {
        let mut body = asked.clone();
        body["amount"] = wrong;
        assert_eq!(request(&body).no(), (400, "1003"), "{body}");
    }
    let step = json!({ "transactionId": "wd_000000000001", "reason": "까닭" });
    for act in ["approve", "reject", "cancel"] {
        let said = shop
            .house
            .post(&format!("{path}/{act}"), &shop.admin, &step);
        assert_eq!(said.no(), (200, "4001"), "{act}");
    }
}

#[test]
fn also_what_ends_early_is_told_as_text_with_both_names() {
    let house = Http::with(&[("NARU_HTTP_ADDRESS_RATE_LIMIT", "20")]);
    let text = Some("text/plain;charset=UTF-8");
    let calls = [
        "/ezpg/regUserApi",
        "/ezpg/merWithdrawApi",
        "/ezpg/searchTransApi",
    ];
    for call in calls {
        let got = house.get(call, "");
        assert_eq!((got.status, got.code()), (405, "1003"), "{call}");
        assert_eq!(got.body["resultCd"], "1003", "{call}");
        assert_eq!(got.header("content-type"), text, "{call}");
        for body in ["", "{", "[]", "mid=shop", "\u{0}"] {
            let told = house.post_bytes(call, "", &[], body.as_bytes());
            assert_eq!((told.status, told.code()), (200, "1003"), "{call} {body}");
            assert_eq!(told.body["resultCd"], "1003");
            assert_eq!(told.header("content-type"), text);
            assert!(told.body["traceId"].is_string());
        }
    }
    let many = (0..200).map(|_| house.post_bytes(calls[0], "", &[], b"{}"));
    let refused = many.into_iter().find(|said| said.status == 429);
    let refused = refused.expect("one too many");
    assert_eq!(refused.code(), "1005", "{}", refused.body);
    assert_eq!(refused.body["resultCd"], "1005");
    assert_eq!(refused.header("content-type"), text);
    assert!(refused.header("retry-after").is_some());
}

#[test]
fn too_many_malformed_calls_lock_the_merchant_and_nobody_else() {
    let shop = Shop::open();
    let (other, key) = register(&shop.house, &shop.admin, "다른상점");
    let call = |mid: &str, meky: &str, user: &str| {
        let body = json!({
            "mid": mid, "meky": meky, "userId": user, "userNm": "홍길동", "fixYn": "Y",
        });
        shop.house.post("/ezpg/regUserApi", "", &body)
    };
    // Wrong keys count against the address, never the merchant.
    for _ in 0..50 {
        assert_eq!(call(&shop.id, "test_wrong", "u").code(), "1001");
    }
    for _ in 0..=100 {
        assert_eq!(call(&shop.id, &shop.meky, "not good").code(), "1003");
    }
    let locked = call(&shop.id, &shop.meky, "user0001");
    assert_eq!(
        (locked.status, locked.code()),
        (429, "1005"),
        "{}",
        locked.body
    );
    assert_eq!(
        locked.text("resultMsg"),
        "요청이 일시적으로 제한되었습니다."
    );
    let wait: u64 = locked
        .header("retry-after")
        .expect("a wait")
        .parse()
        .unwrap();
    assert!((1..=300).contains(&wait), "{wait}");
    call(&other, &key, "user0001").yes();
}
