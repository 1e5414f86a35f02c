//! Messages to people over real sockets: a mail server, Telegram as a fake, the sandbox's outbox.

use serde_json::{Value, json};

use crate::support::eventually;
use crate::support::http::Http;
use crate::support::post::MailServer;
use crate::support::receiver::{Receiver, Say};

const TOKEN: &str = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

struct Town {
    house: Http,
    admin: String,
    merchant: String,
    account: String,
}

impl Town {
    fn build(more: &[(&str, &str)]) -> Town {
        let house = Http::with(more);
        let (_, admin) = house.admin();
        let body = json!({
            "merchantInfo": { "merchantName": "나루 & <상점>" },
            "contactInfo": { "managerEmail": "kim@shop.example" },
        });
        let said = house.post("/ezpg/merchants/register", &admin, &body).yes();
        let merchant = said.text("merchantId");
        let body = json!({
            "merchantId": merchant, "accountType": "fixed", "bankCode": "004", "amount": 0,
        });
        let issued = house.post("/ezpg/accounts/issue", &admin, &body).yes();
        let account = issued.body["accountInfo"]["accountNo"]
            .as_str()
            .unwrap()
            .to_owned();
        Town {
            house,
            admin,
            merchant,
            account,
        }
    }

    fn set(&self, body: &Value) -> Value {
        let mut body = body.clone();
        body["merchantId"] = json!(self.merchant);
        let said = self
            .house
            .post("/ezpg/notifications/settings", &self.admin, &body);
        said.yes().body
    }

    fn deposit(&self, amount: u64, payer: &str) {
        let body = json!({
            "accountNo": self.account, "bankCode": "004", "amount": amount,
            "depositorName": payer,
        });
        self.house
            .post("/ezpg/test/deposit", &self.admin, &body)
            .yes();
    }

    fn outbox(&self) -> Vec<Value> {
        let path = format!("/ezpg/notifications/outbox?merchantId={}", self.merchant);
        let said = self.house.get(&path, &self.admin).yes();
        said.body["messages"].as_array().unwrap().clone()
    }
}

fn telegram(enabled: bool) -> Value {
    json!({
        "telegramSettings": { "botToken": TOKEN, "chatId": "-1001234", "enabled": enabled },
        "notificationConditions": { "depositNotification": "Y", "minAmount": 1000 },
    })
}

