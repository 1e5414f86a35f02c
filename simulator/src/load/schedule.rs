//! When the next telegram is due. Pure counting: no socket, and the time is given.

use std::time::{Duration, Instant};

use super::Until;

/// How fast telegrams go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Always so many in flight on each session (closed model).
    InFlight(usize),
    /// So many a second on all sessions together, whatever comes back (open model).
    Rate(f64),
}

/// Telegrams that may be on their way on one session in the open model. A gateway so far behind is
/// not sent more, but the waiting counts from when they were due.
pub(super) const OPEN_IN_FLIGHT: usize = 1 << 15;

/// The common beginning of all sessions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    pace: Pace,
    until: Until,
    sessions: u64,
    began: Instant,
}

impl Schedule {
    pub(super) fn new(pace: Pace, until: Until, sessions: u64) -> Self {
        Self {
            pace,
            until,
            sessions: sessions.max(1),
            began: Instant::now(),
        }
    }

    pub(super) fn began(&self) -> Instant {
        self.began
    }

    /// The part of one session, counted from 0.
    pub(super) fn of_session(&self, at: u64) -> SessionSchedule {
        let sessions = self.sessions;
        let last = match self.until {
            // The first sessions take what does not divide evenly.
            Until::Count(count) => count / sessions + u64::from(at < count % sessions),
            Until::Elapsed(_) => u64::MAX,
        };
        let stop = match self.until {
            Until::Count(_) => u64::MAX,
            Until::Elapsed(elapsed) => nanos(elapsed),
        };
        let gap = match self.pace {
            Pace::InFlight(_) => None,
            Pace::Rate(rate) => Some(sessions as f64 * 1e9 / rate.max(1e-3)),
        };
        let in_flight = match self.pace {
            Pace::InFlight(in_flight) => in_flight.max(1),
            Pace::Rate(_) => OPEN_IN_FLIGHT,
        };
        // Sessions take turns, so that the rate is even and not in salvos.
        let phase = gap.map_or(0.0, |gap| gap * at as f64 / sessions as f64);
        SessionSchedule {
            began: self.began,
            last,
            stop,
            gap,
            phase,
            in_flight,
        }
    }
}

/// One session's part of the schedule. Times are nanoseconds since the beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct SessionSchedule {
    pub(super) began: Instant,
    last: u64,
    stop: u64,
    gap: Option<f64>,
    phase: f64,
    pub(super) in_flight: usize,
}

impl SessionSchedule {
    /// Nanoseconds since the beginning.
    pub(super) fn now(&self) -> u64 {
        nanos(self.began.elapsed())
    }

    /// Whether answers' times count from when their questions were due.
    pub(super) fn is_open(&self) -> bool {
        self.gap.is_some()
    }

    /// Whether the session has sent its part when it has sent `sent` by `now`.
    pub(super) fn is_over(&self, sent: u64, now: u64) -> bool {
        sent >= self.last || self.due(sent).unwrap_or(now) >= self.stop
    }

    /// When telegram `index` (from 0) is due; `None` in the closed model: as soon as it may.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(super) fn due(&self, index: u64) -> Option<u64> {
        // The cast of a positive float saturates, which is late enough.
        self.gap.map(|gap| (self.phase + gap * index as f64) as u64)
    }

    /// When telegram `index` may go at the moment `now` with `in_flight` under way: `Some` with
    /// the time from which its answer counts, or `None` when it has to wait.
    pub(super) fn may_go(&self, index: u64, in_flight: usize, now: u64) -> Option<u64> {
        if in_flight >= self.in_flight || self.is_over(index, now) {
            return None;
        }
        match self.due(index) {
            None => Some(now),
            Some(due) => (due <= now).then_some(due),
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_count_is_shared_out_to_the_last() {
        let schedule = Schedule::new(Pace::InFlight(8), Until::Count(10), 4);
        let shares: Vec<u64> = (0..4).map(|at| schedule.of_session(at).last).collect();
        assert_eq!(shares, [3, 3, 2, 2]);
        let first = schedule.of_session(0);
        assert!(first.may_go(2, 0, 5).is_some());
        assert!(first.may_go(3, 0, 5).is_none());
        assert!(first.is_over(3, 5));
    }

    #[test]
    fn the_closed_model_goes_as_long_as_there_is_room() {
        let schedule = Schedule::new(Pace::InFlight(2), Until::Elapsed(Duration::from_secs(1)), 1);
        let session = schedule.of_session(0);
        assert_eq!(session.may_go(0, 0, 7), Some(7));
        assert_eq!(session.may_go(1, 1, 8), Some(8));
        assert_eq!(session.may_go(2, 2, 9), None);
        assert!(!session.is_over(2, SECOND - 1));
        assert!(session.is_over(2, SECOND));
    }

    #[test]
    fn the_open_model_counts_from_when_a_telegram_was_due() {
        let schedule = Schedule::new(
            Pace::Rate(1_000.0),
            Until::Elapsed(Duration::from_secs(1)),
            1,
        );
        let session = schedule.of_session(0);
        assert_eq!(session.may_go(0, 0, 0), Some(0));
        assert_eq!(session.may_go(1, 0, 999_999), None);
        // A stall of a second: what was due meanwhile goes now, and counts from then.
        assert_eq!(session.may_go(1, 0, SECOND), Some(1_000_000));
        assert_eq!(session.may_go(999, 900, SECOND), Some(999_000_000));
        assert!(!session.is_over(999, 2 * SECOND));
        assert!(session.is_over(1_000, 2 * SECOND));
    }

    #[test]
    fn sessions_of_the_open_model_take_turns() {
        let schedule = Schedule::new(Pace::Rate(1_000.0), Until::Count(1_000), 4);
        let due: Vec<_> = (0..4)
            .map(|at| schedule.of_session(at).due(0).unwrap())
            .collect();
        assert_eq!(due, [0, 1_000_000, 2_000_000, 3_000_000]);
        assert_eq!(schedule.of_session(1).due(1), Some(5_000_000));
    }
}
