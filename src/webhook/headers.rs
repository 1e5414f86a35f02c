//! The headers of a letter: those of Standard Webhooks on every dialect, and `PayAction`'s own.

use zeroize::Zeroizing;

use super::signature::{sign, signing_key};
use crate::domain::{Dialect, Endpoint, EventId, Timestamp, digits_of};

/// What an endpoint's secret is wrapped under, followed by its merchant's id.
pub const CONTEXT: &str = "webhook endpoint of ";

/// The secrets that sign for an endpoint right now, the newest first; never empty.
#[derive(Clone)]
pub struct Signing(pub Vec<Zeroizing<String>>);

impl std::fmt::Debug for Signing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signing(..)")
    }
}

/// The name that a happening has in `x-trace-id`: the same on every attempt and every endpoint.
pub fn trace_id(event: EventId, at: Timestamp) -> String {
    let millis = at.as_micros() / 1000;
    let (_, tail) = digits_of(&[event.position, u64::from(event.index)]);
    format!("{millis:013}x{tail:018}")
}

/// The headers of one attempt.
pub fn request_headers(
    endpoint: &Endpoint,
    (event, at): (EventId, Timestamp),
    sent_at: Timestamp,
    signing: &Signing,
    body: &[u8],
) -> Vec<(&'static str, String)> {
    let id = event.to_string();
    let timestamp = sent_at.as_micros().div_euclid(1_000_000);
    let keys: Vec<_> = signing.0.iter().map(|secret| signing_key(secret)).collect();
    let signature = sign(keys.iter().map(|key| &key[..]), &id, timestamp, body);
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        (
            "user-agent",
            concat!("naru/", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
        ("webhook-id", id),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ];
    if endpoint.dialect == Dialect::Payaction {
        let key = signing
            .0
            .first()
            .map(|key| key.to_string())
            .unwrap_or_default();
        headers.push(("x-webhook-key", key));
        headers.push(("x-mall-id", endpoint.merchant.to_string()));
        headers.push(("x-trace-id", trace_id(event, at)));
    }
    headers
}
