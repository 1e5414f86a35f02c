//! The id of a request: it stands in every log line and in every error's answer, so that a
//! merchant's question leads to our log.

use std::cell::RefCell;
use std::future::Future;

tokio::task_local! {
    static TRACE: String;
}

/// Characters of an id.
const ID_CHARACTERS: usize = 20;
/// Digits and capitals without those that are read as another.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A fresh id.
pub fn fresh() -> String {
    thread_local! {
        static BYTES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    BYTES.with_borrow_mut(|bytes| {
        if bytes.len() < ID_CHARACTERS {
            bytes.resize(ID_CHARACTERS * 64, 0);
            // An id that repeats would mislead nobody but a reader of the log.
            let _ = getrandom::fill(bytes);
        }
        let taken = bytes.split_off(bytes.len() - ID_CHARACTERS);
        let letters = taken.iter().map(|byte| ALPHABET[usize::from(byte & 31)]);
        letters.map(char::from).collect()
    })
}

/// Runs `work` as the request `id`.
pub async fn within<F: Future>(id: String, work: F) -> F::Output {
    TRACE.scope(id, work).await
}

/// The id of the request under way; empty outside of one.
pub fn current() -> String {
    TRACE.try_with(Clone::clone).unwrap_or_default()
}
