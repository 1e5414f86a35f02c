//! The merchants' listener: HTTP on one address, with a face under each first part of the path.
//!
//! It bounds what comes in (connections, heads, bodies, rates), gives each request its id and
//! its caller's address, measures, and lets the faces answer. It knows no business and no face's
//! fields; what a face says of an early end is the face's own.

mod door;

use std::net::{SocketAddr, TcpListener};

use actix_web::dev::ServerHandle;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::middleware::from_fn;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

use crate::limits;
use crate::merchant::{Face, Rooms, Stop, ezpg, payaction};
use crate::network::Network;

/// What the listener must know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Proxies whose forwarded addresses are believed.
    pub proxies: Vec<Network>,
    /// Connections at the same time.
    pub connections_max: usize,
}

/// A listener at work.
#[derive(Debug)]
pub struct Web {
    address: SocketAddr,
    server: ServerHandle,
    upkeep: tokio::task::JoinHandle<()>,
}

impl Web {
    /// Starts to serve on `listener`; must be called inside the actix system.
    ///
    /// # Errors
    /// The listener cannot be used, or its workers not be started.
    pub fn start(listener: TcpListener, rooms: Rooms, settings: Settings) -> std::io::Result<Web> {
        let address = listener.local_addr()?;
        let upkeep = tokio::spawn(upkeep(rooms.clone()));
        let rooms = web::Data::new(rooms);
        let connections = settings.connections_max.div_ceil(limits::HTTP_THREADS);
        let settings = web::Data::new(settings);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(rooms.clone())
                .app_data(settings.clone())
                .wrap(from_fn(door::pass))
                .configure(routes)
        })
        .workers(limits::HTTP_THREADS)
        .max_connections(connections)
        .keep_alive(limits::HTTP_IDLE)
        .client_request_timeout(limits::HTTP_HEAD_WAIT)
        .shutdown_timeout(limits::HTTP_STOP_SECONDS)
        .disable_signals()
        .listen(listener)?
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Web {
            address,
            server: handle,
            upkeep,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The orderly end: no new requests, those under way have a few seconds.
    pub async fn stop(self) {
        self.upkeep.abort();
        self.server.stop(true).await;
    }
}

/// Every path there is.
pub(crate) fn routes(app: &mut web::ServiceConfig) {
    app.service(
        web::scope("/ezpg")
            .configure(ezpg::routes)
            .default_service(web::to(nothing_here)),
    )
    .service(
        web::scope("/payaction")
            .configure(payaction::routes)
            .default_service(web::to(nothing_here)),
    )
    .default_service(web::to(nothing_here));
}

/// There is nothing, or something for another method.
async fn nothing_here(request: HttpRequest) -> HttpResponse {
    let face = Face::of(request.path());
    let methods = face.methods_at(request.path());
    let known = methods
        .iter()
        .any(|method| method == request.method().as_str());
    if methods.is_empty() || known {
        return face.say(request.path(), Stop::NotFound);
    }
    let mut response = face.say(request.path(), Stop::Method);
    if let Ok(allowed) = HeaderValue::from_str(&methods.join(", ")) {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}

async fn upkeep(rooms: Rooms) {
    loop {
        tokio::time::sleep(limits::GATE_TIDY_EVERY).await;
        rooms.gate.tidy();
    }
}
