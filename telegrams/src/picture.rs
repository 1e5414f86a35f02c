//! Pictures: how a single field is written (N, AN, H, date, time). Knows bytes of one field,
//! never where the field stands or what it means.

use std::borrow::Cow;

use jiff::civil::{Date, Time};
use nom::bytes::complete::{take_while, take_while_m_n};
use nom::combinator::{all_consuming, map_opt};
use nom::sequence::preceded;
use nom::{IResult, Parser};

use crate::charset;
use crate::malformed::Why;

/// The picture of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    /// Digits, right-justified, zero-filled (N). All spaces: absent.
    Number,
    /// Printable ASCII, left-justified, space-filled (AN).
    Text,
    /// Korean text, left-justified, space-filled (H).
    Hangul,
    /// A civil date, YYYYMMDD. All spaces or all zeros: absent.
    Date,
    /// A civil time, HHMMSS. All spaces: absent.
    Time,
}

/// What is wrong with a field, and at which of its bytes.
pub(crate) type Flaw = (usize, Why);

impl Picture {
    /// The letter that stands in a layout file.
    pub(crate) const fn letter(self) -> &'static str {
        match self {
            Self::Number => "N",
            Self::Text => "AN",
            Self::Hangul => "H",
            Self::Date => "D",
            Self::Time => "T",
        }
    }

    /// The picture with this letter.
    pub(crate) fn from_letter(letter: &str) -> Option<Self> {
        match letter {
            "N" => Some(Self::Number),
            "AN" => Some(Self::Text),
            "H" => Some(Self::Hangul),
            "D" => Some(Self::Date),
            "T" => Some(Self::Time),
            _ => None,
        }
    }

    /// True for pictures made of digits.
    pub(crate) const fn is_digits(self) -> bool {
        matches!(self, Self::Number | Self::Date | Self::Time)
    }

    /// What a field of this picture holds while nothing was written into it.
    pub(crate) const fn fill(self) -> u8 {
        if self.is_digits() { b'0' } else { b' ' }
    }
}

/// The digits of a field in its whole width; `None` when it is all spaces. Leading spaces are
/// tolerated and read as the zeros that should stand there, so that two ways of writing a number
/// are one text.
pub(crate) fn digits(field: &[u8]) -> Result<Option<Cow<'_, str>>, Flaw> {
    let (_, digits) = digits_or_nothing(field).map_err(|_| digits_flaw(field))?;
    // why: digits are ASCII, so the text is always valid; the fallback cannot be reached.
    let text = str::from_utf8(digits).unwrap_or_default();
    Ok(match digits.len() {
        0 => None,
        whole if whole == field.len() => Some(Cow::Borrowed(text)),
        _ => Some(Cow::Owned(format!("{text:0>width$}", width = field.len()))),
    })
}

fn digits_or_nothing(field: &[u8]) -> IResult<&[u8], &[u8]> {
    let spaces = take_while(|byte| byte == b' ');
    let digits = take_while(|byte: u8| byte.is_ascii_digit());
    all_consuming(preceded(spaces, digits)).parse(field)
}

fn digits_flaw(field: &[u8]) -> Flaw {
    let spaces = field.iter().take_while(|byte| **byte == b' ').count();
    let digits = field[spaces..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (spaces + digits, Why::NotDigits)
}

/// The value of a numeric field; `None` when it is all spaces.
pub(crate) fn number(field: &[u8]) -> Result<Option<u64>, Flaw> {
    let mut value: u64 = 0;
    let mut seen = false;
    for (at, &byte) in field.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                seen = true;
                value = match value
                    .checked_mul(10)
                    .map(|tens| tens + u64::from(byte - b'0'))
                {
                    Some(value) => value,
                    None => return Err((at, Why::NotDigits)),
                };
            }
            b' ' if !seen => {}
            _ => return Err((at, Why::NotDigits)),
        }
    }
    Ok(seen.then_some(value))
}

/// The text of an AN field, its padding removed; `None` when it is blank.
pub(crate) fn text(field: &[u8]) -> Result<Option<&str>, Flaw> {
    if let Some(at) = field.iter().position(|byte| !matches!(byte, 0x20..=0x7E)) {
        return Err((at, Why::NotPrintable));
    }
    let end = field
        .iter()
        .rposition(|byte| *byte != b' ')
        .map_or(0, |last| last + 1);
    // why: checked above, printable ASCII is UTF-8; the fallback cannot be reached.
    Ok(if end == 0 {
        None
    } else {
        Some(str::from_utf8(&field[..end]).unwrap_or_default())
    })
}

/// So many digits as a number.
fn fixed(width: usize) -> impl FnMut(&[u8]) -> IResult<&[u8], i16> {
    move |input| {
        let one = take_while_m_n(width, width, |byte: u8| byte.is_ascii_digit());
        map_opt(one, |digits: &[u8]| {
            digits.iter().try_fold(0_i16, |sum, digit| {
                sum.checked_mul(10)?.checked_add(i16::from(digit - b'0'))
            })
        })
        .parse(input)
    }
}

fn two(input: &[u8]) -> IResult<&[u8], i8> {
    map_opt(fixed(2), |number| i8::try_from(number).ok()).parse(input)
}

