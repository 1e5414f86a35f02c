//! The shop's keys, checked: what they refer to must be there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::json::{object, of_toml};
use super::script::{CallScript, IssueScript, OrderScript, WebhookScript};
use super::{
    CallStep, EndpointPart, EndpointScript, IssueStep, OrderDate, OrderStep, ShopPart, ShopScript,
    Sought, Trade, TradeScript, WebhookStep,
};
use crate::merchant::Manners;
use crate::scenario::Moment;
use crate::scenario::moment::parse_duration;
use crate::scenario::read::Wrong;

/// How long something is waited for, in seconds of the house, where nothing is said.
const USUAL_WAIT: Duration = Duration::from_secs(5);

/// How long nothing must come, where nothing is said.
const USUAL_QUIET: Duration = Duration::from_secs(1);

/// The name that an order is paid under, where nothing is said.
const USUAL_NAME: &str = "홍길동";

/// The scenario's merchant.
pub(crate) fn read_shop(written: &ShopScript, endpoints: Vec<EndpointPart>) -> ShopPart {
    ShopPart {
        register: written.register,
        policies: written.policies.as_ref().map(of_toml),
        endpoints,
    }
}

/// One endpoint.
pub(crate) fn read_endpoint(name: &str, written: &EndpointScript) -> Result<EndpointPart, Wrong> {
    Ok(EndpointPart {
        name: name.to_owned(),
        dialect: written.dialect,
        events: written.events.clone(),
        manners: manners(&written.answers)?,
        loose: written.loose,
    })
}

fn manners(words: &[String]) -> Result<Manners, Wrong> {
    Manners::parse(words).map_err(|error| format!("`answers`: {error}"))
}

/// The shop's action in a step; what steps may refer to grows with it.
pub(crate) fn trades(
    written: &TradeScript<'_>,
    known: &mut Known<'_>,
) -> Result<Vec<Trade>, Wrong> {
    let mut trades = Vec::new();
    if let Some(order) = written.order {
        trades.push(Trade::Order(order_step(order, known)?));
    }
    let about = [
        (written.exclude, "/order-exclude"),
        (written.cancel_order, "/orders/{}/cancel"),
        (written.cancel_cashbill, "/cashbill-cancel"),
    ];
    for (order, path) in about {
        if let Some(order) = order {
            let order = order.to_owned();
            trades.push(Trade::About { order, path });
        }
    }
    if let Some(status) = written.order_status {
        trades.push(Trade::Status {
            order: status.order.clone(),
            is: status.is.clone(),
            within: wait("within", status.within.as_deref(), USUAL_WAIT)?,
        });
    }
    if let Some(issue) = written.issue {
        trades.push(Trade::Issue(issue_step(issue, known)));
    }
    if let Some(webhook) = written.webhook {
        trades.push(Trade::Webhook(webhook_step(webhook, known)?));
    }
    if let Some(silent) = written.no_webhook {
        known.endpoint(&silent.at)?;
        trades.push(Trade::NoWebhook {
            at: silent.at.clone(),
            sought: sought(silent.event.as_ref(), silent.order.as_ref(), &silent.has),
            lasts: wait("for", silent.lasts.as_deref(), USUAL_QUIET)?,
        });
    }
    if let Some(receiver) = written.receiver {
        known.endpoint(&receiver.at)?;
        trades.push(Trade::Receiver {
            at: receiver.at.clone(),
            manners: receiver.answers.as_deref().map(manners).transpose()?,
            open: receiver.open,
        });
    }
    if let Some(call) = written.call {
        trades.push(Trade::Call(call_step(call)?));
    }
    if !trades.is_empty() && !known.has_shop {
        return Err("there is no `[shop]` in this scenario".into());
    }
    Ok(trades)
}

/// What the steps of a shop may refer to.
pub(crate) struct Known<'a> {
    pub(crate) has_shop: bool,
    pub(crate) endpoints: &'a [EndpointPart],
    pub(crate) orders: &'a mut BTreeSet<String>,
    pub(crate) issued: &'a mut BTreeSet<String>,
    pub(crate) webhooks: &'a mut BTreeSet<String>,
}

