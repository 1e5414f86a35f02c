//! A merchant's server for webhooks: checks who speaks, answers as scripted, remembers everything.
//!
//! It is the other end of the gateway's courier. Each of the gateway's dialects has its own way of
//! proving who speaks and its own answer that counts as «taken»; [`Receiver`] knows both, and is as
//! unreliable as its [`Manners`] say. What came stands in the [`Ledger`], every attempt with its
//! faults in words. It must not know how the gateway decides what to send.

mod body;
mod dialect;
mod ledger;
mod manners;
mod report;
mod signature;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use dialect::{Dialect, UnknownDialect};
pub use ledger::{Arrival, Delivery, Ledger};
pub use manners::{Manner, Manners, MannersError};
pub use report::ReceiverReport;
pub use signature::sign;

use crate::http::{Answer, Came, Listener};

/// What the merchant was given, to recognise who speaks. What is not known is not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The key in `x-webhook-key`.
    pub webhook_key: Option<String>,
    /// The mall in `x-mall-id`, and the `mid` of EzPG's notices.
    pub mall_id: Option<String>,
    /// The secret of the signature: `whsec_…`. Several while they are being changed over.
    pub secrets: Vec<String>,
}

struct Shared {
    dialect: Dialect,
    credentials: Mutex<Credentials>,
    manners: Mutex<Manners>,
    ledger: Mutex<Ledger>,
}

/// A server for webhooks on this machine; it ends when this is dropped.
pub struct Receiver {
    listener: Listener,
    shared: Arc<Shared>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Receiver {
    /// Listens on an address such as `127.0.0.1:0` and answers every request well.
    pub fn start(address: &str, dialect: Dialect) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            dialect,
            credentials: Mutex::default(),
            manners: Mutex::default(),
            ledger: Mutex::new(Ledger::new(dialect)),
        });
        let handler = Arc::clone(&shared);
        let listener = Listener::start(address, move |came| handler.take(&came))?;
        Ok(Self { listener, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// What the gateway is told to send to.
    pub fn url(&self) -> String {
        format!("http://{}/webhook", self.address())
    }

    /// The dialect that it understands.
    pub fn dialect(&self) -> Dialect {
        self.shared.dialect
    }

    /// From now on it recognises who speaks by these.
    pub fn knows(&self, credentials: Credentials) {
        *locked(&self.shared.credentials) = credentials;
    }

    /// From now on it answers so.
    pub fn behaves(&self, manners: Manners) {
        *locked(&self.shared.manners) = manners;
    }

    /// Closes its port: connections are refused until [`Receiver::up`].
    pub fn down(&self) {
        self.listener.down();
    }

    /// Opens its port again.
    pub fn up(&self) -> io::Result<()> {
        self.listener.up()
    }

    /// Looks at what came so far; it waits with new arrivals while the closure looks.
    pub fn look<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&locked(&self.shared.ledger))
    }

    /// Waits until the ledger shows something, at most so long. Blocks the thread.
    pub fn wait_for<T>(
        &self,
        patience: Duration,
        mut look: impl FnMut(&Ledger) -> Option<T>,
    ) -> Option<T> {
        let give_up = Instant::now() + patience;
        loop {
            if let Some(found) = self.look(&mut look) {
                return Some(found);
            }
            if Instant::now() >= give_up {
                return None;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What came, in figures and words.
    pub fn report(&self) -> ReceiverReport {
        self.look(ReceiverReport::of)
    }
}

impl Shared {
    fn take(&self, came: &Came) -> Answer {
        let manner = locked(&self.manners).for_next();
        let credentials = locked(&self.credentials).clone();
        let faults = self.dialect.faults(came, &credentials);
        let answer = manner.answer(self.dialect);
        locked(&self.ledger).enter(came, faults, manner.to_string());
        answer
    }
}
