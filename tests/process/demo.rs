//! `naru demo` as a newcomer runs it: a day that ends well, one that is interrupted, two at once.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::gateway::naru;

/// A hanging demo is killed after this long; no other test of time.
const PATIENCE: Duration = Duration::from_mins(2);

/// A demo whose temporary folder is in `folder`.
fn demo(folder: &Path) -> Command {
    let mut command = naru(folder);
    command
        .env_remove("NARU_DATA_DIR")
        .env("NARU_RELAY_LISTEN", "127.0.0.1:0")
        .env("TMPDIR", folder)
        .arg("demo")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn send(child: &Child, signal: Signal) {
    let process = Pid::from_child(child);
    kill_process(process, signal).expect("a living process");
}

/// The exit code, or `None` for a demo that hangs.
fn end(mut child: Child) -> Option<i32> {
    let begun = naru::clock::monotonic();
    while begun.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().expect("a child") {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().expect("kill -9");
    child.wait().expect("its end");
    None
}

/// The number that stands before these words.
fn figure_before(told: &str, words: &str) -> u64 {
    let (before, _) = told
        .split_once(words)
        .unwrap_or_else(|| panic!("no «{words}»: {told}"));
    let figure = before.split_whitespace().next_back();
    figure
        .and_then(|figure| figure.parse().ok())
        .expect("a number")
}

fn left_in(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

/// Starts a long day and returns when the bank is about to play it.
fn long_day(folder: &Path) -> Child {
    let mut child = demo(folder)
        .args(["--deposits", "1000000"])
        .spawn()
        .expect("a demo");
    let told = BufReader::new(child.stdout.take().expect("its story"));
    let mut lines = told.lines();
    let begins = |line: &std::io::Result<String>| {
        line.as_ref()
            .is_ok_and(|line| line.contains("now plays a whole day"))
    };
    assert!(lines.by_ref().any(|line| begins(&line)), "the day begins");
    // What is told later must find a reader.
    std::thread::spawn(move || for _ in lines {});
    child
}

#[test]
fn a_demo_ends_well_and_cleans_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = demo(folder.path())
        .args(["--exit", "--deposits", "300"])
        .output()
        .expect("a demo");
    let told = String::from_utf8_lossy(&run.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(0), "{told}\n{complaints}");
    assert!(
        told.contains("nothing was lost, doubled or invented"),
        "{told}"
    );
    assert!(
        figure_before(&told, "orders matched (매칭완료)") > 0,
        "{told}"
    );
    for dialect in ["payaction", "ezpg-b", "standard"] {
        let line = told
            .lines()
            .find(|line| line.contains(&format!("webhooks in dialect {dialect} ")));
        let line = line.unwrap_or_else(|| panic!("no line about {dialect}: {told}"));
        assert!(figure_before(line, "delivered") > 0, "{line}");
        assert!(line.ends_with(" 0 faults"), "{line}");
    }
    assert_eq!(left_in(folder.path()), Vec::<std::path::PathBuf>::new());
}

#[test]
fn an_interrupted_demo_ends_and_cleans_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let child = long_day(folder.path());
    send(&child, Signal::INT);
    assert_eq!(end(child), Some(1));
    assert_eq!(left_in(folder.path()), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_demo_plays_the_same_day_whatever_the_environment_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let others = [
        ("NARU_INSTITUTION", "30000099"),
        ("NARU_BANKS", "004"),
        ("NARU_RELAY_SESSIONS_MAX", "1"),
        ("NARU_HOURS_004_WINDOW", "10:00-11:00"),
        ("NARU_RELAY_PROFILE", "ksnet"),
        ("NARU_MODE", "production"),
        ("NARU_STORE_KEY", "no key"),
    ];
    let run = demo(folder.path())
        .envs(others)
        .args(["--exit", "--deposits", "300"])
        .output()
        .expect("a demo");
    let told = String::from_utf8_lossy(&run.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(0), "{told}\n{complaints}");
    for (name, _) in others {
        assert!(
            complaints.contains(name),
            "{name} is not among {complaints}"
        );
    }
}

#[test]
fn a_demo_beside_another_takes_other_ports() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = demo(folder.path())
        .env("NARU_RELAY_LISTEN", &address)
        .args(["--exit", "--deposits", "20"])
        .spawn()
        .expect("a demo");
    let mut told = String::new();
    let mut story = child.stdout.take().expect("its story");
    story.read_to_string(&mut told).expect("a text");
    assert_eq!(end(child), Some(0), "{told}");
    assert!(!told.contains(&address), "{told}");
}