impl Known<'_> {
    fn endpoint(&self, name: &str) -> Result<(), Wrong> {
        let found = self.endpoints.iter().any(|known| known.name == name);
        let wrong = || format!("`at` is `{name}`: there is no `[endpoints.{name}]`");
        found.then_some(()).ok_or_else(wrong)
    }
}

fn wait(key: &str, text: Option<&str>, usual: Duration) -> Result<Duration, Wrong> {
    let Some(text) = text else { return Ok(usual) };
    let parsed = parse_duration(text).and_then(|time| Duration::try_from(time).ok());
    parsed.ok_or_else(|| format!("`{key}` is `{text}`, it must be such as \"5s\" or \"10m\""))
}

fn order_step(written: &OrderScript, known: &mut Known<'_>) -> Result<OrderStep, Wrong> {
    let date = match (&written.date, &written.date_text) {
        (None, None) => OrderDate::At(Moment::Later(jiff::SignedDuration::ZERO)),
        (Some(text), None) => {
            let wrong = || format!("`date` is `{text}`, write \"+61s\", \"-10m\" or \"-1d 10:00\"");
            OrderDate::At(Moment::parse(text).ok_or_else(wrong)?)
        }
        (None, Some(text)) => OrderDate::Text(text.clone()),
        _ => return Err("`date` and `date_text` exclude each other".into()),
    };
    if written.label.is_none() && written.number.is_none() {
        return Err("an order needs `as` or `number`".into());
    }
    known.orders.extend(written.label.clone());
    Ok(OrderStep {
        label: written.label.clone(),
        number: written.number.clone(),
        amount: written.amount,
        date,
        name: written.name.clone().unwrap_or_else(|| USUAL_NAME.into()),
        fields: object(&written.fields),
        without: written.without.clone(),
    })
}

fn issue_step(written: &IssueScript, known: &mut Known<'_>) -> IssueStep {
    known.issued.insert(written.label.clone());
    IssueStep {
        label: written.label.clone(),
        kind: written.kind.clone(),
        bank: written.bank.clone(),
        order: written.order.clone(),
        fields: object(&written.fields),
        code: written.code.clone().unwrap_or_else(|| "0000".into()),
    }
}

fn webhook_step(written: &WebhookScript, known: &mut Known<'_>) -> Result<WebhookStep, Wrong> {
    known.endpoint(&written.at)?;
    if let Some(again) = &written.again
        && !known.webhooks.contains(again)
    {
        return Err(format!("no webhook before this one is called `{again}`"));
    }
    if written.again.is_none() && written.event.is_none() {
        return Err("a webhook needs `event` or `again`".into());
    }
    known.webhooks.extend(written.label.clone());
    Ok(WebhookStep {
        at: written.at.clone(),
        label: written.label.clone(),
        again: written.again.clone(),
        sought: sought(written.event.as_ref(), written.order.as_ref(), &written.has),
        within: wait("within", written.within.as_deref(), USUAL_WAIT)?,
    })
}

fn sought(
    event: Option<&String>,
    order: Option<&String>,
    has: &BTreeMap<String, toml::Value>,
) -> Sought {
    Sought {
        event: event.cloned(),
        order: order.cloned(),
        has: pairs(has),
    }
}

fn pairs(table: &BTreeMap<String, toml::Value>) -> Vec<(String, Value)> {
    let pairs = table
        .iter()
        .map(|(place, due)| (place.clone(), of_toml(due)));
    pairs.collect()
}

fn call_step(written: &CallScript) -> Result<CallStep, Wrong> {
    let (method, path) = match (&written.get, &written.post) {
        (Some(path), None) => ("GET", path),
        (None, Some(path)) => ("POST", path),
        _ => return Err("a call needs `get` or `post`, one of the two".into()),
    };
    if method == "GET" && !written.body.is_empty() {
        return Err("a call with `get` has no `body`".into());
    }
    Ok(CallStep {
        by: written.by,
        method,
        path: path.clone(),
        body: object(&written.body),
        status: written.status.unwrap_or(200),
        has: pairs(&written.has),
        within: wait("within", written.within.as_deref(), Duration::ZERO)?,
        keep: written.keep.clone().into_iter().collect(),
    })
}
