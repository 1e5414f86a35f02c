//! People at the door: passwords, second factors, tokens, refreshing, locks.

use serde_json::json;

use crate::support::http::{ADMIN_PASSWORD, Http, Phone};

const NO: (u16, &str) = (401, "1001");

#[test]
fn head_office_must_enrol_and_a_half_token_opens_nothing_else() {
    let house = Http::start();
    let first = house.log_in("admin", ADMIN_PASSWORD).yes();
    assert_eq!(first.header("x-naru-mode"), Some("sandbox"));
    assert_eq!(first.text("requireOtp"), "Y");
    assert_eq!(first.text("mustEnrol"), "Y");
    assert!(first.body.get("refreshToken").is_none(), "{}", first.body);
    let half = first.text("token");
    assert_eq!(house.get("/ezpg/users", &half).no(), NO);
    assert_eq!(house.post("/ezpg/auth/logout", &half, &json!({})).no(), NO);
    assert_eq!(house.verify(&half, "admin", "123456").no(), NO);
    let shown = house.post("/ezpg/auth/enrol-otp", &half, &json!({})).yes();
    assert!(shown.text("qrSvg").contains("<svg"), "a picture");
    assert!(
        shown
            .text("otpauthUrl")
            .starts_with("otpauth://totp/Naru:admin?")
    );
    assert_eq!(
        shown.body["recoveryCodes"].as_array().map(Vec::len),
        Some(10)
    );
    let mut phone = Phone::of(&shown.text("secret"));
    let full = house.verify(&half, "admin", &phone.code()).yes();
    assert_eq!(full.body["userInfo"]["userId"], "admin");
    assert_eq!(full.body["userInfo"]["adminYn"], "Y");
    assert_eq!(full.text("requireOtp"), "N");
    house.get("/ezpg/users", &full.text("token")).yes();
    // The enrolment ended the half token, and nobody enrols over it.
    assert_eq!(
        house.post("/ezpg/auth/enrol-otp", &half, &json!({})).no(),
        NO
    );
    let again = house.post("/ezpg/auth/enrol-otp", &full.text("token"), &json!({}));
    assert_eq!(again.no(), (400, "1003"));
}

#[test]
fn a_code_works_once_also_after_a_restart() {
    let house = Http::start();
    let (mut phone, _) = house.admin();
    let second = house.log_in("admin", ADMIN_PASSWORD).yes();
    assert_eq!(
        (second.text("requireOtp"), second.text("mustEnrol")),
        ("Y".into(), "N".into())
    );
    let half = second.text("token");
    assert_eq!(
        house.verify(&half, "admin", &phone.same_code()).no(),
        NO,
        "used to enrol"
    );
    house.verify(&half, "admin", &phone.code()).yes();
    assert_eq!(
        house.verify(&half, "admin", &phone.same_code()).no(),
        NO,
        "used to log in"
    );
    let house = house.restart();
    let half = house.log_in("admin", ADMIN_PASSWORD).yes().text("token");
    assert_eq!(
        house.verify(&half, "admin", &phone.same_code()).no(),
        NO,
        "used before the start"
    );
    house.verify(&half, "admin", &phone.code()).yes();
}

#[test]
fn a_recovery_code_works_once() {
    let house = Http::start();
    let half = house.log_in("admin", ADMIN_PASSWORD).yes().text("token");
    let shown = house.post("/ezpg/auth/enrol-otp", &half, &json!({})).yes();
    let code = shown.body["recoveryCodes"][3].as_str().unwrap().to_owned();
    assert_eq!(
        house.verify(&half, "admin", &code).no(),
        NO,
        "not before the enrolment"
    );
    let mut phone = Phone::of(&shown.text("secret"));
    house.verify(&half, "admin", &phone.code()).yes();
    let half = house.log_in("admin", ADMIN_PASSWORD).yes().text("token");
    house
        .verify(&half, "admin", &code.to_lowercase().replace('-', " "))
        .yes();
    assert_eq!(house.verify(&half, "admin", &code).no(), NO);
}

