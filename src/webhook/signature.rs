//! The signature of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, base64, `v1,` before
//! it. While a secret is being rotated there are two, parted by a space.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What stands before a secret that is written in base64.
const PREFIX: &str = "whsec_";

/// The bytes that a secret signs with: those behind `whsec_`, else the text's own.
pub fn signing_key(secret: &str) -> Zeroizing<Vec<u8>> {
    let coded = secret.strip_prefix(PREFIX);
    let bytes = coded.and_then(|coded| STANDARD.decode(coded).ok());
    Zeroizing::new(bytes.unwrap_or_else(|| secret.as_bytes().to_vec()))
}

/// The value of `webhook-signature`, one signature for each key.
pub fn sign<'k>(
    keys: impl IntoIterator<Item = &'k [u8]>,
    id: &str,
    timestamp: i64,
    body: &[u8],
) -> String {
    let signatures = keys.into_iter().filter_map(|key| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
        mac.update(id.as_bytes());
        mac.update(format!(".{timestamp}.").as_bytes());
        mac.update(body);
        Some(format!(
            "v1,{}",
            STANDARD.encode(mac.finalize().into_bytes())
        ))
    });
    signatures.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{sign, signing_key};

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const EXPECTED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    #[test]
    fn the_vector_of_the_specification() {
        let key = signing_key(SECRET);
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        assert_eq!(sign([&key[..]], id, 1_614_265_330, BODY), EXPECTED);
    }

    #[test]
    fn two_secrets_make_two_signatures_and_the_first_is_the_new_ones() {
        let (new, old) = (signing_key(SECRET), signing_key("MALLKEY12345"));
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let both = sign([&new[..], &old[..]], id, 1_614_265_330, BODY);
        let (first, second) = both.split_once(' ').expect("two signatures");
        assert_eq!(first, EXPECTED);
        assert_eq!(
            second,
            sign([b"MALLKEY12345".as_slice()], id, 1_614_265_330, BODY)
        );
    }

    #[test]
    fn another_byte_is_another_signature() {
        let key = signing_key(SECRET);
        for (id, timestamp, body) in [
            ("msg_p5jXN8AQM9LWM0D4loKWxJel", 1_614_265_330, BODY),
            ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_331, BODY),
            ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b"{}"),
        ] {
            assert_ne!(sign([&key[..]], id, timestamp, body), EXPECTED);
        }
    }
}
