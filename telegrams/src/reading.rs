//! What a frame is: a poll, a request, a reply, or something that can only be answered by its
//! header. Looks at the fields that tell kinds apart and at no others.

use std::sync::Arc;

use bytes::Bytes;

use crate::answer::Answer;
use crate::layout::{Layout, Slot};
use crate::malformed::{Malformed, Why};
use crate::picture;
use crate::profile::{Profile, Reading};
use crate::record::Record;
use crate::write;

/// How far a frame agrees with what tells a kind.
enum Likeness {
    /// In every sign.
    Whole,
    /// In every sign that the frame is long enough to hold.
    AsFarAsItGoes,
    /// Not in the sign of this number.
    Not(usize),
}

pub(crate) fn read(profile: &Arc<Profile>, frame: Bytes) -> Reading {
    if let Some(reading) = poll(profile, &frame) {
        return reading;
    }
    let Some(message_type) = message_type(profile, &frame) else {
        return Reading::Unanswerable(type_or_length(profile, &frame));
    };
    let mut cut = None;
    for (index, types) in profile.types.iter().enumerate() {
        if !types.contains(&message_type) {
            continue;
        }
        let reply = types[1] == message_type;
        let layout = &profile.layouts[index];
        match likeness(layout, &frame) {
            Likeness::Whole if frame.len() == layout.size => {
                let record = Record::new(Arc::clone(profile), index, reply, frame);
                return if reply {
                    Reading::Reply(record)
                } else {
                    Reading::Request(record)
                };
            }
            Likeness::Whole | Likeness::AsFarAsItGoes => {
                cut.get_or_insert((layout, reply));
            }
            Likeness::Not(_) => {}
        }
    }
    match cut {
        Some((layout, reply)) => wrong_length(profile, layout, reply, &frame),
        None => unknown(profile, message_type, &frame),
    }
}

fn likeness(layout: &Layout, frame: &[u8]) -> Likeness {
    let mut whole = true;
    for (index, (field, bytes)) in layout.when.iter().enumerate().skip(1) {
        match frame.get(layout.slots[*field as usize].range()) {
            Some(there) if *there == **bytes => {}
            Some(_) => return Likeness::Not(index),
            None => whole = false,
        }
    }
    if whole {
        Likeness::Whole
    } else {
        Likeness::AsFarAsItGoes
    }
}

/// A poll, or the answer to one, which we never ask for.
fn poll(profile: &Profile, frame: &[u8]) -> Option<Reading> {
    let poll = profile.poll.as_ref()?;
    let timed = |word: &[u8]| {
        let time = frame.strip_prefix(word)?;
        let whole = time.len() == poll.time_digits && time.iter().all(u8::is_ascii_digit);
        whole.then_some(time)
    };
    if let Some(time) = timed(&poll.asks) {
        return Some(Reading::Poll {
            answer: [&poll.answers, time].concat().into(),
        });
    }
    timed(&poll.answers).map(|_| {
        let why = Why::StrayReply;
        Reading::Stray(Malformed {
            kind: None,
            field: None,
            at: 0,
            why,
        })
    })
}

/// The four digits of the message type, if there is a whole header and they are digits.
fn message_type(profile: &Profile, frame: &[u8]) -> Option<[u8; 4]> {
    let header = frame.get(..profile.header_size)?;
    let digits: [u8; 4] = header.get(profile.message_type.range())?.try_into().ok()?;
    digits.iter().all(u8::is_ascii_digit).then_some(digits)
}

/// Why a frame has no message type.
fn type_or_length(profile: &Profile, frame: &[u8]) -> Malformed {
    if frame.len() < profile.header_size {
        let why = Why::TooShort {
            have: frame.len(),
            need: profile.header_size,
        };
        return Malformed {
            kind: None,
            field: None,
            at: frame.len(),
            why,
        };
    }
    type_complaint(profile, Why::TypeNotDigits)
}

/// A complaint about the message type, which stands at the same place in every kind.
fn type_complaint(profile: &Profile, why: Why) -> Malformed {
    let named = profile.layouts.first();
    let at = usize::from(profile.message_type.at);
    named.map_or(
        Malformed {
            kind: None,
            field: None,
            at,
            why,
        },
        |layout| kindless(layout.malformed(profile.message_type, 0, why)),
    )
}

/// A complaint about bytes that are of no kind, though one was nearest.
fn kindless(complaint: Malformed) -> Malformed {
    Malformed {
        kind: None,
        ..complaint
    }
}

