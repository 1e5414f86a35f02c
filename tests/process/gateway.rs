//! The real process under test: the binary, its environment, its ready line and its end.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::Pid;
use serde_json::Value;

/// The password of the user `admin` in every folder of these tests.
pub(crate) const ADMIN_PASSWORD: &str = "Sandbox-Admin-1";

/// The binary, with none of the variables of whoever runs the tests, on free ports.
pub(crate) fn naru(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_naru"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("NARU_") {
            command.env_remove(name);
        }
    }
    command
        .env("NARU_DATA_DIR", folder.join("data"))
        .env("NARU_RELAY_LISTEN", "127.0.0.1:0=dozn,127.0.0.1:0=ksnet")
        .env("NARU_OPS_LISTEN", "127.0.0.1:0")
        .env("NARU_HTTP_LISTEN", "127.0.0.1:0")
        .env("NARU_ADMIN_PASSWORD", ADMIN_PASSWORD)
        // A shop of these tests calls faster than one shop may.
        .env("NARU_RATE_LIMIT", "100000")
        .env("NARU_HTTP_ADDRESS_RATE_LIMIT", "100000")
        .env("NARU_HTTP_LOGINS_PER_MINUTE", "1000")
        .env("NARU_LOG_FORMAT", "json");
    command
}

/// A gateway process that said it is ready.
pub(crate) struct Gateway {
    child: Child,
    /// Where the relay calls, by profile, in the order of the configuration.
    pub(crate) relays: Vec<(String, String)>,
    /// Where operators look.
    pub(crate) ops: String,
    /// Where merchants call.
    pub(crate) http: String,
}

impl Gateway {
    pub(crate) fn start(folder: &Path) -> Gateway {
        Self::started(naru(folder).arg("serve"))
    }

    /// A gateway whose files may be bounded later: it ignores the signal of a file grown too
    /// large, so that the write fails as on a full disk.
    pub(crate) fn start_boundable(folder: &Path) -> Gateway {
        let naru = naru(folder);
        let mut shell = Command::new("sh");
        for (name, value) in naru.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let ignoring = "trap '' XFSZ; exec \"$0\" serve";
        Self::started(shell.arg("-c").arg(ignoring).arg(naru.get_program()))
    }

    fn started(command: &mut Command) -> Gateway {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("a process");
        let log = BufReader::new(child.stderr.take().expect("its log"));
        let mut lines = log.lines();
        let ready = loop {
            let line = lines.next().expect("a ready line").expect("text");
            let event: Value = serde_json::from_str(&line).expect("a line of JSON");
            if event["message"] == "ready" {
                break event;
            }
        };
        // The rest of the log is read so that the gateway never waits for us.
        std::thread::spawn(move || for _ in lines {});
        let relays = ready["relay"].as_str().expect("addresses").split(',');
        let relays = relays
            .map(|one| one.split_once('=').expect("an address and its profile"))
            .map(|(address, profile)| (profile.to_owned(), address.to_owned()))
            .collect();
        let ops = format!("http://{}", ready["ops"].as_str().expect("an address"));
        let http = format!("http://{}", ready["http"].as_str().expect("an address"));
        Gateway {
            child,
            relays,
            ops,
            http,
        }
    }

    /// The relay listener of the default profile.
    pub(crate) fn relay(&self) -> &str {
        &self.relays[0].1
    }

    /// The process.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits for it to end of itself; tells its exit code.
    pub(crate) fn ended(mut self) -> Option<i32> {
        self.child.wait().expect("its end").code()
    }

    /// Kill -9.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("kill -9");
        self.child.wait().expect("its end");
    }
}

impl Drop for Gateway {
    /// A test that failed half-way leaves no gateway behind; one that has ended stays ended.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Takes the accounts of all scenarios and of the load into a data folder.
pub(crate) fn import_accounts(folder: &Path) {
    simulator::accounts::write(folder).expect("lists of accounts");
    for what in ["merchants", "accounts"] {
        let list = folder.join(format!("{what}.csv"));
        let run = naru(folder).args(["import", what]).arg(list).output();
        let run = run.expect("an import");
        assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stdout)
        );
    }
}
