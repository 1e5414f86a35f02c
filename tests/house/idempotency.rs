//! Idempotency keys over HTTP: one effect, the same bytes, and nothing kept of a refusal.

use serde_json::{Value, json};

use crate::support::http::{ADMIN_PASSWORD, Http, Said};

const USERS: &str = "/ezpg/users";

fn viewer(name: &str) -> Value {
    json!({ "userId": name, "userName": name, "role": "viewer" })
}

fn add(house: &Http, token: &str, key: &str, body: &Value) -> Said {
    house.post_with(USERS, token, &[("idempotency-key", key)], body)
}

fn count(house: &Http, token: &str) -> u64 {
    house.get(USERS, token).yes().body["totalCount"]
        .as_u64()
        .expect("a count")
}

#[test]
fn the_same_key_and_body_get_the_same_bytes_also_after_a_restart() {
    let house = Http::start();
    let (_, token) = house.admin();
    let first = add(&house, &token, "k-1", &viewer("first")).yes();
    assert_eq!(first.header("idempotent-replayed"), None);
    let again = add(&house, &token, "k-1", &viewer("first")).yes();
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    // A password is made once; here it is the same one.
    assert_eq!(again.body, first.body);
    let quoted = add(&house, &token, "\"k-1\"", &viewer("first")).yes();
    assert_eq!(quoted.body, first.body);
    let house = house.restart();
    let later = add(&house, &token, "k-1", &viewer("first")).yes();
    assert_eq!(later.body, first.body);
    assert_eq!(count(&house, &token), 2);
}

#[test]
fn the_same_key_with_another_body_or_call_is_refused() {
    let house = Http::start();
    let (_, token) = house.admin();
    add(&house, &token, "k-1", &viewer("first")).yes();
    assert_eq!(
        add(&house, &token, "k-1", &viewer("other")).no(),
        (422, "1003")
    );
    let headers = [("idempotency-key", "k-1")];
    let body = json!({ "userId": "first" });
    let elsewhere = house.post_with("/ezpg/users/disable", &token, &headers, &body);
    assert_eq!(elsewhere.no(), (422, "1003"));
    assert_eq!(count(&house, &token), 2);
    let users = house.get(USERS, &token).yes();
    let active = users.body["users"].as_array().unwrap();
    assert!(
        active.iter().all(|user| user["status"] == "active"),
        "{}",
        users.body
    );
}

#[test]
fn a_key_belongs_to_whoever_used_it() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let password = house.add_user(&admin, "second", "head_office", None);
    let (_, second) = house.enrol("second", &password);
    add(&house, &admin, "k-1", &viewer("one")).yes();
    let other = add(&house, &second, "k-1", &viewer("two")).yes();
    assert_eq!(other.header("idempotent-replayed"), None);
    assert_eq!(other.text("userId"), "two");
}

#[test]
fn a_refusal_that_changes_nothing_is_not_kept() {
    let house = Http::start();
    let (_, token) = house.admin();
    let wrong = json!({ "userId": "first", "userName": "first", "role": "king" });
    assert_eq!(add(&house, &token, "k-1", &wrong).no(), (400, "1003"));
    assert_eq!(
        add(&house, &token, "k-1", &viewer("admin")).no(),
        (400, "1003"),
        "taken"
    );
    add(&house, &token, "k-1", &viewer("first")).yes();
}

#[test]
fn an_unfit_key_is_told() {
    let house = Http::start();
    let (_, token) = house.admin();
    let long = "x".repeat(256);
    for key in ["", "\"\"", "a b", long.as_str()] {
        assert_eq!(
            add(&house, &token, key, &viewer("first")).no(),
            (400, "1003"),
            "{key:?}"
        );
    }
    assert_eq!(count(&house, &token), 1);
}

