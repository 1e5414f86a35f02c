//! The engine without a disk, for simulation and for tests of the rooms above.
//!
//! It keeps the same promises as the engine on a file, except the disk: what survives a restart is
//! what its [`Memory`] holds. It knows nothing of files and keys.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    Batch, Broken, Direction, Doing, Each, Engine, Health, OpenError, Rows, Snapshot, TableId,
    Work, can_hold, check_tables,
};

const PLACE: &str = "memory";

type Table = BTreeMap<Vec<u8>, Vec<u8>>;
type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// What survives when an engine ends; opening another engine on a clone finds all commits again.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Vec<Arc<Table>>>>);

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Table>>> {
        // A commit touches the tables only after its work succeeded, in steps that cannot panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An engine whose tables are ordered maps.
///
/// A commit changes tables in place unless a snapshot that looks at them is alive, in which case
/// each touched table is copied once.
#[derive(Debug)]
pub struct MemoryEngine {
    memory: Memory,
    writing: Mutex<()>,
    health: Arc<Health>,
}

impl MemoryEngine {
    /// Opens an engine on `memory` with the tables it will be asked for.
    pub fn open(memory: &Memory, tables: &[TableId]) -> Result<Self, OpenError> {
        check_tables(tables)?;
        let mut held = memory.lock();
        while held.len() < tables.len() {
            held.push(Arc::default());
        }
        drop(held);
        Ok(MemoryEngine {
            memory: memory.clone(),
            writing: Mutex::new(()),
            health: Arc::default(),
        })
    }
}

impl Engine for MemoryEngine {
    fn snapshot(&self) -> Result<Snapshot, Broken> {
        self.health.check()?;
        let tables = self.memory.lock().clone();
        Ok(Arc::new(View {
            tables,
            health: self.health.clone(),
        }))
    }

    fn commit(&self, work: &mut Work<'_>) -> Result<(), Broken> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.health.check()?;
        let below = self.memory.lock().clone();
        let changes = below.iter().map(|_| Changes::new()).collect();
        let mut draft = Draft { below, changes };
        let unwinding = Unwinding(&self.health);
        self.health.note(work(&mut draft))?;
        drop(unwinding);
        let Draft { below, changes } = draft;
        drop(below);
        let mut tables = self.memory.lock();
        for (table, changes) in tables.iter_mut().zip(changes) {
            if !changes.is_empty() {
                apply(Arc::make_mut(table), changes);
            }
        }
        Ok(())
    }

    fn bytes(&self) -> u64 {
        let size = |table: &Arc<Table>| -> usize {
            table
                .iter()
                .map(|(key, value)| key.len() + value.len())
                .sum()
        };
        self.memory.lock().iter().map(size).sum::<usize>() as u64
    }

    fn verify(&self) -> Result<bool, Broken> {
        self.health.check()?;
        Ok(true)
    }

    fn close(&self) -> Result<(), Broken> {
        let _after_the_commit_under_way = self.writing.lock();
        self.health.check()?;
        let closed = Broken::new(Doing::Close, None, PLACE, "it is closed");
        self.health.fail(closed);
        Ok(())
    }
}

/// Breaks the books when the work of a commit panics, as every engine does.
struct Unwinding<'a>(&'a Health);

impl Drop for Unwinding<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let why = "the work panicked";
            self.0.fail(Broken::new(Doing::Commit, None, PLACE, why));
        }
    }
}

fn apply(table: &mut Table, changes: Changes) {
    for (key, change) in changes {
        match change {
            Some(value) => table.insert(key, value),
            None => table.remove(&key),
        };
    }
}

fn unknown(doing: Doing, table: TableId) -> Broken {
    Broken::new(doing, Some(table), PLACE, "no such table")
}

struct View {
    tables: Vec<Arc<Table>>,
    health: Arc<Health>,
}

impl Rows for View {
    fn get(&self, table: TableId, key: &[u8]) -> Result<Option<Vec<u8>>, Broken> {
        self.health.check()?;
        let rows = self
            .tables
            .get(table.index)
            .ok_or_else(|| unknown(Doing::Read, table))?;
        Ok(rows.get(key).cloned())
    }

