//! What the three desks have in common that change the books: the command goes in, and the
//! answer is made from its receipt, which comes after the commit. A command is never timed out.

use std::rc::Rc;

use telegrams::{Answer, Malformed, Record};

use super::Tools;
use crate::bank::answer::no;
use crate::bank::asked::Asked;
use crate::domain::{Command, Outcome};
use crate::store::Busy;

/// From a record to a command.
pub(super) type Translate = fn(&Record) -> Result<Command, Malformed>;

/// Carries a request through the books and answers it.
///
/// It is silent where the books broke, because then nobody knows whether the command counts.
pub(super) async fn book(tools: Rc<Tools>, asked: Asked, translate: Translate) {
    let command = match translate(&asked.record) {
        Ok(command) => command,
        Err(wrong) => return asked.malformed(&wrong, &tools.complaints),
    };
    asked.complain_of_gaps(&tools.complaints);
    let pending = match tools.ledger.submit(command) {
        Ok(pending) => pending,
        Err(Busy) => return asked.answer(Answer::NotProcessed),
    };
    let Some(receipt) = pending.await else { return };
    match receipt.verdict {
        Ok(outcome) => accept(asked, &outcome),
        Err(refusal) => asked.answer(no(refusal)),
    }
}

fn accept(asked: Asked, outcome: &Outcome) {
    match outcome {
        Outcome::Booked | Outcome::Corrected => asked.answer(Answer::Accepted),
        Outcome::Counted { ours, .. } => super::aggregate::count(asked, ours),
        Outcome::Approved { .. }
        | Outcome::Imported(_)
        | Outcome::Done
        | Outcome::Account(_)
        | Outcome::Order(_)
        | Outcome::Policy(_)
        | Outcome::People(_)
        | Outcome::Credential(_)
        | Outcome::Registration(_)
        | Outcome::Webhook(_)
        | Outcome::Message(_) => {
            // The books answered another question than the one asked: better nothing than that.
            tracing::error!(
                kind = asked.kind().name(),
                "the books gave a receipt of another kind"
            );
        }
    }
}
