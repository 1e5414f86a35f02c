//! The vault against the published vectors, against another implementation, as a backend, and
//! against one who reads the stolen folder.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use redb::StorageBackend;
use xts_mode::{Xts128, get_tweak_default};

use super::*;
use crate::store::engine::Engine;
use crate::store::engine::conformance::{TABLES, options};
use crate::store::engine::faults::Disk;
use crate::store::engine::redb::{OpenOptions, RedbEngine};

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    hex::decode(hex).unwrap().try_into().unwrap()
}

/// IEEE 1619-2007, annex B, vectors 10 to 12: the first 32 and the last 16 bytes of each.
#[test]
fn agrees_with_the_published_vectors() {
    let xts = Xts::new(
        &bytes("2718281828459045235360287471352662497757247093699959574966967627"),
        &bytes("3141592653589793238462643383279502884197169399375105820974944592"),
    );
    let plain: Vec<u8> = (0..=255).chain(0..=255).collect();
    for (unit, head, tail) in [
        (
            0xff,
            "1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b",
            "c4f36ffda9fcea70b9c6e693e148c151",
        ),
        (
            0xffff,
            "77a31251618a15e6b92d1d66dffe7b50b50bad552305ba0217a610688eff7e11",
            "a4f9e27b42af8100cb9d59cef9645803",
        ),
        (
            0xff_ffff,
            "e387aaa58ba483afa7e8eb469778317ecf4cf573aa9d4eac23f2cdf914e4e200",
            "2263a1eef52dd6888c309f5a7d712826",
        ),
    ] {
        let mut text = plain.clone();
        xts.seal(unit, &mut text);
        assert_eq!(hex::encode(&text[..32]), head);
        assert_eq!(hex::encode(&text[496..]), tail);
        xts.open(unit, &mut text);
        assert_eq!(text, plain);
    }
}

