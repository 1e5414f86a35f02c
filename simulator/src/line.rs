//! One session with the gateway's relay listener: dials, frames, pairs answers, stays polite.
//!
//! The line answers the line tests (회선시험) and keep-alive frames that the gateway sends, pairs
//! every other frame with whoever waits for it, and keeps what nobody waited for. It knows no book.
//! Everything runs on one thread: two tasks for each session share its waiting list.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::rc::Rc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use telegrams::{Answer, Reading};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::codec::{Decoder, Encoder};

use crate::places::{PairKey, Places};
use crate::scenario::Manner;

/// Frames that may wait to be written before the sender waits.
const OUTBOX: usize = 1_024;

/// Bytes that are written in one piece at most.
const WRITE_AT_ONCE: usize = 256 * 1024;

/// How long an orderly end may take.
const PARTING: Duration = Duration::from_secs(5);

/// What is to be done with the stream, in order.
enum Out {
    Bytes(Bytes),
    /// Bytes, written in pieces of so many.
    Pieces(Bytes, usize),
    HangUp(Manner, oneshot::Sender<()>),
}

/// Who waits for what.
#[derive(Default)]
struct Waiting {
    by_key: HashMap<PairKey, VecDeque<oneshot::Sender<Bytes>>>,
    any: VecDeque<oneshot::Sender<Bytes>>,
    strays: Vec<Bytes>,
    line_tests: u64,
}

/// A session.
pub(crate) struct Line {
    out: mpsc::Sender<Out>,
    waiting: Rc<RefCell<Waiting>>,
    over: Rc<watch::Sender<bool>>,
    reader: JoinHandle<()>,
    writer: JoinHandle<()>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.reader.abort();
        self.writer.abort();
    }
}

impl Line {
    /// Dials the listener. Must be called within a `LocalSet`.
    pub(crate) async fn dial(relay: &str, places: &Rc<Places>) -> io::Result<Self> {
        let stream = TcpStream::connect(relay).await?;
        stream.set_nodelay(true)?;
        let (read, write) = stream.into_split();
        let (out, outbox) = mpsc::channel(OUTBOX);
        let over = Rc::new(watch::Sender::new(false));
        let waiting = Rc::new(RefCell::new(Waiting::default()));
        let reader = Reader {
            stream: read,
            places: Rc::clone(places),
            waiting: Rc::clone(&waiting),
            out: out.clone(),
            over: Rc::clone(&over),
        };
        let reader = tokio::task::spawn_local(reader.run());
        let writer = tokio::task::spawn_local(write_all(write, outbox));
        Ok(Self {
            out,
            waiting,
            over,
            reader,
            writer,
        })
    }

    /// Whether the gateway has ended the session.
    pub(crate) fn is_over(&self) -> bool {
        *self.over.borrow()
    }

    /// Waits until the gateway ends the session.
    pub(crate) async fn ended(&self) {
        // The error would be that the sender is gone, and it is ours.
        let _ = self.over.subscribe().wait_for(|over| *over).await;
    }

    /// Registers for the answer with this key; it resolves to an error when the session ends.
    pub(crate) fn listen_for(&self, key: PairKey) -> oneshot::Receiver<Bytes> {
        let (tell, heard) = oneshot::channel();
        if !self.is_over() {
            self.waiting
                .borrow_mut()
                .by_key
                .entry(key)
                .or_default()
                .push_back(tell);
        }
        heard
    }

    /// Registers for the next frame that is nobody else's.
    pub(crate) fn listen_for_any(&self) -> oneshot::Receiver<Bytes> {
        let (tell, heard) = oneshot::channel();
        if !self.is_over() {
            self.waiting.borrow_mut().any.push_back(tell);
        }
        heard
    }

    /// Hands bytes, prefix included, to the writer.
    pub(crate) async fn send(&self, bytes: Bytes) {
        // A session that has ended swallows what is sent; whoever waits for an answer hears so.
        let _ = self.out.send(Out::Bytes(bytes)).await;
    }

    /// Hands bytes to the writer, to be written in pieces of `chunk` bytes.
    pub(crate) async fn send_pieces(&self, bytes: Bytes, chunk: usize) {
        let _ = self.out.send(Out::Pieces(bytes, chunk.max(1))).await;
    }

    /// Ends the session after what was sent before. A reset is over at once; an orderly end
    /// leaves the gateway a while to answer what it has; false when that was not enough.
    pub(crate) async fn hang_up(&self, manner: Manner) -> bool {
        let (tell_done, done) = oneshot::channel();
        if self.out.send(Out::HangUp(manner, tell_done)).await.is_ok() {
            // The error would be that the writer has ended, which is as well.
            let _ = done.await;
        }
        let parted = match manner {
            Manner::Close => tokio::time::timeout(PARTING, self.ended()).await.is_ok(),
            Manner::Reset => true,
        };
        // Only when the reader's half is gone, too, does the socket close.
        self.reader.abort();
        while !self.reader.is_finished() {
            tokio::task::yield_now().await;
        }
        self.waiting.borrow_mut().nobody();
        self.over.send_replace(true);
        parted
    }

    /// Frames that nobody waited for, so far.
    pub(crate) fn take_strays(&self) -> Vec<Bytes> {
        std::mem::take(&mut self.waiting.borrow_mut().strays)
    }

