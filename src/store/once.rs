//! Answers given once: the same key and question get the same bytes again (멱등성).
//!
//! What a caller asked under a key of its own choice is carried out once. The answer is made by
//! the writer, right after the decision, and stands in the very record of the effect; so there is
//! no moment at which one exists without the other. A refusal that changes nothing is not kept.
//! Knows bytes and hashes; which header the key came in, and what an answer says, is a face's.

use std::fmt;

use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use super::engine::{Broken, Rows};
use super::ledger::Receipt;
use super::tables::ANSWERS;
use crate::domain::{AnswerForm, AnswerName, Answered, Event, KeptBody, Timestamp, Wrapped};
use crate::limits;

/// An answer as it goes out, and as it is to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// How to read the bytes.
    pub form: AnswerForm,
    /// The bytes.
    pub body: Vec<u8>,
    /// What is kept instead of the bytes, where they carry secrets.
    pub sealed: Option<Wrapped>,
    /// Whether it was given before and is given again.
    pub again: bool,
}

impl fmt::Debug for Answer {
    /// Without the bytes: they may hold a name, a number or a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The name under which the answer to `key` is found: callers of another `scope` never meet.
pub fn name(scope: &str, key: &str) -> AnswerName {
    let mut hash = Sha256::new();
    hash.update((scope.len() as u64).to_be_bytes());
    hash.update(scope);
    hash.update(key);
    AnswerName(hash.finalize().into())
}

/// What was asked, as a hash: the call and its body.
pub fn asked(call: &str, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((call.len() as u64).to_be_bytes());
    hash.update(call);
    hash.update(body);
    hash.finalize().into()
}

/// Makes the answer from the receipt. It runs in the writer and so must be quick; it sees the
/// receipt before it is durable and must tell nobody.
pub type Render = Box<dyn FnOnce(&Receipt) -> Answer + Send>;

/// Everything that makes a command one that is carried out once.
pub struct Once {
    /// The answer's name.
    pub name: AnswerName,
    /// What was asked.
    pub asked: [u8; 32],
    /// Whether the answer is kept also where the command changed nothing, because what was done
    /// stands elsewhere.
    pub always: bool,
    /// Makes the answer.
    pub render: Render,
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What the books have under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The same was asked before; this is what was answered, its body as it was kept.
    Same(Answered),
    /// Something else was asked before.
    Other,
}

/// What came of a command that is carried out once.
#[derive(Debug)]
pub enum Given {
    /// It was carried out now.
    Now {
        /// What the books say.
        receipt: Receipt,
        /// What to answer.
        answer: Answer,
    },
    /// Something is kept under its name, and nothing was carried out.
    Before(Kept),
}

/// What comes of it, to be awaited; `None` means that the books broke, as with any command.
pub type PendingOnce = oneshot::Receiver<Given>;

/// What is kept under `name` and still lives at `now`.
pub(crate) fn kept(
    rows: &dyn Rows,
    name: AnswerName,
    asked: [u8; 32],
    now: Timestamp,
) -> Result<Option<Kept>, Broken> {
    let Some(row) = ANSWERS.get(rows, &name.0)?.filter(|row| now < row.until) else {
        return Ok(None);
    };
    if row.asked != asked {
        return Ok(Some(Kept::Other));
    }
    let record = super::journal::at(rows, row.position)?;
    let same = record.into_iter().flat_map(|record| record.events);
    let mut same = same.filter_map(|event| match event {
        Event::Answered(answered) if answered.name == name => Some(answered),
        _ => None,
    });
    let lost = || Broken::not_understood(ANSWERS.id, "a kept answer that is not in its record");
    same.next().map(Kept::Same).map(Some).ok_or_else(lost)
}

/// The event that keeps `answer`.
pub(crate) fn keep(name: AnswerName, asked: [u8; 32], now: Timestamp, answer: &Answer) -> Event {
    let seconds = match answer.sealed {
        Some(_) => limits::SECRET_ANSWER_KEEP_SECONDS,
        None => limits::ANSWER_KEEP_SECONDS,
    };
    let body = match &answer.sealed {
        Some(sealed) => KeptBody::Sealed(sealed.clone()),
        None => KeptBody::Open(String::from_utf8_lossy(&answer.body).into_owned()),
    };
    Event::Answered(Answered {
        name,
        asked,
        until: now.plus_seconds(seconds),
        status: answer.status,
        form: answer.form,
        body,
    })
}
