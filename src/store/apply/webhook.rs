//! Rows about endpoints, and the outbox: letters are written in the very commit of what they tell.

use std::ops::ControlFlow;

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::keys::TableKey;
use super::super::tables::{
    AT_ONCE, ENDPOINT_HEALTH, LETTERS, LETTERS_DUE, LETTERS_WAITING, LetterKey, LetterRow,
};
use super::Place;
use crate::domain::delivery::Then;
use crate::domain::webhook::LetterAnew;
use crate::domain::{
    EndpointId, Event, EventId, LetterId, LetterState, Story, Timestamp, WebhookEvent, notices,
};

/// Writes a letter for every endpoint that wants to hear of what the record's events tell.
pub(super) fn write_letters(
    books: &mut Books<'_>,
    events: &[Event],
    place: Place,
) -> Result<(), Broken> {
    for notice in notices(events, place.position) {
        for endpoint in &*books.endpoints(&notice.merchant)? {
            if endpoint.enabled && endpoint.wants(notice.kind) {
                let letter = LetterRow {
                    kind: notice.kind,
                    at: place.at,
                    stories: notice.stories(),
                    state: LetterState::Waiting,
                    tried: 0,
                    due: None,
                    asked_for: false,
                    attempts: Vec::new(),
                };
                begin(books, (endpoint.id, notice.id), letter)?;
            }
        }
    }
    Ok(())
}

/// Makes the tables say what `event` says.
pub(super) fn apply(
    books: &mut Books<'_>,
    event: &WebhookEvent,
    place: Place,
) -> Result<(), Broken> {
    match event {
        WebhookEvent::EndpointAdded(endpoint) | WebhookEvent::EndpointChanged(endpoint) => {
            books.put_endpoint(endpoint)
        }
        WebhookEvent::EndpointSuspended { id, .. } => change_health(books, *id, |health| {
            health.suspended_at = Some(place.at);
        }),
        WebhookEvent::EndpointResumed { id } => change_health(books, *id, |health| {
            *health = crate::domain::Health::default();
        }),
        WebhookEvent::Attempted { letter, then, .. } => note_attempt(books, *letter, *then, place),
        WebhookEvent::Skipped { letters } => {
            letters.iter().try_for_each(|letter| skip(books, *letter))
        }
        WebhookEvent::Requeued { letters } => letters
            .iter()
            .try_for_each(|letter| requeue(books, *letter)),
        WebhookEvent::Replayed { endpoint, letters } => letters
            .iter()
            .try_for_each(|letter| replay(books, *endpoint, letter)),
    }
}

fn change_health(
    books: &mut Books<'_>,
    id: EndpointId,
    change: impl FnOnce(&mut crate::domain::Health),
) -> Result<(), Broken> {
    let mut health = ENDPOINT_HEALTH.get(books.rows(), &id)?.unwrap_or_default();
    change(&mut health);
    if health == crate::domain::Health::default() {
        ENDPOINT_HEALTH.delete(books.batch(), &id)?;
        return Ok(());
    }
    ENDPOINT_HEALTH.put(books.batch(), &id, &health)
}

fn letter_row(books: &Books<'_>, key: &LetterKey) -> Result<LetterRow, Broken> {
    let row = LETTERS.get(books.rows(), key)?;
    row.ok_or_else(|| Broken::not_understood(LETTERS.id, "a letter that was never written"))
}

/// Puts a letter into its stories; it is due at once where it stands first in all.
fn begin(books: &mut Books<'_>, key: LetterKey, mut row: LetterRow) -> Result<(), Broken> {
    let (endpoint, event) = key;
    row.due = None;
    for story in &row.stories {
        let waiting = (endpoint, (story.clone(), event));
        LETTERS_WAITING.put(books.batch(), &waiting, &())?;
    }
    if stands_first(books, endpoint, event, &row.stories)? {
        row.due = Some(AT_ONCE);
        LETTERS_DUE.put(books.batch(), &(endpoint, (AT_ONCE, event)), &())?;
    }
    LETTERS.put(books.batch(), &key, &row)
}

