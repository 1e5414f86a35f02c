//! The facts behind: kept answers whose time is over.

use std::ops::ControlFlow;

use super::super::engine::{Broken, Rows};
use super::super::tables::ANSWERS_BY_END;
use crate::domain::{Event, Timestamp};
use crate::limits;

/// Forgets kept answers whose time is over, a bounded number at a time.
pub(crate) fn forget_over(rows: &dyn Rows, now: Timestamp) -> Result<Option<Event>, Broken> {
    let forget = Event::AnswersForgotten {
        until: now,
        most: limits::ANSWERS_FORGOTTEN_PER_PULSE_MAX,
    };
    Ok(any_over(rows, now)?.then_some(forget))
}

/// Whether a kept answer's time is over.
pub(crate) fn any_over(rows: &dyn Rows, now: Timestamp) -> Result<bool, Broken> {
    let mut due = false;
    ANSWERS_BY_END.walk_from(rows, &[], &mut |(until, _), ()| {
        due = until <= now;
        ControlFlow::Break(())
    })?;
    Ok(due)
}
