//! `naru inspect`: telegrams as people read them. Opens no books and needs no gateway.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use telegrams::{Profile, Profiles, describe};

use super::{Ending, Failure, Outcome, say};
use crate::config::keys;

/// Arguments of `naru inspect`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 every telegram keeps to its layout; 1 one does not, or \
                        there is none; 2 the input could not be read."
)]
pub struct Args {
    /// A file of telegrams, as bytes (with length prefixes or without) or as hex; or hex itself;
    /// - is the standard input
    #[arg(default_value = "-", value_name = "FILE|HEX")]
    input: String,
    #[command(flatten)]
    shelf: Shelf,
    /// Show account numbers and names in full
    #[arg(long)]
    reveal: bool,
}

/// Where layouts are looked for, and which is meant.
#[derive(Debug, clap::Args)]
pub struct Shelf {
    /// The layout by which to read
    #[arg(long, value_name = "NAME", env = "NARU_RELAY_PROFILE", default_value_t = usual())]
    profile: String,
    /// A folder of layouts that adds to or replaces our own
    #[arg(
        long,
        alias = "layouts-dir",
        value_name = "DIR",
        env = "NARU_LAYOUTS_DIR"
    )]
    layouts: Option<PathBuf>,
}

/// The layout of listeners that name none.
fn usual() -> String {
    let key = keys::KEYS.iter().find(|key| key.path == "relay.profile");
    key.map_or("", |key| key.default).to_owned()
}

impl Shelf {
    /// The layout that is meant.
    ///
    /// Errors: a layout in the folder is broken, or none has the name.
    pub fn profile(&self) -> Result<Arc<Profile>, Failure> {
        named(&self.profile, self.layouts.as_deref())
    }
}

/// The layout of this name, among our own and those of a folder.
///
/// Errors: a layout in the folder is broken, or none has the name.
pub fn named(name: &str, folder: Option<&Path>) -> Result<Arc<Profile>, Failure> {
    let mut profiles = Profiles::embedded();
    if let Some(folder) = folder {
        profiles = profiles.with_directory(folder)?;
    }
    let known = || profiles.names().collect::<Vec<_>>().join(", ");
    let unknown = || {
        Failure::new(format!(
            "there is no layout `{name}`, known are {}",
            known()
        ))
    };
    profiles.get(name).ok_or_else(unknown)
}

/// Runs `naru inspect`: exit code 1 where anything breaks the layout.
pub fn run(args: &Args) -> Outcome {
    let profile = args.shelf.profile()?;
    let page = describe::page(&profile, &read(&args.input)?, args.reveal);
    say(format_args!("{}", page.text.trim_end()));
    Ok(if page.sound {
        Ending::Well
    } else {
        Ending::Faulty
    })
}

/// The bytes that are meant: the standard input, a file, or the argument itself where it is hex.
fn read(input: &str) -> Result<Vec<u8>, Failure> {
    if input == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    if input.is_empty() {
        return Err(Failure::new(
            "the input names no file and holds no hex; - is the standard input",
        ));
    }
    let hex = input.len() > 1 && input.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex && !Path::new(input).exists() {
        return Ok(input.as_bytes().to_vec());
    }
    std::fs::read(input).map_err(|error| Failure::new(format!("cannot read {input}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_layout_is_one_of_ours() {
        assert!(named(&usual(), None).is_ok());
        let missing = named("nobody", None).unwrap_err().to_string();
        assert!(
            missing.starts_with("there is no layout `nobody`, known are "),
            "{missing}"
        );
    }

    #[test]
    fn an_argument_may_be_hex_or_the_name_of_a_file() {
        assert_eq!(read("5641").unwrap(), b"5641");
        assert!(read("/nonexistent/telegrams.bin").is_err());
    }
}
