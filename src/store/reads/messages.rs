//! Questions about messages: which are due, what they say, and what became of them.

use std::ops::{Bound, ControlFlow};

use super::super::engine::{Broken, Direction, Rows};
use super::super::journal;
use super::super::keys::TableKey;
use super::super::tables::{
    Hearer, Lane, MESSAGES, MESSAGES_DUE, MESSAGES_OF, MessageRow, NOTIFICATIONS, UNMATCHED_DAYS,
};
use super::Reads;
use crate::domain::message::{Message, Sent};
use crate::domain::{
    BusinessDate, Event, MerchantId, MessageEvent, MessageId, Notifications, Timestamp,
};

/// A message to be sent.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// Which.
    pub id: MessageId,
    /// What it says, and to whom.
    pub message: Message,
    /// The settings it goes by, as they are now.
    pub settings: Notifications,
}

/// What is due.
#[derive(Debug, Default)]
pub struct DueMessages {
    /// Messages to be sent now.
    pub parcels: Vec<Parcel>,
    /// Days that are over, with deposits to be told of in one mail.
    pub days: Vec<(MerchantId, BusinessDate)>,
    /// When the next of either is due.
    pub next: Option<Timestamp>,
}

/// A message with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageShown {
    /// Which.
    pub id: MessageId,
    /// What it says, and to whom.
    pub message: Message,
    /// Where it stands.
    pub row: MessageRow,
    /// What the last attempt came to.
    pub last: Option<Sent>,
}

/// What is in hand already.
pub trait MessageHands {
    /// How many more messages of this lane can be taken.
    fn room(&self, lane: &Lane) -> usize;
    /// Whether this message is being sent already.
    fn hold(&self, id: MessageId) -> bool;
}

/// The hour of the morning at which a day before is told.
const MORNING: i8 = 9;

impl Reads {
    /// Messages that are due, lane by lane, at most `most`.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn due_messages(
        &self,
        most: usize,
        hands: &dyn MessageHands,
    ) -> Result<DueMessages, Broken> {
        let rows = self.engine.snapshot()?;
        let now = self.clock.now();
        let mut due = DueMessages::default();
        let mut from = Vec::new();
        while let Some(lane) = next_lane(&*rows, &from)? {
            from = lane.bytes();
            let (ids, next) = of_lane(&*rows, &lane, now, most - due.parcels.len(), hands)?;
            due.next = earliest(due.next, next);
            for id in ids {
                due.parcels.extend(parcel(&*rows, id)?);
            }
            // No key of the lane is greater than this, and none of another lies between.
            from.push(u8::MAX);
        }
        days_over(&*rows, now, &mut due)?;
        Ok(due)
    }

    /// When that was queued which has waited longest of what could be sent now.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn oldest_message(&self) -> Result<Option<Timestamp>, Broken> {
        let rows = self.engine.snapshot()?;
        let now = self.clock.now();
        let (mut from, mut oldest) = (Vec::new(), None);
        while let Some(lane) = next_lane(&*rows, &from)? {
            from = lane.bytes();
            let (ids, _) = of_lane(&*rows, &lane, now, 1, &AllHands)?;
            for id in ids {
                let row = MESSAGES.get(&*rows, &id)?;
                oldest = earliest(oldest, row.map(|row| row.at));
            }
            from.push(u8::MAX);
        }
        Ok(oldest)
    }

    /// What somebody wants to be told.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn notifications(&self, whose: Option<&MerchantId>) -> Result<Notifications, Broken> {
        let found = NOTIFICATIONS.get(&*self.engine.snapshot()?, &whose.cloned())?;
        Ok(found.unwrap_or_default())
    }

    /// Messages that went by somebody's settings, the newest first, before `before`.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn messages(
        &self,
        whose: Option<&MerchantId>,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<Vec<MessageShown>, Broken> {
        let rows = self.engine.snapshot()?;
        let whose: Hearer = whose.cloned();
        let first = whose.bytes();
        let end = match before {
            Some(before) => (whose.clone(), before).bytes(),
            None => [first.as_slice(), &[u8::MAX]].concat(),
        };
        let (from, to) = (
            Bound::Included(first.as_slice()),
            Bound::Excluded(end.as_slice()),
        );
        let mut ids = Vec::new();
        rows.scan(
            MESSAGES_OF.id,
            from,
            to,
            Direction::Backward,
            &mut |key, row| {
                let ((_, id), ()) = MESSAGES_OF.read(key, row)?;
                ids.push(id);
                Ok(if ids.len() >= limit {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                })
            },
        )?;
        let shown = ids.into_iter().map(|id| shown(&*rows, id));
        Ok(shown
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect())
    }
}

