//! How a deposit into a matching account meets an order: by the depositor's name and the amount.

use serde::{Deserialize, Serialize};

use super::{OrderNumber, Won};

/// Why a deposit met no order, or what speaks for and against a candidate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchReason {
    /// The bank told no payer's name.
    NoName,
    /// No order has this name and this amount.
    NoOrder,
    /// More than one order has this name and this amount.
    Several {
        /// Some of them.
        orders: Vec<OrderNumber>,
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
    /// The order with this name and amount was paid before.
    PaidBefore {
        /// Which.
        order: OrderNumber,
    },
}
