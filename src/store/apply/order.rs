//! Rows about: a merchant's order (주문), waiting for its deposit.

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::keys::{NameKey, Tag, UnmetKey, Whose};
use super::super::tables::{
    DEPOSIT_STATES, DayCounts, DepositState, NameRow, ORDER_AMOUNTS, ORDER_NAMES, ORDERS,
    ORDERS_BY_END, PARTIALS, UNMET, UnmetRow,
};
use super::{Place, history};
use crate::domain::{
    DepositRef, Judgement, Match, MerchantId, Order, OrderEvent, OrderNumber, OrderStanding,
    Partial, Parting, Reaction, ReceiptState, Waiting, name,
};

/// Makes the tables say what `event` says.
pub(super) fn apply(books: &mut Books<'_>, event: &OrderEvent, place: Place) -> Result<(), Broken> {
    match event {
        OrderEvent::Placed(order) => placed(books, order, place),
        OrderEvent::Matched {
            merchant,
            number,
            deposit,
            how,
            at,
            ..
        } => {
            stand(books, merchant, number, |order| {
                order.standing = OrderStanding::Matched(Match {
                    deposit: deposit.key.clone(),
                    deposit_position: deposit.position,
                    at: *at,
                    how: *how,
                });
            })?;
            state(books, deposit, place, |state| {
                state.met = Some(number.clone());
            })?;
            wait_no_more(books, merchant, deposit, place)?;
            if deposit.position == place.position {
                return Ok(());
            }
            note_change(books, merchant, place)
        }
        OrderEvent::MatchFailed {
            merchant, deposit, ..
        } => wait_for_order(books, merchant, deposit, place),
        OrderEvent::Judged {
            deposit,
            judgement,
            reaction,
            ..
        } => {
            state(books, deposit, place, |state| {
                state.judged = Some((*judgement, *reaction));
            })?;
            if (*judgement, *reaction) == (Judgement::Partial, Reaction::Wait) {
                count_part(books, deposit)?;
            }
            Ok(())
        }
        OrderEvent::Unmatched {
            merchant,
            number,
            deposit,
            why,
            ..
        } => {
            stand(books, merchant, number, |order| {
                order.standing = OrderStanding::Open;
            })?;
            state(books, deposit, place, |state| state.met = None)?;
            match why {
                Parting::Correction => Ok(()),
                Parting::Undo { .. } => {
                    wait_for_order(books, merchant, deposit, place)?;
                    note_change(books, merchant, place)
                }
            }
        }
        OrderEvent::Excluded { .. }
        | OrderEvent::Expired { .. }
        | OrderEvent::NameCodeMinted { .. }
        | OrderEvent::ReceiptIssued { .. }
        | OrderEvent::ReceiptCancelled { .. } => change(books, event, place),
    }
}

/// What changes an order alone, without a deposit.
fn change(books: &mut Books<'_>, event: &OrderEvent, place: Place) -> Result<(), Broken> {
    match event {
        OrderEvent::Excluded {
            merchant,
            number,
            at,
        } => {
            stand(books, merchant, number, |order| {
                order.standing = OrderStanding::Excluded { at: *at };
            })?;
            note_change(books, merchant, place)
        }
        OrderEvent::Expired {
            merchant,
            number,
            at,
        } => {
            stand(books, merchant, number, |order| {
                order.standing = OrderStanding::Expired { at: *at };
            })?;
            note_change(books, merchant, place)
        }
        OrderEvent::NameCodeMinted {
            merchant,
            number,
            code,
        } => {
            stand(books, merchant, number, |order| {
                order.name_code = Some(code.clone());
            })?;
            note_change(books, merchant, place)
        }
        OrderEvent::ReceiptIssued {
            merchant,
            number,
            receipt,
            at,
            ..
        } => stand(books, merchant, number, |order| {
            let state = std::mem::replace(&mut order.receipt, ReceiptState::None);
            order.receipt = state.with_issued(receipt.clone(), *at);
        }),
        OrderEvent::ReceiptCancelled {
            merchant,
            number,
            why,
            at,
            ..
        } => {
            stand(books, merchant, number, |order| {
                let state = std::mem::replace(&mut order.receipt, ReceiptState::None);
                order.receipt = state.with_cancelled(*why, *at);
            })?;
            note_change(books, merchant, place)
        }
        OrderEvent::Placed(_)
        | OrderEvent::Matched { .. }
        | OrderEvent::MatchFailed { .. }
        | OrderEvent::Judged { .. }
        | OrderEvent::Unmatched { .. } => Ok(()),
    }
}

fn placed(books: &mut Books<'_>, order: &Order, place: Place) -> Result<(), Broken> {
    let name = (order.merchant.clone(), order.number.clone());
    ORDERS.put(books.batch(), &name, order)?;
    shelve(books, order)?;
    let whose = Whose::Merchant(order.merchant.clone());
    history::note(books, &whose, Tag::Order, place)?;
    history::count(books, &whose, order.received_at, |day| {
        Some(DayCounts {
            orders: day.orders.checked_add(1)?,
            ..day
        })
    })
}

fn note_change(books: &mut Books<'_>, merchant: &MerchantId, place: Place) -> Result<(), Broken> {
    let whose = Whose::Merchant(merchant.clone());
    history::note(books, &whose, Tag::Change, place)
}

/// Changes an order, and the indexes and counts with it.
fn stand(
    books: &mut Books<'_>,
    merchant: &MerchantId,
    number: &OrderNumber,
    change: impl FnOnce(&mut Order),
) -> Result<(), Broken> {
    let name = (merchant.clone(), number.clone());
    let Some(before) = ORDERS.get(books.rows(), &name)? else {
        return Err(Broken::not_understood(
            ORDERS.id,
            "a change of an order that was never placed",
        ));
    };
    let mut after = before.clone();
    change(&mut after);
    replace(books, &before, &after)
}

