//! The receiver of webhooks over real HTTP: it answers as it was told, and forgets nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use simulator::merchant::{Credentials, Dialect, Manners, Receiver, sign};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const MATCHED: &str = "{\"order_number\":\"A-1\",\"order_status\":\"매칭완료\",\
                       \"processing_date\":\"2030-03-04T10:00:00+09:00\"}";

/// Status and body, or the words of the failure.
fn send(receiver: &Receiver, id: &str, body: &str) -> Result<(u16, String), String> {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(2)))
        .build();
    let signature = sign(SECRET, id, "1900000000", body.as_bytes()).unwrap();
    let sent = ureq::Agent::from(agent)
        .post(&receiver.url())
        .header("content-type", "application/json")
        .header("x-webhook-key", "KEY")
        .header("x-mall-id", "MALL")
        .header("x-trace-id", "1900000000000x000000000000000001")
        .header("webhook-id", id)
        .header("webhook-timestamp", "1900000000")
        .header("webhook-signature", &signature)
        .send(body);
    let mut answer = sent.map_err(|error| error.to_string())?;
    let body = answer.body_mut().read_to_string();
    Ok((
        answer.status().as_u16(),
        body.map_err(|error| error.to_string())?,
    ))
}

fn receiver(dialect: Dialect, answers: &[&str]) -> Receiver {
    let receiver = Receiver::start("127.0.0.1:0", dialect).unwrap();
    receiver.behaves(Manners::parse(answers).unwrap());
    receiver.knows(Credentials {
        webhook_key: Some("KEY".into()),
        mall_id: Some("MALL".into()),
        secrets: vec![SECRET.into()],
    });
    receiver
}

#[test]
fn each_dialect_has_its_own_yes() {
    for (dialect, yes) in [
        (Dialect::Payaction, "{\"status\":\"success\"}"),
        (Dialect::EzpgA, "0000"),
        (Dialect::EzpgB, "0000"),
    ] {
        let receiver = receiver(dialect, &[]);
        let answered = send(&receiver, "evt_000000000001_0", MATCHED).unwrap();
        assert_eq!(answered, (200, yes.to_owned()), "{dialect}");
    }
}

#[test]
fn a_webhook_as_it_should_be_has_no_fault() {
    let receiver = receiver(Dialect::Payaction, &[]);
    send(&receiver, "evt_000000000001_0", MATCHED).unwrap();
    let report = receiver.report();
    assert_eq!(report.faults, [""; 0]);
    assert_eq!((report.deliveries, report.attempts), (1, 1));
    assert_eq!(report.events["deposit.matched"], 1);
}

#[test]
fn it_answers_in_the_order_of_its_script() {
    let receiver = receiver(
        Dialect::Payaction,
        &["500", "503:retry=7", "wrong_body", "410", "slow:50ms", "ok"],
    );
    let id = "evt_000000000001_0";
    let answers: Vec<_> = (0..6)
        .map(|_| send(&receiver, id, MATCHED).unwrap())
        .collect();
    let status: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
    assert_eq!(status, [500, 503, 200, 410, 200, 200]);
    assert_ne!(answers[2].1, answers[4].1);
    assert_eq!(receiver.report().tries[&6], 1);
    let answered = receiver.look(|ledger| {
        let attempts = &ledger.delivery(id).unwrap().attempts;
        attempts
            .iter()
            .map(|tried| tried.answered.clone())
            .collect::<Vec<_>>()
    });
    assert_eq!(
        answered,
        ["500", "503:retry=7", "wrong_body", "410", "slow:50ms", "ok"]
    );
}

#[test]
fn it_can_say_nothing_and_is_heard_saying_it() {
    let receiver = receiver(Dialect::Standard, &["close", "hang", "ok"]);
    assert!(send(&receiver, "evt_000000000001_0", "{}").is_err());
    let hung = send(&receiver, "evt_000000000002_0", "{}").unwrap_err();
    assert!(hung.contains("timeout"), "{hung}");
    assert!(send(&receiver, "evt_000000000003_0", "{}").is_ok());
    assert_eq!(receiver.report().attempts, 3);
}

#[test]
fn a_closed_port_refuses_and_opens_again() {
    let receiver = receiver(Dialect::Standard, &[]);
    // A connection that is open when the port closes is closed with it.
    let mut open = TcpStream::connect(receiver.address()).unwrap();
    open.write_all(b"POST / HTTP/1.1\r\n").unwrap();
    receiver.down();
    assert!(TcpStream::connect(receiver.address()).is_err());
    open.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    assert_eq!(open.read(&mut [0; 16]).unwrap_or(0), 0);
    receiver.up().unwrap();
    assert!(send(&receiver, "evt_000000000001_0", "{}").is_ok());
}

#[test]
fn what_is_wrong_with_a_webhook_is_told_in_words() {
    let receiver = receiver(Dialect::Payaction, &["500", "ok"]);
    receiver.knows(Credentials {
        webhook_key: Some("OTHER".into()),
        mall_id: Some("MALL".into()),
        secrets: vec!["whsec_AAAA".into()],
    });
    let id = "evt_000000000001_0";
    send(&receiver, id, MATCHED).unwrap();
    let more = MATCHED.replace("{\"order", "{\"amount\":1,\"order");
    send(&receiver, id, &more).unwrap();
    let report = receiver.report();
    for words in [
        "x-webhook-key is `KEY`",
        "our secret",
        "`amount` does not belong",
        "first attempt",
    ] {
        let told = report.faults.iter().any(|fault| fault.contains(words));
        assert!(told, "no «{words}» in {:#?}", report.faults);
    }
    assert!(report.to_string().contains("came 2 times"), "{report}");
    assert_eq!(report.json()["deliveries"], 1);
}

#[test]
fn who_waits_for_a_webhook_is_told_of_it_or_gives_up() {
    let receiver = receiver(Dialect::Payaction, &[]);
    let came = |receiver: &Receiver, patience| {
        receiver.wait_for(Duration::from_millis(patience), |ledger| {
            ledger.deliveries().first().map(|told| told.story.clone())
        })
    };
    assert_eq!(came(&receiver, 20), None);
    send(&receiver, "evt_000000000001_0", MATCHED).unwrap();
    assert_eq!(came(&receiver, 2_000).as_deref(), Some("A-1"));
}
