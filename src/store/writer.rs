//! The single writer: drain, decide each, one commit, answer all.
//!
//! A batch forms by itself while the previous sync runs; there is no timer. Nobody is told
//! anything before the commit has returned. A failed commit has an unknown outcome, so the
//! writer answers nobody and hands the failure to whoever stops the process.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{mpsc, oneshot, watch};

use super::apply::{Place, take_in};
use super::books::{Books, Shared};
use super::engine::{Batch, Broken, Engine};
use super::facts::{self, weigh};
use super::journal::{self, Head, Record};
use super::ledger::{Asker, Job, Receipt};
use super::once::{self, Given, Once};
use super::tally::Tally;
use crate::clock::{self, Clock};
use crate::domain::{Command, Decision, Event, House, Moment, Refusal, Timestamp};
use crate::limits;

/// What to do when the books break: stop the process, in production.
pub type OnBroken = Box<dyn FnOnce(&Broken) + Send>;

pub(crate) struct Writer {
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) house: Arc<House>,
    pub(crate) clock: Clock,
    pub(crate) head: Head,
    pub(crate) position: watch::Sender<u64>,
    pub(crate) shared: Shared,
    pub(crate) tally: Tally,
}

impl Writer {
    /// Works until every [`super::Ledger`] is gone and the queue is empty.
    pub(crate) fn run(mut self, mut queue: mpsc::Receiver<Job>, on_broken: OnBroken) {
        while let Some(first) = queue.blocking_recv() {
            let jobs = drain(first, &mut queue);
            if let Err(broken) = self.carry_out(jobs) {
                // The jobs were dropped unanswered: every asker hears silence.
                on_broken(&broken);
                return;
            }
        }
    }

    /// Decides every job of a batch in order, commits once and answers.
    fn carry_out(&mut self, jobs: Vec<Job>) -> Result<(), Broken> {
        let engine = Arc::clone(&self.engine);
        let count = jobs.len();
        let mut jobs = jobs;
        let mut answers = Vec::with_capacity(count);
        let mut head = self.head;
        engine.commit(&mut |batch| {
            let jobs = std::mem::take(&mut jobs);
            self.decide_all(batch, jobs, &mut head, &mut answers)
        })?;
        self.head = head;
        self.tally.committed(count, head.position);
        answers.into_iter().for_each(Told::tell);
        self.position.send_replace(head.position);
        Ok(())
    }

    fn decide_all(
        &mut self,
        batch: &mut dyn Batch,
        jobs: Vec<Job>,
        head: &mut Head,
        answers: &mut Vec<Told>,
    ) -> Result<(), Broken> {
        let mut turn = Turn {
            books: Books::new(batch, &mut self.shared),
            head,
            house: &self.house,
            clock: &self.clock,
            tally: &mut self.tally,
        };
        for job in jobs {
            answers.push(turn.take(job)?);
        }
        turn.books.flush()
    }
}

/// The commands of one batch, one after the other.
struct Turn<'t> {
    books: Books<'t>,
    head: &'t mut Head,
    house: &'t House,
    clock: &'t Clock,
    tally: &'t mut Tally,
}

impl Turn<'_> {
    fn take(&mut self, job: Job) -> Result<Told, Broken> {
        let now = self.clock.now();
        let (once, asker) = match job.answer {
            Asker::Plain(asker) => {
                let (receipt, ()) = self.decide(job.command, job.decide_by, now, |_| ((), None))?;
                return Ok(Told::Receipt(asker, receipt));
            }
            Asker::Once(once, asker) => (once, asker),
        };
        let given = match once::kept(self.books.rows(), once.name, once.asked, now)? {
            Some(kept) => Given::Before(kept),
            None => self.decide_once(job.command, *once, now)?,
        };
        Ok(Told::Given(asker, given))
    }

    /// Decides a command whose answer is kept in the record of what it does.
    fn decide_once(
        &mut self,
        command: Command,
        once: Once,
        now: Timestamp,
    ) -> Result<Given, Broken> {
        let (receipt, answer) = self.decide(command, None, now, |receipt| {
            let answer = (once.render)(receipt);
            let kept = once::keep(once.name, once.asked, now, &answer);
            (answer, Some((kept, once.always)))
        })?;
        Ok(Given::Now { receipt, answer })
    }

    /// Decides, and writes what becomes true; `conclude` sees what the asker will be told and may
    /// add a last event to a record that has others, or always.
    fn decide<A>(
        &mut self,
        command: Command,
        decide_by: Option<Instant>,
        now: Timestamp,
        conclude: impl FnOnce(&Receipt) -> (A, Option<(Event, bool)>),
    ) -> Result<(Receipt, A), Broken> {
        let next = self.head.position + 1;
        let late = decide_by.is_some_and(|end| clock::monotonic() > end);
        let decision = if late {
            Decision::refuse(Refusal::TooLate)
        } else {
            let moment = Moment {
                now,
                position: next,
            };
            weigh(&mut self.books, command, self.house, moment)?
        };
        let mut events = decision.events;
        if !events.is_empty() {
            let moment = Moment {
                now,
                position: next,
            };
            facts::message::queue(&mut self.books, &mut events, moment)?;
        }
        let receipt = Receipt {
            position: if events.is_empty() { next - 1 } else { next },
            at: now,
            repeated: decision.repeated,
            verdict: decision.verdict,
        };
        let (answer, last) = conclude(&receipt);
        if let Some((last, always)) = last
            && (always || !events.is_empty())
        {
            events.push(last);
        }
        if !events.is_empty() {
            let at = self.head.stamp(now);
            let record = Record { at, events };
            *self.head = write(&mut self.books, self.head, &record)?;
            self.tally.note(&record);
        }
        Ok((receipt, answer))
    }
}

/// What somebody is told once the commit has returned.
enum Told {
    Receipt(oneshot::Sender<Receipt>, Receipt),
    Given(oneshot::Sender<Given>, Given),
}

impl Told {
    /// An asker that has gone away is no failure: the record stands.
    fn tell(self) {
        match self {
            Told::Receipt(asker, receipt) => drop(asker.send(receipt)),
            Told::Given(asker, given) => drop(asker.send(given)),
        }
    }
}

/// Appends a record and brings every table up to it.
pub(crate) fn write(books: &mut Books<'_>, head: &Head, record: &Record) -> Result<Head, Broken> {
    let next = journal::append(books.batch(), head, record)?;
    let place = Place {
        position: next.position,
        at: record.at,
    };
    take_in(books, &record.events, place)?;
    Ok(next)
}

/// Everything that waits right now, up to a batch's bound.
fn drain(first: Job, queue: &mut mpsc::Receiver<Job>) -> Vec<Job> {
    let mut jobs = Vec::with_capacity(64);
    jobs.push(first);
    while jobs.len() < limits::BATCH_MAX {
        match queue.try_recv() {
            Ok(job) => jobs.push(job),
            Err(_) => break,
        }
    }
    jobs
}
