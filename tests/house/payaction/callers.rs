//! Who calls: keys and malls, shops kept apart, addresses and locks.

use serde_json::json;

use super::mall::{Mall, SUCCESS, refusal, right, send};
use super::{MISSING, TAKEN, UNKNOWN};
use crate::support::http::{Http, journal};

const KEYS: &str = "인증 정보가 올바르지 않습니다.";
const LOCKED: &str = "요청이 일시적으로 제한되었습니다.";
const CALLS: [(&str, &str); 5] = [
    ("POST", "/payaction/order"),
    ("POST", "/payaction/order-exclude"),
    ("POST", "/payaction/cashbill-cancel"),
    ("POST", "/payaction/orders/1/cancel"),
    ("GET", "/payaction/order/1"),
];

/// Headers that name no mall with its key, and what each is answered; `other` wants a status.
fn refused(mall: &Mall, other: &Mall, token: &str) -> Vec<(String, u16, &'static str)> {
    let (id, key) = (mall.id.as_str(), mall.key.as_str());
    let (strict, others) = (other.id.as_str(), other.key.as_str());
    let (longer, live) = (format!("{key}x"), key.replacen("test_", "live_", 1));
    let environment = "운영 키는 테스트 환경에서 사용할 수 없습니다.";
    let both = |(key, id): (&str, &str)| format!("x-api-key: {key}\r\nx-mall-id: {id}\r\n");
    let mut refused = vec![
        (String::new(), 200, KEYS),
        (format!("x-api-key: {key}\r\n"), 200, KEYS),
        (format!("x-mall-id: {id}\r\n"), 200, KEYS),
        (format!("x-mall-id: {strict}\r\n"), 401, KEYS),
        (both((token, id)), 200, KEYS),
    ];
    for (keys, status, message) in [
        (("", id), 200, KEYS),
        ((longer.as_str(), id), 200, KEYS),
        ((key, "nobody"), 200, KEYS),
        ((key, "홍길동"), 200, KEYS),
        ((others, id), 200, KEYS),
        ((key, strict), 401, KEYS),
        ((live.as_str(), id), 200, environment),
        ((live.as_str(), strict), 401, environment),
    ] {
        refused.push((both(keys), status, message));
    }
    refused
}

#[test]
fn whoever_is_not_a_mall_with_its_key_hears_one_sentence() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let (mall, other) = (
        Mall::register(&house, &admin),
        Mall::register(&house, &admin),
    );
    other.wants_4xx(&house, &admin);
    let refused = refused(&mall, &other, &admin);
    let calls = CALLS.iter().cycle();
    let body = right("1").to_string();
    for ((method, path), (headers, status, message)) in calls.zip(&refused) {
        let answer = send(&house, method, path, headers, body.as_bytes());
        let told = refusal(message);
        assert_eq!(answer.told(), (*status, told.as_str()), "{path} {headers}");
    }
    for (method, path) in CALLS {
        let answer = send(&house, method, path, "", b"");
        assert_eq!(answer.told(), (200, refusal(KEYS).as_str()), "{path}");
    }
    assert_eq!(
        mall.look(&house, "1").body,
        refusal(UNKNOWN),
        "nothing was ordered"
    );
}

#[test]
fn an_address_that_is_not_on_the_shops_list_hears_the_same_sentence() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    mall.policy(
        &house,
        &admin,
        json!({ "ipAllowList": ["198.51.100.0/24"] }),
    );
    let answer = mall.order(&house, &right("1"));
    assert_eq!(answer.told(), (200, refusal(KEYS).as_str()));
    mall.policy(&house, &admin, json!({ "ipAllowList": ["127.0.0.0/8"] }));
    assert_eq!(mall.order(&house, &right("1")).body, SUCCESS);
}

#[test]
fn wrong_keys_count_against_the_address_and_never_the_mall() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    let wrong = Mall {
        id: mall.id.clone(),
        key: format!("{}x", mall.key),
    };
    let answers: Vec<u16> = (0..200)
        .map(|_| wrong.order(&house, &right("1")).status)
        .collect();
    assert_eq!(answers[..60], [200; 60], "each hears that its key is wrong");
    assert!(answers.contains(&429), "then the address is slowed down");
    let answer = mall.order(&house, &right("1"));
    assert_eq!(answer.told(), (200, SUCCESS), "the mall itself goes on");
}

#[test]
fn shops_never_meet() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let (one, two) = (
        Mall::register(&house, &admin),
        Mall::register(&house, &admin),
    );
    assert_eq!(one.order(&house, &right("same")).body, SUCCESS);
    let named = r#"{"order_number":"same"}"#;
    for (method, path) in [
        ("GET", "/payaction/order/same"),
        ("POST", "/payaction/order-exclude"),
        ("POST", "/payaction/orders/same/cancel"),
        ("POST", "/payaction/cashbill-cancel"),
    ] {
        let others = send(&house, method, path, &two.keys(), named.as_bytes());
        assert_eq!(others.told(), (200, refusal(UNKNOWN).as_str()), "{path}");
    }
    assert_eq!(two.order(&house, &right("same")).body, SUCCESS);
    assert_eq!(
        one.post(&house, "/payaction/order-exclude", named).body,
        SUCCESS
    );
    assert!(one.look(&house, "same").body.contains("매칭제외"));
    assert!(two.look(&house, "same").body.contains("매칭대기"));
}

#[test]
fn a_mall_that_keeps_sending_nonsense_is_locked_for_a_while_and_told() {
    let mut house = Http::start();
    let (_, admin) = house.admin();
    let (mall, strict) = (
        Mall::register(&house, &admin),
        Mall::register(&house, &admin),
    );
    strict.wants_4xx(&house, &admin);
    assert_eq!(mall.order(&house, &right("1")).body, SUCCESS);
    for _ in 0..150 {
        assert_eq!(mall.order(&house, &right("1")).body, refusal(TAKEN));
        assert_eq!(mall.look(&house, "2").body, refusal(UNKNOWN));
    }
    for mall in [&mall, &strict] {
        for nth in 0..101 {
            let answer = mall.order(&house, &json!({}));
            assert_eq!(answer.body, refusal(MISSING), "{nth}");
        }
    }
    for (method, path) in CALLS {
        let answer = send(&house, method, path, &mall.keys(), b"{}");
        assert_eq!(answer.told(), (200, refusal(LOCKED).as_str()), "{path}");
    }
    let answer = strict.order(&house, &right("2"));
    assert_eq!(answer.told(), (429, refusal(LOCKED).as_str()));
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=300).contains(&wait), "{wait}");
    let free = Mall::register(&house, &admin);
    assert_eq!(free.order(&house, &right("2")).body, SUCCESS, "nobody else");
    house.end();
    let told = journal(&house).matches("\"minutes\":5").count();
    assert_eq!(told, 2, "each was told once");
}
