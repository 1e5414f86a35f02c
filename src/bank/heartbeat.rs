//! The heartbeat of a session: a line test (회선시험) after silence, and the answers to it.
//!
//! A whole frame from the other side, whatever it says, proves that the line is alive. So only
//! tests that were followed by nothing at all count against it. The heartbeat composes and
//! recognises telegrams; when to send one and when to hang up is the session's business.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use telegrams::{ComposeError, Field, Key, Kind, Profile, Record};

use crate::clock::Clock;
use crate::limits;

/// What every session needs to test its line.
pub(super) struct Pulse {
    profile: Arc<Profile>,
    institution: String,
    clock: Clock,
    /// The number of the next line test of ours; shared by all sessions of the process.
    next: Arc<AtomicU32>,
}

/// Line tests are numbered by six digits, which is what the shortest number field holds.
const NUMBERS: u32 = 1_000_000;

impl Pulse {
    /// For sessions of `profile`, on behalf of `institution`. `next` comes from [`numbers`].
    pub(super) fn new(
        profile: Arc<Profile>,
        institution: String,
        clock: Clock,
        next: Arc<AtomicU32>,
    ) -> Self {
        Pulse {
            profile,
            institution,
            clock,
            next,
        }
    }

    /// A line test that bears a number of its own.
    fn compose(&self) -> Result<Bytes, ComposeError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed) % NUMBERS;
        // House time has a calendar day in every year that a sandbox can be shifted to.
        let now = self.clock.now().in_seoul().unwrap_or_default();
        self.profile
            .compose(Kind::LineTest)
            .text(Field::Institution, &self.institution)
            .text(Field::TradeDate, &now.strftime("%Y%m%d").to_string())
            .text(Field::TradeTime, &now.strftime("%H%M%S").to_string())
            .text(Field::TraceNo, &format!("{number:06}"))
            .finish()
    }
}

/// Where numbering begins: by the time of day, so that a restart on the same day does not use
/// the same numbers again.
pub(super) fn numbers(clock: &Clock) -> Arc<AtomicU32> {
    let tenths = clock.now().as_micros().rem_euclid(86_400_000_000) / 100_000;
    Arc::new(AtomicU32::new(u32::try_from(tenths).unwrap_or(0)))
}

/// The line tests of one session.
#[derive(Debug, Default)]
pub(super) struct Heartbeat {
    /// Tests of ours without an answer, oldest first.
    open: Vec<Key>,
    /// Tests since a frame was last heard.
    unheard: u32,
}

/// What an idle session should do.
#[derive(Debug)]
pub(super) enum Beat {
    /// Send this line test.
    Test(Bytes),
    /// Hang up: the other side does not answer.
    Dead,
}

impl Heartbeat {
    /// A frame was heard.
    pub(super) fn heard(&mut self) {
        self.unheard = 0;
    }

    /// The session has been silent for long enough.
    ///
    /// Errors: the layout cannot express a line test of ours.
    pub(super) fn idle(&mut self, pulse: &Pulse) -> Result<Beat, ComposeError> {
        if self.unheard >= limits::LINE_TESTS_UNANSWERED_MAX {
            return Ok(Beat::Dead);
        }
        let test = pulse.compose()?;
        if let telegrams::Reading::Request(record) = pulse.profile.read(test.clone()) {
            self.open.push(record.key()?);
        }
        self.unheard += 1;
        Ok(Beat::Test(test))
    }

    /// Whether `reply` answers a test of ours; if so, that test is done.
    pub(super) fn answers(&mut self, reply: &Record) -> bool {
        if reply.kind() != Kind::LineTest {
            return false;
        }
        let Ok(key) = reply.key() else { return false };
        let found = self.open.iter().position(|open| *open == key);
        found.map(|at| self.open.remove(at)).is_some()
    }

    /// Forgets the oldest tests beyond those that may still be answered, and says how many.
    pub(super) fn give_up(&mut self, keep: usize) -> usize {
        let old = self.open.len().saturating_sub(keep);
        self.open.drain(..old).count()
    }
}

#[cfg(test)]
mod tests {
    use telegrams::{Answer, Profiles, Reading};

    use super::{Beat, Heartbeat, Pulse, numbers};
    use crate::clock::Clock;

    fn pulse() -> Pulse {
        let profile = Profiles::embedded().get("dozn").unwrap();
        let clock = Clock::sandbox(0);
        let next = numbers(&clock);
        Pulse::new(profile, "30000003".to_owned(), clock, next)
    }

    fn test(beat: Beat, pulse: &Pulse) -> telegrams::Record {
        let Beat::Test(bytes) = beat else {
            panic!("hung up")
        };
        let Reading::Request(record) = pulse.profile.read(bytes) else {
            panic!("not a request")
        };
        record
    }

    fn reply(request: &telegrams::Record) -> telegrams::Record {
        let bytes = request.reply(Answer::Accepted).bytes();
        let Reading::Reply(reply) = request.profile().read(bytes) else {
            panic!("not a reply")
        };
        reply
    }

    #[test]
    fn a_reply_is_matched_once_by_its_key() {
        let pulse = pulse();
        let mut heartbeat = Heartbeat::default();
        let first = test(heartbeat.idle(&pulse).unwrap(), &pulse);
        let second = test(heartbeat.idle(&pulse).unwrap(), &pulse);
        assert!(heartbeat.answers(&reply(&second)));
        assert!(!heartbeat.answers(&reply(&second)));
        assert!(heartbeat.answers(&reply(&first)));
    }

    #[test]
    fn two_tests_without_a_sound_are_the_end() {
        let pulse = pulse();
        let mut heartbeat = Heartbeat::default();
        assert!(matches!(heartbeat.idle(&pulse), Ok(Beat::Test(_))));
        assert!(matches!(heartbeat.idle(&pulse), Ok(Beat::Test(_))));
        assert!(matches!(heartbeat.idle(&pulse), Ok(Beat::Dead)));
        heartbeat.heard();
        assert!(matches!(heartbeat.idle(&pulse), Ok(Beat::Test(_))));
        assert_eq!(heartbeat.give_up(2), 1);
        assert_eq!(heartbeat.give_up(0), 2);
    }
}
