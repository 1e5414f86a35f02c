//! The deposit (입금): the money has come.
//!
//! A deposit notice is a fact. It is booked to its merchant, or to suspense where it breaks a
//! rule, and it is refused only where the telegram itself cannot be true: a foreign institution,
//! or a number that was used before for something else (rule A.4-2).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::judging::place;
use super::{
    AccountAfter, AccountKey, BankCode, BusinessDate, CheckFacts, CorrectionRow, Decision, Event,
    Exception, ExceptionKind, Hold, HoldEnd, LedgerAccount, MatchFacts, MerchantId, Moment, Order,
    OrderNumber, Outcome, Policies, Question, Refusal, RelayKey, Timestamp, Transfer, Won,
    correction,
};

/// Whether the bank still asks, or only tells (입금처리구분).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The bank waits for our answer (`I`).
    Interactive,
    /// The bank has already done it (`S`).
    Notice,
}

/// Who paid, as the bank tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    /// The payer's bank, where the telegram names one.
    pub bank: Option<String>,
    /// The name that counts: the true depositor's where the bank knows it, else the printed one.
    pub name: String,
    /// Whether the name fills its field, so that the bank may have cut it.
    pub name_cut: bool,
}

/// A deposit notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposit {
    /// The relay's key.
    pub key: RelayKey,
    /// The account paid into.
    pub account: AccountKey,
    /// How much, more than zero.
    pub amount: Won,
    /// Cheques inside the amount.
    pub cheque: Won,
    /// Cash inside the amount.
    pub cash: Won,
    /// Who paid.
    pub payer: Payer,
    /// Asked or told.
    pub mode: Mode,
    /// The medium code (매체구분), as it came.
    pub medium: Option<String>,
    /// The bank's time of day as `HHMMSS`, where it is one.
    pub trade_time: Option<String>,
    /// The re-send flag (재전송여부) as it came.
    pub resent: bool,
    /// The send count (송신횟수) as it came.
    pub send_count: u8,
    /// The telegram itself, byte by byte.
    #[serde(with = "super::event::hex_bytes")]
    pub raw: Vec<u8>,
}

/// Why a deposit lies in suspense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspenseReason {
    /// The telegram's bank is not contracted.
    BankNotContracted,
    /// No such account was ever issued.
    AccountUnknown,
    /// The account is closed or used up.
    AccountClosed,
    /// The account's term was over.
    AccountExpired,
    /// The amount is not what was agreed.
    AmountWrong,
    /// The payer is not the one allowed.
    DepositorNotAllowed,
    /// More than one deposit or one day may bring.
    LimitPassed,
    /// The account or its merchant is stopped.
    Stopped,
    /// The account's order was over or taken out.
    OrderOver,
    /// Its order was paid before.
    PaidBefore,
}

/// Where a deposit's money was put.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credit {
    /// Owed to a merchant.
    Merchant(MerchantId),
    /// Parked, with its reason.
    Suspense(SuspenseReason),
}

/// A booked deposit as the key table keeps it: the stored answer and what a correction needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositRow {
    /// The account paid into.
    pub account: AccountKey,
    /// How much.
    pub amount: Won,
    /// Where the money was put.
    pub credit: Credit,
    /// Journal position of the booking.
    pub position: u64,
    /// Journal position of the reversal, once corrected.
    pub reversed_at: Option<u64>,
    /// Whether the account keeps sums per day, which a reversal must lower again.
    pub counts_in_day: bool,
    /// Whether this deposit used up a one-time account.
    pub used_up_account: bool,
}

impl DepositRow {
    /// Whether the money is a merchant's, and was not taken back.
    pub fn is_the_merchants(&self) -> bool {
        matches!(self.credit, Credit::Merchant(_)) && self.reversed_at.is_none()
    }
}

