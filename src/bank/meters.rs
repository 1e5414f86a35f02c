//! The bank's face in figures: every counter and histogram of this room, fetched once at the
//! start, because looking one up by name costs more than answering a telegram.
//!
//! Label values come from closed lists only. It knows no telegram, only what kinds there are.

use std::collections::BTreeMap;
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use telegrams::Why;

use super::incoming::Lost;
use super::tally::{Outcome, Subject, outcomes};
use crate::domain::{BankCode, VoidReason};
use crate::{limits, telemetry};

/// Every meter of the room.
#[derive(Debug)]
pub(super) struct Meters {
    telegrams: Vec<Option<Counter>>,
    seconds: Vec<Histogram>,
    budget_left: Vec<Histogram>,
    malformed: BTreeMap<&'static str, Counter>,
    frames_refused: BTreeMap<&'static str, Counter>,
    mailbox_full: BTreeMap<&'static str, Counter>,
    sessions_refused: BTreeMap<&'static str, Counter>,
    sessions_closed: BTreeMap<&'static str, Counter>,
    line_tests: [Counter; 2],
    void_late: Counter,
    void_gone: Counter,
    replies_unexpected: Counter,
    bank_fault: BTreeMap<BankCode, Gauge>,
}

/// Counters of one metric, one for each name.
fn counters(
    metric: &'static str,
    label: &'static str,
    names: &[&'static str],
) -> BTreeMap<&'static str, Counter> {
    let counter = |name| (name, counter!(metric, label => name));
    names.iter().copied().map(counter).collect()
}

