//! The door to the books: commands go in, receipts come out after the commit.
//!
//! The queue behind the door is bounded. A full queue says [`Busy`] at once, while there is still
//! time to tell the asker; nothing was written then. Once a command is in the queue it is carried
//! out whether or not anyone still waits for its receipt: nothing near money is cancelled by a
//! dropped future.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};

use super::once::{Given, Once, PendingOnce};
use crate::domain::{Command, Timestamp, Verdict};

/// What the books say after a command was decided and its record is durable.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Journal position up to which the books reached when this was decided; where the command
    /// wrote a record, the position of that record.
    pub position: u64,
    /// House time of the decision.
    pub at: Timestamp,
    /// Whether a stored answer was given again.
    pub repeated: bool,
    /// Yes or no.
    pub verdict: Verdict,
}

/// The queue to the writer is full; nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the books have more waiting than they may; nothing was written, ask again")]
pub struct Busy;

/// A command on its way through the writer. Dropping it says that the books broke.
#[derive(Debug)]
pub struct Job {
    /// What is to be done.
    pub command: Command,
    /// After this moment the command must not be carried out any more: its asker was answered.
    pub decide_by: Option<Instant>,
    pub(crate) answer: Asker,
}

/// Who waits for what comes of a command.
#[derive(Debug)]
pub(crate) enum Asker {
    /// Someone who reads the receipt.
    Plain(oneshot::Sender<Receipt>),
    /// Someone who wants the answer itself, the same one every time.
    Once(Box<Once>, oneshot::Sender<Given>),
}

impl Job {
    /// Tells the asker what came of it. An asker that has gone away is no failure.
    pub fn answer(self, receipt: Receipt) {
        match self.answer {
            Asker::Plain(asker) => drop(asker.send(receipt)),
            Asker::Once(once, asker) => {
                let answer = (once.render)(&receipt);
                drop(asker.send(Given::Now { receipt, answer }));
            }
        }
    }
}

/// The receipt of a submitted command, to be awaited. `None` means that the books broke before
/// the outcome was known: whoever asked must be told nothing.
#[derive(Debug)]
pub struct Pending(oneshot::Receiver<Receipt>);

impl Future for Pending {
    type Output = Option<Receipt>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(Result::ok)
    }
}

impl Pending {
    /// Waits on this thread; for commands without a runtime, such as imports.
    pub fn wait(self) -> Option<Receipt> {
        self.0.blocking_recv().ok()
    }
}

/// A handle to the writer; cheap to clone.
#[derive(Clone, Debug)]
pub struct Ledger {
    queue: mpsc::Sender<Job>,
}

impl Ledger {
    pub(crate) fn new(queue: mpsc::Sender<Job>) -> Self {
        Ledger { queue }
    }

    /// A door without a writer behind it: whoever holds the other end decides what becomes of
    /// each command, and when. For tests of the faces.
    pub fn channel(capacity: usize) -> (Ledger, mpsc::Receiver<Job>) {
        let (queue, jobs) = mpsc::channel(capacity);
        (Ledger { queue }, jobs)
    }

    /// Queues a command that must be carried out, however long it takes.
    ///
    /// # Errors
    /// [`Busy`] where the queue is full or the writer has ended; nothing was written.
    pub fn submit(&self, command: Command) -> Result<Pending, Busy> {
        self.queue_job(command, None)
    }

    /// Queues a question that is worth nothing after `decide_by`: if its turn comes later, it is
    /// answered with [`crate::domain::Refusal::TooLate`] and nothing is written.
    ///
    /// # Errors
    /// [`Busy`] where the queue is full or the writer has ended; nothing was written.
    pub fn submit_before(&self, command: Command, decide_by: Instant) -> Result<Pending, Busy> {
        self.queue_job(command, Some(decide_by))
    }

    /// Queues a command that is carried out once: if an answer is kept under its name, that is
    /// what comes of it and nothing is written; else its own answer is kept with what it does.
    ///
    /// # Errors
    /// [`Busy`] where the queue is full or the writer has ended; nothing was written.
    pub fn submit_once(&self, command: Command, once: Once) -> Result<PendingOnce, Busy> {
        let (asker, given) = oneshot::channel();
        let job = Job {
            command,
            decide_by: None,
            answer: Asker::Once(Box::new(once), asker),
        };
        self.queue.try_send(job).map_err(|_| Busy)?;
        Ok(given)
    }

    /// Queues a command, waiting on this thread while the queue is full; for imports only.
    ///
    /// # Errors
    /// [`Busy`] where the writer has ended.
    pub fn submit_blocking(&self, command: Command) -> Result<Pending, Busy> {
        let (answer, receipt) = oneshot::channel();
        let job = Job {
            command,
            decide_by: None,
            answer: Asker::Plain(answer),
        };
        self.queue.blocking_send(job).map_err(|_| Busy)?;
        Ok(Pending(receipt))
    }

    /// How many commands wait right now.
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    fn queue_job(&self, command: Command, decide_by: Option<Instant>) -> Result<Pending, Busy> {
        let (answer, receipt) = oneshot::channel();
        let job = Job {
            command,
            decide_by,
            answer: Asker::Plain(answer),
        };
        self.queue.try_send(job).map_err(|_| Busy)?;
        Ok(Pending(receipt))
    }
}
