//! The shop while a scenario is played: its keys, its receivers, and what it has done so far.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::json::filled_text;
use super::{EndpointPart, ShopPart};
use crate::merchant::Receiver;
use crate::scenario::{AccountRef, Scenario};
use crate::shop::{HeadOffice, Shop};

/// One of the shop's endpoints, and what the steps have made of it.
pub(super) struct Endpoint {
    pub(super) receiver: Receiver,
    /// The gateway's name for it.
    pub(super) id: String,
    /// Ids of webhooks that a step asked for.
    pub(super) taken: BTreeSet<String>,
    /// Attempts that steps have seen, by id.
    pub(super) seen: BTreeMap<String, usize>,
    loose: bool,
}

/// The shop at work.
pub(crate) struct Floor {
    pub(super) office: Arc<HeadOffice>,
    pub(super) shop: Shop,
    pub(super) endpoints: BTreeMap<String, Endpoint>,
    /// Order numbers by label.
    pub(super) orders: BTreeMap<String, String>,
    /// Issued accounts by label.
    pub(super) issued: BTreeMap<String, AccountRef>,
    /// Webhooks by label: endpoint and id.
    pub(super) webhooks: BTreeMap<String, (String, String)>,
    /// Values of answers that were kept under a name.
    pub(super) kept: BTreeMap<String, String>,
}

impl Floor {
    /// Takes the merchant's credentials, sets its policies, starts and registers its receivers.
    pub(crate) async fn open(
        scenario: &Scenario,
        part: &ShopPart,
        office: Arc<HeadOffice>,
    ) -> Result<Self, String> {
        let merchant = scenario.merchant();
        let credential = if part.register {
            office.register(&merchant.name).await
        } else {
            office.credentials(&merchant.id).await
        };
        let credential = credential.map_err(|error| error.to_string())?;
        let id = credential.merchant.clone();
        if let Some(policies) = &part.policies {
            let set = office.policies(&id, policies).await;
            set.map_err(|error| error.to_string())?;
        }
        let shop = Shop::new(office.address(), credential).map_err(|error| error.to_string())?;
        let mut endpoints = BTreeMap::new();
        for part in &part.endpoints {
            let endpoint = endpoint(part, &shop, &office).await?;
            endpoints.insert(part.name.clone(), endpoint);
        }
        Ok(Self {
            office,
            shop,
            endpoints,
            orders: BTreeMap::new(),
            issued: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            kept: BTreeMap::new(),
        })
    }

    /// The number of an order by its label; a text that is no label is a number itself.
    pub(super) fn order(&self, label: &str) -> String {
        self.orders
            .get(label)
            .map_or(label, String::as_str)
            .to_owned()
    }

    pub(super) fn endpoint(&mut self, name: &str) -> Result<&mut Endpoint, String> {
        let found = self.endpoints.get_mut(name);
        found.ok_or_else(|| format!("there is no endpoint `{name}`"))
    }

    /// An issued account.
    pub(crate) fn account(&self, label: &str) -> Result<&AccountRef, String> {
        let found = self.issued.get(label);
        found.ok_or_else(|| format!("`{label}` was never issued"))
    }

    /// A text with its names filled in.
    pub(crate) fn filled(&self, text: &str) -> Result<String, String> {
        filled_text(text, &|name| self.name(name))
    }

    /// What `{kind:label}` stands for in a call.
    pub(super) fn name(&self, name: &str) -> Result<String, String> {
        let unknown = || format!("`{{{name}}}` stands for nothing here");
        match name.split_once(':') {
            None if name == "merchant" => Ok(self.shop.credential().merchant.clone()),
            Some(("order", label)) => Ok(self.order(label)),
            Some(("account", label)) => Ok(self.account(label)?.number.clone()),
            Some(("bank", label)) => Ok(format!("{:03}", self.account(label)?.bank)),
            Some(("endpoint", label)) => {
                let found = self.endpoints.get(label);
                found.map(|found| found.id.clone()).ok_or_else(unknown)
            }
            Some(("webhook", label)) => {
                let found = self.webhooks.get(label);
                found.map(|(_, id)| id.clone()).ok_or_else(unknown)
            }
            _ => self.kept.get(name).cloned().ok_or_else(unknown),
        }
    }

    /// What the receivers did not like, and what came without being asked for.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for (name, endpoint) in &self.endpoints {
            endpoint.receiver.look(|ledger| {
                let faults = ledger.faults().iter();
                complaints.extend(faults.map(|fault| format!("endpoint {name}: {fault}")));
                let stray = |id: &String| !endpoint.loose && !endpoint.taken.contains(id);
                for told in ledger.deliveries().iter().filter(|told| stray(&told.id)) {
                    let words = format!("a webhook that no step asked for: {}", told.json());
                    complaints.push(format!("endpoint {name}: {words}"));
                }
            });
        }
        complaints
    }
}

async fn endpoint(
    part: &EndpointPart,
    shop: &Shop,
    office: &HeadOffice,
) -> Result<Endpoint, String> {
    let receiver = Receiver::start("127.0.0.1:0", part.dialect);
    let receiver = receiver.map_err(|error| format!("no receiver: {error}"))?;
    receiver.behaves(part.manners.clone());
    let merchant = &shop.credential().merchant;
    let url = receiver.url();
    let made = office.endpoint(merchant, &url, part.dialect, &part.events);
    let (id, secret) = made.await.map_err(|error| error.to_string())?;
    receiver.knows(shop.credential().recognises(secret));
    Ok(Endpoint {
        receiver,
        id,
        taken: BTreeSet::new(),
        seen: BTreeMap::new(),
        loose: part.loose,
    })
}
