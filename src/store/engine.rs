//! The narrow floor under the books: named tables of byte keys and byte values, a consistent
//! snapshot to read from, and one durable commit to write with.
//!
//! This room must not know what a deposit is, how a row is encoded, or who asks. Whoever stands
//! above it (the typed layer of the store) must not know which engine it stands on. Three engines
//! keep this promise and pass one conformance suite: [`redb::RedbEngine`] on a file, encrypted or
//! clear, and [`memory::MemoryEngine`] for simulation.

pub mod backend;
pub mod memory;
pub mod redb;

#[cfg(test)]
pub(crate) mod conformance;
#[cfg(test)]
pub(crate) mod faults;

use std::fmt;
use std::io;
use std::ops::{Bound, ControlFlow};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A named table. `index` is its place in the list of all tables, so that an open handle is found
/// without hashing; `name` is what stands in the file and never changes once data exists.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TableId {
    /// Its place in the list the engine was opened with.
    pub index: usize,
    /// Its name in the file.
    pub name: &'static str,
}

/// Which way a scan walks the keys; keys are ordered as unsigned bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// From the smallest key to the largest.
    Forward,
    /// From the largest key to the smallest.
    Backward,
}

/// What a scan calls for each row; `Break` ends the scan.
pub type Each<'a> = dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, Broken> + 'a;

/// A view of all tables at one moment.
pub trait Rows {
    /// The value under `key`, or none.
    fn get(&self, table: TableId, key: &[u8]) -> Result<Option<Vec<u8>>, Broken>;

    /// Walks the rows between two bounds. Bounds that leave nothing between them, also crossed
    /// ones, are an empty scan.
    fn scan(
        &self,
        table: TableId,
        from: Bound<&[u8]>,
        to: Bound<&[u8]>,
        direction: Direction,
        each: &mut Each<'_>,
    ) -> Result<(), Broken>;
}

/// The rows as they will be after the commit under way, and the means to change them.
pub trait Batch: Rows {
    /// Writes `value` under `key`, over what stood there.
    fn put(&mut self, table: TableId, key: &[u8], value: &[u8]) -> Result<(), Broken>;

    /// Takes the row under `key` away and says whether there was one.
    fn delete(&mut self, table: TableId, key: &[u8]) -> Result<bool, Broken>;
}

/// A consistent view that stays as it was while commits go on. Holding one for long keeps the
/// space of rows replaced since from being used again.
pub type Snapshot = Arc<dyn Rows + Send + Sync>;

/// The work of one commit.
pub type Work<'a> = dyn FnMut(&mut dyn Batch) -> Result<(), Broken> + 'a;

/// A store of named tables. After the first [`Broken`] out of any call every later call, also on
/// older snapshots, fails with the same one: what the disk holds is then unknown, and only a new
/// process that reads it again may go on.
pub trait Engine: Send + Sync + fmt::Debug {
    /// A view that contains every commit that has returned. Cheap: one lock, and only the first
    /// after a commit opens anything.
    fn snapshot(&self) -> Result<Snapshot, Broken>;

    /// Runs `work` and makes what it wrote durable; `Ok` is said after the disk confirmed it. An
    /// error of `work` aborts with nothing written. One commit at a time; a second one waits.
    fn commit(&self, work: &mut Work<'_>) -> Result<(), Broken>;

    /// The size of the store in bytes (of the file, where there is one).
    fn bytes(&self) -> u64;

    /// Reads everything and checks every checksum; false when something was not as it was
    /// written, after which the engine refuses to go on. No snapshot may be alive.
    fn verify(&self) -> Result<bool, Broken>;

    /// Ends orderly, so that the next open need not recover. Waits for a commit under way; every
    /// later call fails.
    fn close(&self) -> Result<(), Broken>;
}

/// Hears how long the disk took. Called on the thread that waited, so it must be quick.
pub trait Observer: Send + Sync + fmt::Debug {
    /// One sync of written data to the disk is done.
    fn synced(&self, took: Duration);

    /// One commit is durable; the time includes the work and its syncs.
    fn committed(&self, took: Duration);

    /// The file has this many bytes now.
    fn grew(&self, bytes: u64);
}

/// What was tried when the books broke.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Doing {
    /// Opening a snapshot.
    Snapshot,
    /// Opening or reading a table.
    Read,
    /// Writing or deleting a row.
    Write,
    /// Making a commit durable.
    Commit,
    /// Walking all checksums.
    Verify,
    /// Closing the file.
    Close,
    /// Understanding a row that was read.
    Understand,
}

impl Doing {
    fn words(self) -> &'static str {
        match self {
            Doing::Snapshot => "open a snapshot of",
            Doing::Read => "read",
            Doing::Write => "write to",
            Doing::Commit => "commit to",
            Doing::Verify => "verify",
            Doing::Close => "close",
            Doing::Understand => "understand a row of",
        }
    }
}