fn stands_first(
    books: &Books<'_>,
    endpoint: EndpointId,
    event: EventId,
    stories: &[Story],
) -> Result<bool, Broken> {
    for story in stories {
        if first_of(books, endpoint, story)? != Some(event) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn first_of(
    books: &Books<'_>,
    endpoint: EndpointId,
    story: &Story,
) -> Result<Option<EventId>, Broken> {
    let mut first = None;
    let prefix = (endpoint, story.clone()).bytes();
    LETTERS_WAITING.walk_prefix(books.rows(), &prefix, &mut |(_, (_, event)), ()| {
        first = Some(event);
        ControlFlow::Break(())
    })?;
    Ok(first)
}

/// Lets the letters behind one that is told anew wait for it, so that a story stays in order.
fn hold_back(
    books: &mut Books<'_>,
    (endpoint, event): LetterKey,
    stories: &[Story],
) -> Result<(), Broken> {
    for story in stories {
        if let Some(behind) = next_of(books, endpoint, story, event)? {
            let key = (endpoint, behind);
            let mut row = letter_row(books, &key)?;
            is_not_due(books, key, &mut row)?;
            LETTERS.put(books.batch(), &key, &row)?;
        }
    }
    Ok(())
}

/// The letter right behind `event` in a story.
fn next_of(
    books: &Books<'_>,
    endpoint: EndpointId,
    story: &Story,
    event: EventId,
) -> Result<Option<EventId>, Broken> {
    let mut next = None;
    let prefix = (endpoint, story.clone()).bytes();
    LETTERS_WAITING.walk_prefix(books.rows(), &prefix, &mut |(_, (_, found)), ()| {
        if found <= event {
            return ControlFlow::Continue(());
        }
        next = Some(found);
        ControlFlow::Break(())
    })?;
    Ok(next)
}

/// Takes a letter out of its stories and lets those behind it go on.
fn resolve(
    books: &mut Books<'_>,
    (endpoint, event): LetterKey,
    row: &LetterRow,
) -> Result<(), Broken> {
    for story in &row.stories {
        LETTERS_WAITING.delete(books.batch(), &(endpoint, (story.clone(), event)))?;
    }
    for story in &row.stories {
        let Some(next) = first_of(books, endpoint, story)? else {
            continue;
        };
        let mut row = letter_row(books, &(endpoint, next))?;
        if row.due.is_none() && stands_first(books, endpoint, next, &row.stories)? {
            row.due = Some(AT_ONCE);
            LETTERS_DUE.put(books.batch(), &(endpoint, (AT_ONCE, next)), &())?;
            LETTERS.put(books.batch(), &(endpoint, next), &row)?;
        }
    }
    Ok(())
}

fn is_not_due(books: &mut Books<'_>, key: LetterKey, row: &mut LetterRow) -> Result<(), Broken> {
    if let Some(due) = row.due.take() {
        LETTERS_DUE.delete(books.batch(), &(key.0, (due, key.1)))?;
    }
    Ok(())
}

fn is_due(
    books: &mut Books<'_>,
    key: LetterKey,
    row: &mut LetterRow,
    due: Timestamp,
) -> Result<(), Broken> {
    is_not_due(books, key, row)?;
    row.due = Some(due);
    LETTERS_DUE.put(books.batch(), &(key.0, (due, key.1)), &())
}

fn note_attempt(
    books: &mut Books<'_>,
    letter: LetterId,
    then: Then,
    place: Place,
) -> Result<(), Broken> {
    let key = (letter.endpoint, letter.event);
    let mut row = letter_row(books, &key)?;
    let was_waiting = row.state == LetterState::Waiting;
    row.attempts.push(place.position);
    row.asked_for = false;
    if was_waiting {
        row.tried = row.tried.saturating_add(1);
    }
    is_not_due(books, key, &mut row)?;
    match then {
        Then::Again(due) => {
            // Meanwhile an earlier letter of its story may have begun anew; then it waits for that.
            if stands_first(books, letter.endpoint, letter.event, &row.stories)? {
                is_due(books, key, &mut row, due)?;
            }
        }
        Then::Delivered => row.state = LetterState::Delivered,
        Then::GaveUp => row.state = LetterState::GivenUp,
        Then::Stays => {}
    }
    LETTERS.put(books.batch(), &key, &row)?;
    if was_waiting && row.state != LetterState::Waiting {
        resolve(books, key, &row)?;
    }
    match then {
        Then::Delivered => count_arrival(books, letter.endpoint),
        Then::GaveUp => change_health(books, letter.endpoint, |health| {
            health.given_up_in_a_row = health.given_up_in_a_row.saturating_add(1);
        }),
        Then::Again(_) | Then::Stays => Ok(()),
    }
}

/// A letter that arrived ends the count of those given up, not a suspension.
fn count_arrival(books: &mut Books<'_>, id: EndpointId) -> Result<(), Broken> {
    if ENDPOINT_HEALTH.get(books.rows(), &id)?.is_none() {
        return Ok(());
    }
    change_health(books, id, |health| health.given_up_in_a_row = 0)
}

fn skip(books: &mut Books<'_>, letter: LetterId) -> Result<(), Broken> {
    let key = (letter.endpoint, letter.event);
    let mut row = letter_row(books, &key)?;
    is_not_due(books, key, &mut row)?;
    let was_waiting = row.state == LetterState::Waiting;
    if was_waiting {
        row.state = LetterState::GivenUp;
    }
    row.asked_for = false;
    LETTERS.put(books.batch(), &key, &row)?;
    if was_waiting {
        resolve(books, key, &row)?;
    }
    Ok(())
}

/// One attempt at once: the next one of its schedule where it still waits, else one more than
/// that. One that waits behind another of its story goes on waiting.
fn requeue(books: &mut Books<'_>, letter: LetterId) -> Result<(), Broken> {
    let key = (letter.endpoint, letter.event);
    let mut row = letter_row(books, &key)?;
    if row.state == LetterState::Waiting && row.due.is_none() {
        return Ok(());
    }
    row.asked_for = row.state != LetterState::Waiting;
    is_due(books, key, &mut row, AT_ONCE)?;
    LETTERS.put(books.batch(), &key, &row)
}

fn replay(books: &mut Books<'_>, endpoint: EndpointId, letter: &LetterAnew) -> Result<(), Broken> {
    let key = (endpoint, letter.event);
    let known = LETTERS.get(books.rows(), &key)?;
    if let Some(mut row) = known {
        if row.state == LetterState::Waiting {
            return requeue(
                books,
                LetterId {
                    endpoint,
                    event: letter.event,
                },
            );
        }
        is_not_due(books, key, &mut row)?;
        row.state = LetterState::Waiting;
        (row.tried, row.asked_for) = (0, false);
        hold_back(books, key, &row.stories)?;
        return begin(books, key, row);
    }
    hold_back(books, key, &letter.stories)?;
    let row = LetterRow {
        kind: letter.kind,
        at: letter.at,
        stories: letter.stories.clone(),
        state: LetterState::Waiting,
        tried: 0,
        due: None,
        asked_for: false,
        attempts: Vec::new(),
    };
    begin(books, key, row)
}
