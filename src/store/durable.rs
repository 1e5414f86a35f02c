//! Small files that are whole or not there at all, and still there after a power cut.
//!
//! A file is written under another name, synced, given its name, and the folder is synced, for a
//! name is data of the folder. Everything made here is its owner's alone. This room does not know
//! what the files are for.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Makes `folder`, and those above it, where they are missing.
pub(crate) fn folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    sync_name_of(folder)
}

/// The name under which this process drafts `path`; what an earlier life left there is in nobody's
/// use.
pub(crate) fn draft_of(path: &Path) -> PathBuf {
    let mut draft = OsString::from(path);
    draft.push(format!(".{}.tmp", std::process::id()));
    PathBuf::from(draft)
}

/// Makes an empty file, over what an earlier life may have left.
pub(crate) fn begin(draft: &Path) -> io::Result<fs::File> {
    match fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(draft)
}

/// Gives a finished draft the name `path`, unless something has that name already: then the draft
/// goes and the error is `AlreadyExists`.
pub(crate) fn name(draft: &Path, path: &Path) -> io::Result<()> {
    // A link, unlike a rename, never replaces what is there.
    let linked = fs::hard_link(draft, path);
    fs::remove_file(draft)?;
    linked?;
    sync_name_of(path)
}

/// Writes a new file; the error is `AlreadyExists` when there is one.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = draft_of(path);
    let mut file = begin(&draft)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // The first failure is the one to tell of.
        fs::remove_file(&draft).ok();
        return Err(error);
    }
    name(&draft, path)
}

/// Replaces what a file says, whole or not at all.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = draft_of(path);
    let mut file = begin(&draft)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    if let Err(error) = written.and_then(|()| fs::rename(&draft, path)) {
        // The first failure is the one to tell of.
        fs::remove_file(&draft).ok();
        return Err(error);
    }
    sync_name_of(path)
}

fn sync_name_of(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_new_file_is_whole_and_its_owners_alone() {
        let at = tempfile::tempdir().unwrap();
        let path = at.path().join("a/b/file");
        folder(path.parent().unwrap()).unwrap();
        fs::write(draft_of(&path), "half of someth").unwrap();
        write_new(&path, b"whole").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert!(!draft_of(&path).exists());
    }

    #[test]
    fn what_is_replaced_is_whole_and_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write_new(&path, b"first and long").unwrap();
        replace(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_has_the_name_already_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write_new(&path, b"first").unwrap();
        let second = write_new(&path, b"second").unwrap_err();
        assert_eq!(second.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
