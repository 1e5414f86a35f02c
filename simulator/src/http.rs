//! Plain HTTP/1.1, both ways: a client that keeps its connections, and a listener that can
//! misbehave.
//!
//! No TLS: a sandbox is spoken to on this machine. Nothing here knows what is said; `shop` asks and
//! `merchant` listens.

mod client;
mod listener;

pub(crate) use client::{Client, Reply, Request};
pub(crate) use listener::{Answer, Came, Listener};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The address makes no sense; only `http://HOST:PORT/…` does.
    #[error("`{0}` is no address such as http://127.0.0.1:8080")]
    Address(String),
    /// Nobody took the connection.
    #[error("cannot reach {address}: {what}")]
    Unreachable {
        /// Whom it was about.
        address: String,
        /// What the system said.
        what: String,
    },
    /// The connection ended, or what came was no HTTP.
    #[error("no answer from {address}: {what}")]
    Broken {
        /// Whom it was about.
        address: String,
        /// What happened.
        what: String,
    },
    /// Nothing came in time.
    #[error("nothing from {address} within {seconds} s")]
    Silence {
        /// Whom it was about.
        address: String,
        /// How long was waited.
        seconds: u64,
    },
}
