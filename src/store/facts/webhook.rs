//! What commands about endpoints and letters may look at.

use std::ops::ControlFlow;

use super::super::books::Books;
use super::super::engine::{Broken, Rows};
use super::super::journal;
use super::super::keys::TableKey;
use super::super::tables::{ENDPOINT_HEALTH, ENDPOINTS, LETTERS, LETTERS_WAITING};
use crate::domain::webhook::{
    self, Attempt, EndpointFacts, FormerSecret, LetterAnew, LetterFacts, REPLAYED_AT_A_TIME_MAX,
    SKIPPED_AT_A_TIME_MAX, WrappedSecret,
};
use crate::domain::{
    By, Decision, Endpoint, EndpointId, EventId, House, LetterId, MerchantId, MerchantRefusal,
    Moment, Refusal, WebhookCommand, notices,
};

/// Weighs one command.
pub(super) fn weigh(
    books: &mut Books<'_>,
    command: WebhookCommand,
    _house: &House,
    moment: Moment,
) -> Result<Decision, Broken> {
    match command {
        WebhookCommand::Add {
            by,
            merchant,
            url,
            dialect,
            events,
            secret,
        } => {
            let endpoint = Endpoint {
                id: EndpointId::new(moment.position),
                merchant,
                url,
                dialect,
                events,
                enabled: true,
                secret,
                former: None,
                created_at: moment.now,
            };
            weigh_addition(books, by, endpoint)
        }
        WebhookCommand::Change {
            by,
            owner,
            id,
            url,
            events,
            enabled,
        } => weigh_change(books, by, &(owner, id), |endpoint| {
            endpoint.url = url.unwrap_or_else(|| endpoint.url.clone());
            endpoint.events = events.unwrap_or_else(|| endpoint.events.clone());
            endpoint.enabled = enabled.unwrap_or(endpoint.enabled);
            "webhook.change"
        }),
        WebhookCommand::Rotate {
            by,
            owner,
            id,
            secret,
            overlap_seconds,
        } => weigh_change(books, by, &(owner, id), |endpoint| {
            rotate(endpoint, secret, overlap_seconds, moment)
        }),
        WebhookCommand::Resume {
            by,
            owner,
            id,
            skip,
        } => weigh_resume(books, by, &(owner, id), skip),
        WebhookCommand::Record { letter, attempt } => {
            weigh_attempt(books, letter, *attempt, moment)
        }
        WebhookCommand::Resend { by, owner, letter } => weigh_resend(books, by, owner, letter),
        WebhookCommand::Replay {
            by,
            owner,
            id,
            events,
        } => weigh_replay(books, by, &(owner, id), events),
    }
}

fn no(refusal: MerchantRefusal) -> Decision {
    Decision::refuse(Refusal::Merchant(refusal))
}

/// An endpoint with its health, where there is one and the asker may see it.
fn endpoint(
    rows: &dyn Rows,
    (owner, id): &(Option<MerchantId>, EndpointId),
) -> Result<Option<EndpointFacts>, Broken> {
    let found = ENDPOINTS.get(rows, id)?;
    let own = |endpoint: &Endpoint| {
        owner
            .as_ref()
            .is_none_or(|owner| *owner == endpoint.merchant)
    };
    let Some(endpoint) = found.filter(own) else {
        return Ok(None);
    };
    let health = ENDPOINT_HEALTH.get(rows, id)?.unwrap_or_default();
    Ok(Some(EndpointFacts { endpoint, health }))
}

fn weigh_addition(books: &mut Books<'_>, by: By, endpoint: Endpoint) -> Result<Decision, Broken> {
    let known = books.merchant(&endpoint.merchant)?.is_some();
    let already = books.endpoints(&endpoint.merchant)?.len();
    Ok(webhook::add(by, endpoint, known, already))
}

/// Puts a new secret in the place of the one before, which still counts for a while.
fn rotate(
    endpoint: &mut Endpoint,
    secret: WrappedSecret,
    overlap_seconds: i64,
    moment: Moment,
) -> &'static str {
    let until = moment.now.plus_seconds(overlap_seconds);
    let former = endpoint.secret.replace(secret);
    endpoint.former = former
        .filter(|_| overlap_seconds > 0)
        .map(|secret| FormerSecret { secret, until });
    "webhook.rotate"
}

