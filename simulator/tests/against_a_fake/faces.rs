//! The merchants' faces of a gateway of the simplest kind, honest or with one fault.
//!
//! It takes orders, matches them by name and amount, and tells of it. Its retries do not wait.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use jiff::Timestamp;
use serde_json::{Value, json};
use simulator::merchant::sign;
use simulator::shop::one_time_code;
use telegrams::telegram::Deposit;

use crate::fake::{Fault, Gateway};

const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const KEY: &str = "WEBHOOKKEY12";
const ATTEMPTS: usize = 3;

/// What the faces do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slip {
    /// Nothing.
    None,
    /// A match is not told.
    NeverTells,
    /// A match is told twice, under two ids.
    TellsTwice,
    /// The webhook key is another one.
    WrongKey,
    /// The signature is another secret's.
    WrongSecret,
    /// The matched webhook has the amount in it.
    TellsMore,
    /// Each attempt has a trace id of its own.
    NewTrace,
    /// Each attempt has another body.
    NewBody,
    /// An answer that is no yes is taken for one.
    TakesAnything,
    /// Of two orders alike one is matched.
    MatchesTwins,
    /// The order stays open for whoever asks.
    ForgetsStatus,
    /// An order number is taken twice.
    TakesTwice,
}

struct Order {
    name: String,
    amount: u64,
    matched: bool,
}

#[derive(Default)]
struct Shop {
    merchant: String,
    orders: BTreeMap<String, Order>,
    endpoints: Vec<(String, String)>,
    deposits: Vec<Value>,
    events: u64,
    tokens: u64,
}

/// A gateway with both faces.
pub(crate) struct House {
    pub(crate) relay: Gateway,
    pub(crate) http: String,
}

impl House {
    /// Starts it; it lives as long as the test's process.
    pub(crate) fn start(slip: Slip) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let http = listener.local_addr().unwrap().to_string();
        let shop = Arc::new(Mutex::new(Shop::default()));
        let books = Arc::clone(&shop);
        let hears = Arc::new(move |deposit: &Deposit| paid(&books, slip, deposit));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shop = Arc::clone(&shop);
                thread::spawn(move || serve(stream.unwrap(), &shop, slip));
            }
        });
        Self {
            relay: Gateway::heard(Fault::None, hears),
            http,
        }
    }
}

/// A request's method, path, token and body; `None` at the connection's end.
fn read(reader: &mut impl BufRead) -> Option<(String, String, String, Value)> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let (mut length, mut token) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" => value.clone_into(&mut token),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut words = first.split(' ').map(str::to_owned);
    let said = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Some((words.next()?, words.next()?, token, said))
}

fn serve(mut stream: TcpStream, shop: &Mutex<Shop>, slip: Slip) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some((method, path, token, said)) = read(&mut reader) {
        let (status, answer) = answer(
            &mut shop.lock().unwrap(),
            slip,
            &method,
            &path,
            &token,
            &said,
        );
        let answer = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        if stream.write_all((head + &answer).as_bytes()).is_err() {
            return;
        }
    }
}

fn answer(
    shop: &mut Shop,
    slip: Slip,
    method: &str,
    path: &str,
    token: &str,
    said: &Value,
) -> (u16, Value) {
    if let Some(rest) = path.strip_prefix("/payaction") {
        return (200, payaction(shop, slip, method, rest, said));
    }
    let well = |mut more: Value| {
        more["resultCode"] = json!("0000");
        (200, more)
    };
    let no = (401, json!({ "resultCode": "1001" }));
    match path.split('?').next().unwrap() {
        "/ezpg/auth/login" if said["password"] == "first" => {
            well(json!({ "token": "half", "requireOtp": "Y", "mustEnrol": "Y" }))
        }
        "/ezpg/auth/enrol-otp" if token == "Bearer half" => well(json!({ "secret": SEED })),
        "/ezpg/auth/verify-otp" if token == "Bearer half" => {
            let step = u64::try_from(Timestamp::now().as_second()).unwrap() / 30;
            let code = said["otpCode"].as_str().map(str::to_owned);
            if (step - 1..=step).all(|step| one_time_code(SEED, step) != code) {
                return no;
            }
            shop.tokens += 1;
            well(json!({ "token": "full" }))
        }
        _ if token != "Bearer full" => no,
        "/ezpg/users" => well(json!({ "password": "first" })),
        "/ezpg/merchants/credentials" | "/ezpg/merchants/register" => {
            let merchant = said["merchantId"].as_str();
            merchant.unwrap_or("NEW").clone_into(&mut shop.merchant);
            well(json!({ "credentials": {
                "payaction": { "mallId": shop.merchant, "apiKey": "A", "webhookKey": KEY },
                "ezpg": { "mid": shop.merchant, "meky": "M" },
            } }))
        }
        "/ezpg/webhooks" => {
            let text = |key: &str| said[key].as_str().unwrap().to_owned();
            shop.endpoints.push((text("dialect"), text("url")));
            let mut made = json!({ "endpointId": "ep" });
            if said["dialect"] != "payaction" {
                made["secret"] = json!(SECRET);
            }
            well(made)
        }
        "/ezpg/virtual-accounts/issue" => {
            well(json!({ "virtualAccount": { "bankCode": "004", "accountNo": "700000000001" } }))
        }
        "/ezpg/transactions/deposit/history" => well(json!({ "deposits": shop.deposits })),
        _ => (404, json!({ "resultCode": "1004" })),
    }
}

