//! The shop's side of a scenario: orders, accounts, webhooks and calls beside the bank's telegrams.
//!
//! `script` is the TOML as it is written, `read` checks it, `floor` is the shop while a scenario is
//! played, `act` does the single steps. It knows the gateway by its published interfaces only.

mod act;
mod floor;
mod json;
mod read;
mod script;
mod seek;

use std::time::Duration;

use serde_json::Value;

use super::Moment;
use crate::merchant::{Dialect, Manners};

pub(super) use floor::Floor;
pub(super) use read::{Known, read_endpoint, read_shop, trades};
pub(super) use script::{
    CallScript, EndpointScript, IssueScript, NoWebhookScript, OrderScript, ReceiverScript,
    ShopScript, StatusScript, TradeScript, WebhookScript,
};

/// The scenario's merchant.
#[derive(Clone, Debug)]
pub(crate) struct ShopPart {
    /// Registered by the scenario itself, instead of having come in by a list.
    pub(crate) register: bool,
    /// Policies that are set before it begins.
    pub(crate) policies: Option<Value>,
    pub(crate) endpoints: Vec<EndpointPart>,
}

/// One address of the merchant's to which the gateway sends.
#[derive(Clone, Debug)]
pub(crate) struct EndpointPart {
    pub(crate) name: String,
    pub(crate) dialect: Dialect,
    pub(crate) events: Vec<String>,
    pub(crate) manners: Manners,
    /// What no step asked for may come without being a difference.
    pub(crate) loose: bool,
}

/// What the shop does, or sees.
#[derive(Clone, Debug)]
pub(crate) enum Trade {
    Order(OrderStep),
    /// A call of the PayAction interface about one order.
    About {
        order: String,
        path: &'static str,
    },
    Status {
        order: String,
        is: String,
        within: Duration,
    },
    Issue(IssueStep),
    Webhook(WebhookStep),
    NoWebhook {
        at: String,
        sought: Sought,
        lasts: Duration,
    },
    Receiver {
        at: String,
        manners: Option<Manners>,
        open: Option<bool>,
    },
    Call(CallStep),
}

impl Trade {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Order(_) => "order",
            Self::About { path, .. } => path.trim_start_matches('/'),
            Self::Status { .. } => "order_status",
            Self::Issue(_) => "issue",
            Self::Webhook(_) => "webhook",
            Self::NoWebhook { .. } => "no_webhook",
            Self::Receiver { .. } => "receiver",
            Self::Call(_) => "call",
        }
    }

    /// Whether `expect` says what is answered to it.
    pub(super) fn is_answered(&self) -> bool {
        matches!(self, Self::Order(_) | Self::About { .. })
    }
}

/// An order that is placed by the PayAction interface.
#[derive(Clone, Debug)]
pub(crate) struct OrderStep {
    pub(crate) label: Option<String>,
    /// Its number; made from the scenario's block and the label where nothing is said.
    pub(crate) number: Option<String>,
    pub(crate) amount: u64,
    pub(crate) date: OrderDate,
    pub(crate) name: String,
    /// Fields that are said otherwise, or beside the usual ones.
    pub(crate) fields: Value,
    /// Fields that are left out.
    pub(crate) without: Vec<String>,
}

/// When the shop says that it was ordered.
#[derive(Clone, Debug)]
pub(crate) enum OrderDate {
    At(Moment),
    /// As it is written.
    Text(String),
}

/// An account that is issued over the admin interface.
#[derive(Clone, Debug)]
pub(crate) struct IssueStep {
    pub(crate) label: String,
    pub(crate) kind: String,
    pub(crate) bank: Option<String>,
    pub(crate) order: Option<String>,
    pub(crate) fields: Value,
    /// The result code.
    pub(crate) code: String,
}

/// Which webhook is meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sought {
    pub(crate) event: Option<String>,
    pub(crate) order: Option<String>,
    /// Places in the body and what stands there.
    pub(crate) has: Vec<(String, Value)>,
}

/// A webhook that must come.
#[derive(Clone, Debug)]
pub(crate) struct WebhookStep {
    pub(crate) at: String,
    pub(crate) label: Option<String>,
    /// Another attempt of that one, instead of a new one.
    pub(crate) again: Option<String>,
    pub(crate) sought: Sought,
    pub(crate) within: Duration,
}

/// Any call, for what has no step of its own.
#[derive(Clone, Debug)]
pub(crate) struct CallStep {
    pub(crate) by: Caller,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) status: u16,
    pub(crate) has: Vec<(String, Value)>,
    /// Asked again until the answer is so.
    pub(crate) within: Duration,
    /// A value of the answer under a name, for later steps.
    pub(crate) keep: Vec<(String, String)>,
}

/// As whom a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Caller {
    /// With a full token of head office.
    HeadOffice,
    /// With the merchant's PayAction keys.
    Payaction,
    /// With nothing.
    Nobody,
}
