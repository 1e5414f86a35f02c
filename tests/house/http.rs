//! The merchants' listener: what every answer carries, and what is told to whoever sends
//! something that nobody can use. Nothing here gets a 5xx.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::payaction::mall::Mall;
use crate::support::http::Http;
use crate::support::log;

/// One request written by hand, and everything that comes back until the line is closed.
pub(crate) fn raw(house: &Http, request: &[u8]) -> String {
    let address = house.address.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    // The gateway may hang up on what it does not want to read to its end.
    let _ = socket.write_all(request);
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The body of a raw answer.
fn body(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

#[test]
fn every_answer_tells_the_mode_and_an_id_that_the_log_has() {
    let house = Http::start();
    let mark = log::mark();
    for path in [
        "/ezpg/regUserApi",
        "/ezpg/nothing/here",
        "/nothing",
        "/payaction/nothing",
    ] {
        let said = house.get(path, "");
        assert_eq!(said.header("x-naru-mode"), Some("sandbox"), "{path}");
        assert_eq!(said.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(
            said.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        let id = said.header("x-trace-id").expect("an id").to_owned();
        assert!((400..500).contains(&said.status), "{path}: {}", said.status);
        assert_eq!(
            log::lines_since(mark, &id).len(),
            1,
            "{path}: one line tells of {id}"
        );
        if path.starts_with("/ezpg") {
            assert_eq!(said.body["traceId"], id.as_str());
        }
    }
}

#[test]
fn each_face_tells_what_is_not_there_in_its_own_shape() {
    let house = Http::start();
    let ezpg = house.get("/ezpg/nothing", "");
    assert_eq!(ezpg.no(), (404, "1004"));
    let payaction = house.get("/payaction/nothing", "");
    assert_eq!(payaction.status, 404);
    assert_eq!(payaction.body["status"], "error");
    assert!(
        payaction.body["response"]["message"].is_string(),
        "{}",
        payaction.body
    );
    let nobody = house.get("/wp-login.php", "");
    assert_eq!(nobody.status, 404);
    assert!(nobody.body["error"].is_string(), "{}", nobody.body);
}

#[test]
fn a_path_that_is_there_for_another_method_says_which() {
    let house = Http::start();
    for path in [
        "/ezpg/regUserApi",
        "/ezpg/matching/undo",
        "/ezpg/accounts/issue",
    ] {
        let said = house.get(path, "");
        assert_eq!(said.no(), (405, "1003"), "{path}");
        assert_eq!(said.header("allow"), Some("POST"), "{path}");
    }
}

#[test]
fn ten_megabytes_are_refused_and_the_sender_hears_it() {
    let house = Http::start();
    let long = json!({ "userId": "admin", "password": "x".repeat(10 << 20) });
    let said = house.post("/ezpg/auth/login", "", &long);
    assert_eq!(said.no(), (413, "1003"));
    let said = house.post("/ezpg/regUserApi", "", &long);
    assert_eq!(
        (said.status, said.body["resultCd"].as_str()),
        (413, Some("1003"))
    );
    assert!(
        house.log_in("admin", "wrong").no() == (401, "1001"),
        "the house goes on"
    );
}

#[test]
fn a_length_that_nobody_would_send_is_not_waited_for() {
    let house = Http::start();
    let head = "POST /ezpg/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\
                connection: close\r\n\r\n{\"userId\"";
    let answer = raw(&house, head.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_eq!(body(&answer)["resultCode"], "1003");
}

/// What a POST hears whose body comes in at a byte a second.
fn one_byte_a_second(house: &Http, path: &str, headers: &str) -> String {
    let address = house.address.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\
         connection: close\r\n{headers}\r\n"
    );
    socket.write_all(head.as_bytes()).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    let (mut answer, mut part) = (Vec::new(), [0; 1024]);
    for _ in 0..60 {
        let _ = socket.write_all(b" ");
        match socket.read(&mut part) {
            Ok(0) => break,
            Ok(length) => answer.extend_from_slice(&part[..length]),
            // Nothing yet.
            Err(_) => {}
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn one_byte_a_second_is_no_way_to_send_a_body_to_any_face() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    let of_person = format!("authorization: Bearer {admin}\r\n");
    let calls = [
        ("/ezpg/auth/login", String::new()),
        ("/ezpg/users", of_person),
        ("/ezpg/regUserApi", String::new()),
        ("/payaction/order", mall.keys()),
    ];
    let answers: Vec<String> = std::thread::scope(|scope| {
        let slow = calls.iter().map(|(path, headers)| {
            let house = &house;
            scope.spawn(move || one_byte_a_second(house, path, headers))
        });
        let slow: Vec<_> = slow.collect();
        slow.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for ((path, _), answer) in calls.iter().zip(&answers) {
        assert!(answer.starts_with("HTTP/1.1 408"), "{path}: {answer}");
        let told = body(answer);
        match *path {
            "/payaction/order" => assert_eq!(told["status"], "error", "{told}"),
            "/ezpg/regUserApi" => assert_eq!(told["resultCd"], "1003", "{told}"),
            _ => assert_eq!(told["resultCode"], "1003", "{told}"),
        }
    }
    assert_eq!(
        house.log_in("admin", "wrong").no(),
        (401, "1001"),
        "the house goes on"
    );
}

#[test]
fn a_body_that_ends_early_or_is_no_json_is_told_without_its_content() {
    let house = Http::start();
    let canary = "홍길동-canary";
    for text in [
        format!("{{\"userId\": \"{canary}\""),
        canary.to_owned(),
        format!("[\"{canary}\"]"),
        format!("\"{canary}\""),
        "\u{0}\u{1}\u{2}".to_owned(),
        "[".repeat(10_000),
    ] {
        let head = format!(
            "POST /ezpg/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{text}",
            text.len()
        );
        let answer = raw(&house, head.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400"), "{text:.40}: {answer}");
        assert_eq!(body(&answer)["resultCode"], "1003");
        assert!(!answer.contains("canary"), "{answer}");
    }
}

#[test]
fn the_document_and_its_viewer_need_no_internet() {
    let house = Http::start();
    let document = house.get("/ezpg/openapi.json", "");
    assert_eq!(document.status, 200);
    assert!(
        document.body["openapi"]
            .as_str()
            .unwrap()
            .starts_with("3.1")
    );
    assert_eq!(document.body["info"]["title"], "EzPG");
    let page = house.get("/ezpg/docs/", "");
    assert_eq!(page.status, 200);
    let page = page.body.as_str().expect("a page").to_owned();
    assert!(page.contains("swagger-ui"), "{page}");
    for named in page.split(['"', '\'']).filter(|word| word.contains("://")) {
        assert!(
            named.starts_with("http://www.w3.org"),
            "the page asks {named}"
        );
    }
    let settings = house.get("/ezpg/docs/swagger-initializer.js", "");
    let settings = settings.body.as_str().expect("a script").to_owned();
    assert!(settings.contains("/ezpg/openapi.json"), "{settings}");
    let policy = house.get("/ezpg/docs/", "");
    let policy = policy
        .header("content-security-policy")
        .expect("a policy")
        .to_owned();
    assert!(policy.starts_with("default-src 'self'"), "{policy}");
    assert_eq!(house.get("/ezpg/docs/../../etc/passwd", "").status, 404);
}
