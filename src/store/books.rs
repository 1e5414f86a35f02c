//! The books inside one commit: the engine's batch, and the few rows that many deposits share.
//!
//! A bank's totals and a merchant's balance change with every deposit. Written each time they
//! would be the most expensive rows of all; kept here they are read once, added up in memory and
//! written once per batch. The cache outlives the commit, because only the writer changes these
//! rows; a commit that fails ends the process, so it never outlives the truth.

mod days;
mod endpoints;
mod notifications;
mod policies;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::engine::{Batch, Broken, Rows};
use super::keys::{DayKey, Whose};
use super::tables::{DayCounts, LEDGER, MERCHANTS, RELAYED, Relayed, TOTALS};
use crate::domain::{
    Balance, BusinessDate, Endpoint, LedgerAccount, Limits, Merchant, MerchantId, Notifications,
    Policies, RelayKey, Totals, Transfer,
};
use crate::limits;

/// Rows that many commands share, with those changed since the last commit.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    balances: BTreeMap<LedgerAccount, Cached<Balance>>,
    totals: BTreeMap<DayKey, Cached<Totals>>,
    merchants: BTreeMap<MerchantId, Arc<Merchant>>,
    endpoints: BTreeMap<MerchantId, Arc<[Endpoint]>>,
    policies: BTreeMap<MerchantId, Arc<Policies>>,
    house_limits: Option<Limits>,
    days: BTreeMap<(Whose, BusinessDate), Cached<DayCounts>>,
    notifications: BTreeMap<Option<MerchantId>, Arc<Notifications>>,
}

#[derive(Debug)]
struct Cached<T> {
    value: T,
    changed: bool,
}

impl Shared {
    /// Forgets rows that are safely written once there are many of them.
    fn trim(&mut self) {
        let told = self.endpoints.len() + self.notifications.len();
        let merchants = self.merchants.len() + self.policies.len() + told;
        let sums = self.balances.len() + self.totals.len() + self.days.len();
        if sums + merchants > limits::SHARED_ROWS_MAX {
            *self = Shared::default();
        }
    }
}

pub(crate) use policies::house_limits;

/// The books as they will be after the commit under way.
pub(crate) struct Books<'b> {
    batch: &'b mut dyn Batch,
    shared: &'b mut Shared,
    last_relayed: Option<(RelayKey, Relayed)>,
}

impl<'b> Books<'b> {
    pub(crate) fn new(batch: &'b mut dyn Batch, shared: &'b mut Shared) -> Self {
        Books {
            batch,
            shared,
            last_relayed: None,
        }
    }

    /// The rows as they are now. Shared rows may be newer in the cache: read those through
    /// [`Books::totals`] and [`Books::merchant`].
    pub(crate) fn rows(&self) -> &dyn Rows {
        self.batch
    }

    /// The batch, to write derived rows.
    pub(crate) fn batch(&mut self) -> &mut dyn Batch {
        self.batch
    }

    /// A merchant, from the cache where it was asked for before.
    pub(crate) fn merchant(&mut self, id: &MerchantId) -> Result<Option<Arc<Merchant>>, Broken> {
        if let Some(merchant) = self.shared.merchants.get(id) {
            return Ok(Some(Arc::clone(merchant)));
        }
        let found = MERCHANTS.get(self.batch, id)?.map(Arc::new);
        if let Some(merchant) = &found {
            let merchant = Arc::clone(merchant);
            self.shared.merchants.insert(id.clone(), merchant);
        }
        Ok(found)
    }

    /// Replaces a merchant.
    pub(crate) fn put_merchant(&mut self, merchant: &Merchant) -> Result<(), Broken> {
        let kept = Arc::new(merchant.clone());
        self.shared.merchants.insert(merchant.id.clone(), kept);
        MERCHANTS.put(self.batch, &merchant.id, merchant)
    }

    /// What was accepted under a relay key. The last one asked for is remembered: the row that a
    /// command was weighed against is the row that its events change.
    pub(crate) fn relayed(&mut self, key: &RelayKey) -> Result<Relayed, Broken> {
        if let Some((last, relayed)) = &self.last_relayed
            && last == key
        {
            return Ok(relayed.clone());
        }
        let relayed = RELAYED.get(self.batch, key)?.unwrap_or_default();
        self.last_relayed = Some((key.clone(), relayed.clone()));
        Ok(relayed)
    }

    /// Replaces what was accepted under a relay key.
    pub(crate) fn put_relayed(&mut self, key: &RelayKey, relayed: Relayed) -> Result<(), Broken> {
        RELAYED.put(self.batch, key, &relayed)?;
        self.last_relayed = Some((key.clone(), relayed));
        Ok(())
    }

    /// One bank's day so far.
    pub(crate) fn totals(&mut self, key: &DayKey) -> Result<Totals, Broken> {
        self.cached_totals(key).map(|cached| cached.value)
    }

    /// Adds to one bank's day.
    pub(crate) fn add_totals(&mut self, key: &DayKey, more: Totals) -> Result<(), Broken> {
        let cached = self.cached_totals(key)?;
        cached.value = cached.value.checked_add(more).ok_or_else(too_much)?;
        cached.changed = true;
        Ok(())
    }

    fn cached_totals(&mut self, key: &DayKey) -> Result<&mut Cached<Totals>, Broken> {
        if !self.shared.totals.contains_key(key) {
            let value = TOTALS.get(self.batch, key)?.unwrap_or_default();
            self.shared.totals.insert(
                key.clone(),
                Cached {
                    value,
                    changed: false,
                },
            );
        }
        self.shared.totals.get_mut(key).ok_or_else(too_much)
    }

    /// Books a transfer: the same amount on both sides, or nothing at all.
    pub(crate) fn post(&mut self, transfer: &Transfer) -> Result<(), Broken> {
        if transfer.amount.is_zero() {
            return Err(Broken::not_understood(LEDGER.id, "a transfer of nothing"));
        }
        let debited = self.balance(&transfer.debit)?;
        debited.value.debits = debited
            .value
            .debits
            .checked_add(transfer.amount)
            .ok_or_else(too_much)?;
        debited.changed = true;
        let credited = self.balance(&transfer.credit)?;
        credited.value.credits = credited
            .value
            .credits
            .checked_add(transfer.amount)
            .ok_or_else(too_much)?;
        credited.changed = true;
        Ok(())
    }

    fn balance(&mut self, account: &LedgerAccount) -> Result<&mut Cached<Balance>, Broken> {
        if !self.shared.balances.contains_key(account) {
            let value = LEDGER.get(self.batch, account)?.unwrap_or_default();
            self.shared.balances.insert(
                account.clone(),
                Cached {
                    value,
                    changed: false,
                },
            );
        }
        self.shared.balances.get_mut(account).ok_or_else(too_much)
    }

    /// Writes every shared row that has changed; the last thing before a commit.
    pub(crate) fn flush(&mut self) -> Result<(), Broken> {
        for (account, cached) in self
            .shared
            .balances
            .iter_mut()
            .filter(|(_, row)| row.changed)
        {
            LEDGER.put(self.batch, account, &cached.value)?;
            cached.changed = false;
        }
        for (key, cached) in self.shared.totals.iter_mut().filter(|(_, row)| row.changed) {
            TOTALS.put(self.batch, key, &cached.value)?;
            cached.changed = false;
        }
        self.flush_days()?;
        self.shared.trim();
        Ok(())
    }
}

/// A sum beyond what the books can count is an error of the books, never a wrap.
fn too_much() -> Broken {
    Broken::not_understood(LEDGER.id, "a sum beyond what the books can count")
}
