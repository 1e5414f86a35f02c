//! Load by a shop against a gateway of the simplest kind: what came is counted, nothing made up.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::faces::{House, Slip};
use simulator::load::{Called, Calls, CallsReport, Dead, Until, Webhooks, WebhooksReport};
use simulator::shop::{HeadOffice, Keys, Shop, ShopError};

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

fn office(house: &House) -> HeadOffice {
    HeadOffice::new(&house.http, Keys::new("admin", "first")).unwrap()
}

fn orders(house: &House, until: Until, prefix: u64) -> CallsReport {
    block_on(async {
        let office = office(house);
        let credential = office.register("load").await.unwrap();
        let shop = Shop::new(office.address(), credential).unwrap();
        let calls = Calls {
            what: Called::Orders,
            in_flight: 16,
            until,
            prefix,
        };
        simulator::load::call(&shop, &calls).await
    })
}

fn told(slip: Slip, dead: Vec<Dead>) -> Result<WebhooksReport, ShopError> {
    let house = House::start(slip);
    let load = Webhooks {
        relay: house.relay.address.clone(),
        institution: "30000003".into(),
        rate: 100.0,
        lasts: Duration::from_millis(500),
        sessions: 2,
        receivers: 2,
        dead,
        matched: true,
        prefix: 7,
    };
    block_on(async { simulator::load::webhooks(&office(&house), &load).await })
}

#[test]
fn a_count_of_orders_is_placed_to_the_last() {
    let house = House::start(Slip::None);
    let report = orders(&house, Until::Count(300), 1);
    assert!(report.is_whole(), "{report}");
    assert_eq!(
        report.answers,
        BTreeMap::from([("success".to_owned(), 300)])
    );
    assert_eq!(report.json()["answered"], 300);
    // The same numbers once more are no success, and the report says so.
    let again = orders(&house, Until::Count(300), 1);
    assert!(!again.is_whole() && again.answered == 300, "{again}");
    let timed = orders(&house, Until::Elapsed(Duration::from_millis(200)), 2);
    assert!(timed.is_whole(), "{timed}");
}

#[test]
fn every_good_receiver_is_told_of_every_deposit_and_a_dead_one_is_not_counted() {
    let report = told(Slip::None, vec![Dead::Refuses, Dead::Hangs]).unwrap();
    assert!(report.is_whole(), "{report}");
    assert_eq!((report.accepted, report.due, report.came), (50, 100, 100));
    assert!(report.told.p50 <= report.told.max);
}

#[test]
fn what_was_not_told_is_missing_and_what_was_told_twice_is_counted() {
    let twice = told(Slip::TellsTwice, Vec::new()).unwrap();
    // The report is made when all have come; a repeat of the last may still be on its way.
    assert_eq!(twice.came, 100, "{twice}");
    assert!((90..=100).contains(&twice.repeated), "{twice}");
}
