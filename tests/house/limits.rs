//! How often one may: by address, at login, by key; and who is believed about an address.

use serde_json::json;

use crate::ezpg::register;
use crate::payaction::mall::Mall;
use crate::support::http::{ADMIN_PASSWORD, Http, Said, journal};

/// The header of an answer as a number.
fn number(said: &Said, header: &str) -> u64 {
    let text = said.header(header).unwrap_or_else(|| panic!("no {header}"));
    text.parse().expect("a number")
}

/// The status of a failed log-in with a forwarded address.
fn log_in_from(house: &Http, user: usize, forwarded: &str) -> u16 {
    let body = json!({ "userId": format!("user{user}"), "password": "wrong" });
    let headers = [("x-forwarded-for", forwarded)];
    house
        .post_with("/ezpg/auth/login", "", &headers, &body)
        .status
}

#[test]
fn logins_from_one_address_are_few() {
    let house = Http::with(&[("NARU_HTTP_LOGINS_PER_MINUTE", "3")]);
    for user in ["a", "b", "c"] {
        assert_eq!(house.log_in(user, "wrong").no(), (401, "1001"));
    }
    let fourth = house.log_in("d", "wrong");
    assert_eq!(fourth.no(), (429, "1005"));
    assert!((1..=60).contains(&number(&fourth, "retry-after")));
    // Everything else goes on.
    assert_eq!(house.get("/ezpg/users", "").no(), (401, "1001"));
}

#[test]
fn an_address_has_a_rate_before_anybody_is_known() {
    let house = Http::with(&[("NARU_HTTP_ADDRESS_RATE_LIMIT", "5")]);
    let statuses: Vec<u16> = (0..50)
        .map(|_| house.get("/ezpg/users", "").status)
        .collect();
    assert_eq!(statuses[..5], [401; 5]);
    assert!(statuses.contains(&429), "{statuses:?}");
    let mut refused: Vec<_> = (0..50)
        .map(|_| house.get("/payaction/order/1", ""))
        .collect();
    refused.retain(|said| said.status == 429);
    let refused = refused.pop().expect("one too many");
    assert_eq!(refused.body["status"], "error", "in the face's own shape");
    assert!(number(&refused, "retry-after") >= 1);
}

#[test]
fn a_key_has_its_rate_and_hears_what_is_left() {
    let house = Http::with(&[("NARU_RATE_LIMIT", "6")]);
    let (_, token) = house.admin();
    // What the log-in used up comes back within a second.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let first = house.get("/ezpg/users", &token).yes();
    assert_eq!(number(&first, "ratelimit-limit"), 6);
    assert_eq!(number(&first, "ratelimit-remaining"), 5);
    assert!(number(&first, "ratelimit-reset") <= 1);
    let rest: Vec<Said> = (0..40).map(|_| house.get("/ezpg/users", &token)).collect();
    let refused = rest
        .iter()
        .find(|said| said.status == 429)
        .expect("one too many");
    assert_eq!(refused.no(), (429, "1005"));
    assert!(number(refused, "retry-after") >= 1);
    assert_eq!(number(refused, "ratelimit-limit"), 6);
    assert_eq!(number(refused, "ratelimit-remaining"), 0);
    assert!(number(refused, "ratelimit-reset") >= 1);
}

#[test]
fn merchants_programs_have_a_rate_each_in_their_faces_shape() {
    let house = Http::with(&[("NARU_RATE_LIMIT", "40")]);
    let (_, admin) = house.admin();
    let (mid, meky) = register(&house, &admin, "나루상점");
    let call = json!({ "mid": mid, "meky": meky, "moid": "none" });
    let said: Vec<Said> = (0..200)
        .map(|_| house.post("/ezpg/searchTransApi", "", &call))
        .collect();
    assert_eq!((said[0].status, said[0].code()), (200, "1004"));
    assert_eq!(number(&said[0], "ratelimit-limit"), 40);
    let refused = said
        .iter()
        .find(|said| said.status == 429)
        .expect("one too many");
    assert_eq!(refused.no(), (429, "1005"));
    assert_eq!(refused.body["resultCd"], "1005");
    assert_eq!(number(refused, "ratelimit-remaining"), 0);
    let kind = refused.header("content-type");
    assert_eq!(kind, Some("text/plain;charset=UTF-8"), "still text");
    let mall = Mall::register(&house, &admin);
    let headers = [
        ("x-mall-id", mall.id.as_str()),
        ("x-api-key", mall.key.as_str()),
    ];
    let said: Vec<Said> = (0..200)
        .map(|_| house.get_with("/payaction/order/1", &headers))
        .collect();
    assert_eq!(
        (said[0].status, number(&said[0], "ratelimit-limit")),
        (200, 40)
    );
    let refused = said
        .iter()
        .find(|said| said.status == 429)
        .expect("one too many");
    assert_eq!(refused.body["status"], "error", "{}", refused.body);
    assert_eq!(number(refused, "ratelimit-remaining"), 0);
    assert!(number(refused, "retry-after") >= 1);
}

