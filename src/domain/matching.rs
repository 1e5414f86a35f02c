//! How a deposit into a matching account meets an order: by the depositor's name and the amount.
//!
//! Exactly one order that waits, has the deposit's name and amount and was not ordered after it is
//! met by itself; of several only where the merchant lets the oldest or the newest be chosen.
//! A name that the bank cut is never enough. What came close is told as reasons.

use serde::{Deserialize, Serialize};

use super::name::folded_name;
use super::{Deposit, How, MatchMode, MatchingPolicy, Order, OrderNumber, Timestamp, Won};

/// How many seconds after its deposit's time at the bank an order may say it was ordered.
pub const ORDERED_AFTER_SECONDS_MAX: i64 = 60;
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;
/// Reasons told about one deposit at most.
const REASONS_MAX: usize = 8;
/// Orders named in one reason at most.
const SEVERAL_NAMED_MAX: usize = 5;

/// Why a deposit met no order, or what speaks for and against a candidate; most telling first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchReason {
    /// The bank told no payer's name.
    NoName,
    /// The account was issued for an order that has not been sent to us.
    NotPlaced {
        /// Which.
        order: OrderNumber,
    },
    /// More than one order has this name and this amount.
    Several {
        /// Some of them.
        orders: Vec<OrderNumber>,
    },
    /// The order with this name and amount was paid before.
    PaidBefore {
        /// Which.
        order: OrderNumber,
    },
    /// The order's time was over.
    Expired {
        /// Which.
        order: OrderNumber,
    },
    /// The merchant has taken the order out.
    Excluded {
        /// Which.
        order: OrderNumber,
    },
    /// The order says that it was ordered after the deposit.
    OrderedLater {
        /// Which.
        order: OrderNumber,
    },
    /// The order was sent to us after the deposit.
    SentLater {
        /// Which.
        order: OrderNumber,
    },
    /// The names differ in their spaces alone, and spaces count for this merchant.
    SpacesDiffer {
        /// Which.
        order: OrderNumber,
    },
    /// The bank cut the name at its field's end; so far it is the order's.
    NameCut {
        /// Which.
        order: OrderNumber,
    },
    /// The name is the same, the amount is not.
    AmountDiffers {
        /// Which.
        order: OrderNumber,
        /// What the order asks.
        amount: Won,
    },
    /// The amount is the same, the name is not.
    NameDiffers {
        /// Which.
        order: OrderNumber,
    },
    /// No order has this name and this amount.
    NoOrder,
}

/// Where an order lies in the index of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Shelf {
    /// It waits.
    Open,
    /// Its time ran out.
    Expired,
    /// The merchant took it out.
    Excluded,
    /// It met its deposit.
    Matched,
}

/// An order as matching sees it: a line of the index of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The merchant's number.
    pub number: OrderNumber,
    /// The name this line stands under, as it was written.
    pub name: String,
    /// How much.
    pub amount: Won,
    /// When it was ordered, as the merchant says.
    pub ordered_at: Timestamp,
    /// Journal position of its receipt.
    pub position: u64,
    /// The last instant at which it can match by itself.
    pub ends_at: Timestamp,
    /// Where it lies.
    pub shelf: Shelf,
}

impl Waiting {
    /// The lines of an order, one for each of its names.
    pub fn lines(order: &Order) -> impl Iterator<Item = Waiting> {
        let shelf = order.shelf();
        order.names().map(move |name| Waiting {
            number: order.number.clone(),
            name: name.to_owned(),
            amount: order.amount,
            ordered_at: order.ordered_at,
            position: order.position,
            ends_at: order.ends_at,
            shelf,
        })
    }
}

/// A deposit as matching sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The payer's name as the bank told it.
    pub name: String,
    /// Whether the bank may have cut it.
    pub name_cut: bool,
    /// How much.
    pub amount: Won,
    /// When it was paid: the bank's time, or our own where the bank told none.
    pub paid_at: Timestamp,
    /// When it is judged, by house time.
    pub now: Timestamp,
}

impl Arrival {
    /// What matching needs to know of a deposit that is booked at `now`.
    pub fn of(deposit: &Deposit, now: Timestamp) -> Self {
        Arrival {
            name: deposit.payer.name.clone(),
            name_cut: deposit.payer.name_cut,
            amount: deposit.amount,
            paid_at: deposit.paid_at().unwrap_or(now),
            now,
        }
    }

