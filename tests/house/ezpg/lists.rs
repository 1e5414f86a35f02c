//! Lists and sums of what was paid: under both documents' paths, page by page, by day and status.

use naru::clock::Clock;
use serde_json::{Value, json};

use super::{Shop, number_of};
use crate::support::{Relay, correction, deposit};

/// A shop with three deposits of one amount: the ids of their transactions.
fn paid_thrice() -> (Shop, Vec<String>) {
    let shop = Shop::open();
    let account = number_of(&shop.issue(&json!({})).yes());
    let pay = |_| shop.pay(&account, 10_000, "홍길동").yes();
    let ids: Vec<String> = (0..3)
        .map(pay)
        .map(|said| said.text("transactionId"))
        .collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
    (shop, ids)
}

const PATHS: [(&str, &str); 2] = [
    ("/ezpg/transactions/deposits", "depositList"),
    ("/ezpg/transactions/deposit/history", "deposits"),
];

#[test]
fn three_deposits_of_one_amount_are_three_transactions() {
    let (shop, ids) = paid_thrice();
    for (path, list) in PATHS {
        let get = |query: &str| {
            shop.house
                .get(&format!("{path}?{query}"), &shop.person)
                .yes()
        };
        let said = get("limit=2");
        assert_eq!(said.body["totalCount"], 3);
        let page = said.body[list].as_array().expect("a list");
        assert_eq!(page.len(), 2);
        for (field, value) in [
            // The newest first.
            ("transactionId", json!(ids[2])),
            ("trxId", json!(ids[2])),
            ("status", json!("completed")),
            ("amount", json!(10_000)),
            ("fee", json!(0)),
            ("netAmount", json!(10_000)),
            ("merchantName", json!("나루상점")),
            ("depositorName", json!("홍길동")),
            ("bankName", json!("국민")),
        ] {
            assert_eq!(page[0][field], value, "{path} {field}");
        }
        let rest = get(&format!("limit=2&cursor={}", said.text("nextCursor")));
        assert_eq!(rest.body[list].as_array().map(Vec::len), Some(1));
        assert_eq!(rest.body["nextCursor"], Value::Null);
        let second = get("limit=2&page=2");
        assert_eq!(second.body[list], rest.body[list]);
    }
}

#[test]
fn what_was_paid_is_summed_up() {
    let (shop, ids) = paid_thrice();
    let get = |path: &str, token: &str| shop.house.get(path, token).yes().body;
    let balance = get("/ezpg/merchants/balance", &shop.person);
    assert_eq!(balance["balanceList"][0]["balance"], 30_000);
    let recent = get("/ezpg/transactions/recent?limit=2", &shop.person);
    assert_eq!(recent["transactions"][0]["transactionId"], ids[2].as_str());
    let statistics = get("/ezpg/statistics", &shop.person);
    for (field, value) in [
        ("totalDeposit", 30_000),
        ("totalWithdrawal", 0),
        ("totalDepositFee", 0),
        ("totalWithdrawalFee", 0),
        ("netProfit", 0),
    ] {
        assert_eq!(statistics["statistics"][field], value, "{field}");
    }
    let detail = &statistics["statistics"]["details"][0];
    assert_eq!(detail["depositCount"], 3);
    for field in [
        "deposit",
        "withdrawal",
        "depositFee",
        "withdrawalFee",
        "profit",
    ] {
        assert!(detail[field].is_u64(), "{field}: {detail}");
    }
    let merchants = get("/ezpg/statistics?statisticsType=merchant", &shop.admin);
    let first = &merchants["statistics"]["details"][0];
    assert_eq!(first["merchantId"], shop.id.as_str());
    let today = Clock::real().now().business_date().expect("a day").date();
    for (by, date) in [
        ("day", today.to_string()),
        ("month", today.strftime("%Y-%m").to_string()),
    ] {
        let told = get(&format!("/ezpg/statistics?groupBy={by}"), &shop.person);
        let details = told["statistics"]["details"]
            .as_array()
            .expect("details")
            .clone();
        assert_eq!((details.len(), &details[0]["date"]), (1, &json!(date)));
    }
}

