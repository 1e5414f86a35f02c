//! Rows about: the keys by which a merchant's own programs prove who they are.

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::tables::{CREDENTIALS, KEY_OWNERS};
use super::Place;
use crate::domain::{
    CredentialEvent, KeptKey, KeyHash, KeysOfKind, LivingKey, MerchantId, NewKey, Timestamp,
};

/// Makes the tables say what `event` says.
pub(super) fn apply(
    books: &mut Books<'_>,
    event: &CredentialEvent,
    place: Place,
) -> Result<(), Broken> {
    match event {
        CredentialEvent::KeysIssued {
            merchant,
            keys,
            older_until,
        } => keys
            .iter()
            .try_for_each(|key| issue(books, merchant, key, *older_until, place)),
        CredentialEvent::KeyUsed {
            merchant,
            kind,
            day,
        } => {
            let at = (merchant.clone(), *kind);
            let mut keys = CREDENTIALS.get(books.rows(), &at)?.unwrap_or_default();
            keys.last_used = Some(*day);
            CREDENTIALS.put(books.batch(), &at, &keys)
        }
    }
}

fn issue(
    books: &mut Books<'_>,
    merchant: &MerchantId,
    key: &NewKey,
    older_until: Timestamp,
    place: Place,
) -> Result<(), Broken> {
    let at = (merchant.clone(), key.kind);
    let mut keys = CREDENTIALS.get(books.rows(), &at)?.unwrap_or_default();
    let before = hashes(&keys);
    let living = LivingKey {
        kept: key.kept.clone(),
        prefix: key.prefix.clone(),
        issued_at: place.at,
        until: None,
    };
    keys.renew(living, older_until);
    let after = hashes(&keys);
    for gone in before.iter().filter(|hash| !after.contains(hash)) {
        KEY_OWNERS.delete(books.batch(), gone)?;
    }
    for hash in &after {
        KEY_OWNERS.put(books.batch(), hash, &at)?;
    }
    CREDENTIALS.put(books.batch(), &at, &keys)
}

fn hashes(keys: &KeysOfKind) -> Vec<KeyHash> {
    let hash = |key: &LivingKey| match &key.kept {
        KeptKey::Hashed(hash) => Some(*hash),
        KeptKey::Wrapped(_) => None,
    };
    keys.keys.iter().filter_map(hash).collect()
}
