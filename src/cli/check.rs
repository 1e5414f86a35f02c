//! `naru check`: prove that the books are what the journal says.

use indicatif::{ProgressBar, ProgressStyle};

use super::{Ending, Outcome, books, config::Source, say};
use crate::store::{CheckReport, Scratch, check};

/// Arguments of `naru check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
}

/// Runs `naru check`: exit code 1 where anything differs.
pub fn run(args: &Args) -> Outcome {
    let loaded = args.source.load()?;
    let folder = books::look(&loaded.config)?;
    let scratch = Scratch::for_books(&*folder.engine, &loaded.config.data_dir)?;
    let bar = bar();
    let report = check(&*folder.engine, scratch.engine(), &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    tell(&report);
    Ok(if report.problems.is_empty() {
        Ending::Well
    } else {
        Ending::Faulty
    })
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} records, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

fn tell(report: &CheckReport) {
    let CheckReport { records, rows, .. } = report;
    say(format_args!(
        "read {records} records of the journal, compared {rows} rows"
    ));
    if report.problems.is_empty() {
        say(format_args!(
            "the books are sound: the chain holds, they balance, and every table is what the \
             journal makes it"
        ));
        let (position, hash) = (report.head.position, hex::encode(report.head.hash));
        say(format_args!("chain head {hash} at position {position}"));
        return;
    }
    say(format_args!("the books are NOT sound:"));
    for problem in &report.problems {
        say(format_args!("  {problem}"));
    }
}
