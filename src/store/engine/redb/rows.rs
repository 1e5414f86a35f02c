//! Rows of redb: as a snapshot sees them, and as the commit under way leaves them.
//!
//! Tables are opened when first asked for and kept, because opening one costs more than a look
//! into it.

use std::cell::OnceCell;
use std::ops::{Bound, ControlFlow};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use redb::{
    ReadOnlyTable, ReadTransaction, ReadableTable, StorageError, Table, TableDefinition,
    TableError, WriteTransaction,
};

use crate::store::engine::{
    Batch, Broken, Direction, Doing, Each, Health, Rows, TableId, can_hold,
};

type Bytes = &'static [u8];

pub(super) fn broken(
    place: &Path,
    doing: Doing,
    table: Option<TableId>,
    cause: impl Into<redb::Error>,
) -> Broken {
    let place = place.to_string_lossy();
    match cause.into() {
        // redb's error does not hand out what lies beneath; here the io error is kept whole.
        redb::Error::Io(cause) => Broken::new(doing, table, &place, cause),
        cause => Broken::new(doing, table, &place, cause),
    }
}

fn missing(place: &Path, doing: Doing, table: TableId) -> Broken {
    let cause = redb::Error::TableDoesNotExist(table.name.to_owned());
    broken(place, doing, Some(table), cause)
}

pub(super) fn definition(table: TableId) -> TableDefinition<'static, Bytes, Bytes> {
    TableDefinition::new(table.name)
}

fn get(
    rows: &impl ReadableTable<Bytes, Bytes>,
    key: &[u8],
) -> Result<Option<Vec<u8>>, StorageError> {
    Ok(rows.get(key)?.map(|found| found.value().to_vec()))
}

/// What can stop a scan: the disk, or the one who looks at the rows.
enum Stopped {
    ByDisk(StorageError),
    ByCaller(Broken),
}

fn scan(
    rows: &impl ReadableTable<Bytes, Bytes>,
    (from, to): (Bound<&[u8]>, Bound<&[u8]>),
    direction: Direction,
    each: &mut Each<'_>,
) -> Result<(), Stopped> {
    if !can_hold(from, to) {
        return Ok(());
    }
    let mut range = rows.range::<&[u8]>((from, to)).map_err(Stopped::ByDisk)?;
    loop {
        let row = match direction {
            Direction::Forward => range.next(),
            Direction::Backward => range.next_back(),
        };
        let Some(row) = row else { return Ok(()) };
        let (key, value) = row.map_err(Stopped::ByDisk)?;
        if each(key.value(), value.value()).map_err(Stopped::ByCaller)? == ControlFlow::Break(()) {
            return Ok(());
        }
    }
}

/// A read transaction with the tables opened so far; shared by all who look between two commits.
pub(super) struct View {
    transaction: ReadTransaction,
    tables: Vec<OnceLock<Option<ReadOnlyTable<Bytes, Bytes>>>>,
    place: Arc<Path>,
    health: Arc<Health>,
}

impl View {
    pub(super) fn new(
        transaction: ReadTransaction,
        tables: &[TableId],
        place: Arc<Path>,
        health: Arc<Health>,
    ) -> Self {
        let tables = tables.iter().map(|_| OnceLock::new()).collect();
        View {
            transaction,
            tables,
            place,
            health,
        }
    }

    /// The opened table; none when a file opened for reading only does not have it yet.
    pub(super) fn table(
        &self,
        table: TableId,
    ) -> Result<Option<&ReadOnlyTable<Bytes, Bytes>>, Broken> {
        let Some(slot) = self.tables.get(table.index) else {
            return Err(missing(&self.place, Doing::Read, table));
        };
        if let Some(opened) = slot.get() {
            return Ok(opened.as_ref());
        }
        let opened = match self.transaction.open_table(definition(table)) {
            Ok(opened) => Some(opened),
            Err(TableError::TableDoesNotExist(_)) => None,
            Err(error) => return Err(broken(&self.place, Doing::Read, Some(table), error)),
        };
        Ok(slot.get_or_init(|| opened).as_ref())
    }

