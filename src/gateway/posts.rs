//! What leaves the house on its own, on a thread of its own: the courier with merchants' letters.

use std::sync::Arc;

use actix::{Actor, Addr, Arbiter};

use super::{StartError, stop_the_process};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::MerchantId;
use crate::merchant::Keys;
use crate::secrets::Secrets;
use crate::store::{Mode, Store};
use crate::webhook::{self, Allowed, Client, Courier, MallKeys, Sender};

/// Malls' keys, for the courier.
struct Malls(Keys);

impl MallKeys for Malls {
    fn webhook_key(&self, merchant: &MerchantId) -> Option<zeroize::Zeroizing<String>> {
        self.0.payaction_webhook_key(merchant)
    }
}

/// The couriers at work.
#[derive(Debug)]
pub(super) struct Posts {
    arbiter: Arbiter,
    courier: Addr<Courier>,
}

/// What signs and posts letters, by the configuration.
pub(super) fn sender(
    config: &Config,
    clock: &Clock,
    secrets: Secrets,
    keys: Keys,
) -> Result<Sender, StartError> {
    let allowed = match config.mode {
        Mode::Sandbox => Allowed::AlsoLoopback,
        Mode::Production => Allowed::Public,
    };
    let roots = match &config.webhook.ca_file {
        Some(file) => std::fs::read(file)
            .map_err(|error| StartError::Webhook(format!("{}: {error}", file.display())))?,
        None => Vec::new(),
    };
    let client = Client::new(allowed, &roots);
    Ok(Sender {
        clock: clock.clone(),
        secrets,
        keys: Arc::new(Malls(keys)),
        client: client.map_err(|error| StartError::Webhook(error.to_string()))?,
    })
}

impl Posts {
    pub(super) fn start(store: &Store, sender: Sender) -> Posts {
        let settings = webhook::Settings {
            reads: store.reads(),
            ledger: store.ledger(),
            sender,
            on_broken: stop_the_process,
        };
        let arbiter = Arbiter::new();
        let position = store.position();
        let courier =
            Courier::start_in_arbiter(&arbiter.handle(), |_| Courier::new(settings, position));
        Posts { arbiter, courier }
    }

    /// Ends them; what is under way has a moment to arrive.
    pub(super) async fn stop(self) {
        // An actor that is gone already needs no word to stop.
        let _ = self.courier.send(webhook::Stop).await;
        drop(self.courier);
        self.arbiter.stop();
        let arbiter = self.arbiter;
        let _ = tokio::task::spawn_blocking(move || arbiter.join()).await;
    }
}
