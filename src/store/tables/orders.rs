//! Orders, and the deposits that met one or none.
//!
//! Matching asks one question, «who waits under this name for this amount?», and its index
//! answers it with one seek whatever else waits: open orders lie together by merchant, folded name
//! and amount, the earliest ordered first. Orders that do not wait any more lie right behind, so
//! that it can be said why a deposit met nothing.
//!
//! Names lie all over their index, so a change there is a page of its own for every match, and
//! with a million open orders another one above it. A match therefore leaves its lines where they
//! are, among those that wait, until a few have gathered in one place; the order itself says how
//! it stands (`facts/lines.rs`), and it lies near the others of its day.

use serde::{Deserialize, Serialize};

use super::super::keys::{NameKey, UnmetKey};
use super::{At, Table};
use crate::domain::{
    Judgement, MerchantId, Order, OrderNumber, Reaction, RelayKey, Timestamp, Won,
};

/// Orders by merchant and the merchant's number.
pub(crate) const ORDERS: Table<(MerchantId, OrderNumber), Order> = Table::at(At::Orders);
/// Orders by their names, amount and standing.
pub(crate) const ORDER_NAMES: Table<NameKey, NameRow> = Table::at(At::OrderNames);
/// Whose order, the stretch of the journal it came in, its amount, and its position.
pub(crate) type AmountKey = (MerchantId, (u64, (Won, u64)));
/// Orders that wait, by the stretch of the journal they came in, amount, and position. Orders are
/// mostly paid soon, so what changes lies close together.
pub(crate) const ORDER_AMOUNTS: Table<AmountKey, OrderNumber> = Table::at(At::OrderAmounts);
/// Journal positions in one stretch of [`ORDER_AMOUNTS`].
pub(crate) const AMOUNTS_STRETCH: u64 = 1 << 16;
/// Orders that wait, by the instant their waiting ends.
pub(crate) const ORDERS_BY_END: Table<(Timestamp, (MerchantId, OrderNumber)), ()> =
    Table::at(At::OrdersByEnd);
/// What is to be said of a deposit beside where its money is, by the position of its booking.
pub(crate) const DEPOSIT_STATES: Table<u64, DepositState> = Table::at(At::DepositStates);
/// Deposits that met no order, by name and amount.
pub(crate) const UNMET: Table<UnmetKey, UnmetRow> = Table::at(At::Unmet);

/// What the index of names says of an order beside its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NameRow {
    pub(crate) name: String,
    pub(crate) ends_at: Timestamp,
}

/// What is to be said of a deposit; deposits that are like any other have no row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositState {
    /// The order it has met.
    pub met: Option<OrderNumber>,
    /// What is out of the ordinary about it, and what was done.
    pub judged: Option<(Judgement, Reaction)>,
    /// The folded name under which it waits for an order.
    pub unmet: Option<String>,
    /// Journal positions of later records about it.
    pub records: Vec<u64>,
}

/// A deposit that met no order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnmetRow {
    pub(crate) key: RelayKey,
    pub(crate) name: String,
    pub(crate) account: crate::domain::AccountKey,
    pub(crate) booked_at: Timestamp,
}
