//! What every engine must do, written once and run for each of them.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::sync::{Arc, mpsc};
use std::thread;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::memory::{Memory, MemoryEngine};
use super::redb::{OpenOptions, RedbEngine};
use super::{Batch, Broken, Direction, Doing, Engine, OpenError, Rows, TableId, check_tables};

pub(crate) const TABLES: &[TableId] = &[
    TableId {
        index: 0,
        name: "first",
    },
    TableId {
        index: 1,
        name: "second",
    },
    TableId {
        index: 2,
        name: "third",
    },
];
const FIRST: TableId = TABLES[0];
const SECOND: TableId = TABLES[1];

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// Ground on which an engine stands; opening again finds what was committed.
pub(crate) trait Ground {
    fn open(&self) -> Box<dyn Engine>;

    /// Another ground of the same kind with nothing on it.
    fn fresh(&self) -> Box<dyn Ground>;
}

impl Ground for Memory {
    fn open(&self) -> Box<dyn Engine> {
        Box::new(MemoryEngine::open(self, TABLES).unwrap())
    }

    fn fresh(&self) -> Box<dyn Ground> {
        Box::new(Memory::default())
    }
}

/// A folder with one clear file in it.
pub(crate) struct Clear(tempfile::TempDir);

impl Clear {
    pub(crate) fn new() -> Self {
        Clear(tempfile::tempdir().unwrap())
    }
}

pub(crate) fn options(folder: &std::path::Path) -> OpenOptions {
    OpenOptions {
        path: folder.join("books.redb"),
        tables: TABLES,
        cache_bytes: 1 << 20,
        read_only: false,
        check_integrity_below_bytes: 0,
        observer: None,
    }
}

impl Ground for Clear {
    fn open(&self) -> Box<dyn Engine> {
        Box::new(RedbEngine::open(options(self.0.path())).unwrap())
    }

    fn fresh(&self) -> Box<dyn Ground> {
        Box::new(Clear::new())
    }
}

