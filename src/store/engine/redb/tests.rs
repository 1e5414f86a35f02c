//! What redb on a file does beyond the promises every engine makes: who may share it, what a
//! crash and damage look like, and what its observer hears.

use std::fs;
use std::ops::Bound;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use super::*;
use crate::store::engine::conformance::{TABLES, between, options, put};
use crate::store::engine::{Direction, Rows};

const FIRST: TableId = TABLES[0];

fn open(folder: &Path, key: Option<&StoreKey>) -> RedbEngine {
    RedbEngine::open(OpenOptions {
        key,
        ..options(folder)
    })
    .unwrap()
}

fn look(folder: &Path, key: Option<&StoreKey>) -> Result<RedbEngine, OpenError> {
    RedbEngine::open(OpenOptions {
        key,
        read_only: true,
        ..options(folder)
    })
}

fn count(rows: &dyn Rows) -> usize {
    between(
        rows,
        FIRST,
        Bound::Unbounded,
        Bound::Unbounded,
        Direction::Forward,
    )
    .len()
}

#[test]
fn a_second_writer_hears_that_the_folder_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), None);
    let second = RedbEngine::open(options(folder.path())).unwrap_err();
    assert!(matches!(second, OpenError::InUse { .. }), "{second}");
    assert!(
        second.to_string().contains("in use by a running gateway"),
        "{second}"
    );
    put(&first, FIRST, &[(b"a", b"1")]);
    first.close().unwrap();
    assert_eq!(count(&*open(folder.path(), None).snapshot().unwrap()), 1);
}

#[test]
fn a_reader_beside_the_writer_follows_it_and_its_snapshots_stand_still() {
    for key in [None, Some(StoreKey::random().unwrap())] {
        let folder = tempfile::tempdir().unwrap();
        let writer = open(folder.path(), key.as_ref());
        put(&writer, FIRST, &[(b"a", &[0; 9_000])]);
        let reader = look(folder.path(), key.as_ref()).unwrap();
        let before = reader.snapshot().unwrap();
        for round in 1..60_u8 {
            put(
                &writer,
                FIRST,
                &[(b"a", &[round; 9_000]), (&[round], b"new")],
            );
            let now = reader.snapshot().unwrap();
            assert_eq!(now.get(FIRST, b"a").unwrap(), Some(vec![round; 9_000]));
            assert_eq!(count(&*now), usize::from(round) + 1);
        }
        // The pages it was written on were free to be used again for long, but for this view.
        assert_eq!(before.get(FIRST, b"a").unwrap(), Some(vec![0; 9_000]));
        assert_eq!(count(&*before), 1);
        let refused = reader.commit(&mut |_| Ok(())).unwrap_err();
        assert!(refused.to_string().contains("reading only"), "{refused}");
        drop(before);
        reader.close().unwrap();
        put(&writer, FIRST, &[(b"b", b"still writing")]);
        writer.close().unwrap();
    }
}

#[test]
fn a_reader_alone_needs_an_orderly_end_and_a_file() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        look(folder.path(), None),
        Err(OpenError::Missing { .. })
    ));
    let writer = open(folder.path(), None);
    put(&writer, FIRST, &[(b"a", b"1")]);
    // A copy of a file in use is what a crash leaves.
    let crashed = tempfile::tempdir().unwrap();
    let copy = crashed.path().join("books.redb");
    fs::copy(folder.path().join("books.redb"), &copy).unwrap();
    assert!(matches!(
        look(crashed.path(), None),
        Err(OpenError::NotRecovered { .. })
    ));
    open(crashed.path(), None).close().unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o400)).unwrap();
    let reader = look(crashed.path(), None).unwrap();
    assert_eq!(count(&*reader.snapshot().unwrap()), 1);
}

