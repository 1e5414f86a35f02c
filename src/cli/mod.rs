//! The command line: one file per subcommand, each with its `Args` and `run(Args) -> Outcome`.
//!
//! A new subcommand is a file here, and below a `mod`, a variant with its help line and an arm.
//! This frame knows how a run ends and how it is told; it knows nothing of any subcommand's work.
//! Results go to the standard output, logs and complaints to the standard error.

use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub mod books;
pub mod check;
pub mod config;
pub mod demo;
pub mod import;
pub mod inspect;
pub mod layout;
pub mod report;
pub mod serve;

/// How a subcommand ended: its work is done ([`Ending`]), or could not be done ([`Failure`]).
pub type Outcome = Result<Ending, Failure>;

/// The end of a run that did its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All is well; exit code 0.
    Well,
    /// The work was done and found fault (bad rows, books that differ); exit code 1.
    Faulty,
}

/// Why a subcommand could not do its work; exit code 2, the message on the standard error.
#[derive(Debug)]
pub struct Failure {
    message: String,
}

impl Failure {
    /// A failure told by `message`: lowercase, no full stop, what, where and what to do.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    /// The error with all its causes, so that `?` loses nothing on the way up.
    fn from(error: E) -> Failure {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !message.ends_with(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            cause = error.source();
        }
        Failure { message }
    }
}

/// A payment gateway that ferries a bank's deposits to merchants.
#[derive(Debug, Parser)]
#[command(name = "naru", version, about, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 all is well; 1 the work was done and found fault; \
                  2 the work could not be done; 74 the books of a running gateway broke."
)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway until SIGTERM or Ctrl-C
    Serve(serve::Args),
    /// Run a gateway and a simulated bank, play a bank's day, and compare both sides
    Demo(demo::Args),
    /// Take in merchants and accounts from lists
    Import(import::Args),
    /// Prove the books: chain, balances, totals and every table against the journal
    Check(check::Args),
    /// Show the books to a person; works beside a running gateway
    Report(report::Args),
    /// Show telegrams to a person: byte ruler, every field, and what breaks the layout
    Inspect(inspect::Args),
    /// Print the layout document of a relay's telegrams
    Layout(layout::Args),
    /// Check or show the configuration
    Config(config::Args),
}

fn run(command: Command) -> Outcome {
    match command {
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Layout(args) => layout::run(&args),
        Command::Config(args) => config::run(args),
    }
}

/// Reads the command line, runs the subcommand and turns its end into an exit code.
pub fn main() -> ExitCode {
    match run(Line::parse().command) {
        Ok(Ending::Well) => ExitCode::SUCCESS,
        Ok(Ending::Faulty) => ExitCode::from(1),
        Err(failure) => {
            complain(format_args!("naru: {failure}"));
            ExitCode::from(2)
        }
    }
}

/// Prints one line of a result on the standard output. Whoever closed the pipe (`| head`) wants
/// no more of it, which is no error: the process ends there with code 0.
pub fn say(line: fmt::Arguments<'_>) {
    if writeln!(std::io::stdout().lock(), "{line}").is_err() {
        std::process::exit(0);
    }
}

/// Prints one line for a person on the standard error; a closed one is nobody's concern.
pub fn complain(line: fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Line::command().debug_assert();
    }

    #[test]
    fn a_failure_tells_its_causes() {
        #[derive(Debug, thiserror::Error)]
        #[error("the folder cannot be opened")]
        struct Outer(#[source] std::io::Error);
        let failure = Failure::from(Outer(std::io::Error::other("disk on fire")));
        assert_eq!(
            failure.to_string(),
            "the folder cannot be opened: disk on fire"
        );
    }
}
