//! Endpoints over real HTTP: made, tried out, told of a deposit that came through a real line,
//! looked after, and strictly apart.

use serde_json::{Value, json};

use crate::support::eventually;
use crate::support::http::{Http, Said};
use crate::support::receiver::{Receiver, Say};

/// A house with a merchant, its account at bank 004, and head office's token.
struct Town {
    house: Http,
    admin: String,
    merchant: String,
    account: String,
}

impl Town {
    fn build() -> Town {
        let house = Http::with(&[("NARU_WEBHOOK_ADDRESSES", "203.0.113.7")]);
        let (_, admin) = house.admin();
        let merchant = register(&house, &admin, "나루상점");
        let body = json!({
            "merchantId": merchant, "accountType": "fixed", "bankCode": "004", "amount": 0,
        });
        let issued = house.post("/ezpg/accounts/issue", &admin, &body).yes();
        let account = &issued.body["accountInfo"]["accountNo"];
        let account = account.as_str().expect("an account").to_owned();
        Town {
            house,
            admin,
            merchant,
            account,
        }
    }

    fn endpoint(&self, url: &str, dialect: &str, events: &[&str]) -> Said {
        let body = json!({
            "merchantId": self.merchant, "url": url, "dialect": dialect, "events": events,
        });
        self.house.post("/ezpg/webhooks", &self.admin, &body)
    }

    fn deposit(&self, amount: u64) -> String {
        let body = json!({
            "accountNo": self.account, "bankCode": "004", "amount": amount,
            "depositorName": "홍길동",
        });
        let said = self
            .house
            .post("/ezpg/test/deposit", &self.admin, &body)
            .yes();
        said.text("transactionId")
    }

    fn deliveries(&self, query: &str) -> Vec<Value> {
        let path = format!(
            "/ezpg/webhooks/deliveries?merchantId={}&{query}",
            self.merchant
        );
        let said = self.house.get(&path, &self.admin).yes();
        said.body["deliveries"].as_array().unwrap().clone()
    }

    fn post(&self, path: &str, body: &Value) -> Said {
        self.house.post(path, &self.admin, body)
    }
}

fn register(house: &Http, admin: &str, name: &str) -> String {
    let body = json!({ "merchantInfo": { "merchantName": name } });
    let said = house.post("/ezpg/merchants/register", admin, &body).yes();
    said.text("merchantId")
}

/// A town with a deposit that its merchant's server took at the second attempt: the server, what
/// was told of the endpoint, and the deposit's id.
fn delivered() -> (Town, Receiver, Said, String) {
    let town = Town::build();
    let receiver = Receiver::start(|nth, _| match nth {
        0 => Say::status("503 Service Unavailable"),
        _ => Say::status("200 OK"),
    });
    let made = town
        .endpoint(&receiver.url(), "standard", &["deposit.received"])
        .yes();
    assert!(made.text("secret").starts_with("whsec_"));
    assert_eq!(made.body["sourceAddresses"], json!(["203.0.113.7/32"]));
    assert_eq!(made.body["events"], json!(["deposit.received"]));
    let transaction = town.deposit(19_000);
    eventually("the first attempt has failed", || {
        town.deliveries("status=pending")
            .first()
            .is_some_and(|one| {
                one["attempts"]
                    .as_array()
                    .is_some_and(|tried| tried.len() == 1)
            })
    });
    town.house.shift_clock(7);
    eventually("it is delivered", || {
        town.deliveries("status=delivered").len() == 1
    });
    (town, receiver, made, transaction)
}

