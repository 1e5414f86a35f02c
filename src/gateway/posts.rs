//! What leaves the house on its own, on a thread of its own: the courier with merchants' letters
//! and the messenger with messages to people.

use std::sync::Arc;

use actix::{Actor, Addr, Arbiter};

use super::{StartError, stop_the_process};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::MerchantId;
use crate::merchant::Keys;
use crate::message::{self, Alimtalk, Chats, Mails, Messenger};
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
    messenger: Addr<Messenger>,
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

/// How people are reached, by the configuration.
fn messenger(
    config: &Config,
    store: &Store,
    sender: &Sender,
) -> Result<message::Settings, StartError> {
    let sandbox = config.mode == Mode::Sandbox;
    let part = &config.message;
    let mails = match &part.smtp {
        Some(url) => Mails::by(url.expose(), &part.mail_from)?,
        None if sandbox => Mails::Kept,
        None => Mails::Nowhere,
    };
    let base = part.telegram.as_deref();
    let chats = match base.or((!sandbox).then_some("https://api.telegram.org")) {
        Some(base) => Chats::by(base).map_err(|error| StartError::Webhook(error.to_string()))?,
        None => Chats::Kept,
    };
    Ok(message::Settings {
        reads: store.reads(),
        ledger: store.ledger(),
        clock: sender.clock.clone(),
        secrets: sender.secrets.clone(),
        mails,
        chats,
        alimtalk: if sandbox {
            Alimtalk::Kept
        } else {
            Alimtalk::Nowhere
        },
        on_broken: stop_the_process,
    })
}

impl Posts {
    pub(super) fn start(
        config: &Config,
        store: &Store,
        sender: Sender,
    ) -> Result<Posts, StartError> {
        let messages = messenger(config, store, &sender)?;
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
        let position = store.position();
        let messenger =
            Messenger::start_in_arbiter(&arbiter.handle(), |_| Messenger::new(messages, position));
        Ok(Posts {
            arbiter,
            courier,
            messenger,
        })
    }

    /// Ends them; what is under way has a moment to arrive.
    pub(super) async fn stop(self) {
        // An actor that is gone already needs no word to stop.
        let _ = self.messenger.send(message::Stop).await;
        let _ = self.courier.send(webhook::Stop).await;
        drop((self.courier, self.messenger));
        self.arbiter.stop();
        let arbiter = self.arbiter;
        let _ = tokio::task::spawn_blocking(move || arbiter.join()).await;
    }
}
