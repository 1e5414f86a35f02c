//! The correction (입금정정): a deposit was undone.
//!
//! A correction reverses an existing deposit, at most once, by a transfer the other way round. A
//! notice (`S`) of a correction that overtook its deposit leaves a tombstone; the deposit that
//! follows is booked and at once reversed, so that both counters agree (rule A.4-3).

use serde::{Deserialize, Serialize};

use super::by_hand::parted;
use super::{
    Account, AccountAfter, AccountKey, BusinessDate, CancelDay, Credit, Decision, Deposit,
    DepositRef, DepositRow, Event, Exception, ExceptionKind, House, LedgerAccount, Mode, Moment,
    Order, Outcome, Parting, ReceiptEnd, Refusal, RelayKey, Timestamp, Transfer, Won,
};

/// A correction telegram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The telegram's own key.
    pub key: RelayKey,
    /// The key of the deposit it corrects; the same in profiles where both share one number.
    pub original: RelayKey,
    /// The account the deposit went into.
    pub account: AccountKey,
    /// The deposit's amount: a correction is always whole.
    pub amount: Won,
    /// Asked, or already done at the bank.
    pub mode: Mode,
    /// Whether the bank cancelled by itself (자동취소여부).
    pub automatic: bool,
    /// The telegram itself, byte by byte.
    #[serde(with = "super::event::hex_bytes")]
    pub raw: Vec<u8>,
}

/// An accepted correction as the key table keeps it: the stored answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionRow {
    /// The account it named.
    pub account: AccountKey,
    /// The amount it named.
    pub amount: Won,
    /// Journal position of its acceptance.
    pub position: u64,
}

/// Everything a correction may depend on.
#[derive(Clone, Debug)]
pub struct CorrectionFacts<'h> {
    /// The policy in force.
    pub house: &'h House,
    /// The deposit, if it was booked.
    pub booked: Option<DepositRow>,
    /// A correction accepted before.
    pub corrected: Option<CorrectionRow>,
    /// The deposit's account, to re-open a one-time one.
    pub account: Option<Account>,
    /// Conflicts about the same account and amount that were recorded before.
    pub known_conflicts: Vec<ExceptionKind>,
    /// Whose account the deposit came into, and what stands on it.
    pub before: Option<AccountAfter>,
    /// The order that the deposit paid, and the deposit by which that is known.
    pub met: Option<(Order, DepositRef)>,
    /// Whether the deposit is a part of what used up its one-time account.
    pub part_of_use: bool,
}

/// Takes a correction.
pub fn decide(correction: &Correction, facts: &CorrectionFacts<'_>, moment: Moment) -> Decision {
    if correction.key.institution != facts.house.institution {
        return Decision::refuse(Refusal::UnknownInstitution);
    }
    if let Some(earlier) = &facts.corrected {
        if earlier.account == correction.account && earlier.amount == correction.amount {
            return Decision::repeat(Outcome::Corrected);
        }
        let told = (earlier.account.clone(), earlier.amount);
        return object(
            correction,
            facts,
            ExceptionKind::CorrectionKeyReused,
            Some(told),
        );
    }
    match &facts.booked {
        Some(booked) => correct(correction, booked, facts, moment),
        None => without_deposit(correction, facts),
    }
}

/// Reverses the deposit where the correction names it rightly.
fn correct(
    correction: &Correction,
    booked: &DepositRow,
    facts: &CorrectionFacts<'_>,
    moment: Moment,
) -> Decision {
    let told = Some((booked.account.clone(), booked.amount));
    if booked.account != correction.account {
        return object(correction, facts, ExceptionKind::CorrectionKeyReused, told);
    }
    if booked.amount != correction.amount {
        return object(
            correction,
            facts,
            ExceptionKind::CorrectionAmountDiffers,
            told,
        );
    }
    let reopens = facts.account.as_ref().is_some_and(|account| {
        let used_by_it =
            booked.used_up_account && account.used_by.as_ref() == Some(&correction.original);
        // A part is missing again; what is left waits for it.
        (used_by_it || facts.part_of_use) && !account.expired(moment.now)
    });
    let reversed = reversal(
        &correction.original,
        booked,
        reopens,
        facts.house,
        moment.now,
    );
    let mut events = vec![
        Event::CorrectionAccepted(correction.clone()),
        with_after(reversed, facts.after(booked)),
    ];
    if let Some((order, deposit)) = &facts.met {
        let (why, end) = (Parting::Correction, ReceiptEnd::Correction);
        let (_, parted) = parted(order.clone(), deposit, why, end, moment);
        events.extend(parted.into_iter().map(Event::Order));
    }
    Decision::new(Outcome::Corrected, events)
}

