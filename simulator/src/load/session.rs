//! One session of load: fill what may go, write it in one piece, read in gulps, look at answers.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use telegrams::{Answer, Reading};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::Load;
use super::report::{Part, Sent};
use super::schedule::SessionSchedule;
use super::spread::Lots;
use super::template::Template;
use crate::line::framed;

/// Bytes read at once.
const GULP: usize = 256 * 1024;

/// Bytes that may wait to be written; beyond them nothing more is composed.
const OUTBOX: usize = 256 * 1024;

/// A telegram on its way.
#[derive(Clone, Copy, Default)]
struct Slot {
    /// From when its answer counts, in nanoseconds since the beginning.
    due: u64,
    /// When it was handed to the socket.
    sent: u64,
    /// Its account.
    payee: u32,
    under_way: bool,
}

/// A session under load.
pub(super) struct Session {
    template: Rc<Template>,
    line: TcpStream,
    schedule: SessionSchedule,
    lots: Lots,
    /// This session's first number and the step to its next: sessions share the numbers evenly.
    first: u64,
    step: u64,
    patience: Duration,
    sent: u64,
    in_flight: usize,
    slots: Vec<Slot>,
    out: Vec<u8>,
    written: usize,
    inbox: BytesMut,
    heard_at: u64,
    part: Part,
}

impl Session {
    pub(super) fn new(
        load: &Load,
        template: Rc<Template>,
        line: TcpStream,
        schedule: SessionSchedule,
        at: u64,
    ) -> Self {
        // Answers may overtake each other far; a late one must not meet its slot's next telegram.
        let slots = (schedule.in_flight * 4).next_power_of_two().max(1 << 12);
        let lots = Lots::new(
            load.spread,
            template.payees.len(),
            load.seed.wrapping_add(at),
        );
        Self {
            template,
            line,
            schedule,
            lots,
            first: at,
            step: load.sessions.max(1) as u64,
            patience: load.patience,
            sent: 0,
            in_flight: 0,
            slots: vec![Slot::default(); slots],
            out: Vec::with_capacity(OUTBOX + 512),
            written: 0,
            inbox: BytesMut::with_capacity(GULP),
            heard_at: 0,
            part: Part::new(load.remember),
        }
    }

    /// Runs to the end of the schedule, or until the line breaks.
    pub(super) async fn run(mut self) -> Part {
        if let Err(error) = self.drive().await {
            self.part.broken = Some(error.to_string());
        }
        self.part.ended = self.schedule.now();
        self.part.sent = self.sent;
        let left: Vec<u64> = (0..self.sent)
            .rev()
            .take(self.slots.len())
            .filter(|index| self.slots[self.slot_at(*index)].under_way)
            .collect();
        for index in left {
            let sent = self.record_of(index);
            self.part.unanswered(sent);
        }
        self.part
    }

    async fn drive(&mut self) -> io::Result<()> {
        loop {
            self.fill();
            self.write()?;
            let now = self.schedule.now();
            let all_sent = self.schedule.is_over(self.sent, now);
            if all_sent && self.in_flight == 0 {
                return Ok(());
            }
            self.wait(now, all_sent).await?;
            self.read().await?;
            let silent = self.schedule.now().saturating_sub(self.heard_at);
            if self.in_flight > 0 && u128::from(silent) > self.patience.as_nanos() {
                let waited = self.patience.as_secs_f64();
                return Err(io::Error::other(format!("no answer for {waited:.1} s")));
            }
        }
    }

    /// Waits for the socket, or until the next telegram is due.
    async fn wait(&self, now: u64, all_sent: bool) -> io::Result<()> {
        let interest = if self.written < self.out.len() {
            Interest::READABLE | Interest::WRITABLE
        } else {
            Interest::READABLE
        };
        let due = match self.schedule.due(self.sent) {
            Some(due) if !all_sent && self.in_flight < self.schedule.in_flight => due,
            _ => now + 1_000_000_000,
        };
        let wake = Instant::from_std(self.schedule.began + Duration::from_nanos(due.max(now)));
        tokio::select! {
            ready = self.line.ready(interest) => ready.map(drop),
            () = tokio::time::sleep_until(wake) => Ok(()),
        }
    }

