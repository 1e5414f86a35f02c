//! The store key (저장 키): 32 bytes that open everything at rest, and where they come from.
//!
//! The key lives outside the data folder's reach: in the environment, in a file of its own, or in
//! a credential the service manager hands over. A sandbox without one makes one beside the folder
//! and says so; production without one refuses to start. This room knows nothing of what the key
//! is used for: every use derives a key of its own from it, by name.

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

use super::durable;
use super::identity::{self, Mode};

/// The environment variable that holds the key itself, as 64 hexadecimal digits.
pub const KEY_VARIABLE: &str = "NARU_STORE_KEY";
/// The environment variable that names the file with the key, as 64 hexadecimal digits.
pub const KEY_FILE_VARIABLE: &str = "NARU_STORE_KEY_FILE";
/// The name of the credential in `$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`).
pub const CREDENTIAL: &str = "naru-store-key";

/// Separates every key derived here from those of any other program that is given the same bytes.
const SALT: &[u8] = b"naru store key 1";
const KEY_BYTES: usize = 32;
/// A key file is 64 digits and perhaps a line end; what is longer is something else.
const KEY_FILE_BYTES_MAX: u64 = 256;

/// The key to everything at rest. It is wiped from memory when dropped and never printed.
pub struct StoreKey(Zeroizing<[u8; KEY_BYTES]>);

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(..)")
    }
}

impl StoreKey {
    /// A key of these bytes.
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        StoreKey(Zeroizing::new(bytes))
    }

    /// Reads 64 hexadecimal digits, with white space around them.
    pub fn from_hex(text: &str) -> Result<Self, NotAKey> {
        let text = text.trim();
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        if text.len() != 2 * KEY_BYTES {
            return Err(NotAKey::Length(text.len()));
        }
        hex::decode_to_slice(text, &mut *bytes).map_err(|_| NotAKey::Digits)?;
        if bytes.iter().all(|byte| *byte == bytes[0]) {
            return Err(NotAKey::Weak);
        }
        Ok(StoreKey(bytes))
    }

    /// A new key from the system's random source.
    pub fn random() -> io::Result<Self> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(&mut *bytes).map_err(io::Error::other)?;
        Ok(StoreKey(bytes))
    }

    /// A key for one purpose (HKDF-SHA-256). Different purposes give keys that say nothing of each
    /// other or of the store key; the same purpose gives the same key for ever, so a purpose's
    /// text must never change.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(SALT), &*self.0)
            .expand(purpose.as_bytes(), &mut *key)
            // why: HKDF refuses only more than 8160 bytes, and these are 32.
            .expect("32 bytes can be derived");
        key
    }

    /// What may stand beside the data in clear, so that a wrong key is told from damage. It is
    /// derived one way and reveals nothing of the key.
    pub fn check_value(&self) -> String {
        hex::encode(&self.derive("naru key check")[..16])
    }

    fn hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0.as_slice()))
    }
}

/// Why a text is not a key; the text itself is never quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    /// Too short or too long.
    #[error("it has {0} characters, a key has 64 hexadecimal digits")]
    Length(usize),
    /// Something else than hexadecimal digits.
    #[error("it holds something else than hexadecimal digits")]
    Digits,
    /// One byte again and again, such as all zeros.
    #[error("it repeats one byte, which is no key; make one with: openssl rand -hex 32")]
    Weak,
}

/// Where a key may come from; the first that is set wins, and two are an error.
#[derive(Debug, Default, Clone)]
pub struct KeySources {
    /// The key itself ([`KEY_VARIABLE`]).
    pub key: Option<Zeroizing<String>>,
    /// A file with the key ([`KEY_FILE_VARIABLE`]).
    pub file: Option<PathBuf>,
    /// The folder of credentials from the service manager (`$CREDENTIALS_DIRECTORY`).
    pub credentials: Option<PathBuf>,
}

