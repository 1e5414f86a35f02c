//! The writing half of a session: every ready answer in one write, and nothing too late.
//!
//! Answers are taken as they become ready, put together and written at once. An answer to a
//! question is worth nothing after its deadline: one that is late already is dropped, and one
//! that the socket does not take in time ends the session, because half a frame cannot be taken
//! back. What was handed to the socket whole has left; everything else has not, and the promise
//! inside it (a hold) becomes void by being dropped. This half does not know what it writes.

use std::io;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use telegrams::FrameCodec;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::codec::Encoder as _;

use super::promise::Promise;
use super::tally::Tally;
use crate::{clock, limits};

/// Something to be written, with all that depends on whether it leaves.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// The telegram, without its prefix.
    pub(super) telegram: Bytes,
    /// After this moment it must not be sent.
    pub(super) deadline: Option<Instant>,
    /// What the telegram promises.
    pub(super) promise: Option<Promise>,
    /// How it is counted; none for what nobody asked for.
    pub(super) tally: Option<Tally>,
    /// Leave to be in work; free again once this has left.
    pub(super) permit: Option<OwnedSemaphorePermit>,
}

/// How the writing half ended.
#[derive(Debug)]
pub(super) enum Written {
    /// Everything has left, and the peer was told that no more comes.
    All,
    /// An answer could not leave before its deadline.
    TooLate,
    /// The peer took nothing for too long.
    Stalled,
    /// The socket broke.
    Broke(io::Error),
}

/// Writes what comes out of `queue` until every sender is gone, or the socket fails. `wait` is
/// how long the peer may take nothing at all.
pub(super) async fn write<W: AsyncWrite + Unpin>(
    socket: &mut W,
    codec: FrameCodec,
    mut queue: mpsc::Receiver<Outgoing>,
    wait: Duration,
) -> Written {
    let mut pen = Pen {
        codec,
        wait,
        bytes: BytesMut::with_capacity(limits::ANSWERS_PER_WRITE * 512),
        open: Vec::with_capacity(limits::ANSWERS_PER_WRITE),
    };
    let mut ready = Vec::with_capacity(limits::ANSWERS_PER_WRITE);
    while queue.recv_many(&mut ready, limits::ANSWERS_PER_WRITE).await > 0 {
        pen.compose(&mut ready);
        if let Err(failure) = pen.write(socket).await {
            return failure;
        }
    }
    match socket.shutdown().await {
        Ok(()) => Written::All,
        Err(error) => Written::Broke(error),
    }
}

/// One write under way.
struct Pen {
    codec: FrameCodec,
    wait: Duration,
    bytes: BytesMut,
    /// What is in `bytes`, each with the place where it ends.
    open: Vec<(usize, Outgoing)>,
}

impl Pen {
    /// Puts together all that is ready and not late.
    fn compose(&mut self, ready: &mut Vec<Outgoing>) {
        self.bytes.clear();
        let now = clock::monotonic();
        for mut outgoing in ready.drain(..) {
            if outgoing.deadline.is_some_and(|deadline| deadline <= now) {
                outgoing.too_late();
                continue;
            }
            let telegram = std::mem::take(&mut outgoing.telegram);
            match self.codec.encode(telegram, &mut self.bytes) {
                Ok(()) => self.open.push((self.bytes.len(), outgoing)),
                // Replies are as long as their requests, so this would be a layout's mistake.
                Err(error) => tracing::error!(%error, "an answer does not fit a frame"),
            }
        }
    }

    async fn write<W: AsyncWrite + Unpin>(&mut self, socket: &mut W) -> Result<(), Written> {
        let mut sent = 0;
        let failure = loop {
            if sent == self.bytes.len() {
                break None;
            }
            let (end, failure) = self.patience(sent);
            let some = socket.write(&self.bytes[sent..]);
            match tokio::time::timeout_at(end.into(), some).await {
                Ok(Ok(0)) => break Some(Written::Broke(io::ErrorKind::WriteZero.into())),
                Ok(Ok(count)) => sent += count,
                Ok(Err(error)) => break Some(Written::Broke(error)),
                Err(_) => break Some(failure),
            }
        };
        self.settle(sent, matches!(failure, Some(Written::TooLate)));
        failure.map_or(Ok(()), Err)
    }

