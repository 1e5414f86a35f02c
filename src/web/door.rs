//! What every request passes on its way in, and every answer on its way out.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use metrics::{counter, histogram};
use tracing::Instrument;

use super::Settings;
use crate::merchant::gate::Allowance;
use crate::merchant::origin::{self, Origin};
use crate::merchant::{Face, Rooms, Stop, trace};
use crate::store::Mode;
use crate::{clock, telemetry};

const MODE: HeaderName = HeaderName::from_static("x-naru-mode");
const TRACE: HeaderName = HeaderName::from_static("x-trace-id");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Where people log in; slower than anything else.
const LOGIN: &str = "/ezpg/auth/login";

/// Lets a request pass, or ends it here.
pub(super) async fn pass(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let start = clock::monotonic();
    let face = Face::of(request.path());
    let (rooms, caller) = {
        let known = |request: &ServiceRequest| {
            let rooms = request.app_data::<web::Data<Rooms>>()?.clone();
            let settings = request.app_data::<web::Data<Settings>>()?;
            let peer = request.peer_addr()?.ip();
            let caller = origin::find(peer, request.headers(), &settings.proxies);
            Some((rooms, caller))
        };
        let Some(known) = known(&request) else {
            // A peer that is gone already, of which not even the address is left.
            let told = face.say(request.path(), Stop::Failed);
            return Ok(request.into_response(told));
        };
        known
    };
    request.extensions_mut().insert(Origin(caller));
    let id = trace::fresh();
    let span = tracing::info_span!("http", trace = %id, face = face.name(), %caller);
    let work = async {
        let admitted = rooms.gate.address(caller).and_then(|()| {
            let login = request.path() == LOGIN;
            if login {
                rooms.gate.login_from(caller)
            } else {
                Ok(())
            }
        });
        let response = match admitted {
            Ok(()) => next.call(request).await?.map_into_boxed_body(),
            Err(stop) => {
                let told = face.say(request.path(), stop);
                request.into_response(told)
            }
        };
        Ok(finish(shaped(response, face), face, &rooms, start))
    };
    trace::within(id, work.instrument(span)).await
}

/// An early end that the machinery beneath the faces has told in its own way is told in the
/// face's.
fn shaped(response: ServiceResponse, face: Face) -> ServiceResponse {
    let status = response.status();
    let told = response.headers().contains_key(CONTENT_TYPE)
        && response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain; charset=utf-8"));
    let stop = match status {
        _ if told || !(status.is_client_error() || status.is_server_error()) => return response,
        StatusCode::NOT_FOUND => Stop::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Stop::Method,
        StatusCode::PAYLOAD_TOO_LARGE => Stop::TooLarge,
        StatusCode::REQUEST_TIMEOUT => Stop::TooSlow,
        _ if status.is_client_error() => Stop::Cut,
        _ => Stop::Failed,
    };
    let (request, response) = response.into_parts();
    let mut again = face.say(request.path(), stop);
    if let Some(allow) = response.headers().get(actix_web::http::header::ALLOW) {
        let name = actix_web::http::header::ALLOW;
        again.headers_mut().insert(name, allow.clone());
    }
    ServiceResponse::new(request, again)
}

/// Puts to an answer what every answer carries, measures and logs it.
fn finish(
    mut response: ServiceResponse,
    face: Face,
    rooms: &Rooms,
    start: Instant,
) -> ServiceResponse {
    let allowance = response.request().extensions().get::<Allowance>().copied();
    let headers = response.headers_mut();
    if rooms.mode == Mode::Sandbox {
        headers.insert(MODE, HeaderValue::from_static("sandbox"));
    }
    if let Ok(id) = HeaderValue::from_str(&trace::current()) {
        headers.insert(TRACE, id);
    }
    default(headers, CACHE_CONTROL, "no-store");
    default(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    if let Some(allowance) = allowance {
        headers.insert(LIMIT, HeaderValue::from(allowance.limit));
        headers.insert(REMAINING, HeaderValue::from(allowance.remaining));
        headers.insert(RESET, HeaderValue::from(allowance.reset_seconds));
    }
    let call = response.request().match_pattern();
    let call = call.unwrap_or_else(|| "nothing".to_owned());
    let status = response.status();
    let outcome = outcome(status);
    let face = face.name();
    histogram!(telemetry::HTTP_SECONDS, "face" => face).record(start.elapsed().as_secs_f64());
    counter!(
        telemetry::HTTP_REQUESTS_TOTAL,
        "face" => face, "call" => call.clone(), "outcome" => outcome
    )
    .increment(1);
    let method = response.request().method().as_str();
    let status = status.as_u16();
    if status >= 500 {
        tracing::error!(%method, call, status, "a request failed");
    } else if status >= 400 {
        tracing::info!(%method, call, status, "a request was refused");
    } else {
        tracing::debug!(%method, call, status, "a request was answered");
    }
    response
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// How a request ended, in a few words that never change.
fn outcome(status: StatusCode) -> &'static str {
    match status.as_u16() {
        0..300 => "done",
        300..400 => "moved",
        401 | 403 => "not_allowed",
        404 | 405 => "not_there",
        408 | 413 => "out_of_bounds",
        429 => "too_many",
        400..500 => "refused",
        _ => "failed",
    }
}
