//! The gateway as an operator meets it: the real binary, its log, its exit code.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;

/// A command that sees none of the variables of whoever runs the tests.
fn naru(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_naru"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("NARU_") {
            command.env_remove(name);
        }
    }
    command
        .env("NARU_DATA_DIR", folder.join("data"))
        .env("NARU_RELAY_LISTEN", "127.0.0.1:0")
        .env("NARU_OPS_LISTEN", "127.0.0.1:0")
        .env("NARU_HTTP_LISTEN", "127.0.0.1:0")
        .env("NARU_LOG_FORMAT", "json");
    command
}

/// A gateway that said it is ready, and that line.
struct Gateway {
    child: Child,
    log: BufReader<ChildStderr>,
    ready: Value,
}

impl Gateway {
    fn start(command: &mut Command) -> Gateway {
        let mut child = command.arg("serve").stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut gateway = Gateway {
            child,
            log,
            ready: Value::Null,
        };
        let mut seen = String::new();
        while gateway.ready.is_null() {
            let mut line = String::new();
            assert_ne!(
                gateway.log.read_line(&mut line).unwrap(),
                0,
                "not ready:\n{seen}"
            );
            seen.push_str(&line);
            let event: Value = serde_json::from_str(&line).unwrap();
            if event["message"] == "ready" {
                gateway.ready = event;
            }
        }
        gateway
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.ready["ops"].as_str().unwrap())
    }

    /// Sends `signal`, waits for the end and gives the exit code and the rest of the log.
    fn end(mut self, signal: rustix::process::Signal) -> (Option<i32>, String) {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, signal).unwrap();
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Gateway {
    /// A test that failed half-way leaves no gateway behind; one that has ended stays ended.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A run that must not come up: its exit code and its complaint.
fn refused(command: &mut Command) -> (Option<i32>, String) {
    let output = command.arg("serve").output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn it_says_ready_once_serves_operators_and_ends_in_order() {
    let folder = tempfile::tempdir().unwrap();
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::INT] {
        let gateway = Gateway::start(&mut naru(folder.path()));
        assert_eq!(gateway.ready["mode"], "sandbox");
        let ready = ureq::get(gateway.url("/health/ready")).call().unwrap();
        assert_eq!(ready.status(), 200);
        let mut metrics = ureq::get(gateway.url("/metrics")).call().unwrap();
        let metrics = metrics.body_mut().read_to_string().unwrap();
        assert!(
            metrics.contains("# HELP naru_journal_position "),
            "{metrics}"
        );
        let (code, rest) = gateway.end(signal);
        assert_eq!(code, Some(0), "{rest}");
        assert!(rest.contains("\"in_order\":true"), "{rest}");
        assert!(!rest.contains("\"ready\""), "{rest}");
    }
}

#[test]
fn the_log_book_has_the_lines_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut gateway = Gateway::start(&mut naru(folder.path()));
    let http = format!("http://{}/nothing", gateway.ready["http"].as_str().unwrap());
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let answer = agent.get(http).call().unwrap();
    let trace = answer.headers()["x-trace-id"].to_str().unwrap().to_owned();
    let mut line = String::new();
    while !line.contains(&trace) {
        line.clear();
        assert_ne!(
            gateway.log.read_line(&mut line).unwrap(),
            0,
            "no line tells of {trace}"
        );
    }
    let told: Value = serde_json::from_str(&line).unwrap();
    let day = &told["timestamp"].as_str().unwrap()[..10];
    let kept = folder.path().join(format!("data/logs/naru-{day}.jsonl"));
    let kept = std::fs::read_to_string(kept).unwrap();
    let kept = kept
        .lines()
        .find(|line| line.contains(&trace))
        .expect("the same line");
    assert!(
        kept.starts_with(&format!("{{\"timestamp\":\"{day}")),
        "{kept}"
    );
    let kept: Value = serde_json::from_str(kept).unwrap();
    assert_eq!(kept["message"], told["message"]);
    assert_eq!(kept["span"]["trace"], trace.as_str());
}

#[test]
fn its_clock_can_be_played_with_from_the_start_and_later() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(naru(folder.path()).env("NARU_CLOCK_OFFSET", "-86400"));
    let read = |mut answer: ureq::http::Response<ureq::Body>| -> Value {
        answer.body_mut().read_json().unwrap()
    };
    let shown = read(ureq::get(gateway.url("/clock")).call().unwrap());
    assert_eq!(shown["offset_seconds"], -86_400);
    let wish = serde_json::json!({"offset_seconds": 3_600, "speed": 0});
    let shifted = read(ureq::post(gateway.url("/clock")).send_json(wish).unwrap());
    assert_eq!(
        (&shifted["offset_seconds"], &shifted["speed"]),
        (&3_600.into(), &0.0.into())
    );
    let shown = read(ureq::get(gateway.url("/clock")).call().unwrap());
    assert_eq!(shown["now_micros"], shifted["now_micros"]);
    assert_eq!(gateway.end(rustix::process::Signal::TERM).0, Some(0));
}

#[test]
fn an_address_in_use_is_told_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, told) = refused(naru(folder.path()).env("NARU_OPS_LISTEN", &address));
    assert_eq!(code, Some(2));
    assert!(
        told.contains(&address) && told.contains("NARU_OPS_LISTEN"),
        "{told}"
    );
}

#[test]
fn a_configuration_with_a_slip_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("naru.toml");
    std::fs::write(
        &file,
        "mode = 'sandbox'\n[relay]\nlissten = ['127.0.0.1:0']\n",
    )
    .unwrap();
    let (code, told) = refused(naru(folder.path()).env("NARU_CONFIG", &file));
    assert_eq!(code, Some(2));
    let expected = "naru.toml:3: unknown key relay.lissten; the nearest known one is relay.listen";
    assert!(told.contains(expected), "{told}");
}

