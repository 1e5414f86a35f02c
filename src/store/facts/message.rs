//! What commands about messages may look at, and who is to be told of what was just decided.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::keys::TableKey;
use super::super::tables::{
    ENDPOINT_HEALTH, ENDPOINTS, Hearer, MESSAGES, MESSAGES_WAITING, ORDERS, PROFILES,
    UNMATCHED_DAYS,
};
use crate::domain::delivery::Then;
use crate::domain::message::{
    self, MatchFailedMail, Message, OrderEnd, Reach, Unmatched, Wording, to_orderer,
};
use crate::domain::webhook::WebhookEvent;
use crate::domain::{
    BusinessDate, Credit, Decision, DepositRef, DepositRow, EndpointId, Event, House, LetterId,
    MerchantId, MerchantRefusal, MessageCommand, MessageEvent, Moment, Order, OrderEvent,
    OrderNumber, Outcome, Parting, Refusal, Won,
};
use crate::limits;

/// Weighs one command.
pub(super) fn weigh(
    books: &mut Books<'_>,
    command: MessageCommand,
    _house: &House,
    moment: Moment,
) -> Result<Decision, Broken> {
    match command {
        MessageCommand::Set { by, whose, change } => {
            let known = match &whose {
                Some(merchant) => books.merchant(merchant)?.is_some(),
                None => true,
            };
            let before = books.notifications(&whose)?.as_ref().clone();
            Ok(message::set(by, whose, known, &before, *change))
        }
        MessageCommand::Record { id, sent } => match MESSAGES.get(books.rows(), &id)? {
            Some(row) => Ok(message::record(id, sent, row.tried, moment.now)),
            None => Ok(Decision::refuse(Refusal::Merchant(
                MerchantRefusal::NoSuchDelivery,
            ))),
        },
        MessageCommand::TellLocked { merchant, minutes } => {
            let locked = MessageEvent::Locked { merchant, minutes };
            Ok(Decision::new(Outcome::Done, vec![Event::Message(locked)]))
        }
        MessageCommand::TellDay { merchant, day } => weigh_day(books, merchant, day),
    }
}

/// The day's mail about deposits that met no order; once it is told there is nothing left.
fn weigh_day(
    books: &mut Books<'_>,
    merchant: MerchantId,
    day: BusinessDate,
) -> Result<Decision, Broken> {
    let mut deposits = Vec::new();
    let mut count = 0;
    let prefix = (day, merchant.clone()).bytes();
    UNMATCHED_DAYS.walk_prefix(books.rows(), &prefix, &mut |_, deposit| {
        count += 1;
        if deposits.len() < limits::UNMATCHED_PER_MAIL_MAX {
            deposits.push(deposit);
        }
        ControlFlow::Continue(())
    })?;
    if count == 0 {
        return Ok(Decision::new(Outcome::Done, Vec::new()));
    }
    let wording = Wording::MatchFailedDay {
        day,
        deposits,
        count,
    };
    let mut events = Vec::new();
    let messages = reach(books, Some(&merchant))?.trouble(Some(&merchant), &wording);
    if !messages.is_empty() {
        events.push(Event::Message(MessageEvent::Queued { messages }));
    }
    events.push(Event::Message(MessageEvent::DayTold { merchant, day }));
    Ok(Decision::new(Outcome::Done, events))
}

/// Puts beside a decision's events who is to be told of them.
pub(crate) fn queue(
    books: &mut Books<'_>,
    events: &mut Vec<Event>,
    moment: Moment,
) -> Result<(), Broken> {
    let mut queue = Queue {
        books,
        moment,
        messages: Vec::new(),
        aside: Vec::new(),
        over: BTreeMap::new(),
    };
    for event in events.iter() {
        queue.consider(event, events)?;
    }
    queue.tell_over()?;
    let Queue {
        messages, aside, ..
    } = queue;
    events.extend(aside.into_iter().map(Event::Message));
    if !messages.is_empty() {
        events.push(Event::Message(MessageEvent::Queued { messages }));
    }
    Ok(())
}

