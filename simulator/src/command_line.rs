//! What the command line understands, and the words it answers with.
//!
//! Exit codes: 0 all is well, 1 something differs, 2 it could not be tried.

mod load;
mod merchant;
mod play;
mod shop_load;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use simulator::accounts::{self, LOAD_ACCOUNTS};
use simulator::scenario::Scenario;

/// Could not be tried.
const CANNOT: u8 = 2;

/// A simulated bank with its relay.
#[derive(Parser)]
#[command(name = "simulator", version)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Play scenarios against a gateway; the exit code is the verdict.
    Play(play::Play),
    /// Receive webhooks as a merchant's server would, and report what came.
    Merchant(merchant::MerchantArgs),
    /// Make load on a gateway and report rates and times.
    Load(Box<load::LoadArgs>),
    /// Write merchants.csv and accounts.csv for `naru import`.
    Accounts(AccountsArgs),
    /// List the scenarios that came with the simulator.
    Scenarios,
}

#[derive(Args)]
struct AccountsArgs {
    /// The folder to write into; it is made if it is not there.
    #[arg(long)]
    out: PathBuf,
    /// A scenario of one's own, beside those that came with the simulator.
    #[arg(long = "scenario")]
    scenarios: Vec<PathBuf>,
    /// How many accounts for load.
    #[arg(long, default_value_t = LOAD_ACCOUNTS)]
    load: u64,
}

impl CommandLine {
    /// Does what was asked.
    pub(crate) fn run(self) -> ExitCode {
        match self.command {
            Command::Play(play) => play.run(),
            Command::Merchant(merchant) => merchant.run(),
            Command::Load(load) => load.run(),
            Command::Accounts(accounts) => accounts.run(),
            Command::Scenarios => list(),
        }
    }
}

impl AccountsArgs {
    fn run(&self) -> ExitCode {
        let mut scenarios = match Scenario::embedded() {
            Ok(scenarios) => scenarios,
            Err(error) => return cannot(&error),
        };
        for path in &self.scenarios {
            match Scenario::find(&path.to_string_lossy()) {
                Ok(scenario) => scenarios.push(scenario),
                Err(error) => return cannot(&error),
            }
        }
        match accounts::write_for(&self.out, &scenarios, self.load) {
            Ok(written) => {
                let out = self.out.display();
                say(format_args!(
                    "{} merchants, {} accounts in {out}",
                    written.merchants, written.accounts
                ));
                ExitCode::SUCCESS
            }
            Err(error) => cannot(&error),
        }
    }
}

fn list() -> ExitCode {
    match Scenario::embedded() {
        Ok(scenarios) => {
            for scenario in scenarios {
                say(format_args!(
                    "{:<20} {}  {}",
                    scenario.name, scenario.date, scenario.title
                ));
            }
            ExitCode::SUCCESS
        }
        Err(error) => cannot(&error),
    }
}

/// Prints a line for a person. Whoever closed the pipe has seen enough, and what is under way is
/// finished all the same: the exit code is the verdict.
fn say(line: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Tells on the error stream how it goes.
fn hint(line: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Says on the error stream why something could not be tried.
fn cannot(error: &dyn std::fmt::Display) -> ExitCode {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "simulator: {error}");
    ExitCode::from(CANNOT)
}