#[test]
fn a_reader_finds_tables_that_are_not_made_yet_empty() {
    let folder = tempfile::tempdir().unwrap();
    let old = OpenOptions {
        tables: &TABLES[..1],
        ..options(folder.path())
    };
    RedbEngine::open(old).unwrap().close().unwrap();
    let reader = look(folder.path(), None).unwrap();
    let rows = reader.snapshot().unwrap();
    assert_eq!(rows.get(TABLES[2], b"a").unwrap(), None);
    drop(rows);
    drop(reader);
    let writer = open(folder.path(), None);
    put(&writer, TABLES[2], &[(b"a", b"1")]);
}

/// Flips one bit in every page that holds rows, so that whatever is checked is hit.
fn damage(path: &Path) {
    let mut file = fs::read(path).unwrap();
    for page in file
        .chunks_mut(4_096)
        .skip(1)
        .filter(|page| page.contains(&7))
    {
        page[2_000] ^= 4;
    }
    fs::write(path, file).unwrap();
}

fn filled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), None);
    for key in 0..50_u8 {
        put(&engine, FIRST, &[(&[key], &[7; 900])]);
    }
    engine.close().unwrap();
    folder
}

#[test]
fn damage_is_found_when_verified() {
    let folder = filled();
    let engine = open(folder.path(), None);
    assert!(engine.verify().unwrap());
    engine.close().unwrap();
    damage(&folder.path().join("books.redb"));
    let engine = open(folder.path(), None);
    assert!(!engine.verify().unwrap());
    engine.commit(&mut |_| Ok(())).unwrap_err();
}

#[test]
fn damage_is_found_at_the_start_where_the_size_allows() {
    let folder = filled();
    damage(&folder.path().join("books.redb"));
    let open = |check_integrity_below_bytes| {
        RedbEngine::open(OpenOptions {
            check_integrity_below_bytes,
            ..options(folder.path())
        })
    };
    // The file is larger than the first bound, so it is trusted.
    open(1_000).unwrap().close().unwrap();
    let found = open(1 << 30).unwrap_err();
    assert!(matches!(found, OpenError::Damaged { .. }), "{found}");
}

#[test]
fn an_interrupted_beginning_hinders_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.redb");
    fs::write(durable::draft_of(&path), [0; 5_000]).unwrap();
    let engine = open(folder.path(), None);
    put(&engine, FIRST, &[(b"a", b"1")]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn a_snapshot_in_use_keeps_verify_from_beginning_but_breaks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path(), None);
    let held = engine.snapshot().unwrap();
    engine.verify().unwrap_err();
    drop(held);
    assert!(engine.verify().unwrap());
}

#[derive(Debug, Default)]
struct Ear(Mutex<(u32, u32, u64)>);

impl Observer for Ear {
    fn synced(&self, _: Duration) {
        self.0.lock().unwrap().0 += 1;
    }

    fn committed(&self, _: Duration) {
        self.0.lock().unwrap().1 += 1;
    }

    fn grew(&self, bytes: u64) {
        self.0.lock().unwrap().2 = bytes;
    }
}

#[test]
fn an_observer_hears_two_syncs_in_every_commit() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path(), None));
    let ear = Arc::new(Ear::default());
    let observer: Option<Arc<dyn Observer>> = Some(ear.clone());
    let engine = RedbEngine::open(OpenOptions {
        observer,
        ..options(folder.path())
    })
    .unwrap();
    let at_start = ear.0.lock().unwrap().0;
    for round in 0..10_u8 {
        put(&engine, FIRST, &[(&[round], b"v")]);
    }
    let (syncs, commits, _) = *ear.0.lock().unwrap();
    assert_eq!((syncs - at_start, commits), (20, 10));
    put(&engine, FIRST, &[(b"large", &vec![1; 4 << 20])]);
    let grown = ear.0.lock().unwrap().2;
    assert!(grown > 4 << 20);
    assert_eq!(grown, engine.bytes());
    assert_eq!(
        grown,
        fs::metadata(folder.path().join("books.redb"))
            .unwrap()
            .len()
    );
}
