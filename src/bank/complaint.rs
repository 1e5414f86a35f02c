//! Complaints: what the log is told of bad input, without personal data and not more often than
//! a person can read.
//!
//! A peer that sends nothing but rubbish must not be able to fill the disk: so many lines in a
//! second, then one that says how many were left out. The counters count every one.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use telegrams::Malformed;

use crate::{clock, limits};

/// Whose telegram a line in the log speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// Number of the session since the start.
    pub(super) session: u64,
    /// Address at the other end.
    pub(super) peer: SocketAddr,
}

/// Decides which complaints are told. May be shared between threads.
#[derive(Debug)]
pub(super) struct Complaints {
    start: Instant,
    /// Second since `start` in which the newest line was told.
    second: AtomicU64,
    told: AtomicU32,
    untold: AtomicU64,
}

impl Complaints {
    pub(super) fn new() -> Self {
        Complaints {
            start: clock::monotonic(),
            second: AtomicU64::new(0),
            told: AtomicU32::new(0),
            untold: AtomicU64::new(0),
        }
    }

    /// A telegram that breaks its layout.
    pub(super) fn malformed(&self, caller: Caller, trace_no: Option<&str>, wrong: &Malformed) {
        if let Some(untold) = self.may_tell() {
            let Caller { session, peer } = caller;
            let kind = wrong.kind.map_or("unknown", telegrams::Kind::name);
            let why = wrong.why.name();
            tracing::warn!(
                session, %peer, kind, trace_no, at = wrong.at, why, untold,
                "a telegram breaks its layout: {wrong}"
            );
        }
    }

    /// Something else about a peer that is worth a line.
    pub(super) fn told(&self, caller: Caller, what: &str) {
        if let Some(untold) = self.may_tell() {
            let Caller { session, peer } = caller;
            tracing::warn!(session, %peer, untold, "{what}");
        }
    }

    /// Whether one more line is bearable now; if so, how many were left out before it.
    fn may_tell(&self) -> Option<u64> {
        self.may_tell_at(clock::monotonic().saturating_duration_since(self.start))
    }

    fn may_tell_at(&self, elapsed: Duration) -> Option<u64> {
        let second = elapsed.as_secs();
        if self.second.swap(second, Ordering::Relaxed) != second {
            self.told.store(0, Ordering::Relaxed);
        }
        if self.told.fetch_add(1, Ordering::Relaxed) < limits::COMPLAINTS_PER_SECOND {
            Some(self.untold.swap(0, Ordering::Relaxed))
        } else {
            self.untold.fetch_add(1, Ordering::Relaxed);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Complaints;
    use crate::limits;

    #[test]
    fn so_many_in_a_second_and_the_rest_is_only_counted() {
        let complaints = Complaints::new();
        let first = Duration::from_millis(100);
        for _ in 0..limits::COMPLAINTS_PER_SECOND {
            assert_eq!(complaints.may_tell_at(first), Some(0));
        }
        for _ in 0..7 {
            assert_eq!(complaints.may_tell_at(first), None);
        }
        let next = Duration::from_millis(1_100);
        assert_eq!(complaints.may_tell_at(next), Some(7));
        assert_eq!(complaints.may_tell_at(next), Some(0));
    }
}
