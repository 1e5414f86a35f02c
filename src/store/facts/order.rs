//! The facts behind: a merchant's order (주문), waiting for its deposit.

use std::sync::Arc;

use super::super::books::Books;
use super::super::engine::{Broken, Rows};
use super::super::keys::NameKey;
use super::super::tables::{DEPOSIT_STATES, ORDER_ACCOUNTS, ORDER_NAMES, ORDERS, RELAYED};
use super::{account, deposit, matching};
use crate::domain::by_hand::{self, BookedDeposit, Word};
use crate::domain::placing::{self, OwnUnmet, PlaceFacts, Unmet};
use crate::domain::{
    AccountKey, Decision, DepositRef, House, MerchantId, Moment, NewOrder, Order, OrderCommand,
    OrderNumber, name_code,
};

/// Codes that are tried before one is taken that another order may have: they differ in nine
/// hundred million ways.
const CODES_TRIED_MAX: u64 = 16;

/// Weighs one command.
pub(super) fn weigh(
    books: &mut Books<'_>,
    command: OrderCommand,
    house: &House,
    moment: Moment,
) -> Result<Decision, Broken> {
    match command {
        OrderCommand::Place(new) => place(books, *new, house, moment),
        OrderCommand::Exclude {
            merchant,
            number,
            by,
        } => {
            let order = order(books.rows(), &merchant, &number)?;
            Ok(placing::exclude(order, &by, moment.now))
        }
        OrderCommand::CancelReceipt {
            merchant,
            number,
            by,
        } => {
            let order = order(books.rows(), &merchant, &number)?;
            Ok(placing::cancel_receipt(order, &by, moment.now))
        }
        OrderCommand::Match {
            deposit,
            merchant,
            number,
            reason,
            by,
        } => {
            let found = booked(books.rows(), deposit)?;
            let order = order(books.rows(), &merchant, &number)?;
            let word = Word { reason, by };
            Ok(by_hand::bring_together(
                found, &merchant, order, &word, moment,
            ))
        }
        OrderCommand::Undo {
            deposit,
            reason,
            by,
        } => {
            let found = booked(books.rows(), deposit)?;
            Ok(by_hand::part(found, &Word { reason, by }, moment))
        }
        OrderCommand::MintNameCode {
            merchant,
            number,
            dice,
            by,
        } => {
            let order = order(books.rows(), &merchant, &number)?;
            let code = free_code(books.rows(), &merchant, dice)?;
            Ok(placing::mint(order, code, &by))
        }
    }
}

/// An order by its number.
pub(crate) fn order(
    rows: &dyn Rows,
    merchant: &MerchantId,
    number: &OrderNumber,
) -> Result<Option<Order>, Broken> {
    ORDERS.get(rows, &(merchant.clone(), number.clone()))
}

fn place(
    books: &mut Books<'_>,
    new: NewOrder,
    house: &House,
    moment: Moment,
) -> Result<Decision, Broken> {
    let merchant = books.merchant(&new.merchant)?;
    let policies = books.policies(&new.merchant)?;
    let rows = books.rows();
    let name = (new.merchant.clone(), new.number.clone());
    let mut facts = PlaceFacts {
        house,
        merchant,
        policies: Arc::clone(&policies),
        taken: ORDERS.get(rows, &name)?.is_some(),
        account: ORDER_ACCOUNTS.get(rows, &name)?,
        unmet: Vec::new(),
        rivals: false,
        own: None,
    };
    if policies.matching.late_orders && !facts.taken {
        if let Some(account) = &facts.account {
            facts.own = own_unmet(rows, account)?;
        } else {
            facts.unmet = matching::unmet(rows, &new.merchant, &new.billing_name, new.amount)?;
            facts.rivals = !facts.unmet.is_empty()
                && matching::is_awaited(rows, &new, &policies.matching, moment.now)?;
        }
    }
    Ok(placing::place(new, &facts, moment))
}

/// The deposit that used up an account before the order came that it was issued for.
fn own_unmet(rows: &dyn Rows, key: &AccountKey) -> Result<Option<OwnUnmet>, Broken> {
    let Some(account) = account(rows, key)? else {
        return Ok(None);
    };
    let used_by = match &account.used_by {
        Some(used_by) => RELAYED.get(rows, used_by)?,
        None => None,
    };
    let last = used_by.and_then(|relayed| relayed.deposit.zip(relayed.booked_at));
    let Some((row, booked_at)) = last.filter(|(row, _)| row.is_the_merchants()) else {
        return Ok(None);
    };
    let state = DEPOSIT_STATES.get(rows, &row.position)?;
    let Some((told, _)) = deposit::booked_at(rows, row.position)? else {
        return Ok(None);
    };
    if state.is_some_and(|state| state.met.is_some()) {
        return Ok(None);
    }
    Ok(Some(OwnUnmet {
        unmet: Unmet {
            deposit: DepositRef::of(&told, row.position),
            booked_at,
        },
        paid: deposit::paid_in_parts(rows, &account, &row)?,
        account,
    }))
}

/// The deposit that was booked at `position`, as it stands now, with the order it has met.
fn booked(rows: &dyn Rows, position: u64) -> Result<Option<BookedDeposit>, Broken> {
    let Some((told, first)) = deposit::booked_at(rows, position)? else {
        return Ok(None);
    };
    let relayed = RELAYED.get(rows, &told.key)?;
    let row = relayed.and_then(|relayed| relayed.deposit).unwrap_or(first);
    let met = match &row.credit {
        crate::domain::Credit::Merchant(merchant) => deposit::met_at(rows, merchant, position)?,
        crate::domain::Credit::Suspense(_) => None,
    };
    let account = account(rows, &told.account)?;
    let account = account.filter(|account| account.used_by.as_ref() == Some(&told.key));
    let paid = match &account {
        Some(account) => deposit::paid_in_parts(rows, account, &row)?,
        None => None,
    };
    Ok(Some(BookedDeposit {
        deposit: told,
        row,
        paid,
        met: met.map(|(order, _)| order),
    }))
}

/// A depositor code that no order of the merchant has as a name.
fn free_code(rows: &dyn Rows, merchant: &MerchantId, dice: u64) -> Result<String, Broken> {
    let mut code = name_code::minted(dice);
    for turn in 1..CODES_TRIED_MAX {
        let mut taken = false;
        let prefix = NameKey::name(merchant, &code);
        ORDER_NAMES.walk_prefix(rows, &prefix, &mut |_, _| {
            taken = true;
            std::ops::ControlFlow::Break(())
        })?;
        if !taken {
            break;
        }
        // Another throw of the same dice.
        code = name_code::minted(dice.rotate_left(7).wrapping_mul(turn | 1));
    }
    Ok(code)
}
