//! Kill -9 anywhere between an order and its webhook, again and again: after the restart the shop
//! and the bank say everything once more, and all comes to one booking, one match and one webhook
//! under one id for each order that was paid.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::gateway::Gateway;
use crate::kill::{assert_proved, booked, books};
use crate::shop::{head_office, runtime, turn};
use jiff::civil::date;
use naru::domain::BankCode;
use serde_json::json;
use simulator::load::{self, Load, LoadReport, Payee, Payees, Until};
use simulator::merchant::{Dialect, Ledger, Receiver};
use simulator::shop::{Credential, HeadOffice, Shop};

const KILLS: u64 = 15;
/// Orders of each cycle, and deposits, which are drawn among them.
const ORDERS: u64 = 40;
/// How long the last webhooks are waited for.
const PATIENCE: Duration = Duration::from_mins(1);
/// The payer of every deposit of a load.
const PAYER: &str = "김하나";

/// What each order of a cycle costs: its own amount, so that no two are alike.
fn amount(cycle: u64, order: u64) -> u64 {
    10_000 + cycle * 1_000 + order
}

fn number(amount: u64) -> String {
    format!("KILL-{amount}")
}

/// Whether each order of the cycle is known to the gateway afterwards.
fn place_orders(http: &str, credential: &Credential, cycle: u64) -> bool {
    let shop = Shop::new(http, credential.clone()).expect("an address");
    let runtime = runtime();
    (0..ORDERS).all(|order| {
        let amount = amount(cycle, order);
        let placed = runtime.block_on(shop.order(&json!({
            "order_number": number(amount), "order_amount": amount,
            "order_date": "2026-03-02T09:00:00+09:00",
            "billing_name": PAYER, "orderer_name": PAYER,
        })));
        let known = "이미 해당 주문번호의 주문이 존재합니다.";
        placed.is_ok_and(|words| words.is_empty() || words == known)
    })
}

fn pay(relay: &str, account: &str, cycle: u64) -> Option<LoadReport> {
    let mut load = Load::new(relay, date(2026, 3, 2));
    load.prefix = format!("S{cycle:03}");
    load.until = Until::Count(ORDERS);
    load.seed = cycle + 1;
    load.remember = true;
    load.patience = Duration::from_secs(30);
    let payee = |order| Payee::new(4, account, amount(cycle, order));
    load.payees = Payees::List((0..ORDERS).map(payee).collect());
    load::run(&load).ok()
}

/// The orders of everything that was delivered so far.
fn told(ledger: &Ledger) -> BTreeSet<String> {
    let told = ledger.deliveries().iter();
    told.map(|told| told.story.clone()).collect()
}

fn assert_matched(http: &str, credential: &Credential, paid: &BTreeSet<String>) {
    let shop = Shop::new(http, credential.clone()).expect("an address");
    let runtime = runtime();
    for number in paid {
        let status = runtime
            .block_on(shop.order_status(number))
            .expect("a status");
        assert_eq!(status, "매칭완료", "{number}");
    }
}

#[test]
fn an_order_outlives_a_kill_anywhere_on_its_way() {
    let _turn = turn();
    let folder = tempfile::tempdir().expect("a folder");
    let mut gateway = Gateway::start(folder.path());
    let receiver = Receiver::start("127.0.0.1:0", Dialect::Payaction).expect("a receiver");
    let office: Arc<HeadOffice> = head_office(&gateway);
    let (credential, account) = runtime().block_on(async {
        let credential = office.register("나루상점").await.expect("a merchant");
        let merchant = credential.merchant.clone();
        let url = receiver.url();
        let made = office.endpoint(&merchant, &url, Dialect::Payaction, &[]);
        made.await.expect("an endpoint");
        let (_, account) = office
            .issue(&merchant, "matching", "004")
            .await
            .expect("an account");
        (credential, account)
    });
    receiver.knows(credential.recognises(None));
    let (mut paid, mut deposits, mut won, mut cut_off) = (BTreeSet::new(), 0, 0, 0);
    for cycle in 0..KILLS {
        // From the first order to some time after the last deposit; only a spread.
        let after = Duration::from_millis(10 + cycle * 67 % 700);
        let (http, relay) = (gateway.http.clone(), gateway.relay().to_owned());
        let (known, paid_into) = (credential.clone(), account.clone());
        let shop_and_bank = std::thread::spawn(move || {
            place_orders(&http, &known, cycle)
                && pay(&relay, &paid_into, cycle).is_some_and(|report| report.is_whole())
        });
        std::thread::sleep(after);
        gateway.kill();
        cut_off += usize::from(!shop_and_bank.join().expect("a shop and a bank"));
        gateway = Gateway::start(folder.path());
        assert!(
            place_orders(&gateway.http, &credential, cycle),
            "cycle {cycle}"
        );
        let report = pay(gateway.relay(), &account, cycle).expect("a load");
        assert!(report.is_whole(), "cycle {cycle}: {report}");
        deposits += report.answered;
        won += report
            .acknowledged
            .iter()
            .map(|told| told.amount)
            .sum::<u64>();
        paid.extend(report.acknowledged.iter().map(|told| number(told.amount)));
        assert_matched(&gateway.http, &credential, &paid);
    }
    let all = receiver.wait_for(PATIENCE, |ledger| (told(ledger) == paid).then_some(()));
    let report = receiver.report();
    assert!(all.is_some(), "{} orders were paid; {report}", paid.len());
    assert_eq!(report.faults, [""; 0]);
    assert_eq!(
        report.deliveries,
        paid.len(),
        "an order was told under two ids"
    );
    // Each deposit stands in the books once, however often the bank told of it.
    let (opened, reads) = books(folder.path());
    let bank = BankCode::new(4).expect("a bank");
    assert_eq!(booked(&reads), BTreeMap::from([(bank, (deposits, won))]));
    assert_eq!(deposits, KILLS * ORDERS);
    assert_proved(&opened, folder.path());
    gateway.kill();
    // Kills that never cut anything off would prove nothing.
    assert!(cut_off > 0 && !paid.is_empty(), "{cut_off} cut off");
    println!("{KILLS} kills, {cut_off} cut off, {deposits} deposits, {report}");
}
