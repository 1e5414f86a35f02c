//! Books in memory with a merchant, its endpoints, and a courier at work.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread::JoinHandle;

use actix::{Actor, System};
use naru::clock::Clock;
use naru::domain::webhook::Attempt;
use naru::domain::{
    AccountImport, AccountKey, AccountKind, AccountNo, AccountTerms, BankCode, BusinessDate, By,
    CancelDay, Command, Correction, Deposit, Dialect, EndpointId, Event, EventId, EventKind, Hours,
    House, LetterId, Limits, Merchant, MerchantId, Mode, Outcome, Payer, RelayKey, Standing,
    WebhookCommand, WebhookEvent, WebhookOutcome, Won,
};
use naru::secrets::Secrets;
use naru::store::engine::Broken;
use naru::store::engine::memory::{Memory, MemoryEngine};
use naru::store::key::StoreKey;
use naru::store::{LetterRow, Receipt, Store, TABLES};
use naru::webhook::{Allowed, CONTEXT, Client, Courier, MallKeys, Sender, Settings, Stop};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

/// The secret of every endpoint here but those of `payaction`.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// The webhook key of every mall here.
pub(crate) const MALL_KEY: &str = "AB12CD34EF56";
const ACCOUNT: &str = "93810012345678";

/// What outlives a restart.
pub(crate) struct Ground {
    memory: Memory,
    secrets: Secrets,
    pub(crate) clock: Clock,
}

/// The books of a merchant with a courier.
pub(crate) struct Shop {
    pub(crate) store: Option<Store>,
    pub(crate) ground: Ground,
    courier: Option<Work>,
}

/// The thread on which the courier works.
struct Work {
    stop: oneshot::Sender<bool>,
    thread: JoinHandle<()>,
}

struct Malls;

impl MallKeys for Malls {
    fn webhook_key(&self, _: &MerchantId) -> Option<Zeroizing<String>> {
        Some(Zeroizing::new(MALL_KEY.to_owned()))
    }
}

impl Shop {
    pub(crate) fn open() -> Shop {
        let ground = Ground {
            memory: Memory::default(),
            secrets: Secrets::new(&StoreKey::random().unwrap()),
            clock: Clock::sandbox(0),
        };
        let shop = Shop::on(ground);
        shop.send(Command::ImportMerchants {
            rows: vec![Merchant {
                id: merchant(),
                name: "나루상점".to_owned(),
                standing: Standing::Open,
            }],
            update: false,
        });
        shop.send(Command::ImportAccounts {
            rows: vec![account()],
            update: false,
        });
        shop
    }

    fn on(ground: Ground) -> Shop {
        let engine = MemoryEngine::open(&ground.memory, TABLES).unwrap();
        let house = House {
            institution: super::US.to_owned(),
            banks: BTreeSet::from([BankCode::new(4).unwrap()]),
            hours: Hours::always_open(),
            hold_seconds: 60,
            cancel_day: CancelDay::Original,
            issuing: naru::domain::Issuing::default(),
            plan: naru::domain::Plan::Premium,
            receipts_in_books: true,
        };
        let on_broken = Box::new(|broken: &Broken| panic!("{broken}"));
        let clock = ground.clock.clone();
        let store = Store::open(Arc::new(engine), house, clock, on_broken).unwrap();
        let mut shop = Shop {
            store: Some(store),
            ground,
            courier: None,
        };
        shop.courier = Some(shop.work());
        shop
    }