impl KeySources {
    /// What the environment of this process says. An empty variable counts as not set.
    pub fn from_environment() -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        KeySources {
            key: set(KEY_VARIABLE).map(|key| Zeroizing::new(key.to_string_lossy().into_owned())),
            file: set(KEY_FILE_VARIABLE).map(PathBuf::from),
            credentials: set("CREDENTIALS_DIRECTORY").map(PathBuf::from),
        }
    }
}

/// A key with the story of its finding, for the log.
#[derive(Debug)]
pub struct Found {
    /// The key.
    pub key: StoreKey,
    /// Where it came from, for people.
    pub origin: String,
    /// It was made just now (sandbox only).
    pub made: bool,
    /// What is not as it should be, and would be refused in production.
    pub warnings: Vec<String>,
}

/// Why there is no key to work with.
#[derive(Debug, thiserror::Error)]
pub enum KeyRefused {
    /// Production was started without one.
    #[error(
        "production needs a store key and none was given; make one with \
         `openssl rand -hex 32 > FILE`, keep a copy of it in a safe place, and set \
         NARU_STORE_KEY_FILE to the file (or give NARU_STORE_KEY, or the credential naru-store-key)"
    )]
    None,
    /// Two sources were given, and they might differ.
    #[error("both NARU_STORE_KEY and NARU_STORE_KEY_FILE are set; set one of them")]
    Two,
    /// What was given is no key.
    #[error("the store key from {origin} is not a key: {why}")]
    Malformed {
        /// Where it came from.
        origin: String,
        /// What is wrong.
        why: NotAKey,
    },
    /// What was given is a key that nobody made with dice.
    #[error(
        "the store key from {0} is a key that anybody would try first; make one with: openssl \
         rand -hex 32"
    )]
    Guessable(String),
    /// The file cannot be read or written.
    #[error("the store key file {path} cannot be used: {source}", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file lies where a copy of the data would carry it along.
    #[error(
        "the store key file {path} lies inside the data folder, so every copy of the data would \
         carry its key; move it elsewhere",
        path = .path.display()
    )]
    Inside {
        /// The file.
        path: PathBuf,
    },
    /// The file can be read or replaced by others.
    #[error(
        "the store key file {path} {what}; make it yours alone: chmod 600",
        path = .path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Who else has it.
        what: &'static str,
    },
    /// There is data, and the key that the sandbox made for it is gone.
    #[error(
        "the data in {folder} is encrypted and its key {path} is gone; bring the key back, or \
         move the folder away to begin anew",
        path = .path.display(), folder = .folder.display()
    )]
    Gone {
        /// The data folder.
        folder: PathBuf,
        /// Where the key was.
        path: PathBuf,
    },
}

/// Whether a key in digits repeats a few of them over and over, or counts through them.
pub fn is_guessable(hex: &str) -> bool {
    let bytes = Zeroizing::new(hex.to_ascii_lowercase().into_bytes());
    let repeats = |length: usize| {
        let (all, later) = (bytes.iter(), bytes.iter().skip(length));
        all.zip(later).all(|(one, other)| one == other)
    };
    [1, 2, 4, 8, 10, 16].into_iter().any(repeats)
}

/// Finds the key for the data in `folder` (which need not exist yet), or in a sandbox makes one.
pub fn find(folder: &Path, mode: Mode, sources: &KeySources) -> Result<Found, KeyRefused> {
    let found = look(folder, mode, sources)?;
    if mode == Mode::Production && is_guessable(&found.key.hex()) {
        return Err(KeyRefused::Guessable(found.origin));
    }
    Ok(found)
}

fn look(folder: &Path, mode: Mode, sources: &KeySources) -> Result<Found, KeyRefused> {
    if sources.key.is_some() && sources.file.is_some() {
        return Err(KeyRefused::Two);
    }
    if let Some(text) = &sources.key {
        let origin = KEY_VARIABLE.to_owned();
        let key = StoreKey::from_hex(text).map_err(|why| KeyRefused::Malformed {
            origin: origin.clone(),
            why,
        })?;
        return Ok(Found {
            key,
            origin,
            made: false,
            warnings: Vec::new(),
        });
    }
    if let Some(path) = &sources.file {
        return read(path, folder, mode, OTHERS_AND_GROUP);
    }
    if let Some(path) = sources
        .credentials
        .as_ref()
        .map(|folder| folder.join(CREDENTIAL))
        && path.exists()
    {
        // The service manager may grant its reader by an access list, which shows as group bits.
        return read(&path, folder, mode, OTHERS);
    }
    match mode {
        Mode::Production => Err(KeyRefused::None),
        Mode::Sandbox => beside(folder),
    }
}

