//! A gate in the floor under the books: what passes it waits until the test opens it.

use std::sync::{Arc, Condvar, Mutex};

use naru::store::engine::memory::MemoryEngine;
use naru::store::engine::{Broken, Engine, Snapshot, Work};

/// Open at first. Clones are the same gate.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<(Mutex<State>, Condvar)>);

#[derive(Debug, Default)]
struct State {
    closed: bool,
    waiting: usize,
}

impl Gate {
    /// From now on whoever comes waits.
    pub(crate) fn close(&self) {
        self.0.0.lock().unwrap().closed = true;
    }

    /// Lets everybody through.
    pub(crate) fn open(&self) {
        self.0.0.lock().unwrap().closed = false;
        self.0.1.notify_all();
    }

    /// Returns when somebody waits before the closed gate.
    pub(crate) fn wait_for_someone(&self) {
        let mut state = self.0.0.lock().unwrap();
        while state.waiting == 0 {
            state = self.0.1.wait(state).unwrap();
        }
    }

    fn pass(&self) {
        let mut state = self.0.0.lock().unwrap();
        state.waiting += 1;
        self.0.1.notify_all();
        while state.closed {
            state = self.0.1.wait(state).unwrap();
        }
        state.waiting -= 1;
    }
}

/// An engine in memory whose commits and snapshots can be held back.
#[derive(Debug)]
pub(crate) struct GatedEngine {
    pub(crate) engine: MemoryEngine,
    /// Between a commit and the word that it is durable.
    pub(crate) committed: Gate,
    /// Before a snapshot.
    pub(crate) reading: Gate,
}

impl Engine for GatedEngine {
    fn snapshot(&self) -> Result<Snapshot, Broken> {
        self.reading.pass();
        self.engine.snapshot()
    }

    fn commit(&self, work: &mut Work<'_>) -> Result<(), Broken> {
        self.engine.commit(work)?;
        self.committed.pass();
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.engine.bytes()
    }

    fn verify(&self) -> Result<bool, Broken> {
        self.engine.verify()
    }

    fn close(&self) -> Result<(), Broken> {
        self.engine.close()
    }
}
