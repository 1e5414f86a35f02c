//! Secrets at rest beyond the books' own encryption: wrapped where they must be read back, hashed
//! under a key where they need only be recognised.
//!
//! Both keys are derived from the store key, each for its own purpose, and neither lies in the
//! books. So whoever reads the tables or the journal, opened by whatever way, has no key of a
//! merchant, no seed of a second factor and nothing to try guesses on. This room knows bytes and
//! purposes; whose secrets they are is not its business.

use std::fmt;
use std::sync::Arc;

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::domain::{KeyHash, Wrapped};
use crate::store::key::StoreKey;

/// Written before each wrapped secret, so that a later way can be told from this one.
const WRAPPED_VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;

/// Wraps, opens and hashes. Clones are the same.
#[derive(Clone)]
pub struct Secrets(Arc<Derived>);

struct Derived {
    cipher: Aes256Gcm,
    hashing: Zeroizing<[u8; 32]>,
    tokens: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
    }
}

impl Secrets {
    /// The secrets of the books that `key` opens.
    pub fn new(key: &StoreKey) -> Secrets {
        let wrapping = key.derive("naru wrapped secrets");
        Secrets(Arc::new(Derived {
            cipher: Aes256Gcm::new((&*wrapping).into()),
            hashing: key.derive("naru keyed hashes"),
            tokens: key.derive("naru tokens of people"),
        }))
    }

    /// Encrypts `secret` (AES-256-GCM under a fresh nonce). It opens only under the same
    /// `context`, which says what it is and whose: a wrapped secret moved elsewhere stays shut.
    pub fn wrap(&self, context: &str, secret: &[u8]) -> Wrapped {
        let nonce = random::<NONCE_BYTES>();
        let payload = Payload {
            msg: secret,
            aad: context.as_bytes(),
        };
        let sealed = self.0.cipher.encrypt(&Nonce::from(*nonce), payload);
        // why: AES-GCM refuses only more than 64 GiB, and a secret is a line.
        let sealed = sealed.expect("a short text is encrypted");
        let mut bytes = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
        bytes.push(WRAPPED_VERSION);
        bytes.extend_from_slice(&*nonce);
        bytes.extend_from_slice(&sealed);
        Wrapped::new(bytes)
    }

    /// The secret again; `None` where it was wrapped under another key or context, or damaged.
    pub fn open(&self, context: &str, wrapped: &Wrapped) -> Option<Zeroizing<Vec<u8>>> {
        let (&version, rest) = wrapped.bytes().split_first()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
        if version != WRAPPED_VERSION {
            return None;
        }
        let payload = Payload {
            msg: sealed,
            aad: context.as_bytes(),
        };
        let opened = self.0.cipher.decrypt(&Nonce::from(*nonce), payload);
        opened.ok().map(Zeroizing::new)
    }

    /// As [`Secrets::open`], for a secret that is text.
    pub fn open_text(&self, context: &str, wrapped: &Wrapped) -> Option<Zeroizing<String>> {
        let mut bytes = self.open(context, wrapped)?;
        String::from_utf8(std::mem::take(&mut *bytes))
            .ok()
            .map(Zeroizing::new)
    }

    /// Encrypts `secret` so that it opens only for whoever knows `word` again: the house alone,
    /// with all its keys, cannot open it.
    pub fn seal_for(&self, word: &str, secret: &[u8]) -> Wrapped {
        let nonce = random::<NONCE_BYTES>();
        let sealed = self.cipher_of(word).encrypt(&Nonce::from(*nonce), secret);
        // why: AES-GCM refuses only more than 64 GiB, and an answer is a page.
        let sealed = sealed.expect("a short text is encrypted");
        let mut bytes = vec![WRAPPED_VERSION];
        bytes.extend_from_slice(&*nonce);
        bytes.extend_from_slice(&sealed);
        Wrapped::new(bytes)
    }

    /// What was sealed for whoever knows `word`; `None` for everybody else.
    pub fn open_for(&self, word: &str, sealed: &Wrapped) -> Option<Zeroizing<Vec<u8>>> {
        let (&version, rest) = sealed.bytes().split_first()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
        if version != WRAPPED_VERSION {
            return None;
        }
        let opened = self.cipher_of(word).decrypt(&Nonce::from(*nonce), sealed);
        opened.ok().map(Zeroizing::new)
    }

    fn cipher_of(&self, word: &str) -> Aes256Gcm {
        let key = Zeroizing::new(self.keyed_hash("naru sealed for a word", word.as_bytes()));
        Aes256Gcm::new((&*key).into())
    }

    /// The hash of `secret` for one purpose (HMAC-SHA-256): the same for ever, of no use without
    /// the store key, and no help for any other purpose.
    pub fn keyed_hash(&self, purpose: &str, secret: &[u8]) -> [u8; 32] {
        // why: HMAC takes keys of any length.
        let mut hash = Hmac::<Sha256>::new_from_slice(&*self.0.hashing).expect("a key of 32 bytes");
        // The length keeps the end of the purpose from being taken for the start of the secret.
        hash.update(&u64::to_be_bytes(purpose.len() as u64));
        hash.update(purpose.as_bytes());
        hash.update(secret);
        hash.finalize().into_bytes().into()
    }

