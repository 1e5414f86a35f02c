//! A simulated bank with its relay, for desks, demos and tests.
//!
//! The bank dials the gateway as the relay (더즌) does, tells of deposits and corrections, asks
//! questions, and keeps a book of its own. These are made of it:
//!
//! * [`scenario`]: TOML files that say what the bank does and what it must hear; [`scenario::play`]
//!   returns a [`verdict::Verdict`] in words.
//! * [`demo::bank_day`]: one busy day with a report of what the bank believes beside what it was
//!   answered.
//! * [`merchant`]: the other end of the gateway's webhooks, as unreliable as it is told to be.
//! * [`shop`]: a merchant and its head office as customers of the gateway's HTTP.
//! * [`load`]: traffic at a set rate or a set depth, as cheap as the machine allows.
//!
//! The crate knows the telegrams and the published HTTP interfaces, and must never know the
//! gateway: it could not judge otherwise. Nothing here is for production; it sends what it is told
//! to, broken bytes included.

pub mod accounts;
mod bank;
pub mod book;
pub mod day;
pub mod demo;
mod draft;
pub mod house;
mod http;
mod line;
pub mod load;
pub mod merchant;
mod places;
pub mod scenario;
pub mod shop;
pub mod verdict;

pub use demo::{BankDay, DayReport, ShopDay, ShopReport, bank_day, shop_day};
