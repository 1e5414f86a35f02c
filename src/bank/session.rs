//! A session (세션): one TCP connection of the relay, as one actor.
//!
//! ```text
//!   socket ─▶ Incoming ─▶ Session ─▶ route ─▶ desk ─▶ books
//!     ▲                      │ (poll, network,          │
//!     │                      ▼  bad input: at once)     │
//!     └───── write ◀──── one bounded queue ◀────────────┘
//! ```
//!
//! It reads frames, hands requests over, answers on the spot what needs no desk, and tests the
//! line when it falls silent. However it ends, what was taken in is still carried out and
//! answered: it stops reading, the queue drains, the peer is told that no more comes. A session
//! is not restarted, because a connection cannot be; a panic in one ends that one alone. It knows
//! no business and no books.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::fut::wrap_future;
use actix::{
    Actor, ActorContext as _, ActorFutureExt as _, AsyncContext as _, Context, StreamHandler,
};
use bytes::Bytes;
use telegrams::{Answer, Malformed, Reading, Record};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::asked::{Asked, WayBack};
use super::complaint::{Caller, Complaints};
use super::desk::Desks;
use super::heartbeat::{Beat, Heartbeat};
use super::incoming::{Heard, Incoming, Lost, Tap};
use super::line::Room;
use super::outgoing::{Outgoing, Written, write};
use super::route;
use super::tally::Subject;
use crate::{clock, limits};

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The peer hung up between two frames.
    Peer,
    /// The peer hung up, or broke the line, within a frame.
    Cut,
    /// The line broke.
    LineBroke,
    /// The bytes were no frame.
    BadFrame,
    /// A frame was not complete in time.
    HalfReceived,
    /// A frame that could not even be refused.
    Unanswerable,
    /// Line tests stayed without an answer.
    Silent,
    /// An answer could not leave in time.
    AnswerLate,
    /// The peer took no answers.
    Stalled,
    /// The house closes.
    Stop,
    /// The session's own fault: it could not go on.
    Fault,
}

impl Ending {
    /// Every name.
    pub(super) const NAMES: [&'static str; 11] = [
        "peer",
        "cut",
        "line_broke",
        "bad_frame",
        "half_received",
        "unanswerable",
        "silent",
        "answer_late",
        "stalled",
        "stop",
        "fault",
    ];

    fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// One connection.
pub(super) struct Session {
    room: Arc<Room>,
    desks: Desks,
    caller: Caller,
    /// The queue to the writing half; none once nothing more is taken in.
    out: Option<mpsc::Sender<Outgoing>>,
    tap: Tap,
    heard: Instant,
    heartbeat: Heartbeat,
    complaints: Complaints,
    ending: Option<Ending>,
    /// The peer has hung up.
    deaf: bool,
    /// The writing half has ended.
    mute: bool,
    presence: Presence,
}

/// Counts a session as open as long as it lives, however it dies.
struct Presence {
    room: Arc<Room>,
    caller: Caller,
    ending: Ending,
    _slot: OwnedSemaphorePermit,
}

impl Presence {
    fn new(room: Arc<Room>, caller: Caller, slot: OwnedSemaphorePermit) -> Self {
        room.sessions.increment(1.0);
        let profile = room.profile.name();
        tracing::info!(session = caller.session, peer = %caller.peer, profile, "session opened");
        Presence {
            room,
            caller,
            ending: Ending::Fault,
            _slot: slot,
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.room.sessions.decrement(1.0);
        let why = self.ending.name();
        self.room.meters.session_closed(why);
        let Caller { session, peer } = self.caller;
        tracing::info!(session, %peer, why, "session closed");
    }
}

impl Session {
    /// Opens a session over `socket` on this thread. `slot` is its place among the sessions that
    /// may be open.
    pub(super) fn open(
        room: Arc<Room>,
        socket: TcpStream,
        caller: Caller,
        slot: OwnedSemaphorePermit,
    ) {
        Session::create(|context| {
            let (reading, mut writing) = socket.into_split();
            let in_flight = room.in_flight_max;
            // Room for the answer of every request in work, and for line tests of our own.
            let (out, queue) = mpsc::channel(in_flight + limits::OWN_QUESTIONS_PER_SESSION_MAX);
            let tap = Tap::new();
            Session::add_stream(
                Incoming::new(
                    reading,
                    room.profile.frame_codec(),
                    Arc::new(Semaphore::new(in_flight)),
                    room.waits.half_frame,
                    tap.clone(),
                ),
                context,
            );
            let codec = room.profile.frame_codec();
            let wait = room.waits.write;
            // A task of its own: the actor's context polls all its futures whenever one wakes.
            let writer = actix_rt::spawn(async move {
                let written = write(&mut writing, codec, queue, wait).await;
                if !matches!(written, Written::All) {
                    abandon(&writing);
                }
                written
            });
            let ended = wrap_future::<_, Session>(writer).map(|written, session, context| {
                session.written(written.ok(), context);
            });
            context.spawn(ended);
            let stop = wrap_future::<_, Session>(room.stop.clone().cancelled_owned());
            context.spawn(stop.map(|(), session, _| session.close(Ending::Stop)));
            context.run_later(room.waits.idle, Session::look_at_silence);
            Session {
                desks: room.desks.clone(),
                caller,
                out: Some(out),
                tap,
                heard: clock::monotonic(),
                heartbeat: Heartbeat::default(),
                complaints: Complaints::new(),
                ending: None,
                deaf: false,
                mute: false,
                presence: Presence::new(Arc::clone(&room), caller, slot),
                room,
            }
        });
    }

