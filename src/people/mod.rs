//! How people prove who they are: passwords, second factors, tokens.
//!
//! This room makes and checks what takes dice, time or a secret; what comes of it is decided in
//! the domain. It knows no request and no answer.

pub mod otp;
pub mod password;
pub mod token;

use zeroize::Zeroizing;

use crate::domain::people::{OtpOffer, SecondFactor};
use crate::domain::{By, FamilyId, KeyHash, PasswordHash, PeopleCommand, User, UserId};
use crate::secrets::{self, Secrets};
use crate::store::Mode;

pub use password::Passwords;
pub use token::{Claims, Scope, Tokens};

/// Everything that a log-in needs beside the books. Clones are the same.
#[derive(Clone, Debug)]
pub struct People {
    /// Hashes and compares passwords.
    pub passwords: Passwords,
    /// Signs and reads tokens.
    pub tokens: Tokens,
    secrets: Secrets,
}

impl People {
    /// The people of the books that `secrets` belong to.
    pub fn new(secrets: &Secrets, mode: Mode) -> People {
        People {
            passwords: Passwords::new(),
            tokens: Tokens::new(secrets, mode),
            secrets: secrets.clone(),
        }
    }

    /// The name under which failures are counted: the same for whatever was typed, without
    /// keeping what was typed, which may have been a password.
    pub fn who(&self, typed: &str) -> KeyHash {
        self.secrets.key_hash("log-in name", typed.as_bytes())
    }

    /// The hash of a user's recovery code, however it was typed.
    pub fn recovery_hash(&self, user: &UserId, typed: &str) -> KeyHash {
        let plain = otp::plain_recovery(typed);
        let purpose = format!("recovery code/{user}");
        self.secrets.key_hash(&purpose, plain.as_bytes())
    }

    /// A fresh seed with recovery codes, and the command that offers them to `user`.
    pub fn offer(&self, user: &User, by: By) -> (otp::Enrolment, PeopleCommand) {
        let enrolment = otp::Enrolment::fresh(user.id.as_str());
        let context = otp::context(&user.id);
        let recovery = enrolment.recovery.iter();
        let command = PeopleCommand::OfferOtp(OtpOffer {
            user: user.id.clone(),
            proof: user.proof,
            seed: self.secrets.wrap(&context, &*enrolment.seed),
            recovery: recovery
                .map(|code| self.recovery_hash(&user.id, code))
                .collect(),
            by,
        });
        (enrolment, command)
    }

    /// The time step that a code of `user` fits at `real_seconds`, if any.
    pub fn code_step(&self, user: &User, code: &str, real_seconds: u64) -> Option<u64> {
        let (SecondFactor::Offered { seed, .. } | SecondFactor::On { seed, .. }) = &user.second
        else {
            return None;
        };
        let seed = self.secrets.open(&otp::context(&user.id), seed)?;
        otp::step(&seed, code, real_seconds)
    }
}

/// Characters of the first user's password in production at least: there are no settings yet.
const FIRST_PASSWORD_LENGTH_MIN: usize = 12;

/// A fresh family of tokens.
pub fn fresh_family() -> FamilyId {
    FamilyId::new(*secrets::random::<16>())
}

/// Looks at a first user's password that the operator gave: what everybody tries first is no
/// password in production.
///
/// # Errors
/// Why it cannot be taken, in words.
pub fn check_first_password(given: Option<&str>, mode: Mode) -> Result<(), String> {
    match given {
        Some(given) if mode == Mode::Production => {
            password::fit(given, "admin", FIRST_PASSWORD_LENGTH_MIN)
        }
        _ => Ok(()),
    }
}

/// The hash of the first user's password, and the password where it was made here.
pub fn first_password(given: Option<&str>) -> (PasswordHash, Option<Zeroizing<String>>) {
    if let Some(given) = given {
        return (password::hash_now(given), None);
    }
    let made = password::random();
    (password::hash_now(&made), Some(made))
}
