//! Questions to the books that change nothing. Each takes a snapshot of its own, so that one
//! answer never mixes two moments.

mod accounts;
mod deliveries;
mod deposits;
mod feed;
mod history;
mod merchants;
mod messages;
mod orders;
mod outbox;
mod people;
mod recent;
mod system;

use std::ops::ControlFlow;
use std::sync::Arc;

use super::engine::{Broken, Engine};
use super::facts::{self, check_facts};
use super::journal::{self, Head, Record};
use super::keys::DayKey;
use super::once::{self, Kept};
use super::tables::{
    CASES, EXCEPTIONS, ExceptionRow, HOLDS, HOLDS_BY_END, LEDGER, MERCHANTS, ORDERS_BY_END,
    RELAYED, SUSPENSE, SuspenseRow, TOTALS,
};
pub use merchants::{MerchantPage, MerchantShown};
pub use system::{AuditFilter, AuditPage, AuditPlace};

use crate::clock::Clock;
use crate::domain::{
    Account, AccountKey, AnswerName, Approval, Balance, Case, DepositRow, Exception, ExceptionKind,
    Hold, House, LedgerAccount, Merchant, MerchantId, Question, Refusal, RelayKey, Totals,
    payee_lookup, pre_deposit_check,
};

pub use accounts::{AccountPage, AccountQuestion, AccountSeen, AccountStatus, Chapter};
pub use deliveries::{Deliveries, Delivery, DeliveryQuestion, EndpointShown};
pub use deposits::{DepositFile, DepositPage, DepositQuestion, DepositSeen, DepositStatus};
pub use feed::{Feed, ToldBetween};
pub use history::Period;
pub use messages::{DueMessages, MessageHands, MessageShown, Parcel};
pub use orders::{OrderPage, OrderQuestion};
pub use outbox::{Booking, Due, Errand, Hands, OutboxLevels, Telling};
pub use recent::Movement;

/// What a snapshot says to a pre-deposit check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckReading {
    /// Yes, and it takes nothing away; or it is the stored answer of a living hold.
    Approved(Approval),
    /// Yes as things stand, but the approval uses something up: ask again as a command.
    NeedsHold,
    /// No.
    Refused(Refusal),
}

/// A handle to the books for questions; cheap to clone.
#[derive(Clone)]
pub struct Reads {
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) house: Arc<House>,
    pub(crate) clock: Clock,
}

impl std::fmt::Debug for Reads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reads").finish_non_exhaustive()
    }
}

impl Reads {
    /// Reads over an engine without a writer: for looking beside a running gateway.
    pub fn over(engine: Arc<dyn Engine>, house: House, clock: Clock) -> Self {
        Reads {
            engine,
            house: Arc::new(house),
            clock,
        }
    }

    /// The engine beneath, for a proof of the books.
    pub fn engine(&self) -> &dyn Engine {
        &*self.engine
    }

    /// Answers a payee look-up (수취조회) with the payee's name.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read: the process must stop.
    pub fn payee_lookup(&self, question: &Question) -> Result<Result<String, Refusal>, Broken> {
        let rows = self.engine.snapshot()?;
        let facts = check_facts(&*rows, question, &self.house)?;
        Ok(payee_lookup::answer(question, &facts, self.clock.now()))
    }

    /// Answers a pre-deposit check (입금사전조회) as far as a snapshot can.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read: the process must stop.
    pub fn pre_deposit_check(&self, question: &Question) -> Result<CheckReading, Broken> {
        let rows = self.engine.snapshot()?;
        let facts = check_facts(&*rows, question, &self.house)?;
        Ok(
            match pre_deposit_check::check(question, &facts, self.clock.now()) {
                Ok(approval) if approval.uses_up && !approval.repeated => CheckReading::NeedsHold,
                Ok(approval) => CheckReading::Approved(approval),
                Err(refusal) => CheckReading::Refused(refusal),
            },
        )
    }

