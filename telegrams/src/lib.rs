//! Fixed-length bank telegrams as data: bytes in, meaning out, and back.
//!
//! A relay between banks and institutions (중계기관) speaks in telegrams of fixed length. This
//! crate turns a stream of bytes into frames ([`FrameCodec`]), frames into records
//! ([`Profile::read`]), records into typed telegrams ([`telegram`]), and answers back into bytes
//! ([`Record::reply`]). Which byte means what is said in `layouts/*.toml` and nowhere else; a
//! second relay is a second file.
//!
//! ```
//! use telegrams::{Answer, Field, Kind, Profiles, Reading};
//!
//! let profile = Profiles::embedded().get("dozn").unwrap();
//! let request = profile
//!     .compose(Kind::LineTest)
//!     .text(Field::Institution, "30000003")
//!     .text(Field::TradeDate, "20200407")
//!     .text(Field::TradeTime, "150256")
//!     .text(Field::TraceNo, "04070000000001")
//!     .finish()
//!     .unwrap();
//! let Reading::Request(record) = profile.read(request) else { panic!("a line test") };
//! let reply = record.reply(Answer::Accepted).bytes();
//! assert_eq!(&reply[14..18], b"0810");
//! ```
//!
//! It opens no socket, asks no clock, and knows no gateway. The books and the link are elsewhere;
//! here is only what the bytes say.

mod answer;
mod charset;
mod compile;
mod compose;
pub mod describe;
pub mod document;
mod field;
mod fields;
mod frame;
mod kind;
mod layout;
mod layout_error;
mod malformed;
pub mod mask;
mod picture;
mod profile;
mod profiles;
mod reading;
mod record;
mod reply;
mod sheet;
pub mod telegram;
mod vocabulary;
mod write;

pub use answer::Answer;
pub use charset::Charset;
pub use compose::{ComposeError, Composer};
pub use field::Field;
pub use fields::Fields;
pub use frame::{FrameCodec, FrameError};
pub use kind::Kind;
pub use layout::{Asker, Personal};
pub use layout_error::{LayoutError, LayoutErrors};
pub use malformed::{FieldName, Malformed, Why};
pub use profile::{Key, Profile, Reading};
pub use profiles::Profiles;
pub use record::Record;
pub use reply::Reply;
