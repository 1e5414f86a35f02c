//! Rows about: answers that are given again.

use std::ops::ControlFlow;

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::tables::{ANSWERS, ANSWERS_BY_END, AnswerRow};
use super::Place;
use crate::domain::{Answered, Timestamp};

/// Keeps an answer; one whose time was over under the same name makes room.
pub(super) fn keep(books: &mut Books<'_>, answered: &Answered, place: Place) -> Result<(), Broken> {
    let name = answered.name.0;
    if let Some(before) = ANSWERS.get(books.rows(), &name)? {
        ANSWERS_BY_END.delete(books.batch(), &(before.until, name))?;
    }
    let row = AnswerRow {
        asked: answered.asked,
        until: answered.until,
        position: place.position,
    };
    ANSWERS.put(books.batch(), &name, &row)?;
    ANSWERS_BY_END.put(books.batch(), &(answered.until, name), &())
}

/// Forgets at most `most` answers that ended by `until`, the oldest first.
pub(super) fn forget(books: &mut Books<'_>, until: Timestamp, most: u32) -> Result<(), Broken> {
    let mut over = Vec::new();
    ANSWERS_BY_END.walk_from(books.rows(), &[], &mut |key: (Timestamp, [u8; 32]), ()| {
        if key.0 > until || over.len() >= most as usize {
            return ControlFlow::Break(());
        }
        over.push(key);
        ControlFlow::Continue(())
    })?;
    for key in over {
        ANSWERS.delete(books.batch(), &key.1)?;
        ANSWERS_BY_END.delete(books.batch(), &key)?;
    }
    Ok(())
}