/// How somebody is reached, the contact of the registration included.
fn reach(books: &mut Books<'_>, whose: Option<&MerchantId>) -> Result<Reach, Broken> {
    let settings = books.notifications(&whose.cloned())?.as_ref().clone();
    let profile = match whose {
        Some(merchant) => PROFILES.get(books.rows(), merchant)?,
        None => None,
    };
    let contact = profile.map(|row| row.profile.manager_email);
    Ok(Reach {
        settings,
        contact: contact.filter(|mail| mail.contains('@')),
    })
}

struct Queue<'q, 'b> {
    books: &'q mut Books<'b>,
    moment: Moment,
    messages: Vec<Message>,
    aside: Vec<MessageEvent>,
    /// Orders that wait no more, by merchant: one mail tells of all in a record.
    over: BTreeMap<(MerchantId, OrderEnd), (Vec<String>, u64)>,
}

impl Queue<'_, '_> {
    fn consider(&mut self, event: &Event, record: &[Event]) -> Result<(), Broken> {
        match event {
            Event::DepositBooked { deposit, row, .. } => self.came(row, &deposit.payer.name),
            Event::DepositReleased { row, .. } => self.came(row, ""),
            Event::DepositReversed { row, .. } => self.undone(row, record),
            Event::Order(event) => self.order(event, record),
            Event::Webhook(WebhookEvent::Attempted {
                letter,
                merchant,
                then: Then::GaveUp,
                ..
            }) => self.given_up(*letter, merchant),
            Event::Webhook(WebhookEvent::EndpointSuspended { id, merchant }) => {
                let (endpoint, host) = (*id, self.host(*id)?);
                self.trouble(merchant, &Wording::EndpointSuspended { endpoint, host })
            }
            Event::Message(MessageEvent::Locked { merchant, minutes }) => {
                let minutes = *minutes;
                self.trouble(merchant, &Wording::Locked { minutes })
            }
            _ => Ok(()),
        }
    }

    fn shop(&mut self, merchant: &MerchantId) -> Result<String, Broken> {
        let known = self.books.merchant(merchant)?;
        Ok(known.map_or_else(|| merchant.to_string(), |known| known.name.clone()))
    }

    fn came(&mut self, row: &DepositRow, payer: &str) -> Result<(), Broken> {
        let Credit::Merchant(merchant) = &row.credit else {
            return Ok(());
        };
        let (payer, row) = (payer.to_owned(), row.clone());
        self.money(merchant, &row.clone(), |shop| Wording::DepositCame {
            shop,
            deposit: row.position,
            amount: row.amount,
            payer,
            bank: row.account.bank,
            account_end: end_of(row.account.number.as_str()),
        })
    }

    /// That money was taken back its merchant hears by mail whatever is set: nothing else may tell
    /// it. But a deposit that found its correction waiting was never there.
    fn undone(&mut self, row: &DepositRow, record: &[Event]) -> Result<(), Broken> {
        let Credit::Merchant(merchant) = &row.credit else {
            return Ok(());
        };
        let wording = Wording::DepositUndone {
            shop: self.shop(merchant)?,
            deposit: row.position,
            amount: row.amount,
            order: record.iter().find_map(|event| match event {
                Event::Order(OrderEvent::Unmatched { number, .. }) => Some(number.to_string()),
                _ => None,
            }),
        };
        let booked_here = |event: &Event| matches!(event, Event::DepositBooked { .. });
        if record.iter().any(booked_here) {
            return self.money(merchant, row, |_| wording);
        }
        let reach = reach(self.books, Some(merchant))?;
        let told = reach.taken_back(Some(merchant), row.amount, &wording);
        self.messages.extend(told);
        self.money_to(&[None], merchant, row, |_| wording)
    }