    fn scan(
        &self,
        table: TableId,
        from: Bound<&[u8]>,
        to: Bound<&[u8]>,
        direction: Direction,
        each: &mut Each<'_>,
    ) -> Result<(), Broken> {
        self.health.check()?;
        let rows = self
            .tables
            .get(table.index)
            .ok_or_else(|| unknown(Doing::Read, table))?;
        if !can_hold(from, to) {
            return Ok(());
        }
        let rows = rows
            .range::<[u8], _>((from, to))
            .map(|(key, value)| (&key[..], &value[..]));
        match direction {
            Direction::Forward => walk(rows, each),
            Direction::Backward => walk(rows.rev(), each),
        }
    }
}

fn walk<'a>(
    rows: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    each: &mut Each<'_>,
) -> Result<(), Broken> {
    for (key, value) in rows {
        if each(key, value)? == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}

/// The tables below with the changes of one commit laid over them.
struct Draft {
    below: Vec<Arc<Table>>,
    changes: Vec<Changes>,
}

impl Draft {
    fn find(&self, table: TableId) -> Result<(&Table, &Changes), Broken> {
        match (self.below.get(table.index), self.changes.get(table.index)) {
            (Some(below), Some(changes)) => Ok((below, changes)),
            _ => Err(unknown(Doing::Read, table)),
        }
    }

    fn changes(&mut self, table: TableId) -> Result<&mut Changes, Broken> {
        self.changes
            .get_mut(table.index)
            .ok_or_else(|| unknown(Doing::Write, table))
    }
}

impl Rows for Draft {
    fn get(&self, table: TableId, key: &[u8]) -> Result<Option<Vec<u8>>, Broken> {
        let (below, changes) = self.find(table)?;
        Ok(match changes.get(key) {
            Some(change) => change.clone(),
            None => below.get(key).cloned(),
        })
    }

    fn scan(
        &self,
        table: TableId,
        from: Bound<&[u8]>,
        to: Bound<&[u8]>,
        direction: Direction,
        each: &mut Each<'_>,
    ) -> Result<(), Broken> {
        let (below, changes) = self.find(table)?;
        if !can_hold(from, to) {
            return Ok(());
        }
        let below = below
            .range::<[u8], _>((from, to))
            .map(|(key, value)| (&key[..], &value[..]));
        let changes = changes
            .range::<[u8], _>((from, to))
            .map(|(key, change)| (&key[..], change.as_deref()));
        match direction {
            Direction::Forward => walk(laid_over(below, changes, direction), each),
            Direction::Backward => walk(laid_over(below.rev(), changes.rev(), direction), each),
        }
    }
}

/// Merges two walks in the same direction; where both have a key the change wins, and a change
/// that is a deletion hides the row.
fn laid_over<'a>(
    below: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    changes: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    direction: Direction,
) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
    let before = move |a: &[u8], b: &[u8]| match direction {
        Direction::Forward => a < b,
        Direction::Backward => a > b,
    };
    let mut below = below.peekable();
    let mut changes = changes.peekable();
    std::iter::from_fn(move || {
        loop {
            match (below.peek(), changes.peek()) {
                (Some((row, _)), Some((change, _))) if before(row, change) => return below.next(),
                (Some(_), None) => return below.next(),
                (None, None) => return None,
                (Some((row, _)), Some((change, _))) if row == change => {
                    below.next();
                }
                _ => {}
            }
            if let Some((key, Some(value))) = changes.next() {
                return Some((key, value));
            }
        }
    })
}

impl Batch for Draft {
    fn put(&mut self, table: TableId, key: &[u8], value: &[u8]) -> Result<(), Broken> {
        self.changes(table)?
            .insert(key.to_vec(), Some(value.to_vec()));
        Ok(())
    }

    fn delete(&mut self, table: TableId, key: &[u8]) -> Result<bool, Broken> {
        let existed = self.get(table, key)?.is_some();
        if existed {
            self.changes(table)?.insert(key.to_vec(), None);
        }
        Ok(existed)
    }
}
