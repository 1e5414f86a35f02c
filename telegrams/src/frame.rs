//! Frames: a length prefix of digits, then so many bytes. Knows nothing of what is inside.
//!
//! ```text
//! 0 3 0 0 V A S 3 0 0 0 0 0 0 3 ...
//! prefix  telegram of 300 bytes
//! ```

use std::io;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

/// Why the bytes on a line are no frame. The session has lost its step and must be closed.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The prefix holds something other than digits.
    #[error("the length prefix is not digits at its byte {at}")]
    NotDigits {
        /// Byte of the prefix, from 0.
        at: usize,
    },
    /// The prefix says that nothing follows.
    #[error("the length prefix says that the frame is empty")]
    Empty,
    /// The prefix says more than the profile allows.
    #[error("the length prefix says {length} bytes, {max} are allowed")]
    TooLong {
        /// What the prefix says.
        length: usize,
        /// What is allowed.
        max: usize,
    },
    /// The line ended inside a frame.
    #[error("the line ended after {have} bytes of an incomplete frame")]
    Cut {
        /// Bytes of the frame that came, its prefix included.
        have: usize,
    },
    /// The line broke.
    #[error("the line broke: {0}")]
    Io(#[from] io::Error),
}

/// Cuts a stream of bytes into telegrams and puts the prefix before those that go out.
#[derive(Clone, Debug)]
pub struct FrameCodec {
    prefix_digits: usize,
    counts_itself: bool,
    frame_max: usize,
}

impl FrameCodec {
    /// A codec whose prefix has `prefix_digits` digits, counts itself or not, and never says more
    /// than `frame_max` bytes of telegram.
    pub const fn new(prefix_digits: usize, counts_itself: bool, frame_max: usize) -> Self {
        Self {
            prefix_digits,
            counts_itself,
            frame_max,
        }
    }

    /// The longest telegram in bytes, without its prefix.
    pub const fn frame_max(&self) -> usize {
        self.frame_max
    }

    /// Whether the prefix counts its own digits too.
    pub const fn counts_itself(&self) -> bool {
        self.counts_itself
    }

    /// What the prefix counts besides the telegram: its own digits, or nothing.
    pub(crate) const fn own_digits(&self) -> usize {
        if self.counts_itself {
            self.prefix_digits
        } else {
            0
        }
    }

    /// Digits before each telegram.
    pub const fn prefix_digits(&self) -> usize {
        self.prefix_digits
    }

    /// Reads the prefix; `None` while it is incomplete. Garbage is told at its first byte, so
    /// that a stranger who sends three letters is not waited for.
    fn length(&self, bytes: &[u8]) -> Result<Option<usize>, FrameError> {
        let prefix = &bytes[..bytes.len().min(self.prefix_digits)];
        if let Some(at) = prefix.iter().position(|byte| !byte.is_ascii_digit()) {
            return Err(FrameError::NotDigits { at });
        }
        if prefix.len() < self.prefix_digits {
            return Ok(None);
        }
        let said = prefix
            .iter()
            .fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
        match said.saturating_sub(self.own_digits()) {
            0 => Err(FrameError::Empty),
            length if length > self.frame_max => Err(FrameError::TooLong {
                length,
                max: self.frame_max,
            }),
            length => Ok(Some(length)),
        }
    }
}

impl Decoder for FrameCodec {
    type Item = Bytes;
    type Error = FrameError;

    fn decode(&mut self, source: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        let Some(length) = self.length(source)? else {
            return Ok(None);
        };
        let whole = self.prefix_digits + length;
        if source.len() < whole {
            source.reserve(whole - source.len());
            return Ok(None);
        }
        source.advance(self.prefix_digits);
        Ok(Some(source.split_to(length).freeze()))
    }

    fn decode_eof(&mut self, source: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        match self.decode(source)? {
            None if !source.is_empty() => Err(FrameError::Cut { have: source.len() }),
            frame => Ok(frame),
        }
    }
}

impl Encoder<Bytes> for FrameCodec {
    type Error = FrameError;

    fn encode(&mut self, telegram: Bytes, target: &mut BytesMut) -> Result<(), FrameError> {
        if telegram.is_empty() {
            return Err(FrameError::Empty);
        }
        if telegram.len() > self.frame_max {
            return Err(FrameError::TooLong {
                length: telegram.len(),
                max: self.frame_max,
            });
        }
        let mut rest = telegram.len() + self.own_digits();
        let start = target.len();
        target.reserve(self.prefix_digits + telegram.len());
        target.put_bytes(b'0', self.prefix_digits);
        for digit in target[start..].iter_mut().rev() {
            // why: a number below ten always fits a byte.
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        target.extend_from_slice(&telegram);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codec() -> FrameCodec {
        FrameCodec::new(4, false, 2048)
    }

    fn decoded(bytes: &[u8]) -> Result<Option<Bytes>, FrameError> {
        codec().decode(&mut BytesMut::from(bytes))
    }

    #[test]
    fn a_frame_cut_at_any_byte_stays_incomplete() {
        let whole = b"0005HELLO";
        for cut in 0..whole.len() {
            assert!(matches!(decoded(&whole[..cut]), Ok(None)), "cut at {cut}");
            let ended = codec().decode_eof(&mut BytesMut::from(&whole[..cut]));
            match cut {
                0 => assert!(matches!(ended, Ok(None))),
                _ => assert!(matches!(ended, Err(FrameError::Cut { have }) if have == cut)),
            }
        }
        assert_eq!(decoded(whole).unwrap().unwrap(), &b"HELLO"[..]);
    }

    #[test]
    fn glued_frames_come_out_one_by_one_and_bytes_behind_stay() {
        let mut source = BytesMut::from(&b"0002AB0003CDE00"[..]);
        let mut codec = codec();
        assert_eq!(codec.decode(&mut source).unwrap().unwrap(), &b"AB"[..]);
        assert_eq!(codec.decode(&mut source).unwrap().unwrap(), &b"CDE"[..]);
        assert!(codec.decode(&mut source).unwrap().is_none());
        assert_eq!(&source[..], b"00");
    }

    #[test]
    fn a_wrong_prefix_is_told_at_once() {
        assert!(matches!(
            decoded(b"G"),
            Err(FrameError::NotDigits { at: 0 })
        ));
        assert!(matches!(
            decoded(b"03 0"),
            Err(FrameError::NotDigits { at: 2 })
        ));
        assert!(matches!(decoded(b"0000"), Err(FrameError::Empty)));
        let long = decoded(b"2049");
        assert!(matches!(
            long,
            Err(FrameError::TooLong {
                length: 2049,
                max: 2048
            })
        ));
    }

    #[test]
    fn a_prefix_may_count_itself() {
        let mut codec = FrameCodec::new(4, true, 2048);
        let mut wire = BytesMut::new();
        codec.encode(Bytes::from_static(b"AB"), &mut wire).unwrap();
        assert_eq!(&wire[..], b"0006AB");
        assert_eq!(codec.decode(&mut wire).unwrap().unwrap(), &b"AB"[..]);
        assert!(matches!(
            codec.decode(&mut BytesMut::from("0004")),
            Err(FrameError::Empty)
        ));
    }

    #[test]
    fn nothing_too_long_goes_out() {
        let mut wire = BytesMut::new();
        let long = Bytes::from(vec![b'A'; 2049]);
        assert!(matches!(
            codec().encode(long, &mut wire),
            Err(FrameError::TooLong { .. })
        ));
        assert!(matches!(
            codec().encode(Bytes::new(), &mut wire),
            Err(FrameError::Empty)
        ));
        assert!(wire.is_empty());
    }
}
