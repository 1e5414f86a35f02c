//! Deposits as this face tells them.

use crate::domain::{Credit, DepositRow};

/// Where a deposit stands, in one word of the later document, and why where it is parked.
pub(super) fn status(row: &DepositRow) -> (&'static str, Option<String>) {
    if row.reversed_at.is_some() {
        return ("cancelled", None);
    }
    match &row.credit {
        Credit::Merchant(_) => ("completed", None),
        Credit::Suspense(reason) => ("pending", Some(super::words::parked(*reason).to_owned())),
    }
}
