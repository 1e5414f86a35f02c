//! A deposit and an order that an operator brings together, or parts again.
//!
//! The money is the merchant's already: what is decided here is only which order it paid. A
//! deposit that is parked must first be moved to its merchant, which needs more than one word.

use super::cash_receipt::on_end;
use super::placing::{Meeting, met, refuse, stands, with_audit};
use super::{
    Audit, By, Credit, Decision, Deposit, DepositRef, DepositRow, Event, How, MerchantId,
    MerchantRefusal, Moment, Order, OrderEvent, OrderNumber, OrderStanding, Parting, ReceiptEnd,
    ReceiptState, Won,
};

/// A deposit as the books know it.
#[derive(Clone, Debug)]
pub struct BookedDeposit {
    /// As the bank told it.
    pub deposit: Deposit,
    /// As it stands now.
    pub row: DepositRow,
    /// What has come in all, where it is the last of several parts.
    pub paid: Option<Won>,
    /// The order it has met.
    pub met: Option<Order>,
}

/// What an operator says.
#[derive(Clone, Debug)]
pub struct Word {
    /// Why.
    pub reason: String,
    /// Who.
    pub by: By,
}

/// Brings `deposit` and the order of `merchant` together.
pub fn bring_together(
    deposit: Option<BookedDeposit>,
    merchant: &MerchantId,
    order: Option<Order>,
    word: &Word,
    moment: Moment,
) -> Decision {
    let Some(deposit) = deposit else {
        return refuse(MerchantRefusal::NoSuchDeposit);
    };
    match &deposit.row.credit {
        Credit::Merchant(owner) if owner != merchant => {
            return refuse(MerchantRefusal::NoSuchDeposit);
        }
        Credit::Merchant(_) if deposit.row.reversed_at.is_none() => {}
        Credit::Merchant(_) | Credit::Suspense(_) => {
            return refuse(MerchantRefusal::DepositNotBooked);
        }
    }
    if deposit.met.is_some() {
        return refuse(MerchantRefusal::DepositMatched);
    }
    let Some(mut order) = order else {
        return refuse(MerchantRefusal::NoSuchOrder);
    };
    match order.standing {
        OrderStanding::Matched(_) => return refuse(MerchantRefusal::OrderMatched),
        OrderStanding::Excluded { .. } => return refuse(MerchantRefusal::OrderExcluded),
        OrderStanding::Open | OrderStanding::Expired { .. } => {}
    }
    let named = DepositRef::of(&deposit.deposit, deposit.row.position);
    let number = order.number.clone();
    let meeting = Meeting {
        how: How::ByHand,
        reason: Some(word.reason.clone()),
        paid: deposit.paid,
    };
    let events = met(&mut order, &named, meeting, moment);
    let audit = audit(word, "matching.match", &named, None, Some(&number));
    with_audit(stands(order, events), Some(audit))
}

/// Parts `deposit` from the order it has met; the order waits again.
pub fn part(deposit: Option<BookedDeposit>, word: &Word, moment: Moment) -> Decision {
    let Some(deposit) = deposit else {
        return refuse(MerchantRefusal::NoSuchDeposit);
    };
    let Some(order) = deposit.met else {
        return refuse(MerchantRefusal::DepositNotMatched);
    };
    let named = DepositRef::of(&deposit.deposit, deposit.row.position);
    let why = Parting::Undo {
        reason: word.reason.clone(),
    };
    let number = order.number.clone();
    let (order, events) = parted(order, &named, why, ReceiptEnd::Undo, moment);
    let audit = audit(word, "matching.undo", &named, Some(&number), None);
    with_audit(stands(order, events), Some(audit))
}

/// A match that does not stand any more, and the receipt that ends with it.
pub(super) fn parted(
    mut order: Order,
    deposit: &DepositRef,
    why: Parting,
    end: ReceiptEnd,
    moment: Moment,
) -> (Order, Vec<OrderEvent>) {
    let cancelled = on_end(&order, end, moment.now);
    let unmatched = OrderEvent::Unmatched {
        merchant: order.merchant.clone(),
        number: order.number.clone(),
        deposit: deposit.clone(),
        why,
        at: moment.now,
    };
    order.standing = OrderStanding::Open;
    if cancelled.is_some() {
        let state = std::mem::replace(&mut order.receipt, ReceiptState::None);
        order.receipt = state.with_cancelled(end, moment.now);
    }
    let events = std::iter::once(unmatched).chain(cancelled).collect();
    (order, events)
}

fn audit(
    word: &Word,
    action: &str,
    deposit: &DepositRef,
    before: Option<&OrderNumber>,
    after: Option<&OrderNumber>,
) -> Event {
    let told = |number: Option<&OrderNumber>| number.map(|number| format!("order {number}"));
    Event::Audited(Audit {
        by: word.by.clone(),
        action: action.to_owned(),
        subject: format!("deposit/{}", deposit.position),
        before: told(before),
        after: Some(match told(after) {
            Some(order) => format!("{order}: {}", word.reason),
            None => format!("no order: {}", word.reason),
        }),
    })
}
