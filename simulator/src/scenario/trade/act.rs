//! The shop's steps, done.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::json::{at, filled, filled_text, lacks};
use super::seek::{Looked, Wanted};
use super::{CallStep, Caller, IssueStep, OrderDate, OrderStep, Sought, Trade, WebhookStep};
use crate::http::{Reply, Request};
use crate::scenario::steps::Acting;
use crate::scenario::{AccountRef, Expect, Step};
use crate::shop::{encoded, verdict};

/// How often something is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The shortest wait of real time, however fast the house's clock runs.
const REAL_WAIT_MIN: Duration = Duration::from_millis(500);

/// The longest wait of real time, however slow the house's clock runs.
const REAL_WAIT_MAX: Duration = Duration::from_mins(2);

type Done = Result<(), String>;

impl Acting<'_> {
    pub(in crate::scenario) async fn trade(
        &mut self,
        place: &str,
        step: &Step,
        trade: &Trade,
    ) -> Done {
        match trade {
            Trade::Order(order) => self.order(place, step, order).await,
            Trade::About { order, path } => self.about(place, step, order, path).await,
            Trade::Status { order, is, within } => self.status(place, order, is, *within).await,
            Trade::Issue(issue) => self.issue(place, issue).await,
            Trade::Webhook(webhook) => self.webhook(place, webhook).await,
            Trade::NoWebhook { at, sought, lasts } => {
                self.no_webhook(place, at, sought, *lasts).await
            }
            Trade::Receiver { at, manners, open } => {
                let endpoint = self.floor()?.endpoint(at)?;
                if let Some(manners) = manners {
                    endpoint.receiver.behaves(manners.clone());
                }
                match open {
                    Some(true) => endpoint.receiver.up().map_err(|error| error.to_string()),
                    Some(false) => {
                        endpoint.receiver.down();
                        Ok(())
                    }
                    None => Ok(()),
                }
            }
            Trade::Call(call) => self.call(place, call).await,
        }
    }

    async fn order(&mut self, place: &str, step: &Step, said: &OrderStep) -> Done {
        let usual = || {
            let label = said.label.as_deref().unwrap_or_default();
            format!("S{:02}-{label}", self.bank.contract.block)
        };
        let number = said.number.clone().unwrap_or_else(usual);
        let date = match &said.date {
            OrderDate::Text(text) => text.clone(),
            OrderDate::At(moment) => {
                let hour = moment.from(self.date, self.bank.house.borrow().now());
                seoul_text(hour)
            }
        };
        let mut order = json!({
            "order_number": number, "order_amount": said.amount, "order_date": date,
            "billing_name": said.name, "orderer_name": said.name,
        });
        if let (Some(order), Some(fields)) = (order.as_object_mut(), said.fields.as_object()) {
            order.extend(fields.clone());
            order.retain(|field, _| !said.without.contains(field));
        }
        let floor = self.floor()?;
        if let Some(label) = &said.label {
            floor.orders.insert(label.clone(), number);
        }
        let reply = floor.shop.payaction("/order", &order).await;
        self.answered(place, step, reply.map_err(|error| error.to_string()))
    }

    async fn about(&mut self, place: &str, step: &Step, order: &str, path: &str) -> Done {
        let floor = self.floor()?;
        let number = floor.order(order);
        let path = path.replace("{}", &encoded(&number));
        let body = json!({ "order_number": number });
        let reply = floor.shop.payaction(&path, &body).await;
        self.answered(place, step, reply.map_err(|error| error.to_string()))
    }

    /// Holds an answer of the PayAction interface against `expect`.
    fn answered(&mut self, place: &str, step: &Step, reply: Result<Reply, String>) -> Done {
        let reply = reply?;
        let Expect::Said(due) = &step.expect else {
            return Err("such a call expects `success` or a message".into());
        };
        let said = match verdict(&reply) {
            Some(words) if words.is_empty() => "success".to_owned(),
            Some(words) => words,
            None => reply.words(),
        };
        self.note([if said == *due {
            Ok(())
        } else {
            Err(format!("{place}: answered «{said}», due was «{due}»"))
        }]);
        Ok(())
    }

    async fn status(&mut self, place: &str, order: &str, is: &str, within: Duration) -> Done {
        let wait = self.wait(within);
        loop {
            let floor = self.floor()?;
            let reply = floor.shop.status(&floor.order(order)).await;
            let said = reply.map_err(|error| error.to_string())?.json();
            let status = said["response"]["order_status"].as_str();
            let status = status.or(said["response"]["message"].as_str());
            if status == Some(is) {
                self.verdict.met();
                return Ok(());
            }
            if self.is_over(&wait) {
                let differs = format!("{place}: the order is {said}, due was «{is}»");
                self.verdict.differs(differs);
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn issue(&mut self, place: &str, said: &IssueStep) -> Done {
        let floor = self.floor()?;
        let mut body = json!({
            "merchantId": floor.shop.credential().merchant, "accountType": said.kind,
        });
        if let Some(bank) = &said.bank {
            body["bankCode"] = json!(bank);
        }
        if let Some(order) = &said.order {
            body["orderNumber"] = json!(floor.order(order));
        }
        if let (Some(body), Some(fields)) = (body.as_object_mut(), said.fields.as_object()) {
            body.extend(fields.clone());
        }
        let request = Request::post("/ezpg/virtual-accounts/issue", &body);
        let reply = floor.office.call(&request).await;
        let reply = reply.map_err(|error| error.to_string())?;
        let answer = reply.json();
        if answer["resultCode"].as_str() != Some(&said.code) {
            let differs = format!("{place}: answered {}, due was {}", reply.words(), said.code);
            self.verdict.differs(differs);
            return Ok(());
        }
        if said.code == "0000" {
            let text = |key: &str| at(&answer, &format!("virtualAccount.{key}"))?.as_str();
            let bank = text("bankCode").and_then(|code| code.parse().ok());
            let (Some(bank), Some(number)) = (bank, text("accountNo")) else {
                return Err(format!("there is no account in {answer}"));
            };
            let number = number.to_owned();
            let account = AccountRef { bank, number };
            self.floor()?.issued.insert(said.label.clone(), account);
        }
        self.verdict.met();
        Ok(())
    }

    async fn webhook(&mut self, place: &str, said: &WebhookStep) -> Done {
        let wait = self.wait(said.within);
        let wanted = self.wanted(&said.sought).await?;
        loop {
            let last = self.is_over(&wait);
            let found = match &said.again {
                Some(label) => self.again(label)?,
                None => self
                    .floor()?
                    .take(&said.at, &wanted, said.label.as_deref(), last)?,
            };
            match found {
                Looked::Right => {
                    self.verdict.met();
                    return Ok(());
                }
                Looked::Wrong(lacks) => {
                    self.verdict.differs(format!("{place}: {lacks}"));
                    return Ok(());
                }
                Looked::NotYet if last => {
                    let newest = self.floor()?.endpoint(&said.at)?.newest();
                    let words = match &said.again {
                        Some(label) => format!("no further attempt of `{label}`"),
                        None => format!("no webhook {}", wanted.words()),
                    };
                    self.verdict
                        .differs(format!("{place}: {words} came; {newest}"));
                    return Ok(());
                }
                Looked::NotYet => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }

    /// Whether another attempt of a webhook came that no step has seen.
    fn again(&mut self, label: &str) -> Result<Looked, String> {
        let floor = self.floor()?;
        let Some((at, id)) = floor.webhooks.get(label).cloned() else {
            return Err(format!("the webhook `{label}` never came"));
        };
        let endpoint = floor.endpoint(&at)?;
        let seen = endpoint.seen.entry(id.clone()).or_default();
        let next = *seen + 1;
        if endpoint
            .receiver
            .look(|ledger| ledger.delivery(&id).map(|told| told.attempts.len()))
            < Some(next)
        {
            return Ok(Looked::NotYet);
        }
        *seen = next;
        Ok(Looked::Right)
    }

    async fn no_webhook(
        &mut self,
        place: &str,
        at: &str,
        sought: &Sought,
        lasts: Duration,
    ) -> Done {
        let wait = self.wait(lasts);
        let wanted = self.wanted(sought).await?;
        while !self.is_over(&wait) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let endpoint = self.floor()?.endpoint(at)?;
        let found = endpoint.find(&wanted).filter(|found| found.lacks.is_none());
        let repeats = endpoint.unseen();
        match (found, repeats) {
            (Some(found), _) => {
                let words = wanted.words();
                let differs = format!("{place}: {words} came ({}), none was due", found.id);
                self.verdict.differs(differs);
            }
            (None, Some(id)) if wanted.event.is_none() => {
                let differs = format!("{place}: another attempt of {id} came, none was due");
                self.verdict.differs(differs);
            }
            _ => self.verdict.met(),
        }
        Ok(())
    }

    async fn call(&mut self, place: &str, said: &CallStep) -> Done {
        let wait = self.wait(said.within);
        self.resolve(&[&json!(said.path), &said.body, &pairs(&said.has)])
            .await?;
        let (request, has) = {
            let floor = self.floor()?;
            let name = |name: &str| floor.name(name);
            let escaped = |name: &str| floor.name(name).map(|text| encoded(&text));
            let path = filled_text(&said.path, &escaped)?;
            let request = match said.method {
                "GET" => Request::get(path),
                _ => Request::post(path, &filled(&said.body, &name)?),
            };
            (request, fill_pairs(&said.has, &name)?)
        };
        loop {
            let floor = self.floor()?;
            let reply = match said.by {
                Caller::HeadOffice => floor.office.call(&request).await,
                Caller::Payaction => floor.shop.ask(&floor.shop.signed(request.clone())).await,
                Caller::Nobody => floor.shop.ask(&request).await,
            };
            let reply = reply.map_err(|error| error.to_string())?;
            let answer = reply.json();
            let wrong = if reply.status == said.status {
                lacks(&answer, &has)
            } else {
                Some(format!(
                    "the status is {}, due was {}",
                    reply.status, said.status
                ))
            };
            match wrong {
                None => {
                    for (name, place) in &said.keep {
                        let value = at(&answer, place).ok_or_else(|| format!("no `{place}`"))?;
                        let text = value
                            .as_str()
                            .map_or_else(|| value.to_string(), str::to_owned);
                        floor.kept.insert(name.clone(), text);
                    }
                    self.verdict.met();
                    return Ok(());
                }
                Some(wrong) if self.is_over(&wait) => {
                    self.verdict
                        .differs(format!("{place}: {wrong}; {}", reply.words()));
                    return Ok(());
                }
                Some(_) => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }

    async fn wanted(&mut self, sought: &Sought) -> Result<Wanted, String> {
        self.resolve(&[&pairs(&sought.has)]).await?;
        let floor = self.floor()?;
        Ok(Wanted {
            event: sought.event.clone(),
            order: sought.order.as_deref().map(|order| floor.order(order)),
            has: fill_pairs(&sought.has, &|name| floor.name(name))?,
        })
    }

    /// Finds the transaction ids that `{deposit:LABEL}` in these values stands for.
    async fn resolve(&mut self, values: &[&Value]) -> Done {
        for name in values.iter().flat_map(|value| super::json::names(value)) {
            let known = self.floor()?.kept.contains_key(&name);
            if let Some(label) = name.strip_prefix("deposit:").filter(|_| !known) {
                let id = self.transaction(label).await?;
                self.floor()?.kept.insert(name, id);
            }
        }
        Ok(())
    }

    /// The gateway's name for a deposit, from its list: the bank's own number is not in there, so
    /// that account and amount must tell it; of several the newest is meant.
    async fn transaction(&mut self, label: &str) -> Result<String, String> {
        let told = self
            .told
            .get(label)
            .ok_or_else(|| format!("`{label}` was never told"))?;
        let movement = told.draft.movement.clone();
        let movement = movement.ok_or_else(|| format!("`{label}` is no deposit"))?;
        let day = told.draft.number.date;
        let floor = self.floor()?;
        let (from, to) = (
            day.saturating_sub(SignedDuration::from_hours(24)),
            day.saturating_add(SignedDuration::from_hours(24)),
        );
        let path = format!(
            "/ezpg/transactions/deposit/history?merchantId={}&startDate={from}&endDate={to}\
             &page=1&limit=500",
            encoded(&floor.shop.credential().merchant)
        );
        let reply = floor.office.call(&Request::get(path)).await;
        let reply = reply.map_err(|error| error.to_string())?;
        let answer = reply.json();
        let deposits = answer["deposits"].as_array();
        let same = |deposit: &&Value| {
            deposit["accountNo"].as_str() == Some(&movement.account_no)
                && deposit["amount"].as_u64() == Some(movement.amount)
        };
        let found = deposits.into_iter().flatten().filter(same);
        let newest = found
            .filter_map(|deposit| deposit["transactionId"].as_str())
            .max();
        let newest = newest.map(str::to_owned);
        newest.ok_or_else(|| format!("`{label}` is not in the list: {}", reply.words()))
    }

    fn wait(&self, within: Duration) -> Wait {
        let house = self.bank.house.borrow().now();
        let within = SignedDuration::try_from(within).unwrap_or(SignedDuration::MAX);
        Wait {
            until: house.saturating_add(within),
            began: Instant::now(),
            // Nothing to wait for is over at once.
            real_min: if within.is_zero() {
                Duration::ZERO
            } else {
                REAL_WAIT_MIN
            },
        }
    }

    fn is_over(&self, wait: &Wait) -> bool {
        let waited = wait.began.elapsed();
        let house = self.bank.house.borrow().now();
        waited >= REAL_WAIT_MAX || (waited >= wait.real_min && house >= wait.until)
    }

    fn floor(&mut self) -> Result<&mut super::Floor, String> {
        self.floor
            .as_mut()
            .ok_or_else(|| "there is no shop".to_owned())
    }
}

/// How long something is waited for, by the clock of the house.
struct Wait {
    until: DateTime,
    began: Instant,
    real_min: Duration,
}

fn seoul_text(hour: DateTime) -> String {
    hour.strftime("%Y-%m-%dT%H:%M:%S+09:00").to_string()
}

fn pairs(pairs: &[(String, Value)]) -> Value {
    pairs.iter().map(|(_, value)| value.clone()).collect()
}

fn fill_pairs(
    pairs: &[(String, Value)],
    name: &impl Fn(&str) -> Result<String, String>,
) -> Result<Vec<(String, Value)>, String> {
    let fill = |(place, due): &(String, Value)| Ok((place.clone(), filled(due, name)?));
    pairs.iter().map(fill).collect()
}
