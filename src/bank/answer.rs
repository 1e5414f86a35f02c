//! The house's yes and no in the relay's words. Both lists are closed, so a new reason does not
//! compile before it has an answer here.

#![deny(clippy::wildcard_enum_match_arm)]

use telegrams::Answer;

use crate::domain::Refusal;

/// The answer that says `refusal` to the relay; the code is the profile's.
pub(super) fn no(refusal: Refusal) -> Answer {
    match refusal {
        Refusal::UnknownInstitution => Answer::UnknownInstitution,
        Refusal::UnknownBank => Answer::UnknownBank,
        Refusal::BeforeOpening => Answer::BeforeOpening,
        Refusal::AfterClosing => Answer::AfterClosing,
        Refusal::AccountUnknown => Answer::AccountUnknown,
        Refusal::AccountClosed => Answer::AccountClosed,
        Refusal::Expired => Answer::Expired,
        Refusal::AmountWrong => Answer::AmountWrong,
        Refusal::DepositorNotAllowed => Answer::DepositorNotAllowed,
        Refusal::LimitPassed => Answer::LimitPassed,
        // To the payer's bank it is the same: not now, whoever holds it.
        Refusal::Stopped | Refusal::HeldByAnother => Answer::Stopped,
        Refusal::KeyReused => Answer::KeyReused,
        Refusal::OriginalNotFound => Answer::OriginalNotFound,
        Refusal::TooLate => Answer::TooLate,
        // No telegram becomes a command that can be refused like this; were one to, it is no yes.
        Refusal::Merchant(_) => Answer::NotProcessed,
    }
}
