//! One attempt: the body, the headers that prove who sends it, the call, and what came of it.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::client::{Client, Reply};
use super::headers::{CONTEXT, Signing, request_headers};
use super::{body, yes};
use crate::clock::Clock;
use crate::domain::webhook::{Attempt, Fault};
use crate::domain::{Dialect, Endpoint, EventId, MerchantId, Timestamp};
use crate::limits;
use crate::secrets::Secrets;
use crate::store::Errand;

/// Where the key of a mall is found, with which `payaction` endpoints prove themselves that have
/// no secret of their own.
pub trait MallKeys: Send + Sync {
    /// The webhook key of a merchant; none where it has none.
    fn webhook_key(&self, merchant: &MerchantId) -> Option<Zeroizing<String>>;
}

/// Signs and posts. Clones share their connections.
#[derive(Clone)]
pub struct Sender {
    /// House time.
    pub clock: Clock,
    /// Opens endpoints' secrets.
    pub secrets: Secrets,
    /// Finds malls' keys.
    pub keys: Arc<dyn MallKeys>,
    /// Calls.
    pub client: Client,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl Sender {
    /// One attempt of a letter. It always comes back.
    pub(crate) async fn post(&self, errand: &Errand) -> Attempt {
        let about = (errand.letter.event, errand.telling.at);
        let body = body(errand.endpoint.dialect, &errand.telling);
        self.attempt(&errand.endpoint, about, body).await
    }

    /// One attempt with this body about this happening. Without a body, or a key to sign it
    /// with, nothing leaves.
    pub(super) async fn attempt(
        &self,
        endpoint: &Endpoint,
        about: (EventId, Timestamp),
        body: Option<Vec<u8>>,
    ) -> Attempt {
        let sent_at = self.clock.now();
        let mut attempt = Attempt {
            url: endpoint.url.clone(),
            sent_at,
            took_millis: 0,
            status: None,
            answer: None,
            fault: None,
            accepted: false,
            retry_after: None,
        };
        let Some((body, signing)) = body.zip(self.signing(endpoint, sent_at)) else {
            attempt.fault = Some(Fault::NoKey);
            return attempt;
        };
        let headers = request_headers(endpoint, about, sent_at, &signing, &body);
        let reply = self.client.post(&endpoint.url, headers, body).await;
        self.judge(endpoint.dialect, &reply, &mut attempt);
        attempt
    }

    /// What an answer means, and as much of it as is kept.
    fn judge(&self, dialect: Dialect, reply: &Reply, attempt: &mut Attempt) {
        let yes = |status| yes::accepted(dialect, status, &reply.body, reply.whole);
        attempt.took_millis = reply.took_millis;
        attempt.status = reply.status;
        attempt.fault = reply.fault;
        attempt.accepted = reply.status.is_some_and(yes);
        let asked = reply.retry_after.as_deref();
        attempt.retry_after = asked.and_then(|asked| seconds(asked, self.clock.real_now()));
        if reply.status.is_some() {
            let kept = reply.body.len().min(limits::WEBHOOK_ANSWER_BYTES_KEPT);
            attempt.answer = Some(String::from_utf8_lossy(&reply.body[..kept]).into_owned());
        }
    }

    /// The secrets that sign for an endpoint at `now`.
    fn signing(&self, endpoint: &Endpoint, now: Timestamp) -> Option<Signing> {
        let context = format!("{CONTEXT}{}", endpoint.merchant);
        let mut secrets = Vec::with_capacity(2);
        if let Some(secret) = &endpoint.secret {
            secrets.extend(self.secrets.open_text(&context, secret));
        } else if endpoint.dialect == Dialect::Payaction {
            secrets.extend(self.keys.webhook_key(&endpoint.merchant));
        }
        if secrets.is_empty() {
            return None;
        }
        let former = endpoint.former.as_ref().filter(|former| now < former.until);
        let opened = |secret| self.secrets.open_text(&context, secret);
        secrets.extend(former.and_then(|former| opened(&former.secret)));
        Some(Signing(secrets))
    }
}

/// `Retry-After`: so many seconds, or an HTTP date of the real world.
fn seconds(asked: &str, now: Timestamp) -> Option<i64> {
    if let Ok(seconds) = asked.trim().parse::<u32>() {
        return Some(i64::from(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(asked.trim()).ok()?.timestamp();
    let left = until.as_second() - now.as_micros().div_euclid(1_000_000);
    (left > 0).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::seconds;
    use crate::domain::Timestamp;

    #[test]
    fn a_receiver_may_ask_for_patience_in_two_ways() {
        let now = Timestamp::from_micros(1_445_412_480 * 1_000_000);
        for (asked, wait) in [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("Wed, 21 Oct 2015 07:30:00 GMT", Some(120)),
            ("Wed, 21 Oct 2015 07:20:00 GMT", None),
            ("-1", None),
            ("soon", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(seconds(asked, now), wait, "{asked:?}");
        }
    }
}
