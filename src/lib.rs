//! Naru, room by room. Each line says what a room is for and what it must not know.
//!
//! * [`domain`] — the rules: pure functions over facts. Knows nothing but itself.
//! * [`store`] — the books: journal, tables, the one writer. Knows the domain and the disk.

pub mod domain;
pub mod store;
