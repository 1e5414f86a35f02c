//! Writing single fields into bytes that are already there. Knows places, not meanings.

use crate::charset::{self, Charset};
use crate::layout::Slot;
use crate::picture::{self, Picture};

/// How well a value went into its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// All of it.
    Whole,
    /// Only the beginning of it.
    Cut,
    /// The value is not of the field's picture; the field is untouched.
    Wrong,
}

/// Writes text into a field: justified and padded by the field's picture.
pub(crate) fn text(charset: Charset, slot: Slot, text: &str, field: &mut [u8]) -> Fit {
    match slot.picture {
        Picture::Hangul if charset::encode_into(charset, text, field) => Fit::Cut,
        Picture::Hangul => Fit::Whole,
        Picture::Text => ascii(text.as_bytes(), field),
        Picture::Number | Picture::Date | Picture::Time => digits(text.as_bytes(), field),
    }
}

fn ascii(text: &[u8], field: &mut [u8]) -> Fit {
    if text.iter().any(|byte| !matches!(byte, 0x20..=0x7E)) {
        return Fit::Wrong;
    }
    let kept = text.len().min(field.len());
    field[..kept].copy_from_slice(&text[..kept]);
    field[kept..].fill(b' ');
    if kept < text.len() {
        Fit::Cut
    } else {
        Fit::Whole
    }
}

/// Digits are never cut: a number without its head is another number.
fn digits(text: &[u8], field: &mut [u8]) -> Fit {
    let fits = text.len() <= field.len() && text.iter().all(u8::is_ascii_digit);
    if !fits {
        return Fit::Wrong;
    }
    let padding = field.len() - text.len();
    field[..padding].fill(b'0');
    field[padding..].copy_from_slice(text);
    Fit::Whole
}

/// Writes a number into a field of any picture but Korean text.
pub(crate) fn number(slot: Slot, value: u64, field: &mut [u8]) -> Fit {
    match slot.picture {
        Picture::Hangul => Fit::Wrong,
        Picture::Text => ascii(value.to_string().as_bytes(), field),
        Picture::Number | Picture::Date | Picture::Time => {
            if picture::write_number(value, field) {
                Fit::Whole
            } else {
                Fit::Cut
            }
        }
    }
}

/// Four digits plus a step, if the sum still has four digits.
pub(crate) fn stepped(digits: [u8; 4], step: u16) -> Option<[u8; 4]> {
    let value = picture::number(&digits).ok().flatten()?;
    let mut stepped = [0; 4];
    let fits = digits.iter().all(u8::is_ascii_digit)
        && picture::write_number(value + u64::from(step), &mut stepped);
    fits.then_some(stepped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_keeps_four_digits() {
        assert_eq!(stepped(*b"0200", 10), Some(*b"0210"));
        assert_eq!(stepped(*b"9990", 10), None);
        assert_eq!(stepped(*b" 200", 10), None);
        assert_eq!(stepped(*b"02A0", 10), None);
    }
}
