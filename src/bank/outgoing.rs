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
