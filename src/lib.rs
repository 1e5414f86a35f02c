//! Naru: a payment gateway that ferries a bank's deposits to merchants.
//!
//! A bank's telegram knocks, becomes a command, is decided once by a pure function, is written
//! once in a journal, and everything else is a reading of that journal. Room by room, what each is
//! for and what it must not know:
//!
//! * [`domain`] — the rules: pure functions over facts. Knows nothing but itself.
//! * [`store`] — the books: journal, tables, the one writer. Knows the domain and the disk.
//! * [`bank`] — the bank's face: sessions, desks, answers. Knows telegrams and the doors of the
//!   store; no merchant, no row, no relay by name.
//! * [`clock`] — the only place that tells time. Knows not who asks.
//! * [`telemetry`] — every metric's name and help, the set-up of the logs. Knows not who measures.
//! * [`config`] — TOML and environment to plain structs, checked once. Knows not what rooms do.
//! * [`network`] — ranges of addresses. Knows no sockets.
//! * [`pulse`] — asks the books once a second to end what is over. Knows the store's doors.
//! * [`gateway`] — builds the rooms bottom-up and stops them in reverse. Knows every room.
//! * [`limits`] — every bound of the house. Knows nothing but numbers.
//! * [`secrets`] — wraps and hashes what must not lie in the books in clear; knows not whose.
//! * [`merchant`] — the merchants' side: faces, who calls, how often one may. Knows the doors of
//!   the store; no row, no telegram.
//! * [`web`] — the merchants' listener: limits, ids of requests, proxies. Knows no business.
//! * [`people`] — passwords, second factors, tokens: what takes dice, time or a secret.
//! * [`ops`] — the operators' listener: metrics, health, sandbox clock. Knows no money.
//! * [`cli`] — the command line: builds the rooms bottom-up and stops them in reverse. Knows every
//!   room and no business.

pub mod bank;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod gateway;
pub mod limits;
pub mod merchant;
pub mod message;
pub mod network;
pub mod ops;
pub mod people;
pub mod pulse;
pub mod secrets;
pub mod store;
pub mod telemetry;
pub mod web;
pub mod webhook;
