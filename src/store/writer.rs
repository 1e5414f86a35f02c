//! The single writer: drain, decide each, one commit, answer all.
//!
//! A batch forms by itself while the previous sync runs; there is no timer. Nobody is told
//! anything before the commit has returned. A failed commit has an unknown outcome, so the
//! writer answers nobody and hands the failure to whoever stops the process.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{mpsc, watch};

use super::apply::{Place, take_in};
use super::books::{Books, Shared};
use super::engine::{Batch, Broken, Engine};
use super::facts::weigh;
use super::journal::{self, Head, Record};
use super::ledger::{Job, Receipt};
use super::tally::Tally;
use crate::clock::{self, Clock};
use crate::domain::{Command, Decision, House, Moment, Refusal};
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
        let (mut answers, mut commands) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for job in jobs {
            answers.push(job.answer);
            commands.push((job.command, job.decide_by));
        }
        let mut receipts = Vec::with_capacity(count);
        let mut head = self.head;
        engine.commit(&mut |batch| {
            let commands = std::mem::take(&mut commands);
            self.decide_all(batch, commands, &mut head, &mut receipts)
        })?;
        self.head = head;
        self.tally.committed(count, head.position);
        for (answer, receipt) in answers.into_iter().zip(receipts) {
            // An asker that has gone away is no failure: the record stands.
            let _ = answer.send(receipt);
        }
        self.position.send_replace(head.position);
        Ok(())
    }

    fn decide_all(
        &mut self,
        batch: &mut dyn Batch,
        commands: Vec<(Command, Option<Instant>)>,
        head: &mut Head,
        receipts: &mut Vec<Receipt>,
    ) -> Result<(), Broken> {
        let mut books = Books::new(batch, &mut self.shared);
        for (command, decide_by) in commands {
            let now = self.clock.now();
            let late = decide_by.is_some_and(|end| clock::monotonic() > end);
            let decision = if late {
                Decision::refuse(Refusal::TooLate)
            } else {
                let moment = Moment {
                    now,
                    position: head.position + 1,
                };
                weigh(&mut books, command, &self.house, moment)?
            };
            let Decision {
                events,
                verdict,
                repeated,
            } = decision;
            if !events.is_empty() {
                let at = head.stamp(now);
                let record = Record { at, events };
                *head = write(&mut books, head, &record)?;
                self.tally.note(&record);
            }
            receipts.push(Receipt {
                position: head.position,
                at: now,
                repeated,
                verdict,
            });
        }
        books.flush()
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
