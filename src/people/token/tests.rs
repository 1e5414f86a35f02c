//! Tokens that are over, forged or of somebody else.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::*;
use crate::store::key::StoreKey;

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

fn tokens(byte: u8, mode: Mode) -> Tokens {
    Tokens::new(&Secrets::new(&StoreKey::from_bytes([byte; 32])), mode)
}

fn kim() -> UserId {
    UserId::new("kim").unwrap()
}

fn family() -> FamilyId {
    FamilyId::new([7; 16])
}

#[test]
fn a_token_lives_ten_minutes_at_most_by_house_time() {
    let ours = tokens(1, Mode::Sandbox);
    let token = ours.full(&kim(), family(), 4, NOW, NOW.plus_seconds(3_600));
    let claims = ours.read(&token, NOW.plus_seconds(599)).unwrap();
    assert_eq!(
        (claims.sub, claims.scope, claims.sid),
        (kim(), Scope::Full, Some(family()))
    );
    assert_eq!(ours.read(&token, NOW.plus_seconds(600)), None);
    let short = ours.full(&kim(), family(), 4, NOW, NOW.plus_seconds(30));
    assert!(ours.read(&short, NOW.plus_seconds(29)).is_some());
    assert_eq!(ours.read(&short, NOW.plus_seconds(30)), None);
    let half = ours.half(&kim(), 4, NOW);
    assert_eq!(
        ours.read(&half, NOW.plus_seconds(299)).unwrap().scope,
        Scope::Half
    );
    assert_eq!(ours.read(&half, NOW.plus_seconds(300)), None);
}

#[test]
fn forged_tokens_are_nothing() {
    let ours = tokens(1, Mode::Sandbox);
    let token = ours.full(&kim(), family(), 4, NOW, NOW.plus_seconds(3_600));
    assert_eq!(
        tokens(2, Mode::Sandbox).read(&token, NOW),
        None,
        "another key"
    );
    assert_eq!(
        tokens(1, Mode::Production).read(&token, NOW),
        None,
        "another audience"
    );
    let parts: Vec<&str> = token.split('.').collect();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    for forged in [
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], parts[1], &parts[2][1..]),
        format!("{}.{}", parts[0], parts[1]),
        String::new(),
    ] {
        assert_eq!(ours.read(&forged, NOW), None, "{forged}");
    }
}

/// Signed with our own key, but not what we sign.
#[test]
fn other_algorithms_issuers_and_missing_claims_are_nothing() {
    let secrets = Secrets::new(&StoreKey::from_bytes([1; 32]));
    let key = EncodingKey::from_secret(secrets.token_key());
    let ours = tokens(1, Mode::Sandbox);
    let good = json!({
        "iss": "naru", "aud": "naru/ezpg/sandbox", "sub": "kim", "scope": "full",
        "sid": "07070707070707070707070707070707", "proof": 4, "iat": 0,
        "exp": 1_800_000_500_u64, "jti": "x",
    });
    let sign = |algorithm, claims: &Value| {
        jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
    };
    assert!(ours.read(&sign(Algorithm::HS256, &good), NOW).is_some());
    assert_eq!(ours.read(&sign(Algorithm::HS512, &good), NOW), None);
    for (name, value) in [
        ("iss", json!("other")),
        ("aud", json!("naru/ezpg/production")),
        ("exp", Value::Null),
        ("iat", json!(1_800_000_061_u64)),
        ("iat", Value::Null),
        ("sub", json!("../x")),
    ] {
        let mut bad = good.clone();
        bad[name] = value;
        assert_eq!(
            ours.read(&sign(Algorithm::HS256, &bad), NOW),
            None,
            "{name}"
        );
    }
}

#[test]
fn a_refresh_token_is_ours_or_nothing() {
    let ours = tokens(1, Mode::Sandbox);
    let token = ours.refresh(family(), 3);
    assert_eq!(ours.read_refresh(&token), Some((family(), 3)));
    assert_eq!(tokens(2, Mode::Sandbox).read_refresh(&token), None);
    let bytes = URL_SAFE_NO_PAD.decode(&*token).unwrap();
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        assert_eq!(
            ours.read_refresh(&URL_SAFE_NO_PAD.encode(bytes)),
            None,
            "byte {at}"
        );
    }
    assert_eq!(ours.read_refresh("not a token"), None);
    let cut = URL_SAFE_NO_PAD.encode(&bytes[..20]);
    assert_eq!(ours.read_refresh(&cut), None, "without its mark");
}
