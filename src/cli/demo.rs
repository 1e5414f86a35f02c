//! `naru demo`: a gateway, a simulated bank and a shop, and a whole bank day between them.
//!
//! The only place, besides tests, where the gateway names the simulator. Everything goes over
//! real TCP into a real data folder; what the bank believes is then put beside what the books
//! say, and the books are proved against their journal.

mod stoppable;
mod story;

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use simulator::{BankDay, DayReport, ShopDay, ShopReport};
use tokio_util::sync::CancellationToken;

use self::stoppable::{Ran, unless_stopped};
use super::import::{Kind, import};
use super::serve::{Signals, stop};
use super::{Ending, Failure, Outcome, books, complain, say};
use crate::clock::Clock;
use crate::config::{self, Config, Secret};
use crate::gateway::Gateway;
use crate::network::Ports;
use crate::store::{CheckReport, Overview, Reads, Scratch};
use crate::telemetry;

/// What the operator's environment may say about a demo. Everything else is the demo's own, so
/// that the same day is played in every shell.
const HEEDED: &[&str] = &[
    "relay.listen",
    "http.listen",
    "ops.listen",
    "log.format",
    "log.level",
];

/// The head office's password in the demo's folder, which is gone when the demo ends.
const PASSWORD: &str = "Naru-Demo-2026";

/// Arguments of `naru demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// End when the day is over instead of serving on until Ctrl-C
    #[arg(long)]
    exit: bool,
    /// Deposits of the day
    #[arg(
        long,
        default_value_t = 10_000,
        value_parser = clap::value_parser!(u64).range(10..=1_000_000)
    )]
    deposits: u64,
    /// Orders of the shop's hour that follows
    #[arg(
        long,
        default_value_t = 300,
        value_parser = clap::value_parser!(u64).range(10..=10_000)
    )]
    orders: u64,
    /// What the day is drawn from; the same seed plays the same deposits and corrections
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs `naru demo`: exit code 1 where the bank and the books differ, or the day was cut short.
pub fn run(args: &Args) -> Outcome {
    let place = Place::make()?;
    let config = settled(&place)?;
    let logs = telemetry::logs::install(&config.log)?;
    let metrics = telemetry::install()?;
    actix::System::new().block_on(async {
        let mut signals = Signals::watch()?;
        let (of_import, lists) = (config.clone(), place.file("lists"));
        let import = move |_| bring_accounts(&of_import, &lists);
        match unless_stopped(&mut signals, import).await? {
            Ran::Whole(taken_in) => taken_in?,
            Ran::Stopped | Ran::Cut => return Ok(Ending::Faulty),
        }
        let settings = books::settings(&config, false);
        // A house that is gone after its day has a password that is given.
        let gateway = Gateway::start(&config, &settings, metrics, logs, &mut |_| {})?;
        story::tell_start(&gateway, &config);
        let (mut day, reads) = (bank_day(args, &gateway, &config), gateway.reads());
        let folder = place.0.clone();
        let mut hour = shop_day(args, &gateway, &day);
        let play = move |stop: CancellationToken| {
            (day.stop, hour.stop) = (stop.clone(), stop);
            play(&day, &hour, &reads, &folder)
        };
        let sound = match unless_stopped(&mut signals, play).await? {
            Ran::Whole(played) => story::tell(&played?),
            Ran::Stopped => {
                stop(gateway, &mut signals).await;
                return Ok(Ending::Faulty);
            }
            Ran::Cut => return Ok(Ending::Faulty),
        };
        if !args.exit {
            story::tell_where(&gateway, &config);
            signals.next().await;
        }
        stop(gateway, &mut signals).await;
        Ok(if sound { Ending::Well } else { Ending::Faulty })
    })
}

/// A day that was played, seen from both sides.
#[derive(Debug)]
struct Played {
    /// What the bank believes and was answered.
    day: DayReport,
    /// What the shop believes and was told.
    shop: ShopReport,
    /// What the books said after the bank's day and before the shop's hour.
    books: Overview,
    /// What the proof of the books found.
    check: CheckReport,
}

/// The day as the bank is to play it.
fn bank_day(args: &Args, gateway: &Gateway, config: &Config) -> BankDay {
    let today = Clock::real().now().business_date();
    let date = today.map_or(
        jiff::civil::date(2026, 3, 2),
        crate::domain::BusinessDate::date,
    );
    let relay = gateway.relay_addresses()[0].to_string();
    let ops = format!("http://{}", gateway.ops_address());
    let mut day = BankDay::new(&relay, Some(&ops), date);
    day.institution.clone_from(&config.house.institution);
    day.deposits = args.deposits;
    day.seed = args.seed;
    day
}