    /// Money is told where it is wanted: by the merchant, and by the house about all. Who has too
    /// much waiting already is told no more for now.
    fn money(
        &mut self,
        merchant: &MerchantId,
        row: &DepositRow,
        wording: impl FnOnce(String) -> Wording,
    ) -> Result<(), Broken> {
        self.money_to(&[Some(merchant), None], merchant, row, wording)
    }

    fn money_to(
        &mut self,
        hearers: &[Option<&MerchantId>],
        merchant: &MerchantId,
        row: &DepositRow,
        wording: impl FnOnce(String) -> Wording,
    ) -> Result<(), Broken> {
        let mut wording = Some(wording);
        let mut made = None;
        for whose in hearers.iter().copied() {
            let settings = self.books.notifications(&whose.cloned())?;
            if !settings.deposits || row.amount < settings.min_amount || self.is_full(whose)? {
                continue;
            }
            if let Some(wording) = wording.take() {
                made = Some(wording(self.shop(merchant)?));
            }
            let reach = reach(self.books, whose)?;
            let told = made
                .iter()
                .flat_map(|said| reach.money(whose, row.amount, said));
            self.messages.extend(told);
        }
        Ok(())
    }

    fn is_full(&self, whose: Option<&MerchantId>) -> Result<bool, Broken> {
        let whose: Hearer = whose.cloned();
        let waiting = MESSAGES_WAITING.get(self.books.rows(), &whose)?;
        Ok(waiting.unwrap_or(0) >= limits::MESSAGES_WAITING_MAX)
    }

    fn trouble(&mut self, merchant: &MerchantId, wording: &Wording) -> Result<(), Broken> {
        let reach = reach(self.books, Some(merchant))?;
        self.messages.extend(reach.trouble(Some(merchant), wording));
        Ok(())
    }

    fn host(&self, id: EndpointId) -> Result<String, Broken> {
        let endpoint = ENDPOINTS.get(self.books.rows(), &id)?;
        let url = endpoint.map(|endpoint| endpoint.url).unwrap_or_default();
        Ok(url.split('/').nth(2).unwrap_or_default().to_owned())
    }

    /// One mail about each letter, but not one after the other about an endpoint in trouble.
    fn given_up(&mut self, letter: LetterId, merchant: &MerchantId) -> Result<(), Broken> {
        let rows = self.books.rows();
        let health = ENDPOINT_HEALTH
            .get(rows, &letter.endpoint)?
            .unwrap_or_default();
        let quiet = limits::GIVEN_UP_MAIL_GAP_SECONDS;
        if health
            .told_at
            .is_some_and(|at| at.plus_seconds(quiet) > self.moment.now)
        {
            return Ok(());
        }
        let key = (letter.endpoint, letter.event);
        let Some(row) = super::super::tables::LETTERS.get(rows, &key)? else {
            return Ok(());
        };
        let wording = Wording::LetterGivenUp {
            letter,
            kind: row.kind,
            host: self.host(letter.endpoint)?,
        };
        self.trouble(merchant, &wording)
    }

    fn order(&mut self, event: &OrderEvent, record: &[Event]) -> Result<(), Broken> {
        match event {
            OrderEvent::Placed(order) => {
                let shop = self.shop(&order.merchant)?;
                self.tell_orderer(
                    order,
                    &Wording::OrderTaken {
                        shop,
                        number: order.number.to_string(),
                        orderer: order.orderer.name.clone(),
                        amount: order.amount,
                        billing_name: order.billing_name.clone(),
                    },
                );
                Ok(())
            }
            OrderEvent::Matched {
                merchant,
                number,
                deposit,
                paid,
                ..
            } => {
                let Some(order) = self.order_of(merchant, number, record)? else {
                    return Ok(());
                };
                let paid = paid.unwrap_or(deposit.amount);
                self.paid(&order, paid)
            }
            OrderEvent::Unmatched {
                merchant,
                number,
                deposit,
                why: Parting::Undo { reason },
                ..
            } => self.trouble(
                merchant,
                &Wording::MatchUndone {
                    number: number.to_string(),
                    deposit: deposit.position,
                    amount: deposit.amount,
                    payer: deposit.payer_name.clone(),
                    reason: reason.clone(),
                },
            ),
            OrderEvent::Excluded {
                merchant, number, ..
            } => {
                self.note_over(merchant, OrderEnd::Excluded, number);
                Ok(())
            }
            OrderEvent::Expired {
                merchant, number, ..
            } => {
                self.note_over(merchant, OrderEnd::Expired, number);
                Ok(())
            }
            OrderEvent::MatchFailed {
                merchant,
                deposit,
                reasons,
            } => self.match_failed(merchant, deposit, reasons),
            _ => Ok(()),
        }
    }