#[test]
fn five_failures_lock_a_name_whether_or_not_somebody_has_it() {
    let house = Http::start();
    let (mut phone, _) = house.admin();
    for name in ["admin", "nobody"] {
        let mut told = Vec::new();
        for _ in 0..5 {
            let mut said = house.log_in(name, "wrong");
            assert_eq!(said.no(), NO);
            said.body["traceId"].take();
            told.push(said.body);
        }
        told.dedup();
        assert_eq!(told.len(), 1, "{name} is told the same every time");
    }
    let right = house.log_in("admin", ADMIN_PASSWORD);
    let mut wrong = house.log_in("nobody", "wrong");
    assert_eq!(right.no(), NO, "locked, although it is right");
    wrong.body["traceId"] = right.body["traceId"].clone();
    assert_eq!(right.body, wrong.body);
    // The lock follows house time and survives a restart.
    let house = house.restart();
    assert_eq!(house.log_in("admin", ADMIN_PASSWORD).no(), NO);
    house.shift_clock(29 * 60);
    assert_eq!(house.log_in("admin", ADMIN_PASSWORD).no(), NO);
    house.shift_clock(31 * 60);
    let half = house.log_in("admin", ADMIN_PASSWORD).yes().text("token");
    let full = house
        .verify(&half, "admin", &phone.code())
        .yes()
        .text("token");
    let acts = house.get("/ezpg/audit?subject=user/admin", &full).yes();
    let acts = acts.body["audit"].as_array().unwrap().clone();
    assert!(
        acts.iter().any(|act| act["action"] == "auth.locked"),
        "{acts:?}"
    );
}

#[test]
fn wrong_codes_lock_as_wrong_passwords_do() {
    let house = Http::start();
    let (mut phone, _) = house.admin();
    let half = house.log_in("admin", ADMIN_PASSWORD).yes().text("token");
    for _ in 0..4 {
        assert_eq!(house.verify(&half, "admin", "not-a-code").no(), NO);
    }
    // A right password in between forgives nothing.
    house.log_in("admin", ADMIN_PASSWORD).yes();
    assert_eq!(house.verify(&half, "admin", "XXXXX-XXXXX").no(), NO);
    assert_eq!(
        house.verify(&half, "admin", &phone.code()).no(),
        NO,
        "locked"
    );
    assert_eq!(house.log_in("admin", ADMIN_PASSWORD).no(), NO);
}

#[test]
fn tokens_end_with_their_time_their_session_their_user_and_their_password() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let password = house.add_user(&admin, "vera", "viewer", None);
    let log_in = || house.log_in("vera", &password).yes();
    let first = log_in();
    assert_eq!(first.text("requireOtp"), "N", "a viewer need not");
    let token = first.text("token");
    let mine = |token: &str| house.get("/ezpg/users", token);
    assert_eq!(mine(&token).no(), (403, "1002"), "known, but may not");
    house.shift_clock(601);
    assert_eq!(mine(&token).no(), NO, "ten minutes at most, by house time");
    let refreshed = house.post(
        "/ezpg/auth/refresh",
        "",
        &json!({
            "refreshToken": first.text("refreshToken"),
        }),
    );
    let refreshed = refreshed.yes();
    let token = refreshed.text("token");
    assert_eq!(mine(&token).no(), (403, "1002"));
    house.post("/ezpg/auth/logout", &token, &json!({})).yes();
    assert_eq!(mine(&token).no(), NO, "gone at once");
    let refresh = json!({ "refreshToken": refreshed.text("refreshToken") });
    assert_eq!(house.post("/ezpg/auth/refresh", "", &refresh).no(), NO);
    // A new password ends every session but the one that asked.
    let (one, other) = (log_in(), log_in());
    let weak = json!({ "old": password, "new": "short" });
    let said = house.post("/ezpg/auth/password", &one.text("token"), &weak);
    assert_eq!(said.no(), (400, "1003"));
    let wrong = json!({ "old": "wrong", "new": "river stone 41" });
    assert_eq!(
        house
            .post("/ezpg/auth/password", &one.text("token"), &wrong)
            .no(),
        NO
    );
    let change = json!({ "old": password, "new": "river stone 41" });
    let changed = house
        .post("/ezpg/auth/password", &one.text("token"), &change)
        .yes();
    assert_eq!(mine(&one.text("token")).no(), NO);
    assert_eq!(mine(&changed.text("token")).no(), (403, "1002"));
    let refresh = |said: &crate::support::http::Said| {
        let body = json!({ "refreshToken": said.text("refreshToken") });
        house.post("/ezpg/auth/refresh", "", &body).status
    };
    assert_eq!((refresh(&one), refresh(&other)), (200, 401));
    assert_eq!(house.log_in("vera", &password).no(), NO);
    let last = house.log_in("vera", "river stone 41").yes().text("token");
    // The clock has moved, so head office logs in anew where its token is over.
    house.shift_clock(0);
    let disable = json!({ "userId": "vera" });
    house.post("/ezpg/users/disable", &admin, &disable).yes();
    assert_eq!(mine(&last).no(), NO, "gone at once");
    assert_eq!(house.log_in("vera", "river stone 41").no(), NO);
}

