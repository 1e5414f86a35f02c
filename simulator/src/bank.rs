//! The bank and its relay: sessions by number, telegrams out, answers in, and the book kept.
//!
//! What the bank believes it learns here, from answers alone. A deposit or a correction whose
//! answer did not come, or came as «not processed», is unanswered until a re-send is answered.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use jiff::civil::{Date, Time};
use telegrams::{Answer, Field, Kind};

use crate::book::{Book, Contradiction, Number, Totals};
use crate::draft::{Draft, Wording, compose};
use crate::house::House;
use crate::line::{Line, framed};
use crate::places::{PairKey, Places};
use crate::scenario::{Manner, Mode};

/// Re-sends that are in flight at the same time.
const RESENDS_IN_FLIGHT: usize = 64;

/// How often a session is dialled before the bank gives up.
const DIALS: u32 = 5;

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// An answer.
    Answer(Bytes),
    /// The session ended first.
    Lost,
    /// Nothing, as long as the bank had patience.
    Nothing,
    /// There was no session to be had; the words say why.
    NoLine(String),
}

/// What the bank counts as it goes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) telegrams: u64,
    pub(crate) resends: u64,
    pub(crate) slowest_check: Duration,
}

/// How a bank is set up.
#[derive(Clone, Debug)]
pub(crate) struct Contract {
    /// Where the gateway listens for the relay.
    pub(crate) relay: String,
    /// The gateway's institution code (기관코드).
    pub(crate) institution: String,
    /// How long an answer is waited for.
    pub(crate) patience: Duration,
    /// The two digits that keep one scenario's numbers from another's.
    pub(crate) block: u8,
    /// The date that stands at the head of its numbers.
    pub(crate) date: Date,
}

/// A bank with its relay.
pub(crate) struct Bank {
    pub(crate) contract: Contract,
    pub(crate) places: Rc<Places>,
    pub(crate) house: RefCell<House>,
    pub(crate) book: RefCell<Book>,
    pub(crate) unanswered: RefCell<Vec<Draft>>,
    pub(crate) tally: Cell<Tally>,
    next_number: Cell<u64>,
    lines: RefCell<BTreeMap<u8, Rc<Line>>>,
    strays: RefCell<Vec<Bytes>>,
    dialling: tokio::sync::Mutex<()>,
    originals_apart: bool,
}

impl Bank {
    pub(crate) fn new(contract: Contract, places: Places, house: House) -> Self {
        Self {
            contract,
            originals_apart: places.correction_names_its_original_apart(),
            places: Rc::new(places),
            house: RefCell::new(house),
            book: RefCell::new(Book::new()),
            unanswered: RefCell::default(),
            tally: Cell::default(),
            next_number: Cell::new(1),
            lines: RefCell::default(),
            strays: RefCell::default(),
            dialling: tokio::sync::Mutex::default(),
        }
    }

    /// A number that was not used before. Long ones begin with month and day, all have the block.
    pub(crate) fn new_number(&self, bank: u16, date: Date) -> Number {
        let next = self.next_number.replace(self.next_number.get() + 1);
        let place = self.places.place(Kind::Deposit, Field::TraceNo);
        let width = place.map_or(14, |place| place.len());
        let block = self.contract.block;
        let trace_no = match width.checked_sub(6) {
            Some(rest @ 4..) => {
                let day = self.contract.date.strftime("%m%d");
                format!("{day}{block:02}{next:0rest$}")
            }
            _ => format!("{block:02}{next:0rest$}", rest = width.saturating_sub(2)),
        };
        Number {
            bank,
            date,
            trace_no,
        }
    }

    /// The number of a correction, and the original it names where this relay has it so.
    pub(crate) fn correction_number(&self, deposit: &Number) -> (Number, Option<Number>) {
        if self.originals_apart {
            (
                self.new_number(deposit.bank, deposit.date),
                Some(deposit.clone()),
            )
        } else {
            (deposit.clone(), None)
        }
    }

    /// The session of that number, dialled anew where it is not there or not there any more.
    pub(crate) async fn line(&self, session: u8) -> Result<Rc<Line>, String> {
        if let Some(line) = self.living(session) {
            return Ok(line);
        }
        // One dials, the others who need the session wait for it.
        let _turn = self.dialling.lock().await;
        if let Some(line) = self.living(session) {
            return Ok(line);
        }
        let line = Rc::new(self.dial().await?);
        let old = self.lines.borrow_mut().insert(session, Rc::clone(&line));
        if let Some(old) = old {
            self.strays.borrow_mut().extend(old.take_strays());
        }
        Ok(line)
    }

    fn living(&self, session: u8) -> Option<Rc<Line>> {
        let lines = self.lines.borrow();
        lines.get(&session).filter(|line| !line.is_over()).cloned()
    }

    /// A session of one's own, outside the numbered ones.
    pub(crate) async fn dial(&self) -> Result<Line, String> {
        let mut tried = 0;
        loop {
            tried += 1;
            match Line::dial(&self.contract.relay, &self.places).await {
                Ok(line) => return Ok(line),
                Err(_) if tried < DIALS => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(error) => {
                    let relay = &self.contract.relay;
                    return Err(format!("no session with {relay}: {error}"));
                }
            }
        }
    }

