//! Merchants are apart: another's thing and one that is not there are alike, nothing of it changes,
//! and no list shows it.

use serde_json::{Value, json};

use super::{Route, Things, absent, body, call, document, routes, things_of};
use crate::ezpg::{Shop, person_of, register};
use crate::payaction::mall::{Mall, right, send};
use crate::support::http::{Http, Said};

/// What differs between two refusals but their ids.
fn told(said: &Said) -> (u16, String, String) {
    let text = |name: &str| said.body[name].as_str().unwrap_or_default().to_owned();
    (said.status, text("resultCode"), text("resultMsg"))
}

/// What head office sees of the shop.
fn state(shop: &Shop) -> Vec<Value> {
    [
        "/ezpg/accounts",
        "/ezpg/transactions/deposits",
        "/ezpg/orders",
        "/ezpg/webhooks",
        "/ezpg/merchants/balance",
        "/ezpg/notifications/settings",
        "/ezpg/merchants/policies",
        "/ezpg/merchants/credentials",
    ]
    .iter()
    .map(|path| {
        let path = format!("{path}?merchantId={}", shop.id);
        shop.house.get(&path, &shop.admin).yes().body
    })
    .collect()
}

/// Routes that name nothing, because they speak of the caller alone. (Of the list,
/// [`a_list_that_names_nobody_shows_the_callers_own_things`].)
const OWN_BY_NATURE: &[&str] = &[
    "GET /ezpg/merchants/list",
    "POST /ezpg/auth/enrol-otp",
    "POST /ezpg/auth/logout",
    "POST /ezpg/auth/password",
    "POST /ezpg/auth/verify-otp",
];

/// Names under which requests name things of merchants.
const NAMING: [&str; 6] = [
    "merchantId",
    "transactionId",
    "accountNo",
    "endpointId",
    "deliveryId",
    "id",
];

fn names_something(document: &Value, route: &Route, things: &Things) -> bool {
    let schema = route.body.as_ref();
    let named = schema.map(|schema| body(document, schema, things));
    route.path.contains('{')
        || route
            .query
            .iter()
            .any(|name| NAMING.contains(&name.as_str()))
        || named.is_some_and(|body| NAMING.iter().any(|name| body.get(name).is_some()))
}

#[test]
fn another_merchants_things_are_as_if_they_were_not_there() {
    let shop = Shop::open();
    let house = &shop.house;
    let document = document(house);
    let shops = things_of(&shop);
    let nowhere = absent();
    let (other, _) = register(house, &shop.admin, "다른상점");
    let stranger = person_of(house, &shop.admin, "stranger", &other);
    let mut proven = 0;
    for route in routes(&document)
        .iter()
        .filter(|route| route.is_for_merchants() && !route.open)
    {
        let name = route.name();
        if !names_something(&document, route, &nowhere) {
            let own = OWN_BY_NATURE.contains(&name.as_str());
            assert!(own, "{name}: whose things does it see?");
            continue;
        }
        let before = state(&shop);
        let theirs = call(house, &document, route, &stranger, &shops);
        let none = call(house, &document, route, &stranger, &nowhere);
        assert_eq!(told(&theirs), told(&none), "{name} tells what is there");
        assert_eq!(theirs.no(), (404, "1004"), "{name}: {}", theirs.body);
        assert_eq!(state(&shop), before, "{name} changed something");
        // The owner is told something else: the thing is there.
        let own = call(house, &document, route, &shop.person, &shops);
        let found = own.status != 404;
        assert!(
            found,
            "{name} does not find the owner's thing: {}",
            own.body
        );
        proven += 1;
    }
    assert!(proven >= 20, "{proven} routes were proven");
}