impl Meters {
    /// Fetches every meter from the recorder in force. `banks` are those that may be reported
    /// faulty, `closings` the reasons for which a session may end.
    pub(super) fn new(
        banks: impl IntoIterator<Item = BankCode>,
        closings: &[&'static str],
    ) -> Self {
        let seconds = Subject::all()
            .map(|subject| histogram!(telemetry::TELEGRAM_SECONDS, "kind" => subject.name()));
        let budget = Subject::all().map(|subject| {
            if subject.is_question() {
                histogram!(telemetry::BUDGET_LEFT_SECONDS, "kind" => subject.name())
            } else {
                Histogram::noop()
            }
        });
        let fault = |bank: BankCode| {
            let gauge = gauge!(telemetry::BANK_FAULT, "bank" => bank.to_string());
            gauge.set(0.0);
            (bank, gauge)
        };
        let tested = |outcome| counter!(telemetry::LINE_TESTS_TOTAL, "outcome" => outcome);
        let void = |why| counter!(telemetry::APPROVALS_VOID_TOTAL, "why" => why);
        Meters {
            telegrams: telegrams_by_outcome(),
            seconds: seconds.collect(),
            budget_left: budget.collect(),
            malformed: counters(telemetry::MALFORMED_TOTAL, "why", MALFORMED),
            frames_refused: counters(telemetry::FRAMES_REFUSED_TOTAL, "why", &Lost::NAMES),
            mailbox_full: counters(telemetry::MAILBOX_FULL_TOTAL, "desk", DESKS),
            sessions_refused: counters(telemetry::SESSIONS_REFUSED_TOTAL, "why", REFUSALS),
            sessions_closed: counters(telemetry::SESSIONS_CLOSED_TOTAL, "why", closings),
            line_tests: [tested("answered"), tested("unanswered")],
            void_late: void("late"),
            void_gone: void("session_gone"),
            replies_unexpected: counter!(telemetry::REPLIES_UNEXPECTED_TOTAL),
            bank_fault: banks.into_iter().map(fault).collect(),
        }
    }

    /// What became of a telegram.
    pub(super) fn telegram(&self, subject: Subject, outcome: Outcome) {
        match &self.telegrams[place(subject, outcome)] {
            Some(counter) => counter.increment(1),
            None => telegram_counter(subject, outcome).increment(1),
        }
    }

    /// An answer was handed to its socket, `elapsed` after the first byte of its request.
    pub(super) fn sent(&self, subject: Subject, elapsed: Duration) {
        self.seconds[subject.index()].record(elapsed);
        if subject.is_question() {
            let left = limits::ANSWER_WITHIN.saturating_sub(elapsed);
            self.budget_left[subject.index()].record(left);
        }
    }

    /// A telegram broke its layout.
    pub(super) fn malformed(&self, why: Why) {
        match self.malformed.get(why.name()) {
            Some(counter) => counter.increment(1),
            None => counter!(telemetry::MALFORMED_TOTAL, "why" => why.name()).increment(1),
        }
    }

    /// A session lost its step.
    pub(super) fn frame_refused(&self, lost: &Lost) {
        count(&self.frames_refused, lost.name());
    }

    /// A desk had no room for a telegram.
    pub(super) fn mailbox_full(&self, desk: &'static str) {
        count(&self.mailbox_full, desk);
    }

    /// A connection was turned away.
    pub(super) fn session_refused(&self, why: &'static str) {
        count(&self.sessions_refused, why);
    }

    /// A session ended.
    pub(super) fn session_closed(&self, why: &'static str) {
        count(&self.sessions_closed, why);
    }

    /// A line test of ours was answered, or given up.
    pub(super) fn line_test(&self, answered: bool) {
        self.line_tests[usize::from(!answered)].increment(1);
    }

    /// An approval became void.
    pub(super) fn approval_void(&self, why: VoidReason) {
        match why {
            VoidReason::Late => self.void_late.increment(1),
            VoidReason::SessionGone => self.void_gone.increment(1),
        }
    }

    /// A reply came that answers nothing we asked.
    pub(super) fn reply_unexpected(&self) {
        self.replies_unexpected.increment(1);
    }

    /// The relay reports a bank as faulty, or as well again; whether we know the bank.
    pub(super) fn bank_fault(&self, bank: BankCode, faulty: bool) -> bool {
        let gauge = self.bank_fault.get(&bank);
        if let Some(gauge) = gauge {
            gauge.set(if faulty { 1.0 } else { 0.0 });
        }
        gauge.is_some()
    }

    /// Every bank that may be reported faulty.
    pub(super) fn banks(&self) -> impl Iterator<Item = BankCode> {
        self.bank_fault.keys().copied()
    }
}

fn telegrams_by_outcome() -> Vec<Option<Counter>> {
    let mut all = vec![None; Subject::COUNT * Outcome::COUNT];
    for subject in Subject::all() {
        for outcome in outcomes(subject) {
            all[place(subject, outcome)] = Some(telegram_counter(subject, outcome));
        }
    }
    all
}

fn place(subject: Subject, outcome: Outcome) -> usize {
    subject.index() * Outcome::COUNT + outcome.index()
}

fn telegram_counter(subject: Subject, outcome: Outcome) -> Counter {
    counter!(telemetry::TELEGRAMS_TOTAL, "kind" => subject.name(), "outcome" => outcome.name())
}

fn count(counters: &BTreeMap<&'static str, Counter>, name: &str) {
    match counters.get(name) {
        Some(counter) => counter.increment(1),
        None => debug_assert!(false, "{name} is counted nowhere"),
    }
}

/// Why a connection is turned away.
const REFUSALS: &[&str] = &["address", "full"];

/// The desks.
const DESKS: &[&str] = &[
    "payee_lookup",
    "pre_deposit_check",
    "deposit",
    "correction",
    "aggregate",
];

/// What can be wrong with a telegram.
const MALFORMED: &[&str] = &[
    "missing",
    "not_digits",
    "not_printable",
    "not_text",
    "not_a_date",
    "not_a_time",
    "not_positive",
    "unlisted_code",
    "parts_exceed_whole",
    "unknown_kind",
    "type_not_digits",
    "too_short",
    "wrong_length",
    "stray_reply",
];
