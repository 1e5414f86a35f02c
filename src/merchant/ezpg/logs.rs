//! The log (로그 조회): the real lines of the last days, newest first.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::query::{Query, limit, page};
use super::value::{day, filled};
use super::{Code, Fault, done};
use crate::domain::{BusinessDate, Role, Timestamp};
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::telemetry::log_book::{LogLine, LogQuestion};

/// The routes of this file.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/logs").route(web::get().to(logs)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(logs))]
pub(super) struct Paths;

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct LogsAsk {
    /// 시작일 (생략하면 오늘)
    start_date: Option<String>,
    /// 종료일 (생략하면 오늘)
    end_date: Option<String>,
    /// ERROR, WARN, INFO, DEBUG, TRACE
    log_level: Option<String>,
    /// 모든 항목에서 찾을 글자, 예: traceId
    keyword: Option<String>,
    page: Option<String>,
    limit: Option<String>,
}

/// A page of lines.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the interface's own names")]
struct Logs {
    total_count: usize,
    page: usize,
    limit: usize,
    logs: Vec<Line>,
}

/// One line.
#[derive(Debug, Serialize, ToSchema)]
struct Line {
    /// 실제 시각 (UTC)
    timestamp: String,
    level: String,
    message: String,
    source: String,
    details: serde_json::Map<String, serde_json::Value>,
}

/// 로그 조회 (본사)
#[utoipa::path(get, path = "/ezpg/logs", tag = "logs", params(LogsAsk),
    responses((status = 200, body = Logs)), extensions(("x-who" = json!("HO"))))]
async fn logs(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<LogsAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let ask = ask.read()?;
    let limit = limit(ask.limit.as_deref())?;
    let page = page(ask.page.as_deref(), limit)?;
    let question = question(&ask, rooms.clock.real_now(), (page, limit))?;
    let book = rooms.logs.clone();
    let read = web::block(move || book.read(&question)).await;
    let found = match read {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            tracing::error!(%error, "the log book cannot be read");
            return Err(Fault::new(Code::Failed));
        }
        Err(_) => return Err(Fault::new(Code::Failed)),
    };
    let logs = Logs {
        total_count: found.total,
        page,
        limit,
        logs: found.lines.into_iter().map(line).collect(),
    };
    Ok(respond(done(&logs).answer))
}

fn line(line: LogLine) -> Line {
    Line {
        timestamp: line.at,
        level: line.level,
        message: line.message,
        source: line.source,
        details: line.details,
    }
}

fn question(
    ask: &LogsAsk,
    now: Timestamp,
    (page, limit): (usize, usize),
) -> Result<LogQuestion, Fault> {
    let today = now.business_date();
    let from = day("startDate", ask.start_date.as_deref())?.or(today);
    let to = day("endDate", ask.end_date.as_deref())?.or(today);
    let (Some(from), Some(to)) = (from, to) else {
        return Err(Fault::new(Code::Failed));
    };
    if to < from {
        return Err(Fault::parameter("endDate", "startDate보다 빠릅니다."));
    }
    let no_day = || Fault::parameter("endDate", "없는 날짜입니다.");
    let until = to
        .next()
        .and_then(BusinessDate::begins)
        .ok_or_else(no_day)?;
    let level = filled(ask.log_level.as_deref()).map(str::to_uppercase);
    let level = level.filter(|level| level != "ALL");
    let known = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"];
    if level
        .as_deref()
        .is_some_and(|level| !known.contains(&level))
    {
        return Err(Fault::parameter("logLevel", &known.join(", ")));
    }
    Ok(LogQuestion {
        from: utc(from.begins().unwrap_or_default()),
        until: utc(until),
        level,
        keyword: filled(ask.keyword.as_deref()).map(str::to_owned),
        skip: (page - 1) * limit,
        most: limit,
    })
}

/// An instant as the log stamps its lines.
fn utc(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