    /// The name as the index keeps it; empty where the bank told none.
    pub fn folded(&self) -> String {
        folded_name(&self.name)
    }

    /// The last instant that an order may name as its own.
    pub fn ordered_until(&self) -> Timestamp {
        self.paid_at.plus_seconds(ORDERED_AFTER_SECONDS_MAX)
    }

    /// Whether `line` may be met by itself.
    pub fn meets(&self, line: &Waiting, policy: &MatchingPolicy) -> bool {
        line.shelf == Shelf::Open
            && line.amount == self.amount
            && self.now <= line.ends_at
            && line.ordered_at <= self.ordered_until()
            && self.names_agree(&line.name, policy)
    }

    /// Whether an order of this name and amount waits, be it for this deposit or for another.
    fn is_awaited(&self, facts: &MatchFacts) -> bool {
        let told = self.folded();
        let waits = |line: &Waiting| {
            line.shelf == Shelf::Open
                && self.now <= line.ends_at
                && line.amount == self.amount
                && folded_name(&line.name) == told
        };
        facts.near.iter().chain(&facts.eligible).any(waits)
    }

    fn names_agree(&self, name: &str, policy: &MatchingPolicy) -> bool {
        policy.names_agree(&self.name, name)
    }
}

/// What the index says about a deposit into a matching account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatchFacts {
    /// Lines that it may meet, in the order of the merchant's choice; the rest of many is left
    /// out.
    pub eligible: Vec<Waiting>,
    /// Lines that came close, where none is met.
    pub near: Vec<Waiting>,
    /// The order that is met.
    pub met: Option<Order>,
}

/// The line that is met, and how; none where there is none or too many.
pub fn choose(eligible: &[Waiting], mode: MatchMode) -> Option<(&Waiting, How)> {
    let first = eligible.first()?;
    if eligible.iter().all(|line| line.number == first.number) {
        return Some((first, How::Automatic));
    }
    let when = |line: &&Waiting| (line.ordered_at, line.position);
    match mode {
        MatchMode::Exact => None,
        MatchMode::Oldest => Some((eligible.iter().min_by_key(when)?, How::Smart)),
        MatchMode::Newest => Some((eligible.iter().max_by_key(when)?, How::Smart)),
    }
}

/// Why the deposit met no order, most telling first.
pub fn reasons(arrival: &Arrival, policy: &MatchingPolicy, facts: &MatchFacts) -> Vec<MatchReason> {
    if arrival.folded().is_empty() {
        return vec![MatchReason::NoName];
    }
    let mut reasons: Vec<_> = facts
        .near
        .iter()
        .filter_map(|line| reason(arrival, policy, line))
        .collect();
    let mut orders: Vec<_> = facts
        .eligible
        .iter()
        .map(|line| line.number.clone())
        .collect();
    if orders.len() > 1 {
        orders.dedup();
        orders.truncate(SEVERAL_NAMED_MAX);
        reasons.push(MatchReason::Several { orders });
    }
    reasons.sort();
    reasons.dedup();
    reasons.truncate(REASONS_MAX);
    if reasons.is_empty() {
        reasons.push(MatchReason::NoOrder);
    }
    reasons
}

/// What kept one line from being met; none where it has nothing to do with the deposit.
pub fn reason(arrival: &Arrival, policy: &MatchingPolicy, line: &Waiting) -> Option<MatchReason> {
    let order = line.number.clone();
    let (told, asked) = (arrival.folded(), folded_name(&line.name));
    let same_amount = line.amount == arrival.amount;
    if told != asked {
        let open = line.shelf == Shelf::Open && arrival.now <= line.ends_at;
        let cut = arrival.name_cut && !told.is_empty() && asked.starts_with(&told);
        return match (open && same_amount, cut) {
            (true, true) => Some(MatchReason::NameCut { order }),
            (true, false) => Some(MatchReason::NameDiffers { order }),
            (false, _) => None,
        };
    }
    let over = arrival.now > line.ends_at;
    let shelf = match line.shelf {
        Shelf::Open if over => Shelf::Expired,
        shelf => shelf,
    };
    match (shelf, same_amount) {
        (Shelf::Open, false) => Some(MatchReason::AmountDiffers {
            order,
            amount: line.amount,
        }),
        (Shelf::Matched, true) => (!over).then_some(MatchReason::PaidBefore { order }),
        (Shelf::Excluded, true) => Some(MatchReason::Excluded { order }),
        (Shelf::Expired, true) => Some(MatchReason::Expired { order }),
        (Shelf::Open, true) if line.ordered_at > arrival.ordered_until() => {
            Some(MatchReason::OrderedLater { order })
        }
        (Shelf::Open, true) if !arrival.names_agree(&line.name, policy) => {
            Some(MatchReason::SpacesDiffer { order })
        }
        // What fits in all of this has no reason not to be met; what has another amount, no story.
        (Shelf::Open, true) | (_, false) => None,
    }
}

