//! How fast letters reach merchants' servers: real books on a real file, the courier, and
//! receivers on local sockets.
//!
//! Run with `cargo bench --bench webhooks`. Three questions: how many letters a second four
//! receivers get; how much a fifth, dead one costs the four; and how long it takes from a
//! deposit's receipt until its letters are on the wire, at a steady rate. Options by environment:
//! `WEBHOOKS_DEPOSITS` (deposits of each run, default 2,500), `WEBHOOKS_RATE` (deposits a second of
//! the steady run, default 500), `WEBHOOKS_SECONDS` (how long it lasts, default 10), `LEDGER_DIR`.

#![allow(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix::{Actor, System};
use naru::clock::Clock;
use naru::domain::{
    AccountImport, AccountKey, AccountKind, AccountNo, AccountTerms, BankCode, BusinessDate, By,
    CancelDay, Command, Deposit, Dialect, EventKind, Hours, House, Issuing, Limits, Merchant,
    MerchantId, Mode, Payer, Plan, RelayKey, Standing, WebhookCommand, Won,
};
use naru::secrets::Secrets;
use naru::store::engine::redb::{OpenOptions, RedbEngine};
use naru::store::key::StoreKey;
use naru::store::{Ledger, Store, TABLES};
use naru::webhook::{Allowed, CONTEXT, Client, Courier, MallKeys, Sender, Settings, Stop};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

const RECEIVERS: usize = 4;

fn main() {
    let dir = setting("LEDGER_DIR", env!("CARGO_TARGET_TMPDIR").to_owned());
    let deposits: usize = setting("WEBHOOKS_DEPOSITS", 2_500);
    let alone = burst(Path::new(&dir), deposits, false);
    let beside = burst(Path::new(&dir), deposits, true);
    let again = burst(Path::new(&dir), deposits, false);
    let best = alone.max(again);
    println!("four receivers: {alone:.0} and {again:.0} letters a second");
    println!(
        "beside a dead one: {beside:.0} letters a second, {:.1} % less",
        (1.0 - beside / best) * 100.0
    );
    let rate: usize = setting("WEBHOOKS_RATE", 500);
    let seconds: usize = setting("WEBHOOKS_SECONDS", 10);
    let runs = [(1, false), (RECEIVERS, false), (RECEIVERS, true)];
    for (receivers, dead) in runs {
        let (letters, times) = steady(Path::new(&dir), rate, rate * seconds, receivers, dead);
        println!(
            "at {rate} deposits a second, receivers {receivers}{}: {letters:.0} letters a second; \
             from the receipt to the wire p50 {:?}, p99 {:?}, most {:?}",
            if dead { " and a dead one" } else { "" },
            times[times.len() / 2],
            times[times.len() * 99 / 100],
            times[times.len() - 1]
        );
    }
}

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// Letters a second that four receivers get together, with or without a dead one beside them.
fn burst(dir: &Path, deposits: usize, dead: bool) -> f64 {
    let folder = tempfile::tempdir_in(dir).expect("a folder to measure in");
    let shop = Shop::open(folder.path());
    let receivers: Vec<Receiver> = (0..RECEIVERS).map(|_| Receiver::start(true)).collect();
    let silent = Receiver::start(false);
    for receiver in &receivers {
        shop.endpoint(receiver.address);
    }
    if dead {
        shop.endpoint(silent.address);
    }
    let wanted = deposits * RECEIVERS;
    let started = Instant::now();
    let mut waiting = Vec::with_capacity(deposits);
    for n in 0..deposits {
        waiting.push(submit(&shop.ledger(), n));
    }
    let arrived = || receivers.iter().map(Receiver::count).sum::<usize>();
    while arrived() < wanted {
        std::thread::sleep(Duration::from_millis(1));
    }
    let took = started.elapsed().as_secs_f64();
    drop(waiting);
    shop.close();
    wanted as f64 / took
}

