//! The fields of a telegram as a table: place, three names, value and what the value means.

use std::fmt::Write as _;

use crate::charset;
use crate::field::Field;
use crate::layout::{Layout, Personal, Row};
use crate::mask;
use crate::picture::{self, Picture};
use crate::profile::{Profile, StandIn};

/// The table of those fields that lie within the first `trusted` bytes.
pub(super) fn draw(
    profile: &Profile,
    layout: &Layout,
    bytes: &[u8],
    trusted: usize,
    reveal: bool,
) -> String {
    let rows = layout
        .rows
        .iter()
        .filter(|row| row.slot.range().end <= trusted);
    let lines = rows.map(|row| line(profile, layout, row, bytes, reveal));
    let mut table = vec![
        [
            "byte", "len", "type", "field", "relay", "korean", "value", "meaning",
        ]
        .map(str::to_owned),
    ];
    table.extend(lines);
    if table.len() == 1 {
        String::new()
    } else {
        format!("\n{}", aligned(&table))
    }
}

fn line(profile: &Profile, layout: &Layout, row: &Row, bytes: &[u8], reveal: bool) -> [String; 8] {
    let field = &bytes[row.slot.range()];
    let value = match row.field {
        None => filler(field),
        Some(_) => shown(row, field, reveal),
    };
    let bank = bank_of(layout, bytes);
    let meaning = row
        .field
        .and_then(|one| meaning(profile, one, row, field, bank));
    [
        row.slot.at.to_string(),
        row.slot.len.to_string(),
        row.slot.picture.letter().to_owned(),
        row.name.english.to_owned(),
        row.name.relay.to_string(),
        row.name.korean.to_string(),
        value,
        meaning.unwrap_or_default(),
    ]
}

fn filler(field: &[u8]) -> String {
    let blank = field.iter().all(|byte| *byte == b' ');
    if blank {
        String::new()
    } else {
        "(not blank)".to_owned()
    }
}

/// The text of a field, masked where it is personal.
fn shown(row: &Row, field: &[u8], reveal: bool) -> String {
    let text = match row.slot.picture {
        Picture::Hangul => charset::decode(field).unwrap_or_default().into_owned(),
        _ => readable(field),
    };
    match row.personal.filter(|_| !reveal) {
        None => text,
        Some(Personal::Account) => mask::account(&text),
        Some(Personal::Name) => mask::name(&text),
        Some(Personal::Number) => "*".repeat(text.chars().count()),
    }
}

/// ASCII as it is, anything else as a box.
fn readable(field: &[u8]) -> String {
    let one = |byte: &u8| {
        if matches!(byte, 0x20..=0x7E) {
            char::from(*byte)
        } else {
            '▒'
        }
    };
    field
        .iter()
        .map(one)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// The bank of the account, for the banks that have response codes of their own.
fn bank_of(layout: &Layout, bytes: &[u8]) -> Option<u16> {
    let number = |field| {
        let slot = layout.slot(field)?;
        let number = picture::number(bytes.get(slot.range())?).ok()??;
        u16::try_from(number).ok()
    };
    number(Field::AccountBank).or_else(|| number(Field::Bank))
}

/// What the value of a field means.
fn meaning(
    profile: &Profile,
    field: Field,
    row: &Row,
    bytes: &[u8],
    bank: Option<u16>,
) -> Option<String> {
    if picture::is_blank(row.slot.picture, bytes) {
        return stand_in(profile, field);
    }
    let text = readable(bytes);
    if field == Field::AnswerCode {
        return profile.meaning_of_code(&text, bank);
    }
    if let Some(codes) = profile.codes_of(field) {
        let unlisted = if codes.complete {
            "(not in the list)"
        } else {
            ""
        };
        return Some(codes.meaning(&text).unwrap_or(unlisted).to_owned());
    }
    match row.slot.picture {
        Picture::Date => picture::date(bytes)
            .ok()
            .flatten()
            .map(|date| date.to_string()),
        Picture::Time => picture::time(bytes)
            .ok()
            .flatten()
            .map(|time| time.to_string()),
        Picture::Number if row.slot.len > 4 => picture::number(bytes).ok().flatten().map(grouped),
        _ => None,
    }
}

fn stand_in(profile: &Profile, field: Field) -> Option<String> {
    match &profile.stand_ins[field as usize] {
        StandIn::Nothing => None,
        StandIn::Value(value) => Some(format!("(blank counts as {value})")),
        StandIn::From(other) => Some(format!("(blank counts as {other})")),
    }
}

/// A number with commas.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Columns a text takes on a terminal: Korean ones are two wide.
fn width(text: &str) -> usize {
    text.chars()
        .map(|one| {
            if one >= '\u{1100}' && one != '▒' {
                2
            } else {
                1
            }
        })
        .sum()
}

fn aligned(table: &[[String; 8]]) -> String {
    let widest = |column: usize| {
        table
            .iter()
            .map(|line| width(&line[column]))
            .max()
            .unwrap_or(0)
    };
    let widths: [usize; 8] = std::array::from_fn(widest);
    let mut page = String::new();
    for line in table {
        let cells = line
            .iter()
            .zip(widths)
            .enumerate()
            .map(|(column, (cell, wide))| {
                let gap = " ".repeat(wide - width(cell));
                // Numbers end where the next column begins, words begin where their own does.
                if column < 2 {
                    format!("{gap}{cell}")
                } else {
                    format!("{cell}{gap}")
                }
            });
        let text = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(page, "  {}", text.trim_end());
    }
    page
}
