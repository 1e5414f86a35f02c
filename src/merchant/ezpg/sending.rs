//! What an endpoint is sent beyond the ordinary: resumed after it was suspended, tried out, and
//! told again what it was told before.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::query::{from_instant, to_instant};
use super::webhooks::{EndpointTold, KEEPERS, endpoint_of, named, seen, webhook};
use super::{Fault, Sent, carry_out, done};
use crate::domain::webhook::REPLAYED_AT_A_TIME_MAX;
use crate::domain::{Command, EventId, Outcome, WebhookCommand, WebhookOutcome};
use crate::limits;
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::store::Receipt;

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(resume, try_out, replay))]
pub(super) struct Paths;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/webhooks/{id}/resume", web::post().to(resume))
        .route("/webhooks/{id}/test", web::post().to(try_out))
        .route("/webhooks/{id}/replay", web::post().to(replay));
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResumeAsk {
    skip: Option<bool>,
}

/// 중단된 발송 재개
#[utoipa::path(post, path = "/ezpg/webhooks/{id}/resume", tag = "webhooks",
    params(("id" = String, Path, description = "엔드포인트 ID")), request_body = ResumeAsk,
    responses((status = 200, body = EndpointTold)), extensions(("x-who" = json!("HO, ME"))))]
async fn resume(
    rooms: web::Data<Rooms>,
    person: Person,
    id: web::Path<String>,
    sent: Sent<ResumeAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(KEEPERS)?;
    let ask = sent.read()?;
    let once = ask.turn(&rooms, &person.by).await?;
    let command = WebhookCommand::Resume {
        by: person.by,
        owner: person.merchant,
        id: named(&id)?,
        skip: ask.told.skip.unwrap_or(false),
    };
    // What is left out is left out in several turns; the last word, which is kept, changes
    // nothing any more.
    while more(&rooms.carry_out(webhook(command.clone())).await?) {}
    carry_out(&rooms, once, webhook(command), |receipt| {
        Ok(done(&EndpointTold::of(endpoint_of(receipt)?, Some(false))))
    })
    .await
}

fn more(receipt: &Receipt) -> bool {
    let verdict = &receipt.verdict;
    matches!(
        verdict,
        Ok(Outcome::Webhook(WebhookOutcome::Resumed { more: true, .. }))
    )
}

/// What a trial found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TrialTold {
    ok: bool,
    diagnosis: String,
    wanted: &'static str,
    url: String,
    request: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    error: Option<crate::domain::webhook::Fault>,
    took_millis: u64,
}

/// 시험 발송과 진단
#[utoipa::path(post, path = "/ezpg/webhooks/{id}/test", tag = "webhooks",
    params(("id" = String, Path, description = "엔드포인트 ID")),
    responses((status = 200, body = TrialTold)),
    extensions(("x-who" = json!("HO, ME"))))]
async fn try_out(
    rooms: web::Data<Rooms>,
    person: Person,
    id: web::Path<String>,
    sent: Sent<Nothing>,
) -> Result<HttpResponse, Fault> {
    person.may(KEEPERS)?;
    let once = sent.read()?.turn(&rooms, &person.by).await?;
    let endpoint = seen(&rooms, &person, named(&id)?).await?.endpoint;
    let trial = rooms.sender.try_out(&endpoint).await;
    let attempt = trial.attempt;
    let told = TrialTold {
        ok: attempt.accepted,
        diagnosis: trial.words,
        wanted: trial.wanted,
        url: attempt.url,
        request: trial.body,
        status: attempt.status,
        response: attempt.answer,
        error: attempt.fault,
        took_millis: attempt.took_millis,
    };
    if once.is_none() {
        return Ok(respond(done(&told).answer));
    }
    carry_out(&rooms, once, Command::Answer, move |_| Ok(done(&told))).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReplayAsk {
    /// 시작 시각 (포함)
    from: String,
    /// 끝 시각 (제외), 날짜는 그날까지
    to: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReplayTold {
    endpoint_id: String,
    /// 다시 보내는 이벤트 수
    replayed: usize,
    /// 한 번에 다 보내지 못했을 때 이어서 요청할 시작 시각
    next_from: Option<String>,
}

/// 기간 내 이벤트 재전송
#[utoipa::path(post, path = "/ezpg/webhooks/{id}/replay", tag = "webhooks",
    params(("id" = String, Path, description = "엔드포인트 ID")), request_body = ReplayAsk,
    responses((status = 200, body = ReplayTold)), extensions(("x-who" = json!("HO, ME"))))]
async fn replay(
    rooms: web::Data<Rooms>,
    person: Person,
    id: web::Path<String>,
    sent: Sent<ReplayAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(KEEPERS)?;
    let ask = sent.read()?;
    let once = ask.turn(&rooms, &person.by).await?;
    let id = named(&id)?;
    let endpoint = seen(&rooms, &person, id).await?.endpoint;
    let missing = || Fault::parameter("from", "필수 항목입니다.");
    let from = from_instant("from", Some(&ask.told.from))?.ok_or_else(missing)?;
    let to = to_instant("to", ask.told.to.as_deref())?;
    let from = from.max(endpoint.created_at);
    let merchant = endpoint.merchant.clone();
    let found = rooms
        .look(move |reads| reads.told_between(&merchant, (from, to), limits::REPLAYED_MAX))
        .await;
    let command = |events: &[EventId]| {
        webhook(WebhookCommand::Replay {
            by: person.by.clone(),
            owner: person.merchant.clone(),
            id,
            events: events.to_vec(),
        })
    };
    let mut chunks: Vec<_> = found.events.chunks(REPLAYED_AT_A_TIME_MAX).collect();
    let last = chunks.pop().unwrap_or_default();
    let mut replayed = 0;
    for chunk in chunks {
        replayed += requeued(&rooms.carry_out(command(chunk)).await?)?;
    }
    carry_out(&rooms, once, command(last), move |receipt| {
        Ok(done(&ReplayTold {
            endpoint_id: id.to_string(),
            replayed: replayed + requeued(receipt)?,
            next_from: found.next.map(|at| at.to_string()),
        }))
    })
    .await
}

fn requeued(receipt: &Receipt) -> Result<usize, Fault> {
    match receipt.verdict.clone()? {
        Outcome::Webhook(WebhookOutcome::Requeued(count)) => Ok(count),
        _ => Err(Fault::new(super::Code::Failed)),
    }
}

/// A body that says nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}
