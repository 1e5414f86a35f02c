//! How fast a session answers: line tests (회선시험), pipelined over loopback, through the whole
//! link and past no desk; the target is 60 thousand round trips a second on two cores. Beside
//! them deposits past a writer that only says yes: the link and the desk without the books.
//!
//! Run with `cargo bench --bench line`. Options by environment: `LINE_SECONDS` (length of each
//! measurement, default 3) and `LINE_SESSIONS` (sessions at the same time, default 1 and 4).

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use naru::bank::{self, Listener, Settings};
use naru::clock::{self, Clock};
use naru::domain::{CancelDay, Hours, House, Issuing, Outcome, Plan, Timestamp};
use naru::limits;
use naru::store::engine::memory::{Memory, MemoryEngine};
use naru::store::{Job, Ledger, Receipt, Store, TABLES};
use telegrams::{Composer, Field, Kind, Profiles};
use tokio::sync::mpsc;

const US: &str = "30000003";
/// Bytes of a telegram with its length prefix.
const FRAME: usize = 304;
/// Telegrams sent before the answers to as many earlier ones are read.
const BURST: usize = 128;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let seconds = Duration::from_secs(setting("LINE_SECONDS").unwrap_or(3));
    let counts = setting("LINE_SESSIONS").map_or(vec![1, 4], |one| vec![one]);
    let store = books();
    let profile = Profiles::embedded().get("dozn").expect("the default relay");
    let address = "127.0.0.1:0".parse().expect("an address");
    let mut settings = Settings::new(US, vec![Listener { address, profile }]);
    settings.waits.stop = Duration::from_secs(1);
    let system = actix::System::new();
    let (ledger, jobs) = Ledger::channel(limits::WRITER_QUEUE);
    let writer = std::thread::spawn(move || say_yes(jobs));
    let start = async { bank::start(settings, ledger, store.reads(), Clock::sandbox(0)) };
    let lines = system.block_on(start).expect("lines");
    let address = lines.addresses()[0];
    for sessions in counts {
        for (name, telegram) in [("line tests", line_test as Make), ("deposits", deposit)] {
            let rate = measure(address, sessions, seconds, telegram);
            println!("{sessions} sessions: {rate:.0} {name} a second");
        }
    }
    system.block_on(lines.stop());
    writer.join().expect("a writer");
}

fn setting(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().expect("a number"))
}

/// A writer without books: what is left is the cost of the link and the desk alone.
fn say_yes(mut jobs: mpsc::Receiver<Job>) {
    while let Some(job) = jobs.blocking_recv() {
        job.answer(Receipt {
            position: 1,
            at: Timestamp::from_micros(0),
            repeated: false,
            verdict: Ok(Outcome::Booked),
        });
    }
}

/// Makes the telegram of a number.
type Make = fn(usize) -> Bytes;

/// Telegrams answered in a second.
fn measure(address: SocketAddr, sessions: u64, length: Duration, make: Make) -> f64 {
    let started = clock::monotonic();
    let end = started + length;
    let relays: Vec<_> = (0..sessions)
        .map(|_| std::thread::spawn(move || relay(address, end, make)))
        .collect();
    let answered: usize = relays
        .into_iter()
        .map(|relay| relay.join().expect("a relay"))
        .sum();
    answered as f64 / started.elapsed().as_secs_f64()
}

/// Keeps two bursts in flight until the end and says how many answers came.
fn relay(address: SocketAddr, end: Instant, make: Make) -> usize {
    let mut socket = TcpStream::connect(address).expect("a session");
    socket.set_nodelay(true).expect("no delay");
    let frame = |number| [b"0300".as_slice(), &make(number)].concat();
    let burst: Vec<u8> = (0..BURST).flat_map(frame).collect();
    let mut answers = vec![0; burst.len()];
    socket.write_all(&burst).expect("a burst");
    let mut answered = 0;
    while clock::monotonic() < end {
        socket.write_all(&burst).expect("a burst");
        socket.read_exact(&mut answers).expect("answers");
        answered += BURST;
    }
    socket.read_exact(&mut answers).expect("the last answers");
    let accepted = |answer: &[u8]| &answer[20..22] == b"10" && &answer[55..59] == b"0000";
    assert!(answers.chunks(FRAME).all(accepted), "a refusal");
    answered + BURST
}

fn telegram(kind: Kind, number: usize) -> Composer {
    let profile = Profiles::embedded().get("dozn").expect("the default relay");
    profile
        .compose(kind)
        .text(Field::Institution, US)
        .text(Field::TradeDate, "20260302")
        .text(Field::TradeTime, "100000")
        .text(Field::TraceNo, &format!("{number:014}"))
}

fn line_test(number: usize) -> Bytes {
    telegram(Kind::LineTest, number)
        .finish()
        .expect("a line test")
}

fn deposit(number: usize) -> Bytes {
    telegram(Kind::Deposit, number)
        .number(Field::Bank, 4)
        .text(Field::Occurrence, "B")
        .text(Field::Mode, "S")
        .number(Field::AccountBank, 4)
        .text(Field::AccountNo, "56211024649265")
        .text(Field::DepositorName, "홍길동")
        .number(Field::Amount, 50_000)
        .number(Field::CashAmount, 50_000)
        .finish()
        .expect("a deposit")
}

fn books() -> Store {
    let engine = MemoryEngine::open(&Memory::default(), TABLES).expect("an engine");
    let house = House {
        institution: US.to_owned(),
        banks: BTreeSet::new(),
        hours: Hours::always_open(),
        hold_seconds: 60,
        cancel_day: CancelDay::Original,
        issuing: Issuing::default(),
        plan: Plan::Premium,
        receipts_in_books: true,
    };
    let on_broken = Box::new(|broken: &naru::store::engine::Broken| panic!("{broken}"));
    Store::open(Arc::new(engine), house, Clock::sandbox(0), on_broken).expect("books")
}