fn payaction(shop: &mut Shop, slip: Slip, method: &str, path: &str, said: &Value) -> Value {
    let error = |message: &str| json!({ "status": "error", "response": { "message": message } });
    let success = |response: Value| json!({ "status": "success", "response": response });
    if method == "GET" {
        let number = path.trim_start_matches("/order/");
        let Some(order) = shop.orders.get(number) else {
            return error("존재하지 않는 주문입니다.");
        };
        let matched = order.matched && slip != Slip::ForgetsStatus;
        let status = if matched {
            "매칭완료"
        } else {
            "매칭대기"
        };
        return success(json!({ "order_status": status }));
    }
    let Some(number) = said["order_number"].as_str() else {
        return error("누락된 필드가 존재합니다.");
    };
    if path == "/order-exclude" {
        return success(json!({}));
    }
    if shop.orders.contains_key(number) && slip != Slip::TakesTwice {
        return error("이미 해당 주문번호의 주문이 존재합니다.");
    }
    let order = Order {
        name: said["billing_name"].as_str().unwrap().trim().to_owned(),
        amount: said["order_amount"].as_u64().unwrap(),
        matched: false,
    };
    shop.orders.insert(number.to_owned(), order);
    success(json!({}))
}

/// Matches a deposit and tells of it, on a thread of its own.
fn paid(shop: &Arc<Mutex<Shop>>, slip: Slip, deposit: &Deposit) {
    let mut books = shop.lock().unwrap();
    let id = format!("dep_{:012}", books.deposits.len() + 1);
    let entry = json!({
        "transactionId": id, "accountNo": deposit.account_no, "amount": deposit.amount,
    });
    books.deposits.push(entry);
    let fits = |order: &&mut Order| {
        !order.matched && order.name == deposit.depositor_name && order.amount == deposit.amount
    };
    let mut found: Vec<_> = books
        .orders
        .iter_mut()
        .filter_map(|(number, order)| Some(number.clone()).zip(Some(order).filter(fits)))
        .collect();
    if found.len() > 1 && slip != Slip::MatchesTwins {
        return;
    }
    let Some((number, order)) = found.first_mut() else {
        return;
    };
    let number = number.clone();
    order.matched = true;
    let times = match slip {
        Slip::NeverTells => 0,
        Slip::TellsTwice => 2,
        _ => 1,
    };
    for _ in 0..times {
        books.events += 1;
        for (dialect, url) in &books.endpoints {
            let mut body = json!({
                "order_number": number, "order_status": "매칭완료",
                "processing_date": "2030-03-04T10:00:00+09:00",
            });
            if dialect == "standard" {
                body = json!({
                    "type": "deposit.matched", "timestamp": "2030-03-04T10:00:00+09:00",
                    "data": {
                        "transactionId": id, "merchantId": books.merchant,
                        "accountNo": deposit.account_no, "bankCode": "004",
                        "amount": deposit.amount, "fee": 0, "orderNumber": number,
                        "depositorName": deposit.depositor_name,
                        "depositedAt": "2030-03-04T10:00:00+09:00",
                    },
                });
            } else if slip == Slip::TellsMore {
                body["amount"] = json!(deposit.amount);
            }
            let (event, mall) = (books.events, books.merchant.clone());
            let letter = (event, mall, dialect.clone(), url.clone(), body);
            thread::spawn(move || tell(slip, &letter));
        }
    }
}

fn tell(slip: Slip, (event, mall, dialect, url, body): &(u64, String, String, String, Value)) {
    for attempt in 0..ATTEMPTS {
        let mut body = body.clone();
        let trace = if slip == Slip::NewTrace { attempt } else { 0 };
        if slip == Slip::NewBody {
            body["processing_date"] = json!(format!("2030-03-04T10:00:0{attempt}+09:00"));
        }
        let (id, body) = (format!("evt_{event:012}_0"), body.to_string());
        let secret = if dialect == "payaction" { KEY } else { SECRET };
        let secret = if slip == Slip::WrongSecret {
            "other"
        } else {
            secret
        };
        let key = if slip == Slip::WrongKey { "OTHER" } else { KEY };
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build();
        let sent = ureq::Agent::from(agent)
            .post(url)
            .header("content-type", "application/json")
            .header("x-webhook-key", key)
            .header("x-mall-id", mall)
            .header("x-trace-id", &format!("1900000000000x{trace:018}"))
            .header("webhook-id", &id)
            .header("webhook-timestamp", "1900000000")
            .header(
                "webhook-signature",
                &sign(secret, &id, "1900000000", body.as_bytes()).unwrap(),
            )
            .send(&body);
        if let Ok(mut answer) = sent {
            let said = answer.body_mut().read_to_string().unwrap_or_default();
            let right = dialect == "standard" || said == "{\"status\":\"success\"}";
            if answer.status() == 200 && right || slip == Slip::TakesAnything {
                return;
            }
        }
        thread::sleep(std::time::Duration::from_millis(20));
    }
}