#[test]
fn days_and_statuses_choose_from_a_list() {
    let (shop, _) = paid_thrice();
    let today = Clock::real().now().business_date().expect("a day").date();
    let day = |away: i64| {
        today
            .checked_add(jiff::Span::new().days(away))
            .expect("a day")
    };
    let whole = format!("startDate={today}&endDate={today}");
    let plain = whole.replace('-', "");
    for (query, count) in [
        (whole.clone(), 3),
        (plain, 3),
        (format!("startDate={}", day(1)), 0),
        (format!("endDate={}", day(-1)), 0),
        (format!("startDate={}&endDate={}", day(-1), day(1)), 3),
        (format!("{whole}&status=all"), 3),
        (format!("{whole}&status=completed"), 3),
        ("status=pending".to_owned(), 0),
        ("status=cancelled".to_owned(), 0),
        ("status=failed".to_owned(), 0),
    ] {
        for (path, list) in PATHS {
            let said = shop
                .house
                .get(&format!("{path}?{query}"), &shop.person)
                .yes();
            assert_eq!(said.body["totalCount"], count, "{query}");
            assert_eq!(
                said.body[list].as_array().map(Vec::len),
                Some(count),
                "{query}"
            );
        }
    }
    for wrong in [
        "status=paid",
        "startDate=2026-02-30",
        "startDate=yesterday",
        "startDate=20260302&endDate=20260301",
        "page=0",
        "page=-1",
        "limit=501",
        "limit=0",
        "page=21&limit=500",
        "page=10001&limit=1",
        "page=18446744073709551615",
        "cursor=x",
        "cursor=-1",
    ] {
        for (path, _) in PATHS {
            let said = shop.house.get(&format!("{path}?{wrong}"), &shop.person);
            assert_eq!(said.no(), (400, "1003"), "{wrong}");
        }
    }
    let last = shop.house.get(
        "/ezpg/transactions/deposits?page=20&limit=500",
        &shop.person,
    );
    assert_eq!(
        last.yes().body["depositList"],
        json!([]),
        "ten thousand rows are in reach"
    );
}

#[test]
fn accounts_are_chosen_by_where_they_stand_and_counted_where_that_can_be_known() {
    let shop = Shop::open();
    let numbers: Vec<String> = (0..3)
        .map(|_| number_of(&shop.issue(&json!({})).yes()))
        .collect();
    let close = json!({ "bankCode": "004", "accountNo": numbers[1] });
    shop.house
        .post("/ezpg/accounts/close", &shop.admin, &close)
        .yes();
    let get = |query: &str| {
        shop.house
            .get(&format!("/ezpg/accounts?{query}"), &shop.person)
    };
    let shown = |query: &str| -> Vec<String> {
        let said = get(query).yes();
        let accounts = said.body["accounts"].as_array().expect("a list").clone();
        let number = |one: &Value| one["accountNo"].as_str().expect("a number").to_owned();
        accounts.iter().map(number).collect()
    };
    assert_eq!(shown("status=active"), [numbers[0].as_str(), &numbers[2]]);
    assert_eq!(shown("status=closed"), [numbers[1].as_str()]);
    assert_eq!(get("status=closed").yes().body["totalCount"], 1);
    assert_eq!(get("status=used").yes().body["totalCount"], 0);
    assert_eq!(get("limit=1").yes().body["totalCount"], 3);
    let part = get("status=active&limit=1").yes();
    assert_eq!(part.body.get("totalCount"), None, "nobody has counted them");
    let next = part.text("nextCursor");
    let rest = get(&format!("status=active&limit=1&cursor={next}")).yes();
    assert_eq!(rest.body["accounts"][0]["accountNo"], numbers[2].as_str());
    let named = format!("accountNo={}", numbers[2]);
    assert_eq!(shown(&named), [numbers[2].as_str()]);
    for wrong in ["status=gone", "cursor=x", "limit=501", "colour=blue"] {
        assert_eq!(get(wrong).no(), (400, "1003"), "{wrong}");
    }
}

