//! Finding the webhook that a step means among those that came.

use serde_json::Value;

use super::floor::{Endpoint, Floor};
use super::json::{at, lacks};
use crate::merchant::{Delivery, Dialect};

/// A webhook in the words of a step, its names filled in.
pub(super) struct Wanted {
    pub(super) event: Option<String>,
    pub(super) order: Option<String>,
    pub(super) has: Vec<(String, Value)>,
}

impl Wanted {
    /// Whether this is one that is meant.
    fn is(&self, told: &Delivery, dialect: Dialect) -> bool {
        let place = match dialect {
            Dialect::Payaction => "order_number",
            Dialect::EzpgA | Dialect::EzpgB => "moid",
            Dialect::Standard => "data.orderNumber",
        };
        let said = told.json();
        let order = at(&said, place).and_then(Value::as_str);
        let same = |wanted: &Option<String>, came: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| came == Some(wanted))
        };
        same(&self.event, Some(&told.event)) && same(&self.order, order)
    }

    /// In words, for whoever reads a difference.
    pub(super) fn words(&self) -> String {
        let event = self.event.as_deref().unwrap_or("any");
        match &self.order {
            Some(order) => format!("{event} of {order}"),
            None => event.to_owned(),
        }
    }
}

/// What looking for a webhook came to.
pub(super) enum Looked {
    NotYet,
    /// It came as it should be.
    Right,
    /// It came, and the words say what is wrong with it.
    Wrong(String),
}

/// What was found.
pub(super) struct Found {
    pub(super) id: String,
    /// What in its body is not as it should be.
    pub(super) lacks: Option<String>,
}

impl Endpoint {
    /// The first webhook that is meant and that no step has taken; of several the one whose body
    /// fits before one whose body does not.
    pub(super) fn find(&self, wanted: &Wanted) -> Option<Found> {
        let dialect = self.receiver.dialect();
        self.receiver.look(|ledger| {
            let new = |told: &&Delivery| !self.taken.contains(&told.id);
            let meant = ledger.deliveries().iter().filter(new);
            let mut found: Option<Found> = None;
            for told in meant.filter(|told| wanted.is(told, dialect)) {
                let lacks = lacks(&told.json(), &wanted.has);
                let fits = lacks.is_none();
                if fits || found.is_none() {
                    let id = told.id.clone();
                    found = Some(Found { id, lacks });
                }
                if fits {
                    break;
                }
            }
            found
        })
    }

    /// A webhook of which more attempts came than steps have asked for.
    pub(super) fn unseen(&self) -> Option<String> {
        self.receiver.look(|ledger| {
            let seen = |id: &String| self.seen.get(id).copied().unwrap_or(0);
            let more = |told: &&Delivery| {
                self.taken.contains(&told.id) && told.attempts.len() > seen(&told.id)
            };
            ledger
                .deliveries()
                .iter()
                .find(more)
                .map(|told| told.id.clone())
        })
    }

    /// The newest webhooks, for whoever reads a difference.
    pub(super) fn newest(&self) -> String {
        self.receiver.look(|ledger| {
            let told = ledger.deliveries().iter().rev().take(3);
            let told: Vec<String> = told.map(|told| told.json().to_string()).collect();
            match told.len() {
                0 => "nothing had come".to_owned(),
                _ => format!("the newest were {}", told.join(", ")),
            }
        })
    }
}

impl Floor {
    /// Takes the webhook that is meant, if it came. One whose body does not fit is taken for it
    /// only at the last look: until then the right one may still be on its way.
    pub(super) fn take(
        &mut self,
        at: &str,
        wanted: &Wanted,
        label: Option<&str>,
        last: bool,
    ) -> Result<Looked, String> {
        let endpoint = self.endpoint(at)?;
        let fits = |found: &Found| last || found.lacks.is_none();
        let Some(found) = endpoint.find(wanted).filter(fits) else {
            return Ok(Looked::NotYet);
        };
        endpoint.taken.insert(found.id.clone());
        endpoint.seen.insert(found.id.clone(), 1);
        if let Some(label) = label {
            let place = (at.to_owned(), found.id);
            self.webhooks.insert(label.to_owned(), place);
        }
        Ok(found.lacks.map_or(Looked::Right, Looked::Wrong))
    }
}
