//! What the engine costs, below the typed layer: commits as multiples of R (the time of a 4 KiB
//! write and fdatasync to a preallocated file in the same folder), encrypted and clear; then the
//! cipher, the snapshot and a look-up.
//!
//! Run with `cargo bench --bench engine`. `ENGINE_DIR` names the folder to measure in (default:
//! the target folder), `ENGINE_ROWS` says how many deposits are there before (default 200,000).

#![allow(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use naru::store::engine::redb::{OpenOptions, RedbEngine};
use naru::store::engine::{Engine, TableId};
use naru::store::key::StoreKey;
use naru::store::vault::{UNIT, Vault};
use redb::StorageBackend as _;
use redb::backends::InMemoryBackend;

const TABLES: &[TableId] = &[
    TableId {
        index: 0,
        name: "journal",
    },
    TableId {
        index: 1,
        name: "keys",
    },
];
const JOURNAL: TableId = TABLES[0];
const KEYS: TableId = TABLES[1];

const COMMITS: usize = 300;
const BATCHES: [u64; 4] = [1, 32, 128, 256];

fn main() {
    let dir = std::env::var("ENGINE_DIR").unwrap_or_else(|_| env!("CARGO_TARGET_TMPDIR").into());
    let rows = std::env::var("ENGINE_ROWS").map_or(200_000, |rows| rows.parse().expect("a number"));
    let folder = tempfile::tempdir_in(dir).expect("a folder to measure in");
    commits(folder.path(), rows);
    let mut criterion = Criterion::default().configure_from_args();
    cipher(&mut criterion);
    reading(&mut criterion, folder.path(), rows);
    criterion.final_summary();
}

fn journal_key(n: u64) -> [u8; 8] {
    n.to_be_bytes()
}

/// Grows with time, as a trade date and a trace number do.
fn relay_key(n: u64) -> String {
    format!("3000000300420260302{n:014}")
}

fn event(n: u64) -> Vec<u8> {
    (0..700_u64)
        .map(|at| (at * 7 + n).to_le_bytes()[0])
        .collect()
}

fn receipt(n: u64) -> Vec<u8> {
    (0..67_u64)
        .map(|at| (at * 5 + n).to_le_bytes()[0])
        .collect()
}

struct Ours(RedbEngine);

impl Ours {
    fn open(folder: &Path, name: &str, key: Option<&StoreKey>) -> Ours {
        let options = OpenOptions {
            path: folder.join(name),
            key,
            tables: TABLES,
            cache_bytes: 256 << 20,
            read_only: false,
            check_integrity_below_bytes: 0,
            observer: None,
        };
        Ours(RedbEngine::open(options).expect("a store"))
    }
}

impl Ours {
    fn commit(&self, first: u64, rows: u64) {
        self.0
            .commit(&mut |batch| {
                for n in first..first + rows {
                    batch.put(JOURNAL, &journal_key(n), &event(n))?;
                    batch.put(KEYS, relay_key(n).as_bytes(), &receipt(n))?;
                }
                Ok(())
            })
            .expect("a commit");
    }
}

fn commits(folder: &Path, before: u64) {
    let key = StoreKey::random().expect("a random source");
    let mut disk = Unit::new(folder);
    let writers = [
        ("encrypted", Ours::open(folder, "sealed", Some(&key))),
        ("clear", Ours::open(folder, "clear", None)),
    ];
    for (_, writer) in &writers {
        for first in (0..before).step_by(10_000) {
            writer.commit(first, 10_000);
        }
    }
    println!(
        "commit of n deposits (a journal row of 700 B and a key row of 100 B each); median of"
    );
    println!("{COMMITS}, in turns with R; a deposit has this many R to itself in the last column");
    let mut next = before;
    for rows in BATCHES {
        let mut units = Vec::new();
        let mut times = [const { Vec::new() }; 2];
        for round in 0..COMMITS {
            units.push(disk.write());
            // In turns, because a shared disk has moods, and each turn another one first, because
            // the first to sync pays for what the file system put off.
            for turn in 0..writers.len() {
                let which = (round + turn) % writers.len();
                times[which].push(timed(|| writers[which].1.commit(next, rows)));
            }
            next += rows;
        }
        let r = median(units);
        println!("{rows:>4} deposits, R = {r:?}");
        for ((name, _), times) in writers.iter().zip(times) {
            let time = median(times);
            let ratio = time.as_secs_f64() / r.as_secs_f64();
            println!(
                "     {name:<20} {time:>10.1?}  {ratio:>6.2} R  {:>7.3} R",
                ratio / rows as f64
            );
        }
    }
}