#[test]
fn a_deposit_reaches_the_merchants_server_and_its_delivery_is_shown() {
    let (town, receiver, made, transaction) = delivered();
    let shown = town.deliveries("").remove(0);
    for (field, value) in [
        ("type", json!("deposit.received")),
        ("transactionId", json!(transaction)),
        ("endpointId", json!(made.text("endpointId"))),
        ("merchantId", json!(town.merchant)),
        ("nextAt", json!(null)),
    ] {
        assert_eq!(shown[field], value, "{field} in {shown}");
    }
    let attempts = shown["attempts"].as_array().unwrap();
    assert_eq!(
        (&attempts[0]["status"], &attempts[1]["status"]),
        (&json!(503), &json!(200))
    );
    let got = receiver.got();
    assert_eq!(got[1].header("webhook-id"), shown["eventId"]);
    assert_eq!(attempts[0]["request"]["body"], got[0].text());
    assert!(got[0].text().contains(&transaction));
    // Once more on request, with the same id and body; and one that is not there.
    let id = shown["deliveryId"].as_str().unwrap();
    let path = format!("/ezpg/webhooks/deliveries/{id}/resend");
    town.post(&path, &json!({})).yes();
    eventually("it came once more", || receiver.count() == 3);
    assert_eq!(receiver.got()[2].body, got[0].body);
    let absent = "/ezpg/webhooks/deliveries/ep_000000000001.evt_000000000001_0/resend";
    assert_eq!(town.post(absent, &json!({})).no(), (404, "1004"));
}

