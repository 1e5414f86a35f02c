//! Pictures: how a single field is written (N, AN, H, date, time). Knows bytes of one field,
//! never where the field stands or what it means.

use std::borrow::Cow;

use jiff::civil::{Date, Time};
use nom::bytes::complete::{take_while, take_while_m_n};
use nom::combinator::{all_consuming, map, map_res};
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
#[inline]
pub(crate) fn digits(field: &[u8]) -> Result<Option<Cow<'_, str>>, Flaw> {
    let digits = bare_digits(field)?;
    // why: digits are ASCII, so the text is always valid; the fallback cannot be reached.
    let text = str::from_utf8(digits).unwrap_or_default();
    Ok(match digits.len() {
        0 => None,
        whole if whole == field.len() => Some(Cow::Borrowed(text)),
        _ => Some(Cow::Owned(format!("{text:0>width$}", width = field.len()))),
    })
}

/// The digits of a field without the spaces before them.
#[inline]
fn bare_digits(field: &[u8]) -> Result<&[u8], Flaw> {
    let spaces = take_while(|byte| byte == b' ');
    let digits = take_while(|byte: u8| byte.is_ascii_digit());
    let parsed: IResult<_, _> = all_consuming(preceded(spaces, digits)).parse(field);
    parsed
        .map(|(_, digits)| digits)
        .map_err(|_| digits_flaw(field))
}

#[cold]
fn digits_flaw(field: &[u8]) -> Flaw {
    let spaces = field.iter().take_while(|byte| **byte == b' ').count();
    let digits = field[spaces..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (spaces + digits, Why::NotDigits)
}

/// The value of the `len` digits at the end of `head`, the telegram up to the end of the field;
/// `None` when the field is not all digits, which [`number`] then explains.
///
/// Sixteen bytes are looked at as two words whatever the length, and those that belong to the
/// field before are masked away: a loop over fields of many lengths guesses its end wrong, and
/// that costs more than the digits.
#[inline]
pub(crate) fn plain_number(head: &[u8], len: usize) -> Option<u64> {
    let (rest, low) = head.split_last_chunk::<8>()?;
    let bits = 8 * u32::try_from(len)
        .ok()
        .filter(|len| matches!(len, 1..=16))?;
    let low = eight_digits(own_digits(*low, bits))?;
    if bits <= 64 {
        return Some(low);
    }
    let high = eight_digits(own_digits(*rest.last_chunk()?, bits - 64))?;
    Some(high * 100_000_000 + low)
}

/// Eight bytes of which only the last `bits` belong to the field; zeros stand for the others.
#[inline]
fn own_digits(bytes: [u8; 8], bits: u32) -> u64 {
    let foreign = u64::MAX.unbounded_shr(bits);
    (u64::from_le_bytes(bytes) & !foreign) | (ZEROS & foreign)
}

const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);

