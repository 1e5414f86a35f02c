//! Settings of the running house, over real HTTP.

use serde_json::{Value, json};

use crate::support::http::{ADMIN_PASSWORD, Http, Said};
use crate::support::{Relay, deposit};

const PATH: &str = "/ezpg/system/settings";

fn set(house: &Http, token: &str, kind: &str, settings: &Value) -> Said {
    house.post(
        PATH,
        token,
        &json!({ "settingType": kind, "settings": settings }),
    )
}

fn find(house: &Http, token: &str, key: &str) -> Value {
    let all = house.get(PATH, token).yes();
    let all = all.body["settings"].as_array().unwrap().clone();
    let found = all.iter().find(|setting| setting["key"] == key);
    found.unwrap_or_else(|| panic!("no {key}")).clone()
}

#[test]
fn every_setting_is_told_with_its_default_range_effect_and_last_change() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let all = house
        .get(&format!("{PATH}?settingType=security"), &admin)
        .yes();
    for setting in all.body["settings"].as_array().unwrap() {
        for field in ["key", "value", "default", "range", "effect"] {
            assert!(setting[field].is_string(), "{setting}");
        }
        assert!(setting["lastChange"].is_null(), "{setting}");
    }
    assert_eq!(all.body["settings"].as_array().map(Vec::len), Some(6));
    let hours = find(&house, &admin, "hours.004");
    assert_eq!(hours["value"], hours["default"]);
    let said = set(&house, &admin, "security", &json!({ "lockout.tries": 3 })).yes();
    assert_eq!(
        said.body["updatedSettings"],
        json!({ "lockout.tries": "3" })
    );
    let tries = find(&house, &admin, "lockout.tries");
    assert_eq!(
        (&tries["value"], &tries["default"]),
        (&json!("3"), &json!("5"))
    );
    assert_eq!(tries["lastChange"]["actor"], "admin");
    let house = house.restart();
    assert_eq!(find(&house, &admin, "lockout.tries")["value"], "3");
    set(&house, &admin, "security", &json!({ "lockout.tries": "" })).yes();
    assert_eq!(find(&house, &admin, "lockout.tries")["value"], "5");
    let acts = house
        .get("/ezpg/audit?subject=system/lockout.tries", &admin)
        .yes();
    let acts = acts.body["audit"].as_array().unwrap().clone();
    assert_eq!(acts.len(), 2);
    assert_eq!(
        (&acts[1]["before"], &acts[1]["after"]),
        (&json!("5"), &json!("3"))
    );
}

#[test]
fn what_is_out_of_range_changes_nothing() {
    let house = Http::start();
    let (_, admin) = house.admin();
    for (kind, settings) in [
        ("security", json!({ "lockout.tries": 0 })),
        ("security", json!({ "lockout.tries": "many" })),
        (
            "security",
            json!({ "lockout.tries": 4, "session.minutes": 4 }),
        ),
        ("security", json!({ "log.level": "info" })),
        ("security", json!({ "nothing.like.this": 1 })),
        ("security", json!({ "console.ipAllowList": "192.0.2.0/24" })),
        ("security", json!({ "console.ipAllowList": ["everywhere"] })),
        ("security", json!({ "otp.forced": { "yes": true } })),
        ("environment", json!({ "hours.004": "24:00-25:00" })),
        ("environment", json!({ "hours.999": "00:00-24:00" })),
        ("environment", json!({ "hours.000": "00:00-24:00" })),
        ("environment", json!({ "maintenance.004": "sometimes" })),
        ("environment", json!({ "limits.perDay": -1 })),
        ("log", json!({ "log.level": "loud" })),
        ("log", json!({ "log.retentionDays": 0 })),
        ("kitchen", json!({ "log.level": "info" })),
    ] {
        let said = set(&house, &admin, kind, &settings);
        assert_eq!(said.no(), (400, "1003"), "{settings}: {}", said.body);
    }
    let all = house.get(PATH, &admin).yes();
    let all = all.body["settings"].as_array().unwrap().clone();
    assert!(all.iter().all(|setting| setting["lastChange"].is_null()));
}

#[test]
fn settings_take_effect_at_once() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let password = house.add_user(&admin, "vera", "viewer", None);
    set(
        &house,
        &admin,
        "security",
        &json!({ "lockout.tries": 3, "lockout.minutes": 2 }),
    )
    .yes();
    for _ in 0..3 {
        assert_eq!(house.log_in("vera", "wrong").status, 401);
    }
    assert_eq!(house.log_in("vera", &password).status, 401);
    house.shift_clock(121);
    let vera = house.log_in("vera", &password).yes().text("token");
    assert_eq!(house.get(PATH, &vera).no(), (403, "1002"));
    // Ours come from this machine, so a list of this machine alone shuts nobody here out.
    let list = json!({ "console.ipAllowList": "127.0.0.0/8" });
    set(&house, &admin, "security", &list).yes();
    assert_eq!(house.get(PATH, &vera).no(), (403, "1002"), "still known");
    set(&house, &admin, "security", &json!({ "otp.forced": "N" })).yes();
    let password = house.add_user(&admin, "opa", "operator", None);
    assert_eq!(house.log_in("opa", &password).yes().text("requireOtp"), "N");
    // Who has a second factor is asked for it all the same.
    assert_eq!(
        house
            .log_in("admin", ADMIN_PASSWORD)
            .yes()
            .text("requireOtp"),
        "Y"
    );
}

#[test]
fn masking_can_be_taken_off_in_a_sandbox() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let body = json!({ "merchantInfo": { "merchantName": "나루상점" } });
    let merchant = house.post("/ezpg/merchants/register", &admin, &body).yes();
    let body = json!({
        "merchantId": merchant.text("merchantId"), "accountType": "fixed", "bankCode": "004",
    });
    let issued = house.post("/ezpg/accounts/issue", &admin, &body).yes();
    let number = issued.body["accountInfo"]["accountNo"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut relay = Relay::call(house.relay);
    relay.send(&deposit("03020000000001", &number, 5_000));
    assert_eq!(relay.hear().expect("an answer").text(51, 4), "0000");
    let list = house.get("/ezpg/transactions/deposits", &admin).yes();
    let id = list.body["depositList"][0]["trxId"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = || house.get(&format!("/ezpg/deposits/{id}"), &admin).yes();
    let telegrams = || shown().body["telegrams"].to_string();
    assert!(
        !telegrams().contains(&number) && !telegrams().contains("홍길동"),
        "masked"
    );
    set(&house, &admin, "log", &json!({ "log.masking": "N" })).yes();
    assert!(
        telegrams().contains(&number) && telegrams().contains("홍길동"),
        "as it came"
    );
    set(&house, &admin, "log", &json!({ "log.masking": "Y" })).yes();
    assert!(!telegrams().contains(&number));
}
