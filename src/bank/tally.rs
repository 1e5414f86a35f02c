//! One telegram, counted once: by its kind and by what became of it.
//!
//! A telegram that is dropped without an answer counts itself as silent, so no way out of the
//! house is forgotten.

use std::sync::Arc;
use std::time::Instant;

use telegrams::{Answer, Kind};

use super::meters::Meters;

/// What a telegram is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// A telegram of this kind.
    Kind(Kind),
    /// A poll frame.
    Poll,
    /// A telegram of no kind that the profile knows.
    Unknown,
}

impl Subject {
    pub(super) const COUNT: usize = Kind::COUNT + 2;

    /// Its place in a list of all.
    pub(super) fn index(self) -> usize {
        match self {
            Subject::Kind(kind) => kind as usize,
            Subject::Poll => Kind::COUNT,
            Subject::Unknown => Kind::COUNT + 1,
        }
    }

    /// All of them.
    pub(super) fn all() -> impl Iterator<Item = Subject> {
        let kinds = Kind::ALL.iter().copied().map(Subject::Kind);
        kinds.chain([Subject::Poll, Subject::Unknown])
    }

    /// The label.
    pub(super) fn name(self) -> &'static str {
        match self {
            Subject::Kind(kind) => kind.name(),
            Subject::Poll => "poll",
            Subject::Unknown => "unknown",
        }
    }

    /// Whether the relay waits for the answer and gives up after ten seconds.
    pub(super) fn is_question(self) -> bool {
        matches!(
            self,
            Subject::Kind(Kind::PayeeLookup | Kind::PreDepositCheck)
        )
    }
}

/// What became of a telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Answered(Answer),
    /// No answer: the books broke, or the session was gone.
    Silent,
    /// The answer's time was over before it could leave.
    Late,
}

impl Outcome {
    pub(super) const COUNT: usize = Answer::COUNT + 2;

    /// Its place in a list of all.
    pub(super) fn index(self) -> usize {
        match self {
            Outcome::Answered(answer) => answer as usize,
            Outcome::Silent => Answer::COUNT,
            Outcome::Late => Answer::COUNT + 1,
        }
    }

    /// The label.
    pub(super) fn name(self) -> &'static str {
        match self {
            Outcome::Answered(answer) => answer.name(),
            Outcome::Silent => "silent",
            Outcome::Late => "late",
        }
    }
}

/// The outcomes that a telegram can have, so that each reads nought from the start and no other
/// is ever shown.
pub(super) fn outcomes(subject: Subject) -> Vec<Outcome> {
    use Answer as A;
    let answers: &[A] = match subject {
        Subject::Kind(Kind::PayeeLookup | Kind::PreDepositCheck) => &[
            A::Accepted,
            A::Malformed,
            A::UnknownInstitution,
            A::UnknownBank,
            A::NotProcessed,
            A::BeforeOpening,
            A::AfterClosing,
            A::AmountWrong,
            A::AccountClosed,
            A::AccountUnknown,
            A::LimitPassed,
            A::Stopped,
            A::Expired,
            A::DepositorNotAllowed,
            A::TooLate,
        ],
        Subject::Kind(Kind::Deposit) => &[
            A::Accepted,
            A::Malformed,
            A::UnknownInstitution,
            A::NotProcessed,
            A::KeyReused,
        ],
        Subject::Kind(Kind::Correction) => &[
            A::Accepted,
            A::Malformed,
            A::UnknownInstitution,
            A::NotProcessed,
            A::OriginalNotFound,
            A::KeyReused,
            A::AmountWrong,
            A::BalanceShort,
        ],
        Subject::Kind(Kind::Aggregate) => &[
            A::Accepted,
            A::Malformed,
            A::UnknownInstitution,
            A::UnknownBank,
            A::NotProcessed,
        ],
        Subject::Kind(
            Kind::Open | Kind::Close | Kind::FaultNotice | Kind::RecoveryNotice | Kind::LineTest,
        ) => &[A::Accepted, A::Malformed, A::UnknownInstitution],
        Subject::Kind(
            Kind::Remittance
            | Kind::RemittanceResult
            | Kind::ReturnNotice
            | Kind::PayeeName
            | Kind::Balance
            | Kind::RemittanceAggregate,
        ) => &[A::Malformed, A::UnknownKind],
        Subject::Poll => &[A::Accepted],
        Subject::Unknown => &[A::UnknownKind],
    };
    let answered = answers.iter().copied().map(Outcome::Answered);
    let unanswered = [Outcome::Silent, Outcome::Late];
    answered.chain(unanswered).collect()
}

/// Counts one telegram, once: when its answer leaves, or when it is dropped without one.
#[derive(Debug)]
pub(super) struct Tally {
    meters: Arc<Meters>,
    subject: Subject,
    heard: Instant,
    outcome: Outcome,
    answer: Option<Answer>,
}

impl Tally {
    /// For a telegram whose first byte was there at `heard`.
    pub(super) fn new(meters: Arc<Meters>, subject: Subject, heard: Instant) -> Self {
        Tally {
            meters,
            subject,
            heard,
            outcome: Outcome::Silent,
            answer: None,
        }
    }

    /// The meters it counts with.
    pub(super) fn meters(&self) -> &Meters {
        &self.meters
    }

    /// This is the answer, if it leaves.
    pub(super) fn answered(&mut self, answer: Answer) {
        self.answer = Some(answer);
    }

    /// The answer's time is over.
    pub(super) fn too_late(&mut self) {
        self.outcome = Outcome::Late;
    }

    /// The answer was handed to the socket.
    pub(super) fn sent(mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.heard);
        self.meters.sent(self.subject, elapsed);
        if let Some(answer) = self.answer {
            self.outcome = Outcome::Answered(answer);
        }
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.meters.telegram(self.subject, self.outcome);
    }
}
