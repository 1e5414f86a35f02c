//! Endpoints of merchants: `/webhooks`, made, shown, changed, given other secrets.

use actix_web::{HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zeroize::Zeroizing;

use super::query::{Query, limit, whose};
use super::{Fault, Sent, carry_out, done};
use crate::domain::{
    Command, Dialect, Endpoint, EndpointId, EventKind, MerchantId, OVERLAP_HOURS_MAX, Outcome,
    Role, WebhookCommand, WebhookOutcome, Wrapped,
};
use crate::limits;
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::secrets;
use crate::store::{EndpointShown, Receipt};
use crate::webhook::{CONTEXT, read_url};

/// Who may look after endpoints.
pub(super) const KEEPERS: &[Role] = &[Role::HeadOffice, Role::Merchant];

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(add, list, change, rotate))]
pub(super) struct Paths;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/webhooks")
                .route(web::get().to(list))
                .route(web::post().to(add)),
        )
        .configure(super::deliveries::routes)
        .route("/webhooks/{id}", web::post().to(change))
        .route("/webhooks/{id}/rotate", web::post().to(rotate))
        .configure(super::sending::routes);
}

/// An endpoint as it is told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EndpointTold {
    endpoint_id: String,
    #[schema(value_type = String)]
    merchant_id: MerchantId,
    url: String,
    dialect: &'static str,
    events: Vec<&'static str>,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspended: Option<bool>,
    created_at: String,
}

impl EndpointTold {
    pub(super) fn of(endpoint: &Endpoint, suspended: Option<bool>) -> EndpointTold {
        let heard = EventKind::ALL.iter().filter(|kind| endpoint.wants(**kind));
        EndpointTold {
            endpoint_id: endpoint.id.to_string(),
            merchant_id: endpoint.merchant.clone(),
            url: endpoint.url.clone(),
            dialect: endpoint.dialect.name(),
            events: heard.map(|kind| kind.word()).collect(),
            enabled: endpoint.enabled,
            suspended,
            created_at: endpoint.created_at.to_second(),
        }
    }

    fn shown(shown: &EndpointShown) -> EndpointTold {
        EndpointTold::of(&shown.endpoint, Some(shown.health.suspended_at.is_some()))
    }
}

/// What is told of an endpoint that was just made or changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct KeptTold {
    #[serde(flatten)]
    endpoint: EndpointTold,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// Where our webhooks come from.
    source_addresses: Vec<String>,
}

/// The endpoint that a receipt speaks of.
pub(super) fn endpoint_of(receipt: &Receipt) -> Result<&Endpoint, Fault> {
    match &receipt.verdict {
        Ok(Outcome::Webhook(
            WebhookOutcome::Endpoint(endpoint) | WebhookOutcome::Resumed { endpoint, .. },
        )) => Ok(endpoint),
        Ok(_) => Err(Fault::new(super::Code::Failed)),
        Err(refusal) => Err(Fault::from(*refusal)),
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EndpointAsk {
    merchant_id: Option<String>,
    url: String,
    dialect: String,
    events: Option<Vec<String>>,
    secret: Option<String>,
}

/// 웹훅 엔드포인트 등록
#[utoipa::path(post, path = "/ezpg/webhooks", tag = "webhooks", request_body = EndpointAsk,
    responses((status = 200, body = KeptTold)), extensions(("x-who" = json!("HO, ME"))))]
async fn add(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<EndpointAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(KEEPERS)?;
    let ask = sent.read()?;
    let once = ask.turn(&rooms, &person.by).await?;
    let told = ask.told;
    let merchant = person.one_merchant(told.merchant_id.as_deref())?;
    let dialect = Dialect::parse(&told.dialect).ok_or_else(|| {
        Fault::parameter(
            "dialect",
            "payaction, ezpg-a, ezpg-b, standard 중 하나여야 합니다.",
        )
    })?;
    let secret = match told.secret.filter(|secret| !secret.is_empty()) {
        Some(given) => Some(fitting(dialect, given)?),
        None if dialect == Dialect::Payaction => None,
        None => Some(fresh()),
    };
    let command = WebhookCommand::Add {
        by: person.by,
        url: url(&rooms, &told.url)?,
        events: kinds(told.events.unwrap_or_default())?,
        dialect,
        secret: secret
            .as_ref()
            .map(|secret| wrapped(&rooms, &merchant, secret)),
        merchant,
    };
    let addresses = rooms.webhook_addresses.clone();
    carry_out(&rooms, once, webhook(command), move |receipt| {
        let told = KeptTold {
            endpoint: EndpointTold::of(endpoint_of(receipt)?, Some(false)),
            secret: secret.map(|secret| secret.to_string()),
            source_addresses: addresses,
        };
        Ok(done(&told).with_secrets())
    })
    .await
}

