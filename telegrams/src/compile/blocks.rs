//! Headers and bodies: rows in order, without gaps, each name once. Knows no kinds.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use super::{hint, known_field};
use crate::charset::{self, Charset};
use crate::field::Field;
use crate::layout::{Need, Personal, Row, Slot};
use crate::layout_error::Complaints;
use crate::malformed::FieldName;
use crate::picture::{self, Picture};
use crate::sheet::{BlockSheet, RowSheet, Sheet};

/// The name of rows that carry nothing.
const FILLER: &str = "filler";

/// The compiled rows of the header and of each body.
pub(super) struct Blocks {
    pub(super) header: Vec<Row>,
    pub(super) header_size: usize,
    pub(super) bodies: BTreeMap<String, (Vec<Row>, usize)>,
    pub(super) message_type: Option<Slot>,
    pub(super) answer_code: Option<Slot>,
    pub(super) charset: Charset,
    /// Bytes of the longest telegram that a frame can hold.
    pub(super) longest: usize,
    /// Where the file says so.
    pub(super) frame: Range<usize>,
}

impl Blocks {
    /// Each body's name with its Korean one.
    pub(super) fn body_names(&self, sheet: &Sheet) -> Vec<(Arc<str>, Arc<str>)> {
        let name = |body: &(&Spanned<String>, &BlockSheet)| {
            (
                body.0.get_ref().as_str().into(),
                body.1.korean.as_str().into(),
            )
        };
        sheet
            .bodies
            .iter()
            .filter(|body| self.bodies.contains_key(body.0.get_ref()))
            .map(|body| name(&body))
            .collect()
    }

    /// The place of a field in the header.
    pub(super) fn in_header(&self, field: Field) -> Option<Slot> {
        self.header
            .iter()
            .find(|row| row.field == Some(field))
            .map(|row| row.slot)
    }
}

pub(super) fn read(sheet: &Sheet, charset: Charset, complaints: &mut Complaints<'_>) -> Blocks {
    // A place in a telegram is kept in sixteen bits, so none can be longer than they say.
    let longest = sheet.frame.get_ref().frame_max.min(u16::MAX.into());
    let header = block(&sheet.header, 0, &[], charset, complaints);
    let header_size = *sheet.header.size.get_ref();
    for block in sheet.bodies.values().chain([&sheet.header]) {
        check_length(block, longest, complaints);
    }
    let mut bodies = BTreeMap::new();
    for (name, body) in &sheet.bodies {
        let rows = block(body, header_size, &header, charset, complaints);
        bodies.insert(name.get_ref().clone(), (rows, *body.size.get_ref()));
    }
    let mut blocks = Blocks {
        header,
        header_size,
        bodies,
        message_type: None,
        answer_code: None,
        charset,
        longest,
        frame: sheet.frame.span(),
    };
    blocks.message_type =
        key_slot(sheet, &blocks, Field::MessageType, complaints).filter(|slot| slot.len == 4);
    blocks.answer_code = key_slot(sheet, &blocks, Field::AnswerCode, complaints);
    if blocks
        .in_header(Field::MessageType)
        .is_some_and(|slot| slot.len != 4)
    {
        complaints.about(
            "message_type",
            sheet.header.size.span(),
            "must have four digits",
        );
    }
    blocks
}

/// Neither a block nor any of its fields may be longer than a frame can be.
fn check_length(block: &BlockSheet, longest: usize, complaints: &mut Complaints<'_>) {
    let size = *block.size.get_ref();
    if size > longest {
        let what = format!("is {size}, and a frame holds at most {longest} bytes");
        complaints.about("size", block.size.span(), what);
    }
    for row in &block.fields {
        let RowSheet(at, len, _, _, name, ..) = row.get_ref();
        let end = at.saturating_add(*len);
        if end > longest {
            let what = format!("ends at byte {end}, and a frame holds at most {longest}");
            complaints.about(name.get_ref(), row.span(), what);
        }
    }
}

/// A field that every header must have.
fn key_slot(
    sheet: &Sheet,
    blocks: &Blocks,
    field: Field,
    complaints: &mut Complaints<'_>,
) -> Option<Slot> {
    let slot = blocks.in_header(field);
    if slot.is_none() {
        complaints.about(
            field.name(),
            sheet.header.size.span(),
            "is missing in the header",
        );
    }
    slot
}

