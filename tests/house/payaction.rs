//! The `PayAction` face over real HTTP: what clients send, byte by byte, and what they read.

mod bad_input;
mod callers;
mod document;
pub(crate) mod mall;
mod once;
mod sample;

use serde_json::json;

use crate::support::http::Http;
use crate::support::log;
use mall::{Mall, SUCCESS, now, refusal, right, send};

const TAKEN: &str = "이미 해당 주문번호의 주문이 존재합니다.";
const MISSING: &str = "누락된 필드가 존재합니다.";
const UNKNOWN: &str = "존재하지 않는 주문입니다.";
const NO_RECEIPT: &str = "발행된 현금영수증이 없습니다.";

/// The order of the interface's own guide.
const GUIDES: &str = r#"{
  "order_number": "1234567890",
  "order_amount": 19000,
  "order_date": "2023-07-26T11:31:00+09:00",
  "billing_name": "홍길동",
  "orderer_name": "홍길동",
  "orderer_phone_number": "01012345678",
  "orderer_email": "hong@gildong.kr",
  "trade_usage": "소득공제용",
  "identity_number": "01012345678"
}"#;

/// What the guide warns of.
const MISSPELT: &str = r#"{"orderNo":"1","amount":10000,"customer_name":"홍길동"}"#;

/// What is asked, what is answered, and with which status where a shop wants one.
const GOLDEN: [(&str, &str, &str, u16); 17] = [
    ("POST /order", GUIDES, "", 200),
    ("POST /order", GUIDES, TAKEN, 409),
    ("POST /order", MISSPELT, MISSING, 400),
    ("POST /order", "{}", MISSING, 400),
    ("POST /order", "", MISSING, 400),
    (
        "POST /cashbill-cancel",
        r#"{"order_number":"1234567890"}"#,
        NO_RECEIPT,
        404,
    ),
    (
        "POST /cashbill-cancel",
        r#"{"order_number":"nobody's"}"#,
        UNKNOWN,
        404,
    ),
    ("POST /cashbill-cancel", "{}", MISSING, 400),
    (
        "POST /order-exclude",
        r#"{"order_number":"nobody's"}"#,
        UNKNOWN,
        404,
    ),
    (
        "POST /order-exclude",
        r#"{"order_number":" "}"#,
        MISSING,
        400,
    ),
    (
        "POST /order-exclude",
        r#"{"order_number":"1234567890"}"#,
        "",
        200,
    ),
    (
        "POST /order-exclude",
        r#"{"order_number":"1234567890"}"#,
        "",
        200,
    ),
    ("POST /orders/1234567890/cancel", "", "", 200),
    (
        "POST /orders/1234567890/cancel",
        r#"{"reason":"x"}"#,
        "",
        200,
    ),
    ("POST /orders/9/cancel", "{}", UNKNOWN, 404),
    ("POST /order", GUIDES, TAKEN, 409),
    ("GET /order/9", "", UNKNOWN, 404),
];

#[test]
fn every_call_is_answered_to_the_letter_with_200_or_with_the_status_that_a_shop_wants() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let (plain, strict) = (
        Mall::register(&house, &admin),
        Mall::register(&house, &admin),
    );
    strict.wants_4xx(&house, &admin);
    for (call, body, message, status) in GOLDEN {
        let (method, path) = call.split_once(' ').unwrap();
        let body_told = if message.is_empty() {
            SUCCESS.to_owned()
        } else {
            refusal(message)
        };
        for (mall, status) in [(&plain, 200), (&strict, status)] {
            let path = format!("/payaction{path}");
            let headers = mall.keys() + "content-type: application/json\r\n";
            let answer = send(&house, method, &path, &headers, body.as_bytes());
            assert_eq!(answer.told(), (status, body_told.as_str()), "{call} {body}");
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert!(answer.header("x-trace-id").is_some());
        }
    }
}

