//! Durable deposits over real TCP: the simulated bank's load against the real `naru serve`, both
//! on this machine, as multiples of R, the time of a 4 KiB write and fdatasync in the same folder.
//! All of the work is in it: frame, layout, desk, decision, journal, hash chain, encryption,
//! commit, answer.
//!
//! Run with `cargo bench --bench deposits` on an otherwise quiet machine. Options by environment:
//! `DEPOSITS_ACCOUNTS` (accounts in the books, default 1,000; ten million for the large file),
//! `DEPOSITS_BEFORE` (deposits in the books before the measurement, default 0), `DEPOSITS_COUNT`
//! (per measurement, default 60,000), `DEPOSITS_DIR` (a folder on the disk to be measured).

use std::io::{BufRead as _, BufReader, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jiff::civil::date;
use naru::clock;
use simulator::load::{self, Load, LoadReport, Pace, Payees, Spread, Until};

fn main() {
    let dir = setting("DEPOSITS_DIR", env!("CARGO_TARGET_TMPDIR").to_owned());
    let folder = tempfile::tempdir_in(dir).expect("a folder to measure in");
    let accounts: u64 = setting("DEPOSITS_ACCOUNTS", 1_000);
    let count: u64 = setting("DEPOSITS_COUNT", 60_000);
    import(folder.path(), accounts);
    let gateway = Gateway::start(folder.path());
    let before: u64 = setting("DEPOSITS_BEFORE", 0);
    if before > 0 {
        let report = run(&gateway, accounts, 0, before, (4, 64), Spread::Uniform);
        println!("{before} deposits before: {:.0}/s", report.rate);
    }
    let mut number = 0;
    for (sessions, each) in [(1, 1), (4, 16), (4, 64)] {
        for spread in [Spread::Uniform, Spread::Hot, Spread::Uniform, Spread::Hot] {
            number += 1;
            let r = disk_unit(folder.path());
            let count = if each == 1 { count / 20 } else { count };
            let report = run(&gateway, accounts, number, count, (sessions, each), spread);
            tell(
                sessions * each,
                spread,
                &report,
                r,
                disk_unit(folder.path()),
            );
        }
    }
    println!(
        "resident memory of the gateway: {} MB",
        gateway.resident_mb()
    );
    gateway.end();
    let began = clock::monotonic();
    let gateway = Gateway::start(folder.path());
    println!("start until ready: {:.2} s", began.elapsed().as_secs_f64());
    gateway.end();
    let books = folder.path().join("data").join("books.redb");
    let bytes = books.metadata().expect("the books").len();
    println!("file: {:.2} GiB", bytes as f64 / f64::from(1 << 30));
}

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    let given = std::env::var(name).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn tell(in_flight: usize, spread: Spread, report: &LoadReport, before: Duration, after: Duration) {
    let r = f64::midpoint(before.as_secs_f64(), after.as_secs_f64());
    let p50 = report.service.p50;
    println!(
        "{in_flight:>4} in flight, {:<8} {:>8.0}/s = {:>5.2} per R; p50 {p50:>7.0} us = {:>5.1} R, \
         p99 {:>7.0} us; R {:.0} us before, {:.0} us after",
        spread.name(),
        report.rate,
        report.rate * r,
        p50 / (r * 1e6),
        report.service.p99,
        before.as_secs_f64() * 1e6,
        after.as_secs_f64() * 1e6,
    );
}

fn run(
    gateway: &Gateway,
    accounts: u64,
    number: u64,
    count: u64,
    (sessions, each): (usize, usize),
    spread: Spread,
) -> LoadReport {
    let mut load = Load::new(&gateway.relay, date(2026, 3, 2));
    load.prefix = format!("B{number:03}");
    load.sessions = sessions;
    load.pace = Pace::InFlight(each);
    load.until = Until::Count(count);
    load.spread = spread;
    load.payees = Payees::Usual(accounts);
    load.patience = Duration::from_mins(1);
    let report = load::run(&load).expect("a load");
    assert!(report.is_whole(), "{report}");
    assert_eq!(report.codes.get("0000"), Some(&count), "{report}");
    report
}

/// R: the median time of a 4 KiB write and fdatasync into a preallocated file.
fn disk_unit(folder: &Path) -> Duration {
    let mut file = std::fs::File::create(folder.join("unit")).expect("a file");
    file.write_all(&vec![1; 4096 * 512])
        .expect("room on the disk");
    file.sync_all().expect("a disk that syncs");
    let mut times: Vec<Duration> = (0..512)
        .map(|page| {
            let started = clock::monotonic();
            file.seek(SeekFrom::Start(page * 4096)).expect("a seek");
            file.write_all(&[2; 4096]).expect("a write");
            file.sync_data().expect("a sync");
            started.elapsed()
        })
        .collect();
    times.sort();
    times[256]
}

fn naru(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_naru"));
    command
        .env("NARU_DATA_DIR", folder.join("data"))
        .env("NARU_RELAY_LISTEN", "127.0.0.1:0")
        .env("NARU_OPS_LISTEN", "127.0.0.1:0")
        .env("NARU_HTTP_LISTEN", "127.0.0.1:0")
        .env("NARU_LOG_FORMAT", "json");
    command
}

/// Takes in `accounts` accounts and says how long it took.
fn import(folder: &Path, accounts: u64) {
    let lists = folder.join("lists");
    simulator::accounts::write_for(&lists, &[], accounts).expect("lists of accounts");
    for what in ["merchants", "accounts"] {
        let began = clock::monotonic();
        let list = lists.join(format!("{what}.csv"));
        let run = naru(folder).args(["import", what]).arg(list).output();
        assert!(run.expect("an import").status.success());
        println!("{what} imported in {:.1} s", began.elapsed().as_secs_f64());
    }
    std::fs::remove_dir_all(lists).expect("the lists are gone");
}

struct Gateway {
    child: Child,
    relay: String,
}

impl Gateway {
    fn start(folder: &Path) -> Gateway {
        let mut command = naru(folder);
        let mut child = command.arg("serve").stderr(Stdio::piped()).spawn();
        let log = child.as_mut().map(|child| child.stderr.take());
        let log = BufReader::new(log.expect("a process").expect("its log"));
        let mut lines = log.lines().map(|line| line.expect("a line"));
        let ready = lines.find(|line| line.contains("\"ready\""));
        let ready: serde_json::Value =
            serde_json::from_str(&ready.expect("a ready line")).expect("a line of JSON");
        let relay = ready["relay"]
            .as_str()
            .and_then(|one| one.split('=').next());
        let relay = relay.expect("an address").to_owned();
        std::thread::spawn(move || for _ in lines {});
        let child = child.expect("a process");
        Gateway { child, relay }
    }

    /// Resident memory by the kernel's account.
    fn resident_mb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS"));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
        kilobytes
            .and_then(|text| text.parse().ok())
            .unwrap_or(0_u64)
            / 1024
    }

    fn end(mut self) {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).expect("a signal");
        assert!(self.child.wait().expect("its end").success());
    }
}
