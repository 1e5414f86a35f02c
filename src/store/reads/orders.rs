//! Questions about orders: one by its number, lists by merchant, time and standing.

use std::ops::ControlFlow;

use super::super::engine::{Broken, Rows};
use super::super::facts;
use super::super::journal;
use super::super::keys::Tag;
use super::super::tables::ORDERS;
use super::Reads;
use super::history::{self, Period, Stretch};
use crate::domain::{Event, MerchantId, Order, OrderEvent, OrderNumber, Shelf};
use crate::limits;

/// Which orders a list shows.
#[derive(Clone, Debug, Default)]
pub struct OrderQuestion {
    /// Whose; none is everyone's.
    pub merchant: Option<MerchantId>,
    /// When they came into the books.
    pub period: Period,
    /// Where they stand; none is anywhere.
    pub standing: Option<Shelf>,
    /// Only those received before this position: where the last page ended.
    pub before: Option<u64>,
    /// Rows to leave out at the beginning, for pages by number.
    pub skip: usize,
    /// Rows at most.
    pub limit: usize,
}

/// A page of orders, the newest first.
#[derive(Clone, Debug, Default)]
pub struct OrderPage {
    /// The orders.
    pub orders: Vec<Order>,
    /// Where the next page begins; none where there is no more. A page may be short of orders and
    /// still have a next one, where many were looked at that stand elsewhere.
    pub next: Option<u64>,
    /// How many the whole list has.
    pub total: u64,
}

impl Reads {
    /// An order by its number.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn order(
        &self,
        merchant: &MerchantId,
        number: &OrderNumber,
    ) -> Result<Option<Order>, Broken> {
        facts::order::order(&*self.engine.snapshot()?, merchant, number)
    }

    /// A page of orders.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn orders(&self, question: &OrderQuestion) -> Result<OrderPage, Broken> {
        let rows = self.engine.snapshot()?;
        let rows = &*rows;
        let merchant = question.merchant.as_ref();
        let owners = history::owners(rows, merchant)?;
        let whole = Stretch::of(rows, question.period)?;
        let stretch = whole.before(question.before);
        let mut page = OrderPage {
            total: total(rows, question, whole, &owners)?,
            ..OrderPage::default()
        };
        let (mut left_out, mut looked_at) = (0, 0);
        history::walk_back(rows, &owners, Tag::Order, stretch, &mut |_, position| {
            let full = page.orders.len() >= question.limit;
            if full || looked_at == limits::LIST_ROWS_LOOKED_AT_MAX {
                page.next = Some(position.saturating_add(1));
                return Ok(ControlFlow::Break(()));
            }
            if question.standing.is_none() && left_out < question.skip {
                left_out += 1;
                return Ok(ControlFlow::Continue(()));
            }
            for order in placed_at(rows, position)? {
                if question
                    .standing
                    .is_some_and(|shelf| shelf != order.shelf())
                {
                    looked_at += 1;
                } else if left_out < question.skip {
                    left_out += 1;
                } else {
                    page.orders.push(order);
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(page)
    }
}

/// The orders that the record at `position` took in, as they stand now.
fn placed_at(rows: &dyn Rows, position: u64) -> Result<Vec<Order>, Broken> {
    let record = journal::at(rows, position)?;
    let events = record.map(|record| record.events).unwrap_or_default();
    let mut orders = Vec::new();
    for event in events {
        if let Event::Order(OrderEvent::Placed(order)) = event {
            let name = (order.merchant.clone(), order.number.clone());
            orders.extend(ORDERS.get(rows, &name)?);
        }
    }
    Ok(orders)
}

fn total(
    rows: &dyn Rows,
    question: &OrderQuestion,
    whole: Stretch,
    owners: &[super::super::keys::Whose],
) -> Result<u64, Broken> {
    let Some(days) = history::whole_days(question.period) else {
        let mut total = 0;
        history::walk_back(rows, owners, Tag::Order, whole, &mut |_, position| {
            let wanted = |order: &&Order| {
                question
                    .standing
                    .is_none_or(|standing| standing == order.shelf())
            };
            let orders = placed_at(rows, position)?;
            total += orders.iter().filter(wanted).count() as u64;
            Ok(ControlFlow::Continue(()))
        })?;
        return Ok(total);
    };
    let counted = history::counted(question.merchant.as_ref());
    let sum = history::sum(&history::days(rows, &counted, days)?);
    Ok(match question.standing {
        None => sum.orders,
        Some(Shelf::Matched) => sum.matched,
        Some(Shelf::Excluded) => sum.excluded,
        Some(Shelf::Expired) => sum.expired,
        Some(Shelf::Open) => sum
            .orders
            .saturating_sub(sum.matched)
            .saturating_sub(sum.excluded)
            .saturating_sub(sum.expired),
    })
}