/// Letters a second that the good receivers get at a steady rate of deposits, and the times from a
/// deposit's receipt until its letters have come in, shortest first.
fn steady(
    dir: &Path,
    rate: usize,
    deposits: usize,
    good: usize,
    dead: bool,
) -> (f64, Vec<Duration>) {
    let folder = tempfile::tempdir_in(dir).expect("a folder to measure in");
    let shop = Shop::open(folder.path());
    let receivers: Vec<Receiver> = (0..good).map(|_| Receiver::start(true)).collect();
    let silent = Receiver::start(false);
    for receiver in &receivers {
        shop.endpoint(receiver.address);
    }
    if dead {
        shop.endpoint(silent.address);
    }
    let begun = Instant::now();
    let receipts = pay_steadily(&shop, rate, deposits);
    while receivers.iter().map(Receiver::count).sum::<usize>() < deposits * good {
        std::thread::sleep(Duration::from_millis(1));
    }
    let took = begun.elapsed().as_secs_f64();
    let mut times: Vec<Duration> = Vec::new();
    for receiver in &receivers {
        let came = receiver.came();
        let waited = |(n, at): &(usize, Instant)| came[&amount(*n)].saturating_duration_since(*at);
        times.extend(receipts.iter().map(waited));
    }
    times.sort();
    shop.close();
    ((deposits * good) as f64 / took, times)
}

/// Sends deposits at a steady rate; tells when each had its receipt.
fn pay_steadily(shop: &Shop, rate: usize, deposits: usize) -> Vec<(usize, Instant)> {
    let gap = Duration::from_secs(1) / u32::try_from(rate).expect("a rate");
    let ledger = shop.ledger();
    let begun = Instant::now();
    let (tell, told) = std::sync::mpsc::sync_channel(deposits);
    let notes = std::thread::spawn(move || {
        let note = |(n, pending): (usize, naru::store::Pending)| {
            pending.wait().expect("a receipt");
            (n, Instant::now())
        };
        told.into_iter().map(note).collect::<Vec<_>>()
    });
    for n in 0..deposits {
        let due = begun + gap * u32::try_from(n).expect("few");
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        tell.send((n, submit(&ledger, n))).expect("a note");
    }
    drop(tell);
    notes.join().expect("notes")
}

/// Each deposit has an amount of its own, by which its letter is known.
fn amount(n: usize) -> u64 {
    10_000 + n as u64
}

