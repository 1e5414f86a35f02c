//! Tokens: signed, short-lived, and void as soon as the books say so.
//!
//! An access token is a JWT with one fixed algorithm; its header is never asked which. A refresh
//! token names its family and its number in it and is signed, so that the books keep nothing of
//! it, and one that was replaced is told from one that was made up.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::domain::{FamilyId, Timestamp, UserId};
use crate::limits;
use crate::secrets::{self, Secrets};
use crate::store::Mode;

const ISSUER: &str = "naru";
const REFRESH_PURPOSE: &str = "refresh token";

/// What a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything that its person may.
    Full,
    /// Only the second step of the log-in.
    Half,
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    /// The user.
    pub sub: UserId,
    /// What it opens.
    pub scope: Scope,
    /// Its family; a half token has none.
    pub sid: Option<FamilyId>,
    /// The user's `proof` it stands on.
    pub proof: u64,
    iat: i64,
    exp: i64,
    jti: String,
}

/// Signs and reads tokens. Clones are the same.
#[derive(Clone)]
pub struct Tokens(Arc<Inner>);

struct Inner {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    audience: String,
    secrets: Secrets,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(..)")
    }
}

impl Tokens {
    pub(super) fn new(secrets: &Secrets, mode: Mode) -> Tokens {
        let key = secrets.token_key();
        let audience = format!("naru/ezpg/{mode}");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[&audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // House time is not the machine's: `exp` is compared here, and without leeway.
        validation.validate_exp = false;
        Tokens(Arc::new(Inner {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
            validation,
            audience,
            secrets: secrets.clone(),
        }))
    }

    /// A token that opens everything, until ten minutes from `now` or the end of its family.
    pub fn full(
        &self,
        user: &UserId,
        family: FamilyId,
        proof: u64,
        now: Timestamp,
        ends: Timestamp,
    ) -> Zeroizing<String> {
        let until = now.plus_seconds(limits::TOKEN_SECONDS).min(ends);
        self.sign(user, Scope::Full, Some(family), proof, now, until)
    }

    /// A token for the second step, for five minutes from `now`.
    pub fn half(&self, user: &UserId, proof: u64, now: Timestamp) -> Zeroizing<String> {
        let until = now.plus_seconds(limits::HALF_TOKEN_SECONDS);
        self.sign(user, Scope::Half, None, proof, now, until)
    }

    fn sign(
        &self,
        user: &UserId,
        scope: Scope,
        sid: Option<FamilyId>,
        proof: u64,
        now: Timestamp,
        until: Timestamp,
    ) -> Zeroizing<String> {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: self.0.audience.clone(),
            sub: user.clone(),
            scope,
            sid,
            proof,
            iat: seconds(now),
            exp: seconds(until),
            jti: URL_SAFE_NO_PAD.encode(*secrets::random::<12>()),
        };
        let signed =
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.0.encoding);
        // why: the claims are texts and numbers, and HMAC takes any key.
        Zeroizing::new(signed.expect("a token is signed"))
    }

    /// What a token says, if we signed it for this purpose and it is not over at `now`.
    pub fn read(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let read = jsonwebtoken::decode::<Claims>(token, &self.0.decoding, &self.0.validation);
        let claims = read.ok()?.claims;
        let now = seconds(now);
        let made = claims.iat <= now + limits::TOKEN_EARLY_SECONDS;
        (made && now < claims.exp).then_some(claims)
    }

    /// The refresh token of a number in a family.
    pub fn refresh(&self, family: FamilyId, serial: u32) -> Zeroizing<String> {
        let mut bytes = named(family, serial);
        let mark = self.0.secrets.keyed_hash(REFRESH_PURPOSE, &bytes);
        bytes.extend_from_slice(&mark);
        Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The family and the number of a refresh token, if we made it.
    pub fn read_refresh(&self, token: &str) -> Option<(FamilyId, u32)> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (family, rest) = bytes.split_first_chunk::<16>()?;
        let (serial, mark) = rest.split_first_chunk::<4>()?;
        let (family, serial) = (FamilyId::new(*family), u32::from_be_bytes(*serial));
        let ours = self
            .0
            .secrets
            .keyed_hash(REFRESH_PURPOSE, &named(family, serial));
        bool::from(ours[..].ct_eq(mark)).then_some((family, serial))
    }
}

fn named(family: FamilyId, serial: u32) -> Vec<u8> {
    [&family.bytes()[..], &serial.to_be_bytes()].concat()
}

fn seconds(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(1_000_000)
}

#[cfg(test)]
mod tests;
