//! One busy hour of a shop, for the demo: orders placed, paid, matched, and told by webhook.
//!
//! Most customers pay what they ordered under the name they gave. Some pay under another name, some
//! too little, some never; some pay twice. What the shop believes at the end comes from what it
//! did itself, from the orders' standing and from its own receivers.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use jiff::civil::Date;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use telegrams::{Kind, Profiles};
use tokio_util::sync::CancellationToken;

use crate::bank::{Bank, Contract, Heard};
use crate::book::Movement;
use crate::draft::{Wording, compose};
use crate::house::House;
use crate::merchant::{Dialect, Ledger, Receiver, ReceiverReport};
use crate::places::Places;
use crate::scenario::Mode;
use crate::shop::{HeadOffice, Keys, Shop, ShopError};
use crate::verdict::Verdict;

/// The block of the hour's numbers; no scenario uses it.
const BLOCK: u8 = 91;

/// How long the last webhooks are waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The bank of the shop's account.
const ACCOUNT_BANK: &str = "004";

/// The dialects of its receivers, and what each is told.
const RECEIVERS: [(Dialect, &str); 3] = [
    (Dialect::Payaction, "deposit.matched"),
    (Dialect::EzpgB, "deposit.received"),
    (Dialect::Standard, "deposit.matched"),
];

/// An hour of a shop, and where.
#[derive(Clone, Debug)]
pub struct ShopDay {
    /// The gateway's HTTP listener.
    pub http: String,
    /// Its relay listener of the default profile.
    pub relay: String,
    /// The gateway's institution code (기관코드).
    pub institution: String,
    /// A user of head office who has not logged in yet, and the password.
    pub office: (String, String),
    /// The business date (거래일자).
    pub date: Date,
    /// How many orders.
    pub orders: u64,
    /// What the customers are drawn from.
    pub seed: u64,
    /// Ends the hour early: what was placed until then is not settled.
    pub stop: CancellationToken,
}

/// What the hour came to.
#[derive(Clone, Debug)]
pub struct ShopReport {
    /// Orders that were placed.
    pub placed: u64,
    /// Deposits that the bank told, and that were taken.
    pub deposits: u64,
    /// Orders that stand as matched.
    pub matched: u64,
    /// Orders that still wait.
    pub waiting: u64,
    /// What each receiver got.
    pub receivers: Vec<ReceiverReport>,
    /// The verdict, with every difference in words.
    pub verdict: Verdict,
}

/// What a customer does about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Customer {
    Pays,
    PaysTwice,
    OtherName,
    TooLittle,
    Never,
}

impl Customer {
    fn drawn(lots: &mut StdRng) -> Self {
        match lots.random_range(0..100) {
            0..3 => Self::PaysTwice,
            3..8 => Self::OtherName,
            8..12 => Self::TooLittle,
            12..20 => Self::Never,
            _ => Self::Pays,
        }
    }

    fn meets(self) -> bool {
        matches!(self, Self::Pays | Self::PaysTwice)
    }
}

/// One order and its customer.
struct Sale {
    number: String,
    amount: u64,
    name: String,
    customer: Customer,
}

/// Plays an hour of a shop that is registered for it. Blocks; call it on a thread of its own.
///
/// `progress` hears how many orders are settled, and of how many.
pub fn shop_day(
    day: &ShopDay,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<ShopReport, ShopError> {
    let began = std::time::Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| fault("make a runtime", &error))?;
    let work = play(day, progress);
    let mut report = tokio::task::LocalSet::new().block_on(&runtime, work)?;
    report.verdict.took = began.elapsed();
    Ok(report)
}

fn fault(what: &str, error: &dyn std::fmt::Display) -> ShopError {
    ShopError::Said {
        what: what.to_owned(),
        said: error.to_string(),
    }
}

