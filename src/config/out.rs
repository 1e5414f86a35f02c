//! What leaves the house on its own: webhooks and messages.

use std::path::PathBuf;

use super::{Reader, values};
use crate::network::Network;

/// The part for webhooks.
#[derive(Debug, Clone)]
pub struct WebhookPart {
    /// Where they come from, for merchants' firewalls.
    pub addresses: Vec<Network>,
    /// A file of certificates that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
}

impl Reader {
    pub(super) fn webhook(&mut self) -> WebhookPart {
        WebhookPart {
            addresses: self.each("webhook.addresses", values::network),
            ca_file: self.maybe("webhook.ca_file", values::text::<PathBuf>),
        }
    }
}