/// The value of eight digits: neighbours are joined to twos, twos to fours, fours to eight.
#[inline]
const fn eight_digits(word: u64) -> Option<u64> {
    const HIGH: u64 = u64::from_le_bytes([0xF0; 8]);
    let above_nine = word.wrapping_add(u64::from_le_bytes([6; 8]));
    if ((word & HIGH) ^ ZEROS) | ((above_nine & HIGH) ^ ZEROS) != 0 {
        return None;
    }
    let ones = word.wrapping_sub(ZEROS);
    let twos = (ones.wrapping_mul(10).wrapping_add(ones >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (twos.wrapping_mul(100).wrapping_add(twos >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((fours.wrapping_mul(10_000).wrapping_add(fours >> 32)) & 0xFFFF_FFFF)
}

/// The value of a numeric field; `None` when it is all spaces.
pub(crate) fn number(field: &[u8]) -> Result<Option<u64>, Flaw> {
    let digits = bare_digits(field)?;
    let step = |sum: u64, digit: &u8| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'));
    match digits.iter().try_fold(0, step) {
        Some(_) if digits.is_empty() => Ok(None),
        Some(value) => Ok(Some(value)),
        // No layout has a number that long; only text can, and then it is not a number of ours.
        None => Err((0, Why::NotDigits)),
    }
}

/// The text of an AN field, its padding removed; `None` when it is blank.
pub(crate) fn text(field: &[u8]) -> Result<Option<&str>, Flaw> {
    match plain_text(field) {
        Some("") => Ok(None),
        Some(text) => Ok(Some(text)),
        None => Err(text_flaw(field)),
    }
}

/// The text of an AN field, empty when it is blank; `None` when it is not printable ASCII, which
/// [`text`] then explains.
#[inline]
pub(crate) fn plain_text(field: &[u8]) -> Option<&str> {
    if let [byte] = field {
        // Half of all fields are a code of one character, and those need no proof of being text.
        let at = usize::from(byte.wrapping_sub(b' '));
        return if *byte == b' ' {
            Some("")
        } else {
            PRINTABLE.get(at..=at)
        };
    }
    let text = charset::trimmed(field);
    let printable = text.iter().all(|byte| is_printable(*byte));
    if printable {
        str::from_utf8(text).ok()
    } else {
        None
    }
}

/// Every printable character, at its distance from the space.
const PRINTABLE: &str = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`\
                         abcdefghijklmnopqrstuvwxyz{|}~";

const fn is_printable(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7E)
}

#[cold]
fn text_flaw(field: &[u8]) -> Flaw {
    (
        field.iter().take_while(|byte| is_printable(**byte)).count(),
        Why::NotPrintable,
    )
}

/// The part of a number that stands above the lowest `below` places, `places` wide.
#[inline]
fn part(value: u64, below: u32, places: u32) -> i16 {
    let part = value / 10_u64.pow(below) % 10_u64.pow(places);
    // why: at most four places are ever asked for, so the value fits; the fallback is no date.
    i16::try_from(part).unwrap_or(i16::MAX)
}

/// A date written in digits; an error when the field holds anything else, which [`date`] explains.
#[inline]
pub(crate) fn plain_date(head: &[u8], len: usize) -> Result<Option<Date>, NotPlain> {
    let value = plain_number(head, len).ok_or(NotPlain)?;
    if value == 0 {
        return Ok(None);
    }
    let two = |below| i8::try_from(part(value, below, 2)).map_err(|_| NotPlain);
    Date::new(part(value, 4, 4), two(2)?, two(0)?)
        .map(Some)
        .map_err(|_| NotPlain)
}

/// A field that is not the usual one and needs a second look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotPlain;

/// A time written in digits; `None` when the field holds anything else, which [`time`] explains.
#[inline]
pub(crate) fn plain_time(head: &[u8], len: usize) -> Option<Time> {
    let value = plain_number(head, len)?;
    let two = |below| i8::try_from(part(value, below, 2)).ok();
    Time::new(two(4)?, two(2)?, two(0)?, 0).ok()
}

/// So many digits as a number.
fn fixed<const WIDTH: usize>(input: &[u8]) -> IResult<&[u8], i16> {
    let one = take_while_m_n(WIDTH, WIDTH, |byte: u8| byte.is_ascii_digit());
    let sum = |digits: &[u8]| {
        digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + i16::from(digit - b'0'))
    };
    map(one, sum).parse(input)
}

fn two(input: &[u8]) -> IResult<&[u8], i8> {
    map_res(fixed::<2>, i8::try_from).parse(input)
}

/// A date; `None` when the field is all spaces or all zeros.
pub(crate) fn date(field: &[u8]) -> Result<Option<Date>, Flaw> {
    let parsed: IResult<_, _> = all_consuming((fixed::<4>, two, two)).parse(field);
    match parsed {
        Ok((_, (0, 0, 0))) => Ok(None),
        Ok((_, (year, month, day))) => Date::new(year, month, day)
            .map(Some)
            .map_err(|_| (0, Why::NotADate)),
        Err(_) => blank_or(field, Why::NotADate).map(|()| None),
    }
}

/// The digits of a date; `None` when the field is all spaces or all zeros.
pub(crate) fn date_digits(field: &[u8]) -> Result<Option<Cow<'_, str>>, Flaw> {
    Ok(digits(field)?.filter(|digits| digits.bytes().any(|digit| digit != b'0')))
}

/// A time; `None` when the field is all spaces.
pub(crate) fn time(field: &[u8]) -> Result<Option<Time>, Flaw> {
    let parsed: IResult<_, _> = all_consuming((two, two, two)).parse(field);
    match parsed {
        Ok((_, (hour, minute, second))) => Time::new(hour, minute, second, 0)
            .map(Some)
            .map_err(|_| (0, Why::NotATime)),
        Err(_) => blank_or(field, Why::NotATime).map(|()| None),
    }
}

/// What is wrong with a date or a time that could not be parsed; nothing, if it is blank.
#[cold]
fn blank_or(field: &[u8], why: Why) -> Result<(), Flaw> {
    if field.iter().all(|byte| *byte == b' ') {
        return Ok(());
    }
    let at = field.iter().position(|byte| !byte.is_ascii_digit());
    Err(at.map_or((0, why), |at| (at, Why::NotDigits)))
}

/// True when nothing was written into the field.
pub(crate) fn is_blank(picture: Picture, field: &[u8]) -> bool {
    match picture {
        Picture::Hangul => charset::decode(field).is_none(),
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
        // Whatever bytes come, they read as some text; [`noise`] tells where they are none.
        Picture::Hangul => Ok(()),
        Picture::Date => date(field).map(drop),
        Picture::Time => time(field).map(drop),
    }
}

/// What is odd about a field that [`check`] lets pass: bytes of a Korean text that are none.
pub(crate) fn noise(picture: Picture, field: &[u8]) -> Option<Flaw> {
    let at = match picture {
        Picture::Hangul => charset::noise_at(field)?,
        Picture::Number | Picture::Text | Picture::Date | Picture::Time => return None,
    };
    Some((at, Why::NotText))
}

/// True when a value can stand in for a field of this picture: something, and of its form.
pub(crate) fn can_stand(picture: Picture, value: &[u8]) -> bool {
    match picture {
        Picture::Number => matches!(number(value), Ok(Some(_))),
        Picture::Text => matches!(text(value), Ok(Some(_))),
        Picture::Hangul => !value.is_empty(),
        Picture::Date => matches!(date(value), Ok(Some(_))),
        Picture::Time => matches!(time(value), Ok(Some(_))),
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
        assert_eq!(number(b"99999999999999999999"), Err((0, Why::NotDigits)));
        assert_eq!(number(b"18446744073709551616"), Err((0, Why::NotDigits)));
        assert_eq!(number(b"18446744073709551615"), Ok(Some(u64::MAX)));
    }

    #[test]
    fn the_quick_look_sees_what_the_long_one_sees() {
        let mut telegram = *b"9A9 9999999999999";
        for len in 1..=16 {
            for byte in 0..=u8::MAX {
                telegram[16] = byte;
                telegram[1] = byte;
                let field = &telegram[17 - len..];
                let plain = plain_number(&telegram, len);
                let wanted = number(field).ok().flatten();
                let spaced = field.contains(&b' ');
                assert!(plain == wanted || plain.is_none() && spaced, "{field:?}");
            }
        }
        for byte in 0..=u8::MAX {
            let padded = [byte, b' '];
            assert_eq!(text(&padded[..1]), text(&padded), "{byte}");
        }
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
        assert_eq!(
            plain_date(b"20240229", 8),
            Ok(Some(civil::date(2024, 2, 29)))
        );
        assert_eq!(plain_date(b"00000000", 8), Ok(None));
        assert_eq!(plain_date(b"20240230", 8), Err(NotPlain));
        assert_eq!(plain_time(b"--235959", 6), Some(civil::time(23, 59, 59, 0)));
        assert_eq!(plain_time(b"--236059", 6), None);
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