#[test]
fn a_program_that_keeps_sending_nonsense_locks_its_merchant_who_is_told() {
    let mut house = Http::start();
    let (_, admin) = house.admin();
    let (mid, meky) = register(&house, &admin, "나루상점");
    let (other, others) = register(&house, &admin, "다른상점");
    let call = |mid: &str, meky: &str, key: &str, fix: &str| {
        let body = json!({
            "mid": mid, "meky": meky, "userId": "u1", "userNm": "홍길동", "fixYn": fix,
        });
        house.post_with("/ezpg/regUserApi", "", &[("idempotency-key", key)], &body)
    };
    call(&mid, &meky, "k-1", "Y").yes();
    // A key that was used with something else is no malformed call, however often it comes.
    for _ in 0..150 {
        assert_eq!(call(&mid, &meky, "k-1", "N").no(), (200, "1003"));
    }
    call(&mid, &meky, "k-1", "Y").yes();
    // Nor is one with a wrong key a call of the merchant's.
    for _ in 0..40 {
        assert_eq!(call(&mid, "test_wrong", "k-2", "X").no(), (200, "1001"));
    }
    for nth in 0..101 {
        assert_eq!(call(&mid, &meky, "k-2", "X").no(), (200, "1003"), "{nth}");
    }
    let locked = call(&mid, &meky, "k-1", "Y");
    assert_eq!(locked.no(), (429, "1005"));
    assert_eq!(
        locked.body["resultMsg"],
        "요청이 일시적으로 제한되었습니다."
    );
    assert!((1..=300).contains(&number(&locked, "retry-after")));
    call(&other, &others, "k-1", "Y").yes();
    house.end();
    let told = journal(&house).matches("\"minutes\":5").count();
    assert_eq!(told, 1, "the merchant is told once");
}

#[test]
fn whoever_is_not_let_in_from_there_locks_nobody_out() {
    let house = Http::with(&[("NARU_HTTP_PROXIES", "127.0.0.0/8")]);
    let (mut phone, admin) = house.admin();
    let list = json!({
        "settingType": "security", "settings": { "console.ipAllowList": "127.0.0.0/8" },
    });
    house.post("/ezpg/system/settings", &admin, &list).yes();
    let outside = [("x-forwarded-for", "203.0.113.9")];
    let log_in = |user: &str, password: &str| {
        let body = json!({ "userId": user, "password": password });
        house.post_with("/ezpg/auth/login", "", &outside, &body)
    };
    let mut told = Vec::new();
    for user in ["admin", "nobody"] {
        for password in ["wrong", ADMIN_PASSWORD] {
            for _ in 0..6 {
                let mut said = log_in(user, password);
                assert_eq!(said.no(), (401, "1001"));
                said.body["traceId"].take();
                told.push(said.body);
            }
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "whoever it is, and whatever they know");
    let headers = [
        ("x-forwarded-for", "203.0.113.9"),
        ("authorization", admin.as_str()),
    ];
    assert_eq!(house.get_with("/ezpg/users", &headers).no(), (401, "1001"));
    let half = house.log_in("admin", ADMIN_PASSWORD).yes().text("token");
    house.verify(&half, "admin", &phone.code()).yes();
}

#[test]
fn a_forwarded_address_is_believed_from_a_named_proxy_only() {
    let limit = ("NARU_HTTP_LOGINS_PER_MINUTE", "2");
    let proxied = Http::with(&[limit, ("NARU_HTTP_PROXIES", "127.0.0.0/8")]);
    let direct = Http::with(&[limit]);
    let statuses = [1, 2, 3, 4].map(|user| log_in_from(&direct, user, "198.51.100.9"));
    assert_eq!(statuses, [401, 401, 429, 429], "the peer itself is counted");
    let each = [1, 2, 3, 4].map(|user| log_in_from(&proxied, user, &format!("203.0.113.{user}")));
    assert_eq!(each, [401; 4], "four addresses");
    let one = [5, 6, 7, 8].map(|user| log_in_from(&proxied, user, "203.0.113.9"));
    assert_eq!(one, [401, 401, 429, 429], "one address behind the proxy");
}
