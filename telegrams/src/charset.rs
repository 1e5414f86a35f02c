//! Korean text in fields of fixed width: CP949 (a superset of EUC-KR), two bytes a syllable.
//!
//! Text is cut and padded at the borders of characters, never inside one. Knows no fields.

use std::borrow::Cow;

use encoding_rs::{EUC_KR, EncoderResult};

/// Which characters may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// CP949, all 11172 syllables.
    Cp949,
    /// KS X 1001 only (strict EUC-KR, 2350 syllables), for relays that know no more.
    KsX1001,
}

/// What stands for a character that cannot be written.
const SUBSTITUTE: u8 = b'?';
const SPACE: u8 = b' ';
/// The space that is as wide as a syllable.
const WIDE_SPACE: [u8; 2] = [0xA1, 0xA1];

/// Reads one field; `None` when it is blank. Trailing spaces, full-width ones too, go; an orphan
/// lead byte at the end is dropped; what is no text becomes U+FFFD.
pub(crate) fn decode(field: &[u8]) -> Option<Cow<'_, str>> {
    // A space is never the second byte of a syllable, so the padding can go before anything else.
    let text = whole_text(trimmed(field));
    if text.is_empty() {
        return None;
    }
    let (decoded, _) = EUC_KR.decode_without_bom_handling(text);
    if text.iter().any(u8::is_ascii_control) {
        // A control character in a name is noise from the line, and noise is not passed on.
        return Some(Cow::Owned(decoded.replace(char::is_control, "\u{FFFD}")));
    }
    Some(decoded)
}

/// A field without the spaces at its end. Most fields are mostly spaces, so they are looked at
/// eight at a time.
#[inline]
pub(crate) fn trimmed(mut field: &[u8]) -> &[u8] {
    const SPACES: u64 = u64::from_ne_bytes([SPACE; 8]);
    while let Some((head, tail)) = field.split_last_chunk()
        && u64::from_ne_bytes(*tail) == SPACES
    {
        field = head;
    }
    while let [head @ .., SPACE] = field {
        field = head;
    }
    field
}

/// Every character of a field with the bytes it takes; `None` for bytes that are no character.
pub(crate) fn characters(field: &[u8]) -> impl Iterator<Item = (Option<char>, &[u8])> {
    let mut rest = field;
    std::iter::from_fn(move || {
        let lead = *rest.first()?;
        let pair = rest
            .get(1)
            .is_some_and(|trail| is_lead(lead) && is_trail(*trail));
        let (bytes, tail) = rest.split_at(if pair { 2 } else { 1 });
        rest = tail;
        let (text, flawed) = EUC_KR.decode_without_bom_handling(bytes);
        Some((text.chars().next().filter(|_| !flawed), bytes))
    })
}

/// The first byte of a field that is no text: no character, half of one, or a control character.
pub(crate) fn noise_at(field: &[u8]) -> Option<usize> {
    if field.iter().all(|byte| matches!(byte, SPACE..=0x7E)) {
        return None;
    }
    let mut at = 0;
    for (character, bytes) in characters(field) {
        if character.is_none_or(char::is_control) {
            return Some(at);
        }
        at += bytes.len();
    }
    None
}

/// The text without an orphan lead byte and full-width spaces at its end.
fn whole_text(text: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut at = 0;
    while let Some(&lead) = text.get(at) {
        let trail = text.get(at + 1).copied();
        let step = match trail {
            Some(trail) if is_lead(lead) && is_trail(trail) => 2,
            // A lead byte with nothing behind it is half a character that was cut.
            None if is_lead(lead) => break,
            _ => 1,
        };
        let space = lead == SPACE || step == 2 && text[at..at + 2] == WIDE_SPACE;
        at += step;
        if !space {
            end = at;
        }
    }
    &text[..end]
}

const fn is_lead(byte: u8) -> bool {
    matches!(byte, 0x81..=0xFE)
}

const fn is_trail(byte: u8) -> bool {
    matches!(byte, 0x41..=0x5A | 0x61..=0x7A | 0x81..=0xFE)
}

/// Writes one field: left-justified, padded with spaces. True when some of the text was cut.
pub(crate) fn encode_into(charset: Charset, text: &str, field: &mut [u8]) -> bool {
    let mut at = 0;
    for character in text.chars() {
        let (bytes, len) = encode_char(charset, character);
        if at + len > field.len() {
            field[at..].fill(SPACE);
            return true;
        }
        field[at..at + len].copy_from_slice(&bytes[..len]);
        at += len;
    }
    field[at..].fill(SPACE);
    false
}

/// How many bytes a text has on the wire.
pub(crate) fn encoded_len(charset: Charset, text: &str) -> usize {
    text.chars()
        .map(|character| encode_char(charset, character).1)
        .sum()
}