pub(super) fn webhook(command: WebhookCommand) -> Command {
    Command::Webhook(Box::new(command))
}

/// A fresh secret in the form of Standard Webhooks.
fn fresh() -> Zeroizing<String> {
    let bytes = secrets::random::<32>();
    Zeroizing::new(format!("whsec_{}", STANDARD.encode(*bytes)))
}

/// A secret that somebody gives: for `standard` in the form of its specification.
fn fitting(dialect: Dialect, given: String) -> Result<Zeroizing<String>, Fault> {
    let given = Zeroizing::new(given);
    let decoded = given
        .strip_prefix("whsec_")
        .map(|coded| STANDARD.decode(coded));
    let coded = matches!(&decoded, Some(Ok(bytes)) if (24..=64).contains(&bytes.len()));
    let printable = given.bytes().all(|byte| byte.is_ascii_graphic());
    let plain = decoded.is_none() && printable && (8..=128).contains(&given.len());
    match dialect {
        _ if coded => Ok(given),
        Dialect::Payaction | Dialect::EzpgA | Dialect::EzpgB if plain => Ok(given),
        Dialect::Standard => Err(Fault::parameter(
            "secret",
            "whsec_ 뒤에 24~64바이트를 base64로 적은 값이어야 합니다.",
        )),
        Dialect::Payaction | Dialect::EzpgA | Dialect::EzpgB => Err(Fault::parameter(
            "secret",
            "공백 없는 영문자, 숫자, 기호 8~128자이거나 whsec_ 형식이어야 합니다.",
        )),
    }
}

fn wrapped(rooms: &Rooms, merchant: &MerchantId, secret: &str) -> Wrapped {
    let context = format!("{CONTEXT}{merchant}");
    rooms.secrets.wrap(&context, secret.as_bytes())
}

fn url(rooms: &Rooms, text: &str) -> Result<String, Fault> {
    let read = read_url(text.trim(), rooms.sender.client.allowed());
    read.map(String::from)
        .map_err(|fault| Fault::parameter("url", &fault.to_string()))
}

fn kinds(words: Vec<String>) -> Result<Vec<EventKind>, Fault> {
    let mut kinds = Vec::with_capacity(words.len());
    for word in words {
        let kind = EventKind::parse(&word);
        kinds.push(kind.ok_or_else(|| Fault::parameter("events", "알 수 없는 이벤트입니다."))?);
    }
    kinds.sort_unstable();
    kinds.dedup();
    Ok(kinds)
}

/// The endpoint that a path names.
pub(super) fn named(id: &str) -> Result<EndpointId, Fault> {
    EndpointId::parse(id).ok_or_else(Fault::absent)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListAsk {
    merchant_id: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EndpointsTold {
    total_count: usize,
    endpoints: Vec<EndpointTold>,
    source_addresses: Vec<String>,
    next_cursor: Option<String>,
}

/// 웹훅 엔드포인트 조회
#[utoipa::path(get, path = "/ezpg/webhooks", tag = "webhooks", params(ListAsk),
    responses((status = 200, body = EndpointsTold)), extensions(("x-who" = json!("HO, ME"))))]
async fn list(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(KEEPERS)?;
    let ask = ask.read()?;
    let merchant = whose(&rooms, &person, ask.merchant_id.as_deref()).await?;
    let limit = limit(ask.limit.as_deref())?;
    let after = match ask.cursor.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => Some(EndpointId::parse(text).ok_or_else(cursor_unknown)?),
        None => None,
    };
    let (total_count, mut found) = rooms
        .look(move |reads| {
            let total = reads.endpoints_count(merchant.as_ref())?;
            Ok((total, reads.endpoints(merchant.as_ref(), after, limit + 1)?))
        })
        .await;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().map(|shown| shown.endpoint.id.to_string());
    let told = EndpointsTold {
        total_count,
        endpoints: found.iter().map(EndpointTold::shown).collect(),
        source_addresses: rooms.webhook_addresses.clone(),
        next_cursor: last.filter(|_| more),
    };
    Ok(respond(done(&told).answer))
}

