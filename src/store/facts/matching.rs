//! The facts behind a match: who waits under this name for this amount, and who nearly does.

use std::ops::{Bound, ControlFlow};

use super::super::engine::{Broken, Direction, Rows};
use super::super::keys::{NameKey, TableKey as _, UnmetKey};
use super::super::tables::{
    NameRow, ORDER_AMOUNTS, ORDER_NAMES, ORDERS, UNMET, UnmetRow, prefix_end,
};
use crate::domain::{
    Arrival, DepositRef, MatchFacts, MatchMode, MatchingPolicy, MerchantId, Order, OrderNumber,
    Shelf, Waiting, Won, matching, name, placing::Unmet,
};

/// Lines of each kind that are looked at to say what came close.
const NEAR_OF_A_KIND_MAX: usize = 4;
/// Lines looked at to find so many; the rest of many that do not fit is left alone.
const NEAR_SCANNED_MAX: usize = 256;
/// Orders of the same amount that a person is shown to choose from.
const SAME_AMOUNT_SHOWN_MAX: usize = 100;
/// Deposits looked at for a late order.
const UNMET_SCANNED_MAX: usize = 64;

/// What the index says about a deposit into a matching account of `merchant`.
pub(crate) fn facts(
    rows: &dyn Rows,
    merchant: &MerchantId,
    arrival: &Arrival,
    policy: &MatchingPolicy,
) -> Result<MatchFacts, Broken> {
    if arrival.folded().is_empty() {
        return Ok(MatchFacts::default());
    }
    let eligible = eligible(rows, merchant, arrival, policy)?;
    if let Some((line, _)) = matching::choose(&eligible, policy.mode) {
        let met = ORDERS.get(rows, &(merchant.clone(), line.number.clone()))?;
        return Ok(MatchFacts {
            eligible,
            near: Vec::new(),
            met,
        });
    }
    let near = near(rows, merchant, arrival)?;
    Ok(MatchFacts {
        eligible,
        near,
        met: None,
    })
}

/// The first two orders that the deposit may meet, from the end that the merchant chooses from:
/// two are as many as any, and one seek finds them however many others wait.
fn eligible(
    rows: &dyn Rows,
    merchant: &MerchantId,
    arrival: &Arrival,
    policy: &MatchingPolicy,
) -> Result<Vec<Waiting>, Broken> {
    let from = NameKey::shelf(merchant, &arrival.folded(), arrival.amount, Shelf::Open);
    let mut to = from.clone();
    arrival.ordered_until().write(&mut to);
    let end = prefix_end(&to);
    let bounds = (
        Bound::Included(from.as_slice()),
        end.as_deref().map_or(Bound::Unbounded, Bound::Excluded),
    );
    let direction = match policy.mode {
        MatchMode::Exact | MatchMode::Oldest => Direction::Forward,
        MatchMode::Newest => Direction::Backward,
    };
    let mut found: Vec<Waiting> = Vec::new();
    ORDER_NAMES.walk(rows, bounds, direction, &mut |key, row| {
        let line = line(key, row);
        if arrival.meets(&line, policy) {
            found.push(line);
        }
        let more_than_one = found.iter().any(|line| line.number != found[0].number);
        if more_than_one {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    Ok(found)
}

fn line(key: NameKey, row: NameRow) -> Waiting {
    Waiting {
        number: key.number,
        name: row.name,
        amount: key.amount,
        ordered_at: key.ordered_at,
        position: key.position,
        ends_at: row.ends_at,
        shelf: key.shelf,
    }
}

/// Lines that came close: the same name and amount wherever they lie, the same name with another
/// amount, names that the bank may have cut, the same amount under another name.
pub(crate) fn near(
    rows: &dyn Rows,
    merchant: &MerchantId,
    arrival: &Arrival,
) -> Result<Vec<Waiting>, Broken> {
    let folded = arrival.folded();
    let mut near: Vec<Waiting> = Vec::new();
    for shelf in [Shelf::Open, Shelf::Matched, Shelf::Expired, Shelf::Excluded] {
        let prefix = NameKey::shelf(merchant, &folded, arrival.amount, shelf);
        gather(rows, &prefix, &mut near, &|_| true)?;
    }
    let open = |line: &Waiting| line.shelf == Shelf::Open;
    let name = NameKey::name(merchant, &folded);
    gather(rows, &name, &mut near, &|line| {
        open(line) && line.amount != arrival.amount
    })?;
    if arrival.name_cut {
        let beginning = NameKey::beginning(merchant, &folded);
        gather(rows, &beginning, &mut near, &|line| {
            open(line) && line.amount == arrival.amount && name::folded_name(&line.name) != folded
        })?;
    }
    for order in same_amount(rows, merchant, arrival.amount, NEAR_OF_A_KIND_MAX)? {
        let lines = Waiting::lines(&order);
        near.extend(lines.filter(|line| name::folded_name(&line.name) != folded));
    }
    Ok(near)
}

/// Lines that a person may want to choose from: those that a match would meet, those that came
/// close, and more of the same amount.
pub(crate) fn around(
    rows: &dyn Rows,
    merchant: &MerchantId,
    arrival: &Arrival,
) -> Result<Vec<Waiting>, Broken> {
    let mut lines = near(rows, merchant, arrival)?;
    for order in same_amount(rows, merchant, arrival.amount, SAME_AMOUNT_SHOWN_MAX)? {
        lines.extend(Waiting::lines(&order));
    }
    Ok(lines)
}

fn gather(
    rows: &dyn Rows,
    prefix: &[u8],
    near: &mut Vec<Waiting>,
    wanted: &dyn Fn(&Waiting) -> bool,
) -> Result<(), Broken> {
    let (mut found, mut scanned) = (0, 0);
    ORDER_NAMES.walk_prefix_back(rows, prefix, &mut |key, row| {
        let line = line(key, row);
        scanned += 1;
        if wanted(&line) {
            found += 1;
            near.push(line);
        }
        if found == NEAR_OF_A_KIND_MAX || scanned == NEAR_SCANNED_MAX {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
}

/// The orders that wait for this amount, the latest first.
fn same_amount(
    rows: &dyn Rows,
    merchant: &MerchantId,
    amount: Won,
    most: usize,
) -> Result<Vec<Order>, Broken> {
    let mut prefix = merchant.bytes();
    amount.write(&mut prefix);
    let mut numbers: Vec<OrderNumber> = Vec::new();
    ORDER_AMOUNTS.walk_prefix_back(rows, &prefix, &mut |_, number| {
        numbers.push(number);
        if numbers.len() == most {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    let mut orders = Vec::with_capacity(numbers.len());
    for number in numbers {
        orders.extend(ORDERS.get(rows, &(merchant.clone(), number))?);
    }
    Ok(orders)
}

/// Deposits under this name and amount that met no order, the latest first.
pub(crate) fn unmet(
    rows: &dyn Rows,
    merchant: &MerchantId,
    billing_name: &str,
    amount: Won,
) -> Result<Vec<Unmet>, Broken> {
    let prefix = UnmetKey::same(merchant, &name::folded_name(billing_name), amount);
    let mut found = Vec::new();
    UNMET.walk_prefix_back(rows, &prefix, &mut |key, row| {
        found.push(unmet_of(&key, row));
        if found.len() == UNMET_SCANNED_MAX {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    Ok(found)
}

fn unmet_of(key: &UnmetKey, row: UnmetRow) -> Unmet {
    Unmet {
        deposit: DepositRef {
            key: row.key,
            position: key.position,
            account: row.account,
            amount: key.amount,
            payer_name: row.name,
        },
        booked_at: row.booked_at,
    }
}