#[test]
fn a_list_that_names_nobody_shows_the_callers_own_things() {
    let shop = Shop::open();
    let house = &shop.house;
    let shops = things_of(&shop);
    let (other, _) = register(house, &shop.admin, "다른상점");
    let stranger = person_of(house, &shop.admin, "stranger", &other);
    let canaries: Vec<String> = NAMING
        .iter()
        .filter(|name| **name != "id")
        .map(|name| shops[name].as_str().expect("a name").to_owned())
        .chain(["나루상점".to_owned(), "성춘향".to_owned()])
        .collect();
    let mut shown = 0;
    for route in routes(&document(house)) {
        if route.method != "GET" || !route.is_for_merchants() || route.path.contains('{') {
            continue;
        }
        let name = route.name();
        let own = house.get(&route.path, &shop.person).yes().body.to_string();
        let theirs = house.get(&route.path, &stranger).yes().body.to_string();
        for canary in &canaries {
            assert!(!theirs.contains(canary), "{name} shows {canary}: {theirs}");
            shown += usize::from(own.contains(canary));
        }
    }
    assert!(shown >= 15, "the owner sees its own: {shown}");
    let sought = format!("/ezpg/merchants/list?searchKeyword={}", shop.id);
    assert_eq!(house.get(&sought, &shop.person).yes().body["totalCount"], 1);
    assert_eq!(house.get(&sought, &stranger).yes().body["totalCount"], 0);
}

#[test]
fn head_office_is_told_where_the_merchant_that_it_names_is_not_there() {
    let shop = Shop::open();
    let mut proven = 0;
    for route in routes(&document(&shop.house)) {
        let names = route.query.iter().any(|name| name == "merchantId");
        if !names || !["HO", "all"].iter().any(|who| route.who.contains(*who)) {
            continue;
        }
        let path = format!("{}?merchantId=absent", route.path);
        let said = shop.house.get(&path, &shop.admin);
        assert_eq!(said.no(), (404, "2001"), "{}: {}", route.name(), said.body);
        proven += 1;
    }
    assert!(proven >= 14, "{proven}");
}

#[test]
fn a_program_acts_for_its_own_merchant_alone() {
    let shop = Shop::open();
    let house = &shop.house;
    let (other, key) = register(house, &shop.admin, "다른상점");
    let document = document(house);
    let programs: Vec<Route> = routes(&document)
        .into_iter()
        .filter(|route| route.who.contains("mid"))
        .collect();
    assert_eq!(programs.len(), 3);
    let asked = |route: &Route, mid: &str, meky: &str| {
        let body = json!({
            "mid": mid, "meky": meky, "userId": "user0001", "userNm": "홍길동", "fixYn": "Y",
            "moid": "m-1", "withAmt": 1000, "bankCd": "004", "withAccntNo": "1", "withAccntNm": "홍",
        });
        house.post(&route.path, "", &body)
    };
    for route in &programs {
        let name = route.name();
        let foreign = asked(route, &shop.id, &key);
        let nobody = asked(route, "absent", &key);
        assert_eq!(told(&foreign), told(&nobody), "{name}");
        assert_eq!((foreign.status, foreign.code()), (200, "1001"), "{name}");
    }
    assert_eq!(state(&shop)[0]["totalCount"], 0, "nothing was issued");
    let register_user = &programs
        .iter()
        .find(|route| route.path.ends_with("regUserApi"))
        .expect("the call");
    let own = asked(register_user, &shop.id, &shop.meky).yes();
    let theirs = asked(register_user, &other, &key).yes();
    assert_ne!(
        own.body["vacctNo"], theirs.body["vacctNo"],
        "each has its own users"
    );
}

/// One call of the other face, with an order's number wherever the route names one.
fn order_call(house: &Http, mall: &Mall, route: &Route, number: &str) -> String {
    let path = route.path.replace("{order_number}", number);
    let body = right(number).to_string();
    send(house, &route.method, &path, &mall.keys(), body.as_bytes()).body
}

#[test]
fn another_malls_order_is_as_if_it_were_not_there() {
    let house = Http::start();
    let (_, admin) = house.admin();
    let (mall, other) = (
        Mall::register(&house, &admin),
        Mall::register(&house, &admin),
    );
    let document = house.get("/payaction/openapi.json", "").body;
    assert!(
        mall.order(&house, &right("theirs"))
            .body
            .contains("success")
    );
    let before = mall.look(&house, "theirs").body;
    let mut proven = 0;
    // Last the one that makes an order of the same number, of the caller's own.
    let mut all = routes(&document);
    all.sort_by_key(|route| route.name() == "POST /payaction/order");
    for route in all {
        let name = route.name();
        let theirs = order_call(&house, &other, &route, "theirs");
        let none = order_call(&house, &other, &route, "none");
        assert_eq!(theirs, none, "{name} tells what is there");
        assert_eq!(
            mall.look(&house, "theirs").body,
            before,
            "{name} changed something"
        );
        proven += 1;
    }
    assert_eq!(proven, 5);
}
