//! The books: one journal, one writer, and tables derived from the journal.
//!
//! Knows the domain and the disk; knows no telegram, no socket and no HTTP.

pub mod engine;
mod ledger;

pub use ledger::{Busy, Ledger, Pending, Receipt};
