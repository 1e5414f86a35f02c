//! How fast the books take orders and accounts, and what a million waiting orders cost a deposit
//! that meets its own: commands in flight against the writer on a real file, as multiples of R,
//! the time of a 4 KiB write and fdatasync in the same folder.
//!
//! Run with `cargo bench --bench orders`. Options by environment: `ORDERS_WAITING` (orders that
//! wait while deposits are matched, default 1,000,000), `ORDERS_MEASURED` (orders, accounts and
//! deposits per measurement, default 20,000), `ORDERS_DIR` (a folder on the disk to be measured,
//! default the target folder).

#![allow(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::collections::{BTreeSet, VecDeque};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use naru::clock::Clock;
use naru::domain::{
    AccountCommand, AccountImport, AccountKey, AccountKind, AccountNo, AccountTerms, BankChoice,
    BankCode, BusinessDate, By, CancelDay, Command, Deposit, Hours, House, Issuing, Limits,
    Merchant, MerchantId, Mode, NewAccount, NewOrder, NumberRange, OrderCommand, OrderNumber,
    Orderer, Payer, Plan, ReceiptWish, RelayKey, Standing, Timestamp, Won,
};
use naru::store::engine::redb::{OpenOptions, RedbEngine};
use naru::store::{Ledger, Store, TABLES};

const MANY: usize = 128;