async fn play(day: &ShopDay, progress: &mut dyn FnMut(u64, u64)) -> Result<ShopReport, ShopError> {
    let (user, password) = &day.office;
    let office = HeadOffice::new(&day.http, Keys::new(user, password))?;
    let credential = office.register("나루상점").await?;
    let merchant = credential.merchant.clone();
    let shop = Shop::new(office.address(), credential)?;
    let account = office.issue(&merchant, "matching", ACCOUNT_BANK).await?;
    let receivers = receivers(&office, &shop).await?;
    let bank = bank(day)?;
    let sales = sales(day);
    let mut report = ShopReport {
        placed: 0,
        deposits: 0,
        matched: 0,
        waiting: 0,
        receivers: Vec::new(),
        verdict: Verdict::new("shop_day"),
    };
    for (done, sale) in (1..).zip(&sales) {
        if day.stop.is_cancelled() {
            return Ok(report);
        }
        place(&shop, sale, &bank, &mut report).await?;
        for (name, amount) in payments(sale) {
            pay(&bank, &account, &name, amount, &mut report).await?;
        }
        progress(done, day.orders);
    }
    for sale in &sales {
        settle(&shop, sale, &mut report).await?;
    }
    tell(&receivers, &sales, &mut report);
    report.verdict.telegrams = bank.tally.get().telegrams;
    Ok(report)
}

async fn receivers(office: &HeadOffice, shop: &Shop) -> Result<Vec<Receiver>, ShopError> {
    let mut receivers = Vec::new();
    for (dialect, event) in RECEIVERS {
        let started: io::Result<Receiver> = Receiver::start("127.0.0.1:0", dialect);
        let receiver = started.map_err(|error| fault("start a receiver", &error))?;
        let url = receiver.url();
        let events = [event.to_owned()];
        let merchant = &shop.credential().merchant;
        let (_, secret) = office.endpoint(merchant, &url, dialect, &events).await?;
        receiver.knows(shop.credential().recognises(secret));
        receivers.push(receiver);
    }
    Ok(receivers)
}

fn bank(day: &ShopDay) -> Result<Bank, ShopError> {
    let profile = Profiles::embedded().get("dozn");
    let profile = profile.ok_or_else(|| fault("speak", &"there is no such layout"))?;
    let contract = Contract {
        relay: day.relay.clone(),
        institution: day.institution.clone(),
        patience: Duration::from_secs(20),
        block: BLOCK,
        date: day.date,
    };
    Ok(Bank::new(contract, Places::of(&profile), House::new(None)))
}

const FAMILIES: [&str; 8] = ["김", "이", "박", "최", "정", "강", "조", "윤"];
const GIVEN: [&str; 8] = [
    "민준", "서연", "도윤", "지우", "하은", "준호", "수빈", "예린",
];

fn sales(day: &ShopDay) -> Vec<Sale> {
    let mut lots = StdRng::seed_from_u64(day.seed);
    let one = |at: u64| {
        let mut of = |names: &[&str]| names[lots.random_range(0..names.len())].to_owned();
        let name = of(&FAMILIES) + &of(&GIVEN);
        Sale {
            number: format!("DEMO-{at:05}"),
            // Every amount is another, so that no two orders can be taken for each other.
            amount: 10_000 + at * 10,
            name,
            customer: Customer::drawn(&mut lots),
        }
    };
    (1..=day.orders).map(one).collect()
}

async fn place(
    shop: &Shop,
    sale: &Sale,
    bank: &Bank,
    report: &mut ShopReport,
) -> Result<(), ShopError> {
    let order = json!({
        "order_number": sale.number, "order_amount": sale.amount,
        // The house's clock may be shifted; the order is as old as the day.
        "order_date": format!("{}T00:00:00+09:00", bank.contract.date),
        "billing_name": sale.name, "orderer_name": sale.name,
    });
    match shop.order(&order).await?.as_str() {
        "" => {
            report.placed += 1;
            report.verdict.met();
        }
        words => report
            .verdict
            .differs(format!("order {}: «{words}»", sale.number)),
    }
    Ok(())
}

