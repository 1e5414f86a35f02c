//! A gateway process with a shop beside it, and what is needed to run other people's programs.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::gateway::{ADMIN_PASSWORD, Gateway};
use simulator::shop::{Credential, HeadOffice, Keys};

/// How long a program is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A gateway, its head office, and one merchant that was registered there.
pub(crate) struct House {
    pub(crate) gateway: Gateway,
    pub(crate) office: Arc<HeadOffice>,
    pub(crate) credential: Credential,
    pub(crate) runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

/// A runtime for the shop's calls.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// The head office of a gateway on a fresh folder.
pub(crate) fn head_office(gateway: &Gateway) -> Arc<HeadOffice> {
    let keys = Keys::new("admin", ADMIN_PASSWORD);
    Arc::new(HeadOffice::new(&gateway.http, keys).expect("an address"))
}

impl House {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let gateway = Gateway::start(folder.path());
        let (office, runtime) = (head_office(&gateway), runtime());
        let registered = runtime.block_on(office.register("나루상점"));
        Self {
            gateway,
            office,
            credential: registered.expect("a merchant"),
            runtime,
            _folder: folder,
        }
    }

    pub(crate) fn token(&self) -> String {
        let token = self.runtime.block_on(self.office.bearer());
        token.expect("a token")
    }
}

/// The programs that must be there, parted by commas: the gate says which.
const DEMANDED: &str = "NARU_TEST_DEMANDS";

/// Whether all these programs are there. A test that lacks one says so, past the harness that
/// would swallow it, and proves nothing; one that lacks a program that is demanded fails.
pub(crate) fn are_there(test: &str, programs: &[&str]) -> bool {
    let demanded = std::env::var(DEMANDED).unwrap_or_default();
    let missing = programs.iter().filter(|program| !is_there(program));
    let missing: Vec<&str> = missing.copied().collect();
    for program in &missing {
        let demanded = demanded.split(',').any(|name| name == *program);
        assert!(!demanded, "{program} is demanded and not there");
        let words = format!("test {test} ... SKIPPED: {program} is not there\n");
        // Where it cannot be said, the test still proves nothing, and fails nothing.
        let _ = std::io::stderr().write_all(words.as_bytes());
    }
    missing.is_empty()
}

fn is_there(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").output();
    asked.is_ok_and(|asked| asked.status.success())
}

/// The variables that a program gets, and no other.
pub(crate) type Variables = BTreeMap<&'static str, String>;

fn command(program: &str, variables: &Variables) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(variables);
    for kept in ["PATH", "HOME"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command
}

/// What a shell command prints.
pub(crate) fn shell(text: &str, variables: &Variables) -> String {
    let run = command("bash", variables)
        .args(["-euo", "pipefail", "-c", text])
        .output()
        .expect("bash");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{text}\n{said}");
    String::from_utf8_lossy(&run.stdout).into_owned()
}

/// What a program of Node prints, and whether it ended well.
pub(crate) fn node(file: &Path, variables: &Variables) -> (bool, String) {
    let run = command("node", variables).arg(file).output().expect("node");
    let said = String::from_utf8_lossy(&run.stderr);
    let told = String::from_utf8_lossy(&run.stdout);
    (run.status.success(), format!("{told}{said}"))
}

/// A server of Node on a free port; it ends when this is dropped.
pub(crate) struct NodeServer {
    child: Child,
    lines: Receiver<String>,
    pub(crate) port: u16,
}

impl Drop for NodeServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl NodeServer {
    /// Starts a file that prints `listening PORT`.
    pub(crate) fn start(file: &Path, variables: &Variables) -> Self {
        let child = command("node", variables)
            .arg(file)
            .env("PORT", "0")
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("node");
        let out = BufReader::new(child.stdout.take().expect("its words"));
        let (tell, lines) = sync_channel(1_000);
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                // Nobody listens any more once the test is over.
                let _ = tell.send(line);
            }
        });
        let mut server = Self {
            child,
            lines,
            port: 0,
        };
        let port = server.line_with("listening ");
        server.port = port.parse().expect("a port");
        server
    }

    /// The rest of the next line that begins so.
    pub(crate) fn line_with(&self, beginning: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no line «{beginning}»"));
            if let Some(rest) = line.strip_prefix(beginning) {
                return rest.to_owned();
            }
        }
    }
}

/// One after the other: tests that start many programs at once starve each other.
pub(crate) fn turn() -> std::sync::MutexGuard<'static, ()> {
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
