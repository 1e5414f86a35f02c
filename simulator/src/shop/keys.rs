//! What somebody needs to log in again: password, one-time secret, the last code used.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ShopError;

/// A user's keys, and those of one who has not logged in yet.
///
/// A one-time code works once, and the next comes half a minute later. Whoever has to log in again
/// sooner does so as another user; each one who gets in makes the next.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Keys {
    pub(super) user: String,
    pub(super) password: String,
    /// The one-time secret, once enrolled.
    pub(super) secret: Option<String>,
    /// The step of the last code used.
    pub(super) last_step: u64,
    /// Another user of head office and the password: never logged in so far.
    pub(super) spare: Option<(String, String)>,
    #[serde(skip)]
    pub(super) token: Option<String>,
    #[serde(skip)]
    pub(super) refresh: Option<String>,
    #[serde(skip)]
    file: Option<PathBuf>,
}

impl Keys {
    /// Those of a user who is to log in for the first time.
    pub fn new(user: &str, password: &str) -> Self {
        Self {
            user: user.to_owned(),
            password: password.to_owned(),
            secret: None,
            last_step: 0,
            spare: None,
            token: None,
            refresh: None,
            file: None,
        }
    }

    /// Those in a file, if it is there; otherwise the ones given, which are written to it from the
    /// first log-in on. Without them a later process cannot get in again.
    pub fn kept_in(path: &Path, first: Self) -> Result<Self, ShopError> {
        let kept = match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| fault(path, &error))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => first,
            Err(error) => return Err(fault(path, &error)),
        };
        Ok(Self {
            file: Some(path.to_owned()),
            ..kept
        })
    }

    /// Writes them to their file, where they have one.
    pub(super) fn keep(&self) -> Result<(), ShopError> {
        let Some(path) = &self.file else {
            return Ok(());
        };
        let text = serde_json::to_vec(self).map_err(|error| fault(path, &error))?;
        std::fs::write(path, text).map_err(|error| fault(path, &error))
    }
}

fn fault(path: &Path, error: &dyn std::fmt::Display) -> ShopError {
    ShopError::Keys {
        path: path.display().to_string(),
        what: error.to_string(),
    }
}
