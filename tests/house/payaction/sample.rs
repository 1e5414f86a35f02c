//! The sample client of the interface's own guide, as Node's `fetch` puts it on the wire: taken
//! unchanged but for address and keys.

use crate::http::raw;
use crate::support::http::Http;

use super::TAKEN;
use super::mall::{Mall, SUCCESS, read, refusal};

/// `JSON.stringify` of the sample's order: the clock is UTC with its suffix swapped for Seoul's,
/// the phone has lost its dashes, and an e-mail that is undefined is left out.
const BODY: &str = "{\"order_number\":\"ORDER-20260302-1\",\"order_amount\":33000,\
    \"order_date\":\"2026-03-02T02:31:00.123+09:00\",\"billing_name\":\"성춘향\",\
    \"orderer_name\":\"성춘향\",\"orderer_phone_number\":\"01012345678\"}";

#[test]
fn the_samples_request_is_taken_as_it_is() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let mall = Mall::register(&house, &admin);
    let host = house.address.strip_prefix("http://").unwrap();
    let request = format!(
        "POST /payaction/order HTTP/1.1\r\n\
         host: {host}\r\n\
         connection: close\r\n\
         Content-Type: application/json\r\n\
         x-api-key: {}\r\n\
         x-mall-id: {}\r\n\
         accept: */*\r\n\
         accept-language: *\r\n\
         sec-fetch-mode: cors\r\n\
         user-agent: node\r\n\
         accept-encoding: gzip, deflate\r\n\
         content-length: {}\r\n\r\n{BODY}",
        mall.key,
        mall.id,
        BODY.len(),
    );
    let first = read(&raw(&house, request.as_bytes()));
    assert_eq!(first.told(), (200, SUCCESS), "`result.status` is success");
    assert_eq!(first.header("content-type"), Some("application/json"));
    let second = read(&raw(&house, request.as_bytes()));
    assert_eq!(
        second.told(),
        (200, refusal(TAKEN).as_str()),
        "`result.response?.message` is what the sample throws"
    );
    let shown = mall.look(&house, "ORDER-20260302-1");
    assert!(
        shown.body.contains(r#""order_amount":33000"#),
        "{}",
        shown.body
    );
}
