//! Any history of commits against a plain ordered map.

use std::collections::BTreeMap;
use std::ops::Bound;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::{Ground, Pairs, TABLES, between};
use crate::store::engine::{Batch, Broken, Direction, Rows};

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

pub(super) fn agrees_with_a_plain_map(ground: &dyn Ground) {
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
