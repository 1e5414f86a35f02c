//! A second relay on a line of its own: another layout file, the same house. Its telegrams are
//! written here byte by byte from the specification (A.6 and B.1).

use naru::bank::Listener;
use telegrams::Profiles;

use crate::support::{DAY, FIXED, Gateway, PAYEE, Telegram, US, deposit};

/// A telegram of the second relay: its header ends where the default relay's does, and nothing
/// else stands at the same place.
fn telegram(message_type: &str, business: &str, trace_no: &str) -> Telegram {
    Telegram(vec![b' '; 300])
        .put(0, "KSNETTEST")
        .put(9, US)
        .put(19, message_type)
        .put(23, business)
        .put(26, "1")
        .put(27, trace_no)
        .put(33, DAY)
        .put(41, "100000")
        .put(84, "004")
}

/// 0900/100, 거래종류 10 look-up or 20 check.
fn lookup(kind: &str, trace_no: &str, account: &str, amount: u64) -> Telegram {
    telegram("0900", "100", trace_no)
        .put(100, account)
        .put(170, format!("{amount:013}"))
        .put(185, kind)
        .put(187, b"\xc8\xab\xb1\xe6\xb5\xbf")
}

/// 0200/300, 거래구분 20 deposit or 51 cancel.
fn notice(kind: &str, trace_no: &str, amount: u64) -> Telegram {
    telegram("0200", "300", trace_no)
        .put(117, kind)
        .put(121, format!("{amount:013}"))
        .put(153, b"\xc8\xab\xb1\xe6\xb5\xbf")
        .put(216, FIXED)
}

/// What the reply must be: the same bytes but for type and code.
fn reply(request: &Telegram, message_type: &str, code: &str) -> Telegram {
    request.clone().put(19, message_type).put(47, code)
}

fn gateway() -> Gateway {
    Gateway::with(|setup| {
        let profile = Profiles::embedded().get("ksnet").unwrap();
        let address = "127.0.0.1:0".parse().unwrap();
        setup.settings.listeners.push(Listener { address, profile });
    })
}

#[test]
fn look_up_check_deposit_cancel_and_line_test() {
    let gateway = gateway();
    let mut relay = gateway.call_line(1);
    for kind in ["10", "20"] {
        let asked = lookup(kind, "000001", FIXED, 50_000);
        let expected = reply(&asked, "0910", "0000").put(116, PAYEE);
        assert_eq!(relay.ask(&asked), expected);
    }
    let paid = notice("20", "000002", 50_000);
    assert_eq!(relay.ask(&paid), reply(&paid, "0210", "0000"));
    assert_eq!(relay.ask(&paid), reply(&paid, "0210", "0000"));
    let undone = notice("51", "000003", 50_000)
        .put(55, DAY)
        .put(63, "000002");
    assert_eq!(relay.ask(&undone), reply(&undone, "0210", "0000"));
    let test = telegram("0800", "800", "000004");
    assert_eq!(relay.ask(&test), reply(&test, "0810", "0000"));
    let totals = gateway.totals(4);
    assert_eq!((totals.deposit_count, totals.correction_count), (1, 1));
    gateway.metric_becomes("naru_sessions{profile=\"ksnet\"}", 1.0);
}

#[test]
fn a_refusal_speaks_the_code_of_the_accounts_bank() {
    let gateway = gateway();
    let mut relay = gateway.call_line(1);
    let unknown = lookup("10", "000005", "99999999999999", 0);
    assert_eq!(relay.ask(&unknown), reply(&unknown, "0910", "416 "));
    let elsewhere = unknown.put(84, "088");
    assert_eq!(relay.ask(&elsewhere), reply(&elsewhere, "0910", "V786"));
}

#[test]
fn a_telegram_on_the_other_relays_line_moves_no_money() {
    let gateway = gateway();
    let mut first = gateway.call();
    first.send(&notice("20", "000006", 50_000));
    first.is_hung_up();
    let mut second = gateway.call_line(1);
    // To the other layout these bytes are a telegram of some unknown kind.
    let foreign = deposit("03020000007777", FIXED, 50_000);
    assert_eq!(second.ask(&foreign).text(47, 4), "0002");
    assert_eq!(gateway.totals(4).deposit_count, 0);
}
