//! Once a second: time has passed, let the books end what is over.
//!
//! What is over is decided in the domain; this actor only looks whether a pulse is worth a
//! commit and sends it. A pulse that finds the writer busy is left out: the next one is a second
//! away.

use actix::{Actor, ActorContext, AsyncContext, Context, Handler, Message};
use metrics::gauge;

use crate::domain::Command;
use crate::limits;
use crate::store::engine::Broken;
use crate::store::{Ledger, Reads};
use crate::telemetry;

/// The actor; start it on a system's arbiter.
#[derive(Debug)]
pub struct Pulse {
    ledger: Ledger,
    reads: Reads,
    on_broken: fn(&Broken),
}

/// Ends the pulse, so that its handles to the books are gone.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Stop;

impl Handler<Stop> for Pulse {
    type Result = ();

    fn handle(&mut self, _: Stop, context: &mut Self::Context) {
        context.stop();
    }
}

impl Pulse {
    /// A pulse for these books; `on_broken` is called when they cannot be read any more.
    pub fn new(ledger: Ledger, reads: Reads, on_broken: fn(&Broken)) -> Self {
        Pulse {
            ledger,
            reads,
            on_broken,
        }
    }

    fn beat(&mut self) {
        gauge!(telemetry::WRITER_QUEUE).set(self.ledger.waiting() as f64);
        match self.reads.pulse_due() {
            Ok(true) => {
                // Nobody waits for the receipt: what it ends was already worth nothing.
                let _ = self.ledger.submit(Command::Pulse);
            }
            Ok(false) => {}
            Err(broken) => (self.on_broken)(&broken),
        }
    }
}

impl Actor for Pulse {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        context.run_interval(limits::PULSE_EVERY, |pulse, _| pulse.beat());
    }
}
