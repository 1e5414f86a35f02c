//! Questions about endpoints and what became of their letters, for people and merchants.

use std::cmp::{Ordering, Reverse};
use std::ops::{Bound, ControlFlow};

use super::super::engine::{Broken, Direction, Rows};
use super::super::journal;
use super::super::keys::TableKey;
use super::super::tables::{ENDPOINT_HEALTH, ENDPOINTS, ENDPOINTS_OF, LETTERS, LetterRow};
use super::Reads;
use super::outbox::{Telling, telling};
use crate::domain::webhook::Attempt;
use crate::domain::{
    Endpoint, EndpointId, Event, EventId, Health, LetterId, LetterState, MerchantId, Timestamp,
    WebhookEvent,
};
use crate::limits;

/// An endpoint and how it fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointShown {
    /// Its settings.
    pub endpoint: Endpoint,
    /// How it fares.
    pub health: Health,
}

/// A letter with its attempts, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Which.
    pub letter: LetterId,
    /// Its endpoint as it is now.
    pub endpoint: Endpoint,
    /// Whether that is suspended.
    pub suspended: bool,
    /// Where it stands.
    pub row: LetterRow,
    /// What it says.
    pub telling: Telling,
    /// What was tried.
    pub attempts: Vec<Attempt>,
}

/// What a list of deliveries is about.
#[derive(Clone, Debug, Default)]
pub struct DeliveryQuestion {
    /// Of this merchant alone.
    pub merchant: Option<MerchantId>,
    /// Of this endpoint alone.
    pub endpoint: Option<EndpointId>,
    /// In these states alone; empty is all.
    pub states: Vec<LetterState>,
    /// Of suspended endpoints alone (true), or of others (false).
    pub suspended: Option<bool>,
    /// Of happenings from this instant on.
    pub from: Option<Timestamp>,
    /// Of happenings before this instant.
    pub to: Option<Timestamp>,
    /// After this one, in the order of the list.
    pub after: Option<LetterId>,
    /// At most so many.
    pub limit: usize,
}

/// A page of deliveries, the newest first.
#[derive(Clone, Debug, Default)]
pub struct Deliveries {
    /// Those found.
    pub found: Vec<Delivery>,
    /// Where the next page goes on; none at the end.
    pub next: Option<LetterId>,
}

impl Reads {
    /// Endpoints of a merchant, or of all, after `after` in the order of their making.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn endpoints(
        &self,
        merchant: Option<&MerchantId>,
        after: Option<EndpointId>,
        limit: usize,
    ) -> Result<Vec<EndpointShown>, Broken> {
        let rows = self.engine.snapshot()?;
        let from = after.map_or_else(EndpointId::default, following);
        let mut ids = endpoints_of(&*rows, merchant, from)?;
        ids.truncate(limit);
        let shown = ids.into_iter().map(|id| shown(&*rows, id));
        Ok(shown
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    /// How many endpoints a merchant has, or all have.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn endpoints_count(&self, merchant: Option<&MerchantId>) -> Result<usize, Broken> {
        let rows = self.engine.snapshot()?;
        endpoints_of(&*rows, merchant, EndpointId::default()).map(|ids| ids.len())
    }

    /// One endpoint.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn endpoint(&self, id: EndpointId) -> Result<Option<EndpointShown>, Broken> {
        shown(&*self.engine.snapshot()?, id)
    }

    /// Letters and what became of them. Happenings older than
    /// [`limits::LETTERS_VISIBLE_SECONDS`] are not shown any more.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn deliveries(&self, question: &DeliveryQuestion) -> Result<Deliveries, Broken> {
        let rows = self.engine.snapshot()?;
        let oldest = self
            .clock
            .now()
            .plus_seconds(-limits::LETTERS_VISIBLE_SECONDS);
        let from = question.from.map_or(oldest, |from| from.max(oldest));
        let first = journal::first_at(&*rows, from)?;
        let end = match question.to {
            Some(to) => journal::first_at(&*rows, to)?,
            None => u64::MAX,
        };
        let ids = match question.endpoint {
            Some(id) => vec![id],
            None => endpoints_of(&*rows, question.merchant.as_ref(), EndpointId::default())?,
        };
        let mut search = Search::default();
        for id in ids {
            let Some(shown) = shown(&*rows, id)? else {
                continue;
            };
            let suspended = shown.health.suspended_at.is_some();
            let others = question
                .merchant
                .as_ref()
                .is_some_and(|own| *own != shown.endpoint.merchant);
            if others || question.suspended.is_some_and(|asked| asked != suspended) {
                continue;
            }
            search.letters_back(&*rows, id, (first, end), question)?;
        }
        search.page(&*rows, question.limit)
    }

    /// One letter with its attempts.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn delivery(&self, letter: LetterId) -> Result<Option<Delivery>, Broken> {
        let rows = self.engine.snapshot()?;
        let row = LETTERS.get(&*rows, &(letter.endpoint, letter.event))?;
        match row {
            Some(row) => delivery(&*rows, letter, row),
            None => Ok(None),
        }
    }
}

impl Reads {
    /// Where in the journal the time from `at` on begins.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn position_at(&self, at: Timestamp) -> Result<u64, Broken> {
        journal::first_at(&*self.engine.snapshot()?, at)
    }
}

fn following(id: EndpointId) -> EndpointId {
    EndpointId::new(id.position().saturating_add(1))
}

