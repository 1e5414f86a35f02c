//! `PayAction`'s own sample clients, unchanged but for base URL and keys, against a running
//! gateway.

use std::path::{Path, PathBuf};

use crate::shop::{House, NodeServer, Variables, are_there, node, turn};
use serde_json::{Value, json};
use simulator::merchant::Dialect;

/// The sample that submits an order, as `PayAction` publishes it.
const ORDER: &str = include_str!("clients/order.js");
/// The sample that receives webhooks with Express.
const RECEIVER: &str = include_str!("clients/receiver.js");
/// Where the sample sends its orders.
const THEIR_BASE: &str = "https://api.payaction.app";

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, text).expect("a file");
    path
}

/// The sample with its base URL changed, called once with what is in `ORDER`.
fn order_program(folder: &Path, house: &House) -> PathBuf {
    assert_eq!(ORDER.matches(THEIR_BASE).count(), 1);
    let ours = format!("{}/payaction", house.gateway.http);
    let sample = ORDER.replace(THEIR_BASE, &ours);
    let call = "submitOrder(JSON.parse(process.env.ORDER)).then(\n\
                (result) => console.log(JSON.stringify(result)),\n\
                (error) => { console.log(error.message); process.exit(1); });\n";
    write(folder, "order.js", &format!("{sample}\n{call}"))
}

/// The sample in an app of its own; what it is to process it prints.
fn receiver_program(folder: &Path) -> PathBuf {
    write(
        folder,
        "node_modules/express/index.js",
        include_str!("clients/express.js"),
    );
    let before = "const express = require('express');\nconst app = express();\n\
                  app.use(express.json());\n\
                  async function processPaymentConfirmation(data) {\n\
                  console.log(`processed ${JSON.stringify(data)}`);\n}\n";
    let after = "const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {\n\
                 console.log(`listening ${server.address().port}`);\n});\n";
    write(
        folder,
        "receiver.js",
        &format!("{before}{RECEIVER}\n{after}"),
    )
}

fn variables(house: &House, order: &Value) -> Variables {
    Variables::from([
        ("PAYACTION_API_KEY", house.credential.api_key.clone()),
        ("PAYACTION_MALL_ID", house.credential.merchant.clone()),
        (
            "PAYACTION_WEBHOOK_KEY",
            house.credential.webhook_key.clone(),
        ),
        ("ORDER", order.to_string()),
    ])
}

#[test]
fn the_sample_clients_work_unchanged() {
    if !are_there("clients::the_sample_clients_work_unchanged", &["node"]) {
        return;
    }
    let _turn = turn();
    let (house, folder) = (House::start(), tempfile::tempdir().expect("a folder"));
    let merchant = &house.credential.merchant;
    let order = json!({
        "orderId": "SAMPLE-1", "amount": 19_000, "customerName": "홍길동",
        "phone": "010-1234-5678", "email": "hong@gildong.kr",
    });
    let variables = variables(&house, &order);
    let server = NodeServer::start(&receiver_program(folder.path()), &variables);
    let url = format!("http://127.0.0.1:{}/api/payaction-webhook", server.port);
    let made = house
        .office
        .endpoint(merchant, &url, Dialect::Payaction, &[]);
    let (endpoint, _) = house.runtime.block_on(made).expect("an endpoint");
    let account = house.office.issue(merchant, "matching", "004");
    let (_, account) = house.runtime.block_on(account).expect("an account");

    let submit = order_program(folder.path(), &house);
    let (well, told) = node(&submit, &variables);
    assert!(well, "{told}");
    let answer: Value = serde_json::from_str(told.trim()).expect("what the sample returns");
    assert_eq!(answer, json!({ "status": "success", "response": {} }));
    // The sample throws the message of a no.
    let (well, told) = node(&submit, &variables);
    assert!(!well, "{told}");
    let due = "PayAction API 오류: 이미 해당 주문번호의 주문이 존재합니다.";
    assert_eq!(told.trim(), due);

    let paid = house
        .office
        .trial_deposit("004", &account, 19_000, "홍길동");
    house.runtime.block_on(paid).expect("a deposit");
    let processed = server.line_with("processed ");
    let processed: Value = serde_json::from_str(&processed).expect("the webhook's body");
    assert_eq!(processed["order_number"], "SAMPLE-1");
    assert_eq!(processed["order_status"], "매칭완료");
    assert_eq!(processed.as_object().map(serde_json::Map::len), Some(3));

    // The receiver knows of it before its answer has been noted in the books.
    let delivered = deliveries(&house, &endpoint, "delivered", |told| !told.is_empty());
    assert_eq!(delivered.len(), 1, "{delivered:?}");
    assert_eq!(delivered[0]["attempts"].as_array().map(Vec::len), Some(1));
}

/// What the gateway tells of its deliveries to an endpoint, asked until they are as they should be.
fn deliveries(
    house: &House,
    endpoint: &str,
    status: &str,
    are_so: impl Fn(&[Value]) -> bool,
) -> Vec<Value> {
    for _ in 0..200 {
        let told = house.office.deliveries(endpoint, status);
        let told = house.runtime.block_on(told).expect("the deliveries");
        if are_so(&told) {
            return told;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("no {status} deliveries are as they should be");
}

#[test]
fn the_sample_receiver_refuses_another_key_and_is_tried_again() {
    if !are_there(
        "clients::the_sample_receiver_refuses_another_key_and_is_tried_again",
        &["node"],
    ) {
        return;
    }
    let _turn = turn();
    let (house, folder) = (House::start(), tempfile::tempdir().expect("a folder"));
    let merchant = &house.credential.merchant;
    let mut variables = variables(&house, &json!({}));
    variables.insert("PAYACTION_WEBHOOK_KEY", "ANOTHER".to_owned());
    let server = NodeServer::start(&receiver_program(folder.path()), &variables);
    let url = format!("http://127.0.0.1:{}/api/payaction-webhook", server.port);
    let events = ["deposit.received".to_owned()];
    let made = house
        .office
        .endpoint(merchant, &url, Dialect::Payaction, &events);
    let (endpoint, _) = house.runtime.block_on(made).expect("an endpoint");
    let account = house.office.issue(merchant, "fixed", "004");
    let (_, account) = house.runtime.block_on(account).expect("an account");
    let paid = house.office.trial_deposit("004", &account, 500, "홍길동");
    house.runtime.block_on(paid).expect("a deposit");
    deliveries(&house, &endpoint, "pending", |told| {
        told.first()
            .is_some_and(|told| told["attempts"][0]["status"] == 401)
    });
}
