//! Keys that are found, and keys that are refused.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

const DIGITS: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1F";
const DERIVED: &str = "8b4b693c3056434a792a5b87e13a37d873671a3df9eeccd48c884d358b1b0fdd";

fn sources(key: Option<&str>, file: Option<&Path>, credentials: Option<&Path>) -> KeySources {
    KeySources {
        key: key.map(|key| Zeroizing::new(key.to_owned())),
        file: file.map(Path::to_path_buf),
        credentials: credentials.map(Path::to_path_buf),
    }
}

fn write(path: &Path, mode: u32) {
    fs::write(path, format!("{DIGITS}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The value was computed by another implementation of HKDF (RFC 5869).
#[test]
fn derived_keys_are_hkdf_and_differ_by_purpose() {
    let key = StoreKey::from_hex(DIGITS).unwrap();
    assert_eq!(hex::encode(*key.derive("naru books data")), DERIVED);
    assert_eq!(
        *key.derive("naru books data"),
        *key.derive("naru books data")
    );
    assert_ne!(
        *key.derive("naru books data"),
        *key.derive("naru books tweak")
    );
    assert_eq!(key.check_value().len(), 32);
    assert_eq!(format!("{key:?}"), "StoreKey(..)");
}

#[test]
fn what_is_not_a_key_is_refused_and_not_quoted() {
    let word = "hunter2hunter2";
    for (text, expected) in [
        (word.to_owned(), NotAKey::Length(14)),
        (format!("{DIGITS}00"), NotAKey::Length(66)),
        (DIGITS.replace('a', "g"), NotAKey::Digits),
        ("가".repeat(21) + "a", NotAKey::Digits),
        ("5a".repeat(32), NotAKey::Weak),
    ] {
        let given = sources(Some(&text), None, None);
        match find(Path::new("data"), Mode::Sandbox, &given) {
            Err(KeyRefused::Malformed { why, .. }) => assert_eq!(why, expected),
            other => panic!("{other:?}"),
        }
    }
    let refused = find(
        Path::new("x"),
        Mode::Sandbox,
        &sources(Some(word), None, None),
    );
    assert!(!refused.unwrap_err().to_string().contains(word));
    StoreKey::from_hex(&format!("  {DIGITS}\r\n")).unwrap();
}

#[test]
fn the_sources_have_an_order_and_two_are_too_many() {
    let at = tempfile::tempdir().unwrap();
    let (file, credentials) = (at.path().join("key"), at.path().join("credentials"));
    fs::create_dir(&credentials).unwrap();
    write(&file, 0o600);
    write(&credentials.join(CREDENTIAL), 0o440);
    let folder = at.path().join("data");
    let find = |sources| find(&folder, Mode::Production, &sources);
    let both = find(sources(Some(DIGITS), Some(&file), None));
    assert!(matches!(both, Err(KeyRefused::Two)));
    let origin = |sources| find(sources).unwrap().origin;
    assert_eq!(
        origin(sources(Some(DIGITS), None, Some(&credentials))),
        KEY_VARIABLE
    );
    let named = origin(sources(None, Some(&file), Some(&credentials)));
    assert_eq!(named, file.display().to_string());
    let handed = origin(sources(None, None, Some(&credentials)));
    assert!(handed.ends_with(CREDENTIAL));
    fs::remove_file(credentials.join(CREDENTIAL)).unwrap();
    let none = find(sources(None, None, Some(&credentials))).unwrap_err();
    assert!(none.to_string().contains("openssl rand -hex 32"), "{none}");
}

#[test]
fn a_sandbox_makes_a_key_beside_its_folder_once() {
    let at = tempfile::tempdir().unwrap();
    let folder = at.path().join("new/data/");
    let found = find(&folder, Mode::Sandbox, &KeySources::default()).unwrap();
    assert!(found.made && found.warnings.is_empty());
    let path = at.path().join("new/data.key");
    assert_eq!(sandbox_file(&folder), path);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let again = find(&folder, Mode::Sandbox, &KeySources::default()).unwrap();
    assert!(!again.made);
    assert_eq!(again.key.check_value(), found.key.check_value());
    // With data in the folder a new key would not open it, so none is made.
    identity::settle(&folder, "books.redb", Mode::Sandbox, &found.key, false).unwrap();
    fs::remove_file(&path).unwrap();
    let gone = find(&folder, Mode::Sandbox, &KeySources::default());
    assert!(matches!(gone, Err(KeyRefused::Gone { .. })));
    assert!(!path.exists());
}

#[test]
fn a_key_file_must_not_lie_inside_the_folder_nor_open_to_others() {
    let at = tempfile::tempdir().unwrap();
    let folder = at.path().join("data");
    fs::create_dir(&folder).unwrap();
    let inside = folder.join("key");
    write(&inside, 0o600);
    let link = at.path().join("link");
    std::os::unix::fs::symlink(&inside, &link).unwrap();
    for path in [&inside, &link] {
        let refused = find(&folder, Mode::Sandbox, &sources(None, Some(path), None));
        assert!(matches!(refused, Err(KeyRefused::Inside { .. })));
    }
    let outside = at.path().join("key");
    for (mode, exposed) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
        write(&outside, 0o600);
        fs::set_permissions(&outside, fs::Permissions::from_mode(mode)).unwrap();
        let sources = sources(None, Some(&outside), None);
        let sandbox = find(&folder, Mode::Sandbox, &sources).unwrap();
        assert_eq!(sandbox.warnings.len(), usize::from(exposed));
        let production = find(&folder, Mode::Production, &sources);
        assert_eq!(
            matches!(production, Err(KeyRefused::Exposed { .. })),
            exposed
        );
    }
    let missing = at.path().join("missing");
    let missing = find(&folder, Mode::Sandbox, &sources(None, Some(&missing), None));
    assert!(matches!(missing, Err(KeyRefused::Unreadable { .. })));
}

#[test]
fn production_refuses_a_key_file_that_anybody_would_write_first() {
    let home = tempfile::tempdir().unwrap();
    let (folder, file) = (home.path().join("data"), home.path().join("key"));
    let sources = KeySources {
        file: Some(file.clone()),
        ..KeySources::default()
    };
    for guess in ["ab".repeat(32), "0123456789abcdef".repeat(4)] {
        let _ = fs::remove_file(&file);
        durable::write_new(&file, guess.as_bytes()).unwrap();
        let refused = find(&folder, Mode::Production, &sources).expect_err(&guess);
        assert!(!refused.to_string().contains(&guess), "{refused}");
        assert!(find(&folder, Mode::Sandbox, &sources).is_ok() || guess.starts_with("ab"));
    }
    let _ = fs::remove_file(&file);
    let good = StoreKey::random().unwrap().hex();
    durable::write_new(&file, good.as_bytes()).unwrap();
    assert!(find(&folder, Mode::Production, &sources).is_ok());
}