#[test]
fn a_deposit_is_told_in_a_chat_escaped_retried_and_above_the_least_amount() {
    let patience = r#"{"ok":false,"error_code":429,"parameters":{"retry_after":60}}"#;
    let service = Receiver::start(move |nth, _| match nth {
        0 => Say::Answer(
            "429 Too Many Requests",
            Vec::new(),
            patience.as_bytes().to_vec(),
        ),
        _ => Say::ok(r#"{"ok":true,"result":{"message_id":1}}"#),
    });
    let base = format!("http://{}", service.address);
    let town = Town::build(&[("NARU_TELEGRAM_BASE", &base)]);
    let set = town.set(&telegram(true));
    assert!(
        !set.to_string().contains(TOKEN),
        "the token is never told back"
    );
    assert_eq!(
        set["updatedSettings"]["telegramSettings"]["botToken"],
        "…Dsaw"
    );
    town.deposit(999, "홍길동");
    town.deposit(19_000, "<b>홍&길동");
    eventually("the first attempt is over", || {
        town.outbox()
            .first()
            .is_some_and(|one| one["reason"] == "telegram asks for patience")
    });
    town.house.shift_clock(61);
    eventually("it is told", || town.outbox()[0]["status"] == "sent");
    let got = service.got();
    assert_eq!(got.len(), 2, "one deposit was too small for a word");
    assert_eq!(got[1].path, format!("/bot{TOKEN}/sendMessage"));
    let body: Value = serde_json::from_slice(&got[1].body).unwrap();
    assert_eq!(
        (&body["chat_id"], &body["parse_mode"]),
        (&json!(-1_001_234), &json!("HTML"))
    );
    let text = body["text"].as_str().unwrap();
    assert!(text.contains("&lt;b&gt;홍&amp;길동"), "{text}");
    assert!(text.contains("나루 &amp; &lt;상점&gt;"), "{text}");
    assert_eq!(got[0].body, got[1].body);
}

#[test]
fn a_bot_that_is_switched_off_says_nothing_and_what_is_not_sent_stays() {
    let service = Receiver::start(|_, _| Say::ok(r#"{"ok":true}"#));
    let base = format!("http://{}", service.address);
    let town = Town::build(&[("NARU_TELEGRAM_BASE", &base)]);
    town.set(&telegram(false));
    town.deposit(19_000, "홍길동");
    let set = town.set(&json!({ "telegramSettings": { "enabled": true } }));
    let shown = &set["updatedSettings"];
    assert_eq!(shown["telegramSettings"]["chatId"], "-1001234");
    assert_eq!(shown["notificationConditions"]["depositNotification"], true);
    assert_eq!(shown["notificationConditions"]["minAmount"], 1000);
    town.deposit(20_000, "홍길동");
    eventually("the second is told", || service.count() == 1);
    assert!(service.got()[0].text().contains("20,000"));
}

#[test]
fn a_letter_given_up_is_told_by_mail_to_the_merchants_contact() {
    // The first recipient is put off, as a busy mail server does.
    let server = MailServer::start(|nth| match nth {
        0 => "451 later",
        _ => "250 yes",
    });
    let url = format!("smtp://{}", server.address);
    let mut town = Town::build(&[
        ("NARU_MAIL_SMTP", &url),
        ("NARU_MAIL_FROM", "naru@pg.example"),
    ]);
    let password = town
        .house
        .add_user(&town.admin, "owner", "merchant", Some(&town.merchant));
    let gone = Receiver::start(|_, _| Say::status("410 Gone"));
    let body = json!({
        "merchantId": town.merchant, "url": gone.url(), "dialect": "standard", "events": [],
    });
    town.house.post("/ezpg/webhooks", &town.admin, &body).yes();
    town.deposit(19_000, "홍길동");
    eventually("the mail was put off", || {
        town.outbox()
            .first()
            .is_some_and(|one| one["reason"] == "the mail server failed with 451")
    });
    town.house.shift_clock(31);
    eventually("the mail has come", || server.got().len() == 1);
    let mail = &server.got()[0];
    assert!(mail.to.contains("<kim@shop.example>"), "{}", mail.to);
    assert!(mail.text.contains("naru@pg.example"));
    assert!(mail.body().contains("deposit.received"), "{}", mail.body());
    // Another one about the same endpoint a moment later is not worth a mail.
    town.deposit(20_000, "홍길동");
    eventually("the second letter is given up, too", || gone.count() == 2);
    assert_eq!(town.outbox().len(), 1);
    town.house.shift_clock(700);
    // No token lives so long.
    town.admin = town.house.log_in("owner", &password).text("token");
    town.deposit(21_000, "홍길동");
    eventually("after a while it is", || server.got().len() == 2);
}

#[test]
fn a_sandbox_without_a_mail_server_keeps_mails_to_be_read() {
    let town = Town::build(&[]);
    town.set(&json!({
        "emailSettings": { "addresses": ["ops@shop.example"], "enabled": true },
        "notificationConditions": { "depositNotification": true },
    }));
    town.deposit(19_000, "홍길동");
    eventually("the mail is kept", || {
        town.outbox()
            .first()
            .is_some_and(|one| one["status"] == "sent")
    });
    let kept = town.outbox().remove(0);
    assert_eq!(
        (&kept["channel"], &kept["to"]),
        (&json!("mail"), &json!("ops@shop.example"))
    );
    assert!(kept["text"].as_str().unwrap().contains("19,000원"));
    assert_eq!(kept["subject"], "[나루 & <상점>] 입금 19,000원");
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let town = Town::build(&[]);
    for body in [
        json!({ "telegramSettings": { "botToken": "not a token", "chatId": "1" } }),
        json!({ "telegramSettings": { "botToken": format!("{TOKEN}/../x"), "chatId": "1" } }),
        json!({ "telegramSettings": { "botToken": TOKEN } }),
        json!({ "telegramSettings": { "enabled": true } }),
        json!({ "telegramSettings": { "botToken": TOKEN, "chatId": "a b" } }),
        json!({ "notificationConditions": { "minAmount": -1 } }),
        json!({ "notificationConditions": { "depositNotification": "maybe" } }),
        json!({ "emailSettings": { "addresses": ["nobody"] } }),
        json!({ "emailSettings": { "addresses": ["a@b.example\r\nBcc: c@d.example"] } }),
        json!({ "emailSettings": { "addresses": vec!["a@b.example"; 6] } }),
        json!({ "emailSettings": { "matchFailed": "hourly" } }),
    ] {
        let mut body = body;
        body["merchantId"] = json!(town.merchant);
        let said = town
            .house
            .post("/ezpg/notifications/settings", &town.admin, &body);
        assert_eq!(said.no(), (400, "1003"), "{body}: {}", said.body);
        assert!(!said.body.to_string().contains(TOKEN));
    }
    let path = format!("/ezpg/notifications/settings?merchantId={}", town.merchant);
    let shown = town.house.get(&path, &town.admin).yes();
    assert_eq!(
        shown.body["settings"]["telegramSettings"]["botToken"],
        json!(null)
    );
}
