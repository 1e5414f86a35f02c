//! Which face a request is for, and how that face says that a request ended early.

use actix_web::HttpResponse;
use serde_json::json;

use super::{Stop, ezpg, payaction};

/// A face, by the first part of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// `/ezpg/…`
    Ezpg,
    /// `/payaction/…`
    Payaction,
    /// Anything else.
    Nobody,
}

impl Face {
    /// The face that `path` leads to.
    pub fn of(path: &str) -> Face {
        match path.split('/').nth(1) {
            Some("ezpg") => Face::Ezpg,
            Some("payaction") => Face::Payaction,
            _ => Face::Nobody,
        }
    }

    /// Its name, for the log and the metrics.
    pub fn name(self) -> &'static str {
        match self {
            Face::Ezpg => "ezpg",
            Face::Payaction => "payaction",
            Face::Nobody => "none",
        }
    }

    /// The methods that this face's document has for `path`.
    pub fn methods_at(self, path: &str) -> Vec<String> {
        match self {
            Face::Ezpg => ezpg::DOCUMENT.methods_at(path),
            Face::Payaction => payaction::DOCUMENT.methods_at(path),
            Face::Nobody => Vec::new(),
        }
    }

    /// Says in this face's shape that a request to `path` ended early.
    pub fn say(self, path: &str, stop: Stop) -> HttpResponse {
        let mut response = match self {
            Face::Ezpg => return ezpg::say(path, stop),
            Face::Payaction => return payaction::say(stop),
            Face::Nobody => {
                HttpResponse::build(stop.status()).json(json!({ "error": stop.words() }))
            }
        };
        if let Some(seconds) = stop.retry_after() {
            let name = actix_web::http::header::RETRY_AFTER;
            response.headers_mut().insert(name, seconds.into());
        }
        response
    }
}
