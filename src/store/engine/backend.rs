//! What stands between redb and the file: a backend that measures, over any other backend.
//!
//! Backends stack: `Watched` over `Vault` (encryption) over the file. Tests put one that fails, or
//! one that keeps crash images, in the file's place. This room knows nothing of tables.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
#[allow(unused_imports)]
pub(crate) use locks_of;

/// Opens the file itself. For reading only it must exist; for writing it is made, readable by its
/// owner alone, and its name is made durable.
pub fn file(path: &Path, read_only: bool) -> io::Result<AnyBackend> {
    let mut how = fs::OpenOptions::new();
    how.read(true);
    if !read_only {
        how.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    }
    let file = how.open(path)?;
    if !read_only {
        file.sync_all()?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    let backend = FileBackend::new(file).map_err(io::Error::other)?;
    Ok(Box::new(backend))
}

/// Tells an observer how long each sync took and how large the file is.
#[derive(Debug)]
pub(crate) struct Watched {
    inner: AnyBackend,
    observer: Option<Arc<dyn Observer>>,
    bytes: Arc<AtomicU64>,
}

impl Watched {
    pub(crate) fn new(inner: AnyBackend, observer: Option<Arc<dyn Observer>>) -> io::Result<Self> {
        let bytes = Arc::new(AtomicU64::new(inner.len()?));
        Ok(Watched {
            inner,
            observer,
            bytes,
        })
    }

    /// The size of the file, kept up to date while redb holds the backend.
    pub(crate) fn bytes(&self) -> Arc<AtomicU64> {
        self.bytes.clone()
    }
}

impl StorageBackend for Watched {
    locks_of!(inner);

    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.inner.set_len(len)?;
        self.bytes.store(len, Ordering::Relaxed);
        if let Some(observer) = &self.observer {
            observer.grew(len);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let Some(observer) = &self.observer else {
            return self.inner.sync_data();
        };
        let start = clock::monotonic();
        self.inner.sync_data()?;
        observer.synced(start.elapsed());
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.inner.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }
}