/// Everything a deposit's booking may depend on.
#[derive(Clone, Debug)]
pub struct DepositFacts<'h> {
    /// A deposit booked before under the same key.
    pub booked: Option<DepositRow>,
    /// A correction that came before its deposit.
    pub corrected: Option<CorrectionRow>,
    /// Account, merchant, sums and holds, as a pre-deposit check sees them.
    pub check: CheckFacts<'h>,
    /// Conflicts about the same account and amount that were recorded before, so that re-sends
    /// do not repeat them.
    pub known_conflicts: Vec<ExceptionKind>,
    /// What the account's merchant has decided.
    pub policies: Arc<Policies>,
    /// What stands on the account.
    pub balance: Won,
    /// Deposits of less than the account's amount that wait for the rest.
    pub partials: Vec<Partial>,
    /// The order that the account was issued for.
    pub order: Option<Order>,
    /// The number of that order, where it has not been placed.
    pub not_placed: Option<OrderNumber>,
    /// What the index of names says; for matching accounts alone.
    pub matching: Option<MatchFacts>,
}

/// A deposit of less than its account's amount, which waits for the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partial {
    /// The relay's key.
    pub key: RelayKey,
    /// The deposit as it stands.
    pub row: DepositRow,
}

/// Books a deposit notice. The notice itself becomes part of the event, whole as it came.
pub fn decide(deposit: Deposit, facts: &DepositFacts<'_>, moment: Moment) -> Decision {
    if deposit.key.institution != facts.check.house.institution {
        return Decision::refuse(Refusal::UnknownInstitution);
    }
    if let Some(booked) = &facts.booked {
        return repeat(&deposit, booked, &facts.known_conflicts);
    }
    let undone = facts.undone(&deposit);
    let placement = place(&deposit, facts, moment.now);
    let row = placement.row(&deposit, moment.position);
    let transfer = Transfer {
        debit: LedgerAccount::BankClearing(deposit.key.bank),
        credit: row.credit.ledger_account(deposit.key.bank),
        amount: deposit.amount,
    };
    let mut consequences = Vec::new();
    let own_hold = facts
        .check
        .holds
        .iter()
        .find(|hold| hold.key == deposit.key);
    if let Some(hold) = own_hold {
        let why = hold_end(hold, &deposit);
        let hold = hold.clone();
        consequences.push(Event::HoldEnded { hold, why });
    }
    if let Some(earlier) = &facts.corrected {
        let house = facts.check.house;
        let met = correction::meet_tombstone(&deposit, &row, earlier, house, moment.now);
        consequences.push(facts.with_after(met));
    }
    let mut balance = facts.balance;
    let after = facts.after(&mut balance, &row);
    if !undone {
        consequences.extend(placement.consequences(&deposit, facts, balance, moment));
    }
    let mut events = Vec::with_capacity(1 + consequences.len());
    events.push(Event::DepositBooked {
        deposit,
        row,
        transfer,
        after,
    });
    events.append(&mut consequences);
    Decision::new(Outcome::Booked, events)
}

impl DepositFacts<'_> {
    /// Whether the deposit's own correction came before it.
    fn undone(&self, deposit: &Deposit) -> bool {
        self.corrected.as_ref().is_some_and(|earlier| {
            earlier.account == deposit.account && earlier.amount == deposit.amount
        })
    }

    /// Whose account it is and what stands on it once `row` is booked; `balance` follows.
    pub(super) fn after(&self, balance: &mut Won, row: &DepositRow) -> Option<AccountAfter> {
        let account = self.check.account.as_ref()?;
        if matches!(row.credit, Credit::Merchant(_)) {
            // A sum beyond counting is found by the books themselves, where it is booked.
            *balance = balance.checked_add(row.amount).unwrap_or(*balance);
        }
        Some(AccountAfter {
            merchant: account.terms.merchant.clone(),
            balance: *balance,
        })
    }

    /// A reversal of the very deposit that is booked leaves the account as it was before.
    fn with_after(&self, event: Event) -> Event {
        let account = self.check.account.as_ref();
        let before = account.map(|account| AccountAfter {
            merchant: account.terms.merchant.clone(),
            balance: self.balance,
        });
        correction::with_after(event, before)
    }
}

