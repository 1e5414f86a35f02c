//! The data folder: what stands in it, and opening it safely.
//!
//! ```text
//!   naru-data/
//!     naru.toml     what the folder is: format, mode, cipher, check value of the key
//!     books.redb    the books, encrypted
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::TABLES;
use super::engine::memory::{Memory, MemoryEngine};
use super::engine::redb::{OpenOptions, RedbEngine};
use super::engine::{Broken, Engine, OpenError};
use super::ground::{self, GroundRefused};
use super::identity::{self, IdentityError, Mode};
use super::journal;
use super::key::{self, KeyRefused, KeySources, StoreKey};
use super::meter::Meter;
use super::rebuild::rebuild;
use crate::limits;

/// The file of the books inside the data folder.
pub const BOOKS_FILE: &str = "books.redb";

/// How to open a data folder.
#[derive(Debug, Clone)]
pub struct FolderSettings {
    /// Where it is; made when it is not there, unless `read_only`.
    pub path: PathBuf,
    /// What is at stake; a folder keeps the mode it was made in.
    pub mode: Mode,
    /// Where the key comes from.
    pub keys: KeySources,
    /// Memory for pages, in bytes.
    pub cache_bytes: usize,
    /// Only to look at, also beside a running gateway.
    pub read_only: bool,
}

/// Why a data folder cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The file system cannot be trusted with money.
    #[error(transparent)]
    Ground(#[from] GroundRefused),
    /// There is no key, or not a good one.
    #[error(transparent)]
    Key(#[from] KeyRefused),
    /// The folder is not what was expected.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The books do not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The books open, and cannot be read.
    #[error("the books cannot be read: {0}")]
    Broken(#[from] Broken),
}

/// An open data folder.
#[derive(Debug)]
pub struct Folder {
    /// The books.
    pub engine: Arc<dyn Engine>,
    /// The key that opened them, from which other rooms derive theirs.
    pub key: StoreKey,
    /// What a person should know, such as a key just made.
    pub notes: Vec<String>,
    /// What production would refuse.
    pub warnings: Vec<String>,
}

impl Folder {
    /// Opens a folder: ground, key, identity, books, in this order, so that nothing is made
    /// where it should not be.
    ///
    /// # Errors
    /// [`FolderError`]; nothing was changed then.
    pub fn open(settings: &FolderSettings) -> Result<Folder, FolderError> {
        let mut folder_notes = Vec::new();
        let mut warnings = Vec::new();
        let ground = ground::check(&settings.path, settings.mode)?;
        if ground.doubt.is_some() {
            warnings.push(ground.to_string());
        }
        if settings.read_only && !identity::exists(&settings.path) {
            let folder = settings.path.clone();
            return Err(IdentityError::Missing { folder }.into());
        }
        let found = key::find(&settings.path, settings.mode, &settings.keys)?;
        if found.made {
            folder_notes.push(format!("made a store key: {}", found.origin));
        }
        warnings.extend(found.warnings);
        let (path, mode) = (&settings.path, settings.mode);
        let read_only = settings.read_only;
        let identity = identity::settle(path, BOOKS_FILE, mode, &found.key, read_only)?;
        let engine = books(settings, &found.key)?;
        if identity.format < identity::FORMAT {
            let older = identity.format;
            folder_notes.push(format!(
                "these books had format {older}: every row was made anew from the journal"
            ));
            rebuild(&engine)?;
        }
        if !read_only {
            identity::note_books(path, identity)?;
        }
        Ok(Folder {
            engine: Arc::new(engine),
            key: found.key,
            notes: folder_notes,
            warnings,
        })
    }
}

fn books(settings: &FolderSettings, key: &StoreKey) -> Result<RedbEngine, OpenError> {
    let path = settings.path.join(BOOKS_FILE);
    let options = OpenOptions {
        path,
        key: Some(key),
        tables: TABLES,
        cache_bytes: settings.cache_bytes,
        read_only: settings.read_only,
        check_integrity_below_bytes: limits::CHECK_INTEGRITY_BELOW_BYTES,
        observer: Some(Arc::new(Meter)),
    };
    RedbEngine::open(options)
}

/// An empty store of the same tables for a check to rebuild in: in memory for small books, else
/// in a file beside them, encrypted with a key that nobody keeps and removed at the end.
#[derive(Debug)]
pub struct Scratch {
    engine: Option<Box<dyn Engine>>,
    file: Option<PathBuf>,
}

impl Scratch {
    /// Makes a scratch store fit for a rebuild of `books`.
    ///
    /// # Errors
    /// [`FolderError`] where the books cannot be read or the file cannot be made.
    pub fn for_books(books: &dyn Engine, folder: &Path) -> Result<Scratch, FolderError> {
        let records = journal::last_position(&*books.snapshot()?)?;
        if records <= limits::CHECK_IN_MEMORY_RECORDS {
            let engine = MemoryEngine::open(&Memory::default(), TABLES)?;
            return Ok(Scratch {
                engine: Some(Box::new(engine)),
                file: None,
            });
        }
        let path = folder.join(format!("check-{}.tmp", std::process::id()));
        let key = StoreKey::random().map_err(|source| OpenError::Disk {
            path: path.clone(),
            source: source.into(),
        })?;
        let options = OpenOptions {
            path: path.clone(),
            key: Some(&key),
            tables: TABLES,
            cache_bytes: limits::CHECK_CACHE_BYTES,
            read_only: false,
            check_integrity_below_bytes: 0,
            observer: None,
        };
        let engine = RedbEngine::open(options)?;
        Ok(Scratch {
            engine: Some(Box::new(engine)),
            file: Some(path),
        })
    }

    /// The store.
    ///
    /// # Panics
    /// Never: the engine is only taken when the scratch store ends.
    pub fn engine(&self) -> &dyn Engine {
        // why: `engine` is Some from `for_books` until `drop`, and nothing else changes it.
        self.engine.as_deref().expect("a living scratch store")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.engine.take());
        if let Some(file) = self.file.take() {
            // A file left behind is unreadable noise; its name says whose it was.
            let _ = std::fs::remove_file(file);
        }
    }
}
