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

#[cfg(test)]
mod tests {
    use super::{Then, after};
    use crate::domain::webhook::{Attempt, EndpointFacts, LetterFacts};
    use crate::domain::{
        Dialect, Endpoint, EndpointId, EventId, Health, LetterId, LetterState, MerchantId,
        Timestamp,
    };

    const NOW: Timestamp = Timestamp::from_micros(1_772_416_800_000_000);

    fn letter(position: u64) -> LetterId {
        LetterId {
            endpoint: EndpointId::new(12),
            event: EventId { position, index: 0 },
        }
    }

    fn facts(dialect: Dialect, tried: u32) -> LetterFacts {
        LetterFacts {
            to: EndpointFacts {
                endpoint: Endpoint {
                    id: EndpointId::new(12),
                    merchant: MerchantId::new("shop").expect("an id"),
                    url: "https://shop.example/".to_owned(),
                    dialect,
                    events: Vec::new(),
                    enabled: true,
                    secret: None,
                    former: None,
                    created_at: NOW,
                },
                health: Health::default(),
            },
            state: LetterState::Waiting,
            tried,
            asked_for: false,
        }
    }

    fn failed(status: u16) -> Attempt {
        Attempt {
            url: "https://shop.example/".to_owned(),
            sent_at: NOW,
            took_millis: 1,
            status: Some(status),
            answer: None,
            fault: None,
            accepted: false,
            retry_after: None,
        }
    }

    /// Whole seconds until the next attempt.
    fn gap(then: Then) -> Option<i64> {
        match then {
            Then::Again(due) => Some((due.as_micros() - NOW.as_micros()) / 1_000_000),
            Then::Delivered | Then::GaveUp | Then::Stays => None,
        }
    }

    #[test]
    fn payaction_is_tried_at_once_after_a_minute_and_after_ten() {
        let next = |tried| {
            after(
                letter(7),
                &failed(500),
                &facts(Dialect::Payaction, tried),
                NOW,
            )
        };
        assert_eq!(gap(next(0)), Some(60));
        assert_eq!(gap(next(1)), Some(600));
        assert_eq!(next(2), Then::GaveUp);
    }

    #[test]
    fn the_others_are_tried_ten_times_over_days_each_gap_within_a_tenth() {
        let hour = 3600;
        let gaps = [
            5,
            300,
            1800,
            2 * hour,
            5 * hour,
            10 * hour,
            14 * hour,
            20 * hour,
            24 * hour,
        ];
        for dialect in [Dialect::Standard, Dialect::EzpgA, Dialect::EzpgB] {
            for position in 0..200 {
                for (tried, gap) in (0u32..).zip(gaps) {
                    let then = after(letter(position), &failed(500), &facts(dialect, tried), NOW);
                    let Then::Again(due) = then else {
                        panic!("attempt {tried} is not the last one");
                    };
                    let waited = due.as_micros() - NOW.as_micros();
                    let (low, high) = (gap * 900_000, gap * 1_100_000);
                    assert!((low..=high).contains(&waited), "{gap}: {waited}");
                }
                let last = after(letter(position), &failed(500), &facts(dialect, 9), NOW);
                assert_eq!(last, Then::GaveUp);
            }
        }
    }

    #[test]
    fn jitter_spreads_letters_and_is_the_same_every_time() {
        let next = |position| {
            after(
                letter(position),
                &failed(500),
                &facts(Dialect::Standard, 3),
                NOW,
            )
        };
        let all: std::collections::BTreeSet<_> = (0..100).map(|at| gap(next(at))).collect();
        assert!(all.len() > 50, "{} different gaps of 100", all.len());
        assert_eq!(next(7), next(7));
    }

    #[test]
    fn a_receiver_is_heeded_where_its_dialect_says_so() {
        let ended = |dialect| after(letter(7), &failed(410), &facts(dialect, 0), NOW);
        assert_eq!(ended(Dialect::Standard), Then::GaveUp);
        assert_eq!(ended(Dialect::EzpgA), Then::GaveUp);
        assert_eq!(gap(ended(Dialect::Payaction)), Some(60));
        let patient = |dialect, seconds| {
            let mut attempt = failed(503);
            attempt.retry_after = Some(seconds);
            gap(after(letter(7), &attempt, &facts(dialect, 0), NOW))
        };
        assert_eq!(patient(Dialect::Standard, 120), Some(120));
        assert_eq!(patient(Dialect::Standard, 0), patient(Dialect::Standard, 1));
        assert_eq!(patient(Dialect::Standard, i64::MAX), Some(86_400));
        assert_eq!(patient(Dialect::Payaction, 120), Some(60));
    }

    #[test]
    fn an_attempt_that_was_asked_for_changes_only_for_the_better() {
        let mut facts = facts(Dialect::Standard, 10);
        facts.state = LetterState::GivenUp;
        facts.asked_for = true;
        assert_eq!(after(letter(7), &failed(500), &facts, NOW), Then::Stays);
        assert_eq!(after(letter(7), &failed(410), &facts, NOW), Then::Stays);
        let mut yes = failed(200);
        yes.accepted = true;
        assert_eq!(after(letter(7), &yes, &facts, NOW), Then::Delivered);
    }
}
