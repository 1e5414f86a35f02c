//! The check finds what was changed behind the journal's back, and the journal finds what was
//! changed in itself.

use naru::domain::{AccountKind, Mode};
use naru::store::TABLES;
use naru::store::engine::memory::{Memory, MemoryEngine};
use naru::store::engine::{Direction, Engine, TableId};

use crate::support::{Desk, check_memory, corrected, deposited, held};

fn busy_day() -> Memory {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    desk.issue("once", AccountKind::OneTime, |_| {});
    for trace_no in 0..20u64 {
        desk.send(deposited(&trace_no.to_string(), "111", 1000 + trace_no));
    }
    desk.send(deposited("20", "nobody", 77));
    desk.send(corrected("3", "111", 1003, Mode::Notice));
    desk.send(deposited("4", "111", 9));
    desk.send(held("50", "once", 10));
    desk.totals("20260302", 4);
    let memory = desk.memory.clone();
    desk.store.close().expect("an orderly end");
    memory
}

fn rows_of(memory: &Memory, table: TableId) -> Vec<(Vec<u8>, Vec<u8>)> {
    let engine = MemoryEngine::open(memory, TABLES).expect("an engine");
    let rows = engine.snapshot().expect("a snapshot");
    let mut all = Vec::new();
    let everything = std::ops::Bound::Unbounded;
    rows.scan(
        table,
        everything,
        everything,
        Direction::Forward,
        &mut |key, row| {
            all.push((key.to_vec(), row.to_vec()));
            Ok(std::ops::ControlFlow::Continue(()))
        },
    )
    .expect("rows");
    all
}

fn change(memory: &Memory, table: TableId, key: &[u8], row: Option<&[u8]>) {
    let engine = MemoryEngine::open(memory, TABLES).expect("an engine");
    engine
        .commit(&mut |batch| match row {
            Some(row) => batch.put(table, key, row),
            None => batch.delete(table, key).map(|_| ()),
        })
        .expect("a commit");
}

#[test]
fn sound_books_are_sound() {
    let report = check_memory(&busy_day());
    assert_eq!(report.problems, Vec::<String>::new());
    assert!(report.records > 20 && report.rows > 20);
}

/// Every row of every derived table: taken away, it is missed; altered, it is seen.
#[test]
fn a_row_changed_in_any_table_is_found() {
    let memory = busy_day();
    for table in &TABLES[1..] {
        for (key, row) in rows_of(&memory, *table) {
            change(&memory, *table, &key, None);
            assert!(
                !check_memory(&memory).problems.is_empty(),
                "{} row gone",
                table.name
            );
            let mut altered = row.clone();
            let last = altered.len() - 1;
            altered[last] ^= 1;
            change(&memory, *table, &key, Some(&altered));
            // A row that can no longer be understood stops the check; one that can is reported.
            let engine = MemoryEngine::open(&memory, TABLES).expect("an engine");
            let scratch = MemoryEngine::open(&Memory::default(), TABLES).expect("an engine");
            let found = naru::store::check(&engine, &scratch, &mut |_, _| {});
            assert!(
                found.is_err() || !found.unwrap().problems.is_empty(),
                "{}",
                table.name
            );
            change(&memory, *table, &key, Some(&row));
        }
    }
    assert!(check_memory(&memory).problems.is_empty());
}

#[test]
fn a_record_changed_dropped_swapped_or_invented_breaks_the_chain() {
    let memory = busy_day();
    let records = rows_of(&memory, TABLES[0]);
    for (index, (key, row)) in records.iter().enumerate() {
        for at in [0, 31, 32, row.len() / 2, row.len() - 1] {
            let mut altered = row.clone();
            altered[at] ^= 1;
            change(&memory, TABLES[0], key, Some(&altered));
            assert!(
                !check_memory(&memory).problems.is_empty(),
                "record {index}, byte {at}"
            );
        }
        change(&memory, TABLES[0], key, None);
        assert!(
            !check_memory(&memory).problems.is_empty(),
            "record {index} dropped"
        );
        let other = &records[(index + 1) % records.len()].1;
        change(&memory, TABLES[0], key, Some(other));
        assert!(
            !check_memory(&memory).problems.is_empty(),
            "record {index} replaced"
        );
        change(&memory, TABLES[0], key, Some(row));
    }
    let next = (records.len() as u64 + 1).to_be_bytes();
    change(&memory, TABLES[0], &next, Some(&records[0].1));
    assert!(
        !check_memory(&memory).problems.is_empty(),
        "a record invented"
    );
}
