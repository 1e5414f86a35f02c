//! What engines stand on in tests.

use super::TABLES;
use crate::store::engine::Engine;
use crate::store::engine::memory::{Memory, MemoryEngine};
use crate::store::engine::redb::{OpenOptions, RedbEngine};
use crate::store::key::StoreKey;

/// Ground on which an engine stands; opening again finds what was committed.
pub(crate) trait Ground {
    fn open(&self) -> Box<dyn Engine>;

    /// Another ground of the same kind with nothing on it.
    fn fresh(&self) -> Box<dyn Ground>;
}

impl Ground for Memory {
    fn open(&self) -> Box<dyn Engine> {
        Box::new(MemoryEngine::open(self, TABLES).unwrap())
    }

    fn fresh(&self) -> Box<dyn Ground> {
        Box::new(Memory::default())
    }
}

/// A folder with one clear file in it.
pub(crate) struct Clear(tempfile::TempDir);

impl Clear {
    pub(crate) fn new() -> Self {
        Clear(tempfile::tempdir().unwrap())
    }
}

pub(crate) fn options(folder: &std::path::Path) -> OpenOptions<'static> {
    OpenOptions {
        path: folder.join("books.redb"),
        key: None,
        tables: TABLES,
        cache_bytes: 1 << 20,
        read_only: false,
        check_integrity_below_bytes: 0,
        observer: None,
    }
}

impl Ground for Clear {
    fn open(&self) -> Box<dyn Engine> {
        Box::new(RedbEngine::open(options(self.0.path())).unwrap())
    }

    fn fresh(&self) -> Box<dyn Ground> {
        Box::new(Clear::new())
    }
}

/// A folder with one encrypted file in it.
pub(crate) struct Sealed(tempfile::TempDir, StoreKey);

impl Sealed {
    pub(crate) fn new() -> Self {
        Sealed(tempfile::tempdir().unwrap(), StoreKey::random().unwrap())
    }
}

impl Ground for Sealed {
    fn open(&self) -> Box<dyn Engine> {
        let key = Some(&self.1);
        Box::new(
            RedbEngine::open(OpenOptions {
                key,
                ..options(self.0.path())
            })
            .unwrap(),
        )
    }

    fn fresh(&self) -> Box<dyn Ground> {
        Box::new(Sealed::new())
    }
}