#[test]
fn a_refusal_with_status_200_can_be_found_in_the_log_by_its_id() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    mall.order(&house, &right("1"));
    let mark = log::mark();
    for answer in [
        mall.order(&house, &right("1")),
        mall.order(&house, &json!({})),
        mall.look(&house, "2"),
        send(&house, "GET", "/payaction/order/1", "", b""),
    ] {
        let id = answer.header("x-trace-id").expect("an id");
        let lines = log::lines_since(mark, id);
        assert_eq!(lines.len(), 1, "{} {lines:?}", answer.body);
        assert!(lines[0].contains("a call was refused"), "{lines:?}");
    }
}

#[test]
fn an_order_is_shown_as_it_stands() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    let shown = |number: &str, status: &str| {
        let order = format!(r#""order_number":"{number}","order_amount":19000"#);
        let order = format!(r#"{order},"order_status":"{status}""#);
        format!(r#"{{"status":"success","response":{{{order}}}}}"#)
    };
    assert_eq!(mall.order(&house, &right("A-1 나/?%")).body, SUCCESS);
    let path = "A-1%20%EB%82%98%2F%3F%25";
    let waiting = shown("A-1 나/?%", "매칭대기");
    assert_eq!(mall.look(&house, path).told(), (200, waiting.as_str()));
    let out = mall.post(&house, &format!("/payaction/orders/{path}/cancel"), "");
    assert_eq!(out.told(), (200, SUCCESS));
    assert_eq!(mall.look(&house, path).body, shown("A-1 나/?%", "매칭제외"));

    let mut short = right("short");
    short["auto_cancel_date"] = json!(now().plus_seconds(600).to_second());
    assert_eq!(mall.order(&house, &short).body, SUCCESS);
    assert_eq!(mall.order(&house, &right("long")).body, SUCCESS);
    house.shift_clock(700);
    assert_eq!(mall.look(&house, "short").body, shown("short", "기간만료"));
    assert_eq!(mall.look(&house, "long").body, shown("long", "매칭대기"));
    house.shift_clock(14 * 86_400 + 700);
    assert_eq!(mall.look(&house, "long").body, shown("long", "기간만료"));
    let again = mall.order(&house, &right("long"));
    assert_eq!(
        again.body,
        refusal(TAKEN),
        "numbers of expired orders stay taken"
    );
}

#[test]
fn an_order_meets_its_deposit_and_its_receipt_can_be_cancelled() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    mall.wants_4xx(&house, &admin);
    let issue = json!({ "merchantId": mall.id, "accountType": "matching", "bankCode": "004" });
    let issued = house
        .post("/ezpg/virtual-accounts/issue", &admin, &issue)
        .yes();
    let account = issued.body["virtualAccount"]["accountNo"].clone();
    assert_eq!(mall.post(&house, "/payaction/order", GUIDES).body, SUCCESS);
    let paid = json!({
        "accountNo": account, "bankCode": "004", "amount": 19000, "depositorName": "홍길동",
    });
    house.post("/ezpg/test/deposit", &admin, &paid).yes();
    let shown = mall.look(&house, "1234567890");
    let (before, date) = shown.body.split_once(r#","processing_date":""#).unwrap();
    let order = r#""order_number":"1234567890","order_amount":19000"#;
    let told = format!(r#"{{"status":"success","response":{{{order},"order_status":"매칭완료""#);
    assert_eq!(before, told);
    let date = date.strip_suffix(r#""}}"#).unwrap();
    assert_eq!(date.len(), "2023-07-26T11:31:00+09:00".len(), "{date}");
    assert!(date.ends_with("+09:00"), "{date}");
    let named = r#"{"order_number":"1234567890"}"#;
    let matched = refusal("이미 매칭완료된 주문입니다.");
    for path in [
        "/payaction/order-exclude",
        "/payaction/orders/1234567890/cancel",
    ] {
        let answer = mall.post(&house, path, named);
        assert_eq!(answer.told(), (409, matched.as_str()), "{path}");
    }
    let path = format!("/ezpg/orders?merchantId={}&orderNumber=1234567890", mall.id);
    let receipt = || house.get(&path, &admin).yes().body["orders"][0]["cashReceipt"].clone();
    let issued = receipt();
    assert_eq!(issued["status"], "issued", "{issued}");
    assert_eq!(issued["number"].as_str().unwrap().len(), 9, "{issued}");
    for _ in 0..2 {
        let answer = mall.post(&house, "/payaction/cashbill-cancel", named);
        assert_eq!(answer.told(), (200, SUCCESS));
    }
    let ended = receipt();
    assert_eq!(ended["status"], "cancelled", "{ended}");
    assert_eq!(ended["number"], issued["number"]);
    assert_eq!(ended["reason"], "가맹점이 취소를 요청했습니다.");
    assert_eq!(mall.look(&house, "1234567890").body, shown.body);
}

#[test]
fn instants_are_taken_in_the_shapes_that_clients_write() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    let dates = [
        "2023-07-26T11:31:00+09:00",
        "2023-07-26T02:31:00.123+09:00",
        "2023-07-26T02:31:00.123Z",
        "2023-07-26T02:31:00Z",
        "2023-07-26T11:31:00+0900",
        "2023-07-26 11:31:00+09:00",
        "2023-07-26 11:31:00 +0900",
        "2023-07-26 11:31:00",
        "2023-07-26T11:31:00.5",
        "2023-07-25T22:31:00-04:00",
    ];
    for (nth, date) in dates.into_iter().enumerate() {
        let mut order = right(&format!("date-{nth}"));
        order["order_date"] = json!(date);
        assert_eq!(mall.order(&house, &order).told(), (200, SUCCESS), "{date}");
    }
    let ends = [
        json!(now().plus_seconds(3600).to_second()),
        json!("2099-12-31"),
        json!("2099-12-31T23:59:59.000Z"),
        json!(""),
        json!(null),
    ];
    for (nth, end) in ends.into_iter().enumerate() {
        let mut order = right(&format!("end-{nth}"));
        order["auto_cancel_date"] = end.clone();
        assert_eq!(mall.order(&house, &order).told(), (200, SUCCESS), "{end}");
    }
}

#[test]
fn optional_fields_are_no_reason_to_lose_an_order() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    let more = [
        ("order_amount", json!("19000")),
        ("order_amount", json!(19000.0)),
        ("orderer_phone_number", json!("")),
        ("orderer_phone_number", json!(null)),
        ("orderer_phone_number", json!("010-1234-5678")),
        ("orderer_phone_number", json!("+82 10-1234-5678")),
        ("orderer_email", json!(null)),
        ("orderer_email", json!("  ")),
        ("trade_usage", json!("소득공제")),
        ("trade_usage", json!("income")),
        ("trade_usage", json!(7)),
        ("identity_number", json!("user-7")),
        ("identity_number", json!({ "a": 1 })),
        ("items", json!([{ "name": "책" }])),
        (
            "billing_name",
            json!("\u{1112}\u{1169}\u{11bc}\u{1100}\u{1175}\u{11af}"),
        ),
        ("billing_name", json!("<b>홍</b>=1+1")),
    ];
    for (nth, (field, value)) in more.into_iter().enumerate() {
        let mut order = right(&format!("more-{nth}"));
        order[field] = value.clone();
        let answer = mall.order(&house, &order);
        assert_eq!(answer.told(), (200, SUCCESS), "{field} {value}");
        let shown = mall.look(&house, &format!("more-{nth}"));
        assert!(
            shown.body.contains(r#""order_amount":19000"#),
            "{}",
            shown.body
        );
    }
    let long = right(&"9".repeat(100));
    assert_eq!(mall.order(&house, &long).body, SUCCESS);
}
