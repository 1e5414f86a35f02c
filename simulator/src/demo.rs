//! One busy day of the bank, for the demo: what it believes beside what it was answered; and an
//! hour of a shop.

mod shop_day;

use std::time::Duration;

use jiff::civil::{Date, Time, time};
use telegrams::Profiles;
use tokio_util::sync::CancellationToken;

use crate::bank::{Bank, Contract, Heard};
use crate::book::Totals;
use crate::day::{Day, DayPlan};
use crate::house::House;
use crate::places::Places;
use crate::scenario::{Scenario, ScriptError};
use crate::verdict::Verdict;

pub use shop_day::{ShopDay, ShopReport, shop_day};

/// The scenario whose accounts the day pays into.
const ACCOUNTS_OF: &str = "plain_day";

/// The block of the day's numbers; no scenario uses it.
const BLOCK: u8 = 90;

/// A day of the bank, and where.
#[derive(Clone, Debug)]
pub struct BankDay {
    /// The gateway's relay listener of the default profile, `HOST:PORT`.
    pub relay: String,
    /// Its ops listener; `None` leaves the house's clock alone.
    pub ops: Option<String>,
    /// The gateway's institution code (기관코드).
    pub institution: String,
    /// The business date (거래일자).
    pub date: Date,
    /// The hours through which the house's clock is led.
    pub hours: (Time, Time),
    /// What the day is drawn from.
    pub seed: u64,
    /// How many deposits.
    pub deposits: u64,
    /// Over how many sessions.
    pub sessions: u8,
    /// Ends the day early, and with a difference that says so, once it is cancelled.
    pub stop: CancellationToken,
}

impl BankDay {
    /// Ten thousand deposits from eight in the morning to ten at night over four sessions.
    pub fn new(relay: &str, ops: Option<&str>, date: Date) -> Self {
        Self {
            relay: relay.to_owned(),
            ops: ops.map(ToOwned::to_owned),
            institution: "30000003".into(),
            date,
            hours: (time(8, 0, 0, 0), time(22, 0, 0, 0)),
            seed: 1,
            deposits: 10_000,
            sessions: 4,
            stop: CancellationToken::new(),
        }
    }
}

/// One bank's figures in the evening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BankFigures {
    /// The bank (은행코드).
    pub bank: u16,
    /// What the bank has in its own book.
    pub believed: Totals,
    /// What the gateway answered to its aggregate (집계); `None` when it did not.
    pub answered: Option<Totals>,
}

/// What the day came to.
#[derive(Clone, Debug)]
pub struct DayReport {
    /// Figures by bank, in the order of their codes.
    pub banks: Vec<BankFigures>,
    /// The longest that a pre-deposit check (입금사전조회) waited for its answer.
    pub slowest_check: Duration,
    /// Telegrams that were told again because no answer had been heard.
    pub resends: u64,
    /// The verdict, with telegrams, checks and every difference in words.
    pub verdict: Verdict,
}

impl DayReport {
    /// The sum over all banks of what the bank believes.
    pub fn believed(&self) -> Totals {
        let mut sum = Totals::default();
        for figures in &self.banks {
            sum.deposits += figures.believed.deposits;
            sum.deposit_amount += figures.believed.deposit_amount;
            sum.corrections += figures.believed.corrections;
            sum.correction_amount += figures.believed.correction_amount;
        }
        sum
    }
}

/// Plays a bank's day with small mishaps (telegrams told twice, answers and sessions lost) and
/// asks for the figures in the evening. Blocks; call it on a thread of its own.
///
/// The accounts of [`crate::accounts::write`] must have been imported. `progress` hears how many
/// deposits are done, and of how many.
pub fn bank_day(
    day: &BankDay,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<DayReport, ScriptError> {
    let began = std::time::Instant::now();
    let plan = plan(day)?;
    let mut report = DayReport {
        banks: Vec::new(),
        slowest_check: Duration::ZERO,
        resends: 0,
        verdict: Verdict::new("bank_day"),
    };
    if let Err(why) = act(day, &plan, &mut report, progress) {
        report.verdict.differs(why);
    }
    report.verdict.took = began.elapsed();
    Ok(report)
}

fn plan(day: &BankDay) -> Result<DayPlan, ScriptError> {
    let accounts = Scenario::find(ACCOUNTS_OF)?.accounts().cloned().collect();
    let mut plan = DayPlan::usual(day.deposits, accounts);
    plan.hours = Some(day.hours);
    plan.slices = 14;
    plan.sessions = day.sessions.max(1);
    plan.repeated = 0.01;
    plan.lost_answers = 0.01;
    plan.lost_sessions = 0.000_5;
    Ok(plan)
}

fn act(
    day: &BankDay,
    plan: &DayPlan,
    report: &mut DayReport,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), String> {
    let profile = Profiles::embedded()
        .get("dozn")
        .ok_or("there is no layout of the name dozn")?;
    let house = House::new(day.ops.as_deref());
    house
        .wait_until_ready(Duration::from_secs(20))
        .map_err(|error| error.to_string())?;
    let contract = Contract {
        relay: day.relay.clone(),
        institution: day.institution.clone(),
        patience: Duration::from_secs(20),
        block: BLOCK,
        date: day.date,
    };
    let bank = Bank::new(contract, Places::of(&profile), house);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    let played = tokio::task::LocalSet::new().block_on(&runtime, async {
        let traffic = Day {
            bank: &bank,
            plan,
            date: day.date,
            seed: day.seed,
        };
        let whole_day = async {
            traffic.play(&mut report.verdict, progress).await?;
            evening(&bank, day, report).await
        };
        tokio::select! {
            played = whole_day => played,
            () = day.stop.cancelled() => Err("the day was stopped before its end".into()),
        }
    });
    let tally = bank.tally.get();
    report.verdict.telegrams = tally.telegrams;
    report.slowest_check = tally.slowest_check;
    report.resends = tally.resends;
    played
}

/// Each bank asks for its figures.
async fn evening(bank: &Bank, day: &BankDay, report: &mut DayReport) -> Result<(), String> {
    let banks = bank.book.borrow().banks(day.date);
    for code in banks {
        let believed = bank.book.borrow().totals(day.date, Some(code));
        let draft = bank.aggregate(day.date, code, believed)?;
        let answered = match bank.ask(1, &draft).await {
            Heard::Answer(answer) if bank.places.code(draft.kind, &answer) == "0000" => {
                bank.answered_totals(&answer)
            }
            _ => None,
        };
        match answered {
            Some(answered) if answered == believed => report.verdict.met(),
            Some(answered) => report.verdict.differs(format!(
                "bank {code:03}: the gateway has {answered}; the bank's own book has {believed}"
            )),
            None => report
                .verdict
                .differs(format!("bank {code:03}: no figures were answered")),
        }
        report.banks.push(BankFigures {
            bank: code,
            believed,
            answered,
        });
    }
    let all = bank.take_strays().len();
    if all > 0 {
        report
            .verdict
            .differs(format!("{all} answers to nothing that was asked"));
    }
    Ok(())
}
