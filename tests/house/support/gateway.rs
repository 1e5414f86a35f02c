//! A gateway under test: books in memory, lines on a free port, its own metrics.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix::System;
use naru::bank::{self, Lines, Listener, Settings};
use naru::clock::Clock;
use naru::domain::{
    AccountImport, AccountKey, AccountKind, AccountNo, AccountTerms, BankCode, BusinessDate,
    CancelDay, Command, Hours, House, Issuing, Limits, Merchant, MerchantId, Plan, Standing,
    Totals, Won,
};
use naru::store::engine::memory::{Memory, MemoryEngine};
use naru::store::{DayKey, Job, Ledger, Reads, Store, TABLES};
use telegrams::Profiles;
use tokio::sync::mpsc;

use super::gate::{Gate, GatedEngine};
use super::{FIXED, FIXED_TOO, ONE_TIME, Relay, US, log};

/// What a test may change before the gateway starts.
pub(crate) struct Setup {
    pub(crate) settings: Settings,
    /// The commands go to the test instead of the writer.
    pub(crate) test_is_writer: bool,
    /// How many commands may wait for that test.
    pub(crate) queue: usize,
}

/// A gateway at work. One at a time on a thread: a second actix system would take the place of
/// the first, whose threads could then not end.
pub(crate) struct Gateway {
    system: actix::SystemRunner,
    lines: Option<Lines>,
    recorder: metrics_exporter_prometheus::PrometheusHandle,
    pub(crate) address: SocketAddr,
    _store: Store,
    pub(crate) reads: Reads,
    pub(crate) committed: Gate,
    pub(crate) reading: Gate,
    /// The commands, where the test is the writer.
    pub(crate) jobs: mpsc::Receiver<Job>,
}

impl Gateway {
    pub(crate) fn start() -> Gateway {
        Gateway::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Setup)) -> Gateway {
        log::keep();
        let profile = Profiles::embedded().get("dozn").unwrap();
        let address = "127.0.0.1:0".parse().unwrap();
        let mut settings = Settings::new(US, vec![Listener { address, profile }]);
        settings.banks = banks();
        let mut setup = Setup {
            settings,
            test_is_writer: false,
            queue: 64,
        };
        change(&mut setup);
        let (committed, reading) = (Gate::default(), Gate::default());
        let store = books(committed.clone(), reading.clone());
        let (ledger, jobs) = Ledger::channel(setup.queue);
        let ledger = if setup.test_is_writer {
            ledger
        } else {
            store.ledger()
        };
        let recorder = naru::telemetry::recorder().unwrap();
        let system = System::new();
        let start = async {
            bank::start(setup.settings, ledger, store.reads(), Clock::sandbox(0)).unwrap()
        };
        let lines = metrics::with_local_recorder(&recorder, || system.block_on(start));
        Gateway {
            address: lines.addresses()[0],
            system,
            lines: Some(lines),
            recorder: recorder.handle(),
            reads: store.reads(),
            _store: store,
            committed,
            reading,
            jobs,
        }
    }

    pub(crate) fn call(&self) -> Relay {
        Relay::call(self.address)
    }

    /// A session on another line than the first.
    pub(crate) fn call_line(&self, line: usize) -> Relay {
        Relay::call(self.lines.as_ref().expect("open lines").addresses()[line])
    }

    /// The value of a metric, as its name and labels stand in the exposition; 0 if absent.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let text = self.recorder.render();
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.map_or(0.0, |value| value.parse().unwrap())
    }

    /// Waits until a metric has a value.
    pub(crate) fn metric_becomes(&self, name: &str, value: f64) {
        eventually(&format!("{name} is {value}"), || {
            (self.metric(name) - value).abs() < 0.5
        });
    }

    /// What the books counted for a bank on the day of the tests.
    pub(crate) fn totals(&self, code: u16) -> Totals {
        let day = BusinessDate::parse(super::DAY).unwrap();
        let bank = BankCode::new(code).unwrap();
        let institution = US.to_owned();
        self.reads
            .totals(&DayKey {
                institution,
                day,
                bank,
            })
            .unwrap()
    }

    /// How many holds live.
    pub(crate) fn holds(&self) -> usize {
        self.reads.overview().unwrap().holds.len()
    }

    /// The next command, where the test is the writer.
    pub(crate) fn job(&mut self) -> Job {
        let mut job = None;
        eventually("a command comes", || {
            job = job.take().or_else(|| self.jobs.try_recv().ok());
            job.is_some()
        });
        job.expect("a command")
    }

    /// The orderly end of the lines.
    pub(crate) fn stop(&mut self) {
        let lines = self.lines.take().expect("lines that are still open");
        self.system.block_on(lines.stop());
    }

    /// The orderly end, with something else going on meanwhile.
    pub(crate) fn stop_while(&mut self, meanwhile: impl FnOnce() + Send) {
        let lines = self.lines.take().expect("lines that are still open");
        std::thread::scope(|scope| {
            let other = scope.spawn(meanwhile);
            self.system.block_on(lines.stop());
            other.join().unwrap();
        });
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // A test that fails must not wait for what it held back.
        self.committed.open();
        self.reading.open();
        if let Some(lines) = self.lines.take() {
            // Nobody carries commands out any more, so nothing can be waited for.
            let (_, gone) = mpsc::channel(1);
            self.jobs = gone;
            self.system.block_on(lines.stop());
        }
    }
}

/// Waits until something becomes true that must become true.
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..15_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("it never came true that {what}");
}

fn banks() -> BTreeSet<BankCode> {
    [4, 88].into_iter().filter_map(BankCode::new).collect()
}

/// Books in memory with one merchant and its accounts.
fn books(committed: Gate, reading: Gate) -> Store {
    let engine = GatedEngine {
        engine: MemoryEngine::open(&Memory::default(), TABLES).unwrap(),
        committed,
        reading,
    };
    let house = House {
        institution: US.to_owned(),
        banks: banks(),
        hours: Hours::always_open(),
        hold_seconds: 3_600,
        cancel_day: CancelDay::Original,
        issuing: Issuing::default(),
        plan: Plan::Premium,
        receipts_in_books: true,
    };
    let on_broken = Box::new(|broken: &naru::store::engine::Broken| panic!("{broken}"));
    let store = Store::open(Arc::new(engine), house, Clock::sandbox(0), on_broken).unwrap();
    let merchant = Merchant {
        id: MerchantId::new("shop").unwrap(),
        name: "나루상점".to_owned(),
        standing: Standing::Open,
    };
    let merchants = Command::ImportMerchants {
        rows: vec![merchant],
        update: false,
    };
    let accounts = Command::ImportAccounts {
        rows: vec![
            account(FIXED, AccountKind::Fixed),
            account(FIXED_TOO, AccountKind::Fixed),
            account(ONE_TIME, AccountKind::OneTime),
        ],
        update: false,
    };
    for command in [merchants, accounts] {
        store
            .ledger()
            .submit_blocking(command)
            .unwrap()
            .wait()
            .unwrap();
    }
    store
}

fn account(number: &str, kind: AccountKind) -> AccountImport {
    AccountImport {
        key: AccountKey {
            bank: BankCode::new(4).unwrap(),
            number: AccountNo::new(number).unwrap(),
        },
        terms: AccountTerms {
            merchant: MerchantId::new("shop").unwrap(),
            kind,
            amount: Won::ZERO,
            tolerance: Won::ZERO,
            expires_at: None,
            holder_name: None,
            depositor_name: None,
            limits: Limits::default(),
        },
        standing: None,
    }
}
