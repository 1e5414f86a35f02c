//! Idempotency keys: one effect, the same bytes, and nothing kept of a refusal.

use serde_json::json;

use super::mall::{Answer, Mall, SUCCESS, refusal, right};
use super::{MISSING, TAKEN, UNKNOWN};
use crate::support::http::Http;

fn order(house: &Http, mall: &Mall, key: &str, number: &str) -> Answer {
    let header = format!("idempotency-key: {key}\r\n");
    let body = right(number).to_string();
    mall.post_as(house, "/payaction/order", &header, body.as_bytes())
}

#[test]
fn the_same_key_and_body_get_the_same_bytes_also_after_a_restart() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    let first = order(&house, &mall, "k-1", "1");
    assert_eq!(first.told(), (200, SUCCESS));
    assert_eq!(first.header("idempotent-replayed"), None);
    for key in ["k-1", "\"k-1\""] {
        let again = order(&house, &mall, key, "1");
        assert_eq!(again.told(), first.told(), "{key}");
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{key}");
    }
    assert_eq!(order(&house, &mall, "k-2", "1").body, refusal(TAKEN));
    let house = house.restart();
    let later = order(&house, &mall, "k-1", "1");
    assert_eq!(later.told(), first.told());
    assert_eq!(later.header("idempotent-replayed"), Some("true"));
}

#[test]
fn the_same_key_with_another_body_or_call_is_refused() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    let other = Mall::register(&house, &admin);
    order(&house, &mall, "k-1", "1");
    let told = refusal("같은 Idempotency-Key가 다른 내용으로 이미 사용되었습니다.");
    assert_eq!(
        order(&house, &mall, "k-1", "2").told(),
        (422, told.as_str())
    );
    let elsewhere = mall.post_as(
        &house,
        "/payaction/orders/1/cancel",
        "idempotency-key: k-1\r\n",
        right("1").to_string().as_bytes(),
    );
    assert_eq!(elsewhere.told(), (422, told.as_str()));
    assert_eq!(mall.look(&house, "2").body, refusal(UNKNOWN));
    assert!(mall.look(&house, "1").body.contains("매칭대기"));
    let others = order(&house, &other, "k-1", "2");
    assert_eq!(others.told(), (200, SUCCESS), "a key belongs to its shop");
    let unfit = order(&house, &mall, "a b", "3");
    assert_eq!(unfit.status, 400, "{}", unfit.body);
    assert_eq!(mall.look(&house, "3").body, refusal(UNKNOWN));
}

#[test]
fn a_refusal_that_changes_nothing_is_not_kept() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    let key = "idempotency-key: k-1\r\n";
    let ask = |body: &str| mall.post_as(&house, "/payaction/order", key, body.as_bytes());
    assert_eq!(ask("{}").body, refusal(MISSING));
    let mut wrong = right("1");
    wrong["order_amount"] = json!(-1);
    assert!(ask(&wrong.to_string()).body.contains("order_amount"));
    assert_eq!(mall.order(&house, &right("1")).body, SUCCESS);
    assert_eq!(ask(&right("1").to_string()).body, refusal(TAKEN));
    assert_eq!(ask(&right("2").to_string()).body, SUCCESS);
}

#[test]
fn many_at_once_are_one_order() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    let told: Vec<String> = std::thread::scope(|scope| {
        let work = || mall.order(&house, &right("1")).body;
        let all: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let taken = told.iter().filter(|body| **body == refusal(TAKEN));
    assert_eq!(taken.count(), 7, "{told:?}");
    assert_eq!(told.iter().filter(|body| *body == SUCCESS).count(), 1);
}
