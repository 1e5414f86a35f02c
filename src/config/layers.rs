//! Default, file, environment: each layer lies over the one before, key by key, and every value
//! remembers where it came from. Nothing is understood here but the form of the file.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{self, Key, Shape};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A line of the configuration file.
    File {
        /// The file as it was named.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// A variable of the environment.
    Environment(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File { file, line } => write!(f, "{}:{line}", file.display()),
            Origin::Environment(variable) => f.write_str(variable),
        }
    }
}

/// The value of one key as it was written: its items, one unless the key is a list.
#[derive(Clone)]
pub struct Setting {
    /// The key it belongs to.
    pub key: &'static Key,
    /// What was written.
    pub items: Vec<String>,
    /// Where.
    pub origin: Origin,
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.secret {
            return f.write_str("***");
        }
        write!(f, "{:?} ({})", self.items, self.origin)
    }
}

impl Setting {
    fn new(key: &'static Key, text: &str, origin: Origin) -> Setting {
        let items: Vec<String> = match key.shape {
            Shape::List => text.split(',').map(str::trim).map(str::to_owned).collect(),
            Shape::Text | Shape::Whole | Shape::YesNo => vec![text.to_owned()],
        };
        let items = items.into_iter().filter(|item| !item.is_empty()).collect();
        Setting { key, items, origin }
    }
}

/// Every setting by its path, the uppermost layer's.
pub type Settings = BTreeMap<String, Setting>;

/// What the layers found wrong, complete enough to be printed as it is.
pub type Complaint = String;

/// The settings that stand when nobody sets anything.
pub fn defaults() -> Settings {
    let plain = keys::KEYS.iter().filter(|key| !key.path.contains('*'));
    plain
        .map(|key| {
            (
                key.path.to_owned(),
                Setting::new(key, key.default, Origin::Default),
            )
        })
        .collect()
}

/// Lays the file's settings over `settings`. All that is wrong with the file goes to `complaints`.
pub fn lay_file(file: &Path, text: &str, settings: &mut Settings, complaints: &mut Vec<Complaint>) {
    let reader = FileReader { file, text };
    match DeTable::parse(text) {
        Ok(root) => reader.table("", root.get_ref(), settings, complaints),
        Err(error) => {
            let line = reader.line(error.span().unwrap_or_default());
            complaints.push(format!("{}:{line}: {}", file.display(), error.message()));
        }
    }
}

struct FileReader<'a> {
    file: &'a Path,
    text: &'a str,
}

impl FileReader<'_> {
    fn line(&self, span: Range<usize>) -> usize {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    fn table(
        &self,
        prefix: &str,
        table: &DeTable<'_>,
        settings: &mut Settings,
        complaints: &mut Vec<Complaint>,
    ) {
        for (name, value) in table {
            let path = format!("{prefix}{}", name.get_ref());
            if let (DeValue::Table(inner), None) = (value.get_ref(), keys::find(&path)) {
                self.table(&format!("{path}."), inner, settings, complaints);
                continue;
            }
            match self.setting(&path, self.line(name.span()), value) {
                Ok(setting) => drop(settings.insert(path, setting)),
                Err(complaint) => complaints.push(complaint),
            }
        }
    }

    fn setting(
        &self,
        path: &str,
        line: usize,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Setting, Complaint> {
        let origin = Origin::File {
            file: self.file.to_owned(),
            line,
        };
        let Some(key) = keys::find(path) else {
            let nearest = keys::nearest(path);
            return Err(format!(
                "{origin}: unknown key {path}; the nearest known one is {nearest}"
            ));
        };
        let items = match (key.shape, value.get_ref()) {
            (Shape::Text | Shape::List, DeValue::String(text)) => vec![text.to_string()],
            (Shape::YesNo, DeValue::Boolean(yes)) => vec![yes.to_string()],
            (Shape::Whole, DeValue::Integer(number)) if number.radix() == 10 => {
                vec![number.as_str().to_owned()]
            }
            (Shape::List, DeValue::Array(items)) => {
                let texts = items
                    .iter()
                    .map(|item| item.get_ref().as_str().map(str::to_owned));
                texts
                    .collect::<Option<_>>()
                    .ok_or_else(|| wrong_shape(&origin, path, key))?
            }
            _ => return Err(wrong_shape(&origin, path, key)),
        };
        let items = items.into_iter().filter(|item| !item.is_empty()).collect();
        Ok(Setting { key, items, origin })
    }
}

fn wrong_shape(origin: &Origin, path: &str, key: &Key) -> Complaint {
    let shape = match key.shape {
        Shape::Text => "a text in quotes",
        Shape::Whole => "a whole number without quotes",
        Shape::YesNo => "true or false without quotes",
        Shape::List => "an array of texts",
    };
    format!("{origin}: {path} must be {shape}")
}

/// Lays the environment's `NARU_*` variables over `settings`; unknown ones go to `warnings`.
pub fn lay_environment(
    variables: impl IntoIterator<Item = (String, String)>,
    settings: &mut Settings,
    warnings: &mut Vec<Complaint>,
) {
    let ours = variables
        .into_iter()
        .filter(|(name, _)| name.starts_with(keys::PREFIX));
    for (variable, value) in ours.filter(|(name, _)| name != keys::FILE_VARIABLE) {
        let known = keys::path_of(&variable).and_then(|path| Some((keys::find(&path)?, path)));
        if let Some((key, path)) = known {
            let setting = Setting::new(key, value.trim(), Origin::Environment(variable));
            settings.insert(path, setting);
        } else {
            let path = variable[keys::PREFIX.len()..].to_lowercase();
            let nearest = Key::variable(&keys::nearest(&path.replacen('_', ".", 1)));
            warnings.push(format!(
                "unknown variable {variable}; the nearest known is {nearest}"
            ));
        }
    }
}
