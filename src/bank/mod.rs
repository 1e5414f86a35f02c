//! The bank's face (은행 쪽): lines on which the relay calls, and the desks behind them.
//!
//! ```text
//!   line threads                 question thread          money thread
//!   Line ─ accept                payee_lookup             deposit
//!   Session ─ frames, line test  pre_deposit_check        correction, aggregate
//!        └──────── route ────────────┴──────────────────────┴──▶ store
//! ```
//!
//! Knows `telegrams`, the domain and the doors of the store. Must not know what a merchant is, how
//! a row is written, or any bank or relay by name. Absent on purpose: unbounded queues, timeouts
//! around money, a telegram that is answered twice.

mod answer;
mod asked;
mod complaint;
mod desk;
mod heartbeat;
mod incoming;
mod line;
mod meters;
mod network;
mod outgoing;
mod promise;
mod route;
mod session;
mod settings;
mod stamp;
mod tally;
pub mod trial;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::time::Duration;

use actix::{Arbiter, ArbiterHandle};
use metrics::gauge;
use telegrams::Profile;
use tokio::sync::{Semaphore, oneshot};
use tokio_util::sync::CancellationToken;

use self::complaint::Complaints;
use self::desk::{Desks, Tools};
use self::heartbeat::Pulse;
use self::line::{Admission, Line, Room};
use self::meters::Meters;
use self::network::Network;
use self::session::Ending;
use crate::clock::{self, Clock};
use crate::domain::BankCode;
use crate::store::{Ledger, Reads};
use crate::{limits, telemetry};

pub use self::settings::{Listener, Settings, Waits};

/// Why the lines could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("cannot listen for the relay on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// A thread cannot be started.
    #[error("cannot start a thread for the lines")]
    Thread(#[source] io::Error),
}

/// The lines at work.
#[derive(Debug)]
pub struct Lines {
    addresses: Vec<SocketAddr>,
    stop: CancellationToken,
    slots: Arc<Semaphore>,
    sessions_max: u32,
    within: Duration,
    /// Told when nothing is in work any more and no promise is open.
    settled: oneshot::Receiver<()>,
    threads: Threads,
}

/// The threads of the bank's face.
#[derive(Debug)]
struct Threads {
    lines: Vec<Arbiter>,
    questions: Arbiter,
    money: Arbiter,
}

/// Starts the lines and their desks. Must be called within an actix system; the metrics go to
/// the recorder in force on the calling thread.
///
/// # Errors
/// [`StartError`]; nothing listens then.
pub fn start(
    settings: Settings,
    ledger: Ledger,
    reads: Reads,
    clock: Clock,
) -> Result<Lines, StartError> {
    let sockets = settings
        .listeners
        .iter()
        .map(|at| listen(at, settings.ports))
        .collect::<Result<Vec<_>, _>>()?;
    let addresses = sockets.iter().map(|socket| socket.address).collect();
    let threads = Threads::start()?;
    let banks = settings.banks.iter().copied().chain([BankCode::ALL]);
    let meters = Arc::new(Meters::new(banks, &Ending::NAMES));
    let (desks, settled) = open_desks(&settings, ledger, reads, &meters, &threads);
    let mut hall = Hall::new(settings, desks, meters, clock, &threads);
    for socket in sockets {
        hall.open(socket);
    }
    Ok(Lines {
        addresses,
        stop: hall.stop,
        slots: hall.admission.slots,
        sessions_max: hall.sessions_max,
        within: hall.waits.stop,
        settled,
        threads,
    })
}

impl Lines {
    /// Where the lines listen, in the order of the settings.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The orderly end: takes no more calls and no more frames, answers what is in, says goodbye
    /// and closes. It is over within the time of the settings, whatever the peers do; what could
    /// not be answered by then is asked again by the relay. Every handle to the books that was
    /// given to [`start`] is gone afterwards.
    pub async fn stop(self) {
        self.stop.cancel();
        let Lines {
            slots,
            sessions_max,
            settled,
            threads,
            ..
        } = self;
        let mut settled = settled;
        let empty = async {
            // Neither the semaphore is ever closed nor is the word kept back but by a panic.
            let _ = slots.acquire_many(sessions_max).await;
            let _ = (&mut settled).await;
        };
        let end = clock::monotonic() + self.within;
        let at_rest = tokio::time::timeout_at(end.into(), empty).await.is_ok();
        if !at_rest {
            let open = usize::try_from(sessions_max)
                .unwrap_or(usize::MAX)
                .saturating_sub(slots.available_permits());
            tracing::warn!(open, "the lines did not come to rest in time and are cut");
        }
        for thread in threads.lines.into_iter().chain([threads.money]) {
            end_thread(thread).await;
        }
        if !at_rest {
            // What was cut off may have broken promises just now.
            let _ = tokio::time::timeout(limits::LINGER, &mut settled).await;
        }
        end_thread(threads.questions).await;
    }
}

