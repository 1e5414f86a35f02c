//! The look-up desk (수취조회): who is behind this number? Reads a snapshot and writes nothing.

use std::rc::Rc;

use actix::{Actor, Context, Handler};
use telegrams::{Answer, Field, Malformed, Record, telegram};

use super::{Breath, Tools, guarded, translate};
use crate::bank::answer::no;
use crate::bank::asked::Asked;
use crate::clock;
use crate::domain::{Question, Won};

/// Answers look-ups.
#[derive(Debug)]
pub(in crate::bank) struct PayeeLookupDesk {
    tools: Rc<Tools>,
    breath: Breath,
}

impl PayeeLookupDesk {
    pub(super) fn new(tools: Tools) -> Self {
        PayeeLookupDesk {
            tools: Rc::new(tools),
            breath: Breath::default(),
        }
    }
}

impl Actor for PayeeLookupDesk {
    type Context = Context<Self>;
}

impl Handler<Asked> for PayeeLookupDesk {
    type Result = ();

    fn handle(&mut self, asked: Asked, context: &mut Context<Self>) {
        guarded(|| answer(&self.tools, asked));
        self.breath.after_one(context);
    }
}

fn answer(tools: &Tools, asked: Asked) {
    let question = match question(&asked.record) {
        Ok(question) => question,
        Err(wrong) => return asked.malformed(&wrong, &tools.complaints),
    };
    asked.complain_of_gaps(&tools.complaints);
    // The request may have waited in the mailbox; what nobody waits for need not be looked up.
    if clock::monotonic() >= asked.decide_by {
        return asked.answer(Answer::TooLate);
    }
    let verdict = match tools.reads.payee_lookup(&question) {
        Ok(verdict) => verdict,
        Err(broken) => return super::unreadable(&asked, &broken),
    };
    if clock::monotonic() >= asked.decide_by {
        return asked.answer(Answer::TooLate);
    }
    match verdict {
        Ok(payee_name) => asked.accept(None, |reply| reply.text(Field::PayeeName, &payee_name)),
        Err(refusal) => asked.answer(no(refusal)),
    }
}

/// The only translation between the telegram and the domain.
fn question(record: &Record) -> Result<Question, Malformed> {
    let told = telegram::PayeeLookup::read(record)?;
    Ok(Question {
        account: translate::account(record.kind(), told.account_bank, &told.account_no)?,
        key: translate::key(told.key),
        amount: Won::new(told.amount),
        depositor_name: told.depositor_name,
        depositor_name_cut: told.depositor_name_cut,
    })
}
