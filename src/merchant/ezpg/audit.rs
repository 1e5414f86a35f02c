//! Who did what: `GET /audit`, for head office only.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::query::{Query, digits, from_instant, limit, to_instant};
use super::{Fault, done};
use crate::domain::{Actor, Audit, Role, Timestamp};
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::store::{AuditFilter, AuditPlace};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/audit", web::get().to(list));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListAsk {
    from: Option<String>,
    to: Option<String>,
    actor: Option<String>,
    subject: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListTold {
    audit: Vec<ActTold>,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
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

async fn list(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let ask = ask.0;
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
    let told = ListTold {
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