/// The rows of one block that begins at byte `start`.
fn block(
    sheet: &BlockSheet,
    start: usize,
    before: &[Row],
    charset: Charset,
    complaints: &mut Complaints<'_>,
) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut next = start;
    for row in &sheet.fields {
        let RowSheet(at, len, _, _, name, ..) = row.get_ref();
        if *at != next {
            let what = format!("begins at byte {at}, the row before it ends at {next}");
            complaints.about(name.get_ref(), row.span(), what);
        }
        next = at.saturating_add(*len);
        let Some(compiled) = compile_row(row, charset, complaints) else {
            continue;
        };
        let twice = compiled.field.is_some()
            && before
                .iter()
                .chain(&rows)
                .any(|other| other.field == compiled.field);
        if twice {
            complaints.about(name.get_ref(), name.span(), "stands twice");
        }
        rows.push(compiled);
    }
    let size = *sheet.size.get_ref();
    if next - start.min(next) != size {
        let what = format!("is {size}, the rows sum up to {}", next - start.min(next));
        complaints.about("size", sheet.size.span(), what);
    }
    rows
}

fn compile_row(
    row: &Spanned<RowSheet>,
    charset: Charset,
    complaints: &mut Complaints<'_>,
) -> Option<Row> {
    let RowSheet(at, len, letter, need, name, relay, korean, more) = row.get_ref();
    let picture = Picture::from_letter(letter.get_ref());
    if picture.is_none() {
        let what = format!(
            "has the type `{}`, known are N, AN, H, D and T",
            letter.get_ref()
        );
        complaints.about(name.get_ref(), letter.span(), what);
    }
    let written_need = Need::from_letter(need.get_ref());
    if written_need.is_none() {
        let what = format!(
            "has the need `{}`, known are M, R, C, O and -",
            need.get_ref()
        );
        complaints.about(name.get_ref(), need.span(), what);
    }
    let filler = name.get_ref() == FILLER;
    let field = if filler {
        None
    } else {
        Some(known_field(name, complaints)?)
    };
    let slot = Slot {
        at: at_most_u16(*at, name, complaints)?,
        len: at_most_u16(*len, name, complaints)?,
        picture: picture?,
        need: written_need?,
        positive: more.positive,
        stands: false,
    };
    check_row(row, slot, filler, complaints);
    check_fresh(row, slot, charset, complaints);
    Some(Row {
        field,
        slot,
        name: Arc::new(FieldName {
            english: field.map_or(FILLER, Field::name),
            relay: relay.as_str().into(),
            korean: korean.as_str().into(),
        }),
        note: more.note.as_deref().map(Arc::from),
        personal: personal(row, complaints),
        fresh: more.fresh.as_deref().map(Arc::from),
    })
}

/// A place or a length as it is kept, or a complaint that no telegram is so long.
fn at_most_u16(
    number: usize,
    name: &Spanned<String>,
    complaints: &mut Complaints<'_>,
) -> Option<u16> {
    let kept = u16::try_from(number).ok();
    if kept.is_none() {
        complaints.about(
            name.get_ref(),
            name.span(),
            format!("lies beyond {}", u16::MAX),
        );
    }
    kept
}

fn check_row(row: &Spanned<RowSheet>, slot: Slot, filler: bool, complaints: &mut Complaints<'_>) {
    let RowSheet(_, len, _, _, name, _, _, more) = row.get_ref();
    let wrong = match (slot.picture, *len) {
        (_, 0) => Some("has no length"),
        (Picture::Number, 19..) => Some("is a number of more than 18 digits"),
        (Picture::Date, length) if length != 8 => Some("is a date, which has 8 digits"),
        (Picture::Time, length) if length != 6 => Some("is a time, which has 6 digits"),
        _ if more.positive && slot.picture != Picture::Number => {
            Some("must be more than zero and is no number")
        }
        _ if filler != (slot.need == Need::Filler) => {
            Some("must have the need `-` when it is filler, and only then")
        }
        _ => None,
    };
    if let Some(what) = wrong {
        complaints.about(name.get_ref(), row.span(), what);
    }
}

fn check_fresh(
    row: &Spanned<RowSheet>,
    slot: Slot,
    charset: Charset,
    complaints: &mut Complaints<'_>,
) {
    let RowSheet(_, len, _, _, name, _, _, more) = row.get_ref();
    let Some(fresh) = &more.fresh else { return };
    let fits = charset::encoded_len(charset, fresh) <= *len;
    let right = !slot.picture.is_digits() || picture::digits(fresh.as_bytes()).is_ok();
    if !fits || !right {
        let what = format!("is begun with `{fresh}`, which it cannot hold");
        complaints.about(name.get_ref(), row.span(), what);
    }
}

fn personal(row: &Spanned<RowSheet>, complaints: &mut Complaints<'_>) -> Option<Personal> {
    let RowSheet(.., more) = row.get_ref();
    let word = more.personal.as_ref()?;
    match word.get_ref().as_str() {
        "account" => Some(Personal::Account),
        "name" => Some(Personal::Name),
        "number" => Some(Personal::Number),
        other => {
            let hint = hint(other, ["account", "name", "number"].into_iter());
            let what = format!("is marked as personal data of an unknown kind, `{other}`{hint}");
            complaints.about(row.get_ref().4.get_ref(), word.span(), what);
            None
        }
    }
}
