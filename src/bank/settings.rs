//! How the bank's face is set up: plain values, checked where the configuration is read.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use telegrams::Profile;

use crate::domain::BankCode;
use crate::limits;
use crate::network::Ports;

/// How the bank's face is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the relay calls, and in which layout it speaks there.
    pub listeners: Vec<Listener>,
    /// What is done about a port of theirs that is taken.
    pub ports: Ports,
    /// Our institution code (기관코드).
    pub institution: String,
    /// The contracted banks, whose faults are shown.
    pub banks: BTreeSet<BankCode>,
    /// Addresses from which the relay may call; none named means any.
    pub allow: Vec<crate::network::Network>,
    /// Sessions that may be open at the same time, over all listeners.
    pub sessions_max: usize,
    /// Requests of one session that may be in work at the same time.
    pub in_flight_max: usize,
    /// Requests that may wait for one desk.
    pub desk_mailbox: usize,
    /// How long things may take.
    pub waits: Waits,
}

/// One address on which the relay calls.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// The layout spoken there.
    pub profile: Arc<Profile>,
}

/// How long things may take on a line. Real time, whatever the house clock does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// Silence before a line test.
    pub idle: Duration,
    /// From a frame's first byte to its last.
    pub half_frame: Duration,
    /// From a question's first byte to its decision.
    pub decide: Duration,
    /// From a question's first byte until its answer is with the socket.
    pub answer: Duration,
    /// A peer that takes nothing of what is written.
    pub write: Duration,
    /// After our last word, for the peer to hang up.
    pub linger: Duration,
    /// An orderly end, peers that do not read included.
    pub stop: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Waits {
            idle: limits::SESSION_IDLE,
            half_frame: limits::FRAME_WAIT,
            decide: limits::DECIDE_WITHIN,
            answer: limits::ANSWER_WITHIN,
            write: limits::WRITE_WAIT,
            linger: limits::LINGER,
            stop: limits::STOP_LINES_WITHIN,
        }
    }
}

impl Settings {
    /// The bounds of `limits.rs` and no restriction of peers.
    pub fn new(institution: &str, listeners: Vec<Listener>) -> Self {
        Settings {
            listeners,
            ports: Ports::AsSet,
            institution: institution.to_owned(),
            banks: BTreeSet::new(),
            allow: Vec::new(),
            sessions_max: limits::SESSIONS_MAX_DEFAULT,
            in_flight_max: limits::IN_FLIGHT_PER_SESSION_MAX,
            desk_mailbox: limits::DESK_MAILBOX,
            waits: Waits::default(),
        }
    }
}