#[test]
fn the_feed_tells_what_the_merchants_server_was_told() {
    let (town, ..) = delivered();
    let shown = town.deliveries("").remove(0);
    let feed = |after: &str| {
        let path = format!("/ezpg/events?merchantId={}&after={after}", town.merchant);
        town.house.get(&path, &town.admin).yes().body["events"]
            .as_array()
            .unwrap()
            .clone()
    };
    let told: Vec<Value> = feed("");
    let kinds: Vec<_> = told
        .iter()
        .map(|one| one["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["account.issued", "deposit.received"]);
    assert_eq!(told[1]["eventId"], shown["eventId"]);
    assert_eq!(told[1]["data"]["amount"], 19_000);
    assert_eq!(feed(told[0]["eventId"].as_str().unwrap()).len(), 1);
    assert_eq!(feed(told[1]["eventId"].as_str().unwrap()).len(), 0);
}

#[test]
fn an_endpoint_is_changed_rotated_and_replayed_to() {
    let mut town = Town::build();
    let password = town
        .house
        .add_user(&town.admin, "owner", "merchant", Some(&town.merchant));
    let receiver = Receiver::start(|_, _| Say::status("200 OK"));
    let made = town
        .endpoint(&receiver.url(), "standard", &["deposit.received"])
        .yes();
    let id = made.text("endpointId");
    let path = format!("/ezpg/webhooks/{id}");
    let off = town.post(&path, &json!({ "enabled": false })).yes();
    assert_eq!(
        (&off.body["enabled"], &off.body["url"]),
        (&json!(false), &made.body["url"])
    );
    town.deposit(1_000);
    town.deposit(2_000);
    assert_eq!(
        town.post(&format!("{path}/replay"), &json!({ "from": "2000-01-01" }))
            .no()
            .1,
        "1003"
    );
    town.post(&path, &json!({ "enabled": true })).yes();
    let rotated = town
        .post(&format!("{path}/rotate"), &json!({ "overlapHours": 1 }))
        .yes();
    assert_ne!(rotated.text("secret"), made.text("secret"));
    let replayed = town
        .post(&format!("{path}/replay"), &json!({ "from": "2000-01-01" }))
        .yes();
    assert_eq!(
        (&replayed.body["replayed"], &replayed.body["nextFrom"]),
        (&json!(2), &json!(null))
    );
    eventually("what was missed has come", || receiver.count() == 2);
    let signatures = receiver.got()[0].header("webhook-signature").to_owned();
    assert_eq!(signatures.split(' ').count(), 2, "while both secrets count");
    town.house.shift_clock(2 * 3600);
    // No token lives so long; the merchant's own people look after what is theirs.
    town.admin = town.house.log_in("owner", &password).text("token");
    town.deposit(3_000);
    eventually("another one has come", || receiver.count() == 3);
    let signature = receiver.got()[2].header("webhook-signature").to_owned();
    assert_eq!(signature.split(' ').count(), 1, "the overlap is over");
    let resumed = town
        .post(&format!("{path}/resume"), &json!({ "skip": true }))
        .yes();
    assert_eq!(resumed.body["suspended"], false);
    let listed = town.house.get("/ezpg/webhooks", &town.admin).yes();
    assert_eq!(listed.body["totalCount"], 1);
    assert!(
        listed.body.to_string().find("whsec_").is_none(),
        "a secret is told once"
    );
}

#[test]
fn a_trial_says_in_words_what_is_wrong() {
    let town = Town::build();
    let receiver = Receiver::start(|_, got| match got.path.as_str() {
        "/good" => Say::ok(r#"{"status":"success"}"#),
        "/moved" => Say::with("302 Found", "location: /good".to_owned()),
        _ => Say::ok("OK"),
    });
    let url = |path: &str| format!("http://{}{path}", receiver.address);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}/", nobody.local_addr().unwrap());
    drop(nobody);
    for (url, ok, words) in [
        (url("/good"), true, "정상"),
        (url("/wrong"), false, "success"),
        (url("/moved"), false, "리다이렉트"),
        (closed, false, "거부"),
        (
            "http://shop.invalid/hook".to_owned(),
            false,
            "찾을 수 없습니다",
        ),
    ] {
        let made = town.endpoint(&url, "payaction", &[]).yes();
        assert!(made.body.get("secret").is_none(), "the mall's key is used");
        let path = format!("/ezpg/webhooks/{}/test", made.text("endpointId"));
        let told = town.post(&path, &json!({})).yes();
        assert_eq!(told.body["ok"], ok, "{url}: {}", told.body);
        let diagnosis = told.text("diagnosis");
        assert!(diagnosis.contains(words), "{url}: {diagnosis}");
    }
    assert_eq!(town.deliveries("").len(), 0, "a trial is no delivery");
    // The same key is the same trial, told again and not made again.
    let made = town.endpoint(&url("/once"), "standard", &[]).yes();
    let path = format!("/ezpg/webhooks/{}/test", made.text("endpointId"));
    let once = [("idempotency-key", "trial-1")];
    let try_out = || town.house.post_with(&path, &town.admin, &once, &json!({}));
    let (first, again) = (try_out().yes(), try_out().yes());
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.body, again.body);
    let tried = receiver.got();
    assert_eq!(tried.iter().filter(|got| got.path == "/once").count(), 1);
}

#[test]
fn what_cannot_be_an_endpoint_is_refused() {
    let town = Town::build();
    for (url, dialect, events) in [
        ("http://10.0.0.1/hook", "standard", json!([])),
        ("http://169.254.169.254/", "standard", json!([])),
        ("ftp://localhost/", "standard", json!([])),
        ("http://user:pass@localhost/", "standard", json!([])),
        ("not a url", "standard", json!([])),
        ("http://localhost/", "latin", json!([])),
        ("http://localhost/", "standard", json!(["deposit.recieved"])),
        (
            "http://localhost/",
            "payaction",
            json!(["deposit.corrected"]),
        ),
        ("http://localhost/", "ezpg-b", json!(["deposit.matched"])),
    ] {
        let body = json!({
            "merchantId": town.merchant, "url": url, "dialect": dialect, "events": events,
        });
        let said = town.post("/ezpg/webhooks", &body);
        assert_eq!(said.no(), (400, "1003"), "{url} {dialect}: {}", said.body);
    }
    let odd = json!({
        "merchantId": town.merchant, "url": "http://localhost/", "dialect": "standard",
        "colour": "blue",
    });
    assert_eq!(town.post("/ezpg/webhooks", &odd).no(), (400, "1003"));
    for secret in [
        "short",
        "whsec_dG9vIHNob3J0",
        "whsec_!!!",
        "mit leerzeichen und mehr",
    ] {
        let body = json!({
            "merchantId": town.merchant, "url": "http://localhost/", "dialect": "standard",
            "secret": secret,
        });
        assert_eq!(
            town.post("/ezpg/webhooks", &body).no(),
            (400, "1003"),
            "{secret}"
        );
    }
    assert_eq!(
        town.house.get("/ezpg/webhooks", &town.admin).yes().body["totalCount"],
        0
    );
}

/// What a neighbour tries at an endpoint and at a delivery: the path with another's, the same with
/// one that is not there, and the body.
fn tries(id: &str, delivery: &str) -> Vec<(String, String, Value)> {
    let (none, gone) = ("ep_000000999999", "ep_000000999999.evt_000000999999_0");
    let acts = [
        ("", json!({})),
        ("/rotate", json!({})),
        ("/resume", json!({})),
        ("/test", json!({})),
        ("/replay", json!({ "from": "2026-01-01" })),
    ];
    let at = |id: &str, act: &str| format!("/ezpg/webhooks/{id}{act}");
    let resend = |id: &str| format!("/ezpg/webhooks/deliveries/{id}/resend");
    acts.into_iter()
        .map(|(act, body)| (at(id, act), at(none, act), body))
        .chain([(resend(delivery), resend(gone), json!({}))])
        .collect()
}

/// A town whose neighbour's person has logged in; an endpoint with one delivery.
fn neighbours() -> (Town, Receiver, String, [String; 2]) {
    let town = Town::build();
    let other = register(&town.house, &town.admin, "옆집");
    let password = town
        .house
        .add_user(&town.admin, "neighbour", "merchant", Some(&other));
    let token = town.house.log_in("neighbour", &password).text("token");
    let receiver = Receiver::start(|_, _| Say::status("200 OK"));
    let made = town.endpoint(&receiver.url(), "standard", &[]).yes();
    town.deposit(1_000);
    eventually("it is delivered", || {
        town.deliveries("status=delivered").len() == 1
    });
    let delivery = town.deliveries("").remove(0)["deliveryId"].clone();
    let delivery = delivery.as_str().expect("an id").to_owned();
    (town, receiver, token, [made.text("endpointId"), delivery])
}

#[test]
fn another_merchants_endpoint_and_one_that_is_not_there_are_alike() {
    let (town, receiver, token, [id, delivery]) = neighbours();
    for (mine, absent, body) in tries(&id, &delivery) {
        let theirs = town.house.post(&mine, &token, &body);
        let absent = town.house.post(&absent, &token, &body);
        assert_eq!(theirs.no(), (404, "1004"), "{mine}: {}", theirs.body);
        assert_eq!(theirs.body["resultMsg"], absent.body["resultMsg"], "{mine}");
        assert_eq!(theirs.no(), absent.no());
    }
    assert_eq!(receiver.count(), 1, "nothing was sent on a stranger's word");
}

#[test]
fn another_merchants_letters_are_in_nobody_elses_lists() {
    let (town, _receiver, token, [id, delivery]) = neighbours();
    for path in [
        format!("/ezpg/webhooks?merchantId={}", town.merchant),
        format!("/ezpg/webhooks/deliveries?merchantId={}", town.merchant),
        format!("/ezpg/webhooks/deliveries?endpointId={id}"),
        format!("/ezpg/webhooks/deliveries/{delivery}"),
        format!("/ezpg/events?merchantId={}", town.merchant),
        format!("/ezpg/notifications/settings?merchantId={}", town.merchant),
        format!("/ezpg/notifications/outbox?merchantId={}", town.merchant),
    ] {
        assert_eq!(town.house.get(&path, &token).no(), (404, "1004"), "{path}");
    }
    for path in [
        "/ezpg/webhooks",
        "/ezpg/webhooks/deliveries",
        "/ezpg/events",
    ] {
        let body = town.house.get(path, &token).yes().body.to_string();
        assert!(
            !body.contains(&town.merchant) && !body.contains(&id),
            "{path}: {body}"
        );
    }
}
