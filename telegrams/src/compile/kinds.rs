//! Kinds: which body, which values tell them apart, which fields they cannot do without.

use std::cmp::Reverse;

use toml::Spanned;

use super::blocks::Blocks;
use super::{hint, known_field};
use crate::field::Field;
use crate::kind::Kind;
use crate::layout::{Asker, FieldSet, Layout, Need, Row, Slot};
use crate::layout_error::Complaints;
use crate::profile::StandIn;
use crate::sheet::{KindSheet, Sheet};
use crate::telegram;
use crate::write::{self, Fit};

pub(super) fn read(
    sheet: &Sheet,
    blocks: &Blocks,
    stand_ins: &[StandIn],
    complaints: &mut Complaints<'_>,
) -> Vec<Layout> {
    let mut layouts: Vec<Layout> = Vec::new();
    for kind in &sheet.kinds {
        let step = *sheet.reply.step.get_ref();
        let Some(layout) = compile_kind(kind, blocks, stand_ins, step, complaints) else {
            continue;
        };
        check_needs(kind, &layout, stand_ins, complaints);
        if layouts.iter().any(|other| other.kind == layout.kind) {
            complaints.about(kind.name.get_ref(), kind.name.span(), "stands twice");
        }
        check_ambiguity(kind, &layout, &layouts, complaints);
        check_original(sheet, &layout, complaints);
        layouts.push(layout);
    }
    if *sheet.reply.step.get_ref() == 0 {
        complaints.about("step", sheet.reply.step.span(), "must be more than zero");
    }
    layouts
}

fn compile_kind(
    sheet: &KindSheet,
    blocks: &Blocks,
    stand_ins: &[StandIn],
    step: u16,
    complaints: &mut Complaints<'_>,
) -> Option<Layout> {
    let kind = known_kind(&sheet.name, complaints);
    let asked_by = known_asker(&sheet.asked_by, complaints);
    let Some((body, body_size)) = blocks.bodies.get(sheet.body.get_ref()) else {
        let hint = hint(
            sheet.body.get_ref(),
            blocks.bodies.keys().map(String::as_str),
        );
        complaints.about(
            sheet.body.get_ref(),
            sheet.body.span(),
            format!("is no body{hint}"),
        );
        return None;
    };
    let rows: Vec<Row> = blocks.header.iter().chain(body).cloned().collect();
    let mut slots = [Slot::ABSENT; Field::COUNT];
    for row in &rows {
        if let Some(field) = row.field {
            slots[field as usize] = row.slot;
        }
    }
    for (slot, stand_in) in slots.iter_mut().zip(stand_ins) {
        slot.stands = !matches!(stand_in, StandIn::Nothing);
    }
    let size = blocks.header_size.saturating_add(*body_size);
    if size > blocks.longest {
        // Nothing is made of such a size before the complaint, or it would be the last.
        let what = format!(
            "allows {} bytes, and a telegram of the kind `{}` has {size}",
            blocks.longest,
            sheet.name.get_ref()
        );
        complaints.about("frame_max", blocks.frame.clone(), what);
        return None;
    }
    let when = selectors(sheet, &slots, blocks, complaints);
    let types = message_types(sheet, step, complaints);
    let mut layout = Layout {
        kind: kind?,
        korean: sheet.korean.as_str().into(),
        asked_by: asked_by?,
        note: sheet.note.as_deref().map(Into::into),
        body: sheet.body.get_ref().as_str().into(),
        size,
        rows,
        slots,
        when,
        request_type: types?.0,
        reply_type: types?.1,
        lenient: sheet.indispensable.is_some(),
        indispensable: fields_of(sheet.indispensable.as_deref(), &slots, complaints),
        may_be_zero: fields_of(Some(&sheet.may_be_zero), &slots, complaints),
        blank: Box::default(),
    };
    layout.blank = blank(&layout, blocks);
    Some(layout)
}

fn known_kind(word: &Spanned<String>, complaints: &mut Complaints<'_>) -> Option<Kind> {
    let kind = Kind::from_name(word.get_ref());
    if kind.is_none() {
        let hint = hint(word.get_ref(), Kind::ALL.iter().map(|kind| kind.name()));
        let what = format!("is no kind that the house knows{hint}");
        complaints.about(word.get_ref(), word.span(), what);
    }
    kind
}

fn known_asker(word: &Spanned<String>, complaints: &mut Complaints<'_>) -> Option<Asker> {
    let asker = Asker::from_name(word.get_ref());
    if asker.is_none() {
        let what = format!(
            "is `{}`, known are relay, gateway and either",
            word.get_ref()
        );
        complaints.about("asked_by", word.span(), what);
    }
    asker
}

/// The set of the fields named, all of which the kind must have.
fn fields_of(
    words: Option<&[Spanned<String>]>,
    slots: &[Slot; Field::COUNT],
    complaints: &mut Complaints<'_>,
) -> FieldSet {
    let mut set = FieldSet::default();
    for word in words.unwrap_or_default() {
        let Some(field) = known_field(word, complaints) else {
            continue;
        };
        if slots[field as usize].len == 0 {
            complaints.about(word.get_ref(), word.span(), "is no field of this kind");
        }
        set.add(field);
    }
    set
}

