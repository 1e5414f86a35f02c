//! What becomes of commands about endpoints and letters. Pure functions over loaded facts.

use super::super::delivery::{self, Then};
use super::super::{Audit, By, Decision, Event, MerchantRefusal, Outcome, Refusal, Timestamp};
use super::{
    Attempt, Dialect, ENDPOINTS_PER_MERCHANT_MAX, Endpoint, EndpointFacts, EventKind,
    GIVEN_UP_IN_A_ROW_MAX, LetterAnew, LetterFacts, LetterId, WebhookEvent, WebhookOutcome,
};

fn no(refusal: MerchantRefusal) -> Decision {
    Decision::refuse(Refusal::Merchant(refusal))
}

fn audited(by: By, action: &str, subject: String, after: String) -> Event {
    Event::Audited(Audit {
        by,
        action: action.to_owned(),
        subject,
        before: None,
        after: Some(after),
    })
}

/// In short, for the audit log; an address may hold a token, so only its host is told.
fn described(endpoint: &Endpoint) -> String {
    let words: Vec<_> = endpoint.events.iter().map(|kind| kind.word()).collect();
    let host = endpoint.url.split('/').nth(2).unwrap_or_default();
    let state = if endpoint.enabled { "on" } else { "off" };
    let (dialect, words) = (endpoint.dialect.name(), words.join(","));
    format!("{dialect} {host} [{words}] {state}")
}

/// Adds an endpoint.
pub fn add(by: By, endpoint: Endpoint, merchant_known: bool, already: usize) -> Decision {
    if !merchant_known {
        return no(MerchantRefusal::NoSuchMerchant);
    }
    if already >= ENDPOINTS_PER_MERCHANT_MAX {
        return no(MerchantRefusal::TooManyEndpoints);
    }
    if !all_sayable(endpoint.dialect, &endpoint.events) {
        return no(MerchantRefusal::EventNotInDialect);
    }
    let subject = format!("webhook/{}", endpoint.id);
    let audit = audited(by, "webhook.add", subject, described(&endpoint));
    let outcome = WebhookOutcome::Endpoint(Box::new(endpoint.clone()));
    let added = Event::Webhook(WebhookEvent::EndpointAdded(endpoint));
    Decision::new(Outcome::Webhook(outcome), vec![added, audit])
}

fn all_sayable(dialect: Dialect, events: &[EventKind]) -> bool {
    events.iter().all(|kind| dialect.can_say(*kind))
}

/// Gives an endpoint the values of `changed`; `action` names the act in the audit log.
pub fn change(by: By, action: &str, before: &Endpoint, changed: Endpoint) -> Decision {
    if !all_sayable(changed.dialect, &changed.events) {
        return no(MerchantRefusal::EventNotInDialect);
    }
    let outcome = Outcome::Webhook(WebhookOutcome::Endpoint(Box::new(changed.clone())));
    if *before == changed {
        return Decision::new(outcome, Vec::new());
    }
    let audit = Event::Audited(Audit {
        by,
        action: action.to_owned(),
        subject: format!("webhook/{}", changed.id),
        before: Some(described(before)),
        after: Some(described(&changed)),
    });
    let event = Event::Webhook(WebhookEvent::EndpointChanged(changed));
    Decision::new(outcome, vec![event, audit])
}

/// Ends a suspension, leaving out the letters in `skipped`; `more` are left for another turn. An
/// endpoint that is not suspended stays as it is, and is none the worse for it.
pub fn resume(by: By, facts: EndpointFacts, skipped: Vec<LetterId>, more: bool) -> Decision {
    let id = facts.endpoint.id;
    let endpoint = Box::new(facts.endpoint);
    let outcome = Outcome::Webhook(WebhookOutcome::Resumed { endpoint, more });
    if facts.health.suspended_at.is_none() {
        return Decision::new(outcome, Vec::new());
    }
    let mut events = Vec::new();
    let after = match skipped.len() {
        0 => "what waited is sent".to_owned(),
        count => format!("{count} letters are left out"),
    };
    if !skipped.is_empty() {
        events.push(Event::Webhook(WebhookEvent::Skipped { letters: skipped }));
    }
    if !more {
        events.push(Event::Webhook(WebhookEvent::EndpointResumed { id }));
    }
    events.push(audited(
        by,
        "webhook.resume",
        format!("webhook/{id}"),
        after,
    ));
    Decision::new(outcome, events)
}

/// Notes an attempt and decides what follows: delivered, again at a later hour, or given up; and
/// whether the endpoint is suspended for it.
pub fn record(letter: LetterId, attempt: Attempt, facts: &LetterFacts, now: Timestamp) -> Decision {
    let then = delivery::after(letter, &attempt, facts, now);
    let endpoint = &facts.to.endpoint;
    let merchant = endpoint.merchant.clone();
    let mut events = vec![Event::Webhook(WebhookEvent::Attempted {
        letter,
        merchant: merchant.clone(),
        attempt,
        then,
    })];
    let health = facts.to.health;
    let one_more = health.given_up_in_a_row.saturating_add(1);
    if then == Then::GaveUp && health.suspended_at.is_none() && one_more >= GIVEN_UP_IN_A_ROW_MAX {
        let id = endpoint.id;
        events.push(Event::Webhook(WebhookEvent::EndpointSuspended {
            id,
            merchant,
        }));
    }
    Decision::new(Outcome::Webhook(WebhookOutcome::Recorded(then)), events)
}

/// Why nothing can be sent to an endpoint on request.
fn cannot_send(facts: &EndpointFacts) -> Option<MerchantRefusal> {
    if !facts.endpoint.enabled {
        return Some(MerchantRefusal::EndpointDisabled);
    }
    let suspended = facts.health.suspended_at.is_some();
    suspended.then_some(MerchantRefusal::EndpointSuspended)
}

/// One more attempt for one letter.
pub fn resend(by: By, facts: &EndpointFacts, letter: LetterId) -> Decision {
    if let Some(refusal) = cannot_send(facts) {
        return no(refusal);
    }
    let subject = format!("webhook/{letter}");
    let audit = audited(by, "webhook.resend", subject, "one more attempt".to_owned());
    let letters = vec![letter];
    let requeued = Event::Webhook(WebhookEvent::Requeued { letters });
    let outcome = Outcome::Webhook(WebhookOutcome::Requeued(1));
    Decision::new(outcome, vec![requeued, audit])
}

/// Begins the schedules of letters anew.
pub fn replay(by: By, facts: &EndpointFacts, letters: Vec<LetterAnew>) -> Decision {
    if let Some(refusal) = cannot_send(facts) {
        return no(refusal);
    }
    let outcome = Outcome::Webhook(WebhookOutcome::Requeued(letters.len()));
    if letters.is_empty() {
        return Decision::new(outcome, Vec::new());
    }
    let endpoint = facts.endpoint.id;
    let after = format!("{} letters anew", letters.len());
    let audit = audited(by, "webhook.replay", format!("webhook/{endpoint}"), after);
    let replayed = Event::Webhook(WebhookEvent::Replayed { endpoint, letters });
    Decision::new(outcome, vec![replayed, audit])
}
