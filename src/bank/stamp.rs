//! Stamps each frame with the time of its first byte, where the promise to the relay begins.
//!
//! It wraps whatever cuts the stream into frames and must not know what a frame holds. Bytes that
//! were in the buffer already when a frame began came with the read that brought them, not with
//! the read that completed the frame:
//!
//! ```text
//!   read 1            read 2
//!   [frame 1 · frame 2 begins][frame 2 ends · frame 3]
//!    stamp 1   stamp 1                        stamp 2
//! ```
//!
//! Bytes found at once after a pause in reading may have lain in the kernel all the while, so they
//! bear the time at which the pause began.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use tokio_util::codec::Decoder;

use crate::clock;

/// A telegram without its prefix, and when its first byte was there.
#[derive(Debug)]
pub(super) struct Frame {
    /// The telegram.
    pub(super) telegram: Bytes,
    /// When the first byte of its prefix was there, by the monotonic clock.
    pub(super) heard: Instant,
}

/// A decoder of frames that also stamps them.
#[derive(Debug)]
pub(super) struct Stamped<D> {
    frames: D,
    /// When the frame under way began.
    begun: Option<Instant>,
    /// When the newest bytes of the buffer were read.
    read: Instant,
    /// Bytes that the last look at the buffer left in it.
    left: usize,
    /// Since when nobody has looked at the socket.
    unread_since: Option<Instant>,
}

impl<D> Stamped<D> {
    pub(super) fn new(frames: D) -> Self {
        Stamped {
            frames,
            begun: None,
            read: clock::monotonic(),
            left: 0,
            unread_since: None,
        }
    }

    /// When the frame began of which a part has come.
    pub(super) fn begun(&self) -> Option<Instant> {
        self.begun
    }

    /// Nobody looks at the socket from now on.
    pub(super) fn pause(&mut self) {
        self.unread_since.get_or_insert_with(clock::monotonic);
    }

    /// The socket was looked at and is empty: what comes from now on comes when it is read.
    pub(super) fn found_empty(&mut self) {
        self.unread_since = None;
    }

    fn look(&mut self, buffer: &BytesMut) {
        if buffer.len() > self.left {
            self.read = self.unread_since.take().unwrap_or_else(clock::monotonic);
        }
        if self.begun.is_none() && !buffer.is_empty() {
            self.begun = Some(self.read);
        }
    }

    fn stamp(&mut self, telegram: Option<Bytes>, buffer: &BytesMut) -> Option<Frame> {
        self.left = buffer.len();
        let telegram = telegram?;
        // A frame ends by the newest read, so what follows it in the buffer came with that read.
        let rest = (!buffer.is_empty()).then_some(self.read);
        let heard = std::mem::replace(&mut self.begun, rest).unwrap_or(self.read);
        Some(Frame { telegram, heard })
    }
}

impl<D: Decoder<Item = Bytes>> Decoder for Stamped<D> {
    type Item = Frame;
    type Error = D::Error;

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Frame>, D::Error> {
        self.look(buffer);
        let telegram = self.frames.decode(buffer)?;
        Ok(self.stamp(telegram, buffer))
    }

    fn decode_eof(&mut self, buffer: &mut BytesMut) -> Result<Option<Frame>, D::Error> {
        self.look(buffer);
        let telegram = self.frames.decode_eof(buffer)?;
        Ok(self.stamp(telegram, buffer))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use bytes::{BufMut as _, BytesMut};
    use telegrams::FrameCodec;
    use tokio_util::codec::Decoder as _;

    use super::Stamped;
    use crate::clock;

    struct Bench {
        codec: Stamped<FrameCodec>,
        buffer: BytesMut,
    }

    impl Bench {
        fn new() -> Self {
            let codec = Stamped::new(FrameCodec::new(4, false, 2048));
            let buffer = BytesMut::new();
            Bench { codec, buffer }
        }

        /// Reads bytes and gives back the stamps of the frames that are complete now, with the
        /// moments just before and after the read.
        fn read(&mut self, bytes: &[u8]) -> (Vec<Instant>, Instant, Instant) {
            self.buffer.put_slice(bytes);
            let before = clock::monotonic();
            let mut stamps = Vec::new();
            while let Some(frame) = self.codec.decode(&mut self.buffer).unwrap() {
                stamps.push(frame.heard);
            }
            (stamps, before, clock::monotonic())
        }
    }

    #[test]
    fn frames_of_one_read_bear_its_time() {
        let mut bench = Bench::new();
        let (stamps, before, after) = bench.read(b"0002AB0002CD0002EF");
        assert_eq!(stamps.len(), 3);
        assert!(stamps.iter().all(|stamp| *stamp == stamps[0]));
        assert!(before <= stamps[0] && stamps[0] <= after);
    }

    #[test]
    fn a_frame_in_pieces_bears_the_time_of_its_first_byte() {
        let mut bench = Bench::new();
        let (none, _, after_first) = bench.read(b"0");
        assert!(none.is_empty());
        let begun = bench.codec.begun().unwrap();
        for piece in [&b"00"[..], b"2", b"A"] {
            assert!(bench.read(piece).0.is_empty());
        }
        let (stamps, before_last, _) = bench.read(b"B0002C");
        assert_eq!(stamps, [begun]);
        assert!(begun <= after_first);
        // The second frame began with the read that ended the first.
        assert!(bench.codec.begun().unwrap() >= before_last);
        let second = bench.codec.begun().unwrap();
        assert_eq!(bench.read(b"D").0, [second]);
        assert_eq!(bench.codec.begun(), None);
    }

    #[test]
    fn what_a_pause_left_lying_bears_the_time_of_the_pause() {
        let mut bench = Bench::new();
        bench.codec.pause();
        let paused = clock::monotonic();
        bench.codec.pause();
        let (stamps, ..) = bench.read(b"0002AB");
        assert!(stamps[0] <= paused);
        let (stamps, before, _) = bench.read(b"0002CD");
        assert!(stamps[0] >= before, "the pause counts once");
    }

    #[test]
    fn a_pause_that_left_nothing_lying_is_forgotten() {
        let mut bench = Bench::new();
        bench.codec.pause();
        bench.codec.found_empty();
        let (stamps, before, _) = bench.read(b"0002AB");
        assert!(stamps[0] >= before);
    }
}
