//! All files of the workspace: which crate each belongs to, and which module it is.
//!
//! The files come from the disk or from a planted sample; no rule can tell the difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use super::source::{Declared, Source};

/// What a file is to its crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Module {
    /// `naru`, `telegrams`, `simulator`, or the name of an integration test or bench.
    pub(crate) owner: String,
    /// Its path from the crate's root; empty for the root itself.
    pub(crate) path: Vec<String>,
    /// Whether it is built for tests or benches only.
    pub(crate) is_test: bool,
}

/// Everything there is to look at.
#[derive(Debug, Default)]
pub(crate) struct House {
    /// Every file that is text we care for, by its path from the workspace's root.
    pub(crate) files: BTreeMap<String, String>,
    /// Every file and folder there is, for paths that documents mention.
    pub(crate) places: BTreeSet<String>,
    /// Rust files, read.
    pub(crate) sources: BTreeMap<String, Source>,
    /// Rust files that a crate's root reaches.
    pub(crate) modules: BTreeMap<String, Module>,
}

/// Endings of the files whose content matters here.
const READ: [&str; 3] = ["rs", "md", "toml"];

impl House {
    /// The workspace at `root`.
    pub(crate) fn on_disk(root: &Path) -> io::Result<House> {
        let mut house = House::default();
        house.take_in(root, "")?;
        house.settle();
        Ok(house)
    }

    /// A house of nothing but these files.
    pub(crate) fn planted(files: &[(&str, &str)]) -> House {
        let mut house = House::default();
        for (path, text) in files {
            house.files.insert((*path).to_owned(), (*text).to_owned());
            let mut place = *path;
            while !place.is_empty() {
                house.places.insert(place.to_owned());
                place = parent(place);
            }
        }
        house.settle();
        house
    }

    fn take_in(&mut self, root: &Path, folder: &str) -> io::Result<()> {
        for entry in fs::read_dir(root.join(folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let hidden = name.starts_with('.') && name != ".ci";
            if hidden || name.starts_with("target") {
                continue;
            }
            let path = if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            };
            self.places.insert(path.clone());
            if entry.file_type()?.is_dir() {
                self.take_in(root, &path)?;
            } else if READ.iter().any(|ending| has_ending(&path, ending)) {
                self.files.insert(path, fs::read_to_string(entry.path())?);
            }
        }
        Ok(())
    }

    /// Reads the Rust files and walks each crate from its root.
    fn settle(&mut self) {
        for (path, text) in &self.files {
            if has_ending(path, "rs") {
                self.sources.insert(path.clone(), Source::read(text));
            }
        }
        let roots: Vec<(String, Module)> = self
            .sources
            .keys()
            .filter_map(|path| Some((path.clone(), root(path)?)))
            .collect();
        for (path, module) in roots {
            let folder = parent(&path).to_owned();
            self.walk(&path, &folder, &module);
        }
    }

    /// Notes the module at `path`, whose children lie in `folder`, and goes on to those.
    fn walk(&mut self, path: &str, folder: &str, module: &Module) {
        let Some(source) = self.sources.get(path) else {
            return;
        };
        let declared = source.modules();
        let known = self.modules.insert(path.to_owned(), module.clone());
        if known.is_some_and(|known| !known.is_test || module.is_test) {
            return;
        }
        for child in declared.into_iter().filter(|child| child.is_file) {
            let Some((file, below)) = self.file_of(path, folder, &child) else {
                continue;
            };
            let mut name = module.path.clone();
            name.extend(child.inside.iter().cloned());
            name.push(child.name.clone());
            let found = Module {
                owner: module.owner.clone(),
                path: name,
                is_test: module.is_test || child.is_test,
            };
            self.walk(&file, &below, &found);
        }
    }

    /// Where a declared module stands, and where its own children do.
    pub(crate) fn file_of(
        &self,
        path: &str,
        folder: &str,
        child: &Declared,
    ) -> Option<(String, String)> {
        if let Some(named) = &child.path {
            let file = join(parent(path), named);
            let below = parent(&file).to_owned();
            return self.sources.contains_key(&file).then_some((file, below));
        }
        let mut at = folder.to_owned();
        for name in &child.inside {
            at = join(&at, name);
        }
        let below = join(&at, &child.name);
        let files = [format!("{below}.rs"), format!("{below}/mod.rs")];
        let file = files.iter().find(|file| self.sources.contains_key(*file))?;
        Some((file.clone(), below))
    }
}

/// The crate whose root a file is, if it is one.
fn root(path: &str) -> Option<Module> {
    let (member, rest) = match path.split_once('/') {
        Some((member @ ("telegrams" | "simulator"), rest)) => (member, rest),
        _ => ("naru", path),
    };
    let of = |owner: &str, is_test| Module {
        owner: owner.to_owned(),
        path: Vec::new(),
        is_test,
    };
    let parts: Vec<&str> = rest.split('/').collect();
    match parts.as_slice() {
        ["src", "lib.rs" | "main.rs"] => Some(of(member, false)),
        ["src", "bin", name] => Some(of(name.trim_end_matches(".rs"), false)),
        ["tests" | "benches" | "examples", file] => Some(of(file.trim_end_matches(".rs"), true)),
        ["tests" | "benches" | "examples", name, "main.rs"] => Some(of(name, true)),
        ["build.rs"] => Some(of("build", false)),
        _ => None,
    }
}

/// Whether the path's last part ends with a dot and `ending`.
pub(crate) fn has_ending(path: &str, ending: &str) -> bool {
    path.strip_suffix(ending)
        .is_some_and(|rest| rest.ends_with('.'))
}

pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}
