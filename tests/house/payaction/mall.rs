//! A shop of the `PayAction` face under test: registered, with its key, speaking raw HTTP.

use naru::clock::Clock;
use naru::domain::Timestamp;
use serde_json::{Value, json};

use crate::http::raw;
use crate::support::http::Http;

/// What a call was answered, to the byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// A header by its name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value)
    }

    /// Status and body.
    pub(crate) fn told(&self) -> (u16, &str) {
        (self.status, &self.body)
    }
}

/// The body of a success that tells nothing more.
pub(crate) const SUCCESS: &str = r#"{"status":"success","response":{}}"#;

/// The body of a refusal.
pub(crate) fn refusal(message: &str) -> String {
    format!(r#"{{"status":"error","response":{{"message":"{message}"}}}}"#)
}

/// A registered shop.
pub(crate) struct Mall {
    pub(crate) id: String,
    pub(crate) key: String,
}

impl Mall {
    /// A new shop.
    pub(crate) fn register(house: &Http, admin: &str) -> Mall {
        let body = json!({ "merchantInfo": { "merchantName": "나루상점" } });
        let said = house.post("/ezpg/merchants/register", admin, &body).yes();
        let own = &said.body["credentials"]["payaction"];
        let text = |name: &str| own[name].as_str().expect("a credential").to_owned();
        assert_eq!(own["mallId"], said.body["merchantId"]);
        Mall {
            id: text("mallId"),
            key: text("apiKey"),
        }
    }

    /// Has its errors told with a status from 400 to 499.
    pub(crate) fn wants_4xx(&self, house: &Http, admin: &str) {
        self.policy(house, admin, json!({ "payactionErrorStatus": "4xx" }));
    }

    /// Changes what it has decided.
    pub(crate) fn policy(&self, house: &Http, admin: &str, mut change: Value) {
        change["merchantId"] = json!(self.id);
        house.post("/ezpg/merchants/policies", admin, &change).yes();
    }

    /// The two headers.
    pub(crate) fn keys(&self) -> String {
        format!("x-api-key: {}\r\nx-mall-id: {}\r\n", self.key, self.id)
    }

    /// A POST of these bytes under these headers beside its own.
    pub(crate) fn post_as(&self, house: &Http, path: &str, headers: &str, body: &[u8]) -> Answer {
        send(house, "POST", path, &(self.keys() + headers), body)
    }

    /// A POST of JSON.
    pub(crate) fn post(&self, house: &Http, path: &str, body: &str) -> Answer {
        let label = "content-type: application/json\r\n";
        self.post_as(house, path, label, body.as_bytes())
    }

    /// An order as a JSON object.
    pub(crate) fn order(&self, house: &Http, order: &Value) -> Answer {
        self.post(house, "/payaction/order", &order.to_string())
    }

    /// How an order stands; the number as it is written in an address.
    pub(crate) fn look(&self, house: &Http, number: &str) -> Answer {
        let path = format!("/payaction/order/{number}");
        send(house, "GET", &path, &self.keys(), b"")
    }
}

/// Real time, by which a house lives whose clock nobody has shifted.
pub(crate) fn now() -> Timestamp {
    Clock::real().real_now()
}

/// An order that is right in every way.
pub(crate) fn right(number: &str) -> Value {
    json!({
        "order_number": number, "order_amount": 19000,
        "order_date": "2023-07-26T11:31:00+09:00",
        "billing_name": "홍길동", "orderer_name": "홍길동",
    })
}

/// One request as it is, and its answer.
pub(crate) fn send(house: &Http, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
    // A GET has no body.
    let body = if method == "GET" { b"" } else { body };
    let length = match method {
        "GET" => String::new(),
        _ => format!("content-length: {}\r\n", body.len()),
    };
    let head = format!("{method} {path} HTTP/1.1\r\nhost: naru\r\nconnection: close\r\n");
    let mut request = format!("{head}{length}{headers}\r\n").into_bytes();
    request.extend_from_slice(body);
    read(&raw(house, &request))
}

/// An answer as it came.
pub(crate) fn read(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).expect("a status");
    Answer {
        status: status.parse().expect("a number"),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}
