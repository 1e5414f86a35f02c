//! An order's life but for its deposit: taken in, taken out, over, given a code of its own.

use std::sync::Arc;

use super::cash_receipt::{on_match, on_request};
use super::judging::pays;
use super::{
    Account, AccountKey, Audit, By, Decision, DepositRef, Event, House, How, Match, MatchMode,
    MatchingPolicy, Merchant, MerchantRefusal, Moment, NewOrder, Order, OrderEvent, OrderOutcome,
    OrderStanding, Outcome, Policies, ReceiptEnd, ReceiptState, Refusal, Standing, Timestamp, Won,
};

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// A deposit that met no order when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// Which.
    pub deposit: DepositRef,
    /// House time of its booking.
    pub booked_at: Timestamp,
}

/// Everything the taking of an order may depend on.
#[derive(Clone, Debug)]
pub struct PlaceFacts<'h> {
    /// The policy of the house.
    pub house: &'h House,
    /// Whose order.
    pub merchant: Option<Arc<Merchant>>,
    /// What the merchant has decided.
    pub policies: Arc<Policies>,
    /// Whether the number is taken.
    pub taken: bool,
    /// The one-time account that was issued for this number.
    pub account: Option<AccountKey>,
    /// Deposits with this name and amount into matching accounts that met no order, where the
    /// merchant lets late orders match.
    pub unmet: Vec<Unmet>,
    /// Whether another order with this name and amount waits: then nobody can say whose those are.
    pub rivals: bool,
    /// The deposit that used up the order's own account and met no order, where the merchant lets
    /// late orders match.
    pub own: Option<OwnUnmet>,
}

/// What used up the account that was issued for an order before the order came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnUnmet {
    /// The deposit, or the last of several parts.
    pub unmet: Unmet,
    /// What has come in all, where it came in parts.
    pub paid: Option<Won>,
    /// The account.
    pub account: Account,
}

/// Takes an order in.
pub fn place(new: NewOrder, facts: &PlaceFacts<'_>, moment: Moment) -> Decision {
    match facts.merchant.as_deref().map(|merchant| merchant.standing) {
        None => return refuse(MerchantRefusal::NoSuchMerchant),
        Some(Standing::Open) => {}
        Some(Standing::Closed | Standing::Stopped) => {
            return refuse(MerchantRefusal::MerchantStopped);
        }
    }
    if facts.taken {
        return refuse(MerchantRefusal::OrderExists);
    }
    if new.until.is_some_and(|until| until < moment.now) {
        return refuse(MerchantRefusal::AlreadyOver);
    }
    let matching = &facts.policies.matching;
    let plan = facts.policies.plan.unwrap_or(facts.house.plan);
    let longest = moment
        .now
        .plus_seconds(i64::from(matching.max_age_days) * SECONDS_PER_DAY);
    let mut order = Order {
        merchant: new.merchant,
        number: new.number,
        amount: new.amount,
        ordered_at: new.ordered_at,
        received_at: moment.now,
        position: moment.position,
        ends_at: new.until.map_or(longest, |until| until.min(longest)),
        billing_name: new.billing_name,
        name_code: None,
        orderer: new.orderer,
        receipt: new.receipt.taken(plan, facts.house.receipts_in_books),
        account: facts.account.clone(),
        standing: OrderStanding::Open,
    };
    let mut events = vec![OrderEvent::Placed(order.clone())];
    if let Some((unmet, paid)) = late_meeting(&order, matching, facts, moment.now) {
        let meeting = Meeting {
            how: How::LateOrder,
            reason: None,
            paid,
        };
        events.extend(met(&mut order, &unmet.deposit, meeting, moment));
    }
    stands(order, events)
}

/// The deposit that a late order meets: the one that used up its own account, else the only one
/// that fits, or the one smart matching wants; and what came in all, where it came in parts.
fn late_meeting<'u>(
    order: &Order,
    policy: &MatchingPolicy,
    facts: &'u PlaceFacts<'_>,
    now: Timestamp,
) -> Option<(&'u Unmet, Option<Won>)> {
    if !policy.late_orders {
        return None;
    }
    let longest = i64::from(policy.max_age_days) * SECONDS_PER_DAY;
    let young = |unmet: &Unmet| now <= unmet.booked_at.plus_seconds(longest);
    if order.account.is_some() {
        let own = facts.own.as_ref().filter(|own| {
            let amount = own.paid.unwrap_or(own.unmet.deposit.amount);
            young(&own.unmet) && pays(&own.account, amount, order)
        });
        return own.map(|own| (&own.unmet, own.paid));
    }
    if facts.rivals {
        return None;
    }
    let mut fitting = facts.unmet.iter().filter(|unmet| {
        let (told, asked) = (&unmet.deposit.payer_name, &order.billing_name);
        let names_agree = policy.names_agree(told, asked);
        names_agree && young(unmet) && unmet.deposit.amount == order.amount
    });
    let found = match policy.mode {
        MatchMode::Exact => fitting.next().filter(|_| fitting.next().is_none()),
        MatchMode::Oldest => fitting.min_by_key(|unmet| unmet.deposit.position),
        MatchMode::Newest => fitting.max_by_key(|unmet| unmet.deposit.position),
    };
    found.map(|unmet| (unmet, None))
}