/// A date; `None` when the field is all spaces or all zeros.
pub(crate) fn date(field: &[u8]) -> Result<Option<Date>, Flaw> {
    if field.iter().all(|byte| *byte == b' ') || field.iter().all(|byte| *byte == b'0') {
        return Ok(None);
    }
    let parsed = all_consuming((fixed(4), two, two)).parse(field);
    let (_, (year, month, day)) = parsed.map_err(|_: nom::Err<nom::error::Error<_>>| {
        let at = field.iter().position(|byte| !byte.is_ascii_digit());
        at.map_or((0, Why::NotADate), |at| (at, Why::NotDigits))
    })?;
    Date::new(year, month, day)
        .map(Some)
        .map_err(|_| (0, Why::NotADate))
}

/// A time; `None` when the field is all spaces.
pub(crate) fn time(field: &[u8]) -> Result<Option<Time>, Flaw> {
    if field.iter().all(|byte| *byte == b' ') {
        return Ok(None);
    }
    let parsed = all_consuming((two, two, two)).parse(field);
    let (_, (hour, minute, second)) = parsed.map_err(|_: nom::Err<nom::error::Error<_>>| {
        let at = field.iter().position(|byte| !byte.is_ascii_digit());
        at.map_or((0, Why::NotATime), |at| (at, Why::NotDigits))
    })?;
    Time::new(hour, minute, second, 0)
        .map(Some)
        .map_err(|_| (0, Why::NotATime))
}

/// True when nothing was written into the field.
pub(crate) fn is_blank(picture: Picture, field: &[u8]) -> bool {
    match picture {
        Picture::Hangul => charset::decode(field).is_empty(),
        Picture::Date => {
            field.iter().all(|byte| *byte == b' ') || field.iter().all(|byte| *byte == b'0')
        }
        Picture::Number | Picture::Text | Picture::Time => field.iter().all(|byte| *byte == b' '),
    }
}

/// Checks that a field is of its picture; blank passes.
pub(crate) fn check(picture: Picture, field: &[u8]) -> Result<(), Flaw> {
    match picture {
        Picture::Number => digits(field).map(drop),
        Picture::Text => text(field).map(drop),
        // Whatever bytes come, they read as some text.
        Picture::Hangul => Ok(()),
        Picture::Date => date(field).map(drop),
        Picture::Time => time(field).map(drop),
    }
}

/// Writes a number, right-justified and zero-filled. False when it does not fit: then the field
/// holds nines, because a wrong small figure would look right.
pub(crate) fn write_number(mut value: u64, field: &mut [u8]) -> bool {
    for place in field.iter_mut().rev() {
        // why: a number below ten always fits a byte.
        *place = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
    }
    if value > 0 {
        field.fill(b'9');
    }
    value == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil;

    #[test]
    fn numbers_tolerate_leading_spaces_and_nothing_else() {
        assert_eq!(number(b"0000000030000"), Ok(Some(30000)));
        assert_eq!(number(b"        30000"), Ok(Some(30000)));
        assert_eq!(number(b"             "), Ok(None));
        assert_eq!(number(b"000"), Ok(Some(0)));
        assert_eq!(number(b"00 1"), Err((2, Why::NotDigits)));
        assert_eq!(number(b"30000        "), Err((5, Why::NotDigits)));
        assert_eq!(number(b"-1"), Err((0, Why::NotDigits)));
        assert_eq!(number(b"0x1"), Err((1, Why::NotDigits)));
        assert_eq!(number(b"99999999999999999999"), Err((19, Why::NotDigits)));
    }

    #[test]
    fn digits_keep_their_zeros() {
        assert_eq!(digits(b"0200"), Ok(Some("0200".into())));
        assert_eq!(digits(b" 200"), Ok(Some("0200".into())));
        assert_eq!(digits(b"    "), Ok(None));
        assert_eq!(digits(b"02 0"), Err((2, Why::NotDigits)));
    }

    #[test]
    fn text_is_printable_ascii() {
        assert_eq!(text(b"A B  "), Ok(Some("A B")));
        assert_eq!(text(b"  A"), Ok(Some("  A")));
        assert_eq!(text(b"   "), Ok(None));
        assert_eq!(text(b"A\x7F"), Err((1, Why::NotPrintable)));
        assert_eq!(text(b"\x1FA"), Err((0, Why::NotPrintable)));
        assert_eq!(text(b"A\xB0\xA1"), Err((1, Why::NotPrintable)));
    }

    #[test]
    fn dates_are_real_ones() {
        assert_eq!(date(b"20240229"), Ok(Some(civil::date(2024, 2, 29))));
        assert_eq!(date(b"20230229"), Err((0, Why::NotADate)));
        assert_eq!(date(b"20231301"), Err((0, Why::NotADate)));
        assert_eq!(date(b"00000000"), Ok(None));
        assert_eq!(date(b"        "), Ok(None));
        assert_eq!(date(b" 2024022"), Err((0, Why::NotDigits)));
        assert_eq!(date(b"2024-2-1"), Err((4, Why::NotDigits)));
    }

    #[test]
    fn times_are_real_ones() {
        assert_eq!(time(b"000000"), Ok(Some(civil::time(0, 0, 0, 0))));
        assert_eq!(time(b"235959"), Ok(Some(civil::time(23, 59, 59, 0))));
        assert_eq!(time(b"240000"), Err((0, Why::NotATime)));
        assert_eq!(time(b"126000"), Err((0, Why::NotATime)));
        assert_eq!(time(b"      "), Ok(None));
        assert_eq!(time(b"12 000"), Err((2, Why::NotDigits)));
    }

    #[test]
    fn a_number_too_large_is_not_written_short() {
        let mut field = [0; 4];
        assert!(write_number(42, &mut field));
        assert_eq!(&field, b"0042");
        assert!(!write_number(10000, &mut field));
        assert_eq!(&field, b"9999");
    }
}
