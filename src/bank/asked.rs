//! A telegram in work, and its way back.
//!
//! What a session has taken in travels with everything its answer needs: the session's writing
//! half, the permit that it occupies there, the time by which it must be decided and sent, and
//! its tally. Whoever drops it has been silent, and the permit is free again. It knows neither
//! desk nor books.

use std::sync::Arc;
use std::time::Instant;

use actix::Message;
use bytes::Bytes;
use telegrams::{Answer, Kind, Malformed, Record, Reply};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::Waits;
use super::complaint::{Caller, Complaints};
use super::meters::Meters;
use super::outgoing::Outgoing;
use super::promise::Promise;
use super::tally::{Subject, Tally};

/// The way of an answer back to the session that asked.
#[derive(Debug)]
pub(super) struct WayBack {
    pub(super) out: mpsc::Sender<Outgoing>,
    pub(super) permit: OwnedSemaphorePermit,
    pub(super) tally: Tally,
    /// After it nothing may be sent; only questions have one.
    pub(super) deadline: Option<Instant>,
}

impl WayBack {
    /// The way back of a telegram whose first byte was there at `heard`.
    pub(super) fn new(
        out: mpsc::Sender<Outgoing>,
        permit: OwnedSemaphorePermit,
        (subject, heard): (Subject, Instant),
        (meters, waits): (&Arc<Meters>, &Waits),
    ) -> Self {
        WayBack {
            out,
            permit,
            tally: Tally::new(Arc::clone(meters), subject, heard),
            deadline: subject.is_question().then(|| heard + waits.answer),
        }
    }

    /// Hands `telegram` to the writing half. If the session is gone, it is dropped, and what it
    /// promises with it.
    pub(super) fn send(self, telegram: Bytes, answer: Answer, promise: Option<Promise>) {
        let WayBack {
            out,
            permit,
            mut tally,
            deadline,
        } = self;
        tally.answered(answer);
        let outgoing = Outgoing {
            telegram,
            deadline,
            promise,
            tally: Some(tally),
            permit: Some(permit),
        };
        // There is room for every permit, so this fails only where the session is gone.
        let _ = out.try_send(outgoing);
    }
}

/// A request on its way to a desk.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) struct Asked {
    /// The request.
    pub(super) record: Record,
    /// By when a question must be decided.
    pub(super) decide_by: Instant,
    /// Who asks, for the log.
    pub(super) caller: Caller,
    /// How the answer goes back.
    pub(super) back: WayBack,
}

impl Asked {
    /// The kind of request.
    pub(super) fn kind(&self) -> Kind {
        self.record.kind()
    }

    /// Answers with nothing but a code.
    pub(super) fn answer(self, answer: Answer) {
        let reply = self.record.reply(answer);
        self.back.send(reply.bytes(), answer, None);
    }

    /// Answers yes with the fields that `fill` adds, and perhaps a promise.
    pub(super) fn accept(self, promise: Option<Promise>, fill: impl FnOnce(Reply) -> Reply) {
        let reply = fill(self.record.reply(Answer::Accepted));
        if reply.cut() {
            let Caller { session, .. } = self.caller;
            tracing::debug!(
                session,
                kind = self.kind().name(),
                "a text of an answer was cut"
            );
        }
        self.back.send(reply.bytes(), Answer::Accepted, promise);
    }

    /// Answers that the request breaks its layout.
    pub(super) fn malformed(self, wrong: &Malformed, complaints: &Complaints) {
        self.complain(wrong, complaints);
        self.answer(Answer::Malformed);
    }

    /// Counts and tells what is odd about the request and no reason to refuse it.
    pub(super) fn complain_of_gaps(&self, complaints: &Complaints) {
        for gap in self.record.gaps() {
            self.complain(&gap, complaints);
        }
    }

    /// Counts and tells what is wrong with the request.
    pub(super) fn complain(&self, wrong: &Malformed, complaints: &Complaints) {
        self.back.tally.meters().malformed(wrong.why);
        let trace_no = self.record.text(telegrams::Field::TraceNo).ok().flatten();
        complaints.malformed(self.caller, trace_no.as_deref(), wrong);
    }
}
