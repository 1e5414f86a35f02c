//! Once a second: time has passed, let the books end what is over.
//!
//! What is over is decided in the domain; this actor only looks whether a pulse is worth a
//! commit and sends it. A pulse that finds the writer busy is left out: the next one is a second
//! away.

use actix::{Actor, AsyncContext, Context};
use metrics::gauge;

use crate::domain::Command;
use crate::limits;
use crate::store::{Ledger, Reads};
use crate::telemetry;

/// The actor; start it on a system's arbiter.
#[derive(Debug)]
pub struct Pulse {
    ledger: Ledger,
    reads: Reads,
}

impl Pulse {
    /// A pulse for these books.
    pub fn new(ledger: Ledger, reads: Reads) -> Self {
        Pulse { ledger, reads }
    }

    fn beat(&mut self) {
        gauge!(telemetry::WRITER_QUEUE).set(self.ledger.waiting() as f64);
        match self.reads.pulse_due() {
            Ok(true) => {
                // Nobody waits for the receipt: what it ends was already worth nothing.
                let _ = self.ledger.submit(Command::Pulse);
            }
            Ok(false) => {}
            // The writer meets the same broken disk with its next commit and stops the process.
            Err(broken) => tracing::error!(%broken, "the books cannot be read"),
        }
    }
}

impl Actor for Pulse {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        context.run_interval(limits::PULSE_EVERY, |pulse, _| pulse.beat());
    }
}