fn weigh_change(
    books: &Books<'_>,
    by: By,
    which: &(Option<MerchantId>, EndpointId),
    change: impl FnOnce(&mut Endpoint) -> &'static str,
) -> Result<Decision, Broken> {
    let Some(facts) = endpoint(books.rows(), which)? else {
        return Ok(no(MerchantRefusal::NoSuchEndpoint));
    };
    let mut changed = facts.endpoint.clone();
    let action = change(&mut changed);
    Ok(webhook::change(by, action, &facts.endpoint, changed))
}

fn weigh_resume(
    books: &Books<'_>,
    by: By,
    which: &(Option<MerchantId>, EndpointId),
    skip: bool,
) -> Result<Decision, Broken> {
    let Some(facts) = endpoint(books.rows(), which)? else {
        return Ok(no(MerchantRefusal::NoSuchEndpoint));
    };
    let mut waiting = Vec::new();
    let mut more = false;
    if skip && facts.health.suspended_at.is_some() {
        let id = facts.endpoint.id;
        LETTERS_WAITING.walk_prefix(
            books.rows(),
            &id.bytes(),
            &mut |(endpoint, (_, event)), ()| {
                more = waiting.len() == SKIPPED_AT_A_TIME_MAX;
                if more {
                    return ControlFlow::Break(());
                }
                waiting.push(LetterId { endpoint, event });
                ControlFlow::Continue(())
            },
        )?;
    }
    // A letter of two stories was found under both.
    waiting.sort_unstable();
    waiting.dedup();
    Ok(webhook::resume(by, facts, waiting, more))
}

fn weigh_attempt(
    books: &Books<'_>,
    letter: LetterId,
    attempt: Attempt,
    moment: Moment,
) -> Result<Decision, Broken> {
    let rows = books.rows();
    let row = LETTERS.get(rows, &(letter.endpoint, letter.event))?;
    let to = endpoint(rows, &(None, letter.endpoint))?;
    let (Some(row), Some(to)) = (row, to) else {
        return Ok(no(MerchantRefusal::NoSuchDelivery));
    };
    let facts = LetterFacts {
        to,
        state: row.state,
        tried: row.tried,
        asked_for: row.asked_for,
    };
    Ok(webhook::record(letter, attempt, &facts, moment.now))
}

fn weigh_resend(
    books: &Books<'_>,
    by: By,
    owner: Option<MerchantId>,
    letter: LetterId,
) -> Result<Decision, Broken> {
    let rows = books.rows();
    let row = LETTERS.get(rows, &(letter.endpoint, letter.event))?;
    let to = endpoint(rows, &(owner, letter.endpoint))?;
    let (Some(_), Some(to)) = (row, to) else {
        return Ok(no(MerchantRefusal::NoSuchDelivery));
    };
    Ok(webhook::resend(by, &to, letter))
}

fn weigh_replay(
    books: &Books<'_>,
    by: By,
    which: &(Option<MerchantId>, EndpointId),
    events: Vec<EventId>,
) -> Result<Decision, Broken> {
    let rows = books.rows();
    let Some(facts) = endpoint(rows, which)? else {
        return Ok(no(MerchantRefusal::NoSuchEndpoint));
    };
    let mut letters = Vec::new();
    for event in events.into_iter().take(REPLAYED_AT_A_TIME_MAX) {
        letters.extend(letter_anew(rows, &facts.endpoint, event)?);
    }
    Ok(webhook::replay(by, &facts, letters))
}

/// The letter about `event`, where it is one for this endpoint.
fn letter_anew(
    rows: &dyn Rows,
    endpoint: &Endpoint,
    event: EventId,
) -> Result<Option<LetterAnew>, Broken> {
    let Some(record) = journal::at(rows, event.position)? else {
        return Ok(None);
    };
    let told = notices(&record.events, event.position)
        .into_iter()
        .find(|notice| notice.id == event && notice.merchant == endpoint.merchant);
    Ok(told
        .filter(|notice| endpoint.wants(notice.kind))
        .map(|notice| LetterAnew {
            event,
            kind: notice.kind,
            at: record.at,
            stories: notice.stories(),
        }))
}
