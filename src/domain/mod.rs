//! The deterministic middle of the house: facts and a command in, events out.
//!
//! Nothing here touches the world: no clock, no dice, no disk, no socket. Time arrives as an
//! argument, everything a decision may look at arrives in a `…Facts` struct, and what a decision
//! changes leaves as [`Event`]s. That is why every rule of the house can be tested by a table and
//! replayed from the journal. The room knows nothing but `std`, `serde` and `jiff::civil`.
//!
//! ```text
//!   Command ──▶ facts (loaded by the store) ──▶ decide ──▶ Decision { events, verdict }
//! ```

mod account;
pub mod aggregate;
mod answered;
mod audit;
pub mod by_hand;
pub mod candidates;
mod cash_receipt;
mod command;
pub mod correction;
mod credential;
mod decision;
pub mod delivery;
pub mod deposit;
mod event;
mod hold;
mod hours;
mod house;
mod ids;
mod import;
pub mod issue;
mod judging;
mod ledger;
pub mod matching;
mod merchant;
mod merchant_refusal;
pub mod message;
pub mod name;
pub mod name_code;
pub mod notice;
mod numbers;
mod order;
pub mod payee_lookup;
pub mod people;
pub mod placing;
pub mod policy;
pub mod pre_deposit_check;
mod rate;
mod refusal;
mod registration;
mod sealed;
mod system;
mod time;
pub mod webhook;
mod won;

pub use account::{Account, AccountKind, AccountTerms, Limits, Standing};
pub use aggregate::{AggregateQuestion, Case, Totals};
pub use answered::{AnswerForm, AnswerName, Answered, KeptBody};
pub use audit::{Actor, Audit, By};
pub use cash_receipt::{ReceiptEnd, ReceiptRefusal, ReceiptState, ReceiptUsage, ReceiptWish};
pub use command::{Command, VoidReason};
pub use correction::{Correction, CorrectionRow};
pub use credential::{
    CredentialCommand, CredentialEvent, CredentialFacts, CredentialOutcome, KeptKey, KeyFace,
    KeyKind, KeysOfKind, LivingKey, NewKey, OVERLAP_HOURS_MAX, decide_credential,
};
pub use decision::{Decision, Outcome, Verdict};
pub use deposit::{
    Credit, Deposit, DepositFacts, DepositRow, Mode, Partial, Payer, SuspenseReason,
};
pub use event::{AccountAfter, Event, Exception, ExceptionKind};
pub use hold::{Hold, HoldEnd};
pub use hours::{BankHours, Hours, Maintenance, OpenState, Recurrence, WeekDay, span_of_day};
pub use house::{CancelDay, House, Issuing};
pub use ids::{AccountKey, AccountNo, BankCode, MerchantId, RelayKey};
pub use import::{AccountImport, RowFate, decide_accounts, decide_merchants};
pub use issue::{
    AccountCommand, AccountDetails, AccountEvent, AccountOutcome, AccountUser, BankChoice, Drawn,
    NewAccount,
};
pub use ledger::{Balance, LedgerAccount, Transfer};
pub use matching::{Arrival, MatchFacts, MatchReason, Shelf, Waiting};
pub use merchant::Merchant;
pub use merchant_refusal::MerchantRefusal;
pub use message::{
    Channel, Message, MessageCommand, MessageEvent, MessageId, MessageOutcome, Notifications,
};
pub use name::{begins_name, same_name};
pub use notice::{EventId, Notice, Story, digits_of, notices};
pub use numbers::NumberRange;
pub use order::{
    DepositRef, How, Judgement, Match, NewOrder, Order, OrderCommand, OrderEvent, OrderNumber,
    OrderOutcome, OrderStanding, Orderer, Parting, Reaction,
};
pub use people::{
    FamilyId, PasswordHash, PeopleCommand, PeopleEvent, PeopleOutcome, Role, User, UserId,
};
pub use policy::{
    CorrectionAfterPayout, DepositPolicy, ErrorStatus, MatchMode, MatchingPolicy, MerchantSettings,
    Plan, Policies, PoliciesChange, PolicyCommand, PolicyEvent, PolicyOutcome, SettingsChange,
};
pub use pre_deposit_check::{Approval, CheckFacts, Question};
pub use rate::Rate;
pub use refusal::Refusal;
pub use registration::{
    Profile, ProfileRow, RegistrationCommand, RegistrationEvent, RegistrationOutcome,
    SettlementAccount, register,
};
pub use sealed::{KeyHash, Wrapped};
pub use system::{
    SETTINGS, SettingRow, SettingShape, SettingSpec, SettingType, SystemCommand, SystemEvent,
    SystemSettings, set_system, setting,
};
pub use time::{BusinessDate, Moment, Timestamp};
pub use webhook::{
    Dialect, Endpoint, EndpointId, EventKind, Health, LetterId, LetterState, WebhookCommand,
    WebhookEvent, WebhookOutcome,
};
pub use won::Won;
