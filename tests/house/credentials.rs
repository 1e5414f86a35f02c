//! Merchants' keys over real HTTP: told once, recognised, rotated, refused.

use serde_json::{Value, json};

use crate::support::eventually;
use crate::support::http::{ADMIN_PASSWORD, Http, Phone, STORE_KEY, Said};

/// A house with a merchant that was registered, and head office's token.
fn house() -> (Http, String, Said) {
    let house = Http::start();
    let (_, admin) = house.admin();
    let registered = register(&house, &admin, "나루상점");
    (house, admin, registered)
}

fn register(house: &Http, admin: &str, name: &str) -> Said {
    let body = json!({ "merchantInfo": { "merchantName": name } });
    house.post("/ezpg/merchants/register", admin, &body).yes()
}

/// Any call of `EzPG`'s own: a mid and a meky that are known lead to something else than 1001.
fn own_call(house: &Http, mid: &str, meky: &str) -> Said {
    let body = json!({ "mid": mid, "meky": meky, "moid": "none" });
    house.post("/ezpg/searchTransApi", "", &body)
}

fn code(said: &Said) -> String {
    // These answers are JSON in text/plain.
    let body = match &said.body {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        body => body.clone(),
    };
    body["resultCode"].as_str().unwrap().to_owned()
}

fn text(said: &Said, face: &str, name: &str) -> String {
    said.body["credentials"][face][name]
        .as_str()
        .unwrap_or_else(|| panic!("no {face}.{name} in {}", said.body))
        .to_owned()
}

#[test]
fn a_registered_merchant_gets_all_credentials_once() {
    let (house, admin, registered) = house();
    let id = registered.text("merchantId");
    assert!(id.len() <= 10, "{id}");
    assert_eq!(text(&registered, "payaction", "mallId"), id);
    assert_eq!(text(&registered, "ezpg", "mid"), id);
    assert_eq!(text(&registered, "payapi", "mid"), id);
    let meky = text(&registered, "ezpg", "meky");
    assert_eq!(registered.text("merchantKey"), meky);
    assert!(meky.starts_with("test_"), "{meky}");
    assert_eq!(text(&registered, "payapi", "aesKey").len(), 32);
    assert!(text(&registered, "ipay", "webhookSecret").starts_with("whsec_"));
    assert_eq!(
        code(&own_call(&house, &id, &meky)),
        "1004",
        "known, but no such withdrawal"
    );
    let path = format!("/ezpg/merchants/credentials?merchantId={id}");
    let mut listed = Value::Null;
    // The day of a use is noted without anybody waiting for it.
    eventually("the use is noted", || {
        listed = house.get(&path, &admin).yes().body;
        let mut keys = listed["keys"].as_array().unwrap().iter();
        keys.any(|key| key["lastUsed"].is_string())
    });
    let whole = serde_json::to_string(&listed).unwrap();
    for (_, keys) in registered.body["credentials"].as_object().unwrap() {
        for (name, key) in keys.as_object().unwrap() {
            let is_id = name == "mid" || name == "mallId";
            assert!(
                is_id || !whole.contains(key.as_str().unwrap()),
                "{name} is told again"
            );
        }
    }
    let own = listed["keys"].as_array().unwrap().clone();
    assert_eq!(own.len(), 10);
    let used = own.iter().find(|key| key["name"] == "meky").unwrap();
    assert!(used["lastUsed"].is_string(), "{used}");
    assert!(meky.starts_with(used["prefix"].as_str().unwrap()));
}

#[test]
fn an_imported_merchant_has_no_keys_until_head_office_asks_for_them() {
    let mut house = Http::start();
    house.end();
    let list = house.folder.path().join("merchants.csv");
    std::fs::write(&list, "merchant_id,name\nimported,수입상점\n").unwrap();
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_naru"))
        .env_clear()
        .env("NARU_DATA_DIR", house.data())
        .env("NARU_STORE_KEY", STORE_KEY)
        .args(["import", "merchants"])
        .arg(&list)
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let house = house.restart();
    let (_, admin) = house.admin();
    let path = "/ezpg/merchants/credentials";
    let listed = house
        .get(&format!("{path}?merchantId=imported"), &admin)
        .yes();
    assert_eq!(listed.body["keys"], json!([]));
    let ask = |merchant: &str| json!({ "merchantId": merchant, "which": "all" });
    assert_eq!(house.post(path, &admin, &ask("nobody")).no(), (404, "2001"));
    let made = house.post(path, &admin, &ask("imported")).yes();
    let faces = made.body["credentials"].as_object().unwrap();
    let names: Vec<String> = faces
        .iter()
        .map(|(face, keys)| {
            let keys = keys.as_object().unwrap().keys().cloned();
            format!("{face}: {}", keys.collect::<Vec<_>>().join(" "))
        })
        .collect();
    assert_eq!(
        names,
        [
            "ezpg: meky mid",
            "ipay: apiKey apiSecret publishableKey webhookSecret",
            "payaction: apiKey mallId webhookKey",
            "payapi: aesIv aesKey mid signKey",
        ]
    );
    for (face, name) in [("ezpg", "mid"), ("payaction", "mallId"), ("payapi", "mid")] {
        assert_eq!(
            text(&made, face, name),
            "imported",
            "one id under every name"
        );
    }
    let meky = text(&made, "ezpg", "meky");
    assert_eq!(code(&own_call(&house, "imported", &meky)), "1004", "known");
    let key = text(&made, "payaction", "apiKey");
    let headers = [("x-mall-id", "imported"), ("x-api-key", key.as_str())];
    let said = house.get_with("/payaction/order/1", &headers);
    assert_eq!(
        said.body["response"]["message"], "존재하지 않는 주문입니다.",
        "known"
    );
}