pub(super) fn cursor_unknown() -> Fault {
    Fault::parameter("cursor", "없는 위치입니다.")
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EndpointChangeAsk {
    url: Option<String>,
    events: Option<Vec<String>>,
    enabled: Option<bool>,
}

/// 웹훅 엔드포인트 변경
#[utoipa::path(post, path = "/ezpg/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "엔드포인트 ID")),
    request_body = EndpointChangeAsk,
    responses((status = 200, body = EndpointTold)),
    extensions(("x-who" = json!("HO, ME"))))]
async fn change(
    rooms: web::Data<Rooms>,
    person: Person,
    id: web::Path<String>,
    sent: Sent<EndpointChangeAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(KEEPERS)?;
    let ask = sent.read()?;
    let once = ask.turn(&rooms, &person.by).await?;
    let told = ask.told;
    let command = WebhookCommand::Change {
        by: person.by,
        owner: person.merchant,
        id: named(&id)?,
        url: told.url.map(|text| url(&rooms, &text)).transpose()?,
        events: told.events.map(kinds).transpose()?,
        enabled: told.enabled,
    };
    carry_out(&rooms, once, webhook(command), |receipt| {
        Ok(done(&EndpointTold::of(endpoint_of(receipt)?, None)))
    })
    .await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RotateAsk {
    overlap_hours: Option<u32>,
    secret: Option<String>,
}

/// 웹훅 비밀값 교체
#[utoipa::path(post, path = "/ezpg/webhooks/{id}/rotate", tag = "webhooks",
    params(("id" = String, Path, description = "엔드포인트 ID")), request_body = RotateAsk,
    responses((status = 200, body = KeptTold)), extensions(("x-who" = json!("HO, ME"))))]
async fn rotate(
    rooms: web::Data<Rooms>,
    person: Person,
    id: web::Path<String>,
    sent: Sent<RotateAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(KEEPERS)?;
    let ask = sent.read()?;
    let once = ask.turn(&rooms, &person.by).await?;
    let id = named(&id)?;
    let endpoint = seen(&rooms, &person, id).await?.endpoint;
    let hours = ask
        .told
        .overlap_hours
        .unwrap_or(limits::OVERLAP_HOURS_DEFAULT);
    if hours > OVERLAP_HOURS_MAX {
        let words = format!("0에서 {OVERLAP_HOURS_MAX} 사이여야 합니다.");
        return Err(Fault::parameter("overlapHours", &words));
    }
    let secret = match ask.told.secret.filter(|secret| !secret.is_empty()) {
        Some(given) => fitting(endpoint.dialect, given)?,
        None if endpoint.dialect == Dialect::Payaction => {
            return Err(Fault::parameter(
                "secret",
                "payaction 엔드포인트는 상점의 webhookKey를 씁니다. 바꾸려면 secret을 주거나 \
                 /merchants/credentials로 재발급하십시오.",
            ));
        }
        None => fresh(),
    };
    let command = WebhookCommand::Rotate {
        by: person.by,
        owner: person.merchant,
        id,
        secret: wrapped(&rooms, &endpoint.merchant, &secret),
        overlap_seconds: i64::from(hours) * 3600,
    };
    carry_out(&rooms, once, webhook(command), move |receipt| {
        let told = KeptTold {
            endpoint: EndpointTold::of(endpoint_of(receipt)?, None),
            secret: Some(secret.to_string()),
            source_addresses: Vec::new(),
        };
        Ok(done(&told).with_secrets())
    })
    .await
}

/// An endpoint that the person may see, as it is now.
pub(super) async fn seen(
    rooms: &Rooms,
    person: &Person,
    id: EndpointId,
) -> Result<EndpointShown, Fault> {
    let found = rooms.look(move |reads| reads.endpoint(id)).await;
    let own = found.filter(|shown| person.sees(Some(&shown.endpoint.merchant)));
    own.ok_or_else(|| Fault::from(no_endpoint()))
}

pub(super) fn no_endpoint() -> crate::domain::Refusal {
    crate::domain::Refusal::Merchant(crate::domain::MerchantRefusal::NoSuchEndpoint)
}
