//! Letters to merchants' endpoints (웹훅): taken from the outbox, written in the endpoint's
//! dialect, posted, and what came of it put into the journal.
//!
//! ```text
//!   outbox (store) ──▶ courier ──▶ body + headers ──▶ client ──▶ the merchant's server
//!                        ▲                                             │
//!                        └──── Command::Webhook(Record) ◀──── attempt ─┘
//! ```
//!
//! Whether and when a letter is tried again is decided in the domain. This room decides nothing; it
//! does not know the faces, and it never stands between money and the books.

mod address;
mod body;
mod client;
mod courier;
mod headers;
mod sender;
mod signature;
mod trial;
mod yes;

pub use address::{Allowed, UrlFault, is_public, read_url};
pub use client::Client;
pub use courier::{Courier, Settings, Stop};
pub use headers::{CONTEXT, Signing, request_headers, trace_id};
pub use sender::{MallKeys, Sender};
pub use signature::{sign, signing_key};
pub use trial::{Trial, of_fault, words};

pub use body::{Data, body, data, transaction_id};