#[test]
fn a_refresh_token_that_comes_twice_ends_its_family() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let password = house.add_user(&admin, "vera", "viewer", None);
    let first = house.log_in("vera", &password).yes();
    let other = house.log_in("vera", &password).yes();
    let refresh =
        |token: String| house.post("/ezpg/auth/refresh", "", &json!({ "refreshToken": token }));
    let second = refresh(first.text("refreshToken")).yes();
    assert_eq!(refresh(first.text("refreshToken")).no(), NO, "replaced");
    assert_eq!(
        refresh(second.text("refreshToken")).no(),
        NO,
        "its family is over"
    );
    assert_eq!(house.get("/ezpg/users", &second.text("token")).no(), NO);
    refresh(other.text("refreshToken")).yes();
    for junk in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(refresh(junk.to_owned()).no(), NO, "{junk:?}");
    }
    let acts = house.get("/ezpg/audit?actor=vera", &admin).yes();
    let acts = acts.body["audit"].as_array().unwrap().clone();
    assert!(
        acts.iter().any(|act| act["action"] == "auth.reused"),
        "{acts:?}"
    );
    // Left alone for longer than a session may be.
    let idle = house.log_in("vera", &password).yes();
    house.shift_clock(16 * 60);
    assert_eq!(refresh(idle.text("refreshToken")).no(), NO);
}

#[test]
fn it_takes_a_second_person() {
    let house = Http::start();
    let (_, admin) = house.admin();
    for path in ["/ezpg/users/disable", "/ezpg/users/reset-otp"] {
        let own = house.post(path, &admin, &json!({ "userId": "admin" }));
        assert_eq!(own.no(), (403, "1002"), "{path}");
        let absent = house.post(path, &admin, &json!({ "userId": "nobody" }));
        assert_eq!(absent.no(), (404, "1004"), "{path}");
    }
    let password = house.add_user(&admin, "boss2", "head_office", None);
    let (_, boss) = house.enrol("boss2", &password);
    house
        .post(
            "/ezpg/users/reset-otp",
            &boss,
            &json!({ "userId": "admin" }),
        )
        .yes();
    assert_eq!(house.get("/ezpg/users", &admin).no(), NO, "logged out");
    let again = house.log_in("admin", ADMIN_PASSWORD).yes();
    assert_eq!(again.text("mustEnrol"), "Y");
    let users = house.get("/ezpg/users?limit=1", &boss).yes();
    assert_eq!(users.body["totalCount"], 2);
    assert_eq!(users.body["users"][0]["userId"], "admin");
    assert_eq!(users.body["users"][0]["otp"], "N");
    let next = users.text("nextCursor");
    let users = house
        .get(&format!("/ezpg/users?limit=1&cursor={next}"), &boss)
        .yes();
    assert_eq!(users.body["users"][0]["userId"], "boss2");
    assert!(users.body["nextCursor"].is_null());
}

