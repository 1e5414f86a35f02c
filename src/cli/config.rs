//! `naru config`: is the configuration sound, what is in force, and what could be set.

use std::path::PathBuf;

use super::{Ending, Outcome, complain, say};
use crate::config::{self, Loaded, keys, layers::Setting};
use crate::gateway;

/// The configuration file, as every subcommand that needs one takes it.
#[derive(Debug, clap::Args)]
pub struct Source {
    /// The configuration file (TOML); without one, defaults and NARU_* variables count
    #[arg(id = "config", long, value_name = "FILE", env = keys::FILE_VARIABLE)]
    file: Option<PathBuf>,
}

impl Source {
    /// Reads the file and the environment.
    ///
    /// Errors: all that is wrong with them, one line each.
    pub fn load(&self) -> Result<Loaded, config::ConfigError> {
        config::load(self.file.as_deref())
    }
}

/// Arguments of `naru config`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Say whether the configuration is sound
    Check(Source),
    /// Show the values in force and where each comes from
    Show(Source),
    /// List every key there is, with its variable, default and meaning
    Keys,
}

/// Runs `naru config`.
pub fn run(args: Args) -> Outcome {
    match args.action {
        Action::Check(source) => {
            let loaded = source.load()?;
            warn(&loaded);
            gateway::listeners(&loaded.config)?;
            say(format_args!("the configuration is sound"));
        }
        Action::Show(source) => {
            let loaded = source.load()?;
            warn(&loaded);
            let width = 52;
            for (path, setting) in &loaded.settings {
                let line = format!(
                    "{}{}",
                    if shown(setting) { "" } else { "# " },
                    row(path, setting)
                );
                say(format_args!("{line:<width$}  # {}", setting.origin));
            }
        }
        Action::Keys => keys::KEYS.iter().for_each(|key| {
            let default = if key.default.is_empty() {
                "none"
            } else {
                key.default
            };
            say(format_args!(
                "{} ({})",
                key.path,
                keys::Key::variable(key.path)
            ));
            say(format_args!("    {} Default: {default}", key.help));
        }),
    }
    Ok(Ending::Well)
}

fn warn(loaded: &Loaded) {
    for warning in &loaded.warnings {
        complain(format_args!("warning: {warning}"));
    }
}

/// Whether the row may stand in a file as it is printed: it has a value, and no secret one.
fn shown(setting: &Setting) -> bool {
    !setting.key.secret && (!setting.items.is_empty() || setting.key.shape == keys::Shape::List)
}

/// The setting as a file would say it.
fn row(path: &str, setting: &Setting) -> String {
    let quoted = |item: &String| toml::Value::String(item.clone()).to_string();
    let first = setting.items.first();
    let value = match setting.key.shape {
        _ if setting.key.secret && first.is_some() => "\"***\"".to_owned(),
        keys::Shape::Whole | keys::Shape::YesNo => first.cloned().unwrap_or_default(),
        keys::Shape::Text => first.map(quoted).unwrap_or_default(),
        keys::Shape::List => {
            let items: Vec<String> = setting.items.iter().map(quoted).collect();
            format!("[{}]", items.join(", "))
        }
    };
    format!("{path} = {value}")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn what_is_shown_can_be_read_again() {
        let file = "data_dir = 'a \"b\" \\ c'\n[relay]\nlisten = ['127.0.0.1:1', '127.0.0.1:2=x']\n\
                    [hours.004]\nwindow = '00:00-24:00'\n[store]\nkey_file = 'k'\n";
        let first = config::read(Some((Path::new("a.toml"), file)), Vec::new()).unwrap();
        let rows = first.settings.iter().filter(|(_, setting)| shown(setting));
        let text: String = rows
            .map(|(path, setting)| row(path, setting) + "\n")
            .collect();
        let again = config::read(Some((Path::new("b.toml"), &text)), Vec::new()).unwrap();
        for (path, setting) in &first.settings {
            assert_eq!(setting.items, again.settings[path].items, "{path}");
        }
    }

    #[test]
    fn a_secret_is_a_row_of_stars_that_no_file_would_take() {
        let key = "0123456789abcdef".repeat(4);
        let variables = vec![("NARU_STORE_KEY".to_owned(), key)];
        let loaded = config::read(None, variables).unwrap();
        let setting = &loaded.settings["store.key"];
        assert_eq!(row("store.key", setting), "store.key = \"***\"");
        assert!(!shown(setting));
    }
}
