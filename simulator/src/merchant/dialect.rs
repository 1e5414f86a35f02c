//! The gateway's ways of telling a merchant: how each proves who speaks, and which answer is a yes.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::signature::is_signed;
use super::{Credentials, body};
use crate::http::Came;

/// A way of telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// 매칭완료 and 입출금 in three and nine fields; a yes is `{"status":"success"}`.
    Payaction,
    /// EzPG's notice in its first form; a yes is `0000`.
    EzpgA,
    /// EzPG's notice in its second form; a yes is `0000`.
    EzpgB,
    /// Standard Webhooks; a yes is any 2xx.
    Standard,
}

/// A dialect that there is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no dialect: write payaction, ezpg-a, ezpg-b or standard")]
pub struct UnknownDialect(String);

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        let found = Self::ALL.into_iter().find(|known| known.name() == text);
        found.ok_or_else(|| UnknownDialect(text.to_owned()))
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// What a webhook says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// The same on every attempt.
    pub(super) id: String,
    /// `x-trace-id`, where the dialect has it.
    pub(super) trace: Option<String>,
    /// The standard name of what happened, or the dialect's own word where it has no such name.
    pub(super) event: String,
    /// What the event belongs to: an order or a deposit. Empty where nothing says so.
    pub(super) story: String,
}

impl Dialect {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Payaction, Self::EzpgA, Self::EzpgB, Self::Standard];

    /// The name by which endpoints are registered.
    pub fn name(self) -> &'static str {
        match self {
            Self::Payaction => "payaction",
            Self::EzpgA => "ezpg-a",
            Self::EzpgB => "ezpg-b",
            Self::Standard => "standard",
        }
    }

    /// Attempts after which the gateway gives an event up.
    pub(super) fn attempts_max(self) -> usize {
        match self {
            Self::Payaction => 3,
            Self::EzpgA | Self::EzpgB | Self::Standard => 10,
        }
    }

    /// Content type and body of a yes.
    pub(super) fn yes(self) -> (&'static str, &'static str) {
        match self {
            Self::Payaction => ("application/json", r#"{"status":"success"}"#),
            Self::EzpgA | Self::EzpgB => ("text/plain;charset=UTF-8", "0000"),
            Self::Standard => ("application/json", "{}"),
        }
    }

    /// A body that is easily mistaken for a yes.
    pub(super) fn no(self) -> &'static str {
        match self {
            Self::Payaction => r#"{"result":"success"}"#,
            Self::EzpgA | Self::EzpgB => "9999",
            Self::Standard => "no",
        }
    }

    /// Everything that is wrong with a webhook, in words.
    pub(super) fn faults(self, came: &Came, known: &Credentials) -> Vec<String> {
        let mut faults = Vec::new();
        if came.method != "POST" {
            faults.push(format!("the method is {}", came.method));
        }
        let kind = came.header("content-type").unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with("application/json") {
            faults.push(format!("the content type is `{kind}`"));
        }
        if self == Self::Payaction {
            payaction_headers(came, known, &mut faults);
        }
        standard_headers(came, known, &mut faults);
        match serde_json::from_slice::<Value>(&came.body) {
            Err(error) => faults.push(format!("the body is no JSON: {error}")),
            Ok(said) => match self {
                Self::Payaction => body::payaction(&said, &mut faults),
                Self::EzpgA => body::ezpg_a(&said, known.mall_id.as_deref(), &mut faults),
                Self::EzpgB => body::ezpg_b(&said, known.mall_id.as_deref(), &mut faults),
                Self::Standard => body::standard(&said, &mut faults),
            },
        }
        faults
    }

    /// What a webhook says of itself.
    pub(super) fn reading(self, came: &Came) -> Reading {
        let said = serde_json::from_slice::<Value>(&came.body).unwrap_or(Value::Null);
        let header = |name| came.header(name).map(ToOwned::to_owned);
        let trace = header("x-trace-id");
        let id = header("webhook-id").or_else(|| trace.clone());
        let text = |pointer: &str| said.pointer(pointer).and_then(Value::as_str);
        let (event, story) = match self {
            Self::Payaction => payaction_event(&said),
            Self::EzpgA => (text("/type"), text("/moid").filter(|moid| !moid.is_empty())),
            Self::EzpgB if text("/natvTrNo").is_some() => (Some("withdrawal"), text("/natvTrNo")),
            Self::EzpgB => (Some("deposit"), text("/trNo")),
            Self::Standard => {
                let story = [
                    "/data/transactionId",
                    "/data/orderNumber",
                    "/data/accountNo",
                ];
                (text("/type"), story.into_iter().find_map(text))
            }
        };
        Reading {
            id: id.unwrap_or_default(),
            trace,
            event: event.unwrap_or_default().to_owned(),
            story: story.unwrap_or_default().to_owned(),
        }
    }
}

