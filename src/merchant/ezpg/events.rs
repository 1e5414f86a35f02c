//! The pull feed: everything a merchant can be told, in order, for whoever has no server to call.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::query::{Query, limit, whose};
use super::value::filled;
use super::{Fault, done};
use crate::domain::{EventId, Role};
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::store::Telling;
use crate::webhook::{Data, data};

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list))]
pub(super) struct Paths;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/events", web::get().to(list));
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListAsk {
    merchant_id: Option<String>,
    /// 마지막으로 받은 eventId
    after: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EventsTold<'t> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<usize>,
    #[schema(value_type = Vec<Object>)]
    events: Vec<EventTold<'t>>,
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EventTold<'t> {
    event_id: String,
    r#type: &'static str,
    timestamp: String,
    data: Data<'t>,
}

impl<'t> EventTold<'t> {
    fn of(telling: &'t Telling) -> EventTold<'t> {
        EventTold {
            event_id: telling.notice.id.to_string(),
            r#type: telling.notice.kind.word(),
            timestamp: telling.at.to_string(),
            data: data(telling),
        }
    }
}

/// 이벤트 조회 (폴링)
#[utoipa::path(get, path = "/ezpg/events", tag = "webhooks", params(ListAsk),
    responses((status = 200, body = EventsTold)), extensions(("x-who" = json!("HO, OP, ME"))))]
async fn list(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice, Role::Operator, Role::Merchant])?;
    let ask = ask.read()?;
    let merchant = whose(&rooms, &person, ask.merchant_id.as_deref()).await?;
    let missing = || Fault::parameter("merchantId", "필수 항목입니다.");
    let merchant = merchant.ok_or_else(missing)?;
    let limit = limit(ask.limit.as_deref())?;
    let after = filled(ask.after.as_deref()).or(filled(ask.cursor.as_deref()));
    let unknown = || Fault::parameter("after", "없는 eventId입니다.");
    let after = match after {
        Some(text) => Some(EventId::parse(text).ok_or_else(unknown)?),
        None => None,
    };
    let feed = rooms
        .look(move |reads| reads.feed(&merchant, after, limit))
        .await;
    let told = EventsTold {
        total_count: feed.events.is_empty().then_some(0),
        events: feed.events.iter().map(EventTold::of).collect(),
        next_cursor: feed.next.map(|id| id.to_string()),
    };
    Ok(respond(done(&told).answer))
}
