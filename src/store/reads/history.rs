//! Walks through the history: the newest first for lists, the oldest first for a feed.

use std::collections::BinaryHeap;
use std::ops::{Bound, ControlFlow};

use super::super::engine::{Broken, Direction, Rows};
use super::super::journal;
use super::super::keys::{TableKey as _, Tag, Whose};
use super::super::tables::{HISTORY, MERCHANT_DAYS, MERCHANTS};
use super::Reads;
use crate::domain::{BusinessDate, MerchantId, Timestamp};
use crate::store::tables::DayCounts;

/// A stretch of time, from the first instant up to but without the second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// From when; none from the first day on.
    pub from: Option<Timestamp>,
    /// Until when; none to this day.
    pub to: Option<Timestamp>,
}

/// Journal positions from the first up to but without the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: u64,
    pub(super) to: u64,
}

impl Stretch {
    /// The positions of a period.
    pub(super) fn of(rows: &dyn Rows, period: Period) -> Result<Self, Broken> {
        let first = |at: Option<Timestamp>, otherwise: u64| match at {
            Some(at) => journal::first_at(rows, at),
            None => Ok(otherwise),
        };
        Ok(Stretch {
            from: first(period.from, 0)?,
            to: first(period.to, u64::MAX)?,
        })
    }

    /// The same up to but without `position`.
    pub(super) fn before(self, position: Option<u64>) -> Self {
        Stretch {
            from: self.from,
            to: position.map_or(self.to, |position| position.min(self.to)),
        }
    }
}

/// Whose rows a list shows: one merchant's, or everyone's and nobody's.
pub(super) fn owners(rows: &dyn Rows, merchant: Option<&MerchantId>) -> Result<Vec<Whose>, Broken> {
    if let Some(merchant) = merchant {
        return Ok(vec![Whose::Merchant(merchant.clone())]);
    }
    let mut owners = vec![Whose::Nobody];
    MERCHANTS.walk_from(rows, &[], &mut |merchant, _| {
        owners.push(Whose::Merchant(merchant));
        ControlFlow::Continue(())
    })?;
    Ok(owners)
}

/// What a walk calls with whom a record concerns and its position; `Break` ends the walk.
pub(super) type EachOf<'a> = dyn FnMut(&Whose, u64) -> Result<ControlFlow<()>, Broken> + 'a;

/// Walks what concerns `owners` under `tag`, the newest first.
pub(super) fn walk_back(
    rows: &dyn Rows,
    owners: &[Whose],
    tag: Tag,
    stretch: Stretch,
    each: &mut EachOf<'_>,
) -> Result<(), Broken> {
    if let [owner] = owners {
        let mut outcome = Ok(());
        scan(
            rows,
            owner,
            tag,
            stretch,
            Direction::Backward,
            &mut |position| match each(owner, position) {
                Ok(flow) => flow,
                Err(broken) => {
                    outcome = Err(broken);
                    ControlFlow::Break(())
                }
            },
        )?;
        return outcome;
    }
    let mut newest = BinaryHeap::new();
    for (index, owner) in owners.iter().enumerate() {
        if let Some(position) = last(rows, owner, tag, stretch)? {
            newest.push((position, index));
        }
    }
    while let Some((position, index)) = newest.pop() {
        let owner = &owners[index];
        if each(owner, position)?.is_break() {
            return Ok(());
        }
        let rest = stretch.before(Some(position));
        if let Some(position) = last(rows, owner, tag, rest)? {
            newest.push((position, index));
        }
    }
    Ok(())
}

fn last(rows: &dyn Rows, owner: &Whose, tag: Tag, stretch: Stretch) -> Result<Option<u64>, Broken> {
    let mut last = None;
    scan(
        rows,
        owner,
        tag,
        stretch,
        Direction::Backward,
        &mut |position| {
            last = Some(position);
            ControlFlow::Break(())
        },
    )?;
    Ok(last)
}