fn submit(ledger: &Ledger, n: usize) -> naru::store::Pending {
    let deposit = Deposit {
        key: RelayKey {
            institution: "30000003".to_owned(),
            bank: BankCode::new(4).expect("a bank"),
            trade_date: BusinessDate::parse("20260302").expect("a date"),
            trace_no: format!("{n:014}"),
        },
        account: account_key(),
        amount: Won::new(amount(n)),
        cheque: Won::ZERO,
        cash: Won::ZERO,
        payer: Payer {
            bank: Some("088".into()),
            name: "홍길동".into(),
            name_cut: false,
        },
        mode: Mode::Notice,
        medium: None,
        trade_time: Some("101500".into()),
        resent: false,
        send_count: 1,
        raw: vec![b'0'; 300],
    };
    loop {
        match ledger.submit(Command::Deposit(Box::new(deposit.clone()))) {
            Ok(pending) => return pending,
            Err(naru::store::Busy) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

fn account_key() -> AccountKey {
    AccountKey {
        bank: BankCode::new(4).expect("a bank"),
        number: AccountNo::new("93810012345678").expect("a number"),
    }
}

fn merchant() -> MerchantId {
    MerchantId::new("shop").expect("an id")
}

/// Books on a file with a merchant, and a courier at work.
struct Shop {
    store: Store,
    secrets: Secrets,
    end: oneshot::Sender<()>,
    courier: std::thread::JoinHandle<()>,
}

struct NoMalls;

impl MallKeys for NoMalls {
    fn webhook_key(&self, _: &MerchantId) -> Option<Zeroizing<String>> {
        None
    }
}

impl Shop {
    fn open(folder: &Path) -> Shop {
        let key = StoreKey::random().expect("a key");
        let secrets = Secrets::new(&key);
        let store = open(folder, &key);
        let clock = Clock::real();
        let settings = Settings {
            reads: store.reads(),
            ledger: store.ledger(),
            sender: Sender {
                clock,
                secrets: secrets.clone(),
                keys: Arc::new(NoMalls),
                client: Client::new(Allowed::AlsoLoopback, &[]).expect("a client"),
            },
            on_broken: |broken| panic!("{broken}"),
        };
        let position = store.position();
        let (end, ended) = oneshot::channel();
        let courier = std::thread::spawn(move || {
            System::new().block_on(async move {
                let courier = Courier::new(settings, position).start();
                let _ = ended.await;
                courier.send(Stop).await.expect("an end");
            });
        });
        let shop = Shop {
            store,
            secrets,
            end,
            courier,
        };
        shop.import();
        shop
    }

    fn ledger(&self) -> Ledger {
        self.store.ledger()
    }

    fn carry_out(&self, command: Command) {
        let pending = self.ledger().submit(command).expect("a place");
        assert!(pending.wait().expect("a receipt").verdict.is_ok());
    }

    fn import(&self) {
        self.carry_out(Command::ImportMerchants {
            rows: vec![Merchant {
                id: merchant(),
                name: "가게".into(),
                standing: Standing::Open,
            }],
            update: false,
        });
        self.carry_out(Command::ImportAccounts {
            rows: vec![AccountImport {
                key: account_key(),
                terms: AccountTerms {
                    merchant: merchant(),
                    kind: AccountKind::Fixed,
                    amount: Won::ZERO,
                    tolerance: Won::ZERO,
                    expires_at: None,
                    holder_name: None,
                    depositor_name: None,
                    limits: Limits::default(),
                },
                standing: None,
            }],
            update: false,
        });
    }

    fn endpoint(&self, address: SocketAddr) {
        let context = format!("{CONTEXT}{}", merchant());
        let secret = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        self.carry_out(Command::Webhook(Box::new(WebhookCommand::Add {
            by: By::HOUSE,
            merchant: merchant(),
            url: format!("http://{address}/hook"),
            dialect: Dialect::Standard,
            events: vec![EventKind::DepositReceived],
            secret: Some(self.secrets.wrap(&context, secret)),
        })));
    }

    fn close(self) {
        let _ = self.end.send(());
        self.courier.join().expect("an end");
        self.store.close().expect("an orderly end");
    }
}

fn open(folder: &Path, key: &StoreKey) -> Store {
    let options = OpenOptions {
        path: folder.join("books.redb"),
        key: Some(key),
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
    let on_broken = Box::new(|broken: &naru::store::engine::Broken| panic!("{broken}"));
    Store::open(Arc::new(engine), house, Clock::real(), on_broken).expect("a store")
}

/// A merchant's server that says yes at once, or never says anything.
struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    count: AtomicUsize,
    came: Mutex<std::collections::BTreeMap<u64, Instant>>,
}

impl Receiver {
    fn start(answers: bool) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&of_thread);
                std::thread::spawn(move || serve(stream, &shared, answers));
            }
        });
        Receiver { address, shared }
    }

    fn count(&self) -> usize {
        self.shared.count.load(Ordering::Relaxed)
    }

    fn came(&self) -> std::collections::BTreeMap<u64, Instant> {
        self.shared.came.lock().expect("a lock").clone()
    }
}

fn serve(stream: TcpStream, shared: &Shared, answers: bool) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().ok()?;
            }
        }
        body.resize(length, 0);
        reader.read_exact(&mut body).ok()?;
        let at = Instant::now();
        if !answers {
            std::thread::sleep(Duration::from_hours(1));
        }
        let told: serde_json::Value = serde_json::from_slice(&body).ok()?;
        let amount = told["data"]["amount"].as_u64()?;
        shared.came.lock().expect("a lock").insert(amount, at);
        shared.count.fetch_add(1, Ordering::Relaxed);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        writer.write_all(answer).ok()?;
    }
}
