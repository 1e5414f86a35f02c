//! The lines of the index of names, as their orders stand.
//!
//! A match leaves its order's lines among those that wait (see `tables/orders.rs`). Whoever reads
//! a line asks the order; whoever matches an order takes away what was left around it.

use std::ops::{Bound, ControlFlow};

use super::super::engine::{Broken, Direction, Rows};
use super::super::keys::{NameKey, TableKey as _};
use super::super::tables::{NameRow, ORDER_NAMES, ORDERS, prefix_end};
use crate::domain::{MerchantId, Shelf, Waiting};

/// Lines to each side of an order's own that are looked at when it is matched.
const NEIGHBOURS: usize = 16;
/// How many lines may be left behind among them. A walk over lines that wait so meets a few that
/// do not, never many.
const LEFT_BEHIND_MAX: usize = 4;

/// Walks the lines between two keys while `each` goes on, each on the shelf where its order is.
pub(crate) fn walk(
    rows: &dyn Rows,
    bounds: (Bound<&[u8]>, Bound<&[u8]>),
    direction: Direction,
    each: &mut dyn FnMut(Waiting) -> ControlFlow<()>,
) -> Result<(), Broken> {
    let mut broken = None;
    ORDER_NAMES.walk(
        rows,
        bounds,
        direction,
        &mut |key, row| match line(rows, key, row) {
            Ok(line) => each(line),
            Err(error) => {
                broken = Some(error);
                ControlFlow::Break(())
            }
        },
    )?;
    broken.map_or(Ok(()), Err)
}

/// Walks the lines whose keys begin with `prefix`, the last one first.
pub(crate) fn walk_prefix_back(
    rows: &dyn Rows,
    prefix: &[u8],
    each: &mut dyn FnMut(Waiting) -> ControlFlow<()>,
) -> Result<(), Broken> {
    let end = prefix_end(prefix);
    let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    walk(
        rows,
        (Bound::Included(prefix), to),
        Direction::Backward,
        each,
    )
}

fn line(rows: &dyn Rows, key: NameKey, row: NameRow) -> Result<Waiting, Broken> {
    let mut shelf = key.shelf;
    if shelf == Shelf::Open {
        let order = ORDERS.get(rows, &(key.merchant, key.number.clone()))?;
        let order = order.ok_or_else(|| {
            Broken::not_understood(ORDER_NAMES.id, "a line of an order that was never placed")
        })?;
        shelf = order.shelf();
    }
    Ok(Waiting {
        number: key.number,
        name: row.name,
        amount: key.amount,
        ordered_at: key.ordered_at,
        position: key.position,
        ends_at: row.ends_at,
        shelf,
    })
}

/// The matched orders' lines around `own` that lie among those that wait, once they are too many.
pub(crate) fn left_behind(
    rows: &dyn Rows,
    merchant: &MerchantId,
    own: &Waiting,
) -> Result<Vec<Waiting>, Broken> {
    let key = NameKey::of(merchant, own);
    let prefix = NameKey::shelf(merchant, &key.folded, own.amount, Shelf::Open);
    let (own, end) = (key.bytes(), prefix_end(&prefix));
    let end = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let before = (
        Bound::Included(prefix.as_slice()),
        Bound::Excluded(own.as_slice()),
    );
    let after = (Bound::Excluded(own.as_slice()), end);
    let mut left = Vec::new();
    for (bounds, direction) in [(before, Direction::Backward), (after, Direction::Forward)] {
        let mut looked_at = 0;
        walk(rows, bounds, direction, &mut |line| {
            looked_at += 1;
            if line.shelf != Shelf::Open {
                left.push(line);
            }
            if looked_at == NEIGHBOURS {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
    }
    if left.len() < LEFT_BEHIND_MAX {
        left.clear();
    }
    Ok(left)
}
