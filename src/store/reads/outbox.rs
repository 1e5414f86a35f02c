//! Questions about letters: which are due, what they say, and what became of them.

use std::ops::ControlFlow;

use super::super::engine::{Broken, Rows};
use super::super::journal;
use super::super::keys::TableKey;
use super::super::tables::{ENDPOINT_HEALTH, ENDPOINTS, LETTERS, LETTERS_DUE, LetterRow};
use super::Reads;
use crate::domain::{
    Deposit, Endpoint, EndpointId, Event, EventId, Health, LetterId, Notice, Timestamp, Won,
    notices,
};

/// A deposit with the place and time of its booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// Journal position.
    pub position: u64,
    /// The record's stamp.
    pub at: Timestamp,
    /// As the bank told it.
    pub deposit: Deposit,
}

/// A happening with everything that can be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// What happened, to whom.
    pub notice: Notice,
    /// When.
    pub at: Timestamp,
    /// The deposit it is about.
    pub booking: Option<Booking>,
    /// What the account had received in all, less what was undone, right after it.
    pub balance: Option<Won>,
}

/// A letter to be posted.
#[derive(Clone, Debug)]
pub struct Errand {
    /// Where to.
    pub endpoint: Endpoint,
    /// Which.
    pub letter: LetterId,
    /// What it says.
    pub telling: Telling,
}

/// What is due, as far as there was room for it.
#[derive(Debug, Default)]
pub struct Due {
    /// Letters to be posted now.
    pub errands: Vec<Errand>,
    /// When the next one will be due.
    pub next: Option<Timestamp>,
}

/// How the outbox as a whole is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxLevels {
    /// When that happened which the oldest letter tells that could be sent now.
    pub oldest: Option<Timestamp>,
    /// Endpoints that get nothing until they are resumed.
    pub suspended: usize,
}

/// What the courier has in hand, so that it is not handed the same twice.
pub trait Hands {
    /// How many more letters of this endpoint can be taken, where `others` were just handed out
    /// that are not in hand yet.
    fn room(&self, endpoint: EndpointId, others: usize) -> usize;
    /// Whether this letter is being posted already.
    fn hold(&self, letter: LetterId) -> bool;
}

impl Reads {
    /// Letters that are due, endpoint by endpoint from `from` on and round, at most `most`. An
    /// endpoint that is suspended or switched off is passed over.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn due_letters(
        &self,
        from: EndpointId,
        most: usize,
        hands: &dyn Hands,
    ) -> Result<Due, Broken> {
        let rows = self.engine.snapshot()?;
        let now = self.clock.now();
        let mut due = Due::default();
        let first = EndpointId::default();
        let last = EndpointId::new(u64::MAX);
        let mut look = Look {
            rows: &*rows,
            now,
            most,
            hands,
            due: &mut due,
        };
        look.around(from, last)?;
        look.around(first, from)?;
        Ok(due)
    }

    /// How the outbox is doing.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn outbox_levels(&self) -> Result<OutboxLevels, Broken> {
        let rows = self.engine.snapshot()?;
        let now = self.clock.now();
        let mut levels = OutboxLevels::default();
        ENDPOINT_HEALTH.walk_from(&*rows, &[], &mut |_, health| {
            levels.suspended += usize::from(health.suspended_at.is_some());
            ControlFlow::Continue(())
        })?;
        let mut next = EndpointId::default();
        while let Some((endpoint, due, event)) = first_due(&*rows, next)? {
            next = EndpointId::new(endpoint.position() + 1);
            if due <= now
                && sendable(&*rows, endpoint)?.is_some()
                && let Some(letter) = LETTERS.get(&*rows, &(endpoint, event))?
            {
                levels.oldest = Some(levels.oldest.map_or(letter.at, |at| at.min(letter.at)));
            }
        }
        Ok(levels)
    }

    /// A letter as it stands.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn letter(&self, letter: LetterId) -> Result<Option<LetterRow>, Broken> {
        let key = (letter.endpoint, letter.event);
        LETTERS.get(&*self.engine.snapshot()?, &key)
    }

    /// What there is to say about a happening, if it is one.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn telling(&self, event: EventId) -> Result<Option<Telling>, Broken> {
        telling(&*self.engine.snapshot()?, event)
    }
}

struct Look<'l> {
    rows: &'l dyn Rows,
    now: Timestamp,
    most: usize,
    hands: &'l dyn Hands,
    due: &'l mut Due,
}