macro_rules! conforms {
    ($engine:ident, $ground:expr) => {
        conforms!($engine, $ground;
            reads_what_it_wrote, scans_in_key_order_within_bounds, work_sees_its_own_changes,
            snapshots_stand_still, a_commit_is_seen_after_it_returned, abort_leaves_nothing,
            the_first_failure_stays, reopening_keeps_everything, large_values_come_back_whole,
            tables_do_not_mix, a_table_out_of_the_list_is_refused, verifies_and_closes,
            a_scan_ends_where_asked, snapshots_are_open_during_a_commit, agrees_with_a_plain_map);
    };
    ($engine:ident, $ground:expr; $($case:ident),*) => {
        mod $engine {
            use super::*;
            $(#[test] fn $case() { super::$case(&$ground); })*
        }
    };
}

conforms!(memory, Memory::default());
conforms!(redb_clear, Clear::new());

pub(crate) fn put(engine: &dyn Engine, table: TableId, rows: &[(&[u8], &[u8])]) {
    engine
        .commit(&mut |batch| {
            rows.iter()
                .try_for_each(|(key, value)| batch.put(table, key, value))
        })
        .unwrap();
}

fn all(rows: &dyn Rows, table: TableId) -> Pairs {
    between(
        rows,
        table,
        Bound::Unbounded,
        Bound::Unbounded,
        Direction::Forward,
    )
}

fn between(
    rows: &dyn Rows,
    table: TableId,
    from: Bound<&[u8]>,
    to: Bound<&[u8]>,
    direction: Direction,
) -> Pairs {
    let mut found = Pairs::new();
    rows.scan(table, from, to, direction, &mut |key, value| {
        found.push((key.to_vec(), value.to_vec()));
        Ok(ControlFlow::Continue(()))
    })
    .unwrap();
    found
}

fn keys(pairs: &Pairs) -> Vec<&[u8]> {
    pairs.iter().map(|(key, _)| &key[..]).collect()
}

fn on_purpose() -> Broken {
    Broken::not_understood(FIRST, "refused on purpose")
}

fn reads_what_it_wrote(ground: &dyn Ground) {
    let engine = ground.open();
    assert_eq!(engine.snapshot().unwrap().get(FIRST, b"a").unwrap(), None);
    put(
        &*engine,
        FIRST,
        &[(b"a", b"1"), (b"b", b""), (b"", b"empty key")],
    );
    put(&*engine, FIRST, &[(b"a", b"2")]);
    let rows = engine.snapshot().unwrap();
    assert_eq!(rows.get(FIRST, b"a").unwrap().as_deref(), Some(&b"2"[..]));
    assert_eq!(rows.get(FIRST, b"b").unwrap().as_deref(), Some(&b""[..]));
    assert_eq!(
        rows.get(FIRST, b"").unwrap().as_deref(),
        Some(&b"empty key"[..])
    );
    assert_eq!(rows.get(FIRST, b"aa").unwrap(), None);
    let mut taken = Vec::new();
    engine
        .commit(&mut |batch| {
            taken = vec![batch.delete(FIRST, b"a")?, batch.delete(FIRST, b"a")?];
            Ok(())
        })
        .unwrap();
    assert_eq!(taken, [true, false]);
    assert_eq!(engine.snapshot().unwrap().get(FIRST, b"a").unwrap(), None);
}

fn scans_in_key_order_within_bounds(ground: &dyn Ground) {
    use Bound::{Excluded, Included, Unbounded};
    use Direction::{Backward, Forward};
    let engine = ground.open();
    // Unsigned byte order, with a prefix before what it begins.
    let order: [&[u8]; 6] = [b"", b"\x00", b"a", b"a\x00", b"ab", b"\xff"];
    let rows: Vec<(&[u8], &[u8])> = order.iter().rev().map(|key| (*key, &b"v"[..])).collect();
    put(&*engine, FIRST, &rows);
    let view = engine.snapshot().unwrap();
    let reversed: Vec<&[u8]> = order.iter().rev().copied().collect();
    assert_eq!(
        keys(&between(&*view, FIRST, Unbounded, Unbounded, Forward)),
        order
    );
    assert_eq!(
        keys(&between(&*view, FIRST, Unbounded, Unbounded, Backward)),
        reversed
    );
    let inside = |from, to| between(&*view, FIRST, from, to, Forward);
    assert_eq!(
        keys(&inside(Included(b"a"), Included(b"ab"))),
        [&b"a"[..], b"a\x00", b"ab"]
    );
    assert_eq!(
        keys(&inside(Excluded(b"a"), Excluded(b"ab"))),
        [&b"a\x00"[..]]
    );
    let back = between(&*view, FIRST, Excluded(b"a"), Unbounded, Backward);
    assert_eq!(keys(&back), [&b"\xff"[..], b"ab", b"a\x00"]);
    for (from, to) in [
        (Included(&b"b"[..]), Included(&b"a"[..])),
        (Excluded(b"a"), Excluded(b"a")),
        (Included(b"a"), Excluded(b"a")),
        (Excluded(b"a"), Included(b"a")),
        (Included(b"x"), Excluded(b"b")),
    ] {
        for direction in [Forward, Backward] {
            assert!(
                between(&*view, FIRST, from, to, direction).is_empty(),
                "{from:?} {to:?}"
            );
        }
    }
    assert_eq!(keys(&inside(Included(b"a"), Included(b"a"))), [&b"a"[..]]);
}

fn work_sees_its_own_changes(ground: &dyn Ground) {
    let engine = ground.open();
    put(&*engine, FIRST, &[(b"a", b"1"), (b"c", b"3"), (b"e", b"5")]);
    let (mut forward, mut backward, mut single) = (Pairs::new(), Pairs::new(), None);
    engine
        .commit(&mut |batch| {
            batch.put(FIRST, b"b", b"2")?;
            batch.put(FIRST, b"c", b"new")?;
            batch.delete(FIRST, b"e")?;
            batch.put(FIRST, b"f", b"6")?;
            let (low, high) = (Bound::Unbounded, Bound::Unbounded);
            forward = between(batch, FIRST, low, high, Direction::Forward);
            backward = between(batch, FIRST, low, high, Direction::Backward);
            single = batch.get(FIRST, b"c")?;
            assert_eq!(batch.get(FIRST, b"e")?, None);
            Ok(())
        })
        .unwrap();
    assert_eq!(keys(&forward), [&b"a"[..], b"b", b"c", b"f"]);
    backward.reverse();
    assert_eq!(forward, backward);
    assert_eq!(single.as_deref(), Some(&b"new"[..]));
    assert_eq!(all(&*engine.snapshot().unwrap(), FIRST), forward);
}

fn snapshots_stand_still(ground: &dyn Ground) {
    let engine = ground.open();
    put(&*engine, FIRST, &[(b"a", b"1"), (b"b", b"1")]);
    let before = engine.snapshot().unwrap();
    let expected = all(&*before, FIRST);
    for round in 0..20_u8 {
        put(&*engine, FIRST, &[(b"a", &[round]), (&[b'n', round], b"x")]);
        engine
            .commit(&mut |batch| batch.delete(FIRST, b"b").map(drop))
            .unwrap();
        assert_eq!(all(&*before, FIRST), expected);
        // A table first looked at now is still seen as it was then.
        assert!(all(&*before, SECOND).is_empty());
        put(&*engine, SECOND, &[(b"s", b"1")]);
    }
    assert_eq!(all(&*engine.snapshot().unwrap(), FIRST).len(), 21);
}

fn a_commit_is_seen_after_it_returned(ground: &dyn Ground) {
    let engine = ground.open();
    for round in 0..50_u8 {
        put(&*engine, FIRST, &[(b"a", &[round])]);
        let seen = engine.snapshot().unwrap().get(FIRST, b"a").unwrap();
        assert_eq!(seen, Some(vec![round]));
    }
}

fn snapshots_are_open_during_a_commit(ground: &dyn Ground) {
    let engine: Arc<dyn Engine> = Arc::from(ground.open());
    put(&*engine, FIRST, &[(b"a", b"old")]);
    let (ask, asked) = mpsc::channel::<()>();
    let (tell, told) = mpsc::channel();
    let reader = engine.clone();
    let thread = thread::spawn(move || {
        while asked.recv().is_ok() {
            tell.send(reader.snapshot().unwrap().get(FIRST, b"a").unwrap())
                .unwrap();
        }
    });
    engine
        .commit(&mut |batch| {
            batch.put(FIRST, b"a", b"new")?;
            ask.send(()).unwrap();
            assert_eq!(told.recv().unwrap().as_deref(), Some(&b"old"[..]));
            Ok(())
        })
        .unwrap();
    ask.send(()).unwrap();
    assert_eq!(told.recv().unwrap().as_deref(), Some(&b"new"[..]));
    drop(ask);
    thread.join().unwrap();
}

fn abort_leaves_nothing(ground: &dyn Ground) {
    let engine = ground.open();
    put(&*engine, FIRST, &[(b"a", b"1"), (b"b", b"2")]);
    let failed = engine.commit(&mut |batch| {
        batch.put(FIRST, b"a", b"changed")?;
        batch.put(FIRST, b"c", &vec![7; 70_000])?;
        batch.delete(FIRST, b"b")?;
        batch.put(SECOND, b"d", b"4")?;
        Err(on_purpose())
    });
    assert_eq!(failed.unwrap_err().doing(), Doing::Understand);
    drop(engine);
    let engine = ground.open();
    let rows = engine.snapshot().unwrap();
    assert_eq!(keys(&all(&*rows, FIRST)), [&b"a"[..], b"b"]);
    assert_eq!(rows.get(FIRST, b"a").unwrap().as_deref(), Some(&b"1"[..]));
    assert!(all(&*rows, SECOND).is_empty());
}

fn the_first_failure_stays(ground: &dyn Ground) {
    let engine = ground.open();
    put(&*engine, FIRST, &[(b"a", b"1")]);
    let old = engine.snapshot().unwrap();
    let first = engine
        .commit(&mut |_| Err(on_purpose()))
        .unwrap_err()
        .to_string();
    let nothing: &mut super::Each<'_> = &mut |_, _| Ok(ControlFlow::Continue(()));
    let (low, high) = (Bound::Unbounded, Bound::Unbounded);
    let later = [
        engine.commit(&mut |_| Ok(())).unwrap_err(),
        engine.snapshot().map(drop).unwrap_err(),
        old.get(FIRST, b"a").unwrap_err(),
        old.scan(FIRST, low, high, Direction::Forward, nothing)
            .unwrap_err(),
    ];
    drop(old);
    assert!(
        later.iter().all(|broken| broken.to_string() == first),
        "{later:?}"
    );
    let mut engine = engine;
    assert_eq!(engine.verify().unwrap_err().to_string(), first);
    assert_eq!(engine.close().unwrap_err().to_string(), first);
}

fn reopening_keeps_everything(ground: &dyn Ground) {
    let mut expected = BTreeMap::new();
    for round in 0..8_u8 {
        let engine = ground.open();
        assert_eq!(
            all(&*engine.snapshot().unwrap(), FIRST),
            Pairs::from_iter(expected.clone())
        );
        for step in 0..20_u8 {
            let (key, value) = (vec![step, round / 3], vec![round; usize::from(step) * 40]);
            put(&*engine, FIRST, &[(&key, &value)]);
            expected.insert(key, value);
        }
        // Every second time the engine goes without a farewell.
        if round % 2 == 0 {
            engine.close().unwrap();
        }
    }
}

fn large_values_come_back_whole(ground: &dyn Ground) {
    let value: Vec<u8> = (0..65_536_u32)
        .map(|at| at.to_le_bytes()[usize::from(at % 3 == 0)])
        .collect();
    let engine = ground.open();
    put(
        &*engine,
        FIRST,
        &[(b"small", b"1"), (b"large", &value), (&[9; 1_000], &value)],
    );
    engine.close().unwrap();
    let engine = ground.open();
    let rows = engine.snapshot().unwrap();
    assert_eq!(rows.get(FIRST, b"large").unwrap().as_ref(), Some(&value));
    assert_eq!(rows.get(FIRST, &[9; 1_000]).unwrap().as_ref(), Some(&value));
    put(&*engine, FIRST, &[(b"large", b"now small")]);
    let rows = engine.snapshot().unwrap();
    assert_eq!(
        rows.get(FIRST, b"large").unwrap().as_deref(),
        Some(&b"now small"[..])
    );
}

fn tables_do_not_mix(ground: &dyn Ground) {
    let engine = ground.open();
    engine
        .commit(&mut |batch| {
            TABLES
                .iter()
                .try_for_each(|table| batch.put(*table, b"k", table.name.as_bytes()))
        })
        .unwrap();
    let rows = engine.snapshot().unwrap();
    for table in TABLES {
        assert_eq!(
            all(&*rows, *table),
            [(b"k".to_vec(), table.name.as_bytes().to_vec())]
        );
    }
    assert!(engine.bytes() > 0);
}

fn a_table_out_of_the_list_is_refused(ground: &dyn Ground) {
    let engine = ground.open();
    let stranger = TableId {
        index: 3,
        name: "stranger",
    };
    let error = engine.snapshot().unwrap().get(stranger, b"k").unwrap_err();
    assert_eq!(error.table(), Some("stranger"));
}

fn verifies_and_closes(ground: &dyn Ground) {
    let mut engine = ground.open();
    put(&*engine, FIRST, &[(b"a", b"1")]);
    assert!(
        engine
            .snapshot()
            .unwrap()
            .get(FIRST, b"a")
            .unwrap()
            .is_some()
    );
    assert!(engine.verify().unwrap());
    put(&*engine, FIRST, &[(b"b", b"2")]);
    assert_eq!(all(&*engine.snapshot().unwrap(), FIRST).len(), 2);
    engine.close().unwrap();
}

fn a_scan_ends_where_asked(ground: &dyn Ground) {
    let engine = ground.open();
    put(&*engine, FIRST, &[(b"a", b"1"), (b"b", b"2"), (b"c", b"3")]);
    let rows = engine.snapshot().unwrap();
    let mut seen = 0;
    let (low, high) = (Bound::Unbounded, Bound::Unbounded);
    rows.scan(FIRST, low, high, Direction::Backward, &mut |_, _| {
        seen += 1;
        Ok(if seen == 2 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    })
    .unwrap();
    assert_eq!(seen, 2);
    let failed = rows.scan(FIRST, low, high, Direction::Forward, &mut |_, _| {
        Err(on_purpose())
    });
    assert_eq!(failed.unwrap_err().doing(), Doing::Understand);
}

#[derive(Debug, Clone)]
enum Step {
    Put(u8, Vec<u8>, Vec<u8>),
    Delete(u8, Vec<u8>),
    Scan(u8, Bound<Vec<u8>>, Bound<Vec<u8>>, bool),
}

fn step() -> impl Strategy<Value = Step> {
    // Few different bytes, so that keys meet again.
    let key = || {
        vec(
            prop_oneof![Just(0_u8), Just(1), Just(0x80), Just(0xff)],
            0..4,
        )
    };
    let value = prop_oneof![4 => vec(any::<u8>(), 0..40), 1 => vec(any::<u8>(), 3_000..9_000)];
    let bound = || {
        prop_oneof![
            Just(Bound::Unbounded),
            key().prop_map(Bound::Included),
            key().prop_map(Bound::Excluded),
        ]
    };
    prop_oneof![
        4 => (0..3_u8, key(), value).prop_map(|(table, key, value)| Step::Put(table, key, value)),
        2 => (0..3_u8, key()).prop_map(|(table, key)| Step::Delete(table, key)),
        2 => (0..3_u8, bound(), bound(), any::<bool>())
            .prop_map(|(table, from, to, back)| Step::Scan(table, from, to, back)),
    ]
}

type Model = [BTreeMap<Vec<u8>, Vec<u8>>; 3];

fn play(batch: &mut dyn Batch, model: &mut Model, step: &Step) -> Result<(), Broken> {
    match step {
        Step::Put(table, key, value) => {
            model[usize::from(*table)].insert(key.clone(), value.clone());
            batch.put(TABLES[usize::from(*table)], key, value)
        }
        Step::Delete(table, key) => {
            let expected = model[usize::from(*table)].remove(key).is_some();
            assert_eq!(batch.delete(TABLES[usize::from(*table)], key)?, expected);
            Ok(())
        }
        Step::Scan(table, from, to, back) => {
            look(batch, model, *table, (from, to), *back);
            Ok(())
        }
    }
}

fn look(
    rows: &dyn Rows,
    model: &Model,
    table: u8,
    (from, to): (&Bound<Vec<u8>>, &Bound<Vec<u8>>),
    back: bool,
) {
    let (from, to) = (
        from.as_ref().map(Vec::as_slice),
        to.as_ref().map(Vec::as_slice),
    );
    let within = |key: &[u8]| {
        let above = match from {
            Bound::Included(from) => key >= from,
            Bound::Excluded(from) => key > from,
            Bound::Unbounded => true,
        };
        above
            && match to {
                Bound::Included(to) => key <= to,
                Bound::Excluded(to) => key < to,
                Bound::Unbounded => true,
            }
    };
    let table_rows = model[usize::from(table)].clone().into_iter();
    let mut expected: Pairs = table_rows.filter(|(key, _)| within(key)).collect();
    let direction = if back {
        Direction::Backward
    } else {
        Direction::Forward
    };
    if back {
        expected.reverse();
    }
    assert_eq!(
        between(rows, TABLES[usize::from(table)], from, to, direction),
        expected
    );
}

fn agrees_with_a_plain_map(ground: &dyn Ground) {
    let history = vec((vec(step(), 1..12), any::<bool>()), 1..8);
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 48,
        ..ProptestConfig::default()
    });
    runner
        .run(&history, |history| {
            relive(&*ground.fresh(), &history);
            Ok(())
        })
        .unwrap();
}

