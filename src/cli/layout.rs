//! `naru layout`: which layouts there are, and the layout document of one. Opens no books and
//! needs no gateway.

use std::path::PathBuf;

use telegrams::Profiles;
use telegrams::document::{Format, document};

use super::{Ending, Outcome, inspect, say};

/// Arguments of `naru layout`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The layout; without one, those there are are listed
    name: Option<String>,
    /// How the document is written
    #[arg(long, value_enum, default_value_t = Form::Md)]
    format: Form,
    /// A folder of layouts that adds to or replaces our own
    #[arg(
        long,
        alias = "layouts-dir",
        value_name = "DIR",
        env = "NARU_LAYOUTS_DIR"
    )]
    layouts: Option<PathBuf>,
}

/// How a document is written, in the words of the command line.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Form {
    /// Markdown
    Md,
    /// One self-contained page
    Html,
}

/// Runs `naru layout`.
pub fn run(args: &Args) -> Outcome {
    let Some(name) = &args.name else {
        return list(args);
    };
    let profile = inspect::named(name, args.layouts.as_deref())?;
    let format = match args.format {
        Form::Md => Format::Markdown,
        Form::Html => Format::Html,
    };
    say(format_args!("{}", document(&profile, format).trim_end()));
    Ok(Ending::Well)
}

fn list(args: &Args) -> Outcome {
    let mut profiles = Profiles::embedded();
    if let Some(folder) = &args.layouts {
        profiles = profiles.with_directory(folder)?;
    }
    for profile in profiles.names().filter_map(|name| profiles.get(name)) {
        say(format_args!("{}  {}", profile.name(), profile.title()));
    }
    Ok(Ending::Well)
}
