//! What merchants and the house have decided, kept in memory between commits: every deposit asks,
//! and it hardly ever changes.

use std::sync::Arc;

use super::super::engine::{Broken, Rows};
use super::super::keys::SettingKey;
use super::super::tables::{POLICIES, SYSTEM};
use super::Books;
use crate::domain::{Limits, MerchantId, Policies, Won};

impl Books<'_> {
    /// A merchant's policies, from the cache where they were asked for before.
    pub(crate) fn policies(&mut self, merchant: &MerchantId) -> Result<Arc<Policies>, Broken> {
        if let Some(known) = self.shared.policies.get(merchant) {
            return Ok(Arc::clone(known));
        }
        let found = Arc::new(POLICIES.get(self.batch, merchant)?.unwrap_or_default());
        let kept = Arc::clone(&found);
        self.shared.policies.insert(merchant.clone(), kept);
        Ok(found)
    }

    /// Replaces a merchant's policies.
    pub(crate) fn put_policies(
        &mut self,
        merchant: &MerchantId,
        policies: &Policies,
    ) -> Result<(), Broken> {
        self.shared.policies.remove(merchant);
        POLICIES.put(self.batch, merchant, policies)
    }

    /// Ceilings on every account of the house.
    pub(crate) fn house_limits(&mut self) -> Result<Limits, Broken> {
        if let Some(known) = self.shared.house_limits {
            return Ok(known);
        }
        let found = house_limits(self.batch)?;
        self.shared.house_limits = Some(found);
        Ok(found)
    }

    /// Settings of the house have changed: what was kept of them is asked again.
    pub(crate) fn settings_changed(&mut self) {
        self.shared.house_limits = None;
    }
}

/// Ceilings on every account of the house; nought is none.
pub(crate) fn house_limits(rows: &dyn Rows) -> Result<Limits, Broken> {
    let ceiling = |key: &str| {
        let row = SYSTEM.get(rows, &SettingKey(key.to_owned()))?;
        let won = row.and_then(|row| row.value.parse().ok()).map(Won::new);
        Ok(won.filter(|won| !won.is_zero()))
    };
    Ok(Limits {
        per_deposit: ceiling("limits.perDeposit")?,
        per_day: ceiling("limits.perDay")?,
    })
}
