//! `simulator load`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use jiff::civil::Date;
use rand::RngExt;
use simulator::accounts::LOAD_ACCOUNTS;
use simulator::house::House;
use simulator::load::{Load, LoadReport, Pace, Payees, Spread, Told, Until, run};
use telegrams::Kind;

use super::{cannot, play, say};

/// Make load. Exit code 1 when something was not answered, or a session broke.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct LoadArgs {
    #[command(subcommand)]
    shop: Option<super::shop_load::ShopLoad>,
    /// The gateway's relay listener.
    #[arg(long, env = "NARU_RELAY_LISTEN", default_value = "127.0.0.1:7300")]
    relay: String,
    /// The layout that it speaks.
    #[arg(long, default_value = "dozn")]
    profile: String,
    /// The gateway's institution code.
    #[arg(long, env = "NARU_INSTITUTION", default_value = "30000003")]
    institution: String,
    /// `deposit`, `line_test`, `payee_lookup` or `pre_deposit_check`.
    #[arg(long, default_value = "deposit", value_parser = kind)]
    kind: Kind,
    /// Sessions that share the traffic.
    #[arg(long, default_value_t = 1)]
    sessions: usize,
    /// Closed model: so many in flight on each session.
    #[arg(long, default_value_t = 64, conflicts_with = "rate")]
    in_flight: usize,
    /// Open model: so many a second on all sessions together.
    #[arg(long)]
    rate: Option<f64>,
    /// Stop after so many telegrams.
    #[arg(long, conflicts_with = "seconds")]
    count: Option<u64>,
    /// Stop after so many seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Without --accounts: how many accounts of the usual range (`simulator accounts --load`).
    #[arg(long, default_value_t = LOAD_ACCOUNTS)]
    among: u64,
    /// An import file of accounts, read as a whole into memory.
    #[arg(long)]
    accounts: Option<PathBuf>,
    /// `uniform`, `zipf` or `hot`.
    #[arg(long, default_value = "uniform", value_parser = spread)]
    spread: Spread,
    /// The business date of the telegrams; today in Seoul, if not said.
    #[arg(long, value_parser = play::date)]
    date: Option<Date>,
    /// What the numbers begin with; drawn by lot, if not said.
    #[arg(long)]
    prefix: Option<String>,
    /// What the lots are drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long a silent gateway is waited for, in seconds.
    #[arg(long, default_value_t = 10.0)]
    patience: f64,
    /// An ops listener by which the clock is set to ten in the morning of the date.
    #[arg(long)]
    ops: Option<String>,
    /// Report as one JSON object.
    #[arg(long)]
    json: bool,
    /// Write every telegram that was answered 0000 into this file.
    #[arg(long)]
    acked: Option<PathBuf>,
    /// Write every telegram that was sent and never answered into this file.
    #[arg(long)]
    unanswered: Option<PathBuf>,
}

impl LoadArgs {
    pub(super) fn run(&self) -> ExitCode {
        if let Some(shop) = &self.shop {
            return shop.run();
        }
        let done = self.load().and_then(|load| {
            self.set_clock(&load)?;
            run(&load).map_err(|error| error.to_string())
        });
        let report = match done {
            Ok(report) => report,
            Err(why) => return cannot(&why),
        };
        if self.json {
            say(format_args!("{}", report.json()));
        } else {
            say(format_args!("{}", report.to_string().trim_end()));
        }
        let files = [
            (&self.acked, &report.acknowledged),
            (&self.unanswered, &report.unanswered),
        ];
        for (path, told) in files {
            if let Some(path) = path
                && let Err(error) = write(path, told)
            {
                return cannot(&format!("cannot write {}: {error}", path.display()));
            }
        }
        if report.is_whole() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn load(&self) -> Result<Load, String> {
        let now = House::new(None).now();
        let mut load = Load::new(&self.relay, self.date.unwrap_or(now.date()));
        load.profile.clone_from(&self.profile);
        load.institution.clone_from(&self.institution);
        load.kind = self.kind;
        load.prefix = self
            .prefix
            .clone()
            .unwrap_or_else(|| prefix_drawn(&mut rand::rng()));
        load.sessions = self.sessions.max(1);
        load.pace = self.rate.map_or(Pace::InFlight(self.in_flight), Pace::Rate);
        load.until = match self.count {
            Some(count) => Until::Count(count),
            None => Until::Elapsed(duration("--seconds", self.seconds)?),
        };
        load.spread = self.spread;
        load.seed = self.seed;
        load.patience = duration("--patience", self.patience)?;
        load.remember = self.acked.is_some();
        if let Some(path) = &self.accounts {
            load.payees = Payees::read(path).map_err(|error| error.to_string())?;
        } else {
            load.payees = Payees::Usual(self.among.max(1));
        }
        Ok(load)
    }

    fn set_clock(&self, load: &Load) -> Result<(), String> {
        let Some(ops) = &self.ops else { return Ok(()) };
        let morning = load.date.to_datetime(jiff::civil::time(10, 0, 0, 0));
        House::new(Some(ops))
            .set(morning, 1.0)
            .map_err(|error| error.to_string())
    }
}

/// Letters of a drawn prefix; what they leave of a number counts to a hundred million.
const PREFIX_LETTERS: usize = 6;

/// Letters that no other run has but by a chance of one in two thousand million, also one that
/// begins in the same moment.
fn prefix_drawn(dice: &mut impl RngExt) -> String {
    let letter = |_| char::from_digit(dice.random_range(0..36), 36).unwrap_or('0');
    let letters: String = (0..PREFIX_LETTERS).map(letter).collect();
    letters.to_ascii_uppercase()
}

fn duration(key: &str, seconds: f64) -> Result<Duration, String> {
    Duration::try_from_secs_f64(seconds).map_err(|error| format!("{key}: {error}"))
}

fn kind(name: &str) -> Result<Kind, String> {
    Kind::from_name(name).ok_or_else(|| "no such kind of telegram".to_owned())
}

fn spread(name: &str) -> Result<Spread, String> {
    Spread::from_name(name).ok_or_else(|| "write uniform, zipf or hot".to_owned())
}

fn write(path: &Path, told: &[Told]) -> std::io::Result<()> {
    LoadReport::write_rows(told, File::create(path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_that_begin_in_the_same_moment_have_numbers_of_their_own() {
        let mut dice = rand::rng();
        let drawn: std::collections::BTreeSet<String> =
            (0..100).map(|_| prefix_drawn(&mut dice)).collect();
        assert_eq!(drawn.len(), 100);
        let plain = |prefix: &String| {
            prefix.len() == PREFIX_LETTERS
                && prefix
                    .bytes()
                    .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
        };
        assert!(drawn.iter().all(plain), "{drawn:?}");
    }
}
