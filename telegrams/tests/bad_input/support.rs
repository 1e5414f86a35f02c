//! Golden telegrams, and what the codec says of them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use telegrams::{Malformed, Profile, Profiles, Reading, Record};

pub(crate) fn profile(name: &str) -> Arc<Profile> {
    Profiles::embedded().get(name).unwrap()
}

pub(crate) fn golden(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let text = fs::read_to_string(folder.join(format!("{name}.hex"))).unwrap();
    hex::decode(
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .collect::<String>(),
    )
    .unwrap()
}

/// A golden telegram with some bytes overwritten.
pub(crate) fn with(name: &str, at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut telegram = golden(name);
    telegram[at..at + bytes.len()].copy_from_slice(bytes);
    telegram
}

pub(crate) fn read(bytes: impl Into<Bytes>) -> Reading {
    profile("dozn").read(bytes.into())
}

pub(crate) fn request(bytes: impl Into<Bytes>) -> Record {
    match read(bytes) {
        Reading::Request(record) => record,
        other => panic!("not a request: {other:?}"),
    }
}

pub(crate) fn refusal(bytes: impl Into<Bytes>) -> Malformed {
    request(bytes).check().unwrap_err()
}

/// What is wrong, in which field, at which byte.
pub(crate) fn gist(flaw: &Malformed) -> (&str, &'static str, usize) {
    let field = flaw.field.as_ref().map_or("", |name| name.english);
    (field, flaw.why.name(), flaw.at)
}
