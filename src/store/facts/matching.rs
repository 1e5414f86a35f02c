//! The facts behind a match: who waits under this name for this amount, and who nearly does.

use std::ops::{Bound, ControlFlow};

use super::super::engine::{Broken, Direction, Rows};
use super::super::keys::{NameKey, TableKey as _, UnmetKey};
use super::super::tables::{ACCOUNTS, ORDER_AMOUNTS, ORDERS, RELAYED, UNMET, UnmetRow, prefix_end};
use super::lines;
use crate::domain::{
    AccountKind, Arrival, DepositRef, MatchFacts, MatchMode, MatchingPolicy, MerchantId, NewOrder,
    Order, OrderNumber, Shelf, Timestamp, Waiting, Won, matching, name, placing::Unmet,
};

/// Lines of each kind that are looked at to say what came close.
const NEAR_OF_A_KIND_MAX: usize = 4;
/// Lines looked at to find so many; the rest of many that do not fit is left alone.
const NEAR_SCANNED_MAX: usize = 256;
/// Orders of the same amount that a person is shown to choose from.
const SAME_AMOUNT_SHOWN_MAX: usize = 100;
/// Stretches of the journal that are searched for orders of the same amount: four million records.
const STRETCHES_LOOKED_AT_MAX: usize = 64;
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
/// two are as many as any, and one seek finds them however many others wait. Of very many that
/// differ in their spaces or are over, nobody can say quickly that only one fits: then none does.
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
    let mut scanned = 0;
    lines::walk(rows, bounds, direction, &mut |line| {
        scanned += 1;
        if arrival.meets(&line, policy) {
            found.push(line);
        }
        let more_than_one = found.iter().any(|line| line.number != found[0].number);
        if more_than_one || scanned == NEAR_SCANNED_MAX {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    let several = found.iter().any(|line| line.number != found[0].number);
    if scanned == NEAR_SCANNED_MAX && !several && policy.mode == MatchMode::Exact {
        found.clear();
    }
    Ok(found)
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
    lines::walk_prefix_back(rows, prefix, &mut |line| {
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
    let mut numbers: Vec<OrderNumber> = Vec::new();
    let mut before = None;
    for _ in 0..STRETCHES_LOOKED_AT_MAX {
        let Some(stretch) = stretch_before(rows, merchant, before)? else {
            break;
        };
        let mut prefix = (merchant.clone(), stretch).bytes();
        amount.write(&mut prefix);
        ORDER_AMOUNTS.walk_prefix_back(rows, &prefix, &mut |_, number| {
            numbers.push(number);
            if numbers.len() == most {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        if numbers.len() == most {
            break;
        }
        before = Some(stretch);
    }
    let mut orders = Vec::with_capacity(numbers.len());
    for number in numbers {
        orders.extend(ORDERS.get(rows, &(merchant.clone(), number))?);
    }
    Ok(orders)
}

/// The latest stretch of the journal, before this one, in which open orders of the merchant came.
fn stretch_before(
    rows: &dyn Rows,
    merchant: &MerchantId,
    before: Option<u64>,
) -> Result<Option<u64>, Broken> {
    let from = merchant.bytes();
    let to = match before {
        Some(stretch) => Some((merchant.clone(), stretch).bytes()),
        None => prefix_end(&from),
    };
    let to = to.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let mut found = None;
    let bounds = (Bound::Included(from.as_slice()), to);
    ORDER_AMOUNTS.walk(
        rows,
        bounds,
        Direction::Backward,
        &mut |(_, (stretch, _)), _| {
            found = Some(stretch);
            ControlFlow::Break(())
        },
    )?;
    Ok(found)
}

/// Whether an order beside `new` waits for a deposit of its name and amount.
pub(crate) fn is_awaited(
    rows: &dyn Rows,
    new: &NewOrder,
    policy: &MatchingPolicy,
    now: Timestamp,
) -> Result<bool, Broken> {
    let folded = name::folded_name(&new.billing_name);
    let prefix = NameKey::shelf(&new.merchant, &folded, new.amount, Shelf::Open);
    let (mut waits, mut scanned) = (false, 0);
    lines::walk_prefix_back(rows, &prefix, &mut |line| {
        scanned += 1;
        let same = policy.names_agree(&new.billing_name, &line.name);
        let open = line.shelf == Shelf::Open && now <= line.ends_at;
        // Of too many to look at, one will wait.
        waits = (same && open) || scanned == NEAR_SCANNED_MAX;
        if waits {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    Ok(waits)
}

/// Deposits under this name and amount into matching accounts that met no order and are the
/// merchant's, the latest first.
pub(crate) fn unmet(
    rows: &dyn Rows,
    merchant: &MerchantId,
    billing_name: &str,
    amount: Won,
) -> Result<Vec<Unmet>, Broken> {
    let prefix = UnmetKey::same(merchant, &name::folded_name(billing_name), amount);
    let mut near = Vec::new();
    UNMET.walk_prefix_back(rows, &prefix, &mut |key, row| {
        near.push(unmet_of(&key, row));
        if near.len() == UNMET_SCANNED_MAX {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    let mut found = Vec::with_capacity(near.len());
    for unmet in near {
        let relayed = RELAYED.get(rows, &unmet.deposit.key)?;
        let row = relayed.and_then(|relayed| relayed.deposit);
        let account = ACCOUNTS.get(rows, &unmet.deposit.account)?;
        let collects = account.is_some_and(|row| row.terms.kind == AccountKind::Matching);
        // What is parked is nobody's yet, and what came into an account of its own is spoken for.
        if collects && row.is_some_and(|row| row.is_the_merchants()) {
            found.push(unmet);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{OrderStanding, Orderer, ReceiptState, Timestamp};
    use crate::store::TABLES;
    use crate::store::engine::Engine as _;
    use crate::store::engine::memory::{Memory, MemoryEngine};
    use crate::store::tables::AMOUNTS_STRETCH;

    fn shop(text: &str) -> MerchantId {
        MerchantId::new(text).unwrap()
    }

    fn order(merchant: &str, number: &str, position: u64) -> Order {
        Order {
            merchant: shop(merchant),
            number: OrderNumber::new(number).unwrap(),
            amount: Won::new(10),
            ordered_at: Timestamp::from_micros(0),
            received_at: Timestamp::from_micros(0),
            position,
            ends_at: Timestamp::from_micros(1),
            billing_name: "홍길동".to_owned(),
            name_code: None,
            orderer: Orderer::default(),
            receipt: ReceiptState::None,
            account: None,
            standing: OrderStanding::Open,
        }
    }

    #[test]
    fn orders_of_one_amount_are_found_however_long_ago_they_came() {
        let engine = MemoryEngine::open(&Memory::default(), TABLES).unwrap();
        let orders = [
            order("shop", "first", 5),
            order("other", "theirs", 6),
            order("shop", "second", AMOUNTS_STRETCH - 1),
            order("shop", "third", AMOUNTS_STRETCH),
            order("shop", "last", 9 * AMOUNTS_STRETCH + 1),
        ];
        engine
            .commit(&mut |batch| {
                for order in &orders {
                    let name = (order.merchant.clone(), order.number.clone());
                    ORDERS.put(batch, &name, order)?;
                    let place = (
                        order.position / AMOUNTS_STRETCH,
                        (order.amount, order.position),
                    );
                    let key = (order.merchant.clone(), place);
                    ORDER_AMOUNTS.put(batch, &key, &order.number)?;
                }
                Ok(())
            })
            .unwrap();
        let rows = engine.snapshot().unwrap();
        let found = |amount: u64, most: usize| -> Vec<String> {
            same_amount(&*rows, &shop("shop"), Won::new(amount), most)
                .unwrap()
                .iter()
                .map(|order| order.number.to_string())
                .collect()
        };
        assert_eq!(found(10, 9), ["last", "third", "second", "first"]);
        assert_eq!(found(10, 2), ["last", "third"]);
        assert!(found(11, 9).is_empty());
    }
}