/// The bytes that tell a request of this kind.
fn selectors(
    sheet: &KindSheet,
    slots: &[Slot; Field::COUNT],
    blocks: &Blocks,
    complaints: &mut Complaints<'_>,
) -> Vec<(Field, Box<[u8]>)> {
    let mut when = Vec::new();
    for (word, value) in &sheet.when {
        let Some(field) = known_field(word, complaints) else {
            continue;
        };
        let slot = slots[field as usize];
        let mut bytes = vec![b' '; usize::from(slot.len)];
        if slot.len == 0 {
            complaints.about(word.get_ref(), word.span(), "is no field of this kind");
        } else if write::text(blocks.charset, slot, value.get_ref(), &mut bytes) != Fit::Whole {
            let what = format!("cannot hold `{}`", value.get_ref());
            complaints.about(word.get_ref(), value.span(), what);
        }
        when.push((field, bytes.into_boxed_slice()));
    }
    // The message type decides first, because every peer has one; then the longest value, because
    // it tells most.
    when.sort_by_key(|(field, bytes)| (*field != Field::MessageType, Reverse(bytes.len())));
    when
}

/// The message types of a request and of its reply, which is the request's plus the step.
fn message_types(
    sheet: &KindSheet,
    step: u16,
    complaints: &mut Complaints<'_>,
) -> Option<([u8; 4], [u8; 4])> {
    let value = sheet
        .when
        .iter()
        .find(|(word, _)| word.get_ref() == Field::MessageType.name());
    let Some((_, value)) = value else {
        let what = "does not say its message_type in `when`";
        complaints.about(sheet.name.get_ref(), sheet.name.span(), what);
        return None;
    };
    let request: Option<[u8; 4]> = value.get_ref().as_bytes().try_into().ok();
    let types = request.and_then(|request| Some((request, write::stepped(request, step)?)));
    if types.is_none() {
        let what = "must be four digits that leave room for the reply step";
        complaints.about("message_type", value.span(), what);
    }
    types
}

/// The fields the house needs must stand in the layout or have a stand-in.
fn check_needs(
    sheet: &KindSheet,
    layout: &Layout,
    stand_ins: &[StandIn],
    complaints: &mut Complaints<'_>,
) {
    for field in telegram::needed(layout.kind) {
        let there = layout.slot(*field).is_some();
        if !there && matches!(stand_ins[*field as usize], StandIn::Nothing) {
            let what = format!("lacks the field `{field}`, and nothing stands in for it");
            complaints.about(sheet.name.get_ref(), sheet.name.span(), what);
        }
    }
}

/// The key of the original must stand in a correction, which is worth nothing without it.
fn check_original(sheet: &Sheet, layout: &Layout, complaints: &mut Complaints<'_>) {
    if layout.kind != Kind::Correction {
        return;
    }
    for word in [&sheet.original.date, &sheet.original.trace_no] {
        let Some(field) = Field::from_name(word.get_ref()) else {
            continue;
        };
        let required = layout
            .slot(field)
            .is_some_and(|slot| slot.need == Need::Request);
        let sure = if layout.lenient {
            layout.indispensable.has(field)
        } else {
            required
        };
        if !sure {
            let what = format!(
                "names the original and is not indispensable in {}",
                layout.kind
            );
            complaints.about(word.get_ref(), word.span(), what);
        }
    }
}

/// Two kinds are told apart when some field must hold different values in them.
fn check_ambiguity(
    sheet: &KindSheet,
    layout: &Layout,
    others: &[Layout],
    complaints: &mut Complaints<'_>,
) {
    let mine = [signs(layout, false), signs(layout, true)];
    for other in others {
        let theirs = [signs(other, false), signs(other, true)];
        let same = mine
            .iter()
            .any(|one| theirs.iter().any(|two| overlap(one, two)));
        if same {
            let what = format!("cannot be told from `{}` by its `when`", other.kind);
            complaints.about(sheet.name.get_ref(), sheet.name.span(), what);
        }
    }
}

type Signs<'a> = Vec<(Field, &'a [u8])>;

/// What a request, or a reply, of this kind must hold.
fn signs(layout: &Layout, reply: bool) -> Signs<'_> {
    let sign = |(field, bytes): &'_ (Field, Box<[u8]>)| (*field, bytes.len());
    layout
        .when
        .iter()
        .map(|one| match sign(one) {
            (Field::MessageType, _) if reply => (Field::MessageType, &layout.reply_type[..]),
            (field, _) => (field, &one.1[..]),
        })
        .collect()
}

fn overlap(one: &Signs<'_>, two: &Signs<'_>) -> bool {
    !one.iter().any(|(field, bytes)| {
        two.iter()
            .any(|(other, theirs)| other == field && theirs != bytes)
    })
}

/// A request in which nothing is written but what tells its kind.
fn blank(layout: &Layout, blocks: &Blocks) -> Box<[u8]> {
    let mut bytes = vec![b' '; layout.size];
    for row in &layout.rows {
        let Some(field) = bytes.get_mut(row.slot.range()) else {
            continue;
        };
        if row.slot.need != Need::Filler {
            field.fill(row.slot.picture.fill());
        }
        if let Some(fresh) = &row.fresh {
            write::text(blocks.charset, row.slot, fresh, field);
        }
    }
    for (field, value) in &layout.when {
        let range = layout.slots[*field as usize].range();
        if let Some(place) = bytes
            .get_mut(range)
            .filter(|place| place.len() == value.len())
        {
            place.copy_from_slice(value);
        }
    }
    bytes.into_boxed_slice()
}