/// Hands that take everything.
struct AllHands;

impl MessageHands for AllHands {
    fn room(&self, _: &Lane) -> usize {
        1
    }

    fn hold(&self, _: MessageId) -> bool {
        false
    }
}

fn earliest(known: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    known.into_iter().chain(other).min()
}

/// The first lane whose rows lie at or after `from`.
fn next_lane(rows: &dyn Rows, from: &[u8]) -> Result<Option<Lane>, Broken> {
    let mut found = None;
    MESSAGES_DUE.walk_from(rows, from, &mut |(lane, _), ()| {
        found = Some(lane);
        ControlFlow::Break(())
    })?;
    Ok(found)
}

/// The messages of a lane that are due and not in hand, and when its next one is.
fn of_lane(
    rows: &dyn Rows,
    lane: &Lane,
    now: Timestamp,
    most: usize,
    hands: &dyn MessageHands,
) -> Result<(Vec<MessageId>, Option<Timestamp>), Broken> {
    let room = hands.room(lane).min(most);
    let (mut ids, mut next) = (Vec::new(), None);
    MESSAGES_DUE.walk_prefix(rows, &lane.bytes(), &mut |(_, (due, id)), ()| {
        if due > now {
            next = Some(due);
            return ControlFlow::Break(());
        }
        if ids.len() >= room {
            return ControlFlow::Break(());
        }
        if !hands.hold(id) {
            ids.push(id);
        }
        ControlFlow::Continue(())
    })?;
    Ok((ids, next))
}

/// A message out of the record that queued it.
fn message(rows: &dyn Rows, id: MessageId) -> Result<Option<Message>, Broken> {
    let record = journal::at(rows, id.position)?;
    let events = record.into_iter().flat_map(|record| record.events);
    let mut queued = events.filter_map(|event| match event {
        Event::Message(MessageEvent::Queued { messages }) => Some(messages),
        _ => None,
    });
    let number = usize::try_from(id.number).unwrap_or(usize::MAX);
    Ok(queued
        .next()
        .and_then(|messages| messages.into_iter().nth(number)))
}

fn parcel(rows: &dyn Rows, id: MessageId) -> Result<Option<Parcel>, Broken> {
    let Some(message) = message(rows, id)? else {
        return Err(Broken::not_understood(
            MESSAGES.id,
            "a message that no record has queued",
        ));
    };
    let whose: Hearer = message.on_behalf_of.clone();
    let settings = NOTIFICATIONS.get(rows, &whose)?.unwrap_or_default();
    Ok(Some(Parcel {
        id,
        message,
        settings,
    }))
}

fn shown(rows: &dyn Rows, id: MessageId) -> Result<Option<MessageShown>, Broken> {
    let row = MESSAGES.get(rows, &id)?;
    let Some((row, message)) = row.zip(message(rows, id)?) else {
        return Ok(None);
    };
    let record = match row.last_attempt {
        Some(position) => journal::at(rows, position)?,
        None => None,
    };
    let mut events = record.into_iter().flat_map(|record| record.events);
    let last = events.find_map(|event| match event {
        Event::Message(MessageEvent::Tried {
            id: tried, sent, ..
        }) if tried == id => Some(sent),
        _ => None,
    });
    Ok(Some(MessageShown {
        id,
        message,
        row,
        last,
    }))
}

/// Days whose deposits without an order are to be told now, and when the next one is.
fn days_over(rows: &dyn Rows, now: Timestamp, due: &mut DueMessages) -> Result<(), Broken> {
    UNMATCHED_DAYS.walk_from(rows, &[], &mut |(day, (merchant, _)), _| {
        let told_at = day
            .next()
            .and_then(|next| Timestamp::from_seoul(next.date().at(MORNING, 0, 0, 0)));
        let Some(told_at) = told_at else {
            return ControlFlow::Break(());
        };
        if told_at > now {
            due.next = earliest(due.next, Some(told_at));
            return ControlFlow::Break(());
        }
        if due
            .days
            .last()
            .is_none_or(|(last, of)| (last, of) != (&merchant, &day))
        {
            due.days.push((merchant, day));
        }
        ControlFlow::Continue(())
    })
}