/// Where a sandbox keeps the key of its data folder: beside it, so that a copy of the folder alone
/// is unreadable.
pub fn sandbox_file(folder: &Path) -> PathBuf {
    // `data`, `data/` and `.` within it are one folder; where it cannot be found it is taken as
    // it was written.
    let real = folder
        .canonicalize()
        .or_else(|_| std::path::absolute(folder));
    let real = real.unwrap_or_else(|_| folder.to_path_buf());
    let mut name = real.components().as_path().as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

fn beside(folder: &Path) -> Result<Found, KeyRefused> {
    let path = sandbox_file(folder);
    if path.exists() {
        return read(&path, folder, Mode::Sandbox, OTHERS_AND_GROUP);
    }
    if identity::exists(folder) {
        return Err(KeyRefused::Gone {
            folder: folder.to_path_buf(),
            path,
        });
    }
    let unreadable = |source| KeyRefused::Unreadable {
        path: path.clone(),
        source,
    };
    let key = StoreKey::random().map_err(unreadable)?;
    let mut text = key.hex();
    text.push('\n');
    let made = path
        .parent()
        .map_or(Ok(()), durable::folder)
        .and_then(|()| durable::write_new(&path, text.as_bytes()));
    text.zeroize();
    match made {
        Ok(()) => {
            let origin = path.display().to_string();
            Ok(Found {
                key,
                origin,
                made: true,
                warnings: Vec::new(),
            })
        }
        // Another process was faster; its key is the one that counts.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read(&path, folder, Mode::Sandbox, OTHERS_AND_GROUP)
        }
        Err(source) => Err(unreadable(source)),
    }
}

const OTHERS: u32 = 0o007;
const OTHERS_AND_GROUP: u32 = 0o077;

fn read(path: &Path, folder: &Path, mode: Mode, too_open: u32) -> Result<Found, KeyRefused> {
    let unreadable = |source| KeyRefused::Unreadable {
        path: path.to_path_buf(),
        source,
    };
    let real = path.canonicalize().map_err(unreadable)?;
    // A folder that does not exist yet holds no file.
    if folder
        .canonicalize()
        .is_ok_and(|folder| real.starts_with(folder))
    {
        return Err(KeyRefused::Inside {
            path: path.to_path_buf(),
        });
    }
    let about = fs::metadata(&real).map_err(unreadable)?;
    let warnings = exposure(&about, too_open).map_or(Ok(Vec::new()), |what| match mode {
        Mode::Production => Err(KeyRefused::Exposed {
            path: path.to_path_buf(),
            what,
        }),
        Mode::Sandbox => Ok(vec![format!(
            "the store key file {} {what}",
            path.display()
        )]),
    })?;
    if about.len() > KEY_FILE_BYTES_MAX {
        return Err(unreadable(io::Error::other("it is too large to be a key")));
    }
    let text = Zeroizing::new(fs::read_to_string(&real).map_err(unreadable)?);
    let origin = path.display().to_string();
    let key = StoreKey::from_hex(&text).map_err(|why| KeyRefused::Malformed {
        origin: origin.clone(),
        why,
    })?;
    Ok(Found {
        key,
        origin,
        made: false,
        warnings,
    })
}

/// Who besides us has the file, as far as its mode and owner say.
fn exposure(about: &fs::Metadata, too_open: u32) -> Option<&'static str> {
    let us = rustix::process::geteuid().as_raw();
    if about.mode() & too_open != 0 {
        Some("is open to others")
    } else if about.uid() != us && about.uid() != 0 {
        Some("belongs to somebody else")
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