    fn work(&self) -> Work {
        let settings = Settings {
            reads: self.store().reads(),
            ledger: self.store().ledger(),
            sender: Sender {
                clock: self.ground.clock.clone(),
                secrets: self.ground.secrets.clone(),
                keys: Arc::new(Malls),
                client: Client::new(Allowed::AlsoLoopback, &[]).unwrap(),
            },
            on_broken: |broken| panic!("{broken}"),
        };
        let position = self.store().position();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let courier = Courier::new(settings, position).start();
                if stopped.await.unwrap_or(false) {
                    courier.send(Stop).await.unwrap();
                }
            });
        });
        Work { stop, thread }
    }

    pub(crate) fn store(&self) -> &Store {
        self.store.as_ref().expect("open books")
    }

    /// The process ends without a word and another one begins on the same disk.
    pub(crate) fn crash_and_restart(mut self) -> Shop {
        self.end(false);
        let ground = Ground {
            memory: self.ground.memory.clone(),
            secrets: self.ground.secrets.clone(),
            clock: self.ground.clock.clone(),
        };
        drop(self);
        Shop::on(ground)
    }

    fn end(&mut self, orderly: bool) {
        if let Some(work) = self.courier.take() {
            let _ = work.stop.send(orderly);
            work.thread.join().unwrap();
        }
        if let Some(store) = self.store.take() {
            store.close().unwrap();
        }
    }

    pub(crate) fn send(&self, command: Command) -> Receipt {
        let receipt = self
            .store()
            .ledger()
            .submit(command)
            .unwrap()
            .wait()
            .unwrap();
        assert!(receipt.verdict.is_ok(), "{:?}", receipt.verdict);
        receipt
    }

    pub(crate) fn endpoint(&self, url: &str, dialect: Dialect, events: &[EventKind]) -> EndpointId {
        let secrets = &self.ground.secrets;
        let context = format!("{CONTEXT}{}", merchant());
        let secret =
            (dialect != Dialect::Payaction).then(|| secrets.wrap(&context, SECRET.as_bytes()));
        let command = WebhookCommand::Add {
            by: By::HOUSE,
            merchant: merchant(),
            url: url.to_owned(),
            dialect,
            events: events.to_vec(),
            secret,
        };
        match self.send(Command::Webhook(Box::new(command))).verdict {
            Ok(Outcome::Webhook(WebhookOutcome::Endpoint(endpoint))) => endpoint.id,
            other => panic!("an endpoint is added, not {other:?}"),
        }
    }

    /// Books a deposit of 19,000 won and says where.
    pub(crate) fn deposit(&self, trace_no: &str) -> u64 {
        self.send(Command::Deposit(Box::new(deposit(trace_no))))
            .position
    }

    /// Undoes it and says where.
    pub(crate) fn correct(&self, trace_no: &str) -> u64 {
        let told = deposit(trace_no);
        let correction = Correction {
            key: told.key.clone(),
            original: told.key,
            account: told.account,
            amount: told.amount,
            mode: Mode::Notice,
            automatic: false,
            raw: Vec::new(),
        };
        self.send(Command::Correction(Box::new(correction)))
            .position
    }

    pub(crate) fn letter(&self, endpoint: EndpointId, position: u64) -> LetterRow {
        let event = EventId { position, index: 0 };
        let letter = LetterId { endpoint, event };
        self.store()
            .reads()
            .letter(letter)
            .unwrap()
            .expect("a letter")
    }

    /// The attempts of a letter as the journal keeps them.
    pub(crate) fn attempts(&self, endpoint: EndpointId, position: u64) -> Vec<Attempt> {
        let record = |position| self.store().reads().record(position).unwrap().unwrap();
        let positions = self.letter(endpoint, position).attempts;
        let events = positions
            .into_iter()
            .flat_map(|position| record(position).events);
        events
            .filter_map(|event| match event {
                Event::Webhook(WebhookEvent::Attempted { attempt, .. }) => Some(attempt),
                _ => None,
            })
            .collect()
    }

    /// Moves the house's clock forward.
    pub(crate) fn jump(&self, seconds: i64) {
        let clock = &self.ground.clock;
        let ahead = clock.now().as_micros() - clock.real_now().as_micros();
        clock.shift(ahead / 1_000_000 + seconds, 1.0).unwrap();
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.end(true);
    }
}

pub(crate) fn merchant() -> MerchantId {
    MerchantId::new("shop").unwrap()
}

fn account_key() -> AccountKey {
    AccountKey {
        bank: BankCode::new(4).unwrap(),
        number: AccountNo::new(ACCOUNT).unwrap(),
    }
}

fn account() -> AccountImport {
    AccountImport {
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
    }
}

fn deposit(trace_no: &str) -> Deposit {
    Deposit {
        key: RelayKey {
            institution: super::US.to_owned(),
            bank: BankCode::new(4).unwrap(),
            trade_date: BusinessDate::parse("20260302").unwrap(),
            trace_no: trace_no.to_owned(),
        },
        account: account_key(),
        amount: Won::new(19_000),
        cheque: Won::ZERO,
        cash: Won::new(19_000),
        payer: Payer {
            bank: None,
            name: "홍길동".to_owned(),
            name_cut: false,
        },
        mode: Mode::Notice,
        medium: None,
        trade_time: Some("101500".to_owned()),
        resent: false,
        send_count: 1,
        raw: Vec::new(),
    }
}
