//! The signature of Standard Webhooks, written from its specification.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What stands before a secret.
const PREFIX: &str = "whsec_";

/// The bytes of a secret such as `whsec_MfKQ…`, or the letters of one that is written otherwise;
/// `None` where it is none.
fn key(secret: &str) -> Option<Vec<u8>> {
    match secret.strip_prefix(PREFIX) {
        Some(coded) => STANDARD.decode(coded).ok(),
        None => Some(secret.as_bytes().to_vec()),
    }
}

/// The signature as it stands in `webhook-signature`: `v1,…`; `None` where the secret is none.
pub fn sign(secret: &str, id: &str, timestamp: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret)?).ok()?;
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    Some(format!(
        "v1,{}",
        STANDARD.encode(mac.finalize().into_bytes())
    ))
}

/// Whether one of the signatures in the header was made with one of the secrets.
pub(super) fn is_signed(
    secrets: &[String],
    id: &str,
    timestamp: &str,
    body: &[u8],
    header: &str,
) -> bool {
    secrets
        .iter()
        .filter_map(|secret| sign(secret, id, timestamp, body))
        .any(|due| header.split(' ').any(|signature| signature == due))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector that the specification's libraries are checked with.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIME: &str = "1614265330";
    const BODY: &[u8] = b"{\"test\": 2432232314}";
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn the_published_vector_holds() {
        assert_eq!(sign(SECRET, ID, TIME, BODY).unwrap(), SIGNED);
        assert_eq!(sign("whsec_§", ID, TIME, BODY), None);
    }

    #[test]
    fn one_good_signature_among_several_is_enough() {
        let secrets = [SECRET.to_owned()];
        let signed = |header: &str| is_signed(&secrets, ID, TIME, BODY, header);
        assert!(signed(SIGNED));
        assert!(signed(&format!("v1,AAAA {SIGNED} v1a,BBBB")));
        assert!(!signed("v1,AAAA"));
        assert!(!signed(""));
        assert!(!is_signed(&secrets, ID, "1614265331", BODY, SIGNED));
        assert!(!is_signed(&secrets, ID, TIME, b"{}", SIGNED));
        assert!(!is_signed(&[], ID, TIME, BODY, SIGNED));
    }
}
