//! How long merchants' lists take over many deposits: pages from both ends and from the middle, by
//! date, by status, with their totals, for one merchant and for everyone.
//!
//! Run with `cargo bench --bench lists`. `LISTS_DEPOSITS` says how many deposits there are (default
//! 1,000,000, spread over a thousand merchants but for half of them, which one merchant has, and
//! over ten days), `LISTS_DIR` names a folder on the disk to be measured (default the target
//! folder).

#![allow(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::collections::{BTreeSet, VecDeque};
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
use naru::store::{DepositQuestion, DepositStatus, Ledger, Pending, Period, Reads, Store, TABLES};

const MERCHANTS: u64 = 1_000;
const IN_FLIGHT: usize = 256;
const DAYS: u64 = 10;
const DAY_SECONDS: i64 = 86_400;
/// How often each question is asked.
const ASKED: usize = 200;
const PAGE: usize = 50;

fn main() {
    let dir = setting("LISTS_DIR", env!("CARGO_TARGET_TMPDIR").to_owned());
    let folder = tempfile::tempdir_in(dir).expect("a folder to measure in");
    let count: u64 = setting("LISTS_DEPOSITS", 1_000_000);
    let clock = Clock::sandbox(0);
    let store = open(folder.path(), clock.clone());
    let ledger = store.ledger();
    import(&ledger);
    fill(&ledger, &clock, count);
    let reads = store.reads();
    println!("{count} deposits, half of them one merchant's, the rest over {MERCHANTS} merchants");
    for (whose, merchant) in [("one merchant", Some(merchant(0))), ("everyone", None)] {
        ask_everything(&reads, whose, merchant.as_ref());
    }
    store.close().expect("an orderly end");
}

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// The questions, each at `ASKED` places of the list.
fn ask_everything(reads: &Reads, whose: &str, merchant: Option<&MerchantId>) {
    let all = DepositQuestion {
        merchant: merchant.cloned(),
        limit: PAGE,
        ..DepositQuestion::default()
    };
    let first = reads.deposits(&all).expect("the books");
    let newest = first.deposits.first().expect("a deposit");
    let (end, last_day) = (newest.position, newest.at.business_date().expect("a day"));
    let period = Period {
        from: last_day.begins(),
        to: None,
    };
    let ask = |what: &str, question: &dyn Fn(u64) -> DepositQuestion| {
        let mut times: Vec<Duration> = (0..ASKED as u64)
            .map(|turn| {
                let question = question(turn);
                let started = Instant::now();
                reads.deposits(&question).expect("the books");
                started.elapsed()
            })
            .collect();
        times.sort();
        println!(
            "{whose:<13} {what:<40} p50 {:>10.1?}  p99 {:>10.1?}",
            times[times.len() / 2],
            times[times.len() * 99 / 100]
        );
    };
    ask("first page", &|_| all.clone());
    ask("a page by cursor, anywhere", &|turn| DepositQuestion {
        before: Some(1 + (turn * 7_919 * 104_729) % end),
        ..all.clone()
    });
    ask("the last page by number", &|_| DepositQuestion {
        skip: 10_000 - PAGE,
        ..all.clone()
    });
    ask("first page of the last day", &|_| DepositQuestion {
        period,
        ..all.clone()
    });
    for status in [DepositStatus::Completed, DepositStatus::Cancelled] {
        ask(&format!("first page of those {status:?}"), &|_| {
            DepositQuestion {
                status: Some(status),
                ..all.clone()
            }
        });
    }
    let long_ago = BusinessDate::parse("20000101").expect("a date");
    let mut times: Vec<Duration> = (0..ASKED)
        .map(|_| {
            let started = Instant::now();
            let days = reads.days(merchant, long_ago, last_day);
            days.expect("the books");
            started.elapsed()
        })
        .collect();
    times.sort();
    println!(
        "{whose:<13} {:<40} p50 {:>10.1?}  p99 {:>10.1?}",
        "totals per day",
        times[ASKED / 2],
        times[ASKED * 99 / 100]
    );
}

fn bank() -> BankCode {
    BankCode::new(4).expect("a bank")
}

fn merchant(n: u64) -> MerchantId {
    MerchantId::new(&format!("shop{n}")).expect("an id")
}

fn account(n: u64) -> AccountKey {
    AccountKey {
        bank: bank(),
        number: AccountNo::new(&format!("7904{n:010}")).expect("a number"),
    }
}

fn open(folder: &Path, clock: Clock) -> Store {
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
        banks: BTreeSet::from([bank()]),
        hours: Hours::always_open(),
        hold_seconds: 60,
        cancel_day: CancelDay::Original,
        issuing: Issuing::default(),
        plan: Plan::Premium,
        receipts_in_books: true,
    };
    let on_broken = Box::new(|broken: &naru::store::engine::Broken| panic!("{broken}"));
    Store::open(Arc::new(engine), house, clock, on_broken).expect("a store")
}

fn import(ledger: &Ledger) {
    let merchants = (0..MERCHANTS).map(|n| Merchant {
        id: merchant(n),
        name: "가게".into(),
        standing: Standing::Open,
    });
    let accounts = (0..MERCHANTS).map(|n| AccountImport {
        key: account(n),
        terms: AccountTerms {
            merchant: merchant(n),
            kind: AccountKind::Fixed,
            amount: Won::ZERO,
            tolerance: Won::ZERO,
            expires_at: None,
            holder_name: None,
            depositor_name: None,
            limits: Limits::default(),
        },
        standing: None,
    });
    let merchants = Command::ImportMerchants {
        rows: merchants.collect(),
        update: false,
    };
    let accounts = Command::ImportAccounts {
        rows: accounts.collect(),
        update: false,
    };
    for command in [merchants, accounts] {
        let pending = ledger.submit_blocking(command).expect("a place");
        pending.wait().expect("a receipt");
    }
}

fn fill(ledger: &Ledger, clock: &Clock, count: u64) {
    let mut waiting: VecDeque<Pending> = VecDeque::with_capacity(IN_FLIGHT);
    for n in 0..count {
        if n % (count / DAYS) == 0 {
            let day = i64::try_from(n / (count / DAYS)).expect("few days");
            clock.shift(day * DAY_SECONDS, 1.0).expect("a sandbox");
        }
        if waiting.len() == IN_FLIGHT
            && let Some(pending) = waiting.pop_front()
        {
            pending.wait().expect("a receipt");
        }
        let pending = ledger.submit_blocking(deposit(n)).expect("a place");
        waiting.push_back(pending);
    }
    for pending in waiting {
        pending.wait().expect("a receipt");
    }
}

/// Every second deposit is the first merchant's.
fn deposit(n: u64) -> Command {
    let whose = if n.is_multiple_of(2) {
        0
    } else {
        n % MERCHANTS
    };
    let amount = Won::new(10_000 + n % 1_000);
    Command::Deposit(Box::new(Deposit {
        key: RelayKey {
            institution: "30000003".to_owned(),
            bank: bank(),
            trade_date: BusinessDate::parse("20260302").expect("a date"),
            trace_no: format!("{n:014}"),
        },
        account: account(whose),
        amount,
        cheque: Won::ZERO,
        cash: amount,
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
