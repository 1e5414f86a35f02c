//! What became of letters: `/webhooks/deliveries`, and sending them once more.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::query::{Query, from_instant, limit, to_instant, whose};
use super::sending::Nothing;
use super::webhooks::{cursor_unknown, no_endpoint};
use super::{Fault, Sent, carry_out, done};
use crate::domain::webhook::Attempt;
use crate::domain::{
    Command, EndpointId, LetterId, LetterState, Outcome, Role, WebhookCommand, WebhookOutcome,
};
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::store::{Delivery, DeliveryQuestion};
use crate::webhook::{body, of_fault, trace_id, transaction_id};

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, show, resend))]
pub(super) struct Paths;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/webhooks/deliveries", web::get().to(list))
        .route("/webhooks/deliveries/{id}", web::get().to(show))
        .route("/webhooks/deliveries/{id}/resend", web::post().to(resend));
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListAsk {
    merchant_id: Option<String>,
    endpoint_id: Option<String>,
    status: Option<String>,
    from: Option<String>,
    to: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeliveriesTold {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<usize>,
    deliveries: Vec<DeliveryTold>,
    next_cursor: Option<String>,
}

/// One happening for one endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeliveryTold {
    delivery_id: String,
    endpoint_id: String,
    merchant_id: String,
    event_id: String,
    trace_id: String,
    r#type: &'static str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    status: &'static str,
    attempts: Vec<AttemptTold>,
    next_at: Option<String>,
}

/// One attempt. The keys that it was signed with are not shown.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AttemptTold {
    at: String,
    request: RequestTold,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    took_millis: u64,
    accepted: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RequestTold {
    url: String,
    webhook_id: String,
    webhook_timestamp: i64,
    body: String,
}

impl DeliveryTold {
    pub(super) fn of(delivery: Delivery) -> DeliveryTold {
        let bytes = body(delivery.endpoint.dialect, &delivery.telling).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let event = delivery.letter.event;
        let of_attempt = |attempt| AttemptTold::of(attempt, &event.to_string(), &text);
        let notice = delivery.telling.notice;
        // What is suspended or switched off has no next hour, whatever its schedule says.
        let goes_on = delivery.endpoint.enabled && !delivery.suspended;
        let status = match delivery.row.state {
            LetterState::Delivered => "delivered",
            LetterState::GivenUp => "given_up",
            LetterState::Waiting if delivery.suspended => "suspended",
            LetterState::Waiting => "pending",
        };
        DeliveryTold {
            delivery_id: delivery.letter.to_string(),
            endpoint_id: delivery.letter.endpoint.to_string(),
            merchant_id: delivery.endpoint.merchant.to_string(),
            event_id: event.to_string(),
            trace_id: trace_id(event, delivery.telling.at),
            r#type: delivery.row.kind.word(),
            at: delivery.row.at.to_second(),
            order_number: notice.order,
            transaction_id: notice.deposit.map(transaction_id),
            status,
            attempts: delivery.attempts.into_iter().map(of_attempt).collect(),
            next_at: delivery
                .row
                .due
                .filter(|_| goes_on)
                .map(|due| due.max(delivery.row.at).to_second()),
        }
    }
}

impl AttemptTold {
    fn of(attempt: Attempt, event: &str, body: &str) -> AttemptTold {
        AttemptTold {
            at: attempt.sent_at.to_second(),
            request: RequestTold {
                url: attempt.url,
                webhook_id: event.to_owned(),
                webhook_timestamp: attempt.sent_at.as_micros().div_euclid(1_000_000),
                body: body.to_owned(),
            },
            status: attempt.status,
            response: attempt.answer,
            error: attempt.fault.map(of_fault),
            took_millis: attempt.took_millis,
            accepted: attempt.accepted,
        }
    }
}

/// 웹훅 발송 내역
#[utoipa::path(get, path = "/ezpg/webhooks/deliveries", tag = "webhooks", params(ListAsk),
    responses((status = 200, body = DeliveriesTold)),
    extensions(("x-who" = json!("HO, OP, VW, ME"))))]
