//! What leaves the house on its own: webhooks and messages.

use std::path::PathBuf;

use super::{Reader, Secret, values};
use crate::network::Network;

/// The part for webhooks.
#[derive(Debug, Clone)]
pub struct WebhookPart {
    /// Where they come from, for merchants' firewalls.
    pub addresses: Vec<Network>,
    /// A file of certificates that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// The part for messages to people.
#[derive(Debug, Clone)]
pub struct MessagePart {
    /// The mail server's URL, which holds its password.
    pub smtp: Option<Secret>,
    /// Whom mails come from.
    pub mail_from: String,
    /// Where Telegram's bots are called, where it was said.
    pub telegram: Option<String>,
}

impl Reader {
    pub(super) fn message(&mut self) -> MessagePart {
        let smtp = self.maybe("mail.smtp", values::text::<String>);
        MessagePart {
            smtp: smtp.map(Secret::new),
            mail_from: self.one("mail.from", values::text::<String>),
            telegram: self.maybe("telegram.base", values::http_base),
        }
    }

    pub(super) fn webhook(&mut self) -> WebhookPart {
        WebhookPart {
            addresses: self.each("webhook.addresses", values::network),
            ca_file: self.maybe("webhook.ca_file", values::text::<PathBuf>),
        }
    }
}
