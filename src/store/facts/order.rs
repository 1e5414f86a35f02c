//! The facts behind: a merchant's order (주문), waiting for its deposit.

use super::super::books::Books;
use super::super::engine::{Broken, Rows};
use super::super::keys::NameKey;
use super::super::tables::{ORDER_ACCOUNTS, ORDER_NAMES, ORDERS, RELAYED};
use super::{deposit, matching};
use crate::domain::by_hand::{self, BookedDeposit, Word};
use crate::domain::placing::{self, PlaceFacts};
use crate::domain::{
    Decision, House, MerchantId, Moment, NewOrder, Order, OrderCommand, OrderNumber, name_code,
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
    let unmet = if policies.matching.late_orders {
        matching::unmet(rows, &new.merchant, &new.billing_name, new.amount)?
    } else {
        Vec::new()
    };
    let facts = PlaceFacts {
        house,
        merchant,
        policies,
        taken: ORDERS.get(rows, &name)?.is_some(),
        account: ORDER_ACCOUNTS.get(rows, &name)?,
        unmet,
    };
    Ok(placing::place(new, &facts, moment))
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
    Ok(Some(BookedDeposit {
        deposit: told,
        row,
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
