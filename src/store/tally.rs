//! What operators see of the books: counts taken from the very records that were committed.

use std::collections::BTreeMap;

use metrics::{counter, gauge, histogram};

use super::engine::{Broken, Rows};
use super::journal::Record;
use super::tables::{HOLDS, SUSPENSE};
use crate::domain::{
    AggregateQuestion, BankCode, Credit, Deposit, DepositRow, Event, ExceptionKind, HoldEnd,
    RelayKey, Totals,
};
use crate::telemetry;

/// Counts what a batch made true, and tells the metrics once the batch is durable.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counts: BTreeMap<Count, u64>,
    suspense_won: BTreeMap<BankCode, i128>,
    suspense_open: i64,
    holds: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Count {
    Deposits(BankCode, &'static str),
    DepositedWon(BankCode),
    Corrections(BankCode, &'static str),
    Aggregates(&'static str),
    Exceptions(&'static str),
    HoldsEnded(&'static str),
}

impl Tally {
    /// A tally that starts from what the books hold now.
    pub(crate) fn load(rows: &dyn Rows) -> Result<Self, Broken> {
        let mut tally = Tally::default();
        SUSPENSE.walk_from(rows, &[], &mut |key, row| {
            tally.park(key.bank, i128::from(row.amount.digits()));
            std::ops::ControlFlow::Continue(())
        })?;
        HOLDS.walk_from(rows, &[], &mut |_, _| {
            tally.holds += 1;
            std::ops::ControlFlow::Continue(())
        })?;
        tally.show_levels();
        begin_at_nought();
        Ok(tally)
    }

    /// Takes in a record that will be committed with the batch under way.
    pub(crate) fn note(&mut self, record: &Record) {
        for event in &record.events {
            self.note_event(event);
        }
    }

    fn note_event(&mut self, event: &Event) {
        match event {
            Event::DepositBooked { deposit, row, .. } => self.deposit(deposit, row),
            Event::CorrectionAccepted(correction) => {
                self.count(Count::Corrections(correction.original.bank, "accepted"), 1);
            }
            Event::DepositReversed { key, row, .. } => self.reversal(key, row),
            Event::DepositReleased { key, row, .. } => {
                self.park(key.bank, -i128::from(row.amount.digits()));
            }
            Event::HoldTaken(_) => self.holds += 1,
            Event::HoldEnded { why, .. } => {
                self.holds -= 1;
                self.count(Count::HoldsEnded(end_name(*why)), 1);
            }
            Event::AggregateAnswered { question, ours } => self.aggregate(question, *ours),
            Event::ExceptionRaised(exception) => {
                self.count(Count::Exceptions(exception_name(exception.kind)), 1);
            }
            Event::Founded { .. }
            | Event::MerchantsImported { .. }
            | Event::AccountsImported { .. }
            | Event::Audited(_)
            | Event::Account(_)
            | Event::Order(_)
            | Event::Policy(_)
            | Event::People(_)
            | Event::Credential(_)
            | Event::Registration(_)
            | Event::Webhook(_)
            | Event::Answered(_)
            | Event::AnswersForgotten { .. }
            | Event::Message(_)
            | Event::System(_) => {}
        }
    }

    fn deposit(&mut self, deposit: &Deposit, row: &DepositRow) {
        let bank = deposit.key.bank;
        let into = match row.credit {
            Credit::Merchant(_) => "merchant",
            Credit::Suspense(_) => "suspense",
        };
        self.count(Count::Deposits(bank, into), 1);
        self.count(Count::DepositedWon(bank), row.amount.digits());
        if into == "suspense" {
            self.park(bank, i128::from(row.amount.digits()));
        }
    }

    fn reversal(&mut self, key: &RelayKey, row: &DepositRow) {
        self.count(Count::Corrections(key.bank, "reversed"), 1);
        if matches!(row.credit, Credit::Suspense(_)) {
            self.park(key.bank, -i128::from(row.amount.digits()));
        }
    }

    fn aggregate(&mut self, question: &AggregateQuestion, ours: Totals) {
        let outcome = if question.theirs == ours {
            "agreed"
        } else {
            "differed"
        };
        self.count(Count::Aggregates(outcome), 1);
    }

    fn park(&mut self, bank: BankCode, won: i128) {
        *self.suspense_won.entry(bank).or_default() += won;
        self.suspense_open += if won < 0 { -1 } else { 1 };
    }

    fn count(&mut self, what: Count, by: u64) {
        *self.counts.entry(what).or_default() += by;
    }

    /// Tells the metrics what the batch that is now durable has made true.
    pub(crate) fn committed(&mut self, commands: usize, position: u64) {
        histogram!(telemetry::BATCH_COMMANDS).record(commands as f64);
        gauge!(telemetry::JOURNAL_POSITION).set(position as f64);
        for (what, by) in std::mem::take(&mut self.counts) {
            show(what, by);
        }
        self.show_levels();
    }

    fn show_levels(&self) {
        gauge!(telemetry::HOLDS).set(self.holds as f64);
        gauge!(telemetry::SUSPENSE_OPEN).set(self.suspense_open as f64);
        for (bank, won) in &self.suspense_won {
            gauge!(telemetry::SUSPENSE_WON, "bank" => bank.to_string()).set(*won as f64);
        }
    }
}

/// Shows rare events from the start, so that the first of a kind is a rise and not a birth, which
/// no alert would see.
fn begin_at_nought() {
    for kind in ExceptionKind::ALL {
        show(Count::Exceptions(exception_name(kind)), 0);
    }
    for why in HoldEnd::ALL {
        show(Count::HoldsEnded(end_name(why)), 0);
    }
    for outcome in ["agreed", "differed"] {
        show(Count::Aggregates(outcome), 0);
    }
}

fn show(what: Count, by: u64) {
    match what {
        Count::Deposits(bank, into) => {
            counter!(telemetry::DEPOSITS_TOTAL, "bank" => bank.to_string(), "into" => into)
                .increment(by);
        }
        Count::DepositedWon(bank) => {
            counter!(telemetry::DEPOSITED_WON_TOTAL, "bank" => bank.to_string()).increment(by);
        }
        Count::Corrections(bank, outcome) => {
            let bank = bank.to_string();
            counter!(telemetry::CORRECTIONS_TOTAL, "bank" => bank, "outcome" => outcome)
                .increment(by);
        }
        Count::Aggregates(outcome) => {
            counter!(telemetry::AGGREGATES_TOTAL, "outcome" => outcome).increment(by);
        }
        Count::Exceptions(kind) => {
            counter!(telemetry::EXCEPTIONS_TOTAL, "kind" => kind).increment(by);
        }
        Count::HoldsEnded(why) => {
            counter!(telemetry::HOLDS_ENDED_TOTAL, "why" => why).increment(by);
        }
    }
}

fn end_name(why: HoldEnd) -> &'static str {
    match why {
        HoldEnd::Deposited => "deposited",
        HoldEnd::DepositedOtherwise => "deposited_otherwise",
        HoldEnd::Replaced => "replaced",
        HoldEnd::Expired => "expired",
        HoldEnd::Void => "void",
    }
}

/// The word for a kind of conflict in metrics and reports.
pub(crate) fn exception_name(kind: ExceptionKind) -> &'static str {
    match kind {
        ExceptionKind::DepositKeyReused => "deposit_key_reused",
        ExceptionKind::CorrectionKeyReused => "correction_key_reused",
        ExceptionKind::CorrectionAmountDiffers => "correction_amount_differs",
        ExceptionKind::CorrectionWithoutDeposit => "correction_without_deposit",
        ExceptionKind::TombstoneDiffers => "tombstone_differs",
    }
}