/// The deposits that follow an order.
fn payments(sale: &Sale) -> Vec<(String, u64)> {
    let right = (sale.name.clone(), sale.amount);
    match sale.customer {
        Customer::Pays => vec![right],
        Customer::PaysTwice => vec![right.clone(), right],
        Customer::OtherName => vec![("배우자".to_owned(), sale.amount)],
        Customer::TooLittle => vec![(sale.name.clone(), sale.amount - 1)],
        Customer::Never => Vec::new(),
    }
}

async fn pay(
    bank: &Bank,
    account: &(u16, String),
    payer: &str,
    amount: u64,
    report: &mut ShopReport,
) -> Result<(), ShopError> {
    let wording = Wording {
        kind: Kind::Deposit,
        institution: &bank.contract.institution,
        number: bank.new_number(account.0, bank.contract.date),
        original: None,
        time: jiff::civil::time(12, 0, 0, 0),
        movement: Some(Movement {
            account_bank: account.0,
            account_no: account.1.clone(),
            amount,
        }),
        payer: Some(payer),
        mode: Mode::Interactive,
        figures: None,
        fields: &[],
    };
    let draft = compose(&bank.places, &wording).map_err(|error| fault("compose", &error))?;
    match bank.ask(1, &draft).await {
        Heard::Answer(answer) if bank.places.code(draft.kind, &answer) == "0000" => {
            report.deposits += 1;
            report.verdict.met();
        }
        other => report
            .verdict
            .differs(format!("a deposit of {amount} won: {other:?}")),
    }
    Ok(())
}

/// Holds an order's standing against what its customer did.
async fn settle(shop: &Shop, sale: &Sale, report: &mut ShopReport) -> Result<(), ShopError> {
    let status = shop.order_status(&sale.number).await?;
    let due = if sale.customer.meets() {
        report.matched += u64::from(status == "매칭완료");
        "매칭완료"
    } else {
        report.waiting += u64::from(status == "매칭대기");
        "매칭대기"
    };
    if status == due {
        report.verdict.met();
    } else {
        let words = format!("order {} is «{status}», due was «{due}»", sale.number);
        report.verdict.differs(words);
    }
    Ok(())
}

/// Holds what the receivers got against what was due: nobody left out, nobody told twice.
fn tell(receivers: &[Receiver], sales: &[Sale], report: &mut ShopReport) {
    let meets = |sale: &&Sale| sale.customer.meets();
    let met: BTreeSet<&str> = sales
        .iter()
        .filter(meets)
        .map(|sale| sale.number.as_str())
        .collect();
    let deposits = usize::try_from(report.deposits).unwrap_or(usize::MAX);
    for receiver in receivers {
        let due = match receiver.dialect() {
            Dialect::EzpgA | Dialect::EzpgB => deposits,
            Dialect::Payaction | Dialect::Standard => met.len(),
        };
        let all = |ledger: &Ledger| (ledger.deliveries().len() >= due).then_some(());
        // What is missing shows in the figures right below.
        let _ = receiver.wait_for(PATIENCE, all);
        let (told, came) = (receiver.report(), receiver.look(orders));
        let name = &told.dialect;
        let verdict = &mut report.verdict;
        if told.deliveries == due {
            verdict.met();
        } else {
            let came = told.deliveries;
            verdict.differs(format!("{name}: {came} webhooks, due were {due}"));
        }
        let strays = came.iter().filter(|order| !met.contains(order.as_str()));
        for stray in strays {
            verdict.differs(format!("{name}: told of {stray}, which nobody has paid"));
        }
        for fault in &told.faults {
            verdict.differs(format!("{name}: {fault}"));
        }
        report.receivers.push(told);
    }
}

/// The orders that a receiver was told of.
fn orders(ledger: &Ledger) -> Vec<String> {
    let place = match ledger.dialect() {
        Dialect::Payaction => "/order_number",
        _ => "/data/orderNumber",
    };
    let order = |told: &crate::merchant::Delivery| {
        let said = told.json();
        Some(said.pointer(place)?.as_str()?.to_owned())
    };
    ledger.deliveries().iter().filter_map(order).collect()
}