impl Deposit {
    /// When it was paid by the bank's clock, where the telegram tells a time of day.
    pub fn paid_at(&self) -> Option<Timestamp> {
        let time = self.trade_time.as_deref().filter(|time| time.len() == 6)?;
        let part = |at: usize| time.get(at..at + 2)?.parse::<i8>().ok();
        let time = jiff::civil::Time::new(part(0)?, part(2)?, part(4)?, 0).ok()?;
        Timestamp::from_seoul(self.key.trade_date.date().to_datetime(time))
    }

    /// The same payment as a question, so that one set of rules judges both.
    pub fn as_question(&self) -> Question {
        Question {
            key: self.key.clone(),
            account: self.account.clone(),
            amount: self.amount,
            depositor_name: self.payer.name.clone(),
            depositor_name_cut: self.payer.name_cut,
        }
    }
}

/// A repeat gets its stored answer; the same number with other content is never booked.
fn repeat(deposit: &Deposit, booked: &DepositRow, known: &[ExceptionKind]) -> Decision {
    if booked.account == deposit.account && booked.amount == deposit.amount {
        return Decision::repeat(Outcome::Booked);
    }
    let kind = ExceptionKind::DepositKeyReused;
    if known.contains(&kind) {
        return Decision::refuse(Refusal::KeyReused);
    }
    let exception = Exception {
        kind,
        key: deposit.key.clone(),
        account: deposit.account.clone(),
        amount: deposit.amount,
        earlier: Some((booked.account.clone(), booked.amount)),
    };
    Decision::refuse_with(Refusal::KeyReused, vec![Event::ExceptionRaised(exception)])
}

impl SuspenseReason {
    /// The reason behind a refusal that a pre-deposit check would have given.
    pub(super) fn of(refusal: Refusal) -> SuspenseReason {
        match refusal {
            Refusal::AccountUnknown => SuspenseReason::AccountUnknown,
            Refusal::AccountClosed => SuspenseReason::AccountClosed,
            Refusal::Expired => SuspenseReason::AccountExpired,
            Refusal::AmountWrong => SuspenseReason::AmountWrong,
            Refusal::DepositorNotAllowed => SuspenseReason::DepositorNotAllowed,
            Refusal::LimitPassed => SuspenseReason::LimitPassed,
            Refusal::UnknownBank => SuspenseReason::BankNotContracted,
            Refusal::Stopped
            | Refusal::HeldByAnother
            | Refusal::UnknownInstitution
            | Refusal::BeforeOpening
            | Refusal::AfterClosing
            | Refusal::KeyReused
            | Refusal::OriginalNotFound
            | Refusal::TooLate
            | Refusal::Merchant(_) => SuspenseReason::Stopped,
        }
    }
}

impl Credit {
    /// The ledger account behind it; suspense is kept per bank of the telegram.
    pub fn ledger_account(&self, bank: BankCode) -> LedgerAccount {
        match self {
            Credit::Merchant(merchant) => LedgerAccount::MerchantPayable(merchant.clone()),
            Credit::Suspense(_) => LedgerAccount::Suspense(bank),
        }
    }
}

/// A pre-check never binds its deposit: a difference only ends the hold in another way.
fn hold_end(hold: &Hold, deposit: &Deposit) -> HoldEnd {
    if hold.account == deposit.account && hold.amount == deposit.amount {
        HoldEnd::Deposited
    } else {
        HoldEnd::DepositedOtherwise
    }
}

/// The date a deposit counts on: the telegram's own, whenever it arrives (rule A.4-5).
pub fn counted_on(key: &RelayKey) -> BusinessDate {
    key.trade_date
}
