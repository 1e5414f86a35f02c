//! The aggregate desk (집계): our day against the relay's.

use std::rc::Rc;

use actix::{Actor, Context, Handler};
use telegrams::{Field, Malformed, Record, telegram};

use super::{Breath, Tools, booking, translate};
use crate::bank::asked::Asked;
use crate::domain::{AggregateQuestion, BusinessDate, Command, Totals, Won};

/// Takes aggregates.
#[derive(Debug)]
pub(in crate::bank) struct AggregateDesk {
    tools: Rc<Tools>,
    breath: Breath,
}

impl AggregateDesk {
    pub(super) fn new(tools: Tools) -> Self {
        AggregateDesk {
            tools: Rc::new(tools),
            breath: Breath::default(),
        }
    }
}

impl Actor for AggregateDesk {
    type Context = Context<Self>;
}

impl Handler<Asked> for AggregateDesk {
    type Result = ();

    fn handle(&mut self, asked: Asked, context: &mut Context<Self>) {
        actix_rt::spawn(booking::book(Rc::clone(&self.tools), asked, command));
        self.breath.after_one(context);
    }
}

/// The only translation between the telegram and the domain.
fn command(record: &Record) -> Result<Command, Malformed> {
    let told = telegram::Aggregate::read(record)?;
    Ok(Command::Aggregate(Box::new(AggregateQuestion {
        key: translate::key(told.key),
        day: BusinessDate::new(told.day),
        theirs: Totals {
            deposit_count: told.their_deposit_count,
            deposit_amount: Won::new(told.their_deposit_amount),
            correction_count: told.their_correction_count,
            correction_amount: Won::new(told.their_correction_amount),
        },
    })))
}

/// Answers with our own figures, whatever theirs are.
pub(super) fn count(asked: Asked, ours: &Totals) {
    asked.accept(None, |reply| {
        reply
            .number(Field::OurDepositCount, ours.deposit_count)
            .number(Field::OurDepositAmount, ours.deposit_amount.digits())
            .number(Field::OurCorrectionCount, ours.correction_count)
            .number(Field::OurCorrectionAmount, ours.correction_amount.digits())
    });
}
