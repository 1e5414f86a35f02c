//! The default engine: redb on one file.
//!
//! Every write transaction is opened by one function with the same durability, because mixing
//! one-phase and two-phase commits in one file is unsafe, and every failure is remembered, because
//! after it nobody knows what the disk holds. This room knows nothing of what the rows mean.

mod rows;

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use redb::{
    Builder, ConcurrencyMode, Database, DatabaseError, Durability, ReadOnlyDatabase,
    ReadableDatabase, StorageError, WriteTransaction,
};

use super::backend::{self, AnyBackend, Watched};
use super::{
    Broken, Doing, Engine, Health, Observer, OpenError, Snapshot, TableId, Work, check_tables,
};
use crate::clock;
use crate::store::durable;
use crate::store::key::StoreKey;
use crate::store::vault::Vault;
use rows::{Draft, View, broken, definition};

/// How to open the file.
#[derive(Debug)]
pub struct OpenOptions<'a> {
    /// The file; it is made when it does not exist, unless `read_only`.
    pub path: PathBuf,
    /// The key everything but the header page is encrypted with; none leaves the file clear,
    /// which is for measuring and for tests only.
    pub key: Option<&'a StoreKey>,
    /// All tables, each at its own index. Those that are missing are made, unless `read_only`.
    pub tables: &'static [TableId],
    /// Memory for pages, in bytes. A part of it holds what a commit has not yet written.
    pub cache_bytes: usize,
    /// Only to look at, also beside a running gateway.
    pub read_only: bool,
    /// Files up to this many bytes have every checksum verified before the engine opens;
    /// an ordinary open trusts what it finds.
    pub check_integrity_below_bytes: u64,
    /// Hears of syncs, commits and growth.
    pub observer: Option<Arc<dyn Observer>>,
}

/// redb behind the narrow trait.
pub struct RedbEngine {
    handle: RwLock<Option<Handle>>,
    read_only: bool,
    newest: Mutex<Option<Arc<View>>>,
    tables: &'static [TableId],
    place: Arc<Path>,
    health: Arc<Health>,
    observer: Option<Arc<dyn Observer>>,
    bytes: Arc<AtomicU64>,
}

enum Handle {
    Writer(Database),
    Reader(ReadOnlyDatabase),
}

