//! `naru demo`: a gateway and a simulated bank, and a whole bank day between them.
//!
//! The only place, besides tests, where the gateway names the simulator. Everything goes over
//! real TCP into a real data folder; what the bank believes is then put beside what the books
//! say, and the books are proved against their journal.

mod story;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use simulator::{BankDay, DayReport};

use super::import::{Kind, import};
use super::serve::{Signals, stop};
use super::{Ending, Failure, Outcome, books, complain, say};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::gateway::Gateway;
use crate::store::{CheckReport, Mode, Overview, Scratch};
use crate::telemetry;

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
    /// What the day is drawn from; the same seed plays the same day
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs `naru demo`: exit code 1 where the bank and the books differ.
pub fn run(args: &Args) -> Outcome {
    let place = Place::make()?;
    let mut config = config::load(None)?.config;
    settle(&mut config, &place);
    let logs = telemetry::logs::install(&config.log)?;
    let metrics = telemetry::install()?;
    bring_accounts(&config, &place)?;
    actix::System::new().block_on(async {
        let mut signals = Signals::watch()?;
        let settings = books::settings(&config, false);
        let gateway = Gateway::start(&config, &settings, metrics, logs)?;
        story::tell_start(&gateway, &config);
        let played = tokio::select! {
            played = play(args, &gateway) => played?,
            name = signals.next() => {
                complain(format_args!("stopped by {name} before the day was over"));
                stop(gateway, &mut signals).await;
                return Ok(Ending::Faulty);
            }
        };
        let sound = story::tell(&played);
        if args.exit {
            stop(gateway, &mut signals).await;
        } else {
            story::tell_where(&gateway, &config);
            signals.next().await;
            stop(gateway, &mut signals).await;
        }
        Ok(if sound { Ending::Well } else { Ending::Faulty })
    })
}

/// A day that was played, seen from both sides.
#[derive(Debug)]
struct Played {
    /// What the bank believes and was answered.
    day: DayReport,
    /// What the books say.
    books: Overview,
    /// What the proof of the books found.
    check: CheckReport,
}

async fn play(args: &Args, gateway: &Gateway) -> Result<Played, Failure> {
    let today = Clock::real().now().business_date();
    let date = today.map_or(
        jiff::civil::date(2026, 3, 2),
        crate::domain::BusinessDate::date,
    );
    let relay = gateway.relay_addresses()[0].to_string();
    let ops = format!("http://{}", gateway.ops_address());
    let mut day = BankDay::new(&relay, Some(&ops), date);
    day.deposits = args.deposits;
    day.seed = args.seed;
    let reads = gateway.reads();
    let folder = std::env::temp_dir();
    let work = move || -> Result<Played, Failure> {
        let bar = bar();
        let day = simulator::bank_day(&day, &mut |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        })?;
        bar.finish_and_clear();
        let overview = reads.overview()?;
        let scratch = Scratch::for_books(reads.engine(), &folder)?;
        let check = crate::store::check(reads.engine(), scratch.engine(), &mut |_, _| {})?;
        Ok(Played {
            day,
            books: overview,
            check,
        })
    };
    let played = tokio::task::spawn_blocking(work).await;
    played.map_err(|_| Failure::new("the bank's day ended by a panic"))?
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} deposits, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
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

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            complain(format_args!(
                "{} could not be removed: {error}",
                self.0.display()
            ));
        }
    }
}

/// The configuration in force, but for a fresh folder and ports that are free.
fn settle(config: &mut Config, place: &Place) {
    config.mode = Mode::Sandbox;
    config.data_dir = place.file("data");
    config.clock_offset_seconds = 0;
    config.store.key = None;
    if std::env::var_os("NARU_LOG_LEVEL").is_none() {
        // The day's story is told on the terminal; the log would talk over it. The bank breaks
        // lines on purpose, and the warnings about that are as they should be.
        "error".clone_into(&mut config.log.level);
    }
    config.relay.listen.truncate(1);
    for listen in &mut config.relay.listen {
        listen.address = free(listen.address);
    }
    config.ops_listen = free(config.ops_listen);
    config.http.listen = free(config.http.listen);
}

/// The address itself, or any free port of this machine where it is taken.
fn free(address: SocketAddr) -> SocketAddr {
    match TcpListener::bind(address) {
        Ok(_) => address,
        Err(_) => SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
    }
}

fn bring_accounts(config: &Config, place: &Place) -> Result<(), Failure> {
    let lists = place.file("lists");
    std::fs::create_dir(&lists)?;
    simulator::accounts::write(&lists)?;
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