proptest! {
    #[test]
    fn agrees_with_another_implementation(
        data in any::<[u8; 32]>(), tweak in any::<[u8; 32]>(), unit in any::<u64>(),
        blocks in 1..200_usize, seed in any::<u8>(),
    ) {
        let plain: Vec<u8> = (0..blocks * BLOCK).map(|at| at.to_le_bytes()[0] ^ seed).collect();
        let (mut ours, mut theirs) = (plain.clone(), plain.clone());
        let referee = Xts128::new(Aes256::new(&data.into()), Aes256::new(&tweak.into()));
        let xts = Xts::new(&data, &tweak);
        xts.seal(unit, &mut ours);
        referee.encrypt_sector(&mut theirs, get_tweak_default(unit.into()));
        prop_assert_eq!(&ours, &theirs);
        xts.open(unit, &mut ours);
        prop_assert_eq!(ours, plain);
    }

    /// Whatever was written is read again from any position, as from a disk that hides nothing.
    #[test]
    fn reads_any_range_as_a_clear_disk_would(
        writes in prop::collection::vec((0..12_u64, 1..4_usize, any::<u8>()), 0..20),
        reads in prop::collection::vec((0..60_000_u64, 0..9_000_usize), 1..20),
    ) {
        let (vault, clear) = (vault_on(&Disk::default()), Disk::default());
        let len = 16 * UNIT_BYTES;
        vault.set_len(len).unwrap();
        clear.set_len(len).unwrap();
        for (unit, units, fill) in writes {
            let (at, data) = if unit == 0 {
                (u64::from(fill), vec![fill; 320])
            } else {
                let bytes = (0..units * UNIT).map(|at| at.to_le_bytes()[0] ^ fill);
                (unit * UNIT_BYTES, bytes.collect())
            };
            vault.write(at, &data).unwrap();
            clear.write(at, &data).unwrap();
        }
        for (at, length) in reads {
            let (mut ours, mut theirs) = (vec![1; length], vec![2; length]);
            let (found, expected) = (vault.read(at, &mut ours), clear.read(at, &mut theirs));
            prop_assert_eq!(found.is_ok(), expected.is_ok());
            if expected.is_ok() {
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}

fn vault_on(disk: &Disk) -> Vault {
    Vault::new(Box::new(disk.clone()), &StoreKey::from_bytes([9; 32]))
}

#[test]
fn the_header_is_clear_and_one_byte_stays_one_byte() {
    let disk = Disk::default();
    let vault = vault_on(&disk);
    vault.set_len(2 * UNIT_BYTES).unwrap();
    vault.write(UNIT_BYTES, &[3; UNIT]).unwrap();
    let before = disk.bytes();
    vault.write(9, &[0b101]).unwrap();
    let after = disk.bytes();
    let changed: Vec<usize> = (0..after.len())
        .filter(|at| before[*at] != after[*at])
        .collect();
    assert_eq!(changed, [9]);
    assert_eq!(after[9], 0b101);
}

#[test]
fn a_write_changes_the_units_written_and_no_other() {
    let disk = Disk::default();
    let vault = vault_on(&disk);
    vault.set_len(6 * UNIT_BYTES).unwrap();
    vault.write(UNIT_BYTES, &vec![1; 5 * UNIT]).unwrap();
    let before = disk.bytes();
    vault.write(2 * UNIT_BYTES, &[2; 2 * UNIT]).unwrap();
    let after = disk.bytes();
    let changed = |unit: usize| before[unit * UNIT..][..UNIT] != after[unit * UNIT..][..UNIT];
    assert_eq!(
        (0..6).map(changed).collect::<Vec<_>>(),
        [false, false, true, true, false, false]
    );
}

#[test]
fn the_same_page_looks_different_in_every_place_and_under_every_key() {
    let disk = Disk::default();
    vault_on(&disk)
        .write(UNIT_BYTES, &vec![7; 3 * UNIT])
        .unwrap();
    let other = Disk::default();
    let key = StoreKey::from_bytes([8; 32]);
    Vault::new(Box::new(other.clone()), &key)
        .write(UNIT_BYTES, &[7; UNIT])
        .unwrap();
    let (disk, other) = (disk.bytes(), other.bytes());
    let units = [
        &disk[UNIT..2 * UNIT],
        &disk[2 * UNIT..3 * UNIT],
        &other[UNIT..2 * UNIT],
    ];
    assert!(
        units
            .iter()
            .all(|unit| !unit.windows(4).any(|bytes| bytes == [7; 4]))
    );
    assert!(units[0] != units[1] && units[0] != units[2] && units[1] != units[2]);
}

#[test]
fn parts_of_a_unit_are_not_written() {
    let vault = vault_on(&Disk::default());
    vault.set_len(4 * UNIT_BYTES).unwrap();
    for (offset, length) in [
        (4_000, 200),
        (0, UNIT + 1),
        (UNIT_BYTES, 100),
        (UNIT_BYTES + 16, UNIT),
    ] {
        let refused = vault.write(offset, &vec![1; length]).unwrap_err();
        assert_eq!(
            refused.kind(),
            io::ErrorKind::InvalidInput,
            "{offset} {length}"
        );
    }
}

const UTF8_NAME: &[u8] = "홍길동".as_bytes();
const CP949_NAME: &[u8] = &[0xC8, 0xAB, 0xB1, 0xE6, 0xB5, 0xBF];
const ACCOUNT: &[u8] = b"56211098765432";
const LATIN_NAME: &[u8] = b"CANARYBIRD";
const CANARIES: [&[u8]; 4] = [UTF8_NAME, CP949_NAME, ACCOUNT, LATIN_NAME];

/// Writes the canaries as keys and values, small and large, written over and taken away again.
fn let_canaries_in(engine: &RedbEngine) {
    for round in 0..30_u8 {
        engine
            .commit(&mut |batch| {
                for (canary, table) in CANARIES.iter().zip(TABLES.iter().cycle()) {
                    let key = [canary, &[round % 10][..]].concat();
                    let value = canary.repeat(1 + 700 * usize::from(round % 7));
                    batch.put(*table, &key, &value)?;
                    batch.put(*table, b"last", canary)?;
                    if round % 3 == 0 {
                        batch.delete(*table, &key)?;
                    }
                }
                Ok(())
            })
            .unwrap();
    }
}

/// Which canaries sing anywhere in the folder.
fn heard(folder: &Path) -> Vec<bool> {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| fs::read(file.unwrap().path()).unwrap());
    let files: Vec<Vec<u8>> = files.collect();
    assert!(!files.is_empty());
    let within = |canary: &[u8], file: &[u8]| file.windows(canary.len()).any(|at| at == canary);
    CANARIES
        .map(|canary| files.iter().any(|file| within(canary, file)))
        .to_vec()
}

fn write_and_listen(key: Option<&StoreKey>) -> (Vec<bool>, Vec<bool>) {
    let folder = tempfile::tempdir().unwrap();
    let engine = RedbEngine::open(OpenOptions {
        key,
        ..options(folder.path())
    })
    .unwrap();
    let_canaries_in(&engine);
    let open = heard(folder.path());
    // The fourth canary went to the first table again.
    let last = engine.snapshot().unwrap().get(TABLES[0], b"last").unwrap();
    assert_eq!(last.as_deref(), Some(LATIN_NAME));
    engine.close().unwrap();
    (open, heard(folder.path()))
}

#[test]
fn no_canary_sings_in_the_folder() {
    let key = StoreKey::random().unwrap();
    let (open, closed) = write_and_listen(Some(&key));
    assert_eq!((open, closed), (vec![false; 4], vec![false; 4]));
}

#[test]
fn every_canary_sings_when_the_vault_is_off() {
    let (open, closed) = write_and_listen(None);
    assert_eq!((open, closed), (vec![true; 4], vec![true; 4]));
}