impl fmt::Debug for RedbEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbEngine")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl RedbEngine {
    /// Opens the file at `options.path`.
    pub fn open(options: OpenOptions<'_>) -> Result<Self, OpenError> {
        if !options.path.exists() {
            if options.read_only {
                return Err(OpenError::Missing { path: options.path });
            }
            Self::create(&options)?;
        }
        match backend::file(&options.path, options.read_only) {
            Ok(file) => Self::open_on(file, options),
            Err(source) => Err(OpenError::Disk {
                path: options.path,
                source: source.into(),
            }),
        }
    }

    /// Makes the file under another name and gives it its own when it is complete, because redb
    /// does not open a file again whose making was interrupted.
    fn create(options: &OpenOptions<'_>) -> Result<(), OpenError> {
        let draft = durable::draft_of(&options.path);
        let disk = |source: Box<dyn Error + Send + Sync>| OpenError::Disk {
            path: options.path.clone(),
            source,
        };
        let file = durable::begin(&draft).and_then(backend::over);
        let made = Self::open_on(
            file.map_err(|error| disk(error.into()))?,
            OpenOptions {
                path: draft.clone(),
                observer: None,
                ..*options
            },
        )?;
        made.close().map_err(|broken| disk(broken.into()))?;
        match durable::name(&draft, &options.path) {
            // Another process was faster; whether it still runs is found out by opening.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            named => named.map_err(|error| disk(error.into())),
        }
    }

    /// Opens what lies on `storage`, which sees what a disk would see; `options.path` only names
    /// it in messages. The seam for faults and for crash images.
    pub fn open_on(storage: AnyBackend, options: OpenOptions<'_>) -> Result<Self, OpenError> {
        check_tables(options.tables)?;
        let path = options.path;
        let disk = |source: io::Error| OpenError::Disk {
            path: path.clone(),
            source: source.into(),
        };
        let storage = match options.key {
            Some(key) => Box::new(Vault::new(storage, key)),
            None => storage,
        };
        let watched = Watched::new(storage, options.observer.clone()).map_err(disk)?;
        let bytes = watched.bytes();
        let size = bytes.load(Ordering::Relaxed);
        let check = size > 0 && size <= options.check_integrity_below_bytes;
        let mut builder = Builder::new();
        builder
            .set_cache_size(options.cache_bytes)
            .set_concurrency_mode(ConcurrencyMode::SingleWriter)
            .set_check_integrity_on_open(check);
        let handle = if options.read_only {
            builder
                .open_read_only_with_backend(watched)
                .map(Handle::Reader)
        } else {
            builder.create_with_backend(watched).map(Handle::Writer)
        };
        let engine = RedbEngine {
            handle: RwLock::new(Some(handle.map_err(|error| refused(&path, error))?)),
            read_only: options.read_only,
            newest: Mutex::new(None),
            tables: options.tables,
            place: path.into(),
            health: Arc::default(),
            observer: options.observer,
            bytes,
        };
        if !engine.read_only {
            engine.make_tables().map_err(|broken| OpenError::Disk {
                path: engine.place.to_path_buf(),
                source: broken.into(),
            })?;
        }
        Ok(engine)
    }

    fn make_tables(&self) -> Result<(), Broken> {
        let view = self.view()?;
        let mut missing = Vec::new();
        for table in self.tables {
            if view.table(*table)?.is_none() {
                missing.push(*table);
            }
        }
        drop(view);
        if missing.is_empty() {
            return Ok(());
        }
        let handle = self.handle();
        let transaction = self.begin(writer(handle.as_ref(), &self.place, Doing::Write)?)?;
        for table in missing {
            let opened = transaction.open_table(definition(table));
            opened.map_err(|error| self.broken(Doing::Write, Some(table), error))?;
        }
        self.end(transaction)
    }

    /// The only way to a write transaction, so that all are alike: durable when committed, in two
    /// phases, with the allocator's state, so that a start after a crash takes milliseconds and a
    /// damaged newest commit is refused instead of silently given up.
    #[allow(clippy::disallowed_methods)] // This is the one place.
    fn begin(&self, database: &Database) -> Result<WriteTransaction, Broken> {
        let broken = |error: redb::Error| self.broken(Doing::Commit, None, error);
        let mut transaction = database
            .begin_write()
            .map_err(|error| broken(error.into()))?;
        transaction
            .set_durability(Durability::Immediate)
            .map_err(|error| broken(error.into()))?;
        transaction.set_quick_repair(true);
        Ok(transaction)
    }

    fn end(&self, transaction: WriteTransaction) -> Result<(), Broken> {
        let result = transaction.commit();
        // Whatever came of it, the next reader must look again.
        *self.newest() = None;
        result.map_err(|error| self.broken(Doing::Commit, None, error))
    }

    fn view(&self) -> Result<Arc<View>, Broken> {
        let transaction = match &*self.handle() {
            Some(Handle::Writer(database)) => database.begin_read(),
            Some(Handle::Reader(database)) => database.begin_read(),
            None => {
                return Err(self.broken(Doing::Snapshot, None, redb::Error::DatabaseClosed));
            }
        };
        let transaction = transaction.map_err(|error| self.broken(Doing::Snapshot, None, error))?;
        let (place, health) = (self.place.clone(), self.health.clone());
        Ok(Arc::new(View::new(transaction, self.tables, place, health)))
    }

    fn handle(&self) -> RwLockReadGuard<'_, Option<Handle>> {
        // Written to only by taking the handle out.
        self.handle.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle_alone(&self) -> RwLockWriteGuard<'_, Option<Handle>> {
        self.handle.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn newest(&self) -> MutexGuard<'_, Option<Arc<View>>> {
        // The slot is only ever replaced whole, so a panic elsewhere cannot have left half of it.
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn broken(
        &self,
        doing: Doing,
        table: Option<TableId>,
        cause: impl Into<redb::Error>,
    ) -> Broken {
        broken(&self.place, doing, table, cause)
    }

    fn write(&self, work: &mut Work<'_>) -> Result<(), Broken> {
        let handle = self.handle();
        let transaction = self.begin(writer(handle.as_ref(), &self.place, Doing::Commit)?)?;
        let mut draft = Draft::new(&transaction, self.tables, &self.place);
        let done = work(&mut draft);
        drop(draft);
        match done {
            Ok(()) => self.end(transaction),
            Err(broken) => {
                // The work's failure is the one to tell of; an abort that fails as well leaves
                // nothing of this commit on the disk either.
                drop(transaction.abort());
                Err(broken)
            }
        }
    }
}