    /// Whether a hold's time is over, so that a pulse is worth a commit.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn pulse_due(&self) -> Result<bool, Broken> {
        let rows = self.engine.snapshot()?;
        let now = self.clock.now();
        let mut due = false;
        HOLDS_BY_END.walk_from(&*rows, &[], &mut |(until, _), ()| {
            due = until <= now;
            ControlFlow::Break(())
        })?;
        ORDERS_BY_END.walk_from(&*rows, &[], &mut |(end, _), ()| {
            due = due || end < now;
            ControlFlow::Break(())
        })?;
        Ok(due || facts::once::any_over(&*rows, now)?)
    }

    /// What is kept under an idempotency key's name, where it still lives.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn kept(&self, name: AnswerName, asked: [u8; 32]) -> Result<Option<Kept>, Broken> {
        once::kept(&*self.engine.snapshot()?, name, asked, self.clock.now())
    }

    /// One record of the journal.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn record(&self, position: u64) -> Result<Option<Record>, Broken> {
        journal::at(&*self.engine.snapshot()?, position)
    }

    /// Where the journal ends.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn head(&self) -> Result<Head, Broken> {
        journal::head(&*self.engine.snapshot()?)
    }

    /// The size of the store in bytes.
    pub fn bytes(&self) -> u64 {
        self.engine.bytes()
    }

    /// A booked deposit, by the relay's key.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn deposit(&self, key: &RelayKey) -> Result<Option<DepositRow>, Broken> {
        let relayed = RELAYED.get(&*self.engine.snapshot()?, key)?;
        Ok(relayed.and_then(|relayed| relayed.deposit))
    }

    /// One account.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn account(&self, key: &AccountKey) -> Result<Option<Account>, Broken> {
        facts::account(&*self.engine.snapshot()?, key)
    }

    /// One merchant.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn merchant(&self, id: &MerchantId) -> Result<Option<Merchant>, Broken> {
        MERCHANTS.get(&*self.engine.snapshot()?, id)
    }

    /// Everything a report to a person is made of, from one snapshot.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn overview(&self) -> Result<Overview, Broken> {
        let rows = self.engine.snapshot()?;
        let now = self.clock.now();
        let mut overview = Overview {
            head: journal::head(&*rows)?,
            ..Overview::default()
        };
        TOTALS.walk_from(&*rows, &[], &mut |key, row| {
            overview.totals.push((key, row));
            ControlFlow::Continue(())
        })?;
        LEDGER.walk_from(&*rows, &[], &mut |key, row| {
            overview.balances.push((key, row));
            ControlFlow::Continue(())
        })?;
        SUSPENSE.walk_from(&*rows, &[], &mut |key, row| {
            overview.suspense.push((key, row));
            ControlFlow::Continue(())
        })?;
        EXCEPTIONS.walk_from(&*rows, &[], &mut |key, row| {
            overview.exceptions.push(exception(key, row));
            ControlFlow::Continue(())
        })?;
        CASES.walk_from(&*rows, &[], &mut |key, row| {
            overview.cases.push((key, row));
            ControlFlow::Continue(())
        })?;
        HOLDS.walk_from(&*rows, &[], &mut |_, hold| {
            if hold.lives(now) {
                overview.holds.push(hold);
            }
            ControlFlow::Continue(())
        })?;
        Ok(overview)
    }

    /// What lies in suspense, as count and sum per bank of the telegram.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn suspense_rows(&self) -> Result<Vec<(RelayKey, SuspenseRow)>, Broken> {
        let mut parked = Vec::new();
        SUSPENSE.walk_from(&*self.engine.snapshot()?, &[], &mut |key, row| {
            parked.push((key, row));
            ControlFlow::Continue(())
        })?;
        Ok(parked)
    }

    /// One bank's day.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn totals(&self, key: &DayKey) -> Result<Totals, Broken> {
        Ok(TOTALS
            .get(&*self.engine.snapshot()?, key)?
            .unwrap_or_default())
    }

    /// One account of the general ledger.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn balance(&self, account: &LedgerAccount) -> Result<Balance, Broken> {
        Ok(LEDGER
            .get(&*self.engine.snapshot()?, account)?
            .unwrap_or_default())
    }
}

/// The books at one moment, as far as people look at them.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// Where the journal ended.
    pub head: Head,
    /// Totals per bank and day.
    pub totals: Vec<(DayKey, Totals)>,
    /// The general ledger.
    pub balances: Vec<(LedgerAccount, Balance)>,
    /// Money that could not be placed.
    pub suspense: Vec<(RelayKey, SuspenseRow)>,
    /// Conflicts.
    pub exceptions: Vec<(Exception, ExceptionRow)>,
    /// The last answer about each bank's day.
    pub cases: Vec<(DayKey, Case)>,
    /// Holds that live.
    pub holds: Vec<Hold>,
}

fn exception(
    (key, kind, account, amount): (RelayKey, ExceptionKind, AccountKey, crate::domain::Won),
    row: ExceptionRow,
) -> (Exception, ExceptionRow) {
    let earlier = row.earlier.clone();
    (
        Exception {
            kind,
            key,
            account,
            amount,
            earlier,
        },
        row,
    )
}