fn scan(
    rows: &dyn Rows,
    owner: &Whose,
    tag: Tag,
    stretch: Stretch,
    direction: Direction,
    each: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<(), Broken> {
    let key = |position: u64| (owner.clone(), (tag, position)).bytes();
    let (from, to) = (key(stretch.from), key(stretch.to));
    let bounds = (
        Bound::Included(from.as_slice()),
        Bound::Excluded(to.as_slice()),
    );
    HISTORY.walk(rows, bounds, direction, &mut |(_, (_, position)), _| {
        each(position)
    })
}

/// Whether something stands in the history.
pub(super) fn stands(
    rows: &dyn Rows,
    owner: &Whose,
    tag: Tag,
    position: u64,
) -> Result<bool, Broken> {
    let row = HISTORY.get(rows, &(owner.clone(), (tag, position)))?;
    Ok(row.is_some())
}

/// How many rows a stretch has.
pub(super) fn count(
    rows: &dyn Rows,
    owners: &[Whose],
    tag: Tag,
    stretch: Stretch,
) -> Result<u64, Broken> {
    let mut count = 0;
    for owner in owners {
        scan(rows, owner, tag, stretch, Direction::Forward, &mut |_| {
            count += 1;
            ControlFlow::Continue(())
        })?;
    }
    Ok(count)
}

/// Whom counts are asked of.
pub(super) fn counted(merchant: Option<&MerchantId>) -> Whose {
    merchant.map_or(Whose::Everyone, |merchant| {
        Whose::Merchant(merchant.clone())
    })
}

/// The whole days of a period, where it has no parts of days.
pub(super) fn whole_days(period: Period) -> Option<(BusinessDate, BusinessDate)> {
    let first = BusinessDate::from_number(10_101)?;
    let last = BusinessDate::from_number(99_991_231)?;
    let midnight = |at: Timestamp| {
        let seoul = at.in_seoul()?;
        (seoul.time() == jiff::civil::Time::midnight()).then(|| BusinessDate::new(seoul.date()))
    };
    let from = match period.from {
        Some(at) => midnight(at)?,
        None => first,
    };
    let to = match period.to {
        Some(at) => midnight(at)?,
        None => last,
    };
    Some((from, to))
}

impl Reads {
    /// The counts of each day of `merchant` (of everyone where there is none) from `from` up to
    /// but without `to`, the earliest first; days without anything are left out.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn days(
        &self,
        merchant: Option<&MerchantId>,
        from: BusinessDate,
        to: BusinessDate,
    ) -> Result<Vec<(BusinessDate, DayCounts)>, Broken> {
        days(&*self.engine.snapshot()?, &counted(merchant), (from, to))
    }

    /// The sums over those days for each merchant that has any.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn days_of_each(
        &self,
        from: BusinessDate,
        to: BusinessDate,
    ) -> Result<Vec<(MerchantId, DayCounts)>, Broken> {
        let rows = self.engine.snapshot()?;
        let mut sums = Vec::new();
        for owner in owners(&*rows, None)? {
            let days = days(&*rows, &owner, (from, to))?;
            if let (Whose::Merchant(merchant), false) = (owner, days.is_empty()) {
                sums.push((merchant, sum(&days)));
            }
        }
        Ok(sums)
    }

    /// Journal positions after `after` of records that tell `merchant` something, the oldest
    /// first, at most `most`.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn happenings(
        &self,
        merchant: &MerchantId,
        after: u64,
        most: usize,
    ) -> Result<Vec<u64>, Broken> {
        let rows = self.engine.snapshot()?;
        let owner = Whose::Merchant(merchant.clone());
        let stretch = Stretch {
            from: after.saturating_add(1),
            to: u64::MAX,
        };
        let mut positions = Vec::new();
        for tag in Tag::HAPPENINGS {
            let mut taken = 0;
            scan(
                &*rows,
                &owner,
                tag,
                stretch,
                Direction::Forward,
                &mut |position| {
                    positions.push(position);
                    taken += 1;
                    if taken < most {
                        ControlFlow::Continue(())
                    } else {
                        ControlFlow::Break(())
                    }
                },
            )?;
        }
        positions.sort_unstable();
        positions.dedup();
        positions.truncate(most);
        Ok(positions)
    }
}

/// The counts of days, the earliest first.
pub(super) fn days(
    rows: &dyn Rows,
    whose: &Whose,
    (from, to): (BusinessDate, BusinessDate),
) -> Result<Vec<(BusinessDate, DayCounts)>, Broken> {
    let key = |day: BusinessDate| (whose.clone(), day).bytes();
    let (low, high) = (key(from), key(to));
    let bounds = (
        Bound::Included(low.as_slice()),
        Bound::Excluded(high.as_slice()),
    );
    let mut days = Vec::new();
    MERCHANT_DAYS.walk(rows, bounds, Direction::Forward, &mut |(_, day), counts| {
        days.push((day, counts));
        ControlFlow::Continue(())
    })?;
    Ok(days)
}

/// Days together; a sum that does not fit stays at the days before.
pub(super) fn sum(days: &[(BusinessDate, DayCounts)]) -> DayCounts {
    days.iter().fold(DayCounts::default(), |sum, (_, day)| {
        sum.checked_add(*day).unwrap_or(sum)
    })
}
