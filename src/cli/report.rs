//! `naru report`: the books shown to a person, also beside a running gateway.

mod page;

use super::{Ending, Outcome, books, config::Source, say};
use crate::domain::BusinessDate;

/// Arguments of `naru report`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// Only this business date, YYYYMMDD or YYYY-MM-DD
    #[arg(long, value_name = "DAY", value_parser = day)]
    day: Option<BusinessDate>,
    /// Show account numbers in full
    #[arg(long)]
    reveal: bool,
}

fn day(text: &str) -> Result<BusinessDate, &'static str> {
    BusinessDate::parse(text).ok_or("not a date; write it as YYYYMMDD or YYYY-MM-DD")
}

/// Runs `naru report`.
pub fn run(args: &Args) -> Outcome {
    let loaded = args.source.load()?;
    let folder = books::look(&loaded.config)?;
    let overview = books::reads(&folder, &loaded.config).overview()?;
    let wish = page::Wish {
        day: args.day,
        reveal: args.reveal,
    };
    say(format_args!("{}", page::render(&overview, wish).trim_end()));
    Ok(Ending::Well)
}
