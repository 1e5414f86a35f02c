//! What a data folder is: a small clear file beside the books.
//!
//! It says which format the books have, which mode the folder was made in (a folder keeps its mode
//! for life, so that play money never meets real money), and lets a wrong key be told from damage.
//! It knows nothing of what the books hold and contains no secret.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::durable;
use super::key::StoreKey;

/// The name of the file in the data folder.
pub const FILE: &str = "naru.toml";
/// The format this program writes. An older one has the same journal and other rows, which are
/// made anew from it.
pub const FORMAT: u32 = 2;

const HEAD: &str = "# What this data folder is. Naru made it; do not edit, and keep it with the \
                    books.\n";

/// What is at stake.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Play: the clock can be shifted, keys are made, doubts are warnings.
    Sandbox,
    /// Money: doubts are refusals.
    Production,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mode::Sandbox => "sandbox",
            Mode::Production => "production",
        })
    }
}

/// What stands in the file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The format of everything in the folder.
    pub format: u32,
    /// The mode the folder was made in.
    pub mode: Mode,
    /// How the books are encrypted; `aes-256-xts` is the only way.
    pub cipher: String,
    /// [`StoreKey::check_value`] of the key the books are encrypted with.
    pub key_check: String,
    /// Whether the books have been made. From then on a folder without them has lost them, and
    /// empty ones must never take their place: they would book every re-sent deposit again.
    #[serde(default)]
    pub books_made: bool,
}

/// Why a data folder is not used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The folder or the file cannot be read or written.
    #[error("the data folder {folder} cannot be used: {source}", folder = .folder.display())]
    Disk {
        /// The folder.
        folder: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// It was to be read only, and nothing was ever made there.
    #[error(
        "there is no data folder at {folder}; start the gateway or import accounts first, or set \
         NARU_DATA_DIR",
        folder = .folder.display()
    )]
    Missing {
        /// The folder.
        folder: PathBuf,
    },
    /// The books are there, but not the file that says what they are.
    #[error(
        "{folder} holds books but no {FILE}; bring the file back from a copy of the folder",
        folder = .folder.display()
    )]
    Lost {
        /// The folder.
        folder: PathBuf,
    },
    /// The books were there once.
    #[error(
        "{folder} has lost its books: {books} is missing or empty; bring it back from a copy, for \
         empty books would take what was booked before for new",
        folder = .folder.display()
    )]
    BooksLost {
        /// The folder.
        folder: PathBuf,
        /// The file.
        books: String,
    },
    /// The file cannot be understood.
    #[error(
        "{path} is not what naru wrote: {why}; bring it back from a copy",
        path = .path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A later program made it.
    #[error(
        "{folder} has format {found}, this naru knows format {FORMAT}; use the naru that made it",
        folder = .folder.display()
    )]
    Format {
        /// The folder.
        folder: PathBuf,
        /// The format found.
        found: u32,
    },
    /// An older program made it, and it is to be read only.
    #[error(
        "{folder} has format {found}, this naru writes format {FORMAT}; start the gateway once, \
         which makes the rows anew from the journal",
        folder = .folder.display()
    )]
    Older {
        /// The folder.
        folder: PathBuf,
        /// The format found.
        found: u32,
    },
    /// The folder was made for the other mode.
    #[error(
        "{folder} was made in {made} mode and keeps it for life, and this is {asked} mode; \
         use another NARU_DATA_DIR or NARU_MODE={made}",
        folder = .folder.display()
    )]
    Mode {
        /// The folder.
        folder: PathBuf,
        /// The mode it was made in.
        made: Mode,
        /// The mode asked for now.
        asked: Mode,
    },
    /// The key is not the one the books were made with.
    #[error(
        "the store key is not the one that {folder} was made with; nothing was changed, give the \
         right key",
        folder = .folder.display()
    )]
    WrongKey {
        /// The folder.
        folder: PathBuf,
    },
}

/// Whether `folder` was ever made a data folder.
pub fn exists(folder: &Path) -> bool {
    folder.join(FILE).exists()
}

/// Makes sure that `folder` is a data folder of this `mode` with this `key`: makes it when it is
/// new (unless `read_only`), and compares when it is not. `books` is the name of the file whose
/// presence says that the folder is not new.
pub fn settle(
    folder: &Path,
    books: &str,
    mode: Mode,
    key: &StoreKey,
    read_only: bool,
) -> Result<Identity, IdentityError> {
    let at = || folder.to_path_buf();
    let Some(found) = read(folder)? else {
        if folder.join(books).exists() {
            return Err(IdentityError::Lost { folder: at() });
        }
        if read_only {
            return Err(IdentityError::Missing { folder: at() });
        }
        return begin(folder, mode, key);
    };
    if found.format > FORMAT || found.format == 0 {
        return Err(IdentityError::Format {
            folder: at(),
            found: found.format,
        });
    }
    if found.format < FORMAT && read_only {
        return Err(IdentityError::Older {
            folder: at(),
            found: found.format,
        });
    }
    if found.mode != mode {
        return Err(IdentityError::Mode {
            folder: at(),
            made: found.mode,
            asked: mode,
        });
    }
    if found.key_check != key.check_value() {
        return Err(IdentityError::WrongKey { folder: at() });
    }
    let size = fs::metadata(folder.join(books)).map(|file| file.len()).ok();
    if size == Some(0) || (found.books_made && size.is_none()) {
        return Err(IdentityError::BooksLost {
            folder: at(),
            books: books.to_owned(),
        });
    }
    Ok(found)
}