#[test]
fn an_empty_list_is_a_success_with_nothing_in_it() {
    let shop = Shop::open();
    for (path, list) in [
        ("/ezpg/accounts", "accounts"),
        ("/ezpg/transactions/deposits", "depositList"),
        ("/ezpg/transactions/deposit/history", "deposits"),
        ("/ezpg/transactions/withdrawals", "withdrawalList"),
        ("/ezpg/transactions/withdrawal/history", "withdrawals"),
        ("/ezpg/transactions/recent", "transactions"),
        ("/ezpg/orders", "orders"),
        ("/ezpg/webhooks", "endpoints"),
        ("/ezpg/webhooks/deliveries", "deliveries"),
        ("/ezpg/events", "events"),
        ("/ezpg/notifications/outbox", "messages"),
        ("/ezpg/audit?actor=nobody", "audit"),
        ("/ezpg/logs?startDate=20200101&endDate=20200101", "logs"),
        ("/ezpg/merchants/list?searchKeyword=nothing", "merchantList"),
    ] {
        let for_head_office = ["audit", "logs"].iter().any(|word| path.contains(word));
        let token = if for_head_office {
            &shop.admin
        } else {
            &shop.person
        };
        let said = shop.house.get(path, token).yes();
        assert_eq!(said.body["totalCount"], 0, "{path}: {}", said.body);
        assert_eq!(said.body[list], json!([]), "{path}");
    }
}

#[test]
fn a_corrected_deposit_is_cancelled_in_every_list_and_sum() {
    let shop = Shop::open();
    let account = number_of(&shop.issue(&json!({})).yes());
    let mut relay = Relay::call(shop.house.relay);
    assert_eq!(
        relay.code(&deposit("03020000000901", &account, 7_000)),
        "0000"
    );
    let get = |path: &str| shop.house.get(path, &shop.person).yes().body;
    let booked = get("/ezpg/transactions/deposits?status=completed");
    let id = booked["depositList"][0]["transactionId"]
        .as_str()
        .expect("an id")
        .to_owned();
    let notice = correction("03020000000901", &account, 7_000).put(108, "S");
    assert_eq!(relay.code(&notice), "0000");
    let cancelled = get("/ezpg/transactions/deposits?status=cancelled");
    assert_eq!(cancelled["totalCount"], 1);
    assert_eq!(cancelled["depositList"][0]["transactionId"], id.as_str());
    assert_eq!(cancelled["depositList"][0]["status"], "cancelled");
    assert_eq!(
        get("/ezpg/transactions/deposits?status=completed")["totalCount"],
        0
    );
    assert_eq!(get("/ezpg/transactions/deposits")["totalCount"], 1);
    let balance = get("/ezpg/merchants/balance");
    assert_eq!(balance["balanceList"][0]["balance"], 0);
    let sums = get("/ezpg/statistics");
    assert_eq!(sums["statistics"]["totalDeposit"], 0);
    assert_eq!(sums["statistics"]["cancelledDeposit"], 7_000);
    let recent = get("/ezpg/transactions/recent");
    let types: Vec<&Value> = (0..2)
        .map(|nth| &recent["transactions"][nth]["type"])
        .collect();
    assert_eq!(types, ["correction", "deposit"]);
    let file = get(&format!("/ezpg/deposits/{id}"));
    let telegrams = file["telegrams"].as_array().expect("telegrams");
    assert_eq!(telegrams.len(), 2);
    for telegram in telegrams {
        let page = telegram["text"].as_str().expect("a page");
        assert!(
            !page.contains(&account) && !page.contains("홍길동"),
            "{page}"
        );
    }
    let (first, second) = (&file["postings"][0], &file["postings"][1]);
    assert_eq!(
        (&first["debit"], &first["credit"]),
        (&second["credit"], &second["debit"])
    );
    assert_eq!(
        (&first["amount"], &second["amount"]),
        (&json!(7_000), &json!(7_000))
    );
    let life = get(&format!("/ezpg/accounts/004/{account}"));
    let types: Vec<&Value> = (0..3).map(|nth| &life["story"][nth]["type"]).collect();
    assert_eq!(types, ["correction", "deposit", "issued"]);
    assert_eq!(life["account"]["balance"], 0);
}
