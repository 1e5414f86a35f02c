//! The aggregate desk (집계) from the relay's side.

use crate::support::{FIXED, Gateway, aggregate, correction, deposit};

#[test]
fn the_reply_carries_our_own_figures() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    for (number, amount) in [(1, 10_000), (2, 20_000), (3, 30_000)] {
        let telegram = deposit(&format!("0302000000000{number}"), FIXED, amount);
        assert_eq!(relay.code(&telegram), "0000");
    }
    assert_eq!(
        relay.code(&correction("03020000000002", FIXED, 20_000)),
        "0000"
    );
    let ours = b"00000030000000060000".as_slice();
    let corrected = b"00000010000000020000".as_slice();
    for theirs in [((3, 60_000), (1, 20_000)), ((4, 70_000), (0, 0))] {
        let telegram = aggregate("93122200000018", theirs.0, theirs.1);
        let expected = telegram
            .reply("0510", "0000")
            .put(148, ours)
            .put(168, corrected);
        assert_eq!(relay.ask(&telegram), expected);
    }
}

#[test]
fn bank_000_asks_for_all_banks_and_an_unknown_one_is_refused() {
    let gateway = Gateway::start();
    let mut relay = gateway.call();
    assert_eq!(relay.code(&deposit("03020000000004", FIXED, 1_000)), "0000");
    assert_eq!(
        relay.code(&deposit("03020000000005", FIXED, 2_000).put(11, "088")),
        "0000"
    );
    let all = relay.ask(&aggregate("93122200000019", (2, 3_000), (0, 0)).put(11, "000"));
    assert_eq!(all.text(148, 20), "00000020000000003000");
    let unknown = aggregate("93122200000020", (0, 0), (0, 0)).put(11, "777");
    assert_eq!(relay.code(&unknown), "0007");
}
