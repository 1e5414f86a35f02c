//! All profiles that are known: those compiled in, and those an operator's folder adds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::compile::compile;
use crate::layout_error::{LayoutError, LayoutErrors};
use crate::profile::Profile;

/// Every file of `layouts/` with its text, listed by the build script.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/layouts.rs"));

/// The known profiles by name.
#[derive(Clone, Debug)]
pub struct Profiles {
    by_name: BTreeMap<String, Arc<Profile>>,
}

impl Profiles {
    /// The profiles that are compiled in.
    ///
    /// # Panics
    /// When a file of `layouts/` is broken, which the tests of this crate prevent.
    pub fn embedded() -> Self {
        let sheets = EMBEDDED.iter().filter_map(|(file, text)| {
            let name = file.strip_suffix(".toml")?;
            let profile = compile(name, file, text, embedded);
            // why: the files are part of this crate and its tests load each of them.
            Some(profile.unwrap_or_else(|errors| panic!("{errors}")))
        });
        let by_name = |profile: Profile| (profile.name().to_owned(), Arc::new(profile));
        Self {
            by_name: sheets.map(by_name).collect(),
        }
    }

    /// Adds the `*.toml` of a folder; a file replaces the profile of the same name. Every
    /// complaint about every file is gathered.
    pub fn with_directory(mut self, directory: &Path) -> Result<Self, LayoutErrors> {
        let mut errors = Vec::new();
        let entries = fs::read_dir(directory).map_err(|error| unreadable(directory, &error))?;
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths
            .iter()
            .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        {
            match load(path) {
                Ok(profile) => {
                    self.by_name
                        .insert(profile.name().to_owned(), Arc::new(profile));
                }
                Err(LayoutErrors(more)) => errors.extend(more),
            }
        }
        if errors.is_empty() {
            Ok(self)
        } else {
            Err(LayoutErrors(errors))
        }
    }

    /// The profile of this name.
    pub fn get(&self, name: &str) -> Option<Arc<Profile>> {
        self.by_name.get(name).cloned()
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

/// The text of a compiled-in file.
fn embedded(file: &str) -> Option<String> {
    let found = EMBEDDED.iter().find(|(name, _)| *name == file);
    found.map(|(_, text)| (*text).to_owned())
}

/// Reads one layout file and the rules beside it.
fn load(path: &Path) -> Result<Profile, LayoutErrors> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    let name = path
        .file_stem()
        .map(|stem| stem.to_string_lossy())
        .unwrap_or_default();
    compile(&name, &path.display().to_string(), &text, |rules| {
        fs::read_to_string(path.with_file_name(rules)).ok()
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> LayoutErrors {
    LayoutErrors(vec![LayoutError {
        file: path.display().to_string(),
        line: 1,
        field: None,
        what: format!("cannot be read: {error}"),
    }])
}
