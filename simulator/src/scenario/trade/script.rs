//! The shop's keys in a scenario's TOML, before anything is checked.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Value;

use super::Caller;
use crate::merchant::Dialect;

/// `[shop]`: the scenario's merchant has credentials and speaks HTTP.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShopScript {
    #[serde(default)]
    pub(super) register: bool,
    pub(super) policies: Option<Value>,
}

/// `[endpoints.NAME]`: a receiver of webhooks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointScript {
    pub(super) dialect: Dialect,
    #[serde(default)]
    pub(super) events: Vec<String>,
    #[serde(default)]
    pub(super) answers: Vec<String>,
    #[serde(default)]
    pub(super) loose: bool,
}

/// The actions of the shop, beside those of the bank.
#[derive(Default)]
pub(crate) struct TradeScript<'a> {
    pub(crate) order: Option<&'a OrderScript>,
    pub(crate) exclude: Option<&'a str>,
    pub(crate) cancel_order: Option<&'a str>,
    pub(crate) cancel_cashbill: Option<&'a str>,
    pub(crate) order_status: Option<&'a StatusScript>,
    pub(crate) issue: Option<&'a IssueScript>,
    pub(crate) webhook: Option<&'a WebhookScript>,
    pub(crate) no_webhook: Option<&'a NoWebhookScript>,
    pub(crate) receiver: Option<&'a ReceiverScript>,
    pub(crate) call: Option<&'a CallScript>,
}

/// An order as its shop would send it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderScript {
    #[serde(rename = "as")]
    pub(super) label: Option<String>,
    pub(super) number: Option<String>,
    #[serde(default)]
    pub(super) amount: u64,
    pub(super) date: Option<String>,
    pub(super) date_text: Option<String>,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) without: Vec<String>,
}

/// What an order must be, sooner or later.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusScript {
    pub(super) order: String,
    pub(super) is: String,
    pub(super) within: Option<String>,
}

/// An account to be issued.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssueScript {
    #[serde(rename = "as")]
    pub(super) label: String,
    pub(super) kind: String,
    pub(super) bank: Option<String>,
    pub(super) order: Option<String>,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Value>,
    pub(super) code: Option<String>,
}

/// A webhook that must come.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookScript {
    pub(super) at: String,
    #[serde(rename = "as")]
    pub(super) label: Option<String>,
    pub(super) again: Option<String>,
    pub(super) event: Option<String>,
    pub(super) order: Option<String>,
    #[serde(default)]
    pub(super) has: BTreeMap<String, Value>,
    pub(super) within: Option<String>,
}

/// A webhook that must not come.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoWebhookScript {
    pub(super) at: String,
    pub(super) event: Option<String>,
    pub(super) order: Option<String>,
    #[serde(default)]
    pub(super) has: BTreeMap<String, Value>,
    #[serde(rename = "for")]
    pub(super) lasts: Option<String>,
}

/// How a receiver behaves from now on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReceiverScript {
    pub(super) at: String,
    pub(super) answers: Option<Vec<String>>,
    pub(super) open: Option<bool>,
}

/// Any call.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallScript {
    #[serde(default = "head_office")]
    pub(super) by: Caller,
    pub(super) get: Option<String>,
    pub(super) post: Option<String>,
    #[serde(default)]
    pub(super) body: BTreeMap<String, Value>,
    pub(super) status: Option<u16>,
    #[serde(default)]
    pub(super) has: BTreeMap<String, Value>,
    pub(super) within: Option<String>,
    #[serde(default)]
    pub(super) keep: BTreeMap<String, String>,
}

fn head_office() -> Caller {
    Caller::HeadOffice
}
