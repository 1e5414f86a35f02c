//! A kind's layout, compiled: every field's place in an array, so that reading a field is a
//! look-up by index. Holds no bytes of any telegram.

use std::sync::Arc;

use crate::field::Field;
use crate::kind::Kind;
use crate::malformed::{FieldName, Malformed, Why};
use crate::picture::Picture;

/// Who asks with a kind of telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// The relay asks, we answer.
    Relay,
    /// We ask, the relay answers.
    Gateway,
    /// Both sides may ask.
    Either,
}

impl Asker {
    /// The word that stands in a layout file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Gateway => "gateway",
            Self::Either => "either",
        }
    }

    /// The asker with this word.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Relay, Self::Gateway, Self::Either]
            .into_iter()
            .find(|one| one.name() == name)
    }
}

/// Whether a field must be filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// In every request (M).
    Request,
    /// In a reply that accepts (R).
    Reply,
    /// Under a condition (C).
    Conditional,
    /// As one likes (O).
    Optional,
    /// Never: filler (-).
    Filler,
}

impl Need {
    const LETTERS: [(Self, &'static str); 5] = [
        (Self::Request, "M"),
        (Self::Reply, "R"),
        (Self::Conditional, "C"),
        (Self::Optional, "O"),
        (Self::Filler, "-"),
    ];

    pub(crate) fn letter(self) -> &'static str {
        Self::LETTERS
            .iter()
            .find(|(need, _)| *need == self)
            .map_or("-", |(_, letter)| letter)
    }

    pub(crate) fn from_letter(letter: &str) -> Option<Self> {
        Self::LETTERS
            .iter()
            .find(|(_, one)| *one == letter)
            .map(|(need, _)| *need)
    }
}

/// What kind of personal data a field holds, and so how it is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// An account number.
    Account,
    /// A name, or text in which names stand.
    Name,
    /// A birth date or another number of a person; hidden whole.
    Number,
}

/// Where a field stands and how it is written. Length 0: the layout has no such field. Eight
/// bytes, so that it travels in a register.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) at: u16,
    pub(crate) len: u16,
    pub(crate) picture: Picture,
    pub(crate) need: Need,
    pub(crate) positive: bool,
    /// Something stands in for it when it is blank.
    pub(crate) stands: bool,
}

impl Slot {
    pub(crate) const ABSENT: Self = Self {
        at: 0,
        len: 0,
        picture: Picture::Text,
        need: Need::Filler,
        positive: false,
        stands: false,
    };

    pub(crate) fn len(self) -> usize {
        usize::from(self.len)
    }

    pub(crate) fn end(self) -> usize {
        usize::from(self.at) + usize::from(self.len)
    }

    pub(crate) fn range(self) -> std::ops::Range<usize> {
        usize::from(self.at)..usize::from(self.at) + usize::from(self.len)
    }
}

/// A row of the layout as people know it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// `None` for filler.
    pub(crate) field: Option<Field>,
    pub(crate) slot: Slot,
    pub(crate) name: Arc<FieldName>,
    pub(crate) note: Option<Arc<str>>,
    pub(crate) personal: Option<Personal>,
    pub(crate) fresh: Option<Arc<str>>,
}

/// A set of fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSet(u128);

// A set is one word; should there ever be more fields than bits, this line stops compiling.
const _: () = assert!(Field::COUNT <= 128);

impl FieldSet {
    pub(crate) fn add(&mut self, field: Field) {
        self.0 |= 1 << (field as u32);
    }

    pub(crate) fn has(self, field: Field) -> bool {
        self.0 & (1 << (field as u32)) != 0
    }
}

/// How the requests and the replies of one kind are laid out.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) kind: Kind,
    pub(crate) korean: Arc<str>,
    pub(crate) asked_by: Asker,
    pub(crate) note: Option<Arc<str>>,
    pub(crate) body: Arc<str>,
    /// Bytes of the whole telegram.
    pub(crate) size: usize,
    /// Header and body, in order, fillers included.
    pub(crate) rows: Vec<Row>,
    pub(crate) slots: [Slot; Field::COUNT],
    /// The fields that tell the kind, with their bytes as they stand in a request.
    pub(crate) when: Vec<(Field, Box<[u8]>)>,
    pub(crate) request_type: [u8; 4],
    pub(crate) reply_type: [u8; 4],
    /// Lenient kinds refuse only for their indispensable fields.
    pub(crate) lenient: bool,
    pub(crate) indispensable: FieldSet,
    pub(crate) may_be_zero: FieldSet,
    /// A request in which nothing is written but what tells its kind.
    pub(crate) blank: Box<[u8]>,
}

impl Layout {
    /// The place of a field, if the layout has it.
    pub(crate) fn slot(&self, field: Field) -> Option<Slot> {
        let slot = self.slots[field as usize];
        (slot.len > 0).then_some(slot)
    }

    /// A complaint about one field.
    #[cold]
    pub(crate) fn malformed(&self, slot: Slot, within: usize, why: Why) -> Malformed {
        let row = self
            .rows
            .iter()
            .find(|row| row.slot.range() == slot.range());
        Malformed {
            kind: Some(self.kind),
            field: row.map(|row| Arc::clone(&row.name)),
            at: usize::from(slot.at) + within,
            why,
        }
    }
}