#[test]
fn an_address_that_is_not_on_the_merchants_list_is_no_caller() {
    let (house, admin, registered) = house();
    let (id, meky) = (
        registered.text("merchantId"),
        text(&registered, "ezpg", "meky"),
    );
    let only_from = |ranges: &[&str]| {
        let body = json!({ "merchantId": id, "ipAllowList": ranges });
        house.post("/ezpg/merchants/policies", &admin, &body)
    };
    only_from(&["198.51.100.0/24", "2001:db8::/32"]).yes();
    let refused = own_call(&house, &id, &meky);
    let wrong = own_call(&house, &id, "test_wrong");
    let words = |said: &Said| said.body["resultMsg"].clone();
    assert_eq!(code(&refused), "1001");
    assert_eq!(
        words(&refused),
        words(&wrong),
        "which of the two is not told"
    );
    assert_eq!(only_from(&["198.51.100.0/99"]).no(), (400, "1003"));
    assert_eq!(only_from(&["localhost"]).no(), (400, "1003"));
    only_from(&["127.0.0.0/8"]).yes();
    assert_eq!(code(&own_call(&house, &id, &meky)), "1004");
    only_from(&[]).yes();
    assert_eq!(
        code(&own_call(&house, &id, &meky)),
        "1004",
        "no list, no limit"
    );
}

#[test]
fn wrong_keys_and_absent_merchants_are_alike_and_the_other_environment_is_named() {
    let (house, admin, registered) = house();
    let id = registered.text("merchantId");
    let meky = text(&registered, "ezpg", "meky");
    let other = register(&house, &admin, "다른상점");
    let theirs = text(&other, "ezpg", "meky");
    let wrong = own_call(&house, &id, "test_wrong");
    for (mid, key) in [
        ("nobody", "test_wrong"),
        ("nobody", meky.as_str()),
        (id.as_str(), theirs.as_str()),
        (id.as_str(), &meky[..meky.len() - 1]),
        (
            id.as_str(),
            text(&registered, "payaction", "apiKey").as_str(),
        ),
        ("", ""),
    ] {
        let said = own_call(&house, mid, key);
        assert_ne!(code(&said), "1004", "{mid}");
        if !mid.is_empty() {
            assert_eq!(code(&said), code(&wrong), "{mid}");
        }
    }
    assert_eq!(code(&wrong), "1001");
    let live = own_call(&house, &id, &meky.replace("test_", "live_"));
    let told = live.body.to_string();
    assert!(
        told.contains("운영 키는 테스트 환경에서 사용할 수 없습니다."),
        "{told}"
    );
}

#[test]
fn keys_rotate_with_an_overlap() {
    let (house, admin, registered) = house();
    let id = registered.text("merchantId");
    let first = text(&registered, "ezpg", "meky");
    let rotate = |hours: u32| {
        let body = json!({ "merchantId": id, "which": "ezpg", "overlapHours": hours });
        house.post("/ezpg/merchants/credentials", &admin, &body)
    };
    let second = rotate(2).yes();
    assert!(
        second.body["credentials"]["payaction"].is_null(),
        "only what was asked"
    );
    let second = text(&second, "ezpg", "meky");
    assert_ne!(first, second);
    for key in [&first, &second] {
        assert_eq!(code(&own_call(&house, &id, key)), "1004", "both count");
    }
    house.shift_clock(2 * 3_600 + 1);
    assert_eq!(
        code(&own_call(&house, &id, &first)),
        "1001",
        "the overlap is over"
    );
    assert_eq!(code(&own_call(&house, &id, &second)), "1004");
    house.shift_clock(0);
    let third = text(&rotate(0).yes(), "ezpg", "meky");
    assert_eq!(code(&own_call(&house, &id, &second)), "1001", "at once");
    let house = house.restart();
    assert_eq!(code(&own_call(&house, &id, &third)), "1004");
    let too_long = json!({ "merchantId": id, "which": "ezpg", "overlapHours": 721 });
    let said = house.post("/ezpg/merchants/credentials", &admin, &too_long);
    assert_eq!(said.no(), (400, "1003"));
}

