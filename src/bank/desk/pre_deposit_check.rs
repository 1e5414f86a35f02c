//! The desk of the pre-deposit check (입금사전조회): may this deposit come?
//!
//! Most checks are answered from a snapshot. An approval that uses something up takes a hold
//! through the writer; if the receipt comes when the question has been answered "too late"
//! already, the hold is made void.

use std::rc::Rc;

use actix::{Actor, Context, Handler};
use telegrams::{Answer, Field, Malformed, Record, telegram};

use super::{Breath, Tools, guarded, translate};
use crate::bank::answer::no;
use crate::bank::asked::Asked;
use crate::bank::promise::{Promise, Voids};
use crate::clock;
use crate::domain::{Command, Outcome, Question, RelayKey, Won};
use crate::store::{Busy, CheckReading, Pending, Receipt};

/// Answers pre-deposit checks.
#[derive(Debug)]
pub(in crate::bank) struct PreDepositCheckDesk {
    tools: Rc<Tools>,
    breath: Breath,
}

impl PreDepositCheckDesk {
    pub(super) fn new(tools: Tools) -> Self {
        PreDepositCheckDesk {
            tools: Rc::new(tools),
            breath: Breath::default(),
        }
    }
}

impl Actor for PreDepositCheckDesk {
    type Context = Context<Self>;
}

impl Handler<Asked> for PreDepositCheckDesk {
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
    let reading = match tools.reads.pre_deposit_check(&question) {
        Ok(reading) => reading,
        Err(broken) => return super::unreadable(&asked, &broken),
    };
    if clock::monotonic() >= asked.decide_by {
        return asked.answer(Answer::TooLate);
    }
    match reading {
        CheckReading::Approved(approval) => approve(asked, &approval.payee_name, None),
        CheckReading::Refused(refusal) => asked.answer(no(refusal)),
        CheckReading::NeedsHold => hold(tools, asked, question),
    }
}

/// Asks the writer for a hold.
fn hold(tools: &Tools, asked: Asked, question: Question) {
    let key = question.key.clone();
    let command = Command::Hold(Box::new(question));
    match tools.ledger.submit_before(command, asked.decide_by) {
        Ok(pending) => {
            actix_rt::spawn(answer_held(asked, pending, key, tools.voids.clone()));
        }
        Err(Busy) => asked.answer(Answer::NotProcessed),
    }
}

/// Answers from the receipt, or at the end of the time, whichever comes first. The command itself
/// cannot be called back: an approval that comes afterwards becomes void.
async fn answer_held(asked: Asked, mut pending: Pending, key: RelayKey, voids: Voids) {
    let end = asked.decide_by.into();
    match tokio::time::timeout_at(end, &mut pending).await {
        Ok(Some(receipt)) => {
            let promise = promise(&receipt, key, voids);
            match receipt.verdict {
                Ok(Outcome::Approved { payee_name, .. }) => approve(asked, &payee_name, promise),
                Ok(_) => tracing::error!("the books gave a receipt of another kind"),
                Err(refusal) => asked.answer(no(refusal)),
            }
        }
        // The books broke: silence.
        Ok(None) => {}
        Err(_) => {
            asked.answer(Answer::TooLate);
            if let Some(receipt) = pending.await
                && let Some(mut promise) = promise(&receipt, key, voids)
            {
                promise.too_late();
            }
        }
    }
}

/// What an approval promises: the hold that it took itself. A repeated one promises nothing new.
fn promise(receipt: &Receipt, key: RelayKey, voids: Voids) -> Option<Promise> {
    let held = matches!(receipt.verdict, Ok(Outcome::Approved { held: true, .. }));
    (held && !receipt.repeated).then(|| Promise::new(key, receipt.position, voids))
}

fn approve(asked: Asked, payee_name: &str, promise: Option<Promise>) {
    asked.accept(promise, |reply| reply.text(Field::PayeeName, payee_name));
}

/// The only translation between the telegram and the domain.
fn question(record: &Record) -> Result<Question, Malformed> {
    let told = telegram::PreDepositCheck::read(record)?;
    Ok(Question {
        account: translate::account(record.kind(), told.account_bank, &told.account_no)?,
        key: translate::key(told.key),
        amount: Won::new(told.amount),
        depositor_name: told.depositor_name,
        depositor_name_cut: told.depositor_name_cut,
    })
}
