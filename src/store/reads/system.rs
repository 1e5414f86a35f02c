//! Questions about the house's settings and its audit log.

use std::ops::{Bound, ControlFlow};

use super::Reads;
use crate::domain::{Actor, Audit, BankCode, BankHours, SettingRow, SystemSettings, Timestamp};
use crate::limits;
use crate::store::engine::{Broken, Direction};
use crate::store::facts::system::settings;
use crate::store::keys::{SettingKey, TableKey as _};
use crate::store::tables::{AUDIT, SYSTEM};

/// Which administrative acts to show.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Not before this instant.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
    /// Only of this user or merchant, or of `house`.
    pub actor: Option<String>,
    /// Only about subjects that begin so.
    pub subject: Option<String>,
}

impl AuditFilter {
    fn takes(&self, audit: &Audit) -> bool {
        let actor = match &audit.by.actor {
            Actor::User(user) => user.as_str(),
            Actor::Program(merchant) => merchant.as_str(),
            Actor::House => "house",
        };
        self.actor.as_deref().is_none_or(|wanted| wanted == actor)
            && self
                .subject
                .as_deref()
                .is_none_or(|wanted| audit.subject.starts_with(wanted))
    }
}

/// The place of an administrative act in the log: the stamp of its record, and its number there.
pub type AuditPlace = (Timestamp, u64);

/// A page of the audit log, newest first.
#[derive(Clone, Debug, Default)]
pub struct AuditPage {
    /// The acts, each with its place.
    pub acts: Vec<(AuditPlace, Audit)>,
    /// Where to go on, if there may be more.
    pub next: Option<AuditPlace>,
}

impl Reads {
    /// The settings in force.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn system_settings(&self) -> Result<SystemSettings, Broken> {
        settings(&*self.engine.snapshot()?)
    }

    /// A setting as it was last set.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn setting_row(&self, key: &str) -> Result<Option<SettingRow>, Broken> {
        SYSTEM.get(&*self.engine.snapshot()?, &SettingKey(key.to_owned()))
    }

    /// Settings that were set, by key.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn setting_rows(&self) -> Result<Vec<(String, SettingRow)>, Broken> {
        let mut found = Vec::new();
        SYSTEM.walk_from(&*self.engine.snapshot()?, &[], &mut |key, row| {
            found.push((key.0, row));
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// The hours of every contracted bank as the configuration has them.
    pub fn configured_hours(&self) -> Vec<(BankCode, BankHours)> {
        let hours = |bank: &BankCode| (*bank, self.house.hours.of(*bank).clone());
        self.house.banks.iter().map(hours).collect()
    }

    /// Administrative acts, newest first, before the place `before`. Looks at a bounded number of
    /// rows: a page may be short, or empty, and still have a next one.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn audit(
        &self,
        filter: &AuditFilter,
        before: Option<AuditPlace>,
        limit: usize,
    ) -> Result<AuditPage, Broken> {
        let rows = self.engine.snapshot()?;
        let end = before
            .map(|place| place.bytes())
            .or_else(|| filter.to.map(|to| to.bytes()));
        let start = filter.from.map(|from| from.bytes()).unwrap_or_default();
        let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut page = AuditPage::default();
        let mut looked = 0;
        rows.scan(
            AUDIT.id,
            Bound::Included(&start),
            to,
            Direction::Backward,
            &mut |key, row| {
                let (place, audit) = AUDIT.read(key, row)?;
                looked += 1;
                if filter.takes(&audit) {
                    page.acts.push((place, audit));
                }
                if page.acts.len() < limit && looked < limits::AUDIT_ROWS_PER_PAGE_MAX {
                    return Ok(ControlFlow::Continue(()));
                }
                page.next = Some(place);
                Ok(ControlFlow::Break(()))
            },
        )?;
        Ok(page)
    }
}
