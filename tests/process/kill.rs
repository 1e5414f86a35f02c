//! The worst moment, again and again: kill -9 in the middle of a load, on the real process and a
//! real file. Nothing that was acknowledged may be gone, and nothing may be booked twice.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::gateway::{Gateway, import_accounts};
use jiff::civil::date;
use naru::clock::Clock;
use naru::domain::{
    BankCode, BusinessDate, CancelDay, Hours, House, Issuing, Plan, RelayKey, Totals,
};
use naru::store::key::{KeySources, sandbox_file};
use naru::store::{Folder, FolderSettings, Mode, Reads, Scratch, check};
use simulator::load::{self, Load, LoadReport, Told, Until};

const KILLS: u64 = 25;
/// Deposits of each cycle: more than a gateway takes before the latest kill.
const DEPOSITS: u64 = 4_000;
const DAY: &str = "20260302";
const INSTITUTION: &str = "30000003";

pub(crate) fn load_of(cycle: u64, relay: &str) -> Load {
    let mut load = Load::new(relay, date(2026, 3, 2));
    load.prefix = format!("K{cycle:03}");
    load.sessions = 2;
    load.until = Until::Count(DEPOSITS);
    load.seed = cycle + 1;
    load.remember = true;
    load.patience = Duration::from_secs(30);
    load
}

/// Sends the cycle's deposits and kills the gateway when about `after` of them may be in.
fn killed_midway(gateway: Gateway, cycle: u64, after: Duration) -> LoadReport {
    let load = load_of(cycle, gateway.relay());
    let sender = std::thread::spawn(move || load::run(&load).expect("a load"));
    std::thread::sleep(after);
    gateway.kill();
    sender.join().expect("a report")
}

/// The books, read beside the running gateway.
pub(crate) fn books(folder: &Path) -> (Folder, Reads) {
    let path = folder.join("data");
    let settings = FolderSettings {
        keys: KeySources {
            file: Some(sandbox_file(&path)),
            ..KeySources::default()
        },
        path,
        mode: Mode::Sandbox,
        cache_bytes: 16 << 20,
        read_only: true,
    };
    let opened = Folder::open(&settings).expect("the books");
    let house = House {
        institution: INSTITUTION.to_owned(),
        banks: std::collections::BTreeSet::new(),
        hours: Hours::always_open(),
        hold_seconds: 60,
        cancel_day: CancelDay::Original,
        issuing: Issuing::default(),
        plan: Plan::Premium,
        receipts_in_books: true,
    };
    let reads = Reads::over(opened.engine.clone(), house, Clock::real());
    (opened, reads)
}

fn key(told: &Told) -> RelayKey {
    RelayKey {
        institution: INSTITUTION.to_owned(),
        bank: BankCode::parse(&told.bank).expect("a bank"),
        trade_date: BusinessDate::parse(DAY).expect("a date"),
        trace_no: told.trace_no.clone(),
    }
}

/// Everything acknowledged stands in the books with its amount.
pub(crate) fn assert_kept(reads: &Reads, acknowledged: &[Told]) {
    for told in acknowledged {
        let row = reads.deposit(&key(told)).expect("the books");
        let row = row.unwrap_or_else(|| panic!("{} was acknowledged and is gone", told.trace_no));
        assert_eq!(row.amount.digits(), told.amount, "{}", told.trace_no);
    }
}

/// Count and sum of the deposits of each bank.
pub(crate) fn booked(reads: &Reads) -> BTreeMap<BankCode, (u64, u64)> {
    let sums = sums(reads).into_iter();
    sums.map(|(bank, row)| (bank, (row.deposit_count, row.deposit_amount.digits())))
        .collect()
}

/// The proof of the books finds nothing.
pub(crate) fn assert_proved(opened: &Folder, folder: &Path) {
    let scratch = Scratch::for_books(&*opened.engine, folder).expect("a scratch store");
    let report = check(&*opened.engine, scratch.engine(), &mut |_, _| {}).expect("a check");
    assert!(report.problems.is_empty(), "{:#?}", report.problems);
}

fn sums(reads: &Reads) -> BTreeMap<BankCode, Totals> {
    let overview = reads.overview().expect("the books");
    overview
        .totals
        .iter()
        .map(|(day, row)| (day.bank, *row))
        .collect()
}

#[test]
fn a_kill_loses_nothing_acknowledged_and_doubles_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    import_accounts(folder.path());
    let mut gateway = Gateway::start(folder.path());
    let (mut acknowledged, mut cut_off, mut believed) = (0, 0, BTreeMap::new());
    for cycle in 0..KILLS {
        // From almost at once to well inside the load; not a measurement, only a spread.
        let after = Duration::from_millis(5 + cycle * 11 % 150);
        let report = killed_midway(gateway, cycle, after);
        acknowledged += report.acknowledged.len();
        cut_off += usize::from(!report.is_whole());
        gateway = Gateway::start(folder.path());
        let (_folder, reads) = books(folder.path());
        assert_kept(&reads, &report.acknowledged);
        // The relay tells everything again, the acknowledged too: each is answered, once booked.
        let again = load::run(&load_of(cycle, gateway.relay())).expect("a load");
        assert!(again.is_whole(), "cycle {cycle}: {again}");
        assert_eq!(again.codes, BTreeMap::from([("0000".to_owned(), DEPOSITS)]));
        for told in &again.acknowledged {
            let bank = BankCode::parse(&told.bank).expect("a bank");
            let sum: &mut (u64, u64) = believed.entry(bank).or_default();
            *sum = (sum.0 + 1, sum.1 + told.amount);
        }
        assert_eq!(booked(&reads), believed, "cycle {cycle}");
    }
    // A test that never acknowledged or never cut anything off would prove nothing.
    assert!(
        acknowledged > 0 && cut_off > 0,
        "{acknowledged} acknowledged, {cut_off} cut off"
    );
    gateway.kill();
    let gateway = Gateway::start(folder.path());
    let (opened, _) = books(folder.path());
    assert_proved(&opened, folder.path());
    println!("{KILLS} kills, {acknowledged} acknowledged before them, {cut_off} loads cut off");
    gateway.kill();
}