    /// Line tests that the gateway sent and we answered.
    pub(crate) fn line_tests(&self) -> u64 {
        self.waiting.borrow().line_tests
    }
}

/// Puts the length before a telegram.
pub(crate) fn framed(places: &Places, telegram: &Bytes) -> Bytes {
    let mut frame = BytesMut::with_capacity(telegram.len() + 8);
    match places
        .profile()
        .frame_codec()
        .encode(telegram.clone(), &mut frame)
    {
        Ok(()) => frame.freeze(),
        // A telegram longer than any frame is sent as it is: it can only be meant as noise.
        Err(_) => telegram.clone(),
    }
}

struct Reader {
    stream: OwnedReadHalf,
    places: Rc<Places>,
    waiting: Rc<RefCell<Waiting>>,
    out: mpsc::Sender<Out>,
    over: Rc<watch::Sender<bool>>,
}

impl Reader {
    async fn run(mut self) {
        self.read().await;
        self.waiting.borrow_mut().nobody();
        self.over.send_replace(true);
    }

    async fn read(&mut self) {
        let mut codec = self.places.profile().frame_codec();
        let mut bytes = BytesMut::with_capacity(64 * 1024);
        loop {
            match codec.decode(&mut bytes) {
                Ok(Some(frame)) => self.hear(frame).await,
                Ok(None) => match self.stream.read_buf(&mut bytes).await {
                    Ok(1..) => {}
                    Ok(0) | Err(_) => return,
                },
                Err(_) => {
                    // Not a frame: the rest of the stream means nothing any more.
                    self.waiting
                        .borrow_mut()
                        .strays
                        .push(bytes.split().freeze());
                    return;
                }
            }
        }
    }

    async fn hear(&self, frame: Bytes) {
        match self.places.profile().read(frame.clone()) {
            Reading::Poll { answer } => self.answer(&answer).await,
            Reading::Request(record) => {
                self.waiting.borrow_mut().line_tests += 1;
                self.answer(&record.reply(Answer::Accepted).bytes()).await;
            }
            Reading::Reply(record) => {
                let key = self.places.key(record.kind(), &frame);
                self.waiting.borrow_mut().give(Some(&key), frame);
            }
            _ => self.waiting.borrow_mut().give(None, frame),
        }
    }

    async fn answer(&self, telegram: &Bytes) {
        let _ = self
            .out
            .send(Out::Bytes(framed(&self.places, telegram)))
            .await;
    }
}

impl Waiting {
    /// Nobody need wait any more: each hears that the session has ended.
    fn nobody(&mut self) {
        self.by_key.clear();
        self.any.clear();
    }

    /// Gives a frame to the first who still waits for it. One who has given up is passed over:
    /// the same telegram may have been told again, and this is then its answer.
    fn give(&mut self, key: Option<&PairKey>, frame: Bytes) {
        let first = key.and_then(|key| self.first_for(key));
        let first = match first {
            Some(first) => Some(first),
            // An answer to a telegram that was given up is late, and nobody else's.
            None if key.is_some_and(|key| self.by_key.contains_key(key)) => None,
            None => first_waiting(&mut self.any),
        };
        match first {
            None => self.strays.push(frame),
            Some(first) => {
                if let Err(frame) = first.send(frame) {
                    self.strays.push(frame);
                }
            }
        }
    }

    fn first_for(&mut self, key: &PairKey) -> Option<oneshot::Sender<Bytes>> {
        let queue = self.by_key.get_mut(key)?;
        let first = first_waiting(queue);
        if first.is_some() && queue.is_empty() {
            self.by_key.remove(key);
        }
        first
    }
}

fn first_waiting(queue: &mut VecDeque<oneshot::Sender<Bytes>>) -> Option<oneshot::Sender<Bytes>> {
    std::iter::from_fn(|| queue.pop_front()).find(|first| !first.is_closed())
}

async fn write_all(mut stream: OwnedWriteHalf, mut outbox: mpsc::Receiver<Out>) {
    let mut batch = BytesMut::new();
    while let Some(first) = outbox.recv().await {
        let mut next = Some(first);
        while let Some(Out::Bytes(bytes)) = next {
            batch.extend_from_slice(&bytes);
            next = if batch.len() < WRITE_AT_ONCE {
                outbox.try_recv().ok()
            } else {
                None
            };
        }
        if stream.write_all(&batch).await.is_err() {
            return;
        }
        batch.clear();
        match next {
            None | Some(Out::Bytes(_)) => {}
            Some(Out::Pieces(bytes, chunk)) => {
                if write_pieces(&mut stream, &bytes, chunk).await.is_err() {
                    return;
                }
            }
            Some(Out::HangUp(manner, done)) => {
                hang_up(stream, manner).await;
                // Whoever asked may have gone; the session ends all the same.
                let _ = done.send(());
                return;
            }
        }
    }
}

async fn write_pieces(stream: &mut OwnedWriteHalf, bytes: &[u8], chunk: usize) -> io::Result<()> {
    for piece in bytes.chunks(chunk) {
        stream.write_all(piece).await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn hang_up(mut stream: OwnedWriteHalf, manner: Manner) {
    // Errors here mean that the other side was faster.
    match manner {
        Manner::Close => {
            let _ = stream.shutdown().await;
        }
        Manner::Reset => {
            let _ = stream.as_ref().set_zero_linger();
            // An ordinary drop would say goodbye first, and the end would be orderly.
            stream.forget();
        }
    }
}
