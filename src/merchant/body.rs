//! What was sent: a request's body within its bounds of size and time, and the key under which
//! the caller wants it done once.

use std::fmt;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;

use super::{Rooms, Stop};
use crate::{limits, store};

/// The header under which a caller wants something done once.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A request with its whole body.
#[derive(Clone)]
pub struct Asked {
    /// The body.
    pub body: Bytes,
    /// The key under which it is to be done once, where the caller gave one.
    pub key: Option<String>,
    /// What was asked, as a hash of call and body; nought where there is no key.
    pub asked: [u8; 32],
}

impl fmt::Debug for Asked {
    /// Without the body and the key: one may hold a secret, the other opens one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked")
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Asked {
    /// Reads the body of `request` and its idempotency key.
    ///
    /// # Errors
    /// [`Stop`] where it is too large, too slow or cut off, or where the key is unfit.
    pub async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Asked, Stop> {
        let key = key(request.headers())?;
        let max = request
            .app_data::<web::Data<Rooms>>()
            .map_or(limits::HTTP_BODY_BYTES_DEFAULT, |rooms| {
                rooms.body_bytes_max
            });
        if announced(request.headers()) > limits::HTTP_BODY_DISCARDED_BYTES_MAX as u64 {
            return Err(Stop::TooLarge);
        }
        let reading = collect(payload, max);
        let body = tokio::time::timeout(limits::HTTP_BODY_WAIT, reading)
            .await
            .map_err(|_| Stop::TooSlow)??;
        // Only who wants something done once is asked whether it is the same.
        let asked = key.as_ref().map_or([0; 32], |_| {
            let call = format!("{} {}", request.method(), request.path());
            store::once::asked(&call, &same_form(&body))
        });
        Ok(Asked { body, key, asked })
    }
}

/// How long the caller says that the body is; nought where it does not say.
fn announced(headers: &HeaderMap) -> u64 {
    let said = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    said.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Collects a body. One that is too large is read on for a while, and thrown away, so that its
/// sender hears the answer instead of a broken connection.
async fn collect(payload: &mut Payload, max: usize) -> Result<Bytes, Stop> {
    let mut body = BytesMut::new();
    let mut length = 0_usize;
    while let Some(part) = payload.next().await {
        let part = part.map_err(|_| Stop::Cut)?;
        length = length.saturating_add(part.len());
        if length <= max {
            body.extend_from_slice(&part);
        } else if length > limits::HTTP_BODY_DISCARDED_BYTES_MAX {
            break;
        }
    }
    if length > max {
        return Err(Stop::TooLarge);
    }
    Ok(body.freeze())
}

/// The same JSON is the same question, whatever its spaces and the order of its fields.
fn same_form(body: &Bytes) -> Vec<u8> {
    let parsed: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let written = parsed.and_then(|value| serde_json::to_vec(&value).ok());
    written.unwrap_or_else(|| body.to_vec())
}

/// The idempotency key, bare or as a quoted string.
fn key(headers: &HeaderMap) -> Result<Option<String>, Stop> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Stop::KeyUnfit);
    }
    let text = value.to_str().map_err(|_| Stop::KeyUnfit)?.trim();
    let bare = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text);
    let fits = (1..=limits::IDEMPOTENCY_KEY_CHARACTERS_MAX).contains(&bare.len());
    let plain = bare
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'"');
    if fits && plain {
        Ok(Some(bare.to_owned()))
    } else {
        Err(Stop::KeyUnfit)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn keyed(values: &[&str]) -> Result<Option<String>, Stop> {
        let mut headers = HeaderMap::new();
        for value in values {
            let name = HeaderName::from_static(IDEMPOTENCY_KEY);
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        key(&headers)
    }

    #[test]
    fn a_key_is_read_quoted_or_bare() {
        assert_eq!(keyed(&[]), Ok(None));
        for text in ["abc-1", "\"abc-1\"", "  abc-1 "] {
            assert_eq!(keyed(&[text]), Ok(Some("abc-1".to_owned())), "{text}");
        }
        for unfit in ["", "\"\"", "a b", "\"a\"b\"", &"x".repeat(256)] {
            assert_eq!(keyed(&[unfit]), Err(Stop::KeyUnfit), "{unfit}");
        }
        assert_eq!(keyed(&["one", "two"]), Err(Stop::KeyUnfit));
    }

    #[test]
    fn what_was_sent_is_not_printed() {
        let asked = Asked {
            body: Bytes::from_static(b"{\"meky\":\"secret\"}"),
            key: Some("secret".to_owned()),
            asked: [0; 32],
        };
        assert_eq!(format!("{asked:?}"), "Asked { bytes: 17, .. }");
    }

    #[test]
    fn spaces_and_order_do_not_make_another_question() {
        let form = |text: &'static str| same_form(&Bytes::from_static(text.as_bytes()));
        assert_eq!(form("{\"a\": 1, \"b\":2}"), form("{\"b\":2,\"a\":1}"));
        assert_ne!(form("{\"a\":1}"), form("{\"a\":2}"));
        assert_ne!(form("not json"), form("not  json"));
    }
}
