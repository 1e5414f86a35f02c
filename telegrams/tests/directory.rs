//! An operator's folder of layouts adds to the compiled-in ones or replaces them.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::BytesMut;
use telegrams::{Answer, Field, Kind, Profiles, Reading};
use tokio_util::codec::Encoder;

/// A fresh folder with these files.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for (file, text) in files {
        fs::write(folder.join(file), text).unwrap();
    }
    folder
}

const SHEET: &str = include_str!("../layouts/dozn.toml");

#[test]
fn a_file_adds_a_profile_and_replaces_one_of_its_name() {
    let renumbered = SHEET.replace("expired = [\"9903\"", "expired = [\"0117\"");
    let files = [
        ("dozn.toml", renumbered.as_str()),
        ("third.toml", SHEET),
        ("dozn.rules.md", "규칙"),
        ("notes.txt", "not a layout"),
    ];
    let profiles = Profiles::embedded()
        .with_directory(&folder("adds", &files))
        .unwrap();
    assert_eq!(
        profiles.names().collect::<Vec<_>>(),
        ["dozn", "ksnet", "third"]
    );
    assert_eq!(
        profiles.get("dozn").unwrap().code(Answer::Expired, None),
        "0117"
    );
    assert_eq!(
        profiles.get("third").unwrap().code(Answer::Expired, None),
        "9903"
    );
    assert!(profiles.get("third").unwrap().has(Kind::Deposit));
    assert!(profiles.get("fourth").is_none());
}

#[test]
fn charset_reply_step_and_prefix_are_the_sheets_to_choose() {
    let sheet = SHEET
        .replace("charset = \"cp949\"", "charset = \"ks-x-1001\"")
        .replace("step = 10", "step = 20")
        .replace(
            "prefix_counts_itself = false",
            "prefix_counts_itself = true",
        );
    let files = [("other.toml", sheet.as_str()), ("dozn.rules.md", "")];
    let profiles = Profiles::embedded()
        .with_directory(&folder("chooses", &files))
        .unwrap();
    let profile = profiles.get("other").unwrap();
    let request = profile.compose(Kind::PayeeLookup).as_it_is().unwrap();
    let mut wire = BytesMut::new();
    profile
        .frame_codec()
        .encode(request.clone(), &mut wire)
        .unwrap();
    assert_eq!(&wire[..4], b"0304");
    let Reading::Request(record) = profile.read(request) else {
        panic!("a look-up")
    };
    let reply = record
        .reply(Answer::Accepted)
        .text(Field::PayeeName, "뷁가")
        .bytes();
    assert_eq!(
        (&reply[14..18], &reply[226..230]),
        (&b"0520"[..], &b"?\xB0\xA1 "[..])
    );
}

#[test]
fn complaints_name_the_file_and_come_from_all_files() {
    let broken = SHEET.replace("size = 100", "size = 99");
    let files = [
        ("a.toml", broken.as_str()),
        ("b.toml", "title = 1"),
        ("dozn.rules.md", ""),
    ];
    let folder = folder("broken", &files);
    let errors = Profiles::embedded().with_directory(&folder).unwrap_err();
    let text = errors.to_string();
    assert!(
        text.contains("a.toml:") && text.contains("b.toml:1: "),
        "{text}"
    );
}

#[test]
fn a_folder_that_is_not_there_is_a_complaint() {
    let errors = Profiles::embedded().with_directory(Path::new("/nonexistent/layouts"));
    assert!(
        errors
            .unwrap_err()
            .to_string()
            .contains("/nonexistent/layouts")
    );
}
