//! Golden vectors: bytes laid out by hand from the printed specification, beside what they mean.
//!
//! Every `golden/<profile>/<name>.hex` must read as its `.txt` says, and what the `.txt` says must
//! compose (or, for replies, patch the request) to exactly those bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use telegrams::{Answer, Field, Kind, Profile, Profiles, Reading, Record};

/// A vector: its bytes and the meaning beside them.
struct Golden {
    name: String,
    profile: Arc<Profile>,
    bytes: Bytes,
    /// What stands above the empty line: kind, way, to, answer, patch.
    head: BTreeMap<String, String>,
    fields: Vec<(Field, String)>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn bytes_of(path: &Path) -> Bytes {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    hex::decode(lines.collect::<String>()).unwrap().into()
}

fn load(profile: &Arc<Profile>, path: &Path) -> Golden {
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let text = fs::read_to_string(path.with_extension("txt")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once(':'));
    let (mut head, mut fields) = (BTreeMap::new(), Vec::new());
    for (word, value) in pairs.map(|(word, value)| (word.trim(), value.trim().to_owned())) {
        if let Some(field) = Field::from_name(word) {
            fields.push((field, value));
        } else {
            assert!(
                ["kind", "way", "to", "answer", "patch"].contains(&word),
                "{name}: {word}"
            );
            head.insert(word.to_owned(), value);
        }
    }
    Golden {
        name,
        profile: Arc::clone(profile),
        bytes: bytes_of(path),
        head,
        fields,
    }
}

fn all() -> Vec<Golden> {
    let profiles = Profiles::embedded();
    let mut found = Vec::new();
    for name in profiles.names() {
        let profile = profiles.get(name).unwrap();
        let files = fs::read_dir(folder().join(name)).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        let hex = paths.filter(|path| path.extension().is_some_and(|end| end == "hex"));
        found.extend(hex.map(|path| load(&profile, &path)));
    }
    found.sort_by_key(|golden| golden.name.clone());
    found
}

fn record(golden: &Golden) -> Record {
    match (
        golden.profile.read(golden.bytes.clone()),
        golden.head["way"].as_str(),
    ) {
        (Reading::Request(record), "request") | (Reading::Reply(record), "reply") => record,
        (other, way) => panic!("{}: not a {way}: {other:?}", golden.name),
    }
}

/// True when a field means what the `.txt` says: nothing, a date, a time, a number or a text.
fn means(record: &Record, field: Field, value: &str) -> bool {
    let raw = record.raw(field).unwrap();
    if value.is_empty() {
        return raw.iter().all(|byte| *byte == b' ') || record.date(field) == Ok(None);
    }
    if value.len() == 10 && value.matches('-').count() == 2 {
        return record.date(field).unwrap().unwrap().to_string() == value;
    }
    if value.len() == 8 && value.matches(':').count() == 2 {
        return record.time(field).unwrap().unwrap().to_string() == value;
    }
    let text = record.text(field).unwrap().unwrap();
    let number = value.parse::<u64>();
    text == value || number.is_ok_and(|number| record.number(field) == Ok(Some(number)))
}

#[test]
fn every_vector_reads_as_its_text_says() {
    for golden in all() {
        let record = record(&golden);
        assert_eq!(record.kind().name(), golden.head["kind"], "{}", golden.name);
        for (field, value) in &golden.fields {
            let read = record.text(*field);
            assert!(
                means(&record, *field, value),
                "{}: {field} is {read:?}",
                golden.name
            );
        }
        record
            .check()
            .unwrap_or_else(|flaw| panic!("{}: {flaw}", golden.name));
    }
}

#[test]
fn every_text_names_every_field_of_its_layout() {
    for golden in all() {
        let record = record(&golden);
        let mut named: Vec<_> = golden.fields.iter().map(|(field, _)| *field).collect();
        let mut there: Vec<_> = Field::ALL
            .iter()
            .copied()
            .filter(|field| record.raw(*field).is_some())
            .collect();
        named.sort();
        there.sort();
        assert_eq!(named, there, "{}", golden.name);
    }
}

#[test]
fn every_request_composes_to_its_own_bytes() {
    for golden in all()
        .iter()
        .filter(|golden| golden.head["way"] == "request")
    {
        let kind = Kind::from_name(&golden.head["kind"]).unwrap();
        let written = golden.fields.iter().filter(|(_, value)| !value.is_empty());
        let composer = written.fold(golden.profile.compose(kind), |composer, (field, value)| {
            composer.text(*field, &value.replace(['-', ':'], ""))
        });
        assert!(!composer.cut(), "{}", golden.name);
        let bytes = composer
            .finish()
            .unwrap_or_else(|error| panic!("{}: {error}", golden.name));
        assert_eq!(
            hex::encode(bytes),
            hex::encode(&golden.bytes),
            "{}",
            golden.name
        );
    }
}

#[test]
fn every_reply_is_its_request_patched() {
    let all = all();
    let replies = all.iter().filter(|golden| golden.head["way"] == "reply");
    let mut count = 0;
    for golden in replies {
        let request = all.iter().find(|other| {
            other.name == golden.head["to"] && other.profile.name() == golden.profile.name()
        });
        let answer = Answer::from_name(&golden.head["answer"]).unwrap();
        let mut reply = record(request.unwrap()).reply(answer);
        for word in golden
            .head
            .get("patch")
            .map_or("", String::as_str)
            .split_whitespace()
        {
            let field = Field::from_name(word).unwrap();
            let (_, value) = golden
                .fields
                .iter()
                .find(|(other, _)| *other == field)
                .unwrap();
            reply = reply.text(field, value);
        }
        assert!(!reply.cut(), "{}", golden.name);
        assert_eq!(
            hex::encode(reply.bytes()),
            hex::encode(&golden.bytes),
            "{}",
            golden.name
        );
        count += 1;
    }
    assert!(count >= 13, "{count} replies");
}

#[test]
fn every_kind_of_every_profile_has_a_vector() {
    let all = all();
    let profiles = Profiles::embedded();
    for name in profiles.names() {
        let profile = profiles.get(name).unwrap();
        for kind in Kind::ALL.iter().filter(|kind| profile.has(**kind)) {
            let there = |golden: &Golden| {
                golden.profile.name() == name
                    && golden.head["kind"] == kind.name()
                    && golden.head["way"] == "request"
            };
            assert!(all.iter().any(there), "{name} has no vector of {kind}");
        }
    }
}

/// The worked sample stands in the specification as text; it is repeated here as text, so that
/// neither the vectors' maker nor our writer vouches for itself.
#[test]
fn the_worked_sample_is_the_specifications() {
    let spaces = |count: usize| " ".repeat(count);
    let sample = [
        "VAS300000030880200100012025040715025604070000000074",
        &spaces(8),
        "00000000",
        &spaces(14 + 19 + 7),
        "BS02008856211024649265  004",
        "홍길동",
        &spaces(24),
        "000000000030000000000000000000000000300N N",
        &spaces(20 + 20 + 54),
    ]
    .concat();
    let (bytes, _, unmappable) = encoding_rs::EUC_KR.encode(&sample);
    assert!(!unmappable);
    assert_eq!(bytes.len(), 300);
    assert_eq!(bytes_of(&folder().join("dozn/deposit.hex")), bytes.as_ref());
}