impl CorrectionFacts<'_> {
    /// Whose account it is and what stands on it once `booked` is reversed.
    fn after(&self, booked: &DepositRow) -> Option<AccountAfter> {
        let before = self.before.clone()?;
        let credited = matches!(booked.credit, Credit::Merchant(_));
        let lowered = before.balance.checked_sub(booked.amount);
        Some(AccountAfter {
            balance: lowered.filter(|_| credited).unwrap_or(before.balance),
            ..before
        })
    }
}

/// The reversal with what stands on its account afterwards.
pub(super) fn with_after(event: Event, told: Option<AccountAfter>) -> Event {
    match event {
        Event::DepositReversed {
            key,
            row,
            transfer,
            counted_on,
            reopens_account,
            after: None,
        } => Event::DepositReversed {
            key,
            row,
            transfer,
            counted_on,
            reopens_account,
            after: told,
        },
        other => other,
    }
}

/// There is nothing to correct: a notice leaves a tombstone, a question is refused.
fn without_deposit(correction: &Correction, facts: &CorrectionFacts<'_>) -> Decision {
    match correction.mode {
        Mode::Notice => {
            let accepted = Event::CorrectionAccepted(correction.clone());
            Decision::new(Outcome::Corrected, vec![accepted])
        }
        Mode::Interactive => object(
            correction,
            facts,
            ExceptionKind::CorrectionWithoutDeposit,
            None,
        ),
    }
}

/// Refuses, and remembers the conflict once.
fn object(
    correction: &Correction,
    facts: &CorrectionFacts<'_>,
    kind: ExceptionKind,
    earlier: Option<(AccountKey, Won)>,
) -> Decision {
    let refusal = match kind {
        ExceptionKind::CorrectionAmountDiffers => Refusal::AmountWrong,
        ExceptionKind::CorrectionWithoutDeposit => Refusal::OriginalNotFound,
        ExceptionKind::CorrectionKeyReused
        | ExceptionKind::DepositKeyReused
        | ExceptionKind::TombstoneDiffers => Refusal::KeyReused,
    };
    if facts.known_conflicts.contains(&kind) {
        return Decision::refuse(refusal);
    }
    let exception = Exception {
        kind,
        key: correction.original.clone(),
        account: correction.account.clone(),
        amount: correction.amount,
        earlier,
    };
    Decision::refuse_with(refusal, vec![Event::ExceptionRaised(exception)])
}

/// What a deposit does that finds its own correction waiting: reversed at once where both speak
/// of the same payment, else booked and shown to a person.
pub(super) fn meet_tombstone(
    deposit: &Deposit,
    row: &DepositRow,
    earlier: &CorrectionRow,
    house: &House,
    now: Timestamp,
) -> Event {
    if earlier.account == deposit.account && earlier.amount == deposit.amount {
        let reopens = row.used_up_account;
        return reversal(&deposit.key, row, reopens, house, now);
    }
    Event::ExceptionRaised(Exception {
        kind: ExceptionKind::TombstoneDiffers,
        key: deposit.key.clone(),
        account: deposit.account.clone(),
        amount: deposit.amount,
        earlier: Some((earlier.account.clone(), earlier.amount)),
    })
}

fn reversal(
    original: &RelayKey,
    booked: &DepositRow,
    reopens_account: bool,
    house: &House,
    now: Timestamp,
) -> Event {
    let booking = Transfer {
        debit: LedgerAccount::BankClearing(original.bank),
        credit: booked.credit.ledger_account(original.bank),
        amount: booked.amount,
    };
    Event::DepositReversed {
        key: original.clone(),
        row: booked.clone(),
        transfer: booking.reversed(),
        counted_on: counted_on(original, house.cancel_day, now),
        reopens_account,
        after: None,
    }
}

/// The date a correction counts on, by the house's switch (rule A.4-4).
fn counted_on(original: &RelayKey, cancel_day: CancelDay, now: Timestamp) -> BusinessDate {
    match cancel_day {
        CancelDay::Original => original.trade_date,
        CancelDay::Cancel => now.business_date().unwrap_or(original.trade_date),
    }
}