impl Engine for RedbEngine {
    fn snapshot(&self) -> Result<Snapshot, Broken> {
        self.health.check()?;
        // A reader beside a running gateway does not hear of commits, so it looks anew each time.
        if self.read_only {
            return Ok(self.health.note(self.view())?);
        }
        // Opened under the lock: a view stored here is never older than the last `None`.
        let mut newest = self.newest();
        if let Some(view) = &*newest {
            return Ok(view.clone());
        }
        let view = self.health.note(self.view())?;
        *newest = Some(view.clone());
        Ok(view)
    }

    fn commit(&self, work: &mut Work<'_>) -> Result<(), Broken> {
        self.health.check()?;
        if self.read_only {
            // A mistake of the caller; nothing is wrong below.
            return writer(self.handle().as_ref(), &self.place, Doing::Commit).map(drop);
        }
        let start = clock::monotonic();
        let unwinding = Unwinding(self);
        self.health.note(self.write(work))?;
        drop(unwinding);
        if let Some(observer) = &self.observer {
            observer.committed(start.elapsed());
        }
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn verify(&self) -> Result<bool, Broken> {
        self.health.check()?;
        let mut handle = self.handle_alone();
        *self.newest() = None;
        let found = match &mut *handle {
            Some(Handle::Writer(database)) => database.check_integrity(),
            other => return writer(other.as_ref(), &self.place, Doing::Verify).map(|_| false),
        };
        let broken = |cause: redb::Error| self.broken(Doing::Verify, None, cause);
        match found {
            Ok(true) => Ok(true),
            Ok(false) => {
                let repaired = redb::Error::Corrupted("it had to be repaired".to_owned());
                self.health.fail(broken(repaired));
                Ok(false)
            }
            Err(DatabaseError::Storage(damage @ StorageError::Corrupted(_))) => {
                self.health.fail(broken(damage.into()));
                Ok(false)
            }
            // Somebody still holds a snapshot: a mistake of the caller, nothing is wrong below.
            Err(error @ DatabaseError::TransactionInProgress) => Err(broken(error.into())),
            Err(error) => Err(self.health.fail(broken(error.into()))),
        }
    }

    fn close(&self) -> Result<(), Broken> {
        let handle = self.handle_alone().take();
        *self.newest() = None;
        let closed = match handle {
            Some(Handle::Writer(database)) => database.close(),
            Some(Handle::Reader(database)) => database.close(),
            None => Ok(()),
        };
        // After a failure the end cannot be an orderly one, whatever the last step says.
        self.health.check()?;
        closed.map_err(|error| self.health.fail(self.broken(Doing::Close, None, error)))
    }
}

/// Breaks the books when a commit ends in a panic: what it left behind is as unknown as after an
/// error.
struct Unwinding<'a>(&'a RedbEngine);

impl Drop for Unwinding<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let place = self.0.place.to_string_lossy();
            let broken = Broken::new(
                Doing::Commit,
                None,
                &place,
                "the work or the engine panicked",
            );
            self.0.health.fail(broken);
        }
    }
}

fn writer<'a>(
    handle: Option<&'a Handle>,
    place: &Path,
    doing: Doing,
) -> Result<&'a Database, Broken> {
    match handle {
        Some(Handle::Writer(database)) => Ok(database),
        Some(Handle::Reader(_)) => {
            let why = "it was opened for reading only";
            Err(Broken::new(doing, None, &place.to_string_lossy(), why))
        }
        None => Err(broken(place, doing, None, redb::Error::DatabaseClosed)),
    }
}

fn refused(path: &Path, error: DatabaseError) -> OpenError {
    let path = path.to_path_buf();
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            OpenError::InUse { path }
        }
        DatabaseError::RepairAborted => OpenError::NotRecovered { path },
        DatabaseError::Storage(StorageError::Corrupted(why)) => OpenError::Damaged { path, why },
        DatabaseError::Storage(StorageError::Io(source)) => OpenError::Disk {
            path,
            source: source.into(),
        },
        other => OpenError::Disk {
            path,
            source: other.into(),
        },
    }
}

#[cfg(test)]
mod tests;
