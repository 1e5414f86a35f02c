//! How fast the books take deposits, without a socket: commands in flight against the writer on
//! a real file, as multiples of R, the time of a 4 KiB write and fdatasync in the same folder.
//!
//! Run with `cargo bench --bench ledger`. Options by environment: `LEDGER_ACCOUNTS` (accounts in
//! the books, default 10,000), `LEDGER_DEPOSITS` (deposits per measurement, default 40,000),
//! `LEDGER_DIR` (a folder on the disk to be measured, default the target folder).

#![allow(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::collections::{BTreeSet, VecDeque};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use naru::clock::Clock;
use naru::domain::{
    AccountImport, AccountKey, AccountKind, AccountNo, AccountTerms, BankCode, BusinessDate,
    CancelDay, Command, Deposit, Hours, House, Issuing, Limits, Merchant, MerchantId, Mode, Payer,
    Plan, RelayKey, Standing, Won,
};
use naru::store::engine::redb::{OpenOptions, RedbEngine};
use naru::store::{Ledger, Store, TABLES};

const CHUNK: u64 = 10_000;

fn main() {
    let dir = setting("LEDGER_DIR", env!("CARGO_TARGET_TMPDIR").to_owned());
    let folder = tempfile::tempdir_in(dir).expect("a folder to measure in");
    let accounts: u64 = setting("LEDGER_ACCOUNTS", 10_000);
    let deposits: u64 = setting("LEDGER_DEPOSITS", 40_000);
    let store = open(folder.path());
    let started = Instant::now();
    import(&store.ledger(), accounts);
    println!(
        "{accounts} accounts imported in {:.1} s",
        started.elapsed().as_secs_f64()
    );
    let mut run = 0;
    for in_flight in [1, 64, 256] {
        for hot in [false, true] {
            run += 1;
            let r = disk_unit(folder.path());
            let count = if in_flight == 1 {
                deposits / 20
            } else {
                deposits
            };
            let account_of = |n: u64| {
                if hot {
                    7
                } else {
                    n.wrapping_mul(2_654_435_761) % accounts
                }
            };
            let figures = measure(&store.ledger(), run, count, in_flight, &account_of);
            report(in_flight, hot, &figures, r);
        }
    }
    store.close().expect("an orderly end");
}

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

struct Figures {
    per_second: f64,
    p50: Duration,
    p99: Duration,
}

fn report(in_flight: usize, hot: bool, figures: &Figures, r: Duration) {
    let spread = if hot { "one hot account" } else { "spread" };
    let per_r = figures.per_second * r.as_secs_f64();
    let p50 = figures.p50.as_secs_f64() / r.as_secs_f64();
    println!(
        "{in_flight:>4} in flight, {spread:<15}: {:>9.0}/s = {per_r:.2} per R; \
         p50 {:?} = {p50:.1} R, \
         p99 {:?}; R {r:?}",
        figures.per_second, figures.p50, figures.p99
    );
}

/// R: the median time of a 4 KiB write and fdatasync into a preallocated file.
fn disk_unit(folder: &Path) -> Duration {
    let mut file = std::fs::File::create(folder.join("unit")).expect("a file");
    file.write_all(&vec![1; 4096 * 256])
        .expect("room on the disk");
    file.sync_all().expect("a disk that syncs");
    let mut times: Vec<Duration> = (0..256)
        .map(|page| {
            let started = Instant::now();
            file.seek(SeekFrom::Start(page * 4096)).expect("a seek");
            file.write_all(&[2; 4096]).expect("a write");
            file.sync_data().expect("a sync");
            started.elapsed()
        })
        .collect();
    times.sort();
    times[128]
}

fn open(folder: &Path) -> Store {
    let options = OpenOptions {
        path: folder.join("books.redb"),
        key: Some(&naru::store::key::StoreKey::random().expect("a key")),
        tables: TABLES,
        cache_bytes: 256 << 20,
        read_only: false,
        check_integrity_below_bytes: 0,
        observer: None,
    };
    let engine = RedbEngine::open(options).expect("books");
    let house = House {
        institution: "30000003".to_owned(),
        banks: BTreeSet::from([BankCode::new(4).expect("a bank")]),
        hours: Hours::always_open(),
        hold_seconds: 60,
        cancel_day: CancelDay::Original,
        issuing: Issuing::default(),
        plan: Plan::Premium,
        receipts_in_books: true,
    };
    Store::open(
        Arc::new(engine),
        house,
        Clock::real(),
        Box::new(|broken| panic!("{broken}")),
    )
    .expect("a store")
}

