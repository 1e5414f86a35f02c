//! Load with webhooks: deposits at a rate, and how long until each receiver has been told.
//!
//! A deposit's time begins when the bank hears its yes, and ends when the head of the webhook's
//! request has been read by the receiver. Receivers only note the time and answer well; what came
//! is read after the load. A dead receiver may stand beside them, to show that nobody minds.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use telegrams::{Kind, Profiles};

use super::calls::{AMOUNT, order_body, payer};
use super::report::{Latency, histogram};
use crate::bank::{Bank, Contract, Heard};
use crate::book::Movement;
use crate::draft::{Wording, compose};
use crate::house::House;
use crate::http::{Answer, Came, Listener};
use crate::merchant::Dialect;
use crate::places::Places;
use crate::scenario::Mode;
use crate::shop::{HeadOffice, Shop, ShopError};

/// How long the last webhooks are waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Orders that are placed at the same time before the load begins.
const ORDERS_AT_ONCE: usize = 32;

/// A receiver that is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dead {
    /// It takes requests and never answers.
    Hangs,
    /// Its port is closed.
    Refuses,
}

/// Deposits at a rate, and who is told of them.
#[derive(Clone, Debug)]
pub struct Webhooks {
    /// The gateway's relay listener.
    pub relay: String,
    /// The gateway's institution code (기관코드).
    pub institution: String,
    /// Deposits a second.
    pub rate: f64,
    /// For so long.
    pub lasts: Duration,
    /// Sessions that share them.
    pub sessions: u8,
    /// Receivers that answer well.
    pub receivers: usize,
    /// Receivers that do not.
    pub dead: Vec<Dead>,
    /// Whether each deposit meets an order that was placed before, and the match is what is told
    /// (in PayAction's dialect); otherwise the deposit itself (in the standard one).
    pub matched: bool,
    /// What names and numbers begin with: another one for each run on the same store.
    pub prefix: u64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct WebhooksReport {
    /// What was done, in words.
    pub what: String,
    /// Deposits that were answered with a yes.
    pub accepted: u64,
    /// Deposits that were not.
    pub refused: u64,
    /// Webhooks that the good receivers should have got.
    pub due: u64,
    /// Webhooks that they got, each counted once.
    pub came: u64,
    /// Attempts beyond the first of each.
    pub repeated: u64,
    /// From the first deposit to the last webhook, in seconds.
    pub seconds: f64,
    /// Webhooks a second.
    pub rate: f64,
    /// From the bank's telling to its yes.
    pub answer: Latency,
    /// From that yes to the webhook on the wire.
    pub told: Latency,
}

type Noted = Arc<Mutex<Vec<(Instant, Bytes)>>>;

/// Good receivers with what they noted, and bad ones.
struct Receivers {
    good: Vec<(Listener, Noted)>,
    _bad: Vec<Listener>,
}

/// Sets everything up with a merchant of its own, makes the load and reports. Must be used within
/// a `LocalSet`.
pub async fn webhooks(office: &HeadOffice, load: &Webhooks) -> Result<WebhooksReport, ShopError> {
    let credential = office.register("부하시험").await?;
    let shop = Shop::new(office.address(), credential)?;
    let kind = if load.matched { "matching" } else { "fixed" };
    let account = office
        .issue(&shop.credential().merchant, kind, "004")
        .await?;
    let receivers = Receivers::start(load, office, &shop).await?;
    let count = count(load);
    if load.matched {
        place_orders(&shop, load.prefix, count).await?;
    }
    let began = Instant::now();
    let accepted = deposits(load, &account, count, began).await?;
    let due = accepted.len() as u64 * load.receivers as u64;
    receivers.wait(due).await;
    Ok(report(load, &receivers, &accepted, count, began))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn count(load: &Webhooks) -> u64 {
    // The cast of a positive float saturates.
    (load.rate * load.lasts.as_secs_f64()).ceil() as u64
}

fn broken(what: &str, error: &dyn fmt::Display) -> ShopError {
    ShopError::Said {
        what: what.to_owned(),
        said: error.to_string(),
    }
}

impl Receivers {
    async fn start(load: &Webhooks, office: &HeadOffice, shop: &Shop) -> Result<Self, ShopError> {
        let (dialect, event) = if load.matched {
            (Dialect::Payaction, "deposit.matched")
        } else {
            (Dialect::Standard, "deposit.received")
        };
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        let mut urls = Vec::new();
        for _ in 0..load.receivers {
            let noted = Noted::default();
            let pad = Arc::clone(&noted);
            let listener = listener(move |came| {
                let mut pad = pad.lock().unwrap_or_else(PoisonError::into_inner);
                pad.push((came.at, came.body));
                yes()
            })?;
            urls.push(format!("http://{}/webhook", listener.address()));
            good.push((listener, noted));
        }
        for dead in &load.dead {
            let listener = listener(|_| Answer::Hang)?;
            if *dead == Dead::Refuses {
                listener.down();
            }
            urls.push(format!("http://{}/webhook", listener.address()));
            bad.push(listener);
        }
        for url in urls {
            let merchant = &shop.credential().merchant;
            let events = [event.to_owned()];
            office.endpoint(merchant, &url, dialect, &events).await?;
        }
        Ok(Self { good, _bad: bad })
    }

    /// Waits until they have got so many together, or no more come.
    async fn wait(&self, due: u64) {
        let give_up = Instant::now() + PATIENCE;
        while self.came() < due && Instant::now() < give_up {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How many different ones have come; what is told twice has come once.
    fn came(&self) -> u64 {
        let noted = self.good.iter().map(|(_, noted)| {
            let noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            let different: std::collections::BTreeSet<_> =
                noted.iter().map(|(_, body)| body).collect();
            different.len() as u64
        });
        noted.sum()
    }
}

fn listener(
    handler: impl Fn(Came) -> Answer + Send + Sync + 'static,
) -> Result<Listener, ShopError> {
    let listener = Listener::start("127.0.0.1:0", handler);
    listener.map_err(|error| broken("start a receiver", &error))
}

fn yes() -> Answer {
    Answer::Say {
        after: Duration::ZERO,
        status: 200,
        headers: vec![("content-type", "application/json".to_owned())],
        body: Bytes::from_static(b"{\"status\":\"success\"}"),
    }
}

async fn place_orders(shop: &Shop, prefix: u64, count: u64) -> Result<(), ShopError> {
    use futures_util::{StreamExt as _, TryStreamExt as _, stream};
    let house = House::new(None);
    let orders = (0..count).map(|number| {
        let order = order_body(&house, prefix, number);
        async move {
            match shop.order(&order).await?.as_str() {
                "" => Ok(()),
                words => Err(broken("place an order", &words)),
            }
        }
    });
    stream::iter(orders)
        .buffer_unordered(ORDERS_AT_ONCE)
        .try_collect()
        .await
}

/// When each accepted deposit was told, and when its yes was heard, by its number.
type Accepted = HashMap<u64, (Instant, Instant)>;

async fn deposits(
    load: &Webhooks,
    account: &(u16, String),
    count: u64,
    began: Instant,
) -> Result<Accepted, ShopError> {
    let bank = Rc::new(bank(load)?);
    let accepted = Rc::new(RefCell::new(Accepted::new()));
    let mut tasks = Vec::new();
    for number in 0..count {
        let due = began + Duration::from_secs_f64(number as f64 / load.rate.max(1e-3));
        tokio::time::sleep_until(due.into()).await;
        let (bank, accepted) = (Rc::clone(&bank), Rc::clone(&accepted));
        let (load, account) = (load.clone(), account.clone());
        tasks.push(tokio::task::spawn_local(async move {
            let Ok(draft) = draft(&bank, &load, &account, number) else {
                return;
            };
            let session = u8::try_from(number % u64::from(load.sessions.max(1))).unwrap_or(0) + 1;
            let told = Instant::now();
            if let Heard::Answer(answer) = bank.ask(session, &draft).await
                && bank.places.code(draft.kind, &answer) == "0000"
            {
                accepted.borrow_mut().insert(number, (told, Instant::now()));
            }
        }));
    }
    for task in tasks {
        // A task that ended otherwise has not noted its deposit, which the report shows.
        let _ = task.await;
    }
    Ok(accepted.take())
}

fn bank(load: &Webhooks) -> Result<Bank, ShopError> {
    let profile = Profiles::embedded().get("dozn");
    let profile = profile.ok_or_else(|| broken("speak", &"there is no such layout"))?;
    let house = House::new(None);
    let contract = Contract {
        relay: load.relay.clone(),
        institution: load.institution.clone(),
        patience: Duration::from_secs(20),
        block: u8::try_from(load.prefix % 100).unwrap_or(0),
        date: house.now().date(),
    };
    Ok(Bank::new(contract, Places::of(&profile), house))
}

fn draft(
    bank: &Bank,
    load: &Webhooks,
    account: &(u16, String),
    number: u64,
) -> Result<crate::draft::Draft, String> {
    let mut key = bank.new_number(account.0, bank.contract.date);
    // The date of the contract and the block would meet an earlier run's; the prefix does not.
    let width = key.trace_no.len();
    key.trace_no = format!(
        "{:0>width$}",
        format!("{}{number:06}", load.prefix % 100_000_000)
    );
    let payer = payer(load.prefix, number);
    let wording = Wording {
        kind: Kind::Deposit,
        institution: &load.institution,
        number: key,
        original: None,
        time: bank.time(),
        movement: Some(Movement {
            account_bank: account.0,
            account_no: account.1.clone(),
            amount: AMOUNT,
        }),
        payer: Some(&payer),
        mode: Mode::Interactive,
        figures: None,
        fields: &[],
    };
    compose(&bank.places, &wording).map_err(|error| error.to_string())
}

/// The number of the deposit that a webhook tells of.
fn number_of(body: &[u8]) -> Option<u64> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let name = said.pointer("/data/depositorName").and_then(Value::as_str);
    match name {
        Some(name) => name.rsplit_once('N')?.1.parse().ok(),
        None => said["order_number"]
            .as_str()?
            .rsplit_once('-')?
            .1
            .parse()
            .ok(),
    }
}

fn report(
    load: &Webhooks,
    receivers: &Receivers,
    accepted: &Accepted,
    count: u64,
    began: Instant,
) -> WebhooksReport {
    let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let (mut answer, mut told) = (histogram(), histogram());
    for (asked, heard) in accepted.values() {
        answer.saturating_record(nanos(heard.duration_since(*asked)));
    }
    let (mut came, mut repeated, mut last) = (0, 0, began);
    for (_, noted) in &receivers.good {
        let noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut first: HashMap<u64, Instant> = HashMap::new();
        for (at, body) in noted.iter() {
            let Some(number) = number_of(body) else {
                continue;
            };
            repeated += u64::from(first.insert(number, *at).is_some());
        }
        for (number, at) in first {
            last = last.max(at);
            if let Some((_, heard)) = accepted.get(&number) {
                came += 1;
                told.saturating_record(nanos(at.saturating_duration_since(*heard)));
            }
        }
    }
    let seconds = last.duration_since(began).as_secs_f64();
    WebhooksReport {
        what: format!(
            "{} deposits a second, {} receivers, {} dead",
            load.rate,
            load.receivers,
            load.dead.len()
        ),
        accepted: accepted.len() as u64,
        refused: count - accepted.len() as u64,
        due: accepted.len() as u64 * load.receivers as u64,
        came,
        repeated,
        seconds,
        rate: came as f64 / seconds.max(1e-9),
        answer: Latency::of(&answer),
        told: Latency::of(&told),
    }
}

impl WebhooksReport {
    /// Whether every deposit was accepted and every good receiver was told of it.
    pub fn is_whole(&self) -> bool {
        self.refused == 0 && self.came == self.due && self.due > 0
    }

    /// The figures as one JSON object.
    pub fn json(&self) -> Value {
        json!({
            "what": self.what, "accepted": self.accepted, "refused": self.refused,
            "due": self.due, "came": self.came, "repeated": self.repeated,
            "seconds": self.seconds, "rate": self.rate,
            "answer_us": self.answer.json(), "told_us": self.told.json(),
        })
    }
}

impl fmt::Display for WebhooksReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            accepted,
            refused,
            due,
            came,
            repeated,
            seconds,
            rate,
            ..
        } = self;
        writeln!(out, "{what}")?;
        writeln!(out, "  {accepted} deposits accepted, {refused} not")?;
        writeln!(
            out,
            "  {came} of {due} webhooks in {seconds:.2} s: {rate:.0} a second, {repeated} repeated"
        )?;
        writeln!(out, "  yes to the deposit   {}", self.answer)?;
        write!(out, "  then to the webhook  {}", self.told)
    }
}
