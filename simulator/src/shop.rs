//! A shop and its head office (본사) as the gateway's customers: plain HTTP, by the published faces.
//!
//! [`HeadOffice`] logs in to the EzPG admin interface, one-time codes included, and does what an
//! administrator does: registers a merchant, takes its credentials, registers endpoints. [`Shop`]
//! is one merchant with its keys: it places orders and asks for them. Neither knows more of the
//! gateway than the interface documents say.

mod head_office;
mod keys;
mod merchant;
mod totp;

pub use head_office::HeadOffice;
pub use keys::Keys;
pub use merchant::{Credential, Shop};
pub(crate) use merchant::{encoded, verdict};
pub use totp::one_time_code;

pub use crate::http::HttpError;

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShopError {
    /// No answer came.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The gateway said no, or something that cannot be understood.
    #[error("{what}: the gateway said {said}")]
    Said {
        /// What was asked for.
        what: String,
        /// Status and body.
        said: String,
    },
    /// The file of keys cannot be read or written.
    #[error("keys in {path}: {what}")]
    Keys {
        /// The file.
        path: String,
        /// What the system said.
        what: String,
    },
}