/// Notes that the books of this folder have been made, in this program's format. Called by
/// whoever holds them open.
pub fn note_books(folder: &Path, identity: Identity) -> Result<(), IdentityError> {
    if identity.books_made && identity.format == FORMAT {
        return Ok(());
    }
    let identity = Identity {
        format: FORMAT,
        books_made: true,
        ..identity
    };
    let disk = |source| IdentityError::Disk {
        folder: folder.to_path_buf(),
        source,
    };
    durable::replace(
        &folder.join(FILE),
        text(&identity).map_err(disk)?.as_bytes(),
    )
    .map_err(disk)
}

fn text(identity: &Identity) -> io::Result<String> {
    let text = toml::to_string(identity).map_err(io::Error::other)?;
    Ok(format!("{HEAD}{text}"))
}

/// What the file in `folder` says; none when there is no file.
pub fn read(folder: &Path) -> Result<Option<Identity>, IdentityError> {
    let path = folder.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) => toml::from_str(&text).map(Some).map_err(|error| {
            let why = error.message().to_owned();
            IdentityError::Malformed { path, why }
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(IdentityError::Disk {
            folder: folder.to_path_buf(),
            source,
        }),
    }
}

fn begin(folder: &Path, mode: Mode, key: &StoreKey) -> Result<Identity, IdentityError> {
    let identity = Identity {
        format: FORMAT,
        mode,
        cipher: "aes-256-xts".to_owned(),
        key_check: key.check_value(),
        books_made: false,
    };
    let disk = |source| IdentityError::Disk {
        folder: folder.to_path_buf(),
        source,
    };
    let text = text(&identity).map_err(disk)?;
    durable::folder(folder).map_err(disk)?;
    let path = folder.join(FILE);
    durable::write_new(&path, text.as_bytes()).map_err(disk)?;
    Ok(identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> StoreKey {
        StoreKey::from_bytes([byte; 32])
    }

    fn settle_in(folder: &Path, mode: Mode, byte: u8) -> Result<Identity, IdentityError> {
        settle(folder, "books.redb", mode, &key(byte), false)
    }

    #[test]
    fn a_folder_that_has_lost_its_books_is_refused() {
        let at = tempfile::tempdir().unwrap();
        let folder = at.path().join("data");
        let books = folder.join("books.redb");
        let settle = || settle_in(&folder, Mode::Sandbox, 1);
        settle().unwrap();
        // A crash before the books were made: nothing was lost.
        let identity = settle().unwrap();
        fs::write(&books, "books").unwrap();
        note_books(&folder, identity).unwrap();
        assert!(settle().unwrap().books_made);
        fs::write(&books, "").unwrap();
        assert!(matches!(settle(), Err(IdentityError::BooksLost { .. })));
        fs::remove_file(&books).unwrap();
        assert!(matches!(settle(), Err(IdentityError::BooksLost { .. })));
    }

    #[test]
    fn a_folder_keeps_its_mode_and_its_key_for_life() {
        let at = tempfile::tempdir().unwrap();
        let folder = at.path().join("data");
        assert!(!exists(&folder));
        let made = settle_in(&folder, Mode::Sandbox, 1).unwrap();
        assert!(exists(&folder));
        fs::write(folder.join("books.redb"), "books").unwrap();
        assert_eq!(settle_in(&folder, Mode::Sandbox, 1).unwrap(), made);
        let other = settle_in(&folder, Mode::Production, 1).unwrap_err();
        assert!(
            other.to_string().contains("was made in sandbox mode"),
            "{other}"
        );
        let wrong = settle_in(&folder, Mode::Sandbox, 2).unwrap_err();
        assert!(matches!(wrong, IdentityError::WrongKey { .. }));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    }

    #[test]
    fn the_file_says_what_it_is_and_holds_no_key() {
        let folder = tempfile::tempdir().unwrap();
        settle_in(folder.path(), Mode::Production, 0xAB).unwrap();
        let text = fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(text.starts_with("# What this data folder is."), "{text}");
        assert!(
            text.contains("mode = \"production\"") && text.contains("format = 2"),
            "{text}"
        );
        assert!(!text.contains("abababab"), "{text}");
    }

    #[test]
    fn nothing_is_made_for_one_who_only_looks() {
        let folder = tempfile::tempdir().unwrap();
        let looked = settle(folder.path(), "books.redb", Mode::Sandbox, &key(1), true);
        assert!(matches!(looked, Err(IdentityError::Missing { .. })));
        assert!(!exists(folder.path()));
    }

    #[test]
    fn books_without_their_identity_and_an_identity_of_another_time_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("books.redb"), "books").unwrap();
        let lost = settle_in(folder.path(), Mode::Sandbox, 1).unwrap_err();
        assert!(matches!(lost, IdentityError::Lost { .. }));
        let file = folder.path().join(FILE);
        fs::write(&file, "format = 1\nmode = \"sand").unwrap();
        let half = settle_in(folder.path(), Mode::Sandbox, 1).unwrap_err();
        assert!(matches!(half, IdentityError::Malformed { .. }));
        let later = "format = 3\nmode = \"sandbox\"\ncipher = \"x\"\nkey_check = \"y\"\n";
        fs::write(&file, later).unwrap();
        let later = settle_in(folder.path(), Mode::Sandbox, 1).unwrap_err();
        assert!(
            matches!(later, IdentityError::Format { found: 3, .. }),
            "{later}"
        );
    }
}
