//! A disk that fails on purpose, and what the engine must do then: say so, say the same ever
//! after, and lose nothing that it had confirmed.

use std::collections::BTreeSet;
use std::io;
use std::ops::{Bound, ControlFlow};
use std::path::Path;
use std::sync::{Arc, Mutex};

use redb::{BackendError, StorageBackend};

use super::backend::{AnyBackend, locks_of};
use super::conformance::{TABLES, options};
use super::redb::{OpenOptions, RedbEngine};
use super::{Broken, Direction, Each, Engine, OpenError};
use crate::store::key::StoreKey;
use crate::store::vault::UNIT;

/// What the disk is asked to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operation {
    Read,
    Write,
    Sync,
    Grow,
}

/// When the disk fails.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// At the n-th operation of a kind, once or from then on.
    Nth {
        operation: Operation,
        nth: u64,
        sticky: bool,
    },
    /// When more pages than this have been written to for the first time: the file is sparse, so
    /// space is taken then and not when it grows.
    Full { pages: usize },
}

#[derive(Debug, Default)]
struct Counts {
    done: u64,
    touched: BTreeSet<u64>,
    fired: u64,
}

/// How often a fault struck; a test whose fault never struck has shown nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fired(Arc<Mutex<Counts>>);

impl Fired {
    pub(crate) fn count(&self) -> u64 {
        self.0.lock().unwrap().fired
    }
}

/// A backend that fails as told, over one that does not.
#[derive(Debug)]
pub(crate) struct Faulty {
    inner: AnyBackend,
    fault: Fault,
    fired: Fired,
}

impl Faulty {
    pub(crate) fn over(inner: AnyBackend, fault: Fault) -> (AnyBackend, Fired) {
        let fired = Fired::default();
        (
            Box::new(Faulty {
                inner,
                fault,
                fired: fired.clone(),
            }),
            fired,
        )
    }

    fn strike(&self, now: Operation) -> io::Result<()> {
        let Fault::Nth {
            operation,
            nth,
            sticky,
        } = self.fault
        else {
            return Ok(());
        };
        if operation != now {
            return Ok(());
        }
        let mut counts = self.fired.0.lock().unwrap();
        let strikes = counts.done == nth || (sticky && counts.done > nth);
        counts.done += 1;
        if strikes {
            counts.fired += 1;
            return Err(io::Error::from_raw_os_error(5)); // EIO
        }
        Ok(())
    }

