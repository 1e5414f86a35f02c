//! A promise: an approval that holds something, on its way to the relay.
//!
//! A promise that is dropped before it was kept makes its hold void, whatever the way it was
//! lost: too late, the session gone, a task that panicked. So nobody has to remember. It knows
//! the books and no telegram.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::meters::Meters;
use crate::domain::{Command, RelayKey, VoidReason};
use crate::limits;
use crate::store::{Busy, Ledger};

/// An approval that has taken a hold and has not left yet.
#[derive(Debug)]
#[must_use = "a promise that is dropped voids its hold"]
pub(super) struct Promise {
    taken: Option<Taken>,
    voids: Voids,
}

/// The hold behind a promise, and why it should be void.
#[derive(Debug)]
pub(super) struct Taken {
    key: RelayKey,
    position: u64,
    why: VoidReason,
}

/// Where broken promises go.
#[derive(Clone, Debug)]
pub(super) struct Voids(mpsc::Sender<Taken>);

impl Promise {
    /// A promise by the hold that was taken under `key` at journal position `position`.
    pub(super) fn new(key: RelayKey, position: u64, voids: Voids) -> Self {
        let why = VoidReason::SessionGone;
        let taken = Some(Taken { key, position, why });
        Promise { taken, voids }
    }

    /// The approval has left.
    pub(super) fn kept(mut self) {
        self.taken = None;
    }

    /// The approval's time is over.
    pub(super) fn too_late(&mut self) {
        if let Some(taken) = &mut self.taken {
            taken.why = VoidReason::Late;
        }
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        let Some(taken) = self.taken.take() else {
            return;
        };
        if let Err(error) = self.voids.0.try_send(taken) {
            let taken = error.into_inner();
            tracing::error!(
                key = %taken.key,
                position = taken.position,
                "an approval could not be made void; its hold ends by its own time"
            );
        }
    }
}

/// The place for broken promises, and the work of making them void, which ends when no promise
/// can come any more.
pub(super) fn voids(
    ledger: Ledger,
    meters: Arc<Meters>,
) -> (Voids, impl Future<Output = ()> + Send + 'static) {
    let (sender, mut broken) = mpsc::channel(limits::VOIDS_QUEUE);
    let work = async move {
        while let Some(taken) = broken.recv().await {
            make_void(&ledger, &meters, taken).await;
        }
    };
    (Voids(sender), work)
}

/// Tells the books. They are most likely busy, or the approval would not be late, so this asks
/// until they have room.
async fn make_void(ledger: &Ledger, meters: &Meters, taken: Taken) {
    let Taken { key, position, why } = taken;
    meters.approval_void(why);
    tracing::warn!(%key, position, ?why, "an approval could not leave and is void");
    for _ in 0..limits::VOID_TRIES_MAX {
        let key = key.clone();
        match ledger.submit(Command::VoidHold { key, position, why }) {
            Ok(_) => return,
            Err(Busy) => tokio::time::sleep(BREATH).await,
        }
    }
    tracing::error!(%key, position, "the books stay busy; this hold ends by its own time");
}

/// Between two tries to reach busy books.
const BREATH: Duration = Duration::from_millis(20);
