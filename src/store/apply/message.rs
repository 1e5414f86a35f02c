//! Rows about messages to people.

use std::ops::ControlFlow;

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::keys::TableKey;
use super::super::tables::{
    AT_ONCE, ENDPOINT_HEALTH, Hearer, MESSAGES, MESSAGES_DUE, MESSAGES_OF, MESSAGES_WAITING,
    MessageRow, MessageState, UNMATCHED_DAYS,
};
use super::Place;
use crate::domain::message::{Message, MessageThen, Wording};
use crate::domain::{BusinessDate, MerchantId, MessageEvent, MessageId};

/// Makes the tables say what `event` says.
pub(super) fn apply(
    books: &mut Books<'_>,
    event: &MessageEvent,
    place: Place,
) -> Result<(), Broken> {
    match event {
        MessageEvent::NotificationsSet { whose, settings } => {
            books.put_notifications(whose, settings)
        }
        MessageEvent::Queued { messages } => {
            (0u32..).zip(messages).try_for_each(|(number, one)| {
                let position = place.position;
                queue(books, MessageId { position, number }, one, place)
            })
        }
        MessageEvent::PutAside {
            merchant,
            day,
            deposit,
        } => {
            let key = (*day, (merchant.clone(), deposit.deposit));
            UNMATCHED_DAYS.put(books.batch(), &key, deposit)
        }
        MessageEvent::DayTold { merchant, day } => day_told(books, merchant, *day),
        MessageEvent::Tried { id, then, .. } => tried(books, *id, *then, place),
        // The mail about it is queued beside it.
        MessageEvent::Locked { .. } => Ok(()),
    }
}

fn queue(
    books: &mut Books<'_>,
    id: MessageId,
    message: &Message,
    place: Place,
) -> Result<(), Broken> {
    let waits = message.skipped.is_none();
    let row = MessageRow {
        channel: message.channel,
        at: place.at,
        whose: message.on_behalf_of.clone(),
        state: if waits {
            MessageState::Waiting
        } else {
            MessageState::Skipped
        },
        tried: 0,
        due: waits.then_some(AT_ONCE),
        last_attempt: None,
    };
    MESSAGES.put(books.batch(), &id, &row)?;
    MESSAGES_OF.put(books.batch(), &(row.whose.clone(), id), &())?;
    if waits {
        let lane = (row.channel, row.whose.clone());
        MESSAGES_DUE.put(books.batch(), &(lane, (AT_ONCE, id)), &())?;
        change_waiting(books, &row.whose, |count| count.saturating_add(1))?;
    }
    if let Wording::LetterGivenUp { letter, .. } = &message.wording {
        let endpoint = letter.endpoint;
        let mut health = ENDPOINT_HEALTH
            .get(books.rows(), &endpoint)?
            .unwrap_or_default();
        health.told_at = Some(place.at);
        ENDPOINT_HEALTH.put(books.batch(), &endpoint, &health)?;
    }
    Ok(())
}

fn change_waiting(
    books: &mut Books<'_>,
    whose: &Hearer,
    change: impl FnOnce(u64) -> u64,
) -> Result<(), Broken> {
    let count = MESSAGES_WAITING.get(books.rows(), whose)?.unwrap_or(0);
    match change(count) {
        0 => MESSAGES_WAITING.delete(books.batch(), whose).map(drop),
        count => MESSAGES_WAITING.put(books.batch(), whose, &count),
    }
}

fn tried(
    books: &mut Books<'_>,
    id: MessageId,
    then: MessageThen,
    place: Place,
) -> Result<(), Broken> {
    let Some(mut row) = MESSAGES.get(books.rows(), &id)? else {
        return Err(Broken::not_understood(
            MESSAGES.id,
            "a message that was never queued",
        ));
    };
    let lane = (row.channel, row.whose.clone());
    if let Some(due) = row.due.take() {
        MESSAGES_DUE.delete(books.batch(), &(lane.clone(), (due, id)))?;
    }
    row.tried = row.tried.saturating_add(1);
    row.last_attempt = Some(place.position);
    match then {
        MessageThen::Again(due) => {
            row.due = Some(due);
            MESSAGES_DUE.put(books.batch(), &(lane, (due, id)), &())?;
        }
        MessageThen::Done => row.state = MessageState::Sent,
        MessageThen::GaveUp => row.state = MessageState::GivenUp,
    }
    if row.state != MessageState::Waiting {
        change_waiting(books, &row.whose, |count| count.saturating_sub(1))?;
    }
    MESSAGES.put(books.batch(), &id, &row)
}

fn day_told(books: &mut Books<'_>, merchant: &MerchantId, day: BusinessDate) -> Result<(), Broken> {
    let mut keys = Vec::new();
    let prefix = (day, merchant.clone()).bytes();
    UNMATCHED_DAYS.walk_prefix(books.rows(), &prefix, &mut |key, _| {
        keys.push(key);
        ControlFlow::Continue(())
    })?;
    for key in keys {
        UNMATCHED_DAYS.delete(books.batch(), &key)?;
    }
    Ok(())
}