    /// Takes nothing more in. What is in is answered; then the writing half ends.
    fn close(&mut self, ending: Ending) {
        if self.ending.is_none() {
            self.ending = Some(ending);
            self.presence.ending = ending;
        }
        self.tap.close();
        self.out = None;
    }

    /// The writing half has ended; nothing if it panicked.
    fn written(&mut self, written: Option<Written>, context: &mut Context<Self>) {
        self.mute = true;
        let failure = match written {
            Some(Written::All) => None,
            Some(Written::TooLate) => Some(Ending::AnswerLate),
            Some(Written::Stalled) => Some(Ending::Stalled),
            Some(Written::Broke(error)) => {
                let Caller { session, .. } = self.caller;
                tracing::debug!(session, %error, "answers could not be written");
                Some(Ending::LineBroke)
            }
            None => Some(Ending::Fault),
        };
        if let Some(ending) = failure {
            self.close(ending);
            context.stop();
        } else if self.deaf {
            context.stop();
        } else {
            // Until the peer hangs up too, or long enough, what it still sends is read and thrown
            // away: a socket closed over unread bytes is reset, and the last answers are lost.
            context.run_later(self.room.waits.linger, |_, context| context.stop());
        }
    }

    /// The other side has hung up.
    fn hung_up(&mut self, context: &mut Context<Self>) {
        self.deaf = true;
        self.close(Ending::Peer);
        if self.mute {
            context.stop();
        }
    }

    fn take(&mut self, heard: Heard) {
        let Heard { frame, permit } = heard;
        self.heard = self.heard.max(frame.heard);
        self.heartbeat.heard();
        let back = |subject| (permit, (subject, frame.heard));
        match self.room.profile.read(frame.telegram) {
            Reading::Request(record) => {
                let (permit, what) = back(Subject::Kind(record.kind()));
                self.ask(record, permit, what);
            }
            Reading::Poll { answer } => {
                let (permit, what) = back(Subject::Poll);
                self.answer(answer, Answer::Accepted, permit, what);
            }
            Reading::Unknown { answer, why } => {
                self.complain(&why);
                let (permit, what) = back(Subject::Unknown);
                self.answer(answer, Answer::UnknownKind, permit, what);
            }
            Reading::WrongLength { kind, answer, why } => {
                self.complain(&why);
                let (permit, what) = back(Subject::Kind(kind));
                self.answer(answer, Answer::Malformed, permit, what);
            }
            Reading::Reply(record) => self.reply(&record),
            Reading::Stray(why) => {
                self.complain(&why);
                self.room.meters.reply_unexpected();
            }
            Reading::Unanswerable(why) => {
                self.complain(&why);
                self.close(Ending::Unanswerable);
            }
        }
    }

