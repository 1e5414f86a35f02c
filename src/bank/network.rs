//! The relay's talk about the line itself (회선관리): opening, closing, faults, recoveries and
//! line tests. Answered on the spot, on the session that asked. It moves no money.

use std::sync::Arc;

use telegrams::{Answer, Kind, telegram::Line};

use super::asked::Asked;
use super::complaint::{Caller, Complaints};
use super::meters::Meters;
use crate::domain::BankCode;

/// Answers network telegrams.
#[derive(Debug)]
pub(super) struct Network {
    /// Our institution code.
    pub(super) institution: String,
    pub(super) meters: Arc<Meters>,
    pub(super) complaints: Arc<Complaints>,
}

impl Network {
    /// Answers a telegram of one of the network kinds.
    pub(super) fn take(&self, asked: Asked) {
        let line = match Line::read(&asked.record) {
            Ok(line) => line,
            Err(wrong) => return asked.malformed(&wrong, &self.complaints),
        };
        asked.complain_of_gaps(&self.complaints);
        if line.key.institution != self.institution {
            return asked.answer(Answer::UnknownInstitution);
        }
        self.note(asked.kind(), line.target_bank, asked.caller);
        asked.answer(Answer::Accepted);
    }

    /// Notes what the telegram tells. Deposits are taken whatever it says.
    fn note(&self, kind: Kind, target: u16, caller: Caller) {
        let session = caller.session;
        match kind {
            Kind::FaultNotice => self.fault(target, true, session),
            Kind::RecoveryNotice => self.fault(target, false, session),
            Kind::Open | Kind::Close => {
                tracing::info!(session, bank = target, "the relay tells: {kind}");
            }
            _ => {}
        }
    }

    fn fault(&self, target: u16, faulty: bool, session: u64) {
        tracing::warn!(
            session,
            bank = target,
            faulty,
            "a bank's state as the relay tells it"
        );
        let Some(bank) = BankCode::new(target) else {
            return;
        };
        let whole_relay = bank == BankCode::ALL;
        if whole_relay && !faulty {
            // Everything is well again, single banks included.
            for bank in self.meters.banks() {
                self.meters.bank_fault(bank, false);
            }
        } else if !self.meters.bank_fault(bank, faulty) {
            tracing::debug!(session, bank = target, "that bank is not contracted");
        }
    }
}
