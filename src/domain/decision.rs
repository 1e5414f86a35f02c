//! What a decision leaves behind.

use super::{
    AccountOutcome, CredentialOutcome, Event, MessageOutcome, OrderOutcome, PeopleOutcome,
    PolicyOutcome, Refusal, RegistrationOutcome, RowFate, Totals, WebhookOutcome,
};

/// The yes of a business, with what the asker needs to answer in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The deposit stands in the books.
    Booked,
    /// The correction stands in the books.
    Corrected,
    /// The deposit may come.
    Approved {
        /// The payee's name to show.
        payee_name: String,
        /// Whether the approval took a hold that must be voided if the answer cannot leave.
        held: bool,
    },
    /// The day was counted.
    Counted {
        /// Our own figures.
        ours: Totals,
        /// Whether the relay's figures are the same.
        agrees: bool,
    },
    /// What became of each row of an import, in order.
    Imported(Vec<RowFate>),
    /// Done, and there is nothing to tell.
    Done,
    /// Issuing and closing virtual accounts (가상계좌 발급·해지).
    Account(AccountOutcome),
    /// A merchant's order (주문), waiting for its deposit.
    Order(OrderOutcome),
    /// What a merchant has decided about its deposits: matching, ceilings, reactions.
    Policy(PolicyOutcome),
    /// The people who may look and act: users, their log-ins and second factors.
    People(PeopleOutcome),
    /// The keys by which a merchant's own programs prove who they are.
    Credential(CredentialOutcome),
    /// A merchant that joins us, and what is known of it.
    Registration(RegistrationOutcome),
    /// Endpoints of merchants, and the letters on their way to them.
    Webhook(WebhookOutcome),
    /// Messages to people: mail, chat and text; never in the way of money.
    Message(MessageOutcome),
}

/// Yes or no.
pub type Verdict = Result<Outcome, Refusal>;

/// A verdict and the facts that it makes true. No events: the books stay as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What has now happened, in order.
    pub events: Vec<Event>,
    /// What to answer.
    pub verdict: Verdict,
    /// Whether this answer was stored before and is given again.
    pub repeated: bool,
}

impl Decision {
    /// A first answer with its events.
    pub fn new(outcome: Outcome, events: Vec<Event>) -> Self {
        Decision {
            events,
            verdict: Ok(outcome),
            repeated: false,
        }
    }

    /// A stored answer, given again.
    pub fn repeat(outcome: Outcome) -> Self {
        Decision {
            events: Vec::new(),
            verdict: Ok(outcome),
            repeated: true,
        }
    }

    /// A no that leaves no trace in the books.
    pub fn refuse(refusal: Refusal) -> Self {
        Decision {
            events: Vec::new(),
            verdict: Err(refusal),
            repeated: false,
        }
    }

    /// A no that the books remember.
    pub fn refuse_with(refusal: Refusal, events: Vec<Event>) -> Self {
        Decision {
            events,
            verdict: Err(refusal),
            repeated: false,
        }
    }
}
