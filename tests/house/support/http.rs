//! A whole gateway on a data folder, as `naru serve` starts it, called over real HTTP; and people
//! with a telephone for their second factor.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use actix::System;
use naru::clock::Clock;
use naru::config;
use naru::gateway::Gateway;
use naru::store::key::KeySources;
use naru::store::{Folder, FolderSettings, Mode, Reads};
use naru::telemetry::log_book::LogBook;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::log;

/// The store key of every house here.
pub(crate) const STORE_KEY: &str =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
/// The same of houses in earnest, which take none that anybody would try.
pub(crate) const PRODUCTION_KEY: &str =
    "9b1f6c0e47d2a85383eac4f01d7295b6607cd9384efa12b5c3086de794a15f2d";
/// The first user's password.
pub(crate) const ADMIN_PASSWORD: &str = "first-pass-of-admin";

/// A house at work. Dropping it ends it in order; its folder goes with its last owner.
pub(crate) struct Http {
    pub(crate) folder: Arc<TempDir>,
    variables: Vec<(String, String)>,
    /// `http://…/`, without the slash.
    pub(crate) address: String,
    /// The operators' address, likewise.
    pub(crate) ops: String,
    /// Where the relay calls.
    pub(crate) relay: SocketAddr,
    /// The password that this start made up, if it did.
    pub(crate) first_password: Option<String>,
    work: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

/// What an HTTP call was answered.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
    /// The body to the byte.
    pub(crate) text: String,
}

impl Said {
    /// The result code.
    pub(crate) fn code(&self) -> &str {
        self.body["resultCode"].as_str().unwrap_or("none")
    }

    /// Itself, if it says yes.
    pub(crate) fn yes(self) -> Said {
        assert_eq!((self.status, self.code()), (200, "0000"), "{}", self.body);
        self
    }

    /// Its status and code, for a no.
    pub(crate) fn no(&self) -> (u16, &str) {
        assert!(self.body["traceId"].is_string(), "{}", self.body);
        (self.status, self.code())
    }