    fn paid(&mut self, order: &Order, amount: Won) -> Result<(), Broken> {
        let wording = Wording::OrderPaid {
            shop: self.shop(&order.merchant)?,
            number: order.number.to_string(),
            orderer: order.orderer.name.clone(),
            amount,
        };
        self.tell_orderer(order, &wording);
        Ok(())
    }

    fn note_over(&mut self, merchant: &MerchantId, why: OrderEnd, number: &OrderNumber) {
        let (numbers, count) = self.over.entry((merchant.clone(), why)).or_default();
        *count += 1;
        if numbers.len() < limits::UNMATCHED_PER_MAIL_MAX {
            numbers.push(number.to_string());
        }
    }

    /// Orders that wait no more, where their merchant wants such mails and has few waiting.
    fn tell_over(&mut self) -> Result<(), Broken> {
        for ((merchant, why), (numbers, count)) in std::mem::take(&mut self.over) {
            let reach = reach(self.books, Some(&merchant))?;
            let wording = Wording::OrdersOver {
                why,
                numbers,
                count,
            };
            let told = reach.news(Some(&merchant), &wording);
            if !told.is_empty() && !self.is_full(Some(&merchant))? {
                self.messages.extend(told);
            }
        }
        Ok(())
    }

    fn tell_orderer(&mut self, order: &Order, wording: &Wording) {
        let (phone, email) = (
            order.orderer.phone.as_deref(),
            order.orderer.email.as_deref(),
        );
        let number = order.number.as_str();
        let told = to_orderer(&order.merchant, (phone, email), number, wording);
        self.messages.extend(told);
    }

    /// An order, also one that is placed in this very record.
    fn order_of(
        &self,
        merchant: &MerchantId,
        number: &OrderNumber,
        record: &[Event],
    ) -> Result<Option<Order>, Broken> {
        let placed = record.iter().find_map(|event| match event {
            Event::Order(OrderEvent::Placed(order)) if order.number == *number => Some(order),
            _ => None,
        });
        match placed {
            Some(order) => Ok(Some(order.clone())),
            None => ORDERS.get(self.books.rows(), &(merchant.clone(), number.clone())),
        }
    }

    fn match_failed(
        &mut self,
        merchant: &MerchantId,
        deposit: &DepositRef,
        reasons: &[crate::domain::MatchReason],
    ) -> Result<(), Broken> {
        let deposit = Unmatched {
            deposit: deposit.position,
            amount: deposit.amount,
            payer: deposit.payer_name.clone(),
            reasons: reasons.to_vec(),
        };
        let settings = self.books.notifications(&Some(merchant.clone()))?;
        match (settings.match_failed, self.moment.now.business_date()) {
            (MatchFailedMail::Never, _) => Ok(()),
            (MatchFailedMail::Daily, Some(day)) => {
                self.aside.push(MessageEvent::PutAside {
                    merchant: merchant.clone(),
                    day,
                    deposit,
                });
                Ok(())
            }
            (MatchFailedMail::Each | MatchFailedMail::Daily, _) => {
                self.trouble(merchant, &Wording::MatchFailed(deposit))
            }
        }
    }
}

/// The last characters of an account's number: enough to know one's own again.
fn end_of(number: &str) -> String {
    number
        .chars()
        .skip(number.chars().count().saturating_sub(4))
        .collect()
}