    /// [`Secrets::keyed_hash`] as the books keep it.
    pub fn key_hash(&self, purpose: &str, secret: &[u8]) -> KeyHash {
        KeyHash::new(self.keyed_hash(purpose, secret))
    }

    /// The key that signs the tokens of people.
    pub fn token_key(&self) -> &[u8; 32] {
        &self.0.tokens
    }
}

/// Whether two hashes are equal, in a time that does not tell where they differ.
pub fn same_hash(one: &KeyHash, other: &KeyHash) -> bool {
    one.bytes().ct_eq(other.bytes()).into()
}

/// Bytes from the system's random source.
///
/// # Panics
/// Where the system has no randomness to give: no secret may be made then.
pub fn random<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    // why: without randomness every secret would be guessable; going on is worse than stopping.
    getrandom::fill(&mut *bytes).expect("randomness from the system");
    bytes
}

/// A text of `length` characters drawn evenly from `alphabet`, which has at most 256 letters.
pub fn random_text(alphabet: &[u8], length: usize) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(length));
    let fair = 256 - 256 % alphabet.len();
    while text.len() < length {
        // Bytes beyond the last full round of the alphabet would favour its first letters.
        let drawn = random::<32>();
        for byte in drawn.iter().filter(|byte| usize::from(**byte) < fair) {
            if text.len() < length {
                text.push(char::from(alphabet[usize::from(*byte) % alphabet.len()]));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(byte: u8) -> Secrets {
        Secrets::new(&StoreKey::from_bytes([byte; 32]))
    }

    #[test]
    fn a_wrapped_secret_opens_only_with_its_key_and_its_context() {
        let ours = secrets(1);
        let wrapped = ours.wrap("webhook key/shop", b"k3y");
        assert_eq!(
            ours.open("webhook key/shop", &wrapped).as_deref(),
            Some(&b"k3y".to_vec())
        );
        assert_eq!(ours.open("webhook key/other", &wrapped), None);
        assert_eq!(secrets(2).open("webhook key/shop", &wrapped), None);
        assert_eq!(
            ours.open_text("webhook key/shop", &wrapped)
                .map(|text| text.to_string()),
            Some("k3y".to_owned())
        );
        assert_ne!(ours.wrap("webhook key/shop", b"k3y"), wrapped);
    }

    #[test]
    fn what_is_sealed_for_a_word_opens_for_that_word_alone() {
        let ours = secrets(1);
        let sealed = ours.seal_for("word", b"answer");
        let opened = ours.open_for("word", &sealed);
        assert_eq!(opened.as_deref(), Some(&b"answer".to_vec()));
        assert_eq!(ours.open_for("other", &sealed), None);
        assert_eq!(secrets(2).open_for("word", &sealed), None);
        assert_eq!(ours.open("word", &sealed), None);
    }

    #[test]
    fn a_damaged_secret_stays_shut() {
        let ours = secrets(1);
        let wrapped = ours.wrap("c", b"secret");
        for at in 0..wrapped.bytes().len() {
            let mut bytes = wrapped.bytes().to_vec();
            bytes[at] ^= 1;
            assert_eq!(ours.open("c", &Wrapped::new(bytes)), None, "byte {at}");
        }
        for short in 0..wrapped.bytes().len() {
            let bytes = wrapped.bytes()[..short].to_vec();
            assert_eq!(ours.open("c", &Wrapped::new(bytes)), None);
        }
    }

    #[test]
    fn hashes_differ_by_key_purpose_and_where_the_purpose_ends() {
        let ours = secrets(1);
        let hash = ours.keyed_hash("key", b"abc");
        assert_eq!(hash, ours.keyed_hash("key", b"abc"));
        assert_ne!(hash, secrets(2).keyed_hash("key", b"abc"));
        assert_ne!(hash, ours.keyed_hash("keya", b"bc"));
        assert!(same_hash(&KeyHash::new(hash), &KeyHash::new(hash)));
        let other = ours.key_hash("key", b"abd");
        assert!(!same_hash(&KeyHash::new(hash), &other));
    }

    #[test]
    fn nothing_is_printed() {
        let ours = secrets(1);
        let shown = format!(
            "{ours:?} {:?} {:?}",
            ours.wrap("c", b"x"),
            ours.key_hash("p", b"x")
        );
        assert_eq!(shown, "Secrets(..) Wrapped(..) KeyHash(..)");
    }

    #[test]
    fn random_texts_have_their_length_and_letters() {
        let text = random_text(b"AB3", 101);
        assert_eq!(text.len(), 101);
        assert!(text.bytes().all(|byte| b"AB3".contains(&byte)), "{}", *text);
        assert!(
            b"AB3"
                .iter()
                .all(|letter| text.bytes().any(|byte| byte == *letter))
        );
        assert_ne!(
            *random_text(b"0123456789", 20),
            *random_text(b"0123456789", 20)
        );
    }
}