    fn failed(&self, table: TableId, error: StorageError) -> Broken {
        broken(&self.place, Doing::Read, Some(table), error)
    }
}

impl Rows for View {
    fn get(&self, table: TableId, key: &[u8]) -> Result<Option<Vec<u8>>, Broken> {
        self.health.check()?;
        match self.health.note(self.table(table))? {
            None => Ok(None),
            Some(rows) => self
                .health
                .note(get(rows, key).map_err(|error| self.failed(table, error))),
        }
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
        let Some(rows) = self.health.note(self.table(table))? else {
            return Ok(());
        };
        scan(rows, (from, to), direction, each).map_err(|stopped| match stopped {
            Stopped::ByDisk(error) => self.health.fail(self.failed(table, error)),
            Stopped::ByCaller(broken) => broken,
        })
    }
}

/// One write transaction with the tables opened so far.
pub(super) struct Draft<'t> {
    transaction: &'t WriteTransaction,
    tables: Vec<OnceCell<Table<'t, Bytes, Bytes>>>,
    place: &'t Path,
}

impl<'t> Draft<'t> {
    pub(super) fn new(
        transaction: &'t WriteTransaction,
        tables: &[TableId],
        place: &'t Path,
    ) -> Self {
        let tables = tables.iter().map(|_| OnceCell::new()).collect();
        Draft {
            transaction,
            tables,
            place,
        }
    }

    fn open(&self, table: TableId) -> Result<&OnceCell<Table<'t, Bytes, Bytes>>, Broken> {
        let Some(slot) = self.tables.get(table.index) else {
            return Err(missing(self.place, Doing::Read, table));
        };
        if slot.get().is_none() {
            let opened = self.transaction.open_table(definition(table));
            let opened =
                opened.map_err(|error| broken(self.place, Doing::Read, Some(table), error))?;
            // The cell was empty a line ago and this type is not shared, so `set` cannot fail.
            slot.set(opened).ok();
        }
        Ok(slot)
    }

    fn rows(&self, table: TableId) -> Result<&Table<'t, Bytes, Bytes>, Broken> {
        let opened = self.open(table)?.get();
        opened.ok_or_else(|| missing(self.place, Doing::Read, table))
    }

    fn rows_mut(&mut self, table: TableId) -> Result<&mut Table<'t, Bytes, Bytes>, Broken> {
        self.open(table)?;
        let place = self.place;
        let opened = self.tables.get_mut(table.index).and_then(OnceCell::get_mut);
        opened.ok_or_else(|| missing(place, Doing::Write, table))
    }
}

impl Rows for Draft<'_> {
    fn get(&self, table: TableId, key: &[u8]) -> Result<Option<Vec<u8>>, Broken> {
        get(self.rows(table)?, key)
            .map_err(|error| broken(self.place, Doing::Read, Some(table), error))
    }

    fn scan(
        &self,
        table: TableId,
        from: Bound<&[u8]>,
        to: Bound<&[u8]>,
        direction: Direction,
        each: &mut Each<'_>,
    ) -> Result<(), Broken> {
        scan(self.rows(table)?, (from, to), direction, each).map_err(|stopped| match stopped {
            Stopped::ByDisk(error) => broken(self.place, Doing::Read, Some(table), error),
            Stopped::ByCaller(broken) => broken,
        })
    }
}

impl Batch for Draft<'_> {
    fn put(&mut self, table: TableId, key: &[u8], value: &[u8]) -> Result<(), Broken> {
        let place = self.place;
        match self.rows_mut(table)?.insert(key, value) {
            Ok(_) => Ok(()),
            Err(error) => Err(broken(place, Doing::Write, Some(table), error)),
        }
    }

    fn delete(&mut self, table: TableId, key: &[u8]) -> Result<bool, Broken> {
        let place = self.place;
        match self.rows_mut(table)?.remove(key) {
            Ok(taken) => Ok(taken.is_some()),
            Err(error) => Err(broken(place, Doing::Write, Some(table), error)),
        }
    }
}
