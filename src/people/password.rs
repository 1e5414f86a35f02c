//! Passwords: argon2id, off the threads that serve, a few at a time.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::domain::PasswordHash;
use crate::{limits, secrets};

/// Letters of passwords that we make: none that is taken for another.
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
/// Words that are tried first by whoever guesses; no password may be one of them, or begin or end
/// with one and have little else.
const COMMON: [&str; 12] = [
    "password",
    "passw0rd",
    "p@ssw0rd",
    "admin",
    "administrator",
    "changeme",
    "letmein",
    "qwerty",
    "welcome",
    "1234",
    "0000",
    "secret",
];
/// Bytes of a password at most, as the interface has it.
pub const PASSWORD_BYTES_MAX: usize = 255;

/// Hashes and compares. Clones share the bound on how many do at the same time: each takes some
/// 19 MiB and a good part of a core's tenth of a second.
#[derive(Clone, Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    nobody: Arc<PasswordHash>,
}

impl Passwords {
    /// Ready to hash.
    pub(super) fn new() -> Passwords {
        Passwords {
            turns: Arc::new(Semaphore::new(limits::PASSWORDS_AT_ONCE)),
            nobody: Arc::new(hash_now(&random())),
        }
    }

    /// The hash of a new password.
    pub async fn hash(&self, password: Zeroizing<String>) -> PasswordHash {
        self.off_thread(move || hash_now(&password)).await
    }

    /// Whether `password` is the one behind `hash`. Where there is no hash the same work is done,
    /// so that the time it takes says nothing about whether there is such a user.
    pub async fn is_right(&self, hash: Option<PasswordHash>, password: Zeroizing<String>) -> bool {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| PasswordHash::clone(&self.nobody));
        let same = self
            .off_thread(move || is_right_now(&hash, &password))
            .await;
        same && known
    }

    async fn off_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        // The permit goes with the work: who hangs up early frees no room before it is done.
        let work = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        match work.await {
            Ok(done) => done,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }
}

/// Hashes on this thread.
pub(super) fn hash_now(password: &str) -> PasswordHash {
    let salt = secrets::random::<16>();
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &*salt);
    // why: argon2 refuses only salts below 8 bytes and passwords of gigabytes.
    PasswordHash::new(hash.expect("a password is hashed").to_string())
}

fn is_right_now(hash: &PasswordHash, password: &str) -> bool {
    // A hash that cannot be read is nobody's password.
    Phc::new(hash.as_str()).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

/// A password that we make ourselves: 16 characters, some 93 bits.
pub fn random() -> Zeroizing<String> {
    secrets::random_text(ALPHABET, 16)
}

/// Whether a person may choose `password`.
///
/// # Errors
/// Why not, in words for them.
pub fn fit(password: &str, user: &str, length_min: usize) -> Result<(), String> {
    let lower = password.to_lowercase();
    let rest = |word: &str| lower.replace(word, "").chars().count();
    let user = user.to_lowercase();
    let mut letters: Vec<char> = password.chars().collect();
    let length = letters.len();
    letters.sort_unstable();
    letters.dedup();
    if length < length_min {
        Err(format!("비밀번호는 {length_min}자 이상이어야 합니다."))
    } else if password.len() > PASSWORD_BYTES_MAX {
        Err(format!(
            "비밀번호는 {PASSWORD_BYTES_MAX}바이트 이하여야 합니다."
        ))
    } else if letters.len() < 5 {
        Err("비밀번호에 서로 다른 문자가 5개 이상 있어야 합니다.".to_owned())
    } else if lower.contains(&user) && rest(&user) < 6 {
        Err("비밀번호가 사용자 아이디와 너무 비슷합니다.".to_owned())
    } else if COMMON
        .iter()
        .any(|word| lower.contains(word) && rest(word) < 6)
    {
        Err("너무 흔한 비밀번호입니다.".to_owned())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_argon2id_and_only_its_password_fits() {
        let hash = hash_now("correct horse");
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(is_right_now(&hash, "correct horse"));
        assert!(!is_right_now(&hash, "correct horsf"));
        assert_ne!(
            hash,
            hash_now("correct horse"),
            "each has a salt of its own"
        );
        assert!(!is_right_now(
            &PasswordHash::new("plain".to_owned()),
            "plain"
        ));
    }

    #[test]
    fn weak_passwords_are_told_why() {
        for (password, fits) in [
            ("short1A", false),
            ("password1234", false),
            ("Admin!2024", false),
            ("aaaaaaaaaaaa", false),
            ("kim.op-2026", false),
            ("river stone 41", true),
            ("비밀번호는열글자이상", true),
        ] {
            assert_eq!(fit(password, "kim.op", 10).is_ok(), fits, "{password}");
        }
        assert!(fit(&"a1B2c".repeat(60), "kim", 10).is_err());
        assert!(fit(&random(), "admin", 10).is_ok());
    }
}
