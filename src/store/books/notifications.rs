//! Who wants to be told what, kept in memory between commits: every deposit asks for it.

use std::sync::Arc;

use super::super::engine::Broken;
use super::super::tables::{Hearer, NOTIFICATIONS};
use super::Books;
use crate::domain::Notifications;

impl Books<'_> {
    /// What somebody wants to be told, from the cache where it was asked for before.
    pub(crate) fn notifications(&mut self, whose: &Hearer) -> Result<Arc<Notifications>, Broken> {
        if let Some(known) = self.shared.notifications.get(whose) {
            return Ok(Arc::clone(known));
        }
        let found = NOTIFICATIONS.get(self.batch, whose)?.unwrap_or_default();
        let found = Arc::new(found);
        let kept = Arc::clone(&found);
        self.shared.notifications.insert(whose.clone(), kept);
        Ok(found)
    }

    /// Replaces what somebody wants to be told.
    pub(crate) fn put_notifications(
        &mut self,
        whose: &Hearer,
        settings: &Notifications,
    ) -> Result<(), Broken> {
        self.shared.notifications.remove(whose);
        NOTIFICATIONS.put(self.batch, whose, settings)
    }
}
