//! The books without a socket: commands in, receipts and tables out, over the engine of memory.

mod check;
mod correction;
mod deposit;
mod hold;
mod import;
mod journal_words;
mod model;
mod money;
mod once;
mod people_words;
mod support;
mod system;
mod told;
mod webhook;