    /// Composes everything that may go.
    fn fill(&mut self) {
        let now = self.schedule.now();
        if self.in_flight == 0 {
            // A pause in which nothing was asked is not the gateway's silence.
            self.heard_at = now;
        }
        while self.out.len() < OUTBOX
            && let Some(due) = self.schedule.may_go(self.sent, self.in_flight, now)
        {
            let at = self.slot_at(self.sent);
            if self.slots[at].under_way {
                return;
            }
            let payee = self.lots.draw();
            let number = self.first + self.sent * self.step;
            self.template
                .append(number, &self.template.payees.get(payee), &mut self.out);
            let payee = u32::try_from(payee).unwrap_or(u32::MAX);
            self.slots[at] = Slot {
                due,
                sent: now,
                payee,
                under_way: true,
            };
            self.sent += 1;
            self.in_flight += 1;
        }
    }

    fn slot_at(&self, index: u64) -> usize {
        let mask = self.slots.len() - 1;
        usize::try_from(index & mask as u64).unwrap_or(0)
    }

    /// Writes as much as the socket takes.
    fn write(&mut self) -> io::Result<()> {
        while self.written < self.out.len() {
            match self.line.try_write(&self.out[self.written..]) {
                Ok(written) => self.written += written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.out.clear();
        self.written = 0;
        Ok(())
    }

    /// Reads what is there and looks at every whole answer.
    async fn read(&mut self) -> io::Result<()> {
        loop {
            self.inbox.reserve(GULP);
            match self.line.try_read_buf(&mut self.inbox) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    self.heard_at = self.schedule.now();
                    self.look()?;
                    if read < GULP {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
            tokio::task::yield_now().await;
        }
    }

    fn look(&mut self) -> io::Result<()> {
        let inbox = self.inbox.split().freeze();
        let (mut at, now) = (0, self.heard_at);
        while let Some(length) = self.length(&inbox[at..])? {
            let Some(frame) = inbox.get(at..at + length) else {
                break;
            };
            self.hear(frame, now);
            at += length;
        }
        self.inbox.extend_from_slice(&inbox[at..]);
        Ok(())
    }

    /// The length of the next frame with its own digits; `None` while they are incomplete.
    fn length(&self, bytes: &[u8]) -> io::Result<Option<usize>> {
        let digits = self.template.prefix_digits;
        let Some(prefix) = bytes.get(..digits) else {
            return Ok(None);
        };
        let mut length = 0;
        for digit in prefix {
            match digit.checked_sub(b'0').filter(|digit| *digit < 10) {
                Some(digit) => length = length * 10 + usize::from(digit),
                None => return Err(io::Error::other("what came is no frame")),
            }
        }
        Ok(Some(digits + length))
    }

    fn hear(&mut self, frame: &[u8], now: u64) {
        let template = &self.template;
        let is_reply = frame.get(template.message_type.clone()) == Some(&template.reply_type[..]);
        let number = template.number_of(frame).filter(|_| is_reply);
        let index = number.and_then(|number| self.index_of(number));
        let Some(index) = index else {
            return self.hear_other(frame);
        };
        let at = self.slot_at(index);
        let slot = self.slots[at];
        if !slot.under_way {
            self.part.unexpected += 1;
            return;
        }
        self.slots[at].under_way = false;
        self.in_flight -= 1;
        let mut code = [b' '; 4];
        let came = &frame[self.template.code.clone()];
        code.iter_mut().zip(came).for_each(|(to, from)| *to = *from);
        self.part.answered(code, now.saturating_sub(slot.sent));
        if self.schedule.is_open() {
            self.part.corrected(now.saturating_sub(slot.due));
        }
        if self.part.remembers() && code == *b"0000" {
            let sent = self.record_of(index);
            self.part.acknowledged(sent);
        }
    }

    /// Which of this session's telegrams a number is, counted from 0.
    fn index_of(&self, number: u64) -> Option<u64> {
        let ours = number
            .checked_sub(self.first)
            .filter(|rest| rest % self.step == 0)?;
        let index = ours / self.step;
        (index < self.sent && self.sent - index <= self.slots.len() as u64).then_some(index)
    }

    fn record_of(&self, index: u64) -> Sent {
        let payee = self.slots[self.slot_at(index)].payee;
        Sent {
            number: self.first + index * self.step,
            payee,
        }
    }

    /// The gateway's own line tests and keep-alive frames are answered; all else is counted.
    fn hear_other(&mut self, frame: &[u8]) {
        let telegram = Bytes::copy_from_slice(&frame[self.template.prefix_digits..]);
        let answer = match self.template.places.profile().read(telegram) {
            Reading::Poll { answer } => answer,
            Reading::Request(record) => record.reply(Answer::Accepted).bytes(),
            _ => {
                self.part.unexpected += 1;
                return;
            }
        };
        let wire = framed(&self.template.places, &answer);
        self.out.extend_from_slice(&wire);
    }
}
