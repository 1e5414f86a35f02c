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
mod command;
pub mod correction;
mod decision;
pub mod deposit;
mod event;
mod hold;
mod hours;
mod house;
mod ids;
mod import;
mod ledger;
mod merchant;
mod name;
pub mod payee_lookup;
pub mod pre_deposit_check;
mod refusal;
mod time;
mod won;

pub use account::{Account, AccountKind, AccountTerms, Limits, Standing};
pub use aggregate::{AggregateQuestion, Case, Totals};
pub use command::{Command, VoidReason};
pub use correction::{Correction, CorrectionRow};
pub use decision::{Decision, Outcome, Verdict};
pub use deposit::{Credit, Deposit, DepositRow, Mode, Payer, SuspenseReason};
pub use event::{Event, Exception, ExceptionKind};
pub use hold::{Hold, HoldEnd};
pub use hours::{BankHours, Hours, Maintenance, OpenState, Recurrence, WeekDay};
pub use house::{CancelDay, House};
pub use ids::{AccountKey, AccountNo, BankCode, MerchantId, RelayKey};
pub use import::{AccountImport, RowFate, decide_accounts, decide_merchants};
pub use ledger::{Balance, LedgerAccount, Transfer};
pub use merchant::Merchant;
pub use name::same_name;
pub use pre_deposit_check::{Approval, CheckFacts, Question};
pub use refusal::Refusal;
pub use time::{BusinessDate, Moment, Timestamp};
pub use won::Won;
