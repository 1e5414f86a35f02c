//! The operators' listener: `/metrics`, `/health/live`, `/health/ready` and, in a sandbox, the
//! shifting of the clock at `/clock`. Every answer but the metrics is JSON.
//!
//! It has one worker thread of its own, so that a slow scraper takes nothing from the bank's
//! lines. It knows the clock and the recorder; it must not know money, and it has no right to
//! change anything but a sandbox's clock.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::header::ContentType;
use actix_web::middleware::DefaultHeaders;
use actix_web::{App, HttpResponse, HttpServer, web};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::{Deserialize, Serialize};

use crate::clock::{Clock, Reading, ShiftRefused};
use crate::limits;

/// What keeps the house from being ready: a reason for each room that is not, gone when it is.
#[derive(Debug, Clone, Default)]
pub struct Readiness {
    reasons: Arc<Mutex<BTreeMap<&'static str, String>>>,
}

impl Readiness {
    /// Not ready, because of `room`.
    pub fn wait_for(&self, room: &'static str, why: impl Into<String>) {
        self.change(|reasons| drop(reasons.insert(room, why.into())));
    }

    /// `room` is ready.
    pub fn is_ready(&self, room: &'static str) {
        self.change(|reasons| drop(reasons.remove(room)));
    }

    fn change<T>(&self, change: impl FnOnce(&mut BTreeMap<&'static str, String>) -> T) -> T {
        change(&mut self.reasons.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A listener at work.
#[derive(Debug)]
pub struct Ops {
    address: SocketAddr,
    server: ServerHandle,
    upkeep: tokio::task::JoinHandle<()>,
}

/// Everything the handlers look at.
#[derive(Clone)]
struct Shown {
    clock: Clock,
    metrics: PrometheusHandle,
    readiness: Readiness,
}

impl Ops {
    /// Starts to serve on `listener`; must be called inside the actix system.
    ///
    /// Errors: the listener cannot be used, or its worker not be started.
    pub fn start(
        listener: TcpListener,
        clock: Clock,
        metrics: PrometheusHandle,
        readiness: Readiness,
    ) -> std::io::Result<Ops> {
        let address = listener.local_addr()?;
        let upkeep = tokio::spawn(upkeep(clock.clone(), metrics.clone()));
        let shown = Shown {
            clock,
            metrics,
            readiness,
        };
        let server = HttpServer::new(move || {
            let no_store = DefaultHeaders::new()
                .add(("Cache-Control", "no-store"))
                .add(("X-Content-Type-Options", "nosniff"));
            App::new()
                .wrap(no_store)
                .app_data(web::Data::new(shown.clone()))
                .configure(routes)
        })
        .workers(1)
        .max_connections(limits::OPS_CONNECTIONS_MAX)
        .client_request_timeout(limits::OPS_REQUEST_WAIT)
        .shutdown_timeout(1)
        .disable_signals()
        .listen(listener)?
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Ops {
            address,
            server: handle,
            upkeep,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it; requests under way have a second.
    pub async fn stop(self) {
        self.upkeep.abort();
        self.server.stop(true).await;
    }
}

/// The recorder wants its histograms drained now and then, and the clock wants to look at the
/// wall clock even when nobody asks it the time.
async fn upkeep(clock: Clock, metrics: PrometheusHandle) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        clock.now();
        metrics.run_upkeep();
    }
}

fn routes(app: &mut web::ServiceConfig) {
    let json = web::JsonConfig::default()
        .limit(limits::OPS_BODY_BYTES_MAX)
        .content_type_required(false)
        .content_type(|_| true)
        .error_handler(|error, _| {
            let response = HttpResponse::BadRequest().json(Complaint {
                error: error.to_string(),
            });
            actix_web::error::InternalError::from_response(error, response).into()
        });
    app.app_data(json)
        .app_data(web::PayloadConfig::new(limits::OPS_BODY_BYTES_MAX))
        .route("/metrics", web::get().to(metrics))
        .route("/health/live", web::get().to(live))
        .route("/health/ready", web::get().to(ready))
        .service(
            web::resource("/clock")
                .route(web::get().to(show_clock))
                .route(web::post().to(shift)),
        )
        .default_service(web::to(nothing_here));
}

#[derive(Serialize)]
struct Complaint {
    error: String,
}

async fn nothing_here() -> HttpResponse {
    let error = "there is /metrics, /health/live, /health/ready and /clock".to_owned();
    HttpResponse::NotFound().json(Complaint { error })
}

async fn metrics(shown: web::Data<Shown>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(shown.metrics.render())
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    reasons: BTreeMap<&'static str, String>,
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Health {
        status: "live",
        reasons: BTreeMap::new(),
    })
}

async fn ready(shown: web::Data<Shown>) -> HttpResponse {
    let reasons = shown.readiness.change(|reasons| reasons.clone());
    if reasons.is_empty() {
        HttpResponse::Ok().json(Health {
            status: "ready",
            reasons,
        })
    } else {
        HttpResponse::ServiceUnavailable().json(Health {
            status: "not ready",
            reasons,
        })
    }
}

/// The clock as it is told to operators.
#[derive(Serialize)]
struct ClockShown {
    /// House time in Seoul.
    now: String,
    /// House time in microseconds since 1970.
    now_micros: i64,
    /// Real time in Seoul.
    real: String,
    offset_seconds: i64,
    speed: f64,
}

fn clock_shown(reading: &Reading) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(ContentType::json())
        .json(ClockShown {
            now: reading.now.to_string(),
            now_micros: reading.now.as_micros(),
            real: reading.real.to_string(),
            offset_seconds: reading.offset_seconds,
            speed: reading.speed,
        })
}

async fn show_clock(shown: web::Data<Shown>) -> HttpResponse {
    clock_shown(&shown.clock.reading())
}

/// A wish to shift the clock; absent fields keep their value.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    offset_seconds: Option<i64>,
    speed: Option<f64>,
}

async fn shift(shown: web::Data<Shown>, wish: web::Json<Wish>) -> HttpResponse {
    let before = shown.clock.reading();
    let offset_seconds = wish.offset_seconds.unwrap_or(before.offset_seconds);
    let speed = wish.speed.unwrap_or(before.speed);
    match shown.clock.shift(offset_seconds, speed) {
        Ok(()) => {
            tracing::info!(offset_seconds, speed, "the clock was shifted");
            clock_shown(&shown.clock.reading())
        }
        Err(refused @ ShiftRefused::NotSandbox) => HttpResponse::Forbidden().json(Complaint {
            error: refused.to_string(),
        }),
        Err(refused @ (ShiftRefused::Offset | ShiftRefused::Speed)) => HttpResponse::BadRequest()
            .json(Complaint {
                error: refused.to_string(),
            }),
    }
}

#[cfg(test)]
mod tests;