async fn list(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    let ask = ask.read()?;
    let mut question = DeliveryQuestion {
        merchant: whose(&rooms, &person, ask.merchant_id.as_deref()).await?,
        from: from_instant("from", ask.from.as_deref())?,
        to: to_instant("to", ask.to.as_deref())?,
        limit: limit(ask.limit.as_deref())?,
        ..DeliveryQuestion::default()
    };
    match filled(ask.status.as_deref()) {
        None | Some("all") => {}
        Some("delivered") => question.states.push(LetterState::Delivered),
        Some("given_up") => question.states.push(LetterState::GivenUp),
        Some(word @ ("pending" | "suspended")) => {
            question.states.push(LetterState::Waiting);
            question.suspended = Some(word == "suspended");
        }
        Some(_) => {
            let words = "pending, delivered, given_up, suspended, all 중 하나여야 합니다.";
            return Err(Fault::parameter("status", words));
        }
    }
    if let Some(text) = filled(ask.cursor.as_deref()) {
        question.after = Some(LetterId::parse(text).ok_or_else(cursor_unknown)?);
    }
    if let Some(text) = filled(ask.endpoint_id.as_deref()) {
        let id = EndpointId::parse(text).ok_or_else(|| Fault::from(no_endpoint()))?;
        super::webhooks::seen(&rooms, &person, id).await?;
        question.endpoint = Some(id);
    }
    let page = rooms.look(move |reads| reads.deliveries(&question)).await;
    let told = DeliveriesTold {
        total_count: page.found.is_empty().then_some(0),
        deliveries: page.found.into_iter().map(DeliveryTold::of).collect(),
        next_cursor: page.next.map(|letter| letter.to_string()),
    };
    Ok(respond(done(&told).answer))
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn absent() -> Fault {
    let refusal = crate::domain::MerchantRefusal::NoSuchDelivery;
    Fault::from(crate::domain::Refusal::Merchant(refusal))
}

/// 웹훅 발송 한 건
#[utoipa::path(get, path = "/ezpg/webhooks/deliveries/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "발송 ID")),
    responses((status = 200, body = DeliveryTold)),
    extensions(("x-who" = json!("HO, OP, VW, ME"))))]
async fn show(
    rooms: web::Data<Rooms>,
    person: Person,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let letter = LetterId::parse(&id).ok_or_else(absent)?;
    let found = rooms.look(move |reads| reads.delivery(letter)).await;
    let own = found.filter(|delivery| person.sees(Some(&delivery.endpoint.merchant)));
    let told = DeliveryTold::of(own.ok_or_else(absent)?);
    Ok(respond(done(&told).answer))
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ResendTold {
    delivery_id: String,
}

/// 웹훅 재전송
#[utoipa::path(post, path = "/ezpg/webhooks/deliveries/{id}/resend", tag = "webhooks",
    params(("id" = String, Path, description = "발송 ID")),
    responses((status = 200, body = ResendTold)),
    extensions(("x-who" = json!("HO, OP, ME"))))]
async fn resend(
    rooms: web::Data<Rooms>,
    person: Person,
    id: web::Path<String>,
    sent: Sent<Nothing>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice, Role::Operator, Role::Merchant])?;
    let ask = sent.read()?;
    let once = ask.turn(&rooms, &person.by).await?;
    let letter = LetterId::parse(&id).ok_or_else(absent)?;
    let command = WebhookCommand::Resend {
        by: person.by,
        owner: person.merchant,
        letter,
    };
    let command = Command::Webhook(Box::new(command));
    carry_out(&rooms, once, command, move |receipt| {
        match receipt.verdict.clone()? {
            Outcome::Webhook(WebhookOutcome::Requeued(_)) => Ok(done(&ResendTold {
                delivery_id: letter.to_string(),
            })),
            _ => Err(Fault::new(super::Code::Failed)),
        }
    })
    .await
}
