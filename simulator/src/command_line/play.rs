//! `simulator play`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use simulator::scenario::{Scenario, Stage, play};
use simulator::shop::{HeadOffice, Keys, ShopError};

use super::{cannot, say};

/// Play scenarios one after another.
#[derive(Args)]
pub(super) struct Play {
    /// Names of embedded scenarios, files, or `all`.
    #[arg(required = true)]
    scenarios: Vec<String>,
    /// The gateway's relay listeners, as `naru serve` takes them: `127.0.0.1:7300`, and those of
    /// other profiles as `127.0.0.1:7301=ksnet`.
    #[arg(
        long,
        env = "NARU_RELAY_LISTEN",
        default_value = "127.0.0.1:7300",
        value_delimiter = ','
    )]
    relay: Vec<String>,
    /// The gateway's ops listener, by which its clock is set; `none` leaves the clock alone.
    #[arg(long, env = "NARU_OPS_LISTEN", default_value = "127.0.0.1:9464")]
    ops: String,
    /// The gateway's HTTP listener, for the scenarios with a shop; `none` leaves them out.
    #[arg(long, env = "NARU_HTTP_LISTEN", default_value = "127.0.0.1:8080")]
    http: String,
    /// Who logs in there for the shop: a user of head office.
    #[arg(long, default_value = "admin")]
    user: String,
    /// That user's password; without it the scenarios with a shop are left out.
    #[arg(long, env = "NARU_ADMIN_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// Where the one-time secret is kept that the first log-in enrols; a later run needs it.
    #[arg(long)]
    keys: Option<std::path::PathBuf>,
    /// The gateway's institution code.
    #[arg(long, env = "NARU_INSTITUTION", default_value = "30000003")]
    institution: String,
    /// Draw lots from another seed than the scenario's.
    #[arg(long)]
    seed: Option<u64>,
    /// Play on another business date than the scenario's.
    #[arg(long, value_parser = date)]
    date: Option<Date>,
    /// How long an answer is waited for, in seconds.
    #[arg(long, default_value_t = 20.0)]
    patience: f64,
    /// A folder of layouts that adds to the embedded ones or replaces them.
    #[arg(long)]
    layouts: Option<std::path::PathBuf>,
    /// With `all`: play those, too, that take minutes of real time.
    #[arg(long)]
    slow: bool,
    /// Say nothing but differences.
    #[arg(long)]
    quiet: bool,
}

impl Play {
    pub(super) fn run(&self) -> ExitCode {
        let scenarios = match self.scenarios() {
            Ok(scenarios) => scenarios,
            Err(error) => return cannot(&error),
        };
        let stage = match self.stage() {
            Ok(stage) => stage,
            Err(why) => return cannot(&why),
        };
        let mut all_well = true;
        for scenario in &scenarios {
            let bar = self.bar(&scenario.name);
            let verdict = play(scenario, &stage, &mut |done, total| {
                bar.set_length(total);
                bar.set_position(done);
            });
            bar.finish_and_clear();
            all_well &= verdict.passed();
            if !self.quiet || !verdict.passed() {
                say(format_args!("{verdict}"));
            }
        }
        if all_well {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn scenarios(&self) -> Result<Vec<Scenario>, simulator::scenario::ScriptError> {
        let mut scenarios = Vec::new();
        for name in &self.scenarios {
            match name.as_str() {
                "all" => {
                    let all = Scenario::embedded()?.into_iter();
                    scenarios.extend(all.filter(|scenario| self.slow || !scenario.slow));
                }
                name => scenarios.push(Scenario::find(name)?),
            }
        }
        Ok(scenarios)
    }

    fn stage(&self) -> Result<Stage, String> {
        let ops = (self.ops != "none").then_some(self.ops.as_str());
        let mut stage = Stage::new("", ops);
        stage.relays = self
            .relay
            .iter()
            .map(|relay| profile_and_address(relay))
            .collect();
        stage.institution.clone_from(&self.institution);
        stage.seed = self.seed;
        stage.date = self.date;
        stage.patience = Duration::try_from_secs_f64(self.patience)
            .map_err(|error| format!("--patience: {error}"))?;
        stage.office = self.office().map_err(|error| error.to_string())?;
        if let Some(layouts) = &self.layouts {
            let profiles = stage.profiles.with_directory(layouts);
            stage.profiles = profiles.map_err(|error| error.to_string())?;
        }
        Ok(stage)
    }

    fn office(&self) -> Result<Option<Arc<HeadOffice>>, ShopError> {
        let Some(password) = self.password.as_ref().filter(|_| self.http != "none") else {
            return Ok(None);
        };
        let mut keys = Keys::new(&self.user, password);
        if let Some(path) = &self.keys {
            keys = Keys::kept_in(path, keys)?;
        }
        Ok(Some(Arc::new(HeadOffice::new(&self.http, keys)?)))
    }

    fn bar(&self, name: &str) -> ProgressBar {
        if self.quiet {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{msg:<20} {bar:40} {pos}/{len}");
        let bar = ProgressBar::new(0).with_message(name.to_owned());
        match style {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }
}

fn profile_and_address(text: &str) -> (String, String) {
    let (address, profile) = text.trim().split_once('=').unwrap_or((text.trim(), "dozn"));
    (profile.to_owned(), address.to_owned())
}

/// A date as `20300304` or `2030-03-04`.
pub(super) fn date(text: &str) -> Result<Date, String> {
    let with_digits = || Date::strptime("%Y%m%d", text);
    text.parse()
        .or_else(|_| with_digits())
        .map_err(|_| "write YYYYMMDD".to_owned())
}
