//! The books: one journal, one writer, and tables derived from the journal.
//!
//! ```text
//!   Command ─▶ Ledger ─▶ writer: facts → decide → journal + apply ─▶ one commit ─▶ Receipt
//!                                                             Reads ◀─ snapshots ─┘
//! ```
//!
//! Knows the domain and the disk; knows no telegram, no socket and no HTTP.

mod apply;
mod books;
mod check;
mod durable;
pub mod engine;
mod facts;
mod folder;
pub mod ground;
pub mod identity;
mod journal;
pub mod key;
mod keys;
mod ledger;
mod meter;
pub mod once;
mod reads;
mod rebuild;
mod tables;
mod tally;
pub mod vault;
mod writer;

use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{mpsc, watch};

use crate::clock::Clock;
use crate::domain::{Event, House, PasswordHash, Timestamp, people};
use crate::limits;
use books::{Books, Shared};
use engine::{Broken, Engine, TableId};
use tally::Tally;
use writer::Writer;

pub use check::{CheckReport, check};
pub use folder::{BOOKS_FILE, Folder, FolderError, FolderSettings, Scratch};
pub use identity::Mode;
pub use journal::{ChainBreak, Head, Record};
pub use keys::{DayKey, Tag, Whose};
pub use ledger::{Busy, Job, Ledger, Pending, Receipt};
pub use reads::{
    AccountPage, AccountQuestion, AccountSeen, AccountStatus, AuditFilter, AuditPage, AuditPlace,
    Booking, Chapter, CheckReading, Deliveries, Delivery, DeliveryQuestion, DepositFile,
    DepositPage, DepositQuestion, DepositSeen, DepositStatus, Due, DueMessages, EndpointShown,
    Errand, Feed, Hands, MerchantPage, MerchantShown, MessageHands, MessageShown, Movement,
    OrderPage, OrderQuestion, OutboxLevels, Overview, Parcel, Period, Reads, Telling, ToldBetween,
};
pub use tables::{
    DayCounts, DepositState, ExceptionRow, Lane, LetterRow, MessageRow, MessageState, Sum,
    SuspenseRow,
};
pub use writer::OnBroken;

/// Every table an engine must be opened with.
pub const TABLES: &[TableId] = tables::ALL;

/// Writes the first record of new books: whose they are. Does nothing where there is one.
///
/// # Errors
/// [`Broken`] where the books cannot be read or written.
pub fn found(
    engine: &dyn Engine,
    institution: &str,
    mode: Mode,
    now: Timestamp,
) -> Result<(), Broken> {
    let head = journal::head(&*engine.snapshot()?)?;
    if head.position > 0 {
        return Ok(());
    }
    let founded = Event::Founded {
        institution: institution.to_owned(),
        mode: mode.to_string(),
    };
    let record = Record {
        at: head.stamp(now),
        events: vec![founded],
    };
    begin(engine, &head, &record)
}

/// Whether the books know any user.
///
/// # Errors
/// [`Broken`] where the books cannot be read.
pub fn has_users(engine: &dyn Engine) -> Result<bool, Broken> {
    facts::people::anybody(&*engine.snapshot()?)
}

/// Makes the first user, `admin` of head office, of books that are not at work yet. Does nothing
/// where there is a user.
///
/// # Errors
/// [`Broken`] where the books cannot be read or written.
pub fn found_admin(
    engine: &dyn Engine,
    password: PasswordHash,
    now: Timestamp,
) -> Result<(), Broken> {
    if has_users(engine)? {
        return Ok(());
    }
    let head = journal::head(&*engine.snapshot()?)?;
    let record = Record {
        at: head.stamp(now),
        events: people::found_admin(password),
    };
    begin(engine, &head, &record)
}

/// Writes a record before there is a writer.
fn begin(engine: &dyn Engine, head: &Head, record: &Record) -> Result<(), Broken> {
    engine.commit(&mut |batch| {
        let mut shared = Shared::default();
        let mut books = Books::new(batch, &mut shared);
        writer::write(&mut books, head, record)?;
        books.flush()
    })
}

/// Open books with their writer at work.
#[derive(Debug)]
pub struct Store {
    ledger: Ledger,
    reads: Reads,
    position: watch::Receiver<u64>,
    writer: JoinHandle<()>,
}

impl Store {
    /// Opens the books that `engine` holds and starts the writer. On the first failure of the
    /// disk `on_broken` is called once, on the writer's thread, and nobody is answered any more.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn open(
        engine: Arc<dyn Engine>,
        house: House,
        clock: Clock,
        on_broken: OnBroken,
    ) -> Result<Store, Broken> {
        let house = Arc::new(house);
        let rows = engine.snapshot()?;
        let head = journal::head(&*rows)?;
        let tally = Tally::load(&*rows)?;
        drop(rows);
        let (queue, jobs) = mpsc::channel(limits::WRITER_QUEUE);
        let (position, watched) = watch::channel(head.position);
        let reads = Reads {
            engine: Arc::clone(&engine),
            house: Arc::clone(&house),
            clock: clock.clone(),
        };
        let writer = Writer {
            engine,
            house,
            clock,
            head,
            position,
            shared: Shared::default(),
            tally,
        };
        let writer = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || writer.run(jobs, on_broken))
            .map_err(|error| {
                Broken::new(engine::Doing::Snapshot, None, "the writer's thread", error)
            })?;
        Ok(Store {
            ledger: Ledger::new(queue),
            reads,
            position: watched,
            writer,
        })
    }

    /// The door for commands.
    pub fn ledger(&self) -> Ledger {
        self.ledger.clone()
    }

    /// The door for questions.
    pub fn reads(&self) -> Reads {
        self.reads.clone()
    }

    /// Follows the journal's last position, commit by commit.
    pub fn position(&self) -> watch::Receiver<u64> {
        self.position.clone()
    }

    /// Waits for the writer to finish what is queued, then closes the engine, so that the next
    /// open need not recover. Every other [`Ledger`] must be gone, or this waits for them too.
    ///
    /// # Errors
    /// [`Broken`] where the engine could not be closed in order; nothing committed is lost.
    pub fn close(self) -> Result<(), Broken> {
        let Store {
            ledger,
            reads,
            position,
            writer,
        } = self;
        drop((ledger, position));
        // A writer that panicked has answered nobody; there is nothing left to wait for.
        let _ = writer.join();
        reads.engine().close()
    }
}