/// One character as its one or two bytes.
fn encode_char(charset: Charset, character: char) -> ([u8; 2], usize) {
    if character.is_ascii() {
        // why: the cast is exact, the character is ASCII.
        let byte = if character.is_ascii_control() {
            SUBSTITUTE
        } else {
            character as u8
        };
        return ([byte, 0], 1);
    }
    let mut utf8 = [0; 4];
    let mut out = [0; 4];
    let text = character.encode_utf8(&mut utf8);
    let (result, _, written) = EUC_KR
        .new_encoder()
        .encode_from_utf8_without_replacement(text, &mut out, true);
    let fits = match charset {
        Charset::Cp949 => true,
        Charset::KsX1001 => out[0] >= 0xA1 && out[1] >= 0xA1,
    };
    if result == EncoderResult::InputEmpty && written == 2 && fits {
        ([out[0], out[1]], 2)
    } else {
        ([SUBSTITUTE, 0], 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(charset: Charset, text: &str, width: usize) -> (Vec<u8>, bool) {
        let mut field = vec![0; width];
        let cut = encode_into(charset, text, &mut field);
        (field, cut)
    }

    fn read(field: &[u8]) -> String {
        decode(field).unwrap_or_default().into_owned()
    }

    #[test]
    fn text_is_padded_and_cut_between_characters() {
        let (field, cut) = written(Charset::Cp949, "홍길동", 8);
        assert_eq!(
            (field.as_slice(), cut),
            (&b"\xC8\xAB\xB1\xE6\xB5\xBF  "[..], false)
        );
        let (field, cut) = written(Charset::Cp949, "홍길동", 5);
        assert_eq!((field.as_slice(), cut), (&b"\xC8\xAB\xB1\xE6 "[..], true));
        let (field, cut) = written(Charset::Cp949, "AB홍", 3);
        assert_eq!((field.as_slice(), cut), (&b"AB "[..], true));
    }

    #[test]
    fn what_cannot_be_written_becomes_a_question_mark() {
        assert_eq!(written(Charset::Cp949, "a😀b\n", 6).0, b"a?b?  ");
        // 뷁 is a syllable of CP949 that KS X 1001 does not have.
        assert_eq!(written(Charset::Cp949, "뷁", 2).0, b"\x94\xEE");
        assert_eq!(written(Charset::KsX1001, "뷁", 2).0, b"? ");
        assert_eq!(written(Charset::KsX1001, "가", 2).0, b"\xB0\xA1");
    }

    #[test]
    fn half_a_syllable_at_the_end_is_dropped() {
        assert_eq!(read(b"\xC8\xAB\xB1\xE6\xB5"), "홍길");
        assert_eq!(read(b"\xC8\xAB\xB1\xE6\xB5   "), "홍길");
        assert_eq!(read(b"\xC8"), "");
    }

    #[test]
    fn spaces_at_the_end_go_and_those_inside_stay() {
        assert_eq!(read(b"AB C  "), "AB C");
        let wide = b"\xC8\xAB\xA1\xA1\xB1\xE6\xA1\xA1 \xA1\xA1";
        assert_eq!(read(wide), "홍\u{3000}길");
        assert_eq!(read(b"         A         "), "         A");
        assert_eq!(read(b"    "), "");
        assert_eq!(read(b"\xA1\xA1\xA1\xA1"), "");
        // A syllable whose trail byte looks like half a wide space stays.
        assert_eq!(read(b"\xB0\xA1\xA1\xA1"), "가");
    }

    #[test]
    fn what_is_no_text_becomes_the_replacement_character() {
        assert_eq!(read(b"A\xFFB"), "A\u{FFFD}B");
        assert_eq!(read(b"\xC8 A"), "\u{FFFD} A");
        assert_eq!(read(b"A\x00B\x07 "), "A\u{FFFD}B\u{FFFD}");
    }

    #[test]
    fn noise_is_found_where_it_begins() {
        assert_eq!(noise_at(b"\xC8\xAB\xB1\xE6\xB5\xBF  "), None);
        assert_eq!(noise_at(b"KIM A.  "), None);
        assert_eq!(noise_at(b"\xA1\xA1"), None);
        assert_eq!(noise_at(b"\xFF\xFE\x80 "), Some(0));
        assert_eq!(noise_at(b"A\xC8\xAB\xFF "), Some(3));
        // Half a syllable, before the padding and at the very end.
        assert_eq!(noise_at(b"\xC8\xAB\xB1  "), Some(2));
        assert_eq!(noise_at(b"\xC8\xAB\xB1"), Some(2));
        assert_eq!(noise_at(b"A\x00"), Some(1));
        assert_eq!(noise_at(b""), None);
    }

    #[test]
    fn the_length_on_the_wire_is_counted_in_bytes() {
        assert_eq!(encoded_len(Charset::Cp949, "홍A"), 3);
        assert_eq!(encoded_len(Charset::KsX1001, "뷁"), 1);
    }
}