/// The order whose name and amount this deposit repeats, where it was paid before and no other of
/// that name and amount still waits: then nobody can say that this is the same payment again.
pub fn paid_before<'r>(
    reasons: &'r [MatchReason],
    arrival: &Arrival,
    facts: &MatchFacts,
) -> Option<&'r OrderNumber> {
    if arrival.is_awaited(facts) {
        return None;
    }
    reasons.iter().find_map(|reason| match reason {
        MatchReason::PaidBefore { order } => Some(order),
        _ => None,
    })
}

/// The order that this deposit comes too late for: of its name and amount, over or taken out, and
/// its end no longer ago than orders wait; where no other of that name and amount still waits.
pub fn too_late<'f>(
    arrival: &Arrival,
    policy: &MatchingPolicy,
    facts: &'f MatchFacts,
) -> Option<&'f OrderNumber> {
    if arrival.is_awaited(facts) {
        return None;
    }
    let grace = i64::from(policy.max_age_days) * SECONDS_PER_DAY;
    let late = |line: &&Waiting| {
        let over = match line.shelf {
            Shelf::Open => arrival.now > line.ends_at,
            Shelf::Expired | Shelf::Excluded => true,
            Shelf::Matched => false,
        };
        over && line.amount == arrival.amount
            && arrival.now <= line.ends_at.plus_seconds(grace)
            && arrival.names_agree(&line.name, policy)
    };
    let latest = facts.near.iter().filter(late);
    latest
        .max_by_key(|line| (line.ends_at, line.position))
        .map(|line| &line.number)
}

impl MatchReason {
    /// The reason in words, for people.
    pub fn words(&self) -> String {
        match self {
            MatchReason::NoName => "입금자명이 없습니다.".to_owned(),
            MatchReason::NotPlaced { order } => {
                format!("이 계좌를 발급받은 주문 {order}이(가) 아직 전달되지 않았습니다.")
            }
            MatchReason::NoOrder => "입금자명과 금액이 일치하는 주문이 없습니다.".to_owned(),
            MatchReason::Several { orders } => {
                let names: Vec<_> = orders.iter().map(OrderNumber::as_str).collect();
                format!("매칭 대상이 여러 건입니다: {}", names.join(", "))
            }
            MatchReason::PaidBefore { order } => {
                format!("주문 {order}은(는) 이미 입금된 주문입니다.")
            }
            MatchReason::Expired { order } => {
                format!("주문 {order}은(는) 매칭 기간이 지났습니다.")
            }
            MatchReason::Excluded { order } => {
                format!("주문 {order}은(는) 매칭에서 제외되었습니다.")
            }
            MatchReason::OrderedLater { order } => {
                format!("주문 {order}의 주문일시가 입금보다 미래입니다.")
            }
            MatchReason::SentLater { order } => {
                format!("주문 {order}이(가) 입금보다 늦게 전달되었습니다.")
            }
            MatchReason::SpacesDiffer { order } => {
                format!("주문 {order}과(와) 입금자명의 공백이 다릅니다.")
            }
            MatchReason::NameCut { order } => {
                format!("은행이 줄인 입금자명이 주문 {order}의 입금자명 앞부분과 같습니다.")
            }
            MatchReason::AmountDiffers { order, amount } => {
                format!("주문 {order}과(와) 입금자명은 같지만 금액({amount}원)이 다릅니다.")
            }
            MatchReason::NameDiffers { order } => {
                format!("주문 {order}과(와) 금액은 같지만 입금자명이 다릅니다.")
            }
        }
    }
}

#[cfg(test)]
mod tests;