/// Puts `after` where `before` stood.
pub(super) fn replace(books: &mut Books<'_>, before: &Order, after: &Order) -> Result<(), Broken> {
    let same_shelf = before.shelf() == after.shelf();
    let same_lines = before.name_code == after.name_code && before.account == after.account;
    if !(same_shelf && same_lines) {
        unshelve(books, before)?;
        shelve(books, after)?;
    }
    if !same_shelf {
        let whose = Whose::Merchant(before.merchant.clone());
        history::count(books, &whose, before.received_at, |day| {
            move_count(day, &before.standing, &after.standing)
        })?;
    }
    let name = (after.merchant.clone(), after.number.clone());
    ORDERS.put(books.batch(), &name, after)
}

fn move_count(
    mut day: DayCounts,
    before: &OrderStanding,
    after: &OrderStanding,
) -> Option<DayCounts> {
    if let Some(count) = count_of(&mut day, before) {
        *count = count.checked_sub(1)?;
    }
    if let Some(count) = count_of(&mut day, after) {
        *count = count.checked_add(1)?;
    }
    Some(day)
}

fn count_of<'d>(day: &'d mut DayCounts, standing: &OrderStanding) -> Option<&'d mut u64> {
    match standing {
        OrderStanding::Open => None,
        OrderStanding::Matched(_) => Some(&mut day.matched),
        OrderStanding::Excluded { .. } => Some(&mut day.excluded),
        OrderStanding::Expired { .. } => Some(&mut day.expired),
    }
}

/// Puts an order's lines where they belong.
fn shelve(books: &mut Books<'_>, order: &Order) -> Result<(), Broken> {
    let open = order.standing == OrderStanding::Open;
    if open {
        let end = (
            order.ends_at,
            (order.merchant.clone(), order.number.clone()),
        );
        ORDERS_BY_END.put(books.batch(), &end, &())?;
    }
    if order.account.is_some() {
        // It meets its own account's deposits and no others.
        return Ok(());
    }
    for line in Waiting::lines(order) {
        let key = NameKey::of(&order.merchant, &line);
        let row = NameRow {
            name: line.name,
            ends_at: line.ends_at,
        };
        ORDER_NAMES.put(books.batch(), &key, &row)?;
    }
    if open {
        let key = (order.merchant.clone(), (order.amount, order.position));
        ORDER_AMOUNTS.put(books.batch(), &key, &order.number)?;
    }
    Ok(())
}

/// Takes an order's lines away.
fn unshelve(books: &mut Books<'_>, order: &Order) -> Result<(), Broken> {
    if order.standing == OrderStanding::Open {
        let end = (
            order.ends_at,
            (order.merchant.clone(), order.number.clone()),
        );
        ORDERS_BY_END.delete(books.batch(), &end)?;
        let key = (order.merchant.clone(), (order.amount, order.position));
        ORDER_AMOUNTS.delete(books.batch(), &key)?;
    }
    for line in Waiting::lines(order) {
        ORDER_NAMES.delete(books.batch(), &NameKey::of(&order.merchant, &line))?;
    }
    Ok(())
}

/// Changes what is to be said of a deposit.
fn state(
    books: &mut Books<'_>,
    deposit: &DepositRef,
    place: Place,
    change: impl FnOnce(&mut DepositState),
) -> Result<(), Broken> {
    let mut state = DEPOSIT_STATES
        .get(books.rows(), &deposit.position)?
        .unwrap_or_default();
    change(&mut state);
    let new = place.position != deposit.position && state.records.last() != Some(&place.position);
    if new {
        state.records.push(place.position);
    }
    DEPOSIT_STATES.put(books.batch(), &deposit.position, &state)
}

/// A deposit that met no order is found by its name and amount from now on.
fn wait_for_order(
    books: &mut Books<'_>,
    merchant: &MerchantId,
    deposit: &DepositRef,
    place: Place,
) -> Result<(), Broken> {
    let folded = name::folded_name(&deposit.payer_name);
    let booked_at = books.relayed(&deposit.key)?.booked_at.unwrap_or(place.at);
    let key = UnmetKey {
        merchant: merchant.clone(),
        folded: folded.clone(),
        amount: deposit.amount,
        position: deposit.position,
    };
    let row = UnmetRow {
        key: deposit.key.clone(),
        name: deposit.payer_name.clone(),
        account: deposit.account.clone(),
        booked_at,
    };
    UNMET.put(books.batch(), &key, &row)?;
    state(books, deposit, place, |state| state.unmet = Some(folded))
}

fn wait_no_more(
    books: &mut Books<'_>,
    merchant: &MerchantId,
    deposit: &DepositRef,
    place: Place,
) -> Result<(), Broken> {
    let known = DEPOSIT_STATES.get(books.rows(), &deposit.position)?;
    let Some(folded) = known.and_then(|state| state.unmet) else {
        return Ok(());
    };
    let key = UnmetKey {
        merchant: merchant.clone(),
        folded,
        amount: deposit.amount,
        position: deposit.position,
    };
    UNMET.delete(books.batch(), &key)?;
    state(books, deposit, place, |state| state.unmet = None)
}

/// A part counts towards its account's amount.
fn count_part(books: &mut Books<'_>, deposit: &DepositRef) -> Result<(), Broken> {
    let Some(row) = books.relayed(&deposit.key)?.deposit else {
        return Err(Broken::not_understood(
            PARTIALS.id,
            "a part of a deposit that was never booked",
        ));
    };
    let key = deposit.key.clone();
    let name = (deposit.account.clone(), deposit.position);
    PARTIALS.put(books.batch(), &name, &Partial { key, row })
}