    fn ask(&self, record: Record, permit: OwnedSemaphorePermit, what: (Subject, Instant)) {
        let Some(out) = self.out.clone() else { return };
        let room = &self.room;
        let asked = Asked {
            record,
            decide_by: what.1 + room.waits.decide,
            caller: self.caller,
            back: WayBack::new(out, permit, what, (&room.meters, &room.waits)),
        };
        route::hand_over(asked, &self.desks, &room.network);
    }

    /// Answers at once with bytes that the profile has made.
    fn answer(
        &self,
        telegram: Bytes,
        answer: Answer,
        permit: OwnedSemaphorePermit,
        what: (Subject, Instant),
    ) {
        let Some(out) = self.out.clone() else { return };
        let back = WayBack::new(out, permit, what, (&self.room.meters, &self.room.waits));
        back.send(telegram, answer, None);
    }

    fn reply(&mut self, record: &Record) {
        if self.heartbeat.answers(record) {
            self.room.meters.line_test(true);
        } else {
            self.room.meters.reply_unexpected();
            let kind = record.kind().name();
            let line = format!("a reply to a {kind} answers nothing we asked");
            self.complaints.told(self.caller, &line);
        }
    }

    fn complain(&self, wrong: &Malformed) {
        self.room.meters.malformed(wrong.why);
        self.complaints.malformed(self.caller, None, wrong);
    }

    /// The bytes are out of step, or the line broke.
    fn lost(&mut self, lost: &Lost) {
        self.room.meters.frame_refused(lost);
        self.complaints.told(self.caller, &lost.to_string());
        self.close(match lost.name() {
            "cut" => Ending::Cut,
            "line_broke" => Ending::LineBroke,
            "half_received" => Ending::HalfReceived,
            _ => Ending::BadFrame,
        });
    }

    /// Looks whether the line has been silent for too long, and when to look again.
    fn look_at_silence(&mut self, context: &mut Context<Self>) {
        if self.out.is_none() {
            return;
        }
        let idle = self.room.waits.idle;
        let silence = clock::monotonic().saturating_duration_since(self.heard);
        let next = if silence < idle {
            idle.saturating_sub(silence)
        } else {
            // Without a free permit it is we who do not listen.
            if !self.tap.is_full() {
                self.test_line();
            }
            idle
        };
        context.run_later(next.max(Duration::from_millis(1)), Session::look_at_silence);
    }

    /// Asks whether anybody is there, or hangs up because nobody was.
    fn test_line(&mut self) {
        match self.heartbeat.idle(&self.room.pulse) {
            Ok(Beat::Test(telegram)) => self.send(telegram),
            Ok(Beat::Dead) => self.close(Ending::Silent),
            Err(error) => {
                let Caller { session, .. } = self.caller;
                tracing::error!(session, %error, "no line test can be composed by this layout");
                self.close(Ending::Fault);
            }
        }
        let keep = match self.out {
            Some(_) => limits::OWN_QUESTIONS_PER_SESSION_MAX,
            None => 0,
        };
        for _ in 0..self.heartbeat.give_up(keep) {
            self.room.meters.line_test(false);
        }
    }

    /// Sends something that nobody asked for.
    fn send(&self, telegram: Bytes) {
        let Some(out) = &self.out else { return };
        let outgoing = Outgoing {
            telegram,
            deadline: None,
            promise: None,
            tally: None,
            permit: None,
        };
        // Without room the peer takes nothing, and the writing half will find out.
        let _ = out.try_send(outgoing);
    }
}

/// Gives a socket up for good: what the kernel still holds for the peer is thrown away with it,
/// so that nothing leaves after its time.
fn abandon(writing: &OwnedWriteHalf) {
    // A socket that is gone already has nothing to throw away.
    let _ = writing.as_ref().set_zero_linger();
}

impl Actor for Session {
    type Context = Context<Self>;
}

impl StreamHandler<Result<Heard, Lost>> for Session {
    fn handle(&mut self, item: Result<Heard, Lost>, _: &mut Context<Self>) {
        match item {
            // A frame that was ready when the session closed is no longer taken in.
            Ok(_) if self.out.is_none() => {}
            Ok(heard) => self.take(heard),
            Err(lost) => self.lost(&lost),
        }
    }

    fn finished(&mut self, context: &mut Context<Self>) {
        self.hung_up(context);
    }
}