fn account_key(n: u64) -> AccountKey {
    let number = AccountNo::new(&format!("{:014}", 10_000_000_000 + n)).expect("a number");
    AccountKey {
        bank: BankCode::new(4).expect("a bank"),
        number,
    }
}

fn import(ledger: &Ledger, accounts: u64) {
    let merchant = MerchantId::new("shop").expect("an id");
    let row = Merchant {
        id: merchant.clone(),
        name: "가게".into(),
        standing: Standing::Open,
    };
    let merchants = Command::ImportMerchants {
        rows: vec![row],
        update: false,
    };
    ledger
        .submit_blocking(merchants)
        .expect("a place")
        .wait()
        .expect("a receipt");
    let mut pending = VecDeque::new();
    for start in (0..accounts).step_by(usize::try_from(CHUNK).expect("small")) {
        let rows = (start..accounts.min(start + CHUNK))
            .map(|n| AccountImport {
                key: account_key(n),
                terms: AccountTerms {
                    merchant: merchant.clone(),
                    kind: AccountKind::Fixed,
                    amount: Won::ZERO,
                    tolerance: Won::ZERO,
                    expires_at: None,
                    holder_name: None,
                    depositor_name: None,
                    limits: Limits::default(),
                },
                standing: None,
            })
            .collect();
        let command = Command::ImportAccounts {
            rows,
            update: false,
        };
        pending.push_back(ledger.submit_blocking(command).expect("a place"));
        if pending.len() > 4 {
            pending
                .pop_front()
                .expect("pending")
                .wait()
                .expect("a receipt");
        }
    }
    for one in pending {
        one.wait().expect("a receipt");
    }
}

fn deposit(run: u64, n: u64, account: u64) -> Command {
    Command::Deposit(Box::new(Deposit {
        key: RelayKey {
            institution: "30000003".to_owned(),
            bank: BankCode::new(4).expect("a bank"),
            trade_date: BusinessDate::parse("20260302").expect("a date"),
            trace_no: format!("{run:04}{n:010}"),
        },
        account: account_key(account),
        amount: Won::new(10_000 + n % 1000),
        cheque: Won::ZERO,
        cash: Won::new(10_000),
        payer: Payer {
            bank: Some("088".into()),
            name: "홍길동".into(),
            name_cut: false,
        },
        mode: Mode::Notice,
        medium: Some("02".into()),
        trade_time: Some("101500".into()),
        resent: false,
        send_count: 1,
        raw: vec![b'0'; 300],
    }))
}

fn measure(
    ledger: &Ledger,
    run: u64,
    count: u64,
    in_flight: usize,
    account_of: &dyn Fn(u64) -> u64,
) -> Figures {
    let mut waiting = VecDeque::with_capacity(in_flight);
    let mut times = Vec::new();
    let started = Instant::now();
    for n in 0..count {
        if waiting.len() == in_flight {
            finish(&mut waiting, &mut times);
        }
        let command = deposit(run, n, account_of(n));
        waiting.push_back((Instant::now(), ledger.submit(command).expect("a place")));
    }
    while !waiting.is_empty() {
        finish(&mut waiting, &mut times);
    }
    let per_second = count as f64 / started.elapsed().as_secs_f64();
    times.sort();
    Figures {
        per_second,
        p50: times[times.len() / 2],
        p99: times[times.len() * 99 / 100],
    }
}

fn finish(waiting: &mut VecDeque<(Instant, naru::store::Pending)>, times: &mut Vec<Duration>) {
    if let Some((sent, pending)) = waiting.pop_front() {
        let receipt = pending.wait().expect("a receipt");
        assert!(receipt.verdict.is_ok(), "a deposit is never refused");
        times.push(sent.elapsed());
    }
}
