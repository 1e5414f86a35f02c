//! The operators' listener over a real socket.

use serde_json::{Value, json};

use super::*;
use crate::telemetry;

struct Bench {
    base: String,
    readiness: Readiness,
    ops: Ops,
}

impl Bench {
    /// A listener on a free port, with a recorder of its own.
    fn start(clock: Clock) -> Bench {
        let recorder = telemetry::recorder().unwrap();
        metrics::with_local_recorder(&recorder, telemetry::describe_all);
        let readiness = Readiness::default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ops = Ops::start(listener, clock, recorder.handle(), readiness.clone()).unwrap();
        Bench {
            base: format!("http://{}", ops.address()),
            readiness,
            ops,
        }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        self.send("GET", path, "").await
    }

    async fn post(&self, path: &str, body: &str) -> (u16, Value) {
        let (status, text) = self.send("POST", path, body).await;
        (status, serde_json::from_str(&text).unwrap())
    }

    async fn send(&self, method: &'static str, path: &str, body: &str) -> (u16, String) {
        let (url, body) = (format!("{}{path}", self.base), body.to_owned());
        let ask = move || {
            let config = ureq::Agent::config_builder()
                .http_status_as_error(false)
                .build();
            let agent = ureq::Agent::new_with_config(config);
            let mut answer = match method {
                "GET" => agent.get(&url).call(),
                _ => agent.post(&url).send(&body),
            }
            .unwrap();
            (
                answer.status().as_u16(),
                answer.body_mut().read_to_string().unwrap(),
            )
        };
        tokio::task::spawn_blocking(ask).await.unwrap()
    }
}

#[actix::test]
async fn metrics_are_shown_with_their_help() {
    let bench = Bench::start(Clock::sandbox(0));
    let (status, text) = bench.get("/metrics").await;
    assert_eq!(status, 200);
    assert!(
        text.contains("# HELP naru_holds ") && text.contains("naru_build_info{"),
        "{text}"
    );
    bench.ops.stop().await;
}

#[actix::test]
async fn ready_says_what_it_waits_for() {
    let bench = Bench::start(Clock::sandbox(0));
    bench
        .readiness
        .wait_for("store", "the books are being opened");
    bench.readiness.wait_for("bank", "no line is open");
    let (status, text) = bench.get("/health/ready").await;
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, 503);
    let reasons = json!({"store": "the books are being opened", "bank": "no line is open"});
    assert_eq!(told, json!({"status": "not ready", "reasons": reasons}));
    assert_eq!(
        bench.get("/health/live").await,
        (200, r#"{"status":"live"}"#.to_owned())
    );
    bench.readiness.is_ready("store");
    assert_eq!(bench.get("/health/ready").await.0, 503);
    bench.readiness.is_ready("bank");
    assert_eq!(
        bench.get("/health/ready").await,
        (200, r#"{"status":"ready"}"#.to_owned())
    );
    bench.ops.stop().await;
}

#[actix::test]
async fn a_sandbox_clock_is_shifted_and_absent_fields_keep_their_value() {
    let clock = Clock::sandbox(0);
    let bench = Bench::start(clock.clone());
    let (status, told) = bench.post("/clock", r#"{"offset_seconds": 86400}"#).await;
    assert_eq!(
        (status, &told["offset_seconds"], &told["speed"]),
        (200, &json!(86400), &json!(1.0))
    );
    // Standing still, so that no assertion races the clock.
    let (_, told) = bench.post("/clock", r#"{"speed": 0}"#).await;
    assert_eq!(
        (&told["offset_seconds"], &told["speed"]),
        (&json!(86400), &json!(0.0))
    );
    assert_eq!(told["now_micros"], json!(clock.now().as_micros()));
    assert_eq!(told["now"], json!(clock.now().to_string()));
    let (status, text) = bench.get("/clock").await;
    let read: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &read["now_micros"]), (200, &told["now_micros"]));
    bench.ops.stop().await;
}

#[actix::test]
async fn a_wish_that_makes_no_sense_changes_nothing() {
    let clock = Clock::sandbox(0);
    let bench = Bench::start(clock.clone());
    for body in [
        "",
        "[]",
        "{\"offset\": 1}",
        "{\"offset_seconds\": 1.5}",
        "{\"offset_seconds\": 99999999999999}",
        "{\"speed\": -1}",
        "{\"speed\": 1e300}",
    ] {
        let (status, told) = bench.post("/clock", body).await;
        assert_eq!(status, 400, "{body}");
        assert!(told["error"].is_string(), "{body}");
    }
    let body = format!("{{\"speed\": 1{}}}", " ".repeat(limits::OPS_BODY_BYTES_MAX));
    assert_eq!(bench.post("/clock", &body).await.0, 400);
    assert_eq!(clock.reading().offset_seconds, 0);
    bench.ops.stop().await;
}

#[actix::test]
async fn production_shows_its_clock_and_lets_nobody_touch_it() {
    let bench = Bench::start(Clock::real());
    let (status, told) = bench.post("/clock", r#"{"speed": 2}"#).await;
    assert_eq!(status, 403);
    assert!(told["error"].as_str().unwrap().contains("sandbox"));
    assert_eq!(bench.get("/clock").await.0, 200);
    let (status, text) = bench.get("/elsewhere").await;
    assert_eq!(status, 404);
    assert!(text.contains("/health/ready"));
    bench.ops.stop().await;
}
