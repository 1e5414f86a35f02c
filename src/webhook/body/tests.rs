//! Golden bodies of every dialect.

use super::body;
use crate::domain::{
    AccountKey, AccountNo, BankCode, BusinessDate, Deposit, Dialect, EventId, EventKind,
    MerchantId, Mode, Notice, Payer, RelayKey, Timestamp, Won,
};
use crate::store::{Booking, Telling};

/// 19,000 won of 홍길동 at 10:15:00 of 2 March 2026, booked 1.5 seconds later at position 34.
fn telling(kind: EventKind) -> Telling {
    let seoul = |text: &str| Timestamp::from_seoul(text.parse().unwrap()).unwrap();
    let deposit = Deposit {
        key: RelayKey {
            institution: "30000003".to_owned(),
            bank: BankCode::new(88).unwrap(),
            trade_date: BusinessDate::parse("20260302").unwrap(),
            trace_no: "03020000000001".to_owned(),
        },
        account: AccountKey {
            bank: BankCode::new(4).unwrap(),
            number: AccountNo::new("93810012345678").unwrap(),
        },
        amount: Won::new(19_000),
        cheque: Won::ZERO,
        cash: Won::new(19_000),
        payer: Payer {
            bank: None,
            name: "홍길동".to_owned(),
            name_cut: false,
        },
        mode: Mode::Notice,
        medium: None,
        trade_time: Some("101500".to_owned()),
        resent: false,
        send_count: 1,
        raw: Vec::new(),
    };
    Telling {
        notice: Notice {
            id: EventId {
                position: 34,
                index: 1,
            },
            kind,
            merchant: MerchantId::new("shop").unwrap(),
            deposit: Some(34),
            order: None,
            account: None,
            reason: None,
        },
        at: seoul("2026-03-02T10:15:01.500"),
        booking: Some(Booking {
            position: 34,
            at: seoul("2026-03-02T10:15:01.500"),
            deposit,
        }),
        balance: Some(Won::new(119_000)),
    }
}

fn written(dialect: Dialect, telling: &Telling) -> String {
    String::from_utf8(body(dialect, telling).expect("a body")).unwrap()
}

#[test]
fn payaction_is_told_of_a_match_in_exactly_three_fields() {
    let mut telling = telling(EventKind::DepositMatched);
    telling.notice.order = Some("1234567890".to_owned());
    assert_eq!(
        written(Dialect::Payaction, &telling),
        r#"{"order_number":"1234567890","order_status":"매칭완료","processing_date":"2026-03-02T10:15:01+09:00"}"#
    );
}

#[test]
fn payaction_is_told_of_a_movement_with_the_accounts_balance() {
    let telling = telling(EventKind::DepositReceived);
    let text = written(Dialect::Payaction, &telling);
    let (before, after) = text.split_once(r#""bank_account_id":""#).unwrap();
    let (id, rest) = after.split_once('"').unwrap();
    assert_eq!(before, r#"{"transaction_type":"deposited","#);
    assert_eq!(
        rest,
        r#","bank_account_number":"93810012345678","bank_code":"004","amount":19000,"transaction_date":"2026-03-02T10:15:00+09:00","transaction_name":"홍길동","balance":119000,"processing_date":"2026-03-02T10:15:01+09:00"}"#
    );
    let (head, tail) = id.split_once('x').unwrap();
    assert_eq!((head.len(), tail.len()), (13, 18));
    assert!(
        head.bytes()
            .chain(tail.bytes())
            .all(|byte| byte.is_ascii_digit())
    );
}

#[test]
fn ezpg_a_says_deposit_and_depositback() {
    let mut told = telling(EventKind::DepositReceived);
    told.notice.order = Some("M-7".to_owned());
    assert_eq!(
        written(Dialect::EzpgA, &told),
        r#"{"type":"deposit","moid":"M-7","appDt":"20260302","appTm":"101500","amt":"19000","sender":"홍길동","mid":"shop","bankCd":"004","vacctNo":"93810012345678","trNo":"dep_000000000034"}"#
    );
    let back = telling(EventKind::DepositCorrected);
    assert_eq!(
        written(Dialect::EzpgA, &back),
        r#"{"type":"depositback","moid":"","appDt":"20260302","appTm":"101501","amt":"19000","sender":"홍길동","mid":"shop","bankCd":"004","vacctNo":"93810012345678","trNo":"dep_000000000034"}"#
    );
}

#[test]
fn ezpg_b_says_a_deposit_and_nothing_that_could_be_taken_for_one() {
    assert_eq!(
        written(Dialect::EzpgB, &telling(EventKind::DepositReceived)),
        r#"{"mid":"shop","vacctNo":"93810012345678","bankCd":"004","amt":"19000","depositDt":"20260302","depositTm":"101500","trNo":"dep_000000000034","depositNm":"홍길동","bankTrId":"03020000000001"}"#
    );
    for kind in [EventKind::DepositCorrected, EventKind::DepositMatched] {
        assert_eq!(body(Dialect::EzpgB, &telling(kind)), None);
    }
    for kind in [EventKind::DepositCorrected, EventKind::DepositUnmatched] {
        assert_eq!(body(Dialect::Payaction, &telling(kind)), None);
    }
    // Money out has no words yet; least of all those of money in.
    for dialect in [Dialect::Payaction, Dialect::EzpgB] {
        assert_eq!(body(dialect, &telling(EventKind::WithdrawalPaid)), None);
    }
}

#[test]
fn standard_wraps_everything_there_is_to_say() {
    let mut telling = telling(EventKind::DepositUnmatched);
    telling.notice.order = Some("1234567890".to_owned());
    telling.notice.reason = Some("correction".to_owned());
    assert_eq!(
        written(Dialect::Standard, &telling),
        r#"{"type":"deposit.unmatched","timestamp":"2026-03-02T10:15:01.500000+09:00","data":{"transactionId":"dep_000000000034","merchantId":"shop","accountNo":"93810012345678","bankCode":"004","amount":19000,"fee":0,"depositorName":"홍길동","depositedAt":"2026-03-02T10:15:00+09:00","orderNumber":"1234567890","reason":"correction"}}"#
    );
}

#[test]
fn a_payers_name_cannot_break_out_of_its_field() {
    let mut telling = telling(EventKind::DepositReceived);
    telling.booking.as_mut().unwrap().deposit.payer.name = "\",\"amount\":1,\n\u{0}<b>".to_owned();
    for dialect in Dialect::ALL {
        let text = written(dialect, &telling);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(!text.contains('\n') && value.is_object(), "{text}");
        let amount = value
            .get("amount")
            .or(value.get("amt"))
            .or(value.pointer("/data/amount"));
        assert!(
            matches!(amount, Some(amount) if amount == 19_000 || amount == "19000"),
            "{text}"
        );
    }
}

#[test]
fn a_time_that_is_none_is_replaced_by_ours() {
    for time in [
        None,
        Some("246060"),
        Some("10150"),
        Some("1015 0"),
        Some(""),
    ] {
        let mut telling = telling(EventKind::DepositReceived);
        telling.booking.as_mut().unwrap().deposit.trade_time = time.map(str::to_owned);
        let text = written(Dialect::EzpgB, &telling);
        assert!(text.contains(r#""depositTm":"101501""#), "{time:?} {text}");
    }
}