fn endpoints_of(
    rows: &dyn Rows,
    merchant: Option<&MerchantId>,
    from: EndpointId,
) -> Result<Vec<EndpointId>, Broken> {
    let mut ids = Vec::new();
    match merchant {
        Some(merchant) => {
            ENDPOINTS_OF.walk_prefix(rows, &merchant.bytes(), &mut |(_, id), ()| {
                if id >= from {
                    ids.push(id);
                }
                ControlFlow::Continue(())
            })?;
        }
        None => ENDPOINTS.walk_from(rows, &from.bytes(), &mut |id, _| {
            ids.push(id);
            ControlFlow::Continue(())
        })?,
    }
    Ok(ids)
}

fn shown(rows: &dyn Rows, id: EndpointId) -> Result<Option<EndpointShown>, Broken> {
    let Some(endpoint) = ENDPOINTS.get(rows, &id)? else {
        return Ok(None);
    };
    let health = ENDPOINT_HEALTH.get(rows, &id)?.unwrap_or_default();
    Ok(Some(EndpointShown { endpoint, health }))
}

/// Letters found so far, and how far the search has come.
#[derive(Default)]
struct Search {
    found: Vec<(LetterId, LetterRow)>,
    /// Where a search was given up because it had looked at enough; nothing is said of what is
    /// older than the youngest of these places.
    given_up: Option<LetterId>,
}

/// The order of a list of several endpoints: by record, and of one record by endpoint.
fn place(letter: &LetterId) -> (u64, EndpointId, u32) {
    (letter.event.position, letter.endpoint, letter.event.index)
}

/// From where on, going back, the letters of `endpoint` stand behind `after` in that order.
fn behind(after: LetterId, endpoint: EndpointId) -> (EndpointId, EventId) {
    let at = after.event;
    let event = match endpoint.cmp(&after.endpoint) {
        Ordering::Less => EventId {
            index: u32::MAX,
            ..at
        },
        Ordering::Equal => at,
        Ordering::Greater => EventId { index: 0, ..at },
    };
    (endpoint, event)
}

impl Search {
    /// Adds the newest letters of one endpoint that the question is about, one more than asked
    /// for.
    fn letters_back(
        &mut self,
        rows: &dyn Rows,
        endpoint: EndpointId,
        (first, end): (u64, u64),
        question: &DeliveryQuestion,
    ) -> Result<(), Broken> {
        let at = |position| (endpoint, EventId { position, index: 0 }).bytes();
        let after = question.after.map(|after| behind(after, endpoint).bytes());
        let (from, end) = (at(first), at(end));
        let end = after.map_or(end.clone(), |after| after.min(end));
        let (mut taken, mut looked_at) = (0, 0);
        rows.scan(
            LETTERS.id,
            Bound::Included(from.as_slice()),
            Bound::Excluded(end.as_slice()),
            Direction::Backward,
            &mut |key, bytes| {
                let ((endpoint, event), row) = LETTERS.read(key, bytes)?;
                let letter = LetterId { endpoint, event };
                looked_at += 1;
                if question.states.is_empty() || question.states.contains(&row.state) {
                    self.found.push((letter, row));
                    taken += 1;
                }
                if taken > question.limit {
                    return Ok(ControlFlow::Break(()));
                }
                if looked_at >= limits::LETTERS_LOOKED_AT_MAX {
                    self.give_up_at(letter);
                    return Ok(ControlFlow::Break(()));
                }
                Ok(ControlFlow::Continue(()))
            },
        )
    }

    fn give_up_at(&mut self, letter: LetterId) {
        let known = self.given_up.filter(|known| place(known) > place(&letter));
        self.given_up = Some(known.unwrap_or(letter));
    }

    /// The newest `limit` of those found, with all there is to say about each. Where a search was
    /// given up the page may be short, or empty, and the next one goes on from there.
    fn page(mut self, rows: &dyn Rows, limit: usize) -> Result<Deliveries, Broken> {
        if let Some(given_up) = self.given_up {
            let seen = |letter: &LetterId| place(letter) >= place(&given_up);
            self.found.retain(|(letter, _)| seen(letter));
        }
        let newest_first = |(letter, _): &(LetterId, LetterRow)| Reverse(place(letter));
        self.found.sort_unstable_by_key(newest_first);
        let more = self.found.len() > limit;
        self.found.truncate(limit);
        let last = self.found.last().map(|(letter, _)| *letter);
        let mut deliveries = Deliveries {
            found: Vec::with_capacity(self.found.len()),
            next: if more { last } else { self.given_up },
        };
        for (letter, row) in self.found {
            deliveries.found.extend(delivery(rows, letter, row)?);
        }
        Ok(deliveries)
    }
}

fn delivery(rows: &dyn Rows, letter: LetterId, row: LetterRow) -> Result<Option<Delivery>, Broken> {
    let shown = shown(rows, letter.endpoint)?;
    let telling = telling(rows, letter.event)?;
    let Some((EndpointShown { endpoint, health }, telling)) = shown.zip(telling) else {
        return Ok(None);
    };
    let mut attempts = Vec::with_capacity(row.attempts.len());
    for position in &row.attempts {
        let record = journal::at(rows, *position)?;
        attempts.extend(
            record
                .into_iter()
                .flat_map(|record| attempts_in(record.events, letter)),
        );
    }
    Ok(Some(Delivery {
        letter,
        endpoint,
        suspended: health.suspended_at.is_some(),
        row,
        telling,
        attempts,
    }))
}

fn attempts_in(events: Vec<Event>, about: LetterId) -> impl Iterator<Item = Attempt> {
    events.into_iter().filter_map(move |event| match event {
        Event::Webhook(WebhookEvent::Attempted {
            letter, attempt, ..
        }) if letter == about => Some(attempt),
        _ => None,
    })
}