    /// Until when the socket may take nothing, and what it means if it does not.
    fn patience(&self, sent: usize) -> (Instant, Written) {
        let stall = clock::monotonic() + self.wait;
        let waiting = self.open.iter().filter(|(end, _)| *end > sent);
        let earliest = waiting.filter_map(|(_, outgoing)| outgoing.deadline).min();
        match earliest {
            Some(deadline) if deadline < stall => (deadline, Written::TooLate),
            _ => (stall, Written::Stalled),
        }
    }

    /// Says of each what became of it: up to `sent` it has left.
    fn settle(&mut self, sent: usize, late: bool) {
        let now = clock::monotonic();
        let mut permits: Option<OwnedSemaphorePermit> = None;
        for (end, mut outgoing) in self.open.drain(..) {
            if end > sent {
                if late && outgoing.deadline.is_some() {
                    outgoing.too_late();
                }
                continue;
            }
            if let Some(promise) = outgoing.promise.take() {
                promise.kept();
            }
            if let Some(tally) = outgoing.tally.take() {
                tally.sent(now);
            }
            match (&mut permits, outgoing.permit.take()) {
                (Some(permits), Some(permit)) => permits.merge(permit),
                (none, permit) => *none = permit,
            }
        }
    }
}

impl Outgoing {
    /// It stays, because its time is over.
    fn too_late(&mut self) {
        if let Some(promise) = &mut self.promise {
            promise.too_late();
        }
        if let Some(tally) = &mut self.tally {
            tally.too_late();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io;
    use std::pin::Pin;
    use std::sync::Arc;
    use std::task::{Context, Poll};
    use std::time::{Duration, Instant};

    use bytes::Bytes;
    use telegrams::{FrameCodec, Kind};
    use tokio::io::AsyncWrite;
    use tokio::sync::{Semaphore, mpsc};

    use super::{Outgoing, Written, write};
    use crate::bank::meters::Meters;
    use crate::bank::promise::{Promise, voids};
    use crate::bank::tally::{Subject, Tally};
    use crate::clock;
    use crate::domain::{BankCode, BusinessDate, Command, RelayKey, VoidReason};
    use crate::store::{Job, Ledger};

    /// A socket that takes so many bytes and then none.
    #[derive(Default)]
    struct Socket {
        room: usize,
        writes: Vec<Vec<u8>>,
        closed: bool,
    }

    impl AsyncWrite for Socket {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let taken = bytes.len().min(self.room);
            if taken == 0 {
                return Poll::Pending;
            }
            self.room -= taken;
            self.writes.push(bytes[..taken].to_vec());
            Poll::Ready(Ok(taken))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.closed = true;
            Poll::Ready(Ok(()))
        }
    }

    fn outgoing(telegram: &'static [u8], deadline: Option<Instant>) -> Outgoing {
        Outgoing {
            telegram: Bytes::from_static(telegram),
            deadline,
            promise: None,
            tally: None,
            permit: None,
        }
    }

    /// Writes what is told, with promises by journal positions 1, 2, 3 ... for those that have a
    /// deadline, and says how it ended, what the socket took and which holds became void.
    async fn run(room: usize, wait: Duration, told: Vec<Outgoing>) -> (Written, Socket, Vec<Job>) {
        let meters = Arc::new(Meters::new(BTreeSet::new(), &[]));
        let (ledger, mut jobs) = Ledger::channel(16);
        let (voids, voiding) = voids(ledger, Arc::clone(&meters));
        let room_for = told.len();
        let permits = Arc::new(Semaphore::new(room_for));
        let (out, queue) = mpsc::channel(16);
        for (position, mut outgoing) in (1..).zip(told) {
            let key = RelayKey {
                institution: "30000003".to_owned(),
                bank: BankCode::ALL,
                trade_date: BusinessDate::parse("20260302").unwrap(),
                trace_no: position.to_string(),
            };
            outgoing.promise = outgoing
                .deadline
                .map(|_| Promise::new(key, position, voids.clone()));
            let subject = Subject::Kind(Kind::PreDepositCheck);
            outgoing.tally = Some(Tally::new(Arc::clone(&meters), subject, clock::monotonic()));
            outgoing.permit = Arc::clone(&permits).try_acquire_owned().ok();
            out.try_send(outgoing).unwrap();
        }
        drop((out, voids));
        let mut socket = Socket {
            room,
            ..Socket::default()
        };
        let codec = FrameCodec::new(4, false, 2048);
        let count = permits.available_permits();
        assert_eq!(count, 0, "everything is in work");
        let written = write(&mut socket, codec, queue, wait).await;
        assert_eq!(permits.available_permits(), room_for, "and then nothing is");
        voiding.await;
        let mut void = Vec::new();
        while let Ok(job) = jobs.try_recv() {
            void.push(job);
        }
        (written, socket, void)
    }

    fn positions(jobs: &[Job], reason: VoidReason) -> Vec<u64> {
        let position = |job: &Job| match job.command {
            Command::VoidHold { position, why, .. } if why == reason => position,
            ref other => panic!("another command or reason: {other:?}"),
        };
        jobs.iter().map(position).collect()
    }

    fn in_time() -> Instant {
        clock::monotonic() + Duration::from_hours(1)
    }

    const PATIENT: Duration = Duration::from_hours(1);

    #[tokio::test]
    async fn all_that_is_ready_leaves_in_one_write() {
        let told = vec![
            outgoing(b"AB", Some(in_time())),
            outgoing(b"C", None),
            outgoing(b"DEF", Some(in_time())),
        ];
        let (written, socket, void) = run(usize::MAX, PATIENT, told).await;
        assert!(matches!(written, Written::All));
        assert_eq!(socket.writes, [b"0002AB0001C0003DEF"]);
        assert!(socket.closed);
        assert!(void.is_empty());
    }

    #[tokio::test]
    async fn what_is_late_stays_and_its_promise_is_void() {
        let told = vec![
            outgoing(b"AB", Some(clock::monotonic())),
            outgoing(b"C", None),
        ];
        let (written, socket, void) = run(usize::MAX, PATIENT, told).await;
        assert!(matches!(written, Written::All));
        assert_eq!(socket.writes, [b"0001C"]);
        assert_eq!(positions(&void, VoidReason::Late), [1]);
    }

    #[tokio::test]
    async fn a_socket_that_takes_half_keeps_only_the_promises_that_left_whole() {
        let soon = Some(clock::monotonic() + Duration::from_secs(1));
        let told = vec![outgoing(b"AB", soon), outgoing(b"CD", soon)];
        // All of the first frame and all but the last byte of the second.
        let (written, socket, void) = run(11, PATIENT, told).await;
        assert!(matches!(written, Written::TooLate));
        assert_eq!(socket.writes, [b"0002AB0002C"]);
        assert_eq!(positions(&void, VoidReason::Late), [2]);
    }

    #[tokio::test]
    async fn a_peer_that_takes_nothing_is_not_waited_for() {
        let told = vec![outgoing(b"AB", Some(in_time())), outgoing(b"C", None)];
        let (written, socket, void) = run(0, Duration::from_millis(5), told).await;
        assert!(matches!(written, Written::Stalled));
        assert!(!socket.closed);
        assert_eq!(positions(&void, VoidReason::SessionGone), [1]);
    }
}