    /// A field of the body that is a text.
    pub(crate) fn text(&self, field: &str) -> String {
        let text = self.body[field].as_str();
        text.unwrap_or_else(|| panic!("no {field} in {}", self.body))
            .to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Http {
    /// A new house in a new folder.
    pub(crate) fn start() -> Http {
        Http::with(&[])
    }

    /// A new house under more variables than usual.
    pub(crate) fn with(more: &[(&str, &str)]) -> Http {
        // The disk that the program is built on, which production would take, too.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let folder = Arc::new(folder);
        let usual = [
            ("NARU_RELAY_LISTEN", "127.0.0.1:0"),
            ("NARU_OPS_LISTEN", "127.0.0.1:0"),
            ("NARU_HTTP_LISTEN", "127.0.0.1:0"),
            ("NARU_ADMIN_PASSWORD", ADMIN_PASSWORD),
            ("NARU_RATE_LIMIT", "10000"),
            ("NARU_HTTP_ADDRESS_RATE_LIMIT", "10000"),
            ("NARU_HTTP_LOGINS_PER_MINUTE", "1000"),
        ];
        let mut variables: BTreeMap<String, String> = usual
            .iter()
            .chain(more)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        variables.retain(|_, value| !value.is_empty());
        let data = folder.path().join("data").display().to_string();
        variables.insert("NARU_DATA_DIR".to_owned(), data);
        Http::on(folder, variables.into_iter().collect())
    }

    fn on(folder: Arc<TempDir>, variables: Vec<(String, String)>) -> Http {
        log::keep();
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let (stop, stopped) = oneshot::channel();
        let given = variables.clone();
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let mut first = None;
                let gateway = begin(&given, &mut |made| first = Some(made.to_owned()));
                let relay = gateway.relay_addresses()[0];
                let addresses = (gateway.http_address(), gateway.ops_address(), relay);
                tell.send((addresses, first)).unwrap();
                // An owner that is gone says stop, too.
                let _ = stopped.await;
                gateway.stop().await;
            });
        });
        let ((http, ops, relay), first_password) = told.recv().expect("a house that starts");
        Http {
            folder,
            variables,
            address: format!("http://{http}"),
            ops: format!("http://{ops}"),
            relay,
            first_password,
            work: Some((stop, thread)),
        }
    }

    /// The same house after an orderly end and another start.
    pub(crate) fn restart(mut self) -> Http {
        self.end();
        Http::on(Arc::clone(&self.folder), self.variables.clone())
    }

    /// The orderly end; the folder stays.
    pub(crate) fn end(&mut self) {
        if let Some((stop, thread)) = self.work.take() {
            let _ = stop.send(());
            thread.join().expect("a house that ends");
        }
    }

    /// Where the books and the log book lie.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A POST of JSON.
    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> Said {
        self.post_with(path, token, &[], body)
    }

    /// A POST of JSON with more headers.
    pub(crate) fn post_with(
        &self,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Said {
        let agent = agent();
        let mut request = agent.post(format!("{}{path}", self.address));
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        said(request.send_json(body).expect("an answer"))
    }

    /// A POST of these very bytes.
    pub(crate) fn post_bytes(
        &self,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Said {
        let mut request = agent().post(format!("{}{path}", self.address));
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        said(request.send(body).expect("an answer"))
    }

    /// A GET with these headers.
    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Said {
        let mut request = agent().get(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        said(request.call().expect("an answer"))
    }

    /// A GET.
    pub(crate) fn get(&self, path: &str, token: &str) -> Said {
        let mut request = agent().get(format!("{}{path}", self.address));
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        said(request.call().expect("an answer"))
    }

    /// Shifts the house's clock by so many seconds against real time.
    pub(crate) fn shift_clock(&self, offset_seconds: i64) {
        let wish = json!({ "offset_seconds": offset_seconds });
        let url = format!("{}/clock", self.ops);
        let answer = agent().post(url).send_json(wish).expect("an answer");
        assert_eq!(answer.status(), 200);
    }

    /// The first step of a log-in.
    pub(crate) fn log_in(&self, user: &str, password: &str) -> Said {
        let body = json!({ "userId": user, "password": password });
        self.post("/ezpg/auth/login", "", &body)
    }

    /// The second step.
    pub(crate) fn verify(&self, half: &str, user: &str, code: &str) -> Said {
        let body = json!({ "userId": user, "otpCode": code });
        self.post("/ezpg/auth/verify-otp", half, &body)
    }

    /// The first user, enrolled: their telephone and a full token.
    pub(crate) fn admin(&self) -> (Phone, String) {
        self.enrol("admin", ADMIN_PASSWORD)
    }

    /// Enrols a user who has to.
    pub(crate) fn enrol(&self, user: &str, password: &str) -> (Phone, String) {
        let first = self.log_in(user, password).yes();
        assert_eq!(first.text("mustEnrol"), "Y");
        let half = first.text("token");
        let shown = self.post("/ezpg/auth/enrol-otp", &half, &json!({})).yes();
        let mut phone = Phone::of(&shown.text("secret"));
        let full = self.verify(&half, user, &phone.code()).yes();
        (phone, full.text("token"))
    }

    /// Adds a user and tells their password.
    pub(crate) fn add_user(
        &self,
        admin: &str,
        user: &str,
        role: &str,
        merchant: Option<&str>,
    ) -> String {
        let body = json!({
            "userId": user, "userName": user, "role": role, "merchantId": merchant,
        });
        self.post("/ezpg/users", admin, &body)
            .yes()
            .text("password")
    }
}

impl Drop for Http {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.work.take() {
            let _ = stop.send(());
            // A test that fails must not hide why behind a second panic.
            let _ = thread.join();
        }
    }
}

/// Every record of a house that has ended, as the journal has them.
pub(crate) fn journal(house: &Http) -> String {
    assert!(house.work.is_none(), "a house that has ended");
    let loaded = config::read(None, house.variables.clone()).expect("a configuration");
    let folder = Folder::open(&settings(&loaded.config, true)).expect("a folder");
    let reads = Reads::over(folder.engine, loaded.config.house, Clock::real());
    let last = reads.head().expect("a journal").position;
    let record = |position| {
        let record = reads.record(position).expect("books").expect("a record");
        serde_json::to_string(&record).expect("a record is written")
    };
    (1..=last).map(record).collect::<Vec<_>>().join("\n")
}

fn settings(config: &config::Config, read_only: bool) -> FolderSettings {
    let key = match config.mode {
        Mode::Sandbox => STORE_KEY,
        Mode::Production => PRODUCTION_KEY,
    };
    FolderSettings {
        path: config.data_dir.clone(),
        mode: config.mode,
        keys: KeySources {
            key: Some(Zeroizing::new(key.to_owned())),
            ..KeySources::default()
        },
        cache_bytes: 16 << 20,
        read_only,
    }
}

fn begin(variables: &[(String, String)], tell: &mut dyn FnMut(&str)) -> Gateway {
    let loaded = config::read(None, variables.to_vec()).expect("a configuration");
    let config = loaded.config;
    let settings = settings(&config, false);
    let metrics = naru::telemetry::recorder().unwrap().handle();
    Gateway::start(&config, &settings, metrics, LogBook::default(), tell).expect("a house")
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    config.build().into()
}

fn said(mut answer: ureq::http::Response<ureq::Body>) -> Said {
    let headers = answer.headers().iter().map(|(name, value)| {
        let value = value.to_str().unwrap_or_default().to_owned();
        (name.as_str().to_owned(), value)
    });
    let headers = headers.collect();
    let status = answer.status().as_u16();
    let text = answer.body_mut().read_to_string().expect("text");
    let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.clone()));
    Said {
        status,
        headers,
        body,
        text,
    }
}

/// A telephone that shows codes. Each is good once, and a house takes one step's code early or
/// late, so that a test gets three of them without waiting.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    secret: String,
    last: u64,
}

impl Phone {
    pub(crate) fn of(secret: &str) -> Phone {
        Phone {
            secret: secret.to_owned(),
            last: 0,
        }
    }

    /// A code that was not shown before.
    pub(crate) fn code(&mut self) -> String {
        let now = Phone::step();
        let step = (now - 1).max(self.last + 1);
        assert!(step <= now + 1, "a test asks for too many codes at once");
        self.last = step;
        self.code_of(step)
    }

    /// The code shown last, again.
    pub(crate) fn same_code(&self) -> String {
        self.code_of(self.last)
    }

    /// The code of a time step.
    pub(crate) fn code_of(&self, step: u64) -> String {
        let secret = totp_rs::Secret::try_from_base32(&self.secret).expect("a seed");
        let totp = totp_rs::Builder::new()
            .with_secret(secret)
            .with_account_name("a")
            .build()
            .expect("a generator");
        totp.generate(step * 30).to_string()
    }

    /// The time step of now.
    pub(crate) fn step() -> u64 {
        let micros = Clock::real().real_now().as_micros();
        u64::try_from(micros / 30_000_000).expect("after 1970")
    }
}
