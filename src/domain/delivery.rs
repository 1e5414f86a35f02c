//! What follows from an attempt: the schedules of the dialects, as a table.
//!
//! Gaps are counted in house time from the end of the attempt before. Where a schedule has
//! jitter, it is drawn from the letter's own numbers, so that a replay of the journal draws the
//! same.

use serde::{Deserialize, Serialize};

use super::webhook::{Attempt, Dialect, LetterFacts, LetterId, LetterState};
use super::{Timestamp, notice};

/// What follows from an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The receiver said yes.
    Delivered,
    /// Once more, not before this instant.
    Again(Timestamp),
    /// That was the last attempt.
    GaveUp,
    /// An attempt that was asked for failed; the letter stands where it stood.
    Stays,
}

/// The most that a receiver can put off the next attempt.
const RETRY_AFTER_SECONDS_MAX: i64 = 24 * 3600;
const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

/// When a letter is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Seconds between the end of an attempt and the next one; the first attempt is at once.
    pub gaps: &'static [i64],
    /// How far a gap may lie off, in hundredths.
    pub jitter_percent: i64,
    /// Whether `Retry-After` and 410 mean something.
    pub heeds_receiver: bool,
}

impl Dialect {
    /// Its schedule.
    pub const fn schedule(self) -> Schedule {
        match self {
            Dialect::Payaction => Schedule {
                gaps: &[MINUTE, 10 * MINUTE],
                jitter_percent: 0,
                heeds_receiver: false,
            },
            Dialect::EzpgA | Dialect::EzpgB | Dialect::Standard => Schedule {
                gaps: &[
                    5,
                    5 * MINUTE,
                    30 * MINUTE,
                    2 * HOUR,
                    5 * HOUR,
                    10 * HOUR,
                    14 * HOUR,
                    20 * HOUR,
                    24 * HOUR,
                ],
                jitter_percent: 10,
                heeds_receiver: true,
            },
        }
    }
}

/// Decides what follows from an attempt that ended at `now`.
pub fn after(letter: LetterId, attempt: &Attempt, facts: &LetterFacts, now: Timestamp) -> Then {
    if attempt.accepted {
        return Then::Delivered;
    }
    if facts.state != LetterState::Waiting || facts.asked_for {
        return Then::Stays;
    }
    let schedule = facts.to.endpoint.dialect.schedule();
    if schedule.heeds_receiver && attempt.status == Some(410) {
        return Then::GaveUp;
    }
    let tried = usize::try_from(facts.tried).unwrap_or(usize::MAX);
    let Some(gap) = schedule.gaps.get(tried) else {
        return Then::GaveUp;
    };
    let mut wait_micros = jittered(*gap, schedule.jitter_percent, letter, facts.tried);
    if let Some(seconds) = attempt.retry_after.filter(|_| schedule.heeds_receiver) {
        let asked = seconds.clamp(0, RETRY_AFTER_SECONDS_MAX);
        wait_micros = wait_micros.max(asked.saturating_mul(1_000_000));
    }
    Then::Again(Timestamp::from_micros(
        now.as_micros().saturating_add(wait_micros),
    ))
}

/// `gap` seconds in microseconds, moved by up to `percent` hundredths of it either way.
fn jittered(gap: i64, percent: i64, letter: LetterId, tried: u32) -> i64 {
    let micros = gap.saturating_mul(1_000_000);
    let reach = micros / 100 * percent;
    if reach == 0 {
        return micros;
    }
    let drawn = notice::mixed(&[
        letter.endpoint.position(),
        letter.event.position,
        u64::from(letter.event.index),
        u64::from(tried),
    ]);
    let span = reach.unsigned_abs().saturating_mul(2).saturating_add(1);
    let offset = i64::try_from(drawn % span).unwrap_or(reach) - reach;
    micros.saturating_add(offset)
}