/// The shop's hour that follows the bank's day.
fn shop_day(args: &Args, gateway: &Gateway, bank: &BankDay) -> ShopDay {
    ShopDay {
        http: gateway.http_address().to_string(),
        relay: bank.relay.clone(),
        institution: bank.institution.clone(),
        office: ("admin".to_owned(), PASSWORD.to_owned()),
        date: bank.date,
        orders: args.orders,
        seed: args.seed,
        stop: CancellationToken::new(),
    }
}

/// Plays the day and the hour, and looks at the books afterwards. Blocks.
fn play(day: &BankDay, hour: &ShopDay, reads: &Reads, folder: &Path) -> Result<Played, Failure> {
    let stopped = || Failure::new("the day was stopped before its end");
    let progress = bar("deposits");
    let of_bank = simulator::bank_day(day, &mut |done, all| {
        progress.set_length(all);
        progress.set_position(done);
    })?;
    progress.finish_and_clear();
    if day.stop.is_cancelled() {
        return Err(stopped());
    }
    let overview = reads.overview()?;
    let progress = bar("orders");
    let of_shop = simulator::shop_day(hour, &mut |done, all| {
        progress.set_length(all);
        progress.set_position(done);
    })?;
    progress.finish_and_clear();
    if hour.stop.is_cancelled() {
        return Err(stopped());
    }
    let scratch = Scratch::for_books(reads.engine(), folder)?;
    let check = crate::store::check(reads.engine(), scratch.engine(), &mut |_, _| {})?;
    Ok(Played {
        day: of_bank,
        shop: of_shop,
        books: overview,
        check,
    })
}

fn bar(what: &str) -> ProgressBar {
    let shown = format!("{{bar:40}} {{pos}}/{{len}} {what}, {{eta}} left");
    let style =
        ProgressStyle::with_template(&shown).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

/// A folder of our own that is gone when the demo ends.
#[derive(Debug)]
struct Place(PathBuf);

impl Place {
    fn make() -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("naru-demo-{}", std::process::id()));
        std::fs::create_dir(&path)
            .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
        Ok(Place(path))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

/// A thread that was left behind may still make a file while the folder is being emptied.
const REMOVALS: usize = 5;

impl Drop for Place {
    fn drop(&mut self) {
        let remove = || std::fs::remove_dir_all(&self.0);
        let removed = (1..REMOVALS).fold(remove(), |removed, _| removed.or_else(|_| remove()));
        if let Err(error) = removed {
            complain(format_args!(
                "{} could not be removed: {error}",
                self.0.display()
            ));
        }
    }
}

/// The demo's own configuration: all defaults, in a fresh folder and on ports that are free.
/// Variables that say otherwise are told of, not obeyed.
fn settled(place: &Place) -> Result<Config, Failure> {
    let own = config::load_heeding(HEEDED)?;
    for warning in &own.warnings {
        complain(format_args!("{warning}"));
    }
    let mut config = own.config;
    config.data_dir = place.file("data");
    config.ports = Ports::FreeWhereTaken;
    config.admin_password = Some(Secret::new(PASSWORD.to_owned()));
    // The shop's hour is over in seconds: it calls faster than one shop may.
    config.http.rate_per_key = NonZeroU32::MAX;
    config.http.rate_per_address = NonZeroU32::MAX;
    let level = &own.settings["log.level"];
    if level.origin == config::layers::Origin::Default {
        // The day's story is told on the terminal; the log would talk over it. The bank breaks
        // lines on purpose, and the warnings about that are as they should be.
        "error".clone_into(&mut config.log.level);
    }
    config.relay.listen.truncate(1);
    let spoken = &own.settings["relay.profile"].items;
    for (listen, spoken) in config.relay.listen.iter_mut().zip(spoken) {
        if listen.profile != *spoken {
            let other = std::mem::replace(&mut listen.profile, spoken.clone());
            complain(format_args!("the demo's bank speaks {spoken}, not {other}"));
        }
    }
    Ok(config)
}

fn bring_accounts(config: &Config, lists: &Path) -> Result<(), Failure> {
    std::fs::create_dir(lists)?;
    simulator::accounts::write(lists)?;
    take_in(config, &lists.join("merchants.csv"), Kind::Merchants)?;
    take_in(config, &lists.join("accounts.csv"), Kind::Accounts)
}

fn take_in(config: &Config, list: &Path, kind: Kind) -> Result<(), Failure> {
    let summary = import(config, list, kind, false, &ProgressBar::hidden())?;
    if summary.bad > 0 {
        let first = summary.listed.first().map_or("", |(_, why)| why.as_str());
        return Err(Failure::new(format!(
            "{} rows of {} are bad, such as: {first}",
            summary.bad,
            list.display()
        )));
    }
    let rows = summary.added;
    let what = match kind {
        Kind::Merchants => "merchants",
        Kind::Accounts => "virtual accounts",
    };
    say(format_args!("{rows} {what} taken in"));
    Ok(())
}
