//! From a written sheet to a compiled profile, with every check that can be made before the
//! first telegram comes. Complaints are gathered, not thrown at the first. Reads no telegrams.

mod answers;
mod blocks;
mod kinds;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use crate::charset::Charset;
use crate::field::Field;
use crate::frame::FrameCodec;
use crate::layout_error::{Complaints, LayoutErrors};
use crate::picture::{self, Picture};
use crate::profile::{Codes, Poll, Profile, StandIn};
use crate::sheet::{FrameSheet, RowSheet, Sheet, StandInSheet};
use crate::telegram;
use crate::vocabulary::nearest;

/// Compiles the text of a layout file. `rules` is the text of the rules file it may name.
pub(crate) fn compile(
    name: &str,
    file: &str,
    text: &str,
    rules: impl FnOnce(&str) -> Option<String>,
) -> Result<Profile, LayoutErrors> {
    let mut complaints = Complaints::new(file, text);
    let sheet: Sheet = match toml::from_str(text) {
        Ok(sheet) => sheet,
        Err(error) => {
            complaints.note(None, error.span().unwrap_or(0..0), error.message());
            return complaints.verdict(None);
        }
    };
    let profile = assemble(name, &sheet, rules, &mut complaints);
    complaints.verdict(profile)
}

fn assemble(
    name: &str,
    sheet: &Sheet,
    rules: impl FnOnce(&str) -> Option<String>,
    complaints: &mut Complaints<'_>,
) -> Option<Profile> {
    let codec = frame(&sheet.frame, complaints);
    let charset = charset(&sheet.text.charset, complaints);
    let stand_ins = stand_ins(sheet, complaints);
    check_stand_ins(sheet, complaints);
    let original = (
        known_field(&sheet.original.date, complaints),
        known_field(&sheet.original.trace_no, complaints),
    );
    let blocks = blocks::read(sheet, charset.unwrap_or(Charset::Cp949), complaints);
    let layouts = kinds::read(sheet, &blocks, &stand_ins, complaints);
    let answers = answers::read(sheet, &blocks, complaints);
    let rules = match &sheet.rules {
        None => String::new(),
        Some(named) => rules(named.get_ref()).unwrap_or_else(|| {
            complaints.about("rules", named.span(), "names a file that is not there");
            String::new()
        }),
    };
    let lists = codes(sheet, complaints);
    let list_of = |field: &Field| lists.iter().position(|list| list.fields.contains(field));
    Some(Profile {
        codes_by_field: Field::ALL.iter().map(list_of).collect(),
        name: name.into(),
        title: sheet.title.as_str().into(),
        edition: sheet.edition.as_str().into(),
        rules: rules.into(),
        codec,
        poll: sheet.frame.get_ref().poll.as_ref().map(|poll| Poll {
            asks: poll.asks.as_bytes().into(),
            answers: poll.answers.as_bytes().into(),
            time_digits: poll.time_digits,
        }),
        charset: charset?,
        step: *sheet.reply.step.get_ref(),
        header_size: *sheet.header.size.get_ref(),
        header_korean: sheet.header.korean.as_str().into(),
        body_names: blocks.body_names(sheet),
        message_type: blocks.message_type?,
        answer_code: blocks.answer_code?,
        types: layouts
            .iter()
            .map(|one| [one.request_type, one.reply_type])
            .collect(),
        layouts,
        stand_ins,
        original: (original.0?, original.1?),
        codes: lists,
        answers,
    })
}

fn frame(sheet: &Spanned<FrameSheet>, complaints: &mut Complaints<'_>) -> FrameCodec {
    let FrameSheet {
        prefix_digits,
        prefix_counts_itself,
        frame_max,
        poll,
    } = sheet.get_ref();
    let digits = u32::try_from(*prefix_digits).unwrap_or(u32::MAX);
    let own = if *prefix_counts_itself {
        *prefix_digits
    } else {
        0
    };
    if !(1..=9).contains(&digits) {
        complaints.about("prefix_digits", sheet.span(), "must be 1 to 9");
    } else if *frame_max == 0 || frame_max.saturating_add(own) >= 10_usize.pow(digits) {
        complaints.about(
            "frame_max",
            sheet.span(),
            "cannot be said in the prefix's digits",
        );
    }
    if poll
        .as_ref()
        .is_some_and(|poll| poll.asks.is_empty() || poll.asks == poll.answers)
    {
        complaints.about("poll", sheet.span(), "needs two different words");
    }
    let longest_poll = poll.as_ref().map_or(0, |poll| {
        let word = poll.asks.len().max(poll.answers.len());
        word.saturating_add(poll.time_digits)
    });
    if longest_poll > *frame_max {
        let what = format!("is longer than a frame, which has at most {frame_max} bytes");
        complaints.about("poll", sheet.span(), what);
    }
    FrameCodec::new(*prefix_digits, *prefix_counts_itself, *frame_max)
}