/// The disk says no (or holds what cannot be true). The only answer is to stop the process without
/// answering anyone: whether the last commit is on the disk is unknown. Its text names what was
/// tried, where and why, and never a key or a value.
#[derive(Clone)]
pub struct Broken(Arc<Fault>);

struct Fault {
    doing: Doing,
    table: Option<&'static str>,
    place: String,
    cause: Box<dyn std::error::Error + Send + Sync>,
}

impl Broken {
    /// Names a failure of `doing` in the store that lives at `place`.
    pub fn new(
        doing: Doing,
        table: Option<TableId>,
        place: &str,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Broken(Arc::new(Fault {
            doing,
            table: table.map(|table| table.name),
            place: place.to_owned(),
            cause: cause.into(),
        }))
    }

    /// A row that was read cannot be understood; `why` must not quote what it holds.
    pub fn not_understood(table: TableId, why: &'static str) -> Self {
        Self::new(Doing::Understand, Some(table), "the books", why)
    }

    /// What was tried.
    pub fn doing(&self) -> Doing {
        self.0.doing
    }

    /// The table it was tried on, where one was concerned.
    pub fn table(&self) -> Option<&'static str> {
        self.0.table
    }

    /// The operating system's word for it, where the cause was one.
    pub fn io_kind(&self) -> Option<io::ErrorKind> {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&*self.0.cause);
        while let Some(error) = cause {
            if let Some(found) = error.downcast_ref::<io::Error>() {
                return Some(found.kind());
            }
            cause = error.source();
        }
        None
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = &self.0;
        write!(f, "cannot {} ", fault.doing.words())?;
        if let Some(table) = fault.table {
            write!(f, "table {table} in ")?;
        }
        write!(f, "{}: {}", fault.place, fault.cause)
    }
}

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Broken({self})")
    }
}

impl std::error::Error for Broken {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.source()
    }
}

/// Why a store did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process writes to it.
    #[error(
        "{path} is in use by a running gateway; stop it first (naru report works beside it)",
        path = .path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It was to be read only, and there is nothing to read.
    #[error(
        "{path} does not exist yet; start the gateway or import accounts first",
        path = .path.display()
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// It was to be read only, but the last writer did not close it.
    #[error(
        "{path} was not closed orderly and no gateway is running on it; \
         a start of the gateway recovers it, then it can be read",
        path = .path.display()
    )]
    NotRecovered {
        /// The file.
        path: PathBuf,
    },
    /// What stands in it is not what was written.
    #[error(
        "{path} is damaged: {why}; restore a copy, and keep this file for inquiry",
        path = .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The engine's words; no rows are quoted.
        why: String,
    },
    /// The table list contradicts itself; a mistake in the program.
    #[error("the table list is wrong at {name}: {why}")]
    Tables {
        /// The table.
        name: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The disk said no.
    #[error("cannot open {path}: {source}", path = .path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the operating system or the engine said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The first failure of a store, remembered for every later call.
#[derive(Debug, Default)]
pub(crate) struct Health(OnceLock<Broken>);

impl Health {
    /// Fails when something failed before.
    pub(crate) fn check(&self) -> Result<(), Broken> {
        self.0.get().map_or(Ok(()), |first| Err(first.clone()))
    }

    /// Remembers a failure and returns the first one there was.
    pub(crate) fn fail(&self, broken: Broken) -> Broken {
        self.0.get_or_init(|| broken).clone()
    }

    /// Passes a result through and remembers its failure.
    pub(crate) fn note<T>(&self, result: Result<T, Broken>) -> Result<T, Broken> {
        result.map_err(|broken| self.fail(broken))
    }
}

/// Checks that every table stands at its own index and that no name is used twice.
pub(crate) fn check_tables(tables: &[TableId]) -> Result<(), OpenError> {
    for (index, table) in tables.iter().enumerate() {
        let wrong = |why| OpenError::Tables {
            name: table.name,
            why,
        };
        if table.index != index {
            return Err(wrong("its index is not its place in the list"));
        }
        if tables[..index].iter().any(|other| other.name == table.name) {
            return Err(wrong("its name is used twice"));
        }
    }
    Ok(())
}

/// Whether two bounds can have a key between them at all; engines need not agree on crossed ones.
pub(crate) fn can_hold(from: Bound<&[u8]>, to: Bound<&[u8]>) -> bool {
    match (from, to) {
        (Bound::Included(from), Bound::Included(to)) => from <= to,
        (Bound::Included(from) | Bound::Excluded(from), Bound::Excluded(to))
        | (Bound::Excluded(from), Bound::Included(to)) => from < to,
        _ => true,
    }
}