#[test]
fn many_at_once_under_one_key_are_one_effect() {
    let house = Http::start();
    let (_, token) = house.admin();
    let said: Vec<Said> = std::thread::scope(|scope| {
        let work = || add(&house, &token, "k-1", &viewer("first"));
        let all: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let passwords: Vec<String> = said
        .iter()
        .filter(|said| said.status == 200)
        .map(|said| said.text("password"))
        .collect();
    assert!(!passwords.is_empty());
    assert!(passwords.iter().all(|password| *password == passwords[0]));
    for other in said.iter().filter(|said| said.status != 200) {
        assert_eq!(other.no(), (409, "1003"));
        assert_eq!(other.header("retry-after"), Some("1"));
    }
    assert_eq!(count(&house, &token), 2);
}

#[test]
fn an_answer_with_a_secret_is_kept_for_a_day() {
    let house = Http::start();
    let (mut phone, token) = house.admin();
    let first = add(&house, &token, "k-1", &viewer("first")).yes();
    house.shift_clock(86_400);
    let half = house.log_in("admin", ADMIN_PASSWORD).yes().text("token");
    let token = house
        .verify(&half, "admin", &phone.code())
        .yes()
        .text("token");
    let later = add(&house, &token, "k-1", &viewer("first"));
    assert_eq!(
        later.no(),
        (400, "1003"),
        "it was asked anew, and the name is taken"
    );
    assert!(!later.body.to_string().contains(&first.text("password")));
}

#[test]
fn a_key_means_nothing_at_the_door() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let password = house.add_user(&admin, "vera", "viewer", None);
    let body = json!({ "userId": "vera", "password": password });
    let log_in = || house.post_with("/ezpg/auth/login", "", &[("idempotency-key", "k-1")], &body);
    let (first, second) = (log_in().yes(), log_in().yes());
    assert_ne!(
        first.text("refreshToken"),
        second.text("refreshToken"),
        "another session"
    );
    assert_ne!(first.text("token"), second.text("token"));
    let wrong = json!({ "userId": "vera", "password": "wrong" });
    let headers = [("idempotency-key", "k-1")];
    let said = house.post_with("/ezpg/auth/login", "", &headers, &wrong);
    assert_eq!(said.no(), (401, "1001"), "looked at for itself");
    let refresh = json!({ "refreshToken": first.text("refreshToken") });
    let again = || house.post_with("/ezpg/auth/refresh", "", &headers, &refresh);
    let refreshed = again().yes();
    assert_eq!(refreshed.header("idempotent-replayed"), None);
    assert_eq!(
        again().no(),
        (401, "1001"),
        "a refresh token counts once, key or no key"
    );
    assert_eq!(
        house.get("/ezpg/users", &second.text("token")).no(),
        (403, "1002")
    );
}

#[test]
fn every_answer_with_secrets_is_told_again_for_a_day_and_kept_in_clear_nowhere() {
    let mut house = Http::start();
    let (mut phone, token) = house.admin();
    let key = [("idempotency-key", "k-secret")];
    let shop = json!({ "merchantInfo": { "merchantName": "나루상점" } });
    let first = house
        .post_with("/ezpg/merchants/register", &token, &key, &shop)
        .yes();
    let again = house
        .post_with("/ezpg/merchants/register", &token, &key, &shop)
        .yes();
    assert_eq!((again.text, again.status), (first.text.clone(), 200));
    let id = first.text("merchantId");
    let hook = json!({
        "merchantId": id, "url": "http://127.0.0.1:9009/", "dialect": "standard", "events": [],
    });
    let key = [("idempotency-key", "k-hook")];
    let made = house.post_with("/ezpg/webhooks", &token, &key, &hook).yes();
    let again = house.post_with("/ezpg/webhooks", &token, &key, &hook).yes();
    assert_eq!(again.text, made.text);
    house.shift_clock(86_401);
    let half = house.log_in("admin", ADMIN_PASSWORD).yes().text("token");
    let token = house
        .verify(&half, "admin", &phone.code())
        .yes()
        .text("token");
    let later = house.post_with("/ezpg/webhooks", &token, &key, &hook).yes();
    assert_ne!(
        later.text("secret"),
        made.text("secret"),
        "asked anew after a day"
    );
    house.end();
    let kept = crate::support::http::journal(&house);
    assert!(!kept.contains(&made.text("secret")) && !kept.contains(&later.text("secret")));
    assert!(!kept.contains(&first.text("merchantKey")));
}
