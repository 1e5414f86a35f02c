//! What stands between redb and the file: a backend that measures, over any other backend.
//!
//! Backends stack: `Watched` over `Vault` (encryption) over the file. Tests put one that fails, or
//! one that keeps crash images, in the file's place. This room knows nothing of tables.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use redb::StorageBackend;
use redb::backends::FileBackend;

use super::Observer;
use crate::clock;

/// Any backend, so that they can be stacked without naming each other.
pub type AnyBackend = Box<dyn StorageBackend>;

/// Hands the lock methods through to the backend in field `$inner`: which process may write is
/// the file's business, whatever stands above it.
macro_rules! locks_of {
    ($inner:ident) => {
        fn try_lock_range(
            &self,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<bool, redb::BackendError> {
            self.$inner.try_lock_range(start, end)
        }

        fn try_lock_shared_range(
            &self,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<bool, redb::BackendError> {
            self.$inner.try_lock_shared_range(start, end)
        }

        fn lock_range(
            &self,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<(), redb::BackendError> {
            self.$inner.lock_range(start, end)
        }

        fn lock_shared_range(
            &self,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<(), redb::BackendError> {
            self.$inner.lock_shared_range(start, end)
        }

        fn unlock_range(
            &self,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<(), redb::BackendError> {
            self.$inner.unlock_range(start, end)
        }

        fn query_lock_range(
            &self,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<bool, redb::BackendError> {
            self.$inner.query_lock_range(start, end)
        }
    };
}
pub(crate) use locks_of;

/// The file itself, which must exist.
pub(crate) fn file(path: &Path, read_only: bool) -> io::Result<AnyBackend> {
    over(
        fs::OpenOptions::new()
            .read(true)
            .write(!read_only)
            .open(path)?,
    )
}

/// A backend over an open file.
pub(crate) fn over(file: fs::File) -> io::Result<AnyBackend> {
    Ok(Box::new(FileBackend::new(file).map_err(io::Error::other)?))
}

/// Tells an observer how long each sync took and how large the file is, and lets nothing pass
/// after a failure: redb may try again what failed where it can wait, but what a disk holds that
/// failed once is not known.
#[derive(Debug)]
pub(crate) struct Watched {
    inner: AnyBackend,
    observer: Option<Arc<dyn Observer>>,
    bytes: Arc<AtomicU64>,
    failed: OnceLock<io::ErrorKind>,
}

impl Watched {
    pub(crate) fn new(inner: AnyBackend, observer: Option<Arc<dyn Observer>>) -> io::Result<Self> {
        let bytes = Arc::new(AtomicU64::new(inner.len()?));
        let failed = OnceLock::new();
        Ok(Watched {
            inner,
            observer,
            bytes,
            failed,
        })
    }

    /// The size of the file, kept up to date while redb holds the backend.
    pub(crate) fn bytes(&self) -> Arc<AtomicU64> {
        self.bytes.clone()
    }

    fn guard<T>(&self, act: impl FnOnce(&dyn StorageBackend) -> io::Result<T>) -> io::Result<T> {
        if let Some(kind) = self.failed.get() {
            return Err(io::Error::new(
                *kind,
                format!("the disk failed before: {kind}"),
            ));
        }
        act(&*self.inner).inspect_err(|error| {
            self.failed.get_or_init(|| error.kind());
        })
    }
}

impl StorageBackend for Watched {
    locks_of!(inner);

    fn len(&self) -> io::Result<u64> {
        self.guard(StorageBackend::len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.guard(|inner| inner.read(offset, out))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.guard(|inner| inner.set_len(len))?;
        self.bytes.store(len, Ordering::Relaxed);
        if let Some(observer) = &self.observer {
            observer.grew(len);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let Some(observer) = &self.observer else {
            return self.guard(StorageBackend::sync_data);
        };
        let start = clock::monotonic();
        self.guard(StorageBackend::sync_data)?;
        observer.synced(start.elapsed());
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.guard(|inner| inner.write(offset, data))
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }
}