fn payaction_event(said: &Value) -> (Option<&str>, Option<&str>) {
    let text = |key: &str| said.get(key).and_then(Value::as_str);
    match (text("order_status"), text("transaction_type")) {
        (Some("매칭완료"), None) => (Some("deposit.matched"), text("order_number")),
        (None, Some("deposited")) => (Some("deposit.received"), None),
        (None, Some("withdrawn")) => (Some("withdrawal.paid"), None),
        (status, kind) => (status.or(kind), text("order_number")),
    }
}

fn payaction_headers(came: &Came, known: &Credentials, faults: &mut Vec<String>) {
    let due = [
        ("x-webhook-key", &known.webhook_key),
        ("x-mall-id", &known.mall_id),
    ];
    for (name, due) in due {
        match (came.header(name), due) {
            (None, _) => faults.push(format!("{name} is missing")),
            (Some(came), Some(due)) if came != due => {
                faults.push(format!("{name} is `{came}`, due was `{due}`"));
            }
            _ => {}
        }
    }
    let trace = came.header("x-trace-id").unwrap_or_default();
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let formed = trace.split_once('x');
    if !formed.is_some_and(|(time, rest)| digits(time, 13) && digits(rest, 18)) {
        faults.push(format!(
            "x-trace-id is `{trace}`, not 13 digits, x, 18 digits"
        ));
    }
}

/// The three headers that go on every dialect; the signature can be checked with a secret only.
fn standard_headers(came: &Came, known: &Credentials, faults: &mut Vec<String>) {
    let header = |name: &str| came.header(name).unwrap_or_default();
    let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp"));
    if id.is_empty() {
        faults.push("webhook-id is missing".into());
    }
    if timestamp.parse::<u64>().is_err() {
        faults.push(format!("webhook-timestamp is `{timestamp}`, not seconds"));
    }
    let signature = header("webhook-signature");
    if signature.is_empty() {
        faults.push("webhook-signature is missing".into());
    } else if !known.secrets.is_empty()
        && !is_signed(&known.secrets, id, timestamp, &came.body, signature)
    {
        faults.push("webhook-signature was not made with our secret".into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use std::time::Instant;

    fn came(headers: &[(&str, &str)], body: &str) -> Came {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        Came {
            at: Instant::now(),
            method: "POST".into(),
            headers: headers.collect(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    const MATCHED: &str = "{\"order_number\":\"A-1\",\"order_status\":\"매칭완료\",\
                           \"processing_date\":\"2030-03-04T10:00:00+09:00\"}";
    const HEADERS: [(&str, &str); 7] = [
        ("content-type", "application/json"),
        ("x-webhook-key", "KEY"),
        ("x-mall-id", "MALL"),
        ("x-trace-id", "1900000000000x000000000000000001"),
        ("webhook-id", "evt_000000000007_0"),
        ("webhook-timestamp", "1900000000"),
        ("webhook-signature", "v1,AAAA"),
    ];

    fn known() -> Credentials {
        Credentials {
            webhook_key: Some("KEY".into()),
            mall_id: Some("MALL".into()),
            secrets: Vec::new(),
        }
    }

    #[test]
    fn a_good_matched_webhook_has_no_fault() {
        let came = came(&HEADERS, MATCHED);
        assert_eq!(Dialect::Payaction.faults(&came, &known()), [""; 0]);
        let reading = Dialect::Payaction.reading(&came);
        assert_eq!(reading.id, "evt_000000000007_0");
        assert_eq!(
            (reading.event.as_str(), reading.story.as_str()),
            ("deposit.matched", "A-1")
        );
    }

    #[test]
    fn each_header_is_missed_and_each_wrong_one_noticed() {
        for at in 0..HEADERS.len() {
            let mut headers = HEADERS.to_vec();
            let (name, _) = headers.remove(at);
            let faults = Dialect::Payaction.faults(&came(&headers, MATCHED), &known());
            assert_eq!(faults.len(), 1, "without {name}: {faults:?}");
        }
        for (name, value) in [
            ("x-webhook-key", "OTHER"),
            ("x-mall-id", "OTHER"),
            ("x-trace-id", "1900000000000x1"),
            ("webhook-timestamp", "soon"),
        ] {
            let mut headers = HEADERS.to_vec();
            headers.retain(|(known, _)| *known != name);
            headers.push((name, value));
            let faults = Dialect::Payaction.faults(&came(&headers, MATCHED), &known());
            assert_eq!(faults.len(), 1, "{name}: {faults:?}");
        }
    }

    #[test]
    fn a_signature_with_another_secret_is_noticed() {
        let known = Credentials {
            secrets: vec!["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()],
            ..known()
        };
        let faults = Dialect::Payaction.faults(&came(&HEADERS, MATCHED), &known);
        assert_eq!(faults, ["webhook-signature was not made with our secret"]);
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.name().parse(), Ok(dialect));
        }
        assert!("ezpg".parse::<Dialect>().is_err());
    }
}
