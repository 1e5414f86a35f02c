//! How often one may: by address, at login, by key; and who is believed about an address.

use serde_json::json;

use crate::support::http::{Http, Said};

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
