//! What nobody can use: told in the face's shape, with nothing changed and nothing leaked.

use std::io::Write;
use std::net::TcpStream;

use serde_json::{Value, json};

use super::mall::{Mall, SUCCESS, refusal, right};
use super::{MISSING, UNKNOWN};
use crate::support::http::{Http, journal};
use crate::support::log;

/// Stands in every value that must not come back.
const CANARY: &str = "canary-홍길동";

#[test]
fn a_missing_field_is_told_before_any_wrong_one() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    for field in [
        "order_number",
        "order_amount",
        "order_date",
        "billing_name",
        "orderer_name",
    ] {
        for missing in [
            None,
            Some(json!(null)),
            Some(json!("")),
            Some(json!(" \u{3000} ")),
        ] {
            let mut order = right("1");
            order["orderer_email"] = json!(["wrong, too"]);
            match &missing {
                None => drop(order.as_object_mut().unwrap().remove(field)),
                Some(value) => order[field] = value.clone(),
            }
            let answer = mall.order(&house, &order);
            assert_eq!(answer.told(), (200, refusal(MISSING).as_str()), "{order}");
        }
    }
    assert_eq!(mall.look(&house, "1").body, refusal(UNKNOWN));
}

fn wrong_values() -> Vec<(&'static str, Vec<Value>)> {
    let hidden = |text: &str| json!(format!("{CANARY}{text}!"));
    let long = json!(CANARY.repeat(30));
    let names = vec![
        hidden("\u{0}"),
        hidden("\n"),
        hidden("\u{1b}[31m"),
        hidden("\u{202e}"),
        hidden("\u{200b}"),
        hidden("\u{2066}"),
        hidden("\u{feff}"),
        json!(7),
        json!(true),
        json!([CANARY]),
        json!({ "name": CANARY }),
        long.clone(),
    ];
    let amounts = vec![
        json!(0),
        json!(-19000),
        json!(19000.5),
        json!(1e300),
        json!(10_000_000_000_000_u64),
        json!("-1"),
        json!("19,000"),
        json!("19000원"),
        json!("1e4"),
        json!("１９０００"),
        json!(CANARY),
        json!(true),
        json!([19000]),
    ];
    let dates = vec![
        json!("2023-07-26"),
        json!("2023-02-30T11:31:00+09:00"),
        json!("26/07/2023 11:31"),
        json!("어제"),
        json!(1_690_338_660),
        json!({}),
        json!(CANARY),
    ];
    let ends = vec![
        json!("2020-01-01"),
        json!("2020-01-01T00:00:00+09:00"),
        json!("soon"),
        json!(7),
    ];
    vec![
        ("order_number", names.clone()),
        ("billing_name", names.clone()),
        ("orderer_name", names),
        ("order_amount", amounts),
        ("order_date", dates),
        ("auto_cancel_date", ends),
        (
            "orderer_phone_number",
            vec![json!(1), hidden("\u{0}"), long.clone()],
        ),
        (
            "orderer_email",
            vec![json!(false), hidden("\u{202e}"), long],
        ),
    ]
}

#[test]
fn a_wrong_value_is_told_by_its_field_and_changes_nothing() {
    let mut house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    let strict = Mall::register(&house, &admin);
    strict.wants_4xx(&house, &admin);
    let mark = log::mark();
    for (field, values) in wrong_values() {
        for value in values {
            let mut order = right("1");
            order[field] = value.clone();
            let told = refusal(&format!("{field} 값이 올바르지 않습니다."));
            let answer = mall.order(&house, &order);
            assert_eq!(answer.told(), (200, told.as_str()), "{field} {value}");
            let answer = strict.order(&house, &order);
            assert_eq!(answer.told(), (400, told.as_str()), "{field} {value}");
        }
    }
    assert_eq!(mall.look(&house, "1").body, refusal(UNKNOWN));
    assert_eq!(mall.order(&house, &right("1")).body, SUCCESS);
    assert!(
        log::lines_since(mark, "canary").is_empty(),
        "nothing in the log"
    );
    house.end();
    let kept = journal(&house);
    assert_eq!(kept.matches("\"placed\"").count(), 1);
    assert!(!kept.contains("canary"), "nothing in the books");
}

