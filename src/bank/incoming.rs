//! The reading half of a session: frames, each with leave to be worked on.
//!
//! A frame is taken from the socket only when one of the session's permits is free, so that a
//! peer that asks faster than we answer waits in its own socket and no queue grows. A frame that
//! began must be complete within its time. Once the session wants no more, what still comes is
//! thrown away unread, because closing a socket with unread bytes would reset it and take the
//! last answers with it. This half does not know what a telegram is.

use std::cell::Cell;
use std::future::Future as _;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::Stream;
use telegrams::{FrameCodec, FrameError};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;
use tokio_util::codec::FramedRead;
use tokio_util::sync::PollSemaphore;

use super::stamp::{Frame, Stamped};
use crate::limits;

/// A frame, and the permit that it keeps until its answer has left.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) frame: Frame,
    pub(super) permit: OwnedSemaphorePermit,
}

/// Why no further frame can be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    /// The bytes are no frame.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A frame began and did not end in time.
    #[error("a frame that began was not complete in time")]
    HalfReceived,
}

/// What a session and its reading half tell each other; both live on one thread.
#[derive(Clone, Debug)]
pub(super) struct Tap(Rc<TapState>);

#[derive(Debug)]
struct TapState {
    open: Cell<bool>,
    full: Cell<bool>,
}

impl Tap {
    pub(super) fn new() -> Self {
        Tap(Rc::new(TapState {
            open: Cell::new(true),
            full: Cell::new(false),
        }))
    }

    /// From now on no frame is wanted any more.
    pub(super) fn close(&self) {
        self.0.open.set(false);
    }

    /// Whether reading rests because as much is in work as may be.
    pub(super) fn is_full(&self) -> bool {
        self.0.full.get()
    }
}

/// A stream of frames that ends when the peer has closed its side.
pub(super) struct Incoming<R> {
    frames: FramedRead<R, Stamped<FrameCodec>>,
    permits: PollSemaphore,
    /// A permit in hand while there is no frame for it.
    permit: Option<OwnedSemaphorePermit>,
    tap: Tap,
    half_frame: Duration,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl<R: AsyncRead + Unpin> Incoming<R> {
    /// Reads `socket` through `codec`. Each frame takes one of `permits`, and `half_frame` is how
    /// long it may take from its first byte to its last.
    pub(super) fn new(
        socket: R,
        codec: FrameCodec,
        permits: Arc<Semaphore>,
        half_frame: Duration,
        tap: Tap,
    ) -> Self {
        let codec = Stamped::new(codec);
        Incoming {
            frames: FramedRead::with_capacity(socket, codec, limits::READ_BUFFER_BYTES),
            permits: PollSemaphore::new(permits),
            permit: None,
            tap,
            half_frame,
            alarm: None,
        }
    }

    fn poll_permit(&mut self, context: &mut Context<'_>) -> Poll<Option<OwnedSemaphorePermit>> {
        if let Some(permit) = self.permit.take() {
            return Poll::Ready(Some(permit));
        }
        let permit = self.permits.poll_acquire(context);
        self.tap.0.full.set(permit.is_pending());
        if permit.is_pending() {
            self.frames.decoder_mut().pause();
        }
        permit
    }

    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame, Lost>>> {
        let frame = Pin::new(&mut self.frames).poll_next(context);
        if let Poll::Ready(frame) = frame {
            return Poll::Ready(frame.map(|frame| frame.map_err(Lost::from)));
        }
        self.frames.decoder_mut().found_empty();
        ready!(self.poll_half_frame(context));
        Poll::Ready(Some(Err(Lost::HalfReceived)))
    }

    /// Ready when the frame under way has had its time. The timer is set at most once in that
    /// time, not once a frame: it looks again when it rings.
    fn poll_half_frame(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(begun) = self.frames.decoder().begun() else {
            return Poll::Pending;
        };
        let due = tokio::time::Instant::from_std(begun + self.half_frame);
        loop {
            let alarm = self
                .alarm
                .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
            ready!(alarm.as_mut().poll(context));
            if alarm.deadline() >= due {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(due);
        }
    }

    /// Throws away what comes; ready when nothing more can come.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut scratch = [0; 4096];
        loop {
            let mut bytes = ReadBuf::new(&mut scratch);
            let read = Pin::new(self.frames.get_mut()).poll_read(context, &mut bytes);
            match ready!(read) {
                Ok(()) if !bytes.filled().is_empty() => {}
                Ok(()) | Err(_) => return Poll::Ready(()),
            }
        }
    }
}

impl<R: AsyncRead + Unpin> Stream for Incoming<R> {
    type Item = Result<Heard, Lost>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if !this.tap.0.open.get() {
            return this.poll_end(context).map(|()| None);
        }
        // The semaphore is never closed, so there is always a permit to wait for.
        let Some(permit) = ready!(this.poll_permit(context)) else {
            return Poll::Ready(None);
        };
        match this.poll_frame(context) {
            Poll::Ready(frame) => {
                Poll::Ready(frame.map(|frame| frame.map(|frame| Heard { frame, permit })))
            }
            Poll::Pending => {
                this.permit = Some(permit);
                Poll::Pending
            }
        }
    }
}

