//! Who calls comes first, then whether they may, and only then what they say: whoever is not let
//! in hears that and nothing else, however broken the rest of the request is.

use serde_json::json;

use super::{Route, absent, call, document, routes};
use crate::ezpg::Shop;
use crate::support::http::{Http, Said};

/// Requests to `route` that nobody could carry out: each would be refused for what it says, if
/// anybody looked.
fn broken(house: &Http, route: &Route, token: &str) -> Vec<Said> {
    let path = route.path.replace(['{', '}'], "");
    if route.method == "GET" {
        return [
            "limit=x&page=-1&unknown=1",
            "cursor=%00&from=never",
            "limit=1&limit=2",
        ]
        .iter()
        .map(|query| house.get(&format!("{path}?{query}"), token))
        .collect();
    }
    let unfit = [("idempotency-key", "not fit")];
    [
        (&[][..], "{"),
        (&[], "[1]"),
        (
            &[],
            r#"{"unknown": {"deep": []}, "merchantId": 7, "amount": -1}"#,
        ),
        (&unfit, "{}"),
    ]
    .iter()
    .map(|(headers, body)| house.post_bytes(&path, token, headers, body.as_bytes()))
    .collect()
}

/// Tokens of people of every role, and of somebody who is only half in.
fn people(shop: &Shop) -> (Vec<(&'static str, String)>, String) {
    let house = &shop.house;
    let add = |user: &str, role: &str| house.add_user(&shop.admin, user, role, None);
    let operator = house.enrol("op", &add("op", "operator")).1;
    let viewer = house.log_in("vw", &add("vw", "viewer")).yes().text("token");
    let half = house.log_in("half", &add("half", "operator")).yes();
    let people = vec![
        ("HO", shop.admin.clone()),
        ("OP", operator),
        ("VW", viewer),
        ("ME", shop.person.clone()),
    ];
    (people, half.text("token"))
}

#[test]
fn who_may_not_is_refused_before_anything_else() {
    let shop = Shop::open();
    let house = &shop.house;
    let document = document(house);
    let things = absent();
    let (people, half) = people(&shop);
    let forged = format!("{}x", shop.admin);
    for route in routes(&document).iter().filter(|route| !route.open) {
        let name = route.name();
        let midway = ["/ezpg/auth/verify-otp", "/ezpg/auth/enrol-otp"].contains(&&*route.path);
        for token in ["", &forged, &half] {
            if midway && token == half {
                continue;
            }
            let mut told = broken(house, route, token);
            told.push(call(house, &document, route, token, &things));
            for said in told {
                assert_eq!(said.no(), (401, "1001"), "{name}: {}", said.body);
            }
        }
        if route.path.starts_with("/ezpg/auth/") {
            continue;
        }
        for (role, token) in &people {
            let may = route.who.contains(*role) || route.who.contains("all");
            let said = call(house, &document, route, token, &things);
            let refused = (said.status, said.code()) == (403, "1002");
            assert_eq!(
                refused, !may,
                "{name} by {role}: {} {}",
                said.status, said.body
            );
            assert!(said.status < 500, "{name} by {role}: {}", said.body);
            for said in broken(house, route, token) {
                let refused = (said.status, said.code()) == (403, "1002");
                assert_eq!(
                    refused, !may,
                    "{name} by {role}: {} {}",
                    said.status, said.body
                );
                assert!(said.status < 500, "{name} by {role}: {}", said.body);
            }
        }
    }
}

#[test]
fn a_mall_is_known_before_its_order_is_looked_at() {
    let shop = Shop::open();
    let document = shop.house.get("/payaction/openapi.json", "").body;
    let nobody = "인증 정보가 올바르지 않습니다.";
    for route in routes(&document) {
        for said in broken(&shop.house, &route, "") {
            let words = &said.body["response"]["message"];
            assert_eq!(*words, json!(nobody), "{}", route.name());
        }
    }
}
