//! The journal: the ground state of the books, append-only, chained by hashes.
//!
//! Record n holds SHA-256(hash of record n−1, n, text of record n). Whoever changes, drops or
//! moves a record breaks every hash after it. The text is JSON, so that an auditor reads it
//! without this program; long texts lie packed in their rows (`text`).

mod text;

use std::ops::{Bound, ControlFlow};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::engine::{Batch, Broken, Direction, Rows};
use super::keys::TableKey;
use super::tables::JOURNAL;
use crate::domain::{Event, Timestamp};

/// A SHA-256 hash.
pub(crate) type Hash = [u8; 32];

/// Everything one command made true, in one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The record's stamp; each is later than the one before, whatever the clock does.
    pub at: Timestamp,
    /// What became true, in order.
    pub events: Vec<Event>,
}

/// Where the journal ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Position of the last record; 0 before the first.
    pub position: u64,
    /// Its hash.
    pub hash: [u8; 32],
    /// Its stamp.
    pub at: Timestamp,
}

impl Head {
    /// The stamp of the next record, given what the clock says: never equal, never back.
    pub(crate) fn stamp(&self, now: Timestamp) -> Timestamp {
        now.max(Timestamp::from_micros(
            self.at.as_micros().saturating_add(1),
        ))
    }
}

/// Appends `record` after `head` and returns the new head.
pub(crate) fn append(batch: &mut dyn Batch, head: &Head, record: &Record) -> Result<Head, Broken> {
    let position = head.position + 1;
    let written = serde_json::to_vec(record)
        .map_err(|_| Broken::not_understood(JOURNAL, "a record could not be written"))?;
    let hash = chained(&head.hash, position, &written);
    let mut row = Vec::with_capacity(32 + written.len());
    row.extend_from_slice(&hash);
    text::write(&written, &mut row);
    batch.put(JOURNAL, &position.bytes(), &row)?;
    Ok(Head {
        position,
        hash,
        at: record.at,
    })
}

/// The last record's place, or the beginning of an empty journal.
pub(crate) fn head(rows: &dyn Rows) -> Result<Head, Broken> {
    let mut last = Ok(Head::default());
    let (from, to) = (Bound::Unbounded, Bound::Unbounded);
    rows.scan(JOURNAL, from, to, Direction::Backward, &mut |key, row| {
        last = read(key, row).map(|(position, hash, record)| Head {
            position,
            hash,
            at: record.at,
        });
        Ok(ControlFlow::Break(()))
    })?;
    last
}

/// The last position, without reading the record there, which may be damaged.
pub(crate) fn last_position(rows: &dyn Rows) -> Result<u64, Broken> {
    let mut last = 0;
    let (from, to) = (Bound::Unbounded, Bound::Unbounded);
    rows.scan(JOURNAL, from, to, Direction::Backward, &mut |mut key, _| {
        last = u64::read(&mut key).unwrap_or_default();
        Ok(ControlFlow::Break(()))
    })?;
    Ok(last)
}

/// One record as it stands in its row: position, hash, content.
fn read(mut key: &[u8], row: &[u8]) -> Result<(u64, Hash, Record), Broken> {
    let wrong = || Broken::not_understood(JOURNAL, "a record could not be read");
    let position = u64::read(&mut key).ok_or_else(wrong)?;
    let (hash, stored) = row.split_first_chunk::<32>().ok_or_else(wrong)?;
    let text = text::read(stored).ok_or_else(wrong)?;
    let record = serde_json::from_slice(&text).map_err(|_| wrong())?;
    Ok((position, *hash, record))
}

/// The record at `position`, if the journal reaches so far.
pub(crate) fn at(rows: &dyn Rows, position: u64) -> Result<Option<Record>, Broken> {
    let key = position.bytes();
    let Some(row) = rows.get(JOURNAL, &key)? else {
        return Ok(None);
    };
    read(&key, &row).map(|(_, _, record)| Some(record))
}

/// The first position whose record is stamped at or after `at`; one beyond the last where none is.
pub(crate) fn first_at(rows: &dyn Rows, at: Timestamp) -> Result<u64, Broken> {
    let (mut low, mut high) = (1, last_position(rows)? + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let record = self::at(rows, middle)?;
        if record.is_some_and(|record| record.at < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// What is wrong with a chain, in words for a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainBreak {
    /// At which position.
    pub position: u64,
    /// What is wrong there.
    pub why: &'static str,
}

/// Walks up to `most` records after `after`, checking gaps, stamps and hashes, and hands each
/// record on. Ends early at the first break, which it returns.
pub(crate) fn walk(
    rows: &dyn Rows,
    after: &Head,
    most: usize,
    each: &mut dyn FnMut(u64, &Record) -> Result<(), Broken>,
) -> Result<(Head, Option<ChainBreak>), Broken> {
    let mut head = *after;
    let mut broken = None;
    let mut walked = 0;
    let from = (after.position + 1).bytes();
    let start = Bound::Included(from.as_slice());
    rows.scan(
        JOURNAL,
        start,
        Bound::Unbounded,
        Direction::Forward,
        &mut |key, row| {
            if walked == most {
                return Ok(ControlFlow::Break(()));
            }
            walked += 1;
            match link(&head, key, row) {
                Ok((next, record)) => {
                    each(next.position, &record)?;
                    head = next;
                    Ok(ControlFlow::Continue(()))
                }
                Err(chain_break) => {
                    broken = Some(chain_break);
                    Ok(ControlFlow::Break(()))
                }
            }
        },
    )?;
    Ok((head, broken))
}

/// Checks that a row follows `head`.
fn link(head: &Head, key: &[u8], row: &[u8]) -> Result<(Head, Record), ChainBreak> {
    let expected = head.position + 1;
    let wrong = |why| ChainBreak {
        position: expected,
        why,
    };
    if key != expected.bytes() {
        return Err(wrong("the record is missing"));
    }
    let text = text::read(row.get(32..).unwrap_or_default()).unwrap_or_default();
    if row.get(..32) != Some(&chained(&head.hash, expected, &text)[..]) {
        return Err(wrong(
            "the record or one before it was changed: its hash does not follow",
        ));
    }
    let (position, hash, record) =
        read(key, row).map_err(|_| wrong("the record cannot be read"))?;
    if record.at <= head.at && head.position > 0 {
        return Err(wrong("the record is not later than the one before it"));
    }
    Ok((
        Head {
            position,
            hash,
            at: record.at,
        },
        record,
    ))
}

fn chained(previous: &Hash, position: u64, text: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(position.to_be_bytes());
    hash.update(text);
    hash.finalize().into()
}
