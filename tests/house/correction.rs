//! The correction desk (입금정정) from the relay's side.

use crate::support::{FIXED, FIXED_TOO, Gateway, correction, deposit};

#[test]
fn a_correction_reverses_its_deposit_once() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    assert_eq!(
        relay.code(&deposit("03020000000001", FIXED, 50_000)),
        "0000"
    );
    let telegram = correction("03020000000001", FIXED, 50_000).put(204, "Y");
    assert_eq!(relay.ask(&telegram), telegram.reply("0410", "0000"));
    assert_eq!(relay.ask(&telegram), telegram.reply("0410", "0000"));
    let totals = gateway.totals(4);
    assert_eq!((totals.deposit_count, totals.correction_count), (1, 1));
    assert_eq!(totals.correction_amount.digits(), 50_000);
}

#[test]
fn a_correction_without_its_deposit() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    assert_eq!(
        relay.code(&correction("03020000000002", FIXED, 1_000)),
        "0100"
    );
    // A notice reports what the bank has done: it is accepted and meets its deposit later.
    let notice = correction("03020000000003", FIXED, 1_000).put(108, "S");
    assert_eq!(relay.code(&notice), "0000");
    assert_eq!(relay.code(&deposit("03020000000003", FIXED, 1_000)), "0000");
    let totals = gateway.totals(4);
    assert_eq!((totals.deposit_count, totals.correction_count), (1, 1));
}

#[test]
fn a_correction_that_names_another_payment_is_refused() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    assert_eq!(
        relay.code(&deposit("03020000000004", FIXED, 50_000)),
        "0000"
    );
    assert_eq!(
        relay.code(&correction("03020000000004", FIXED, 49_000)),
        "0112"
    );
    assert_eq!(
        relay.code(&correction("03020000000004", FIXED_TOO, 50_000)),
        "0101"
    );
    assert_eq!(gateway.totals(4).correction_count, 0);
}