fn wrong_length(profile: &Profile, layout: &Layout, reply: bool, frame: &[u8]) -> Reading {
    let why = Malformed {
        kind: Some(layout.kind),
        field: None,
        at: frame.len().min(layout.size),
        why: Why::WrongLength {
            have: frame.len(),
            need: layout.size,
        },
    };
    if reply {
        return Reading::Stray(Malformed {
            why: Why::StrayReply,
            ..why
        });
    }
    if let Some(flaw) = header_flaw(profile, layout, frame) {
        return Reading::Unanswerable(flaw);
    }
    let mut answer = frame.to_vec();
    answer.resize(layout.size, b' ');
    patch(&mut answer, profile.message_type, &layout.reply_type);
    patch_code(profile, &mut answer, Answer::Malformed);
    Reading::WrongLength {
        kind: layout.kind,
        answer: answer.into(),
        why,
    }
}

/// What keeps the header from being read, where the length already is wrong: then the bytes are
/// more likely out of step than a telegram.
fn header_flaw(profile: &Profile, layout: &Layout, frame: &[u8]) -> Option<Malformed> {
    let rows = layout
        .rows
        .iter()
        .filter(|row| row.slot.range().end <= profile.header_size);
    rows.filter(|row| row.field.is_some()).find_map(|row| {
        let field = frame.get(row.slot.range())?;
        let (at, why) = picture::check(row.slot.picture, field).err()?;
        Some(layout.malformed(row.slot, at, why))
    })
}

fn unknown(profile: &Profile, message_type: [u8; 4], frame: &[u8]) -> Reading {
    let odd = |why| oddity(profile, message_type, frame, why);
    if is_answer(profile, message_type, frame) {
        return Reading::Stray(odd(Why::StrayReply));
    }
    let why = odd(Why::UnknownKind);
    let Some(reply_type) = write::stepped(message_type, profile.step) else {
        return Reading::Unanswerable(why);
    };
    let mut answer = frame.to_vec();
    let sizes = || profile.layouts.iter().map(|layout| layout.size);
    if !sizes().any(|size| size == answer.len()) {
        answer.resize(sizes().max().unwrap_or(answer.len()), b' ');
    }
    patch(&mut answer, profile.message_type, &reply_type);
    patch_code(profile, &mut answer, Answer::UnknownKind);
    Reading::Unknown {
        answer: answer.into(),
        why,
    }
}

/// What tells a frame from the kind that is nearest to it: of the kinds with its message type the
/// one that agrees longest.
fn oddity(profile: &Profile, message_type: [u8; 4], frame: &[u8], why: Why) -> Malformed {
    let near = profile
        .layouts
        .iter()
        .filter(|layout| [layout.request_type, layout.reply_type].contains(&message_type));
    let odd = near.filter_map(|layout| match likeness(layout, frame) {
        Likeness::Not(sign) => Some((sign, layout)),
        Likeness::Whole | Likeness::AsFarAsItGoes => None,
    });
    let odd = odd.max_by_key(|(sign, _)| *sign);
    let slot = odd.and_then(|(sign, layout)| Some((layout, layout.slot(layout.when[sign].0)?)));
    match slot {
        Some((layout, slot)) => kindless(layout.malformed(slot, 0, why)),
        None => type_complaint(profile, why),
    }
}

/// True when an unknown telegram is itself an answer: it bears the type of a reply, or a code
/// that only answers bear.
fn is_answer(profile: &Profile, message_type: [u8; 4], frame: &[u8]) -> bool {
    let replies = profile
        .layouts
        .iter()
        .any(|layout| layout.reply_type == message_type);
    let code = frame
        .get(profile.answer_code.range())
        .and_then(|code| picture::text(code).ok());
    replies
        || code
            .flatten()
            .is_some_and(|code| profile.answer_of(code).is_some())
}

fn patch(answer: &mut [u8], slot: Slot, bytes: &[u8]) {
    if let Some(field) = answer
        .get_mut(slot.range())
        .filter(|field| field.len() == bytes.len())
    {
        field.copy_from_slice(bytes);
    }
}

fn patch_code(profile: &Profile, answer: &mut [u8], code: Answer) {
    if let Some(field) = answer.get_mut(profile.answer_code.range()) {
        write::text(
            profile.charset,
            profile.answer_code,
            profile.code(code, None),
            field,
        );
    }
}
