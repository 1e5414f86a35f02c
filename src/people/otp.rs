//! The second factor: time-based codes (TOTP, RFC 6238) and recovery codes.
//!
//! Codes follow real time, because a telephone does. That a code counts once is the domain's
//! business: this room only says which time step it fits.

use qrcode::QrCode;
use qrcode::render::svg;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::domain::UserId;
use crate::secrets;

/// Who a telephone shows as the code's issuer.
const ISSUER: &str = "Naru";
const SEED_BYTES: usize = 20;
const RECOVERY_CODES: usize = 10;
/// Base 32 as Crockford has it, without letters that are taken for digits.
const RECOVERY_ALPHABET: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Two halves of five: 50 bits, more than anybody tries against a lock.
const RECOVERY_LENGTH: usize = 10;

/// A seed and recovery codes as they are shown once.
pub struct Enrolment {
    /// The seed's bytes.
    pub seed: Zeroizing<[u8; SEED_BYTES]>,
    /// The seed as people type it, base 32.
    pub secret: Zeroizing<String>,
    /// What a telephone reads.
    pub url: Zeroizing<String>,
    /// The recovery codes, each good once.
    pub recovery: Vec<Zeroizing<String>>,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolment(..)")
    }
}

impl Enrolment {
    /// Fresh ones for `user`.
    pub fn fresh(user: &str) -> Enrolment {
        let seed = secrets::random::<SEED_BYTES>();
        let totp = totp(&*seed, user);
        let url = totp.as_ref().and_then(|totp| totp.to_url().ok());
        let secret = totp.map(|totp| totp.secret().to_base32());
        let codes = (0..RECOVERY_CODES).map(|_| {
            let code = secrets::random_text(RECOVERY_ALPHABET, RECOVERY_LENGTH);
            let (one, other) = code.split_at(RECOVERY_LENGTH / 2);
            Zeroizing::new(format!("{one}-{other}"))
        });
        Enrolment {
            secret: Zeroizing::new(secret.unwrap_or_default()),
            url: Zeroizing::new(url.unwrap_or_default()),
            recovery: codes.collect(),
            seed,
        }
    }

    /// The url as a picture to be read by a telephone (SVG).
    pub fn svg(&self) -> Zeroizing<String> {
        let code = QrCode::new(self.url.as_bytes());
        let drawn = code.map(|code| {
            code.render::<svg::Color<'_>>()
                .min_dimensions(240, 240)
                .build()
        });
        // A url of some hundred bytes always fits into a code.
        Zeroizing::new(drawn.unwrap_or_default())
    }
}

/// What a user's seed is wrapped for.
pub(super) fn context(user: &UserId) -> String {
    format!("otp seed/{user}")
}

fn totp(seed: &[u8], user: &str) -> Option<Totp> {
    // SHA-1, 6 digits, 30 s and one step either way: what every telephone's program does.
    let builder = Builder::new()
        .with_secret(seed.to_vec())
        .with_issuer(Some(ISSUER))
        .with_account_name(user);
    builder.build().ok()
}

/// The time step that `code` fits, at most one away from `real_seconds` since 1970.
pub(super) fn step(seed: &[u8], code: &str, real_seconds: u64) -> Option<u64> {
    totp(seed, "user")?.check(code, real_seconds)
}

/// Whether something typed has the form of a code, and not of a recovery code.
pub fn is_code(typed: &str) -> bool {
    typed.len() == 6 && typed.bytes().all(|byte| byte.is_ascii_digit())
}

/// A recovery code without what people add or mistake.
pub(super) fn plain_recovery(typed: &str) -> Zeroizing<String> {
    let plain = typed.chars().filter(char::is_ascii_alphanumeric);
    let plain = plain.map(|letter| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        letter => letter,
    });
    Zeroizing::new(plain.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed and codes of RFC 6238, appendix B (the last six digits of eight).
    #[test]
    fn codes_are_those_of_the_standard_and_fit_their_step_and_its_neighbours() {
        let seed = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let own = seconds / 30;
            for (at, fits) in [
                (own + 2, false),
                (own - 1, true),
                (own, true),
                (own + 1, true),
            ] {
                let found = step(seed, code, at * 30);
                assert_eq!(found, fits.then_some(own), "{code} at step {at}");
            }
            assert_eq!(step(seed, code, (own + 2) * 30), None);
        }
        assert_eq!(step(seed, "28708", 59), None);
        assert_eq!(step(seed, "+87082", 59), None);
    }

    #[test]
    fn an_enrolment_is_shown_in_every_way() {
        let enrolment = Enrolment::fresh("kim.op");
        let url = enrolment.url.as_str();
        assert!(url.starts_with("otpauth://totp/Naru:kim.op?"), "{url}");
        assert!(url.contains(&*enrolment.secret), "{url}");
        assert_eq!(enrolment.secret.len(), 32);
        let svg = enrolment.svg();
        assert!(svg.contains("<svg") && svg.contains("</svg>"));
        assert_eq!(enrolment.recovery.len(), 10);
        let code = &enrolment.recovery[0];
        assert_eq!(code.len(), 11);
        assert_eq!(*plain_recovery(&code.to_lowercase()), code.replace('-', ""));
        assert!(!is_code(code) && is_code("012345") && !is_code("01234a"));
        assert!(format!("{enrolment:?}").len() < 20);
    }
}
