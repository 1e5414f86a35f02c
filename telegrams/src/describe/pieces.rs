//! From an input, whatever its form, to the telegrams in it.

use bytes::BytesMut;
use tokio_util::codec::Decoder as _;

use crate::frame::FrameError;
use crate::profile::{Profile, Reading};
use std::sync::Arc;

/// One telegram and where in the input it begins, its prefix not counted.
pub(super) struct Piece<'a> {
    pub(super) at: usize,
    pub(super) bytes: &'a [u8],
}

/// The telegrams of an input, and where and why they end before it does.
pub(super) struct Pieces<'a> {
    pub(super) found: Vec<Piece<'a>>,
    pub(super) broken: Option<(usize, FrameError)>,
}

/// So many hex digits that they are no pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HalfByte(pub(super) usize);

/// The bytes that an input means: those its hex digits spell, or its own.
pub(super) fn bytes_of(profile: &Profile, input: &[u8]) -> Result<Vec<u8>, HalfByte> {
    let Some(digits) = hex_digits(input) else {
        return Ok(input.to_vec());
    };
    let (pairs, rest) = digits.as_chunks::<2>();
    // An odd number of digits may also be a telegram as it is, where it has the length of one.
    let whole = profile
        .layouts
        .iter()
        .any(|layout| layout.size == input.len());
    match rest {
        [] => Ok(pairs.iter().map(|[high, low]| high * 16 + low).collect()),
        _ if whole => Ok(input.to_vec()),
        _ => Err(HalfByte(digits.len())),
    }
}

/// The values of hex digits, with white space and lines of remarks between them; `None` where
/// there is anything else.
fn hex_digits(input: &[u8]) -> Option<Vec<u8>> {
    let text = str::from_utf8(input).ok()?;
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let digits: Vec<char> = lines
        .flat_map(str::chars)
        .filter(|one| !one.is_whitespace())
        .collect();
    let value = |digit: &char| u8::try_from(digit.to_digit(16)?).ok();
    digits.iter().map(value).collect()
}

/// Cuts the bytes into telegrams.
pub(super) fn cut<'a>(profile: &Arc<Profile>, bytes: &'a [u8]) -> Pieces<'a> {
    let framed = has_prefix(profile, bytes);
    let mut pieces = Pieces {
        found: Vec::new(),
        broken: None,
    };
    let mut at = skip_line_ends(bytes, 0);
    while at < bytes.len() {
        let (start, length) = if framed {
            match frame(profile, &bytes[at..]) {
                Ok(length) => (at + profile.codec.prefix_digits(), length),
                Err(error) => {
                    pieces.broken = Some((at, error));
                    break;
                }
            }
        } else {
            (at, bare_length(profile, &bytes[at..]))
        };
        pieces.found.push(Piece {
            at: start,
            bytes: &bytes[start..start + length],
        });
        at = skip_line_ends(bytes, start + length);
    }
    pieces
}

/// People put telegrams on lines of their own; the wire never does.
fn skip_line_ends(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b'\r' | b'\n')) {
        at += 1;
    }
    at
}

/// True when the bytes begin with a length prefix rather than with a telegram.
fn has_prefix(profile: &Arc<Profile>, bytes: &[u8]) -> bool {
    let said = bytes.get(..profile.codec.prefix_digits());
    let said = said.and_then(|digits| str::from_utf8(digits).ok()?.parse::<usize>().ok());
    let Some(said) = said else { return false };
    let length = said.saturating_sub(profile.codec.own_digits());
    let known = profile.layouts.iter().any(|layout| layout.size == length);
    // A telegram may begin with digits too, so a length that no telegram has is only believed
    // where the bytes make no sense as they are.
    known || !makes_sense(profile, &bytes[..bare_length(profile, bytes)])
}

fn makes_sense(profile: &Arc<Profile>, bytes: &[u8]) -> bool {
    let reading = profile.read(bytes.to_vec().into());
    matches!(
        reading,
        Reading::Request(_)
            | Reading::Reply(_)
            | Reading::Poll { .. }
            | Reading::WrongLength { .. }
    )
}

/// The length of the telegram behind the prefix.
fn frame(profile: &Profile, bytes: &[u8]) -> Result<usize, FrameError> {
    let mut source = BytesMut::from(bytes);
    let frame = profile.frame_codec().decode_eof(&mut source)?;
    Ok(frame.map_or(0, |frame| frame.len()))
}

/// The length of a telegram that has no prefix: that of its kind, unless nothing else is there.
fn bare_length(profile: &Profile, bytes: &[u8]) -> usize {
    let size = profile
        .layouts
        .iter()
        .map(|layout| layout.size)
        .max()
        .unwrap_or(bytes.len());
    let line = bytes
        .iter()
        .position(|byte| matches!(byte, b'\r' | b'\n'))
        .unwrap_or(bytes.len());
    let rest = bytes.len();
    // A last telegram that is a little too long is one telegram, not one and a scrap.
    if rest < 2 * size && !matches!(rest - line, 1..=2) {
        rest.min(line.max(size))
    } else {
        size.min(rest)
    }
}
