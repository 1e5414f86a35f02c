//! The counts of a merchant's days: they change with every deposit, so they are added up in memory
//! and written once per batch.

use super::super::engine::Broken;
use super::super::keys::Whose;
use super::super::tables::{DayCounts, MERCHANT_DAYS};
use super::{Books, Cached};
use crate::domain::BusinessDate;

impl Books<'_> {
    /// Changes a day's counts of `whose`, and everyone's.
    pub(crate) fn count_day(
        &mut self,
        whose: &Whose,
        day: BusinessDate,
        change: impl Fn(DayCounts) -> Option<DayCounts>,
    ) -> Result<(), Broken> {
        for whose in [whose.clone(), Whose::Everyone] {
            let key = (whose, day);
            if !self.shared.days.contains_key(&key) {
                let value = MERCHANT_DAYS.get(self.batch, &key)?.unwrap_or_default();
                let changed = false;
                self.shared
                    .days
                    .insert(key.clone(), Cached { value, changed });
            }
            let cached = self.shared.days.get_mut(&key).ok_or_else(uncountable)?;
            cached.value = change(cached.value).ok_or_else(uncountable)?;
            cached.changed = true;
        }
        Ok(())
    }

    /// Writes the days that have changed.
    pub(super) fn flush_days(&mut self) -> Result<(), Broken> {
        let changed = self.shared.days.iter_mut().filter(|(_, row)| row.changed);
        for (key, cached) in changed {
            MERCHANT_DAYS.put(self.batch, key, &cached.value)?;
            cached.changed = false;
        }
        Ok(())
    }
}

/// A count below nothing or beyond counting is an error of the books, never a wrap.
fn uncountable() -> Broken {
    Broken::not_understood(MERCHANT_DAYS.id, "a count below nothing or beyond counting")
}