impl Look<'_> {
    /// Looks at every endpoint from `from` up to, and without, `end`.
    fn around(&mut self, from: EndpointId, end: EndpointId) -> Result<(), Broken> {
        let mut next = from;
        while let Some((id, due, _)) = first_due(self.rows, next)? {
            if id >= end {
                break;
            }
            next = EndpointId::new(id.position() + 1);
            let Some(endpoint) = sendable(self.rows, id)? else {
                continue;
            };
            if due > self.now {
                self.due.next = Some(earlier(self.due.next, due));
                continue;
            }
            let events = self.of(id)?;
            for event in events {
                self.due
                    .errands
                    .extend(errand(self.rows, &endpoint, event)?);
            }
        }
        Ok(())
    }

    /// The letters of one endpoint that are due, not in hand, and that there is room for.
    fn of(&mut self, endpoint: EndpointId) -> Result<Vec<EventId>, Broken> {
        let others = self.due.errands.len();
        let left = self.most.saturating_sub(others);
        let room = self.hands.room(endpoint, others).min(left);
        let mut events = Vec::new();
        let (now, hands) = (self.now, self.hands);
        let mut next = None;
        LETTERS_DUE.walk_prefix(
            self.rows,
            &endpoint.bytes(),
            &mut |(_, (due, event)), ()| {
                if due > now {
                    next = Some(due);
                    return ControlFlow::Break(());
                }
                if events.len() >= room {
                    return ControlFlow::Break(());
                }
                if !hands.hold(LetterId { endpoint, event }) {
                    events.push(event);
                }
                ControlFlow::Continue(())
            },
        )?;
        if let Some(next) = next {
            self.due.next = Some(earlier(self.due.next, next));
        }
        Ok(events)
    }
}

fn earlier(known: Option<Timestamp>, other: Timestamp) -> Timestamp {
    known.map_or(other, |known| known.min(other))
}

/// The first letter in the outbox of the first endpoint from `from` on that has any.
fn first_due(
    rows: &dyn Rows,
    from: EndpointId,
) -> Result<Option<(EndpointId, Timestamp, EventId)>, Broken> {
    let mut first = None;
    LETTERS_DUE.walk_from(rows, &from.bytes(), &mut |(endpoint, (due, event)), ()| {
        first = Some((endpoint, due, event));
        ControlFlow::Break(())
    })?;
    Ok(first)
}

/// The endpoint, if it is sent to at present.
fn sendable(rows: &dyn Rows, id: EndpointId) -> Result<Option<Endpoint>, Broken> {
    let endpoint = ENDPOINTS
        .get(rows, &id)?
        .filter(|endpoint| endpoint.enabled);
    let health: Health = ENDPOINT_HEALTH.get(rows, &id)?.unwrap_or_default();
    Ok(endpoint.filter(|_| health.suspended_at.is_none()))
}

fn errand(rows: &dyn Rows, endpoint: &Endpoint, event: EventId) -> Result<Option<Errand>, Broken> {
    let letter = LetterId {
        endpoint: endpoint.id,
        event,
    };
    let Some(telling) = telling(rows, event)? else {
        return Err(Broken::not_understood(
            LETTERS.id,
            "a letter about nothing that the journal tells",
        ));
    };
    let endpoint = endpoint.clone();
    Ok(Some(Errand {
        endpoint,
        letter,
        telling,
    }))
}

/// What there is to say about a happening.
pub(crate) fn telling(rows: &dyn Rows, event: EventId) -> Result<Option<Telling>, Broken> {
    let Some(record) = journal::at(rows, event.position)? else {
        return Ok(None);
    };
    let told = notices(&record.events, event.position);
    let Some(notice) = told.into_iter().find(|notice| notice.id == event) else {
        return Ok(None);
    };
    let told = usize::try_from(event.index).unwrap_or(usize::MAX);
    let balance = record.events.get(told).and_then(balance_after);
    let booking = match notice.deposit {
        Some(position) if position == event.position => booking(position, record.at, record.events),
        Some(position) => match journal::at(rows, position)? {
            Some(record) => booking(position, record.at, record.events),
            None => None,
        },
        None => None,
    };
    Ok(Some(Telling {
        notice,
        at: record.at,
        booking,
        balance,
    }))
}

/// What stands on the account that an event has moved money on.
fn balance_after(event: &Event) -> Option<Won> {
    match event {
        Event::DepositBooked { after, .. }
        | Event::DepositReleased { after, .. }
        | Event::DepositReversed { after, .. } => after.as_ref().map(|after| after.balance),
        _ => None,
    }
}

fn booking(position: u64, at: Timestamp, events: Vec<Event>) -> Option<Booking> {
    events.into_iter().find_map(|event| match event {
        Event::DepositBooked { deposit, .. } => Some(Booking {
            position,
            at,
            deposit,
        }),
        _ => None,
    })
}
