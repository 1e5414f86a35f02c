//! The closed list of ways in which the house can change: one door.

use super::{
    AccountCommand, AccountImport, AggregateQuestion, Correction, CredentialCommand, Deposit,
    Merchant, MessageCommand, OrderCommand, PeopleCommand, PolicyCommand, Question,
    RegistrationCommand, RelayKey, SystemCommand, WebhookCommand,
};

/// Why an approval was taken back before it counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoidReason {
    /// It could not be put on the wire before 9.5 s.
    Late,
    /// The session that asked was gone.
    SessionGone,
}

/// Something that wants to change the books. The writer decides one after the other.
#[derive(Clone, Debug)]
pub enum Command {
    /// A deposit notice (입금).
    Deposit(Box<Deposit>),
    /// A correction (입금정정).
    Correction(Box<Correction>),
    /// A day to be counted (집계).
    Aggregate(Box<AggregateQuestion>),
    /// A pre-deposit check whose approval uses something up (입금사전조회).
    Hold(Box<Question>),
    /// An approval that never left: its hold counts for nothing.
    VoidHold {
        /// The key it was taken under.
        key: RelayKey,
        /// Journal position of the approval, so that a later hold is not touched.
        position: u64,
        /// Why.
        why: VoidReason,
    },
    /// A chunk of a merchant list.
    ImportMerchants {
        /// The rows.
        rows: Vec<Merchant>,
        /// Whether other values replace known ones.
        update: bool,
    },
    /// A chunk of an account list.
    ImportAccounts {
        /// The rows.
        rows: Vec<AccountImport>,
        /// Whether other values replace known ones.
        update: bool,
    },
    /// Time has passed: end what is over.
    Pulse,
    /// Nothing is to be changed: what was done stands elsewhere, and only the answer to it is to
    /// be kept for a repeat.
    Answer,
    /// Issuing and closing virtual accounts (가상계좌 발급·해지).
    Account(Box<AccountCommand>),
    /// A merchant's order (주문), waiting for its deposit.
    Order(Box<OrderCommand>),
    /// What a merchant has decided about its deposits: matching, ceilings, reactions.
    Policy(Box<PolicyCommand>),
    /// The people who may look and act: users, their log-ins and second factors.
    People(Box<PeopleCommand>),
    /// The keys by which a merchant's own programs prove who they are.
    Credential(Box<CredentialCommand>),
    /// A merchant that joins us, and what is known of it.
    Registration(Box<RegistrationCommand>),
    /// Endpoints of merchants, and the letters on their way to them.
    Webhook(Box<WebhookCommand>),
    /// Messages to people: mail, chat and text; never in the way of money.
    Message(Box<MessageCommand>),
    /// Settings of the running house.
    System(Box<SystemCommand>),
}
