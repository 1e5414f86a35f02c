//! What happened to a merchant, in order: for the pull feed and for replays.

use super::super::engine::Broken;
use super::super::journal;
use super::Reads;
use super::outbox::{Telling, telling};
use crate::domain::{EventId, MerchantId, Timestamp, notices};
use crate::limits;

/// A page of the feed, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    /// What happened.
    pub events: Vec<Telling>,
    /// Where the next page goes on; none where nothing more has happened.
    pub next: Option<EventId>,
}

/// Happenings of a stretch of time.
#[derive(Clone, Debug, Default)]
pub struct ToldBetween {
    /// Their names, the oldest first.
    pub events: Vec<EventId>,
    /// From when on there is more; none where that was all.
    pub next: Option<Timestamp>,
}

impl Reads {
    /// What `merchant` can be told after `after`, at most `most`.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn feed(
        &self,
        merchant: &MerchantId,
        after: Option<EventId>,
        most: usize,
    ) -> Result<Feed, Broken> {
        let mut feed = Feed::default();
        // The record of the last one seen may hold more.
        let mut from = after.map_or(0, |after| after.position.saturating_sub(1));
        loop {
            let found = self.happenings(merchant, from, limits::HAPPENINGS_AT_A_TIME)?;
            let rows = self.engine.snapshot()?;
            for position in &found {
                from = *position;
                for id in told_at(&*rows, merchant, *position)? {
                    if after.is_some_and(|after| id <= after) {
                        continue;
                    }
                    if feed.events.len() == most {
                        feed.next = feed.events.last().map(|last| last.notice.id);
                        return Ok(feed);
                    }
                    feed.events.extend(telling(&*rows, id)?);
                }
            }
            if found.len() < limits::HAPPENINGS_AT_A_TIME {
                return Ok(feed);
            }
        }
    }

    /// What `merchant` can be told of a period, at most about `most`.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn told_between(
        &self,
        merchant: &MerchantId,
        (from, to): (Timestamp, Option<Timestamp>),
        most: usize,
    ) -> Result<ToldBetween, Broken> {
        let mut told = ToldBetween::default();
        let first = self.position_at(from)?;
        let end = match to {
            Some(to) => self.position_at(to)?,
            None => u64::MAX,
        };
        let mut last = first.saturating_sub(1);
        loop {
            let found = self.happenings(merchant, last, limits::HAPPENINGS_AT_A_TIME)?;
            let rows = self.engine.snapshot()?;
            for position in &found {
                if *position >= end {
                    return Ok(told);
                }
                if told.events.len() >= most {
                    told.next = journal::at(&*rows, *position)?.map(|record| record.at);
                    return Ok(told);
                }
                last = *position;
                told.events.extend(told_at(&*rows, merchant, *position)?);
            }
            if found.len() < limits::HAPPENINGS_AT_A_TIME {
                return Ok(told);
            }
        }
    }
}

/// The names of what one record tells a merchant.
fn told_at(
    rows: &dyn super::super::engine::Rows,
    merchant: &MerchantId,
    position: u64,
) -> Result<Vec<EventId>, Broken> {
    let record = journal::at(rows, position)?;
    let notices = record.map(|record| notices(&record.events, position));
    let own = notices
        .into_iter()
        .flatten()
        .filter(|notice| notice.merchant == *merchant);
    Ok(own.map(|notice| notice.id).collect())
}