#[test]
fn production_without_a_key_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let (code, told) = refused(naru(folder.path()).env("NARU_MODE", "production"));
    assert_eq!(code, Some(2));
    assert!(told.contains("store.key"), "{told}");
    assert!(
        !folder.path().join("data").exists(),
        "nothing is made where nothing may start"
    );
}

/// A key that nobody would try first.
const FIT_KEY: &str = "9b1f6c0e47d2a85383eac4f01d7295b6607cd9384efa12b5c3086de794a15f2d";

#[test]
fn production_refuses_a_first_password_that_everybody_tries() {
    let folder = tempfile::tempdir().unwrap();
    for weak in ["admin", "password", "changeme123", "admin-admin-1"] {
        let mut command = naru(folder.path());
        command
            .env("NARU_MODE", "production")
            .env("NARU_STORE_KEY", FIT_KEY)
            .env("NARU_ADMIN_PASSWORD", weak);
        let (code, told) = refused(&mut command);
        assert_eq!(code, Some(2), "{weak}: {told}");
        assert!(told.contains("NARU_ADMIN_PASSWORD"), "{told}");
        let rest = told.replace("admin.password (NARU_ADMIN_PASSWORD)", "");
        assert!(!rest.contains(weak), "{told}");
    }
    assert!(!folder.path().join("data").exists(), "nothing was begun");
}

#[test]
fn a_first_password_made_up_is_told_once_and_never_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let mut command = naru(folder.path());
        let mut gateway = Gateway::start(command.stdout(Stdio::piped()));
        let mut out = gateway.child.stdout.take().unwrap();
        let (code, log) = gateway.end(rustix::process::Signal::TERM);
        assert_eq!(code, Some(0), "{log}");
        let mut told = String::new();
        out.read_to_string(&mut told).unwrap();
        (told, log)
    };
    let (told, log) = run();
    let password = told.split_whitespace().nth(8).unwrap_or_default();
    assert_eq!(password.len(), 16, "{told}");
    assert!(told.contains("admin") && !log.contains(password), "{told}");
    assert_eq!(run().0, "", "the second start has nothing to tell");
}

#[test]
fn a_folder_in_use_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&mut naru(folder.path()));
    let (code, told) = refused(&mut naru(folder.path()));
    assert_eq!(code, Some(2));
    assert!(told.contains("in use by a running gateway"), "{told}");
    assert_eq!(gateway.end(rustix::process::Signal::TERM).0, Some(0));
}

#[test]
fn a_check_tells_what_a_start_would_and_a_show_keeps_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let run = |what: &str, name: &str, value: &str| {
        let mut command = naru(folder.path());
        let output = command
            .args(["config", what])
            .env(name, value)
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let (code, told) = run("check", "NARU_RELAY_PROFILE", "nobody");
    assert_eq!(code, Some(2));
    assert!(told.contains("names the profile nobody"), "{told}");
    let (code, told) = run("check", "NARU_RELAY_PROFIL", "dozn");
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("unknown variable NARU_RELAY_PROFIL; the nearest"),
        "{told}"
    );
    assert!(told.contains("the configuration is sound"), "{told}");
    let key = "5ec7e75a".repeat(8);
    let (code, told) = run("show", "NARU_STORE_KEY", &key);
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("store.key = \"***\"") && !told.contains("5ec7e75a"),
        "{told}"
    );
    assert!(
        told.contains("# NARU_STORE_KEY") && told.contains("# default"),
        "{told}"
    );
    assert!(
        !folder.path().join("data").exists(),
        "looking makes nothing"
    );
}

#[test]
fn a_first_password_is_told_also_where_the_first_start_fails_later() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = naru(folder.path());
    let output = command
        .env("NARU_RELAY_LISTEN", &address)
        .arg("serve")
        .output()
        .unwrap();
    let failed = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{failed}");
    assert!(failed.contains("NARU_RELAY_LISTEN"), "{failed}");
    let told = String::from_utf8(output.stdout).unwrap();
    let password = told.split_whitespace().nth(8).unwrap_or_default();
    assert_eq!(password.len(), 16, "{told}");
    // The house is begun, and whoever saw it fail is not locked out of it.
    let gateway = Gateway::start(&mut naru(folder.path()));
    let url = format!(
        "http://{}/ezpg/auth/login",
        gateway.ready["http"].as_str().unwrap()
    );
    let body = serde_json::json!({ "userId": "admin", "password": password });
    let mut answer = ureq::post(url).send_json(body).unwrap();
    let told: Value = answer.body_mut().read_json().unwrap();
    assert_eq!(told["resultCode"], "0000", "{told}");
    assert_eq!(gateway.end(rustix::process::Signal::TERM).0, Some(0));
}

#[test]
fn a_folder_keeps_its_mode_for_life() {
    // The disk that the program is built on, which production would take, too.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let keyed = |mode: &str| {
        let mut command = naru(folder.path());
        command.env("NARU_MODE", mode).env(
            "NARU_STORE_KEY",
            "0f1e2d3c4b5a69788796a5b4c3d2e1f0".repeat(2),
        );
        command
    };
    let gateway = Gateway::start(&mut keyed("sandbox"));
    assert_eq!(gateway.end(rustix::process::Signal::TERM).0, Some(0));
    let (code, told) = refused(&mut keyed("production"));
    assert_eq!(code, Some(2), "{told}");
    let why = "was made in sandbox mode and keeps it for life";
    assert!(told.contains(why), "{told}");
    let gateway = Gateway::start(&mut keyed("sandbox"));
    assert_eq!(gateway.end(rustix::process::Signal::TERM).0, Some(0));
}
