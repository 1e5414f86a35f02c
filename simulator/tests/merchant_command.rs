//! `simulator merchant` as a person runs it: it says where it listens, tells of every attempt,
//! counts, and its exit code says whether anything was wrong with what came.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use simulator::merchant::sign;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &str = r#"{"mid":"SIM1","vacctNo":"701004000001","bankCd":"004","amt":"1000",
    "depositDt":"20300304","depositTm":"100000","trNo":"dep_000000000001"}"#;

/// A receiver that ends after one webhook, and where it listens.
fn start() -> (Child, BufReader<std::process::ChildStderr>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_simulator"))
        .args(["merchant", "--listen", "127.0.0.1:0", "--dialect", "ezpg-b"])
        .args([
            "--secret",
            SECRET,
            "--mall-id",
            "SIM1",
            "--answer",
            "500,ok",
        ])
        .args(["--seconds", "2", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    told.read_line(&mut line).unwrap();
    let url = line.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(url.starts_with("http://127.0.0.1:"), "{line}");
    (child, told, url)
}

/// Status and body of the answer to a webhook signed with `secret`.
fn send(url: &str, secret: &str) -> (u16, String) {
    let id = "evt_000000000001_0";
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build();
    let signature = sign(secret, id, "1900000000", BODY.as_bytes()).unwrap();
    let sent = ureq::Agent::from(agent)
        .post(url)
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", "1900000000")
        .header("webhook-signature", &signature)
        .send(BODY);
    let mut answer = sent.unwrap();
    let body = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), body)
}

/// Its exit code, its report, and everything that it told of on the way.
fn end(
    mut child: Child,
    mut told: BufReader<std::process::ChildStderr>,
) -> (i32, serde_json::Value, String) {
    let (mut report, mut words) = (String::new(), String::new());
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut report)
        .unwrap();
    told.read_to_string(&mut words).unwrap();
    let code = child.wait().unwrap().code().unwrap();
    (code, serde_json::from_str(&report).unwrap(), words)
}

#[test]
fn what_comes_well_is_told_counted_and_answered_as_scripted() {
    let (child, told, url) = start();
    assert_eq!(send(&url, SECRET).0, 500);
    assert_eq!(send(&url, SECRET), (200, "0000".to_owned()));
    let (code, report, words) = end(child, told);
    assert_eq!(code, 0, "{report} {words}");
    assert_eq!(
        (&report["deliveries"], &report["attempts"]),
        (&1.into(), &2.into())
    );
    assert_eq!(report["tries"]["2"], 1);
    assert!(words.contains("attempt 2, answered ok"), "{words}");
}

#[test]
fn who_cannot_prove_who_speaks_is_told_of_by_the_exit_code() {
    let (child, told, url) = start();
    send(&url, "whsec_dGhpcyBpcyBhbm90aGVyIHNlY3JldCE=");
    let (code, report, words) = end(child, told);
    assert_eq!(code, 1, "{report} {words}");
    let fault = report["faults"][0].as_str().unwrap();
    assert!(fault.contains("our secret"), "{fault}");
}
