//! Who did what: `GET /audit`, for head office only.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::query::{Query, digits, from_instant, limit, to_instant};
use super::{Fault, done};
use crate::domain::{Actor, Audit, Role, Timestamp};
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::store::{AuditFilter, AuditPlace};

/// The routes of this file.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/audit").route(web::get().to(list)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list))]
pub(super) struct Paths;

/// Which acts.

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListAsk {
    /// 시작: RFC 3339 또는 날짜
    from: Option<String>,
    /// 끝(제외): RFC 3339, 또는 그날까지를 뜻하는 날짜
    to: Option<String>,
    /// 사용자 아이디, 가맹점 아이디 또는 house
    actor: Option<String>,
    /// 대상이 이 글자로 시작하는 것만, 예: merchant/shop
    subject: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// A page of acts, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuditTold {
    /// 빈 목록이면 0
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    audit: Vec<ActTold>,
    next_cursor: Option<String>,
}

/// Who did what, to what, and how it was and is.
#[derive(Debug, Serialize, ToSchema)]
struct ActTold {
    at: String,
    actor: String,
    address: Option<String>,
    action: String,
    subject: String,
    before: Option<String>,
    after: Option<String>,
}

impl ActTold {
    fn of((place, act): (AuditPlace, Audit)) -> ActTold {
        ActTold {
            at: place.0.to_string(),
            actor: match act.by.actor {
                Actor::User(user) => user,
                Actor::Program(merchant) => merchant.to_string(),
                Actor::House => "house".to_owned(),
            },
            address: act.by.address.map(|address| address.to_string()),
            action: act.action,
            subject: act.subject,
            before: act.before,
            after: act.after,
        }
    }
}

/// 감사 기록 조회 (본사)
#[utoipa::path(get, path = "/ezpg/audit", tag = "audit", params(ListAsk),
    responses((status = 200, body = AuditTold)), extensions(("x-who" = json!("HO"))))]
async fn list(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let ask = ask.read()?;
    let limit = limit(ask.limit.as_deref())?;
    let filter = AuditFilter {
        from: from_instant("from", ask.from.as_deref())?,
        to: to_instant("to", ask.to.as_deref())?,
        actor: ask.actor.filter(|text| !text.is_empty()),
        subject: ask.subject.filter(|text| !text.is_empty()),
    };
    let before = match ask.cursor.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => {
            Some(place(text).ok_or_else(|| Fault::parameter("cursor", "없는 위치입니다."))?)
        }
        None => None,
    };
    let page = rooms
        .look(move |reads| reads.audit(&filter, before, limit))
        .await;
    let told = AuditTold {
        total_count: page.acts.is_empty().then_some(0),
        audit: page.acts.into_iter().map(ActTold::of).collect(),
        next_cursor: page
            .next
            .map(|(at, number)| format!("{}-{number}", at.as_micros())),
    };
    Ok(respond(done(&told).answer))
}

/// The place behind a cursor.
fn place(cursor: &str) -> Option<AuditPlace> {
    let (micros, number) = cursor.split_once('-')?;
    let micros = i64::try_from(digits(micros)?).ok()?;
    Some((Timestamp::from_micros(micros), digits(number)?))
}