fn main() {
    let dir = setting("ORDERS_DIR", env!("CARGO_TARGET_TMPDIR").to_owned());
    let folder = tempfile::tempdir_in(dir).expect("a folder to measure in");
    let waiting: u64 = setting("ORDERS_WAITING", 1_000_000);
    let count: u64 = setting("ORDERS_MEASURED", 20_000);
    let store = open(folder.path());
    let ledger = store.ledger();
    import(&ledger);
    let r = || disk_unit(folder.path());
    let unit = r();
    report(
        "orders placed",
        &measure(&ledger, count, MANY, &|n| order("o", n)),
        unit,
    );
    let unit = r();
    report(
        "accounts issued",
        &measure(&ledger, count, MANY, &|_| account()),
        unit,
    );
    let few = [MANY, 1].map(|flight| {
        let unit = r();
        let run = format!("a{flight}");
        measure(&ledger, count, MANY, &|n| order(&run, n));
        let few = measure(&ledger, count, flight, &|n| deposit(&run, n));
        report(
            &format!("matched, few waiting, {flight} in flight"),
            &few,
            unit,
        );
        few
    });
    measure(&ledger, waiting, MANY, &|n| order("w", n));
    let many = [MANY, 1].map(|flight| {
        let unit = r();
        let run = format!("b{flight}");
        measure(&ledger, count, MANY, &|n| order(&run, n));
        let many = measure(&ledger, count, flight, &|n| deposit(&run, n));
        report(
            &format!("matched, many waiting, {flight} in flight"),
            &many,
            unit,
        );
        many
    });
    // Every deposit has met its order: what was measured is a match and not a failure.
    let met = naru::domain::OrderNumber::new(&format!("b1-{:09}", count - 1)).expect("a number");
    let last = store
        .reads()
        .order(&shop(), &met)
        .expect("books")
        .expect("an order");
    assert!(last.matched().is_some(), "the deposits have met nothing");
    println!(
        "{waiting} waiting orders leave {:.2} of the rate at {MANY} in flight, {:.2} at one",
        many[0].per_second / few[0].per_second,
        many[1].per_second / few[1].per_second
    );
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

fn report(what: &str, figures: &Figures, r: Duration) {
    let per_r = figures.per_second * r.as_secs_f64();
    println!(
        "{what:<38}: {:>9.0}/s = {per_r:.2} per R; p50 {:?}, p99 {:?}; R {r:?}",
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

fn bank() -> BankCode {
    BankCode::new(4).expect("a bank")
}

fn shop() -> MerchantId {
    MerchantId::new("shop").expect("an id")
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
    let range = NumberRange::new("79040000000000", "79049999999999").expect("a range");
    let mut issuing = Issuing::default();
    issuing.ranges.insert(bank(), vec![range]);
    let house = House {
        institution: "30000003".to_owned(),
        banks: BTreeSet::from([bank()]),
        hours: Hours::always_open(),
        hold_seconds: 60,
        cancel_day: CancelDay::Original,
        issuing,
        plan: Plan::Premium,
        receipts_in_books: true,
    };
    let on_broken = Box::new(|broken: &naru::store::engine::Broken| panic!("{broken}"));
    Store::open(Arc::new(engine), house, Clock::real(), on_broken).expect("a store")
}

fn import(ledger: &Ledger) {
    let row = Merchant {
        id: shop(),
        name: "가게".into(),
        standing: Standing::Open,
    };
    let merchants = Command::ImportMerchants {
        rows: vec![row],
        update: false,
    };
    let collects = AccountImport {
        key: collects(),
        terms: AccountTerms {
            merchant: shop(),
            kind: AccountKind::Matching,
            amount: Won::ZERO,
            tolerance: Won::ZERO,
            expires_at: None,
            holder_name: None,
            depositor_name: None,
            limits: Limits::default(),
        },
        standing: None,
    };
    let accounts = Command::ImportAccounts {
        rows: vec![collects],
        update: false,
    };
    for command in [merchants, accounts] {
        let pending = ledger.submit_blocking(command).expect("a place");
        pending.wait().expect("a receipt");
    }
}

fn collects() -> AccountKey {
    AccountKey {
        bank: bank(),
        number: AccountNo::new("08856211024649").expect("a number"),
    }
}

/// The `n`th order of a run has a name of its own and one of a thousand amounts; names are spread
/// over the index, as people's are.
fn named(run: &str, n: u64) -> (String, Won) {
    let spread = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    (
        format!("{spread}홍길동{run}{n}"),
        Won::new(10_000 + n % 1_000),
    )
}

fn order(run: &str, n: u64) -> Command {
    let (billing_name, amount) = named(run, n);
    Command::Order(Box::new(OrderCommand::Place(Box::new(NewOrder {
        merchant: shop(),
        number: OrderNumber::new(&format!("{run}-{n:09}")).expect("an order number"),
        amount,
        ordered_at: Timestamp::from_micros(0),
        orderer: Orderer {
            name: billing_name.clone(),
            phone: Some("01012345678".into()),
            email: None,
        },
        billing_name,
        receipt: ReceiptWish::None,
        until: None,
    }))))
}

fn account() -> Command {
    Command::Account(Box::new(AccountCommand::Issue(Box::new(NewAccount {
        merchant: shop(),
        kind: Some(AccountKind::OneTime),
        bank: BankChoice::Default,
        amount: Some(Won::new(10_000)),
        any_amount: false,
        expires_at: None,
        expires_as_sent: None,
        holder_name: None,
        depositor_name: None,
        limits: Limits::default(),
        order: None,
        user: None,
        by: By::HOUSE,
    }))))
}

fn deposit(run: &str, n: u64) -> Command {
    let (name, amount) = named(run, n);
    Command::Deposit(Box::new(Deposit {
        key: RelayKey {
            institution: "30000003".to_owned(),
            bank: bank(),
            trade_date: BusinessDate::parse("20260302").expect("a date"),
            trace_no: format!("{run}{n:09}"),
        },
        account: collects(),
        amount,
        cheque: Won::ZERO,
        cash: amount,
        payer: Payer {
            bank: Some("088".into()),
            name,
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
    count: u64,
    in_flight: usize,
    command: &dyn Fn(u64) -> Command,
) -> Figures {
    let mut waiting = VecDeque::with_capacity(in_flight);
    let mut times = Vec::new();
    let started = Instant::now();
    for n in 0..count {
        if waiting.len() == in_flight {
            finish(&mut waiting, &mut times);
        }
        let pending = ledger.submit(command(n)).expect("a place");
        waiting.push_back((Instant::now(), pending));
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
        assert!(receipt.verdict.is_ok(), "{:?}", receipt.verdict);
        times.push(sent.elapsed());
    }
}