/// R is measured here.
struct Unit {
    file: File,
    page: u64,
}

impl Unit {
    const PAGES: u64 = 256;

    fn new(folder: &Path) -> Unit {
        let file = File::create(folder.join("unit")).expect("a file");
        for page in 0..Self::PAGES {
            file.write_all_at(&[1; UNIT], page * UNIT as u64)
                .expect("room on the disk");
        }
        file.sync_all().expect("a disk that syncs");
        Unit { file, page: 0 }
    }

    fn write(&mut self) -> Duration {
        self.page = (self.page + 1) % Self::PAGES;
        timed(|| {
            self.file
                .write_all_at(&[2; UNIT], self.page * UNIT as u64)
                .expect("a write");
            self.file.sync_data().expect("a sync");
        })
    }
}

fn timed(act: impl FnOnce()) -> Duration {
    let start = Instant::now();
    act();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn cipher(criterion: &mut Criterion) {
    let key = StoreKey::random().expect("a random source");
    let inner = InMemoryBackend::new();
    let bytes = vec![7; 64 * UNIT];
    inner.set_len(128 * UNIT as u64).expect("memory");
    let vault = Vault::new(Box::new(inner), &key);
    let clear = InMemoryBackend::new();
    clear.set_len(128 * UNIT as u64).expect("memory");
    vault.write(UNIT as u64, &bytes).expect("a write");
    let mut out = bytes.clone();
    let mut group = criterion.benchmark_group("vault over memory");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("write 256 KiB", |bencher| {
        bencher.iter(|| vault.write(UNIT as u64, black_box(&bytes)));
    });
    group.bench_function("read 256 KiB", |bencher| {
        bencher.iter(|| vault.read(UNIT as u64, black_box(&mut out)));
    });
    group.throughput(Throughput::Bytes(UNIT as u64));
    group.bench_function("write 4 KiB", |bencher| {
        bencher.iter(|| vault.write(UNIT as u64, black_box(&bytes[..UNIT])));
    });
    group.bench_function("read 4 KiB", |bencher| {
        bencher.iter(|| vault.read(UNIT as u64, black_box(&mut out[..UNIT])));
    });
    group.bench_function("write 4 KiB, no vault", |bencher| {
        bencher.iter(|| clear.write(UNIT as u64, black_box(&bytes[..UNIT])));
    });
    group.finish();
}

fn reading(criterion: &mut Criterion, folder: &Path, before: u64) {
    let key = StoreKey::random().expect("a random source");
    let ours = Ours::open(folder, "reading", Some(&key));
    for first in (0..before).step_by(10_000) {
        ours.commit(first, 10_000);
    }
    let engine = &ours.0;
    let mut n = 0;
    let mut next = || {
        n = (n + 7_919) % before;
        relay_key(n)
    };
    let mut group = criterion.benchmark_group("reading");
    group.bench_function("snapshot, the same again", |bencher| {
        bencher.iter(|| black_box(engine.snapshot().expect("a snapshot")));
    });
    group.bench_function("snapshot and one look-up", |bencher| {
        bencher.iter(|| {
            let rows = engine.snapshot().expect("a snapshot");
            rows.get(KEYS, next().as_bytes()).expect("a row")
        });
    });
    group.bench_function("look-up in a snapshot held", |bencher| {
        let rows = engine.snapshot().expect("a snapshot");
        bencher.iter(|| rows.get(KEYS, next().as_bytes()).expect("a row"));
    });
    group.bench_function("snapshot and look-up, first after a commit", |bencher| {
        let mut first = before;
        bencher.iter_custom(|rounds| {
            let mut spent = Duration::ZERO;
            for _ in 0..rounds {
                engine
                    .commit(&mut |batch| batch.put(JOURNAL, &journal_key(first), b"x"))
                    .expect("a commit");
                first += 1;
                spent += timed(|| {
                    let rows = engine.snapshot().expect("a snapshot");
                    black_box(rows.get(KEYS, next().as_bytes()).expect("a row"));
                });
            }
            spent
        });
    });
    group.finish();
}
