//! A reply: the request's bytes, copied, with the answer's fields patched in. What is not
//! patched goes back as it came, filler and all.

use std::sync::Arc;

use bytes::Bytes;

use crate::answer::Answer;
use crate::field::Field;
use crate::profile::Profile;
use crate::record::Record;
use crate::write::{self, Fit};

/// A reply in the making.
#[derive(Debug)]
pub struct Reply {
    profile: Arc<Profile>,
    index: usize,
    bytes: Vec<u8>,
    cut: bool,
}

impl Reply {
    pub(crate) fn new(request: &Record, answer: Answer) -> Self {
        let profile = Arc::clone(request.profile());
        let layout = request.layout();
        let bank = if profile.answers.by_bank.is_empty() {
            None
        } else {
            let bank = request.number(Field::AccountBank).ok().flatten();
            bank.and_then(|bank| u16::try_from(bank).ok())
        };
        let mut bytes = request.bytes().to_vec();
        bytes[profile.message_type.range()].copy_from_slice(&layout.reply_type);
        let code = profile.code(answer, bank);
        let slot = profile.answer_code;
        write::text(profile.charset, slot, code, &mut bytes[slot.range()]);
        let index = request.index();
        Self {
            profile,
            index,
            bytes,
            cut: false,
        }
    }

    /// Writes text into a field. A field that the layout does not have is left out: its relay
    /// has no use for it.
    #[must_use]
    pub fn text(mut self, field: Field, text: &str) -> Self {
        if let Some(slot) = self.profile.layouts[self.index].slot(field) {
            let place = &mut self.bytes[slot.range()];
            self.cut |= write::text(self.profile.charset, slot, text, place) != Fit::Whole;
        }
        self
    }

    /// Writes a number into a field. One that does not fit is written as nines and reported by
    /// [`Reply::cut`].
    #[must_use]
    pub fn number(mut self, field: Field, number: u64) -> Self {
        if let Some(slot) = self.profile.layouts[self.index].slot(field) {
            let place = &mut self.bytes[slot.range()];
            self.cut |= write::number(slot, number, place) != Fit::Whole;
        }
        self
    }

    /// True when something did not fit its field whole.
    pub fn cut(&self) -> bool {
        self.cut
    }

    /// The bytes to frame and send.
    pub fn bytes(self) -> Bytes {
        Bytes::from(self.bytes)
    }
}