#[test]
fn a_merchants_person_rotates_their_own_keys_and_sees_no_others() {
    let (house, admin, registered) = house();
    let id = registered.text("merchantId");
    let other = register(&house, &admin, "다른상점").text("merchantId");
    let password = house.add_user(&admin, "shopper", "merchant", Some(&id));
    let own = house.log_in("shopper", &password).yes().text("token");
    let body = json!({ "which": "payaction" });
    let rotated = house.post("/ezpg/merchants/credentials", &own, &body).yes();
    assert_eq!(rotated.text("merchantId"), id);
    let there = json!({ "which": "payaction", "merchantId": other });
    let absent = json!({ "which": "payaction", "merchantId": "nobody" });
    for body in [there, absent] {
        let said = house.post("/ezpg/merchants/credentials", &own, &body);
        assert_eq!(
            said.no(),
            (404, "1004"),
            "another's is as if it were not there"
        );
    }
    for id in [other.as_str(), "nobody"] {
        let path = format!("/ezpg/merchants/credentials?merchantId={id}");
        assert_eq!(house.get(&path, &own).no(), (404, "1004"));
    }
    let viewer = house.add_user(&admin, "vera", "viewer", None);
    let viewer = house.log_in("vera", &viewer).yes().text("token");
    let said = house.post(
        "/ezpg/merchants/credentials",
        &viewer,
        &json!({ "which": "all" }),
    );
    assert_eq!(said.no(), (403, "1002"));
}

#[test]
fn no_secret_stands_in_the_data_folder_or_the_log() {
    let mark = crate::support::log::mark();
    let mut house = Http::start();
    let half = house.log_in("admin", ADMIN_PASSWORD).yes().text("token");
    let shown = house.post("/ezpg/auth/enrol-otp", &half, &json!({})).yes();
    let seed = shown.text("secret");
    let recovery = shown.body["recoveryCodes"].as_array().unwrap().clone();
    let recovery = recovery
        .iter()
        .map(|code| code.as_str().unwrap().to_owned());
    let full = house.verify(&half, "admin", &Phone::of(&seed).code()).yes();
    let admin = full.text("token");
    let registered = register(&house, &admin, "나루상점");
    let password = house.add_user(&admin, "vera", "viewer", None);
    let session = house.log_in("vera", &password).yes();
    assert_eq!(house.log_in("vera", "a-wrong-password-canary").status, 401);
    assert_eq!(house.log_in("typed-password-as-name", "x").status, 401);
    let meky = text(&registered, "ezpg", "meky");
    own_call(&house, &registered.text("merchantId"), &meky);
    house.end();
    let mut canaries = vec![
        password,
        session.text("token"),
        session.text("refreshToken"),
        admin,
        "a-wrong-password-canary".to_owned(),
        "typed-password-as-name".to_owned(),
        ADMIN_PASSWORD.to_owned(),
        seed,
        half,
    ];
    canaries.extend(recovery);
    for (_, keys) in registered.body["credentials"].as_object().unwrap() {
        let keys = keys.as_object().unwrap().iter();
        let keys = keys.filter(|(name, _)| *name != "mid" && *name != "mallId");
        canaries.extend(keys.map(|(_, key)| key.as_str().unwrap().to_owned()));
    }
    let log = crate::support::log::lines_since(mark, "").join("\n");
    let mut files = vec![log.into_bytes()];
    gather(&house.data(), &mut files);
    assert!(files.len() >= 3, "the folder has an identity and books");
    for canary in &canaries {
        for file in &files {
            let found = file
                .windows(canary.len())
                .any(|part| part == canary.as_bytes());
            assert!(!found, "{}… stands in clear", &canary[..8]);
        }
    }
    // The books are encrypted as a whole; what their records say must be no secret either.
    let records = crate::support::http::journal(&house);
    assert!(records.contains("keys_issued") && records.contains("user_added"));
    for canary in canaries {
        assert!(
            !records.contains(&canary),
            "{}… stands in the journal",
            &canary[..8]
        );
    }
}

fn gather(folder: &std::path::Path, files: &mut Vec<Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else {
            files.push(std::fs::read(path).unwrap());
        }
    }
}