/// How an order and its deposit meet.
#[derive(Clone, Debug)]
pub(super) struct Meeting {
    /// How.
    pub(super) how: How,
    /// The operator's reason, where one said so.
    pub(super) reason: Option<String>,
    /// What has come in all, where it came in parts.
    pub(super) paid: Option<Won>,
}

/// An order has met its deposit: the event, and the receipt that follows it.
pub(super) fn met(
    order: &mut Order,
    deposit: &DepositRef,
    meeting: Meeting,
    moment: Moment,
) -> Vec<OrderEvent> {
    let Meeting { how, reason, paid } = meeting;
    let matched = OrderEvent::Matched {
        merchant: order.merchant.clone(),
        number: order.number.clone(),
        deposit: deposit.clone(),
        how,
        at: moment.now,
        reason,
        paid,
    };
    let receipt = on_match(order, paid.unwrap_or(deposit.amount), moment);
    order.standing = OrderStanding::Matched(Match {
        deposit: deposit.key.clone(),
        deposit_position: deposit.position,
        at: moment.now,
        how,
    });
    if let Some(OrderEvent::ReceiptIssued { receipt, at, .. }) = &receipt {
        let state = std::mem::replace(&mut order.receipt, ReceiptState::None);
        order.receipt = state.with_issued(receipt.clone(), *at);
    }
    std::iter::once(matched).chain(receipt).collect()
}

/// Takes an order out of matching; one that is out already stays out.
pub fn exclude(order: Option<Order>, by: &By, now: Timestamp) -> Decision {
    let Some(mut order) = order else {
        return refuse(MerchantRefusal::NoSuchOrder);
    };
    match order.standing {
        OrderStanding::Matched(_) => return refuse(MerchantRefusal::OrderMatched),
        OrderStanding::Excluded { .. } => return repeat(order),
        OrderStanding::Open | OrderStanding::Expired { .. } => {}
    }
    order.standing = OrderStanding::Excluded { at: now };
    let event = OrderEvent::Excluded {
        merchant: order.merchant.clone(),
        number: order.number.clone(),
        at: now,
    };
    let audit = audited(by, "order.exclude", &order);
    with_audit(stands(order, vec![event]), audit)
}

/// Cancels an order's cash receipt; one that is cancelled already stays so.
pub fn cancel_receipt(order: Option<Order>, by: &By, now: Timestamp) -> Decision {
    let Some(mut order) = order else {
        return refuse(MerchantRefusal::NoSuchOrder);
    };
    if order.receipt.ended_on_request() {
        return repeat(order);
    }
    let Some(event) = on_request(&order, now) else {
        return refuse(MerchantRefusal::NoReceipt);
    };
    order.receipt = order.receipt.with_cancelled(ReceiptEnd::Request, now);
    let audit = audited(by, "receipt.cancel", &order);
    with_audit(stands(order, vec![event]), audit)
}

/// Gives an order a depositor code; `code` is one that no order of the merchant has.
pub fn mint(order: Option<Order>, code: String, by: &By) -> Decision {
    let Some(order) = order else {
        return refuse(MerchantRefusal::NoSuchOrder);
    };
    match order.standing {
        OrderStanding::Open => {}
        OrderStanding::Matched(_) => return refuse(MerchantRefusal::OrderMatched),
        OrderStanding::Excluded { .. } | OrderStanding::Expired { .. } => {
            return refuse(MerchantRefusal::OrderExcluded);
        }
    }
    if order.account.is_some() {
        return refuse(MerchantRefusal::OrderHasAccount);
    }
    if let Some(code) = &order.name_code {
        return Decision::repeat(Outcome::Order(OrderOutcome::NameCode(code.clone())));
    }
    let audit = audited(by, "order.name_code", &order);
    let event = OrderEvent::NameCodeMinted {
        merchant: order.merchant,
        number: order.number,
        code: code.clone(),
    };
    let outcome = Outcome::Order(OrderOutcome::NameCode(code));
    with_audit(Decision::new(outcome, vec![Event::Order(event)]), audit)
}

/// Ends the waiting of an order whose time is over at `now`.
pub fn expire(order: &Order, now: Timestamp) -> Option<Event> {
    let over = order.standing == OrderStanding::Open && now > order.ends_at;
    over.then(|| {
        Event::Order(OrderEvent::Expired {
            merchant: order.merchant.clone(),
            number: order.number.clone(),
            at: now,
        })
    })
}

pub(super) fn refuse(refusal: MerchantRefusal) -> Decision {
    Decision::refuse(Refusal::Merchant(refusal))
}

pub(super) fn stands(order: Order, events: Vec<OrderEvent>) -> Decision {
    let outcome = Outcome::Order(OrderOutcome::Stands(Box::new(order)));
    Decision::new(outcome, events.into_iter().map(Event::Order).collect())
}

fn repeat(order: Order) -> Decision {
    Decision::repeat(Outcome::Order(OrderOutcome::Stands(Box::new(order))))
}

pub(super) fn with_audit(mut decision: Decision, audit: Option<Event>) -> Decision {
    decision.events.extend(audit);
    decision
}

/// What a person did is written down; what a merchant's own program did is its business.
fn audited(by: &By, action: &str, order: &Order) -> Option<Event> {
    by.is_person().then(|| {
        Event::Audited(Audit {
            by: by.clone(),
            action: action.to_owned(),
            subject: format!("order/{}/{}", order.merchant, order.number),
            before: None,
            after: None,
        })
    })
}
