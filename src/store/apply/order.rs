//! Rows about: a merchant's order (주문), waiting for its deposit.

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::facts::lines;
use super::super::keys::{NameKey, Tag, UnmetKey, Whose};
use super::super::tables::{
    AMOUNTS_STRETCH, DEPOSIT_STATES, DayCounts, DepositState, NameRow, ORDER_AMOUNTS, ORDER_NAMES,
    ORDERS, ORDERS_BY_END, PARTIALS, UNMET, UnmetRow,
};
use super::{Place, history};
use crate::domain::{
    DepositRef, Judgement, Match, MerchantId, Order, OrderEvent, OrderNumber, OrderStanding,
    Partial, Parting, Reaction, ReceiptState, Shelf, Waiting, Won, name,
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
            let found = Match {
                deposit: deposit.key.clone(),
                deposit_position: deposit.position,
                at: *at,
                how: *how,
            };
            matched(books, (merchant, number), deposit, found, place)
        }
        OrderEvent::MatchFailed {
            merchant, deposit, ..
        } => wait_for_order(books, merchant, deposit, place),
        OrderEvent::Judged {
            deposit,
            judgement,
            reaction,
            ..
        } => judged(books, deposit, (*judgement, *reaction), place),
        OrderEvent::Unmatched {
            merchant,
            number,
            deposit,
            why,
            ..
        } => parted(books, (merchant, number), deposit, why, place),
        OrderEvent::Excluded {
            merchant,
            number,
            at,
        } => {
            let excluded = OrderStanding::Excluded { at: *at };
            ended(books, merchant, number, excluded, place)
        }
        OrderEvent::Expired {
            merchant,
            number,
            at,
        } => {
            let expired = OrderStanding::Expired { at: *at };
            ended(books, merchant, number, expired, place)
        }
        OrderEvent::NameCodeMinted {
            merchant,
            number,
            code,
        } => {
            let code = Some(code.clone());
            stand(books, merchant, number, |order| order.name_code = code)?;
            note_change(books, merchant, place)
        }
        OrderEvent::ReceiptIssued { .. } | OrderEvent::ReceiptCancelled { .. } => {
            receipt(books, event, place)
        }
    }
}

fn matched(
    books: &mut Books<'_>,
    (merchant, number): (&MerchantId, &OrderNumber),
    deposit: &DepositRef,
    found: Match,
    place: Place,
) -> Result<(), Broken> {
    stand(books, merchant, number, |order| {
        order.standing = OrderStanding::Matched(found);
    })?;
    state(books, deposit, place, |state| {
        state.met = Some(number.clone());
    })?;
    wait_no_more(books, merchant, deposit, place)?;
    if deposit.position == place.position {
        // The deposit's own row stands for the whole record.
        return Ok(());
    }
    note_change(books, merchant, place)
}

fn judged(
    books: &mut Books<'_>,
    deposit: &DepositRef,
    judged: (Judgement, Reaction),
    place: Place,
) -> Result<(), Broken> {
    state(books, deposit, place, |state| state.judged = Some(judged))?;
    if judged == (Judgement::Partial, Reaction::Wait) {
        count_part(books, deposit)?;
    }
    Ok(())
}

fn parted(
    books: &mut Books<'_>,
    (merchant, number): (&MerchantId, &OrderNumber),
    deposit: &DepositRef,
    why: &Parting,
    place: Place,
) -> Result<(), Broken> {
    stand(books, merchant, number, |order| {
        order.standing = OrderStanding::Open;
    })?;
    state(books, deposit, place, |state| state.met = None)?;
    match why {
        // The correction's own row stands for the whole record.
        Parting::Correction => Ok(()),
        Parting::Undo { .. } => {
            wait_for_order(books, merchant, deposit, place)?;
            note_change(books, merchant, place)
        }
    }
}

fn ended(
    books: &mut Books<'_>,
    merchant: &MerchantId,
    number: &OrderNumber,
    standing: OrderStanding,
    place: Place,
) -> Result<(), Broken> {
    stand(books, merchant, number, |order| order.standing = standing)?;
    note_change(books, merchant, place)
}

fn receipt(books: &mut Books<'_>, event: &OrderEvent, place: Place) -> Result<(), Broken> {
    let change = |order: &mut Order, change: &dyn Fn(ReceiptState) -> ReceiptState| {
        let state = std::mem::replace(&mut order.receipt, ReceiptState::None);
        order.receipt = change(state);
    };
    match event {
        OrderEvent::ReceiptIssued {
            merchant,
            number,
            receipt,
            at,
            ..
        } => stand(books, merchant, number, |order| {
            change(order, &|state| state.with_issued(receipt.clone(), *at));
        }),
        OrderEvent::ReceiptCancelled {
            merchant,
            number,
            why,
            at,
            ..
        } => {
            stand(books, merchant, number, |order| {
                change(order, &|state| state.with_cancelled(*why, *at));
            })?;
            note_change(books, merchant, place)
        }
        _ => Ok(()),
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
    if before.shelf() == Shelf::Open && after.shelf() == Shelf::Matched && same_lines {
        leave(books, before)?;
    } else if !(same_shelf && same_lines) {
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
        ORDER_AMOUNTS.put(books.batch(), &amount_key(order), &order.number)?;
    }
    Ok(())
}

/// Takes an order that was matched from among those that wait, but for its lines in the index of
/// names, unless too many were left around them.
fn leave(books: &mut Books<'_>, order: &Order) -> Result<(), Broken> {
    wait_no_longer(books, order)?;
    if order.account.is_some() {
        // It never had lines.
        return Ok(());
    }
    for own in Waiting::lines(order) {
        let left = lines::left_behind(books.rows(), &order.merchant, &own)?;
        if left.is_empty() {
            continue;
        }
        for line in left.into_iter().chain([own]) {
            let (name, ends_at) = (line.name.clone(), line.ends_at);
            let on = |shelf| Waiting {
                shelf,
                ..line.clone()
            };
            let (open, matched) = (on(Shelf::Open), on(Shelf::Matched));
            ORDER_NAMES.delete(books.batch(), &NameKey::of(&order.merchant, &open))?;
            let key = NameKey::of(&order.merchant, &matched);
            ORDER_NAMES.put(books.batch(), &key, &NameRow { name, ends_at })?;
        }
    }
    Ok(())
}

fn wait_no_longer(books: &mut Books<'_>, order: &Order) -> Result<(), Broken> {
    let end = (
        order.ends_at,
        (order.merchant.clone(), order.number.clone()),
    );
    ORDERS_BY_END.delete(books.batch(), &end)?;
    ORDER_AMOUNTS.delete(books.batch(), &amount_key(order))?;
    Ok(())
}

fn amount_key(order: &Order) -> (MerchantId, (u64, (Won, u64))) {
    let stretch = order.position / AMOUNTS_STRETCH;
    let place = (stretch, (order.amount, order.position));
    (order.merchant.clone(), place)
}

/// Takes an order's lines away.
fn unshelve(books: &mut Books<'_>, order: &Order) -> Result<(), Broken> {
    if order.standing == OrderStanding::Open {
        wait_no_longer(books, order)?;
    }
    for line in Waiting::lines(order) {
        ORDER_NAMES.delete(books.batch(), &NameKey::of(&order.merchant, &line))?;
        if line.shelf == Shelf::Matched {
            // It may still lie where it waited.
            let shelf = Shelf::Open;
            let waited = Waiting { shelf, ..line };
            ORDER_NAMES.delete(books.batch(), &NameKey::of(&order.merchant, &waited))?;
        }
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
