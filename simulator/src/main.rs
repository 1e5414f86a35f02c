//! The simulated bank's command line: a thin door to the library.

mod command_line;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    command_line::CommandLine::parse().run()
}