    fn take_space(&self, offset: u64, bytes: usize) -> io::Result<()> {
        let Fault::Full { pages } = self.fault else {
            return Ok(());
        };
        let mut counts = self.fired.0.lock().unwrap();
        let first = offset / UNIT as u64;
        counts
            .touched
            .extend(first..=first + (bytes.max(1) as u64 - 1) / UNIT as u64);
        if counts.touched.len() > pages {
            counts.fired += 1;
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

impl StorageBackend for Faulty {
    locks_of!(inner);

    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.strike(Operation::Read)?;
        self.inner.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.strike(Operation::Grow)?;
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.strike(Operation::Sync)?;
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.strike(Operation::Write)?;
        self.take_space(offset, data.len())?;
        self.inner.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }
}

/// A disk that lives in memory and outlives the engine that stands on it. It is one process's
/// own, so every lock is granted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(Arc<Mutex<Vec<u8>>>);

impl Disk {
    /// Everything on it, as one who steals the disk would find it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

fn range(offset: u64, bytes: usize) -> std::ops::Range<usize> {
    let start = usize::try_from(offset).unwrap();
    start..start + bytes
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let disk = self.0.lock().unwrap();
        let found = disk
            .get(range(offset, out.len()))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0
            .lock()
            .unwrap()
            .resize(usize::try_from(len).unwrap(), 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut disk = self.0.lock().unwrap();
        let range = range(offset, data.len());
        let end = range.end.max(disk.len());
        disk.resize(end, 0);
        disk[range].copy_from_slice(data);
        Ok(())
    }

    fn try_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn try_lock_shared_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn lock_shared_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn unlock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn query_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(false)
    }
}

const ROUNDS: u32 = 12;

/// One commit of the script: two tables, and a value that needs pages of its own.
fn round(engine: &dyn Engine, round: u32) -> Result<(), Broken> {
    engine.commit(&mut |batch| {
        let key = round.to_be_bytes();
        batch.put(TABLES[0], &key, &vec![7; 3_000 * (round as usize % 7)])?;
        batch.put(TABLES[1], b"last", &key)?;
        batch
            .get(TABLES[0], &round.saturating_sub(3).to_be_bytes())
            .map(drop)
    })
}

/// How many rounds are in the books; all of them, in order, or the books are wrong.
fn rounds_in(engine: &dyn Engine) -> Result<u32, Broken> {
    let rows = engine.snapshot()?;
    let mut seen = 0_u32;
    let count: &mut Each<'_> = &mut |key, value| {
        assert_eq!(key, seen.to_be_bytes());
        assert_eq!(value, vec![7; 3_000 * (seen as usize % 7)]);
        seen += 1;
        Ok(ControlFlow::Continue(()))
    };
    rows.scan(
        TABLES[0],
        Bound::Unbounded,
        Bound::Unbounded,
        Direction::Forward,
        count,
    )?;
    let last = rows.get(TABLES[1], b"last")?;
    assert_eq!(
        last,
        seen.checked_sub(1).map(|seen| seen.to_be_bytes().to_vec())
    );
    Ok(seen)
}

fn open(disk: AnyBackend, key: &StoreKey) -> Result<RedbEngine, OpenError> {
    // Little memory, so that rows are read from the disk again.
    let (key, cache_bytes) = (Some(key), 16 * 1024);
    RedbEngine::open_on(
        disk,
        OpenOptions {
            key,
            cache_bytes,
            ..options(Path::new("a disk in memory"))
        },
    )
}

/// Plays the script on a failing disk. Returns how many commits were confirmed and how often the
/// fault struck.
fn play(disk: &Disk, key: &StoreKey, fault: Fault) -> (u32, u64) {
    let (disk, fired) = Faulty::over(Box::new(disk.clone()), fault);
    let engine = match open(disk, key) {
        Ok(engine) => engine,
        Err(error) => {
            assert!(fired.count() > 0, "{error}");
            return (0, fired.count());
        }
    };
    for confirmed in 0..ROUNDS {
        let failure = match round(&engine, confirmed) {
            Ok(()) => rounds_in(&engine)
                .map(|seen| assert_eq!(seen, confirmed + 1))
                .err(),
            Err(broken) => {
                assert!(fired.count() > 0, "{broken}");
                assert_stays_broken(&engine, &broken);
                return (confirmed, fired.count());
            }
        };
        if let Some(broken) = failure {
            assert!(fired.count() > 0, "{broken}");
            assert_stays_broken(&engine, &broken);
            return (confirmed + 1, fired.count());
        }
    }
    let close = engine.close();
    assert_eq!(
        close.is_err(),
        fired.count() > 0,
        "a fault must not pass unseen: {close:?}"
    );
    (ROUNDS, fired.count())
}

fn assert_stays_broken(engine: &RedbEngine, first: &Broken) {
    assert!(first.io_kind().is_some(), "{first}");
    let mut ran = false;
    let commit = engine.commit(&mut |_| {
        ran = true;
        Ok(())
    });
    assert_eq!(commit.unwrap_err().to_string(), first.to_string());
    assert!(!ran, "no work is begun on books that broke");
    assert_eq!(
        engine.snapshot().map(drop).unwrap_err().to_string(),
        first.to_string()
    );
}

/// The same file on a disk that works again holds what was confirmed, and at most the one commit
/// whose end was never told.
fn assert_nothing_lost(disk: &Disk, key: &StoreKey, confirmed: u32, fault: Fault) {
    let engine = open(Box::new(disk.clone()), key);
    let engine = engine.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
    let seen = rounds_in(&engine).unwrap();
    assert!(
        seen == confirmed || seen == confirmed + 1,
        "{fault:?}: {confirmed} but {seen}"
    );
    assert!(engine.verify().unwrap());
    round(&engine, seen).unwrap();
    assert_eq!(rounds_in(&engine).unwrap(), seen + 1);
}

fn sweep(faults: impl Iterator<Item = Fault>) -> u64 {
    let key = StoreKey::random().unwrap();
    let mut struck = 0;
    for fault in faults {
        // The file exists before anything fails; how it is made is another story.
        let disk = Disk::default();
        drop(open(Box::new(disk.clone()), &key).unwrap());
        let (confirmed, fired) = play(&disk, &key, fault);
        assert_nothing_lost(&disk, &key, confirmed, fault);
        if fired == 0 {
            break; // The script ended before the fault's turn; so it would for all that follow.
        }
        struck += 1;
    }
    struck
}

fn every_nth(operation: Operation, sticky: bool, step: usize) -> u64 {
    let nth = (0..).step_by(step);
    sweep(nth.map(|nth| Fault::Nth {
        operation,
        nth,
        sticky,
    }))
}

#[test]
fn a_failing_sync_breaks_the_books_and_loses_nothing() {
    assert!(every_nth(Operation::Sync, false, 1) > 20);
    assert!(every_nth(Operation::Sync, true, 3) > 7);
}

#[test]
fn a_failing_write_breaks_the_books_and_loses_nothing() {
    assert!(every_nth(Operation::Write, false, 3) > 30);
    assert!(every_nth(Operation::Write, true, 11) > 10);
}

#[test]
fn a_failing_read_breaks_the_books_and_loses_nothing() {
    assert!(every_nth(Operation::Read, false, 3) > 10);
}

#[test]
fn a_failing_growth_breaks_the_books_and_loses_nothing() {
    assert!(every_nth(Operation::Grow, false, 1) > 0);
}

#[test]
fn a_full_disk_breaks_the_books_and_loses_nothing() {
    let full = |pages| Fault::Full { pages };
    assert!(sweep((1..).step_by(2).map(full)) > 10);
}

#[test]
fn a_disk_that_works_breaks_nothing() {
    let fault = Fault::Full { pages: usize::MAX };
    let key = StoreKey::random().unwrap();
    assert_eq!(play(&Disk::default(), &key, fault), (ROUNDS, 0));
}
