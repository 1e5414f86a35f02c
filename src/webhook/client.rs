//! The one way in which we call a merchant's server: HTTPS to public addresses, no redirects, no
//! proxy, a bounded time in which everything must have happened, and a bounded answer.

use reqwest::redirect::Policy;

use super::address::{Allowed, Nowhere, Resolver, read_url};
use crate::clock;
use crate::domain::webhook::Fault;
use crate::limits;

/// Posts letters. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    allowed: Allowed,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: Option<u16>,
    /// The body, up to [`limits::WEBHOOK_ANSWER_BYTES_MAX`].
    pub(crate) body: Vec<u8>,
    /// Whether the body ended within that bound.
    pub(crate) whole: bool,
    /// `Retry-After` as it came.
    pub(crate) retry_after: Option<String>,
    /// Why there is no status, or no whole body.
    pub(crate) fault: Option<Fault>,
    /// How long it took, in milliseconds.
    pub(crate) took_millis: u64,
}

impl Client {
    /// A client that calls what is `allowed`. `roots` are certificates of authorities, in PEM,
    /// that it trusts beside the system's.
    ///
    /// # Errors
    /// The TLS of this machine cannot be set up, or a certificate cannot be read.
    pub fn new(allowed: Allowed, roots: &[u8]) -> Result<Client, reqwest::Error> {
        Client::waiting(allowed, roots, limits::WEBHOOK_WAIT)
    }

    /// The same with another patience.
    fn waiting(
        allowed: Allowed,
        roots: &[u8],
        wait: std::time::Duration,
    ) -> Result<Client, reqwest::Error> {
        let more = reqwest::Certificate::from_pem_bundle(roots)?;
        let http = reqwest::Client::builder()
            .dns_resolver(Resolver { allowed })
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .https_only(allowed == Allowed::Public)
            .tls_certs_merge(more)
            .tcp_nodelay(true)
            .connect_timeout(limits::WEBHOOK_CONNECT_WAIT)
            .timeout(wait)
            .pool_idle_timeout(limits::WEBHOOK_IDLE)
            .pool_max_idle_per_host(limits::LETTERS_PER_ENDPOINT_MAX)
            .build()?;
        Ok(Client { http, allowed })
    }

    /// What it calls.
    pub fn allowed(&self) -> Allowed {
        self.allowed
    }

    /// Posts `body` and waits for the answer. It always comes back, with an answer or a fault.
    pub(crate) async fn post(
        &self,
        url: &str,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    ) -> Reply {
        let began = clock::monotonic();
        let mut reply = Reply::default();
        match read_url(url, self.allowed) {
            Err(super::UrlFault::NotPublic) => reply.fault = Some(Fault::AddressRefused),
            Err(_) => reply.fault = Some(Fault::BadUrl),
            Ok(url) => {
                let mut request = self.http.post(url).body(body);
                for (name, value) in headers {
                    request = request.header(name, value);
                }
                if let Err(error) = take(request, &mut reply).await {
                    reply.fault = Some(fault(&error));
                }
            }
        }
        let took = clock::monotonic().saturating_duration_since(began);
        reply.took_millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        reply
    }
}

/// Sends, and takes in of the answer what may be taken in.
async fn take(request: reqwest::RequestBuilder, reply: &mut Reply) -> Result<(), reqwest::Error> {
    let mut response = request.send().await?;
    reply.status = Some(response.status().as_u16());
    let asked = response.headers().get("retry-after");
    reply.retry_after = asked
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    while let Some(chunk) = response.chunk().await? {
        let room = limits::WEBHOOK_ANSWER_BYTES_MAX - reply.body.len();
        reply.body.extend(chunk.iter().take(room));
        if chunk.len() > room {
            return Ok(());
        }
    }
    reply.whole = true;
    Ok(())
}

/// What kind of failure it was. TLS errors are known by their words: the crate beneath is not ours
/// to name.
fn fault(error: &reqwest::Error) -> Fault {
    if error.is_timeout() {
        return Fault::TimedOut;
    }
    if error.is_builder() {
        return Fault::BadUrl;
    }
    let mut words = String::new();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        match error.downcast_ref::<Nowhere>() {
            Some(Nowhere::NotResolved) => return Fault::NameNotResolved,
            Some(Nowhere::NotPublic) => return Fault::AddressRefused,
            None => {}
        }
        let io = error.downcast_ref::<std::io::Error>();
        if let Some(found) = io.and_then(|io| of_io(io.kind())) {
            return found;
        }
        words = error.to_string();
        cause = error.source();
    }
    of_words(&words).unwrap_or(Fault::Broke)
}

fn of_io(kind: std::io::ErrorKind) -> Option<Fault> {
    match kind {
        std::io::ErrorKind::ConnectionRefused => Some(Fault::ConnectionRefused),
        std::io::ErrorKind::TimedOut => Some(Fault::TimedOut),
        _ => None,
    }
}

/// A TLS failure by the words of its innermost cause.
fn of_words(words: &str) -> Option<Fault> {
    let words = words.to_ascii_lowercase();
    let says = |part: &str| words.contains(part);
    if says("certificate") {
        return Some(
            if says("expired") || says("not valid yet") || says("notvalidyet") {
                Fault::CertificateExpired
            } else if says("name") {
                Fault::CertificateName
            } else {
                Fault::CertificateUntrusted
            },
        );
    }
    let tls = [
        "tls",
        "handshake",
        "alert",
        "peer is incompatible",
        "corrupt message",
    ];
    tls.iter().any(|part| says(part)).then_some(Fault::Tls)
}

#[cfg(test)]
mod tests;
