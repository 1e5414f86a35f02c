//! The facts behind: what a merchant has decided about its deposits.

use super::super::books::Books;
use super::super::engine::{Broken, Rows};
use super::super::tables::SETTINGS;
use crate::domain::{Decision, MerchantId, MerchantSettings, PolicyCommand, policy};

/// Weighs one command.
pub(super) fn weigh(books: &mut Books<'_>, command: PolicyCommand) -> Result<Decision, Broken> {
    match command {
        PolicyCommand::SetPolicies {
            merchant,
            change,
            by,
        } => {
            let known = books.merchant(&merchant)?.is_some();
            let in_force = books.policies(&merchant)?;
            let in_force = known.then_some(&*in_force);
            Ok(policy::set_policies(merchant, in_force, *change, by))
        }
        PolicyCommand::SetSettings {
            merchant,
            change,
            by,
        } => {
            let known = books.merchant(&merchant)?.is_some();
            let in_force = settings(books.rows(), &merchant)?;
            let in_force = known.then_some(&in_force);
            Ok(policy::set_settings(merchant, in_force, &change, by))
        }
    }
}

/// A merchant's settings in force.
pub(crate) fn settings(rows: &dyn Rows, merchant: &MerchantId) -> Result<MerchantSettings, Broken> {
    Ok(SETTINGS.get(rows, merchant)?.unwrap_or_default())
}
