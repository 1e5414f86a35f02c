//! The bank's face over real sockets: a relay made by hand on one side, the books on the other.
//!
//! Telegrams are written here byte by byte from the specification, never by our own composer, so
//! that a mistake of the codec cannot hide itself. No test waits for the clock: what must come
//! late is held back by a gate that the test opens.

mod aggregate;
mod bad_calls;
mod bad_input;
mod correction;
mod credentials;
mod deposit;
mod documents;
mod earnest;
mod endpoints;
mod ezpg;
mod http;
mod idempotency;
mod limits;
mod link;
mod logs;
mod matrix;
mod merchants;
mod notifications;
mod once_everywhere;
mod own_writes;
mod payaction;
mod payee_lookup;
mod people;
mod pre_deposit_check;
mod production;
mod second_relay;
mod stop;
mod support;
mod system;
mod webhook;