    /// Ends a session that is there.
    pub(crate) async fn hang_up(&self, session: u8, manner: Manner) {
        let line = self.lines.borrow_mut().remove(&session);
        if let Some(line) = line {
            line.hang_up(manner).await;
            self.strays.borrow_mut().extend(line.take_strays());
        }
    }

    /// Frames that nobody waited for, on any session so far.
    pub(crate) fn take_strays(&self) -> Vec<Bytes> {
        let mut strays = std::mem::take(&mut *self.strays.borrow_mut());
        for line in self.lines.borrow().values() {
            strays.extend(line.take_strays());
        }
        strays
    }

    /// Sends a telegram and waits for its answer.
    pub(crate) async fn ask(&self, session: u8, draft: &Draft) -> Heard {
        let line = match self.line(session).await {
            Ok(line) => line,
            Err(why) => return Heard::NoLine(why),
        };
        let key = self.places.key(draft.kind, &draft.telegram);
        let asked = Instant::now();
        let wire = framed(&self.places, &draft.telegram);
        let heard = self.exchange(&line, Some(key), wire, None).await;
        if draft.kind == Kind::PreDepositCheck {
            let mut tally = self.tally.get();
            tally.slowest_check = tally.slowest_check.max(asked.elapsed());
            self.tally.set(tally);
        }
        heard
    }

    /// Sends bytes and waits for the answer with this key, or for the next that is nobody's.
    pub(crate) async fn exchange(
        &self,
        line: &Line,
        key: Option<PairKey>,
        wire: Bytes,
        chunk: Option<usize>,
    ) -> Heard {
        let answer = match key {
            Some(key) => line.listen_for(key),
            None => line.listen_for_any(),
        };
        self.count(|tally| tally.telegrams += 1);
        match chunk {
            None => line.send(wire).await,
            Some(chunk) => line.send_pieces(wire, chunk).await,
        }
        match tokio::time::timeout(self.contract.patience, answer).await {
            Ok(Ok(answer)) => Heard::Answer(answer),
            Ok(Err(_)) => Heard::Lost,
            Err(_) => Heard::Nothing,
        }
    }

    pub(crate) fn count(&self, count: impl FnOnce(&mut Tally)) {
        let mut tally = self.tally.get();
        count(&mut tally);
        self.tally.set(tally);
    }

    /// Writes into the book what an answer tells, or keeps the telegram as unanswered.
    pub(crate) fn learn(&self, draft: &Draft, heard: &Heard) -> Result<(), Contradiction> {
        if !matches!(draft.kind, Kind::Deposit | Kind::Correction) {
            return Ok(());
        }
        let Heard::Answer(answer) = heard else {
            self.unanswered.borrow_mut().push(draft.clone());
            return Ok(());
        };
        let (profile, code) = (self.places.profile(), self.places.code(draft.kind, answer));
        if code == profile.code(Answer::NotProcessed, None) {
            self.unanswered.borrow_mut().push(draft.clone());
        }
        let Some(movement) = draft.movement.as_ref().filter(|_| code == "0000") else {
            return Ok(());
        };
        if draft.institution != self.contract.institution {
            return Ok(());
        }
        let mut book = self.book.borrow_mut();
        match draft.kind {
            Kind::Deposit => book.deposit_taken(draft.deposit_number(), movement),
            _ => book.correction_taken(draft.deposit_number(), movement),
        }
    }

    /// Tells once more of everything unanswered; returns what was told and what came back.
    pub(crate) async fn resend(&self, sessions: &[u8]) -> Vec<(Draft, Heard)> {
        let unanswered = std::mem::take(&mut *self.unanswered.borrow_mut());
        self.count(|tally| tally.resends += unanswered.len() as u64);
        let asked = unanswered
            .into_iter()
            .enumerate()
            .map(|(at, draft)| async move {
                let again = draft.sent_again(&self.places);
                let heard = self.ask(sessions[at % sessions.len()], &again).await;
                (again, heard)
            });
        stream::iter(asked)
            .buffer_unordered(RESENDS_IN_FLIGHT)
            .collect()
            .await
    }

    /// Lets the house's clock go on, where it can be set.
    pub(crate) fn let_pass(&self, time: SignedDuration) -> Result<(), String> {
        let mut house = self.house.borrow_mut();
        if !house.can_be_set() {
            return Ok(());
        }
        let later = house.now().saturating_add(time);
        house.set(later, 1.0).map_err(|error| error.to_string())
    }

    /// What the clock of the house shows.
    pub(crate) fn time(&self) -> Time {
        self.house.borrow().now().time()
    }

    /// An aggregate telegram for a day and a bank (0 for all) with the figures claimed.
    pub(crate) fn aggregate(
        &self,
        date: Date,
        bank: u16,
        claimed: Totals,
    ) -> Result<Draft, String> {
        let wording = Wording {
            kind: Kind::Aggregate,
            institution: &self.contract.institution,
            number: self.new_number(bank, date),
            original: None,
            time: self.time(),
            movement: None,
            payer: None,
            mode: Mode::default(),
            figures: Some((date, claimed)),
            fields: &[],
        };
        compose(&self.places, &wording).map_err(|error| error.to_string())
    }

    /// The figures in an aggregate's answer.
    pub(crate) fn answered_totals(&self, answer: &Bytes) -> Option<Totals> {
        let [deposits, deposit_amount, corrections, correction_amount] =
            self.places.figures(answer)?;
        Some(Totals {
            deposits,
            deposit_amount,
            corrections,
            correction_amount,
        })
    }
}
