//! Composing a request from nothing: for what we ask of a relay, and for simulated relays.

use std::sync::Arc;

use bytes::Bytes;

use crate::field::Field;
use crate::kind::Kind;
use crate::layout::Slot;
use crate::malformed::Malformed;
use crate::picture::Picture;
use crate::profile::Profile;
use crate::record::Record;
use crate::write::{self, Fit};

/// Why a request could not be composed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The layout has no such kind.
    #[error("the layout {layout} has no telegram of the kind {kind}")]
    NoSuchKind {
        /// Name of the profile.
        layout: String,
        /// The kind.
        kind: Kind,
    },
    /// The kind has no such field.
    #[error("{kind} has no field {field}")]
    NoSuchField {
        /// The kind.
        kind: Kind,
        /// The field.
        field: Field,
    },
    /// A value that its field cannot hold: too long, no digits, not printable.
    #[error("the value of {field} does not fit its {room} bytes")]
    DoesNotFit {
        /// The field.
        field: Field,
        /// Its length in bytes.
        room: usize,
    },
    /// The telegram would be refused at the other end.
    #[error("incomplete: {0}")]
    Incomplete(#[from] Malformed),
}

/// A request in the making. The kind's own values, zeros and spaces are there from the start.
#[derive(Debug)]
pub struct Composer {
    profile: Arc<Profile>,
    index: Option<usize>,
    bytes: Vec<u8>,
    cut: bool,
    error: Option<ComposeError>,
}

impl Composer {
    pub(crate) fn new(profile: Arc<Profile>, kind: Kind) -> Self {
        let index = profile
            .layouts
            .iter()
            .position(|layout| layout.kind == kind);
        let bytes = index.map_or_else(Vec::new, |index| profile.layouts[index].blank.to_vec());
        let error = match index {
            Some(_) => None,
            None => Some(ComposeError::NoSuchKind {
                layout: profile.name().to_owned(),
                kind,
            }),
        };
        Self {
            profile,
            index,
            bytes,
            cut: false,
            error,
        }
    }

    /// Writes text. Korean text that is too long is cut and reported by [`Composer::cut`]; other
    /// text that does not fit is an error.
    #[must_use]
    pub fn text(self, field: Field, text: &str) -> Self {
        self.put(field, |profile, slot, place| {
            let mut fresh = place.to_vec();
            let fit = write::text(profile.charset, slot, text, &mut fresh);
            if fit == Fit::Whole || slot.picture == Picture::Hangul {
                place.copy_from_slice(&fresh);
                return Some(fit);
            }
            None
        })
    }

    /// Writes a number.
    #[must_use]
    pub fn number(self, field: Field, number: u64) -> Self {
        self.put(field, |_, slot, place| {
            Some(write::number(slot, number, place)).filter(|fit| *fit == Fit::Whole)
        })
    }

    /// Writes bytes as they are, left-justified and space-filled, whatever the field's type: for
    /// simulated relays that have to be wrong.
    #[must_use]
    pub fn raw(self, field: Field, bytes: &[u8]) -> Self {
        self.put(field, |_, _, place| {
            let (head, tail) = place.split_at_mut_checked(bytes.len())?;
            head.copy_from_slice(bytes);
            tail.fill(b' ');
            Some(Fit::Whole)
        })
    }

    fn put(
        mut self,
        field: Field,
        write: impl FnOnce(&Profile, Slot, &mut [u8]) -> Option<Fit>,
    ) -> Self {
        let Some(layout) = self.index.map(|index| &self.profile.layouts[index]) else {
            return self;
        };
        let error = match layout.slot(field) {
            None => Some(ComposeError::NoSuchField {
                kind: layout.kind,
                field,
            }),
            Some(slot) => match write(&self.profile, slot, &mut self.bytes[slot.range()]) {
                Some(fit) => {
                    self.cut |= fit == Fit::Cut;
                    None
                }
                None => Some(ComposeError::DoesNotFit {
                    field,
                    room: usize::from(slot.len),
                }),
            },
        };
        // The first mistake is the one worth telling.
        self.error = self.error.or(error);
        self
    }

    /// True when Korean text was cut.
    pub fn cut(&self) -> bool {
        self.cut
    }

    /// The request, if every required field is there and right.
    pub fn finish(self) -> Result<Bytes, ComposeError> {
        let profile = Arc::clone(&self.profile);
        let index = self.index;
        let bytes = self.as_it_is()?;
        if let Some(index) = index {
            Record::new(profile, index, false, bytes.clone()).check_all()?;
        }
        Ok(bytes)
    }

    /// The request with whatever gaps it has, for simulated relays that have to be wrong. Only
    /// values that could not be written are still errors.
    pub fn as_it_is(self) -> Result<Bytes, ComposeError> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(Bytes::from(self.bytes)),
        }
    }
}
