//! The merchants' side of the house: what every face of it stands on.
//!
//! A face translates: from somebody else's field names to a command or a question, and from a
//! verdict to somebody else's answer. Rules live in the domain. Faces share nothing with each
//! other but this room: who calls ([`origin`]), what was sent ([`body`]), how often one may
//! ([`gate`]), and [`Rooms`], the handles to the house.
//!
//! ```text
//!   request ─▶ web (limits, trace) ─▶ face: caller, body ─▶ Rooms::carry_out_once ─▶ answer
//! ```

pub mod answer;
pub mod body;
pub mod caller;
pub(crate) mod document;
pub mod ezpg;
pub mod face;
pub mod gate;
pub(crate) mod hidden;
pub mod keys;
pub mod origin;
pub(crate) mod payaction;
pub mod rooms;
pub mod stop;
pub mod text;
pub mod trace;

pub use body::Asked;
pub(crate) use caller::{Entrant, Person};
pub use face::Face;
pub use gate::{Gate, GateSettings};
pub use keys::{KeyFault, Keys};
pub use rooms::{Describe, InFlight, OnceKey, Rooms, Said, Turn};
pub use stop::Stop;