impl Lost {
    /// Its name, for counting.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Lost::Frame(FrameError::NotDigits { .. }) => "not_digits",
            Lost::Frame(FrameError::Empty) => "empty",
            Lost::Frame(FrameError::TooLong { .. }) => "too_long",
            Lost::Frame(FrameError::Cut { .. }) => "cut",
            Lost::Frame(FrameError::Io(_)) => "line_broke",
            Lost::HalfReceived => "half_received",
        }
    }

    /// Every name.
    pub(super) const NAMES: [&'static str; 6] = [
        "not_digits",
        "empty",
        "too_long",
        "cut",
        "line_broke",
        "half_received",
    ];
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use futures_util::StreamExt as _;
    use telegrams::FrameCodec;
    use tokio::io::{AsyncWriteExt as _, DuplexStream};
    use tokio::sync::Semaphore;

    use super::{Incoming, Lost, Tap};
    use crate::clock;

    const PATIENT: Duration = Duration::from_hours(1);

    fn incoming(permits: usize, half: Duration) -> (DuplexStream, Incoming<DuplexStream>, Tap) {
        let (peer, socket) = tokio::io::duplex(4096);
        let tap = Tap::new();
        let permits = Arc::new(Semaphore::new(permits));
        let codec = FrameCodec::new(4, false, 2048);
        let incoming = Incoming::new(socket, codec, permits, half, tap.clone());
        (peer, incoming, tap)
    }

    /// Whether there is no frame now.
    async fn nothing(incoming: &mut Incoming<DuplexStream>) -> bool {
        let now = tokio::time::timeout(Duration::ZERO, incoming.next());
        now.await.is_err()
    }

    #[tokio::test]
    async fn a_frame_waits_for_leave_and_bears_the_time_of_the_pause() {
        let (mut peer, mut incoming, tap) = incoming(1, PATIENT);
        peer.write_all(b"0001A").await.unwrap();
        let first = incoming.next().await.unwrap().unwrap();
        assert!(nothing(&mut incoming).await);
        assert!(tap.is_full());
        let paused = clock::monotonic();
        peer.write_all(b"0001B").await.unwrap();
        assert!(nothing(&mut incoming).await);
        drop(first.permit);
        let second = incoming.next().await.unwrap().unwrap();
        assert!(!tap.is_full());
        assert_eq!(&second.frame.telegram[..], b"B");
        assert!(
            second.frame.heard <= paused,
            "it may have lain there all the while"
        );
    }

    #[tokio::test]
    async fn the_time_of_a_frame_runs_from_its_own_first_byte() {
        let half = Duration::from_millis(20);
        let (mut peer, mut incoming, _tap) = incoming(8, half);
        let started = clock::monotonic();
        // Whole frames for longer than one may take, each with a beginning of the next.
        while started.elapsed() < half * 2 {
            peer.write_all(b"0001A00").await.unwrap();
            incoming.next().await.unwrap().unwrap();
            peer.write_all(b"01A").await.unwrap();
            incoming.next().await.unwrap().unwrap();
        }
        peer.write_all(b"0001").await.unwrap();
        assert!(matches!(
            incoming.next().await,
            Some(Err(Lost::HalfReceived))
        ));
    }

    #[tokio::test]
    async fn what_is_not_wanted_is_read_to_the_end_and_thrown_away() {
        let (mut peer, mut incoming, tap) = incoming(8, PATIENT);
        tap.close();
        let writing = async {
            // More than the pipe holds: it must be read for this to end.
            peer.write_all(&[b'x'; 10_000]).await.unwrap();
            drop(peer);
        };
        let both = async { tokio::join!(writing, incoming.next()) };
        let both = tokio::time::timeout(Duration::from_secs(30), both).await;
        let ((), end) = both.expect("what is thrown away is read");
        assert!(end.is_none());
    }
}
