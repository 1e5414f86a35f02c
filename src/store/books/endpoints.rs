//! A merchant's endpoints, kept in memory between commits: every notice asks for them, and they
//! hardly ever change.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::super::engine::Broken;
use super::super::keys::TableKey;
use super::super::tables::{ENDPOINTS, ENDPOINTS_OF};
use super::Books;
use crate::domain::{Endpoint, MerchantId};

impl Books<'_> {
    /// The endpoints of a merchant, from the cache where they were asked for before.
    pub(crate) fn endpoints(&mut self, merchant: &MerchantId) -> Result<Arc<[Endpoint]>, Broken> {
        if let Some(known) = self.shared.endpoints.get(merchant) {
            return Ok(Arc::clone(known));
        }
        let mut ids = Vec::new();
        ENDPOINTS_OF.walk_prefix(self.batch, &merchant.bytes(), &mut |(_, id), ()| {
            ids.push(id);
            ControlFlow::Continue(())
        })?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            found.extend(ENDPOINTS.get(self.batch, &id)?);
        }
        let found: Arc<[Endpoint]> = found.into();
        let kept = Arc::clone(&found);
        self.shared.endpoints.insert(merchant.clone(), kept);
        Ok(found)
    }

    /// Writes an endpoint, new or changed.
    pub(crate) fn put_endpoint(&mut self, endpoint: &Endpoint) -> Result<(), Broken> {
        self.shared.endpoints.remove(&endpoint.merchant);
        let of = (endpoint.merchant.clone(), endpoint.id);
        ENDPOINTS_OF.put(self.batch, &of, &())?;
        ENDPOINTS.put(self.batch, &endpoint.id, endpoint)
    }
}