#[test]
fn a_body_that_is_no_object_is_told_without_its_content() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    mall.wants_4xx(&house, &admin);
    let told = refusal("요청 본문이 JSON 객체가 아닙니다.");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let cut = format!(r#"{{"order_number":"{CANARY}""#);
    let euc_kr = b"{\"billing_name\":\"\xc8\xab\xb1\xe6\xb5\xbf\"}";
    let bodies: [&[u8]; 10] = [
        cut.as_bytes(),
        CANARY.as_bytes(),
        b"[]",
        b"null",
        b"\"text\"",
        b"order_number=1&order_amount=2",
        b"{'order_number': 1}",
        b"{\"order_amount\": NaN}",
        deep.as_bytes(),
        euc_kr,
    ];
    for path in [
        "/payaction/order",
        "/payaction/order-exclude",
        "/payaction/cashbill-cancel",
    ] {
        for body in bodies {
            let answer = mall.post_as(&house, path, "", body);
            let shown = String::from_utf8_lossy(body);
            assert_eq!(answer.told(), (400, told.as_str()), "{path} {shown:.60}");
        }
    }
}

#[test]
fn a_body_is_read_whatever_its_label() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    for (nth, label) in [
        "",
        "content-type: application/json; charset=utf-8\r\n",
        "content-type: APPLICATION/JSON;charset=UTF-8\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
        "content-type: text/plain;charset=UTF-8\r\n",
        "content-type: nonsense\r\n",
        "accept: text/html\r\naccept-encoding: gzip, deflate, br\r\n",
    ]
    .into_iter()
    .enumerate()
    {
        let order = right(&format!("label-{nth}")).to_string();
        let answer = mall.post_as(&house, "/payaction/order", label, order.as_bytes());
        assert_eq!(answer.told(), (200, SUCCESS), "{label}");
    }
    let marked = format!("\u{feff}{}", right("marked"));
    assert_eq!(mall.post(&house, "/payaction/order", &marked).body, SUCCESS);
    let spaced = format!("\r\n\t {} \n", right("spaced"));
    assert_eq!(mall.post(&house, "/payaction/order", &spaced).body, SUCCESS);
}

#[test]
fn a_body_may_be_as_long_as_the_limit_and_no_longer() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    let mut order = right("long");
    order["memo"] = json!("");
    let room = 64 * 1024 - order.to_string().len();
    order["memo"] = json!("x".repeat(room));
    assert_eq!(order.to_string().len(), 64 * 1024);
    assert_eq!(mall.order(&house, &order).told(), (200, SUCCESS));
    order["order_number"] = json!("longer");
    let told = refusal("요청 본문이 허용된 크기를 넘었습니다.");
    assert_eq!(mall.order(&house, &order).told(), (413, told.as_str()));
    order["memo"] = json!("x".repeat(10 << 20));
    assert_eq!(mall.order(&house, &order).told(), (413, told.as_str()));
    assert_eq!(mall.look(&house, "longer").body, refusal(UNKNOWN));
}

#[test]
fn other_methods_and_paths_are_told_in_the_faces_shape() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    for (method, path, allowed) in [
        ("GET", "/payaction/order", "POST"),
        ("PUT", "/payaction/order", "POST"),
        ("GET", "/payaction/order-exclude", "POST"),
        ("GET", "/payaction/cashbill-cancel", "POST"),
        ("GET", "/payaction/orders/1/cancel", "POST"),
        ("POST", "/payaction/order/1", "GET"),
    ] {
        let answer = super::send(&house, method, path, &mall.keys(), b"{}");
        let told = refusal("허용되지 않는 HTTP 메서드입니다.");
        assert_eq!(answer.told(), (405, told.as_str()), "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
    }
    let nothing = super::send(&house, "POST", "/payaction/orders", &mall.keys(), b"{}");
    assert_eq!(
        nothing.told(),
        (404, refusal("요청한 경로가 없습니다.").as_str())
    );
}

#[test]
fn a_caller_that_hangs_up_in_the_middle_orders_nothing() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    let order = right("cut").to_string();
    let length = order.len() + 1;
    let head = format!(
        "POST /payaction/order HTTP/1.1\r\nhost: naru\r\ncontent-length: {length}\r\n{}\r\n",
        mall.keys()
    );
    let address = house.address.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).unwrap();
    socket.write_all(head.as_bytes()).unwrap();
    socket.write_all(order.as_bytes()).unwrap();
    drop(socket);
    assert_eq!(mall.look(&house, "cut").body, refusal(UNKNOWN));
    assert_eq!(mall.order(&house, &right("cut")).body, SUCCESS);
}