/// Plays commits on a new engine and on the model; after some of them the engine is opened anew.
fn relive(ground: &dyn Ground, history: &[(Vec<Step>, bool)]) {
    let mut model = Model::default();
    let mut engine = ground.open();
    for (steps, reopen) in history {
        let old = model.clone();
        let before = engine.snapshot().unwrap();
        engine
            .commit(&mut |batch| {
                steps
                    .iter()
                    .try_for_each(|step| play(batch, &mut model, step))
            })
            .unwrap();
        let after = engine.snapshot().unwrap();
        for table in 0..3 {
            let everything = (&Bound::Unbounded, &Bound::Unbounded);
            look(&*before, &old, table, everything, false);
            look(&*after, &model, table, everything, true);
        }
        drop((before, after));
        if *reopen {
            // The old engine must go first: one writer per file.
            drop(engine);
            engine = ground.open();
        }
    }
}

#[test]
fn a_table_list_that_contradicts_itself_is_refused() {
    let twice = [
        TABLES[0],
        TableId {
            index: 1,
            name: "first",
        },
    ];
    assert!(matches!(
        check_tables(&twice),
        Err(OpenError::Tables { name: "first", .. })
    ));
    let astray = [TABLES[1]];
    assert!(matches!(
        check_tables(&astray),
        Err(OpenError::Tables { name: "second", .. })
    ));
    check_tables(TABLES).unwrap();
}
