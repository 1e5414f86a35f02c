//! A disk that fills up under a load: the process stops with its own code and answers nobody, and
//! with room again everything acknowledged is there and everything else can still come.

use std::collections::BTreeMap;

use rustix::process::{Resource, Rlimit, prlimit};
use simulator::load;

use crate::gateway::{Gateway, import_accounts};
use crate::kill::{assert_kept, books, load_of};
use crate::scenarios::assert_sound;

/// What a process says whose books broke (`EX_IOERR`), as `naru serve --help` promises.
const BOOKS_BROKE: i32 = 74;

/// No file of this gateway may grow beyond what it is now, and a little.
fn fill_up(gateway: &Gateway, folder: &std::path::Path) {
    let books = folder.join("data").join("books.redb");
    let now = std::fs::metadata(books).expect("the books").len();
    let bound = Rlimit {
        current: Some(now + 4096),
        maximum: Some(now + 4096),
    };
    prlimit(Some(gateway.pid()), Resource::Fsize, bound).expect("a bound");
}

#[test]
fn on_a_full_disk_it_stops_with_its_own_code_and_nothing_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    import_accounts(folder.path());
    let gateway = Gateway::start_boundable(folder.path());
    fill_up(&gateway, folder.path());
    let report = load::run(&load_of(0, gateway.relay())).expect("a load");
    assert!(!report.is_whole(), "the disk never filled up");
    assert_eq!(gateway.ended(), Some(BOOKS_BROKE));

    let gateway = Gateway::start(folder.path());
    {
        let (_folder, reads) = books(folder.path());
        assert_kept(&reads, &report.acknowledged);
    }
    let again = load::run(&load_of(0, gateway.relay())).expect("a load");
    assert!(again.is_whole(), "{again}");
    assert_eq!(again.codes.keys().collect::<Vec<_>>(), ["0000"]);
    let booked: BTreeMap<String, u64> = {
        let (_folder, reads) = books(folder.path());
        let totals = reads.overview().expect("the books").totals;
        totals
            .iter()
            .map(|(day, row)| (day.bank.to_string(), row.deposit_count))
            .collect()
    };
    let mut told: BTreeMap<String, u64> = BTreeMap::new();
    for one in &again.acknowledged {
        *told.entry(one.bank.clone()).or_default() += 1;
    }
    assert_eq!(booked, told, "each deposit once");
    assert_sound(folder.path());
    gateway.kill();
}