#[test]
fn users_are_added_with_sense() {
    let house = Http::start();
    let (_, admin) = house.admin();
    house.add_user(&admin, "opa", "operator", None);
    for (body, no) in [
        (
            json!({"userId": "opa", "userName": "x", "role": "viewer"}),
            (400, "1003"),
        ),
        (
            json!({"userId": "a b", "userName": "x", "role": "viewer"}),
            (400, "1003"),
        ),
        (
            json!({"userId": "x".repeat(16), "userName": "x", "role": "viewer"}),
            (400, "1003"),
        ),
        (
            json!({"userId": "new", "userName": " ", "role": "viewer"}),
            (400, "1003"),
        ),
        (
            json!({"userId": "new", "userName": "x", "role": "root"}),
            (400, "1003"),
        ),
        (
            json!({"userId": "new", "userName": "x", "role": "merchant"}),
            (400, "1003"),
        ),
        (
            json!({"userId": "new", "userName": "x", "role": "merchant", "merchantId": "gone"}),
            (404, "2001"),
        ),
        (
            json!({"userId": "new", "userName": "x", "role": "viewer", "merchantId": "gone"}),
            (400, "1003"),
        ),
        (
            json!({"userId": "new", "userName": "x", "role": "viewer", "admin": true}),
            (400, "1003"),
        ),
        (
            json!({"userId": 7, "userName": "x", "role": "viewer"}),
            (400, "1003"),
        ),
    ] {
        assert_eq!(house.post("/ezpg/users", &admin, &body).no(), no, "{body}");
    }
    for wrong in ["limit=0", "limit=501", "page=2", "limit=1.5"] {
        let said = house.get(&format!("/ezpg/users?{wrong}"), &admin);
        assert_eq!(said.no(), (400, "1003"), "{wrong}");
    }
    assert_eq!(house.get("/ezpg/users", &admin).yes().body["totalCount"], 2);
}

#[test]
fn a_password_made_once_is_told_once_again_under_its_key() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let body = json!({"userId": "vera", "userName": "Vera", "role": "viewer"});
    let key = [("idempotency-key", "add-vera-1")];
    let first = house.post_with("/ezpg/users", &admin, &key, &body).yes();
    let again = house.post_with("/ezpg/users", &admin, &key, &body).yes();
    assert_eq!(first.body, again.body);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let other = json!({"userId": "vera2", "userName": "Vera", "role": "viewer"});
    let other = house.post_with("/ezpg/users", &admin, &key, &other);
    assert_eq!(other.status, 422);
    house.log_in("vera", &first.text("password")).yes();
}

#[test]
fn forged_and_missing_tokens_are_one_no() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mut parts: Vec<&str> = admin.split('.').collect();
    let forged = format!("{}.{}.", parts[0], parts[1]);
    parts[1] = "eyJzdWIiOiJhZG1pbiJ9";
    let changed = parts.join(".");
    for token in ["", "x", "a.b.c", &forged, &changed] {
        let said = house.get("/ezpg/users", token);
        assert_eq!(said.no(), NO, "{token}");
    }
    let others = Http::start();
    assert_ne!(others.address, house.address);
    let (_, theirs) = others.admin();
    // The same store key, but another session: what the books do not know is nothing.
    assert_eq!(house.get("/ezpg/users", &theirs).no(), NO);
}

#[test]
fn a_house_without_a_given_password_makes_one_up_once() {
    let house = Http::with(&[("NARU_ADMIN_PASSWORD", "")]);
    let made = house.first_password.clone().expect("a password");
    assert_eq!(made.len(), 16);
    assert_eq!(house.log_in("admin", &made).yes().text("mustEnrol"), "Y");
    let house = house.restart();
    assert_eq!(house.first_password, None);
    house.log_in("admin", &made).yes();
}