async fn end_thread(thread: Arbiter) {
    thread.stop();
    let joined = tokio::task::spawn_blocking(move || thread.join()).await;
    if !matches!(joined, Ok(Ok(()))) {
        tracing::error!("a thread of the lines ended by a panic");
    }
}

impl Threads {
    fn start() -> Result<Self, StartError> {
        let thread = || Arbiter::try_new().map_err(StartError::Thread);
        Ok(Threads {
            lines: (0..limits::LINE_THREADS)
                .map(|_| thread())
                .collect::<Result<_, _>>()?,
            questions: thread()?,
            money: thread()?,
        })
    }
}

/// An address that is ours, and what is spoken there.
struct Socket {
    listener: TcpListener,
    address: SocketAddr,
    profile: Arc<Profile>,
}

fn listen(at: &Listener, ports: crate::network::Ports) -> Result<Socket, StartError> {
    let open = || {
        let listener = crate::network::bind(at.address, ports)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let profile = Arc::clone(&at.profile);
        Ok(Socket {
            listener,
            address,
            profile,
        })
    };
    open().map_err(|error| StartError::Listen {
        address: at.address,
        error,
    })
}

/// Opens the desks, and with them the work of making broken promises void. The receiver hears
/// when all of it is done.
fn open_desks(
    settings: &Settings,
    ledger: Ledger,
    reads: Reads,
    meters: &Arc<Meters>,
    threads: &Threads,
) -> (Desks, oneshot::Receiver<()>) {
    let (voids, voiding) = promise::voids(ledger.clone(), Arc::clone(meters));
    let (told, settled) = oneshot::channel();
    threads.questions.spawn(async move {
        voiding.await;
        // Nobody listens where the lines were not stopped but dropped.
        let _ = told.send(());
    });
    let tools = Tools {
        ledger,
        reads,
        voids,
        complaints: Arc::new(Complaints::new()),
        meters: Arc::clone(meters),
    };
    let (questions, money) = (threads.questions.handle(), threads.money.handle());
    (
        Desks::start(&tools, settings.desk_mailbox, &questions, &money),
        settled,
    )
}

/// What all lines have in common.
struct Hall {
    institution: String,
    waits: Waits,
    sessions_max: u32,
    in_flight_max: usize,
    desks: Desks,
    meters: Arc<Meters>,
    admission: Admission,
    stop: CancellationToken,
    clock: Clock,
    /// Numbers our own telegrams.
    numbers: Arc<AtomicU32>,
    threads: Vec<ArbiterHandle>,
}

impl Hall {
    fn new(
        settings: Settings,
        desks: Desks,
        meters: Arc<Meters>,
        clock: Clock,
        threads: &Threads,
    ) -> Self {
        let slots = Arc::new(Semaphore::new(settings.sessions_max));
        Hall {
            institution: settings.institution,
            waits: settings.waits,
            sessions_max: u32::try_from(settings.sessions_max).unwrap_or(u32::MAX),
            in_flight_max: settings.in_flight_max,
            desks,
            meters,
            admission: Admission {
                allow: settings.allow.into(),
                slots,
                next: Arc::new(AtomicU64::new(1)),
            },
            stop: CancellationToken::new(),
            numbers: heartbeat::numbers(&clock),
            clock,
            threads: threads.lines.iter().map(Arbiter::handle).collect(),
        }
    }

    /// Opens one line.
    fn open(&mut self, socket: Socket) {
        let Socket {
            listener, profile, ..
        } = socket;
        let line = Line {
            room: Arc::new(self.room(profile)),
            admission: self.admission.clone(),
            threads: self.threads.clone(),
            complaints: Complaints::new(),
        };
        // Each line listens on another thread, as far as there are enough.
        self.threads.rotate_left(1);
        self.threads[0].spawn(async move {
            match tokio::net::TcpListener::from_std(listener) {
                Ok(listener) => line.listen(listener).await,
                Err(error) => tracing::error!(%error, "a line cannot listen"),
            }
        });
    }

    fn room(&self, profile: Arc<Profile>) -> Room {
        let sessions = gauge!(telemetry::SESSIONS, "profile" => profile.name().to_owned());
        // Shown as 0 from the start; another line of the same profile may count already.
        sessions.increment(0.0);
        let institution = self.institution.clone();
        let (clock, numbers) = (self.clock.clone(), Arc::clone(&self.numbers));
        Room {
            pulse: Pulse::new(Arc::clone(&profile), institution.clone(), clock, numbers),
            network: Network {
                institution,
                meters: Arc::clone(&self.meters),
                complaints: Arc::new(Complaints::new()),
            },
            profile,
            waits: self.waits,
            in_flight_max: self.in_flight_max,
            desks: self.desks.clone(),
            meters: Arc::clone(&self.meters),
            sessions,
            stop: self.stop.clone(),
        }
    }
}