fn charset(word: &Spanned<String>, complaints: &mut Complaints<'_>) -> Option<Charset> {
    match word.get_ref().as_str() {
        "cp949" => Some(Charset::Cp949),
        "ks-x-1001" => Some(Charset::KsX1001),
        other => {
            let hint = hint(other, ["cp949", "ks-x-1001"].into_iter());
            complaints.about(
                "charset",
                word.span(),
                format!("is unknown: `{other}`{hint}"),
            );
            None
        }
    }
}

/// The field of this name, or a complaint that names the nearest one.
fn known_field(word: &Spanned<String>, complaints: &mut Complaints<'_>) -> Option<Field> {
    known_field_at(word.get_ref(), word.span(), complaints)
}

fn known_field_at(
    word: &str,
    span: Range<usize>,
    complaints: &mut Complaints<'_>,
) -> Option<Field> {
    let field = Field::from_name(word);
    if field.is_none() {
        let hint = hint(word, Field::ALL.iter().map(|field| field.name()));
        complaints.about(
            word,
            span,
            format!("is no field that the house knows{hint}"),
        );
    }
    field
}

/// The tail of a message about a misspelt word.
fn hint<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(word, known).map_or_else(String::new, |near| format!(", did you mean `{near}`"))
}

fn stand_ins(sheet: &Sheet, complaints: &mut Complaints<'_>) -> Box<[StandIn]> {
    let mut all = vec![StandIn::Nothing; Field::COUNT].into_boxed_slice();
    for (word, stand_in) in &sheet.stand_ins {
        let Some(field) = known_field(word, complaints) else {
            continue;
        };
        all[field as usize] = match stand_in {
            StandInSheet::Value(value) => StandIn::Value(value.as_str().into()),
            StandInSheet::From { from } => match known_field_at(from, word.span(), complaints) {
                Some(other) => StandIn::From(other),
                None => StandIn::Nothing,
            },
        };
    }
    let chained = sheet.stand_ins.keys().find(|word| {
        let field = Field::from_name(word.get_ref());
        matches!(field.map(|field| &all[field as usize]),
            Some(StandIn::From(other)) if !matches!(all[*other as usize], StandIn::Nothing))
    });
    if let Some(word) = chained {
        let what = "stands for itself through a field that has a stand-in of its own";
        complaints.about(word.get_ref(), word.span(), what);
    }
    all
}

/// What stands in for a field is read as the field is, so it must be of the field's picture.
fn check_stand_ins(sheet: &Sheet, complaints: &mut Complaints<'_>) {
    let blocks = sheet.bodies.values().chain([&sheet.header]);
    let rows: Vec<&RowSheet> = blocks
        .flat_map(|block| &block.fields)
        .map(Spanned::get_ref)
        .collect();
    for (word, stand_in) in &sheet.stand_ins {
        let StandInSheet::Value(value) = stand_in else {
            continue;
        };
        let written = rows
            .iter()
            .filter(|RowSheet(_, _, _, _, name, ..)| name.get_ref() == word.get_ref())
            .filter_map(|RowSheet(_, _, letter, ..)| Picture::from_letter(letter.get_ref()));
        let a_number = Field::from_name(word.get_ref()).is_some_and(telegram::is_number);
        let mut pictures = written.chain(a_number.then_some(Picture::Number));
        let bytes = value.as_bytes();
        if let Some(picture) = pictures.find(|one| !picture::can_stand(*one, bytes)) {
            let what = format!(
                "has the stand-in `{value}`, which its type {} cannot be",
                picture.letter()
            );
            complaints.about(word.get_ref(), word.span(), what);
        }
    }
}

fn codes(sheet: &Sheet, complaints: &mut Complaints<'_>) -> Vec<Codes> {
    let mut seen: Vec<Field> = Vec::new();
    let mut lists = Vec::new();
    for list in &sheet.codes {
        let mut fields = Vec::new();
        for word in &list.fields {
            let Some(field) = known_field(word, complaints) else {
                continue;
            };
            if seen.contains(&field) {
                complaints.about(word.get_ref(), word.span(), "has a list of codes already");
            }
            seen.push(field);
            fields.push(field);
        }
        lists.push(Codes {
            korean: list.korean.as_str().into(),
            fields,
            complete: list.complete,
            as_of: list.as_of.as_deref().map(Arc::from),
            values: list
                .values
                .iter()
                .map(|(code, meaning)| (code.as_str().into(), meaning.as_str().into()))
                .collect(),
        });
    }
    lists
}
