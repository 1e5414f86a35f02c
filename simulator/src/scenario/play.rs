//! Acting a scenario out: the stage, and the order of its steps.
//!
//! The stage says where the gateway is and what is played otherwise than written. The acting runs
//! on one thread; `steps` does the single steps and `judge` holds what came against what was due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use telegrams::Profiles;

use super::Scenario;
use super::steps::Acting;
use crate::bank::{Bank, Contract};
use crate::house::House;
use crate::places::Places;
use crate::shop::HeadOffice;
use crate::verdict::Verdict;

/// Where a scenario is played, and what is changed for this time.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The gateway's relay listener for each profile, `HOST:PORT`.
    pub relays: BTreeMap<String, String>,
    /// The ops listener by which the house's clock is set; `None` leaves the clock alone.
    pub ops: Option<String>,
    /// The gateway's institution code (기관코드).
    pub institution: String,
    /// Another seed than the scenario's.
    pub seed: Option<u64>,
    /// Another business date than the scenario's; everything relative moves along.
    pub date: Option<Date>,
    /// How long an answer is waited for.
    pub patience: Duration,
    /// The layouts that the relay may speak.
    pub profiles: Profiles,
    /// Who opens the gateway's HTTP for the scenarios in which a shop takes part; `None` skips
    /// them.
    pub office: Option<Arc<HeadOffice>>,
}

impl Stage {
    /// A gateway with a listener of the default profile.
    pub fn new(relay: &str, ops: Option<&str>) -> Self {
        Self {
            relays: BTreeMap::from([("dozn".to_owned(), relay.to_owned())]),
            ops: ops.map(ToOwned::to_owned),
            institution: "30000003".into(),
            seed: None,
            date: None,
            patience: Duration::from_secs(20),
            profiles: Profiles::embedded(),
            office: None,
        }
    }
}

/// Plays a scenario to its end and says what came of it. Blocks; call it outside any runtime.
///
/// `progress` hears of bulk traffic: done, and how many there are.
pub fn play(scenario: &Scenario, stage: &Stage, progress: &mut dyn FnMut(u64, u64)) -> Verdict {
    let began = Instant::now();
    let mut verdict = Verdict::new(&scenario.name);
    if let Err(why) = prepare_and_act(scenario, stage, &mut verdict, progress) {
        verdict.differs(why);
    }
    verdict.took = began.elapsed();
    verdict
}

fn prepare_and_act(
    scenario: &Scenario,
    stage: &Stage,
    verdict: &mut Verdict,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), String> {
    let name = &scenario.profile;
    let Some(relay) = stage.relays.get(name) else {
        verdict.skipped = Some(format!("no listener of the profile {name} was named"));
        return Ok(());
    };
    if scenario.has_shop() && stage.office.is_none() {
        verdict.skipped = Some("no HTTP listener of the gateway was named".to_owned());
        return Ok(());
    }
    let profile = stage.profiles.get(name);
    let profile = profile.ok_or_else(|| format!("there is no layout of the name {name}"))?;
    let date = stage.date.unwrap_or(scenario.date);
    let mut house = House::new(stage.ops.as_deref());
    house
        .wait_until_ready(Duration::from_secs(20))
        .map_err(|error| error.to_string())?;
    if house.can_be_set() {
        let hour = date.to_datetime(scenario.time);
        house.set(hour, 1.0).map_err(|error| error.to_string())?;
    }
    let contract = Contract {
        relay: relay.clone(),
        institution: stage.institution.clone(),
        patience: stage.patience,
        block: scenario.block,
        date,
    };
    let bank = Bank::new(contract, Places::of(&profile), house);
    let seed = stage.seed.unwrap_or(scenario.seed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    let mut acting = Acting::new(scenario, &bank, date, seed, verdict, progress);
    tokio::task::LocalSet::new().block_on(&runtime, acting.all_steps(stage.office.clone()))
}
