//! Which kind of telegram goes to which desk. One match, no logic.

#![deny(clippy::wildcard_enum_match_arm)]

use telegrams::{Answer, Kind};

use super::asked::Asked;
use super::desk::Desks;
use super::network::Network;

/// Hands a request to whoever answers its kind.
pub(super) fn hand_over(asked: Asked, desks: &Desks, network: &Network) {
    match asked.kind() {
        Kind::PayeeLookup => desks.payee_lookup.take(asked),
        Kind::PreDepositCheck => desks.pre_deposit_check.take(asked),
        Kind::Deposit => desks.deposit.take(asked),
        Kind::Correction => desks.correction.take(asked),
        Kind::Aggregate => desks.aggregate.take(asked),
        Kind::Open | Kind::Close | Kind::FaultNotice | Kind::RecoveryNotice | Kind::LineTest => {
            network.take(asked);
        }
        // Transfers travel on the lines that we dial; here nobody knows them.
        Kind::Remittance
        | Kind::RemittanceResult
        | Kind::ReturnNotice
        | Kind::PayeeName
        | Kind::Balance
        | Kind::RemittanceAggregate => asked.answer(Answer::UnknownKind),
    }
}
