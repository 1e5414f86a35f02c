//! A listener on a thread of its own that can be taken down and brought up again.
//!
//! What it answers is its handler's matter, and so is whether: a connection may be left hanging, or
//! closed without a word.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// The largest body that is read.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Orders that may wait.
const ORDERS: usize = 16;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Came {
    /// When its head had been read.
    pub(crate) at: Instant,
    pub(crate) method: String,
    /// Names in small letters, in the order in which they came.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Came {
    /// A header's value, by its name in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What is done with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is answered, after a while.
    Say {
        after: Duration,
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Bytes,
    },
    /// Nothing ever comes back; the other side must end it.
    Hang,
    /// The connection is closed without an answer.
    Close,
}

type Handler = Arc<dyn Fn(Came) -> Answer + Send + Sync>;

enum Order {
    Down(SyncSender<()>),
    Up(SyncSender<io::Result<()>>),
}

/// A listener; it ends when this is dropped.
pub(crate) struct Listener {
    address: SocketAddr,
    orders: Option<mpsc::Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // A panic in there has been told on the error stream already.
            let _ = thread.join();
        }
    }
}

impl Listener {
    /// Listens; port 0 takes a free one.
    pub(crate) fn start(
        address: &str,
        handler: impl Fn(Came) -> Answer + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        // Bound without the runtime, so that it can be called within another one.
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (orders, inbox) = mpsc::channel(ORDERS);
        let handler: Handler = Arc::new(handler);
        let thread = std::thread::Builder::new()
            .name("receiver".into())
            .spawn(move || runtime.block_on(serve(address, listener, inbox, handler)))?;
        Ok(Self {
            address,
            orders: Some(orders),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the port and everything that was open on it. Blocks until that is so.
    pub(crate) fn down(&self) {
        let (done, told) = sync_channel(1);
        self.order(Order::Down(done));
        // Without a thread there is no port either.
        let _ = told.recv();
    }

    /// Listens again on the same port.
    pub(crate) fn up(&self) -> io::Result<()> {
        let (done, told) = sync_channel(1);
        self.order(Order::Up(done));
        told.recv().unwrap_or(Ok(()))
    }

    fn order(&self, order: Order) {
        // Whoever orders waits for the answer, so that there is always room for the next.
        if let Some(orders) = &self.orders {
            let _ = orders.try_send(order);
        }
    }
}

async fn serve(
    address: SocketAddr,
    listener: std::net::TcpListener,
    mut orders: mpsc::Receiver<Order>,
    handler: Handler,
) {
    // A listener that cannot be used is as one that was closed.
    let mut listener = TcpListener::from_std(listener).ok();
    let mut connections = JoinSet::new();
    loop {
        let accepted = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => pending().await,
            }
        };
        tokio::select! {
            order = orders.recv() => match order {
                None => return,
                Some(Order::Down(done)) => {
                    listener = None;
                    connections.shutdown().await;
                    let _ = done.send(());
                }
                Some(Order::Up(done)) => {
                    let bound = match listener.take() {
                        Some(listener) => Ok(listener),
                        None => TcpListener::bind(address).await,
                    };
                    let _ = done.send(bound.map(|bound| listener = Some(bound)));
                }
            },
            accepted = accepted => if let Ok((stream, _)) = accepted {
                connections.spawn(connection(stream, Arc::clone(&handler)));
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn connection(stream: TcpStream, handler: Handler) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(request, Arc::clone(&handler)));
    // However it ends, the other side has seen it too.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// An error closes the connection without an answer.
async fn answer(
    request: hyper::Request<Incoming>,
    handler: Handler,
) -> Result<hyper::Response<Full<Bytes>>, Closed> {
    let at = Instant::now();
    let (head, body) = request.into_parts();
    let body = Limited::new(body, BODY_BYTES_MAX).collect().await;
    let body = body.map_err(|_| Closed)?.to_bytes();
    let headers = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), value.into_owned())
    });
    let came = Came {
        at,
        method: head.method.to_string(),
        headers: headers.collect(),
        body,
    };
    match handler(came) {
        Answer::Close => Err(Closed),
        Answer::Hang => {
            let forever: Infallible = pending().await;
            match forever {}
        }
        Answer::Say {
            after,
            status,
            headers,
            body,
        } => {
            if !after.is_zero() {
                tokio::time::sleep(after).await;
            }
            let mut response = hyper::Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(Full::new(body)).map_err(|_| Closed)
        }
    }
}

/// The connection is to be closed.
#[derive(Debug, thiserror::Error)]
#[error("closed on purpose")]
struct Closed;
