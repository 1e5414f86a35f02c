//! What every engine must do, written once and run for each of them.

mod grounds;
mod model;

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread;

use super::memory::Memory;
use super::{Broken, Direction, Doing, Engine, OpenError, Rows, TableId, check_tables};
pub(crate) use grounds::options;
use grounds::{Clear, Ground, Sealed};
use model::agrees_with_a_plain_map;

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

macro_rules! conforms {
    ($engine:ident, $ground:expr) => {
        conforms!($engine, $ground;
            reads_what_it_wrote, scans_in_key_order_within_bounds, work_sees_its_own_changes,
            snapshots_stand_still, a_commit_is_seen_after_it_returned, abort_leaves_nothing,
            the_first_failure_stays, a_panic_in_the_work_breaks_the_books,
            nothing_goes_on_after_the_end, reopening_keeps_everything, large_values_come_back_whole,
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
conforms!(redb_sealed, Sealed::new());

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

pub(crate) fn between(
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
    let (ask, asked) = mpsc::sync_channel::<()>(1);
    let (tell, told) = mpsc::sync_channel(1);
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
    let engine = engine;
    assert_eq!(engine.verify().unwrap_err().to_string(), first);
    assert_eq!(engine.close().unwrap_err().to_string(), first);
}

fn a_panic_in_the_work_breaks_the_books(ground: &dyn Ground) {
    let engine = ground.open();
    put(&*engine, FIRST, &[(b"a", b"1")]);
    let work = AssertUnwindSafe(|| {
        engine.commit(&mut |batch| {
            batch.put(FIRST, b"a", b"half done")?;
            panic!("on purpose")
        })
    });
    catch_unwind(work).unwrap_err();
    engine.commit(&mut |_| Ok(())).unwrap_err();
    engine.snapshot().map(drop).unwrap_err();
    drop(engine);
    let engine = ground.open();
    let rows = engine.snapshot().unwrap();
    assert_eq!(rows.get(FIRST, b"a").unwrap().as_deref(), Some(&b"1"[..]));
}

fn nothing_goes_on_after_the_end(ground: &dyn Ground) {
    let engine = ground.open();
    put(&*engine, FIRST, &[(b"a", b"1")]);
    engine.close().unwrap();
    engine.commit(&mut |_| Ok(())).unwrap_err();
    engine.snapshot().map(drop).unwrap_err();
    engine.verify().unwrap_err();
    // Another may begin although this one is still there.
    put(&*ground.open(), FIRST, &[(b"b", b"2")]);
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
    let engine = ground.open();
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
