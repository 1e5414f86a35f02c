//! A line (회선): one address on which the relay calls, and the room its sessions share.
//!
//! It accepts connections from allowed addresses up to the cap, spreads the sessions over the
//! line threads, and hears the word to stop. It reads no byte and knows no telegram.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix::ArbiterHandle;
use metrics::Gauge;
use telegrams::Profile;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::Waits;
use super::complaint::{Caller, Complaints};
use super::desk::Desks;
use super::heartbeat::Pulse;
use super::meters::Meters;
use super::network::Network;
use super::session::Session;
use crate::network::Network as AddressBlock;

/// What all sessions of a line share.
pub(super) struct Room {
    pub(super) profile: Arc<Profile>,
    pub(super) waits: Waits,
    pub(super) in_flight_max: usize,
    pub(super) desks: Desks,
    pub(super) network: Network,
    pub(super) pulse: Pulse,
    pub(super) meters: Arc<Meters>,
    /// Sessions open, by profile.
    pub(super) sessions: Gauge,
    /// The word to stop.
    pub(super) stop: CancellationToken,
}

/// Who may come in.
#[derive(Clone)]
pub(super) struct Admission {
    /// Addresses allowed; none named means all.
    pub(super) allow: Arc<[AddressBlock]>,
    /// One permit for each session that may be open, over all lines.
    pub(super) slots: Arc<Semaphore>,
    /// Numbers the sessions.
    pub(super) next: Arc<AtomicU64>,
}

/// One listening address at work.
pub(super) struct Line {
    pub(super) room: Arc<Room>,
    pub(super) admission: Admission,
    /// The threads on which sessions live.
    pub(super) threads: Vec<ArbiterHandle>,
    pub(super) complaints: Complaints,
}

/// After a failure to accept, such as too many open files.
const BREATH: Duration = Duration::from_millis(100);

impl Line {
    /// Takes calls until the word to stop.
    pub(super) async fn listen(self, listener: TcpListener) {
        loop {
            let call = tokio::select! {
                biased;
                () = self.room.stop.cancelled() => return,
                call = listener.accept() => call,
            };
            match call {
                Ok((socket, peer)) => self.admit(socket, peer),
                Err(error) => {
                    tracing::error!(%error, "a call could not be taken");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }

    fn admit(&self, socket: TcpStream, peer: SocketAddr) {
        let session = self.admission.next.fetch_add(1, Ordering::Relaxed);
        let caller = Caller { session, peer };
        let slot = match self.admission.slot(peer) {
            Ok(slot) => slot,
            Err(turned_away) => {
                self.room.meters.session_refused(turned_away.name());
                self.complaints.told(caller, turned_away.sentence());
                return;
            }
        };
        if let Err(error) = self.settle(socket, caller, slot) {
            tracing::warn!(session, %peer, %error, "a call broke before it became a session");
        }
    }

    /// Moves a connection to one of the line threads, where it becomes a session.
    fn settle(
        &self,
        socket: TcpStream,
        caller: Caller,
        slot: OwnedSemaphorePermit,
    ) -> std::io::Result<()> {
        socket.set_nodelay(true)?;
        let socket = socket.into_std()?;
        let turn = usize::try_from(caller.session).unwrap_or(0) % self.threads.len();
        let room = Arc::clone(&self.room);
        self.threads[turn].spawn_fn(move || match TcpStream::from_std(socket) {
            Ok(socket) => Session::open(room, socket, caller, slot),
            Err(error) => tracing::warn!(session = caller.session, %error, "a call broke"),
        });
        Ok(())
    }
}

/// Why a call is not taken.
enum TurnedAway {
    Address,
    Full,
}

impl TurnedAway {
    fn name(&self) -> &'static str {
        match self {
            TurnedAway::Address => "address",
            TurnedAway::Full => "full",
        }
    }

    fn sentence(&self) -> &'static str {
        match self {
            TurnedAway::Address => "a call from an address that is not allowed was turned away",
            TurnedAway::Full => "a call was turned away: as many sessions are open as may be",
        }
    }
}

impl Admission {
    fn slot(&self, peer: SocketAddr) -> Result<OwnedSemaphorePermit, TurnedAway> {
        let allowed =
            self.allow.is_empty() || self.allow.iter().any(|block| block.contains(peer.ip()));
        if !allowed {
            return Err(TurnedAway::Address);
        }
        let slots = Arc::clone(&self.slots);
        slots.try_acquire_owned().map_err(|_| TurnedAway::Full)
    }
}
