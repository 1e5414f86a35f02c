//! The single steps of a scenario, done with the bank's means.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use jiff::civil::Date;
use telegrams::Kind;

use super::judge::Judge;
use super::trade::Floor;
use super::wording::{Plain, damaged, wire};
use super::{Action, Answer, Expect, Lose, Manner, Scenario, Step, Telegram};
use crate::bank::{Bank, Heard};
use crate::book::Totals;
use crate::draft::Draft;
use crate::line::{Line, framed};
use crate::shop::HeadOffice;
use crate::verdict::Verdict;

/// How long after a line test's answer silence must have lasted.
const SILENCE: Duration = Duration::from_millis(200);

/// What was told under a label.
pub(super) struct Told {
    pub(super) draft: Draft,
    pub(super) answer: Option<Bytes>,
}

/// A scenario under way.
pub(super) struct Acting<'a> {
    scenario: &'a Scenario,
    pub(super) bank: &'a Bank,
    pub(super) date: Date,
    pub(super) seed: u64,
    pub(super) verdict: &'a mut Verdict,
    pub(super) progress: &'a mut dyn FnMut(u64, u64),
    pub(super) told: BTreeMap<String, Told>,
    /// The shop, where one takes part.
    pub(super) floor: Option<Floor>,
}

impl<'a> Acting<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        bank: &'a Bank,
        date: Date,
        seed: u64,
        verdict: &'a mut Verdict,
        progress: &'a mut dyn FnMut(u64, u64),
    ) -> Self {
        Self {
            scenario,
            bank,
            date,
            seed,
            verdict,
            progress,
            told: BTreeMap::new(),
            floor: None,
        }
    }

    /// Brings the scenario's shop, where it has one, and plays every step. A step that cannot be
    /// played at all ends the scenario with its reason.
    pub(super) async fn all_steps(
        &mut self,
        office: Option<Arc<HeadOffice>>,
    ) -> Result<(), String> {
        let scenario = self.scenario;
        if let (Some(part), Some(office)) = (&scenario.shop, office) {
            self.floor = Some(Floor::open(scenario, part, office).await?);
        }
        self.the_day_is_new().await?;
        for (at, step) in scenario.steps.iter().enumerate() {
            let name = step.action.name();
            let mut place = format!("step {} ({name}, line {})", at + 1, step.line);
            if let Some(note) = &step.note {
                place = format!("{place} «{note}»");
            }
            let done = self.step(&place, step).await;
            done.map_err(|why| format!("{place}: {why}"))?;
            self.verdict.steps += 1;
        }
        let strays = self.bank.take_strays();
        for stray in &strays {
            let start = String::from_utf8_lossy(&stray[..stray.len().min(55)]);
            self.verdict
                .differs(format!("an answer to nothing that was asked: «{start}...»"));
        }
        for complaint in self.floor.iter().flat_map(Floor::complaints) {
            self.verdict.differs(complaint);
        }
        self.verdict.telegrams = self.bank.tally.get().telegrams;
        Ok(())
    }

    /// A scenario that asks for figures needs a day on which nobody has deposited yet.
    async fn the_day_is_new(&self) -> Result<(), String> {
        let mut actions = self.scenario.steps.iter().map(|step| &step.action);
        if !actions.any(|action| matches!(action, Action::Totals(_))) {
            return Ok(());
        }
        let draft = self.bank.aggregate(self.date, 0, Totals::default())?;
        let heard = self.bank.ask(1, &draft).await;
        let figures = answer_of(heard).and_then(|answer| self.bank.answered_totals(&answer));
        match figures {
            Some(figures) if figures != Totals::default() => Err(format!(
                "the gateway has already {figures} on {}: a scenario is played once on a data \
                 folder, or with another --date",
                self.date
            )),
            // No answer, or one without figures, is for the steps to find.
            _ => Ok(()),
        }
    }

    async fn step(&mut self, place: &str, step: &Step) -> Result<(), String> {
        match &step.action {
            Action::Tell(telegram) => self.tell(place, step, telegram).await,
            Action::Repeat { of, resent, times } => {
                self.repeat(place, step, of, *resent, *times).await
            }
            Action::Frame { bytes, answer } => {
                self.frame(place, step, bytes, answer.as_deref()).await
            }
            Action::Burst {
                kind,
                account,
                amount,
                count,
                chunk,
            } => {
                let drafts = self.many(*kind, account, *amount, *count)?;
                self.burst(place, step, &drafts, *chunk).await
            }
            Action::Race { label, telegrams } => self.race(place, step, label, telegrams).await,
            Action::Cut(telegram) => self.cut(place, telegram).await,
            Action::Storm {
                account,
                amount,
                rounds,
                sessions,
            } => self.storm(account, *amount, *rounds, *sessions).await,
            Action::Day(plan) => {
                let (bank, date, seed) = (self.bank, self.date, self.seed);
                let day = crate::day::Day {
                    bank,
                    plan,
                    date,
                    seed,
                };
                day.play(self.verdict, self.progress).await
            }
            Action::Resend { every, rounds } => self.resend(place, step, *every, *rounds).await,
            Action::Totals(totals) => self.totals(place, step, totals).await,
            Action::Clock { at, speed } => {
                let mut house = self.bank.house.borrow_mut();
                let hour = at.from(self.date, house.now());
                house.set(hour, *speed).map_err(|error| error.to_string())
            }
            Action::Listen {
                seconds,
                line_tests,
            } => self.listen(place, step, *seconds, *line_tests).await,
            Action::Trade(trade) => self.trade(place, step, trade).await,
            Action::HangUp(manner) => {
                for session in &step.sessions {
                    self.bank.hang_up(*session, *manner).await;
                }
                Ok(())
            }
        }
    }

    /// One telegram, on one session or on several in the same moment.
    async fn tell(&mut self, place: &str, step: &Step, said: &Telegram) -> Result<(), String> {
        let draft = damaged(self.bank, self.draft(said)?, &said.damage)?;
        let answer = match said.lose {
            Some(Lose::Session) => {
                self.send_and_break(step.sessions[0], &draft).await?;
                None
            }
            _ => self.send(place, step, said, &draft).await?,
        };
        if let Some(label) = &said.label {
            self.told.insert(label.clone(), Told { draft, answer });
        }
        Ok(())
    }

    async fn send(
        &mut self,
        place: &str,
        step: &Step,
        said: &Telegram,
        draft: &Draft,
    ) -> Result<Option<Bytes>, String> {
        let wire = wire(self.bank, draft, &said.damage);
        match &step.expect {
            Expect::Silence => {
                self.silence(place, step.sessions[0], wire).await?;
                Ok(None)
            }
            Expect::Closed => {
                self.closed(place, step.sessions[0], wire).await?;
                Ok(None)
            }
            Expect::Answer(due) => {
                let first = self.bank.line(step.sessions[0]).await?;
                let heard = self.on_each(step, said, draft, wire).await?;
                let answers = heard
                    .iter()
                    .map(|heard| self.settle(place, draft, heard, due, said));
                let answers: Vec<_> = answers.collect::<Vec<_>>();
                self.note(answers.into_iter().flatten());
                self.all_alike(place, &heard);
                if said.damage.tail.is_some() {
                    self.must_end(place, &first).await;
                }
                Ok(heard.into_iter().find_map(answer_of))
            }
            Expect::Winner { .. } | Expect::Nothing | Expect::Said(_) => {
                let line = self.bank.line(step.sessions[0]).await?;
                line.send(wire).await;
                Ok(None)
            }
        }
    }

    async fn on_each(
        &self,
        step: &Step,
        said: &Telegram,
        draft: &Draft,
        wire: Bytes,
    ) -> Result<Vec<Heard>, String> {
        let mut lines = Vec::new();
        for session in &step.sessions {
            lines.push(self.bank.line(*session).await?);
        }
        let asked = lines.iter().map(|line| {
            let key = self.bank.places.key(draft.kind, &draft.telegram);
            let key = (!said.damage.breaks_the_key()).then_some(key);
            self.bank
                .exchange(line, key, wire.clone(), said.damage.chunk)
        });
        Ok(join_all(asked).await)
    }

    /// Judges an answer and lets the bank learn from it, unless the answer is to be forgotten.
    fn settle(
        &self,
        place: &str,
        draft: &Draft,
        heard: &Heard,
        due: &Answer,
        said: &Telegram,
    ) -> Vec<Result<(), String>> {
        let judge = Judge {
            bank: self.bank,
            told: &self.told,
        };
        let mut found = vec![judge.answer(place, draft, heard, due)];
        if said.lose == Some(Lose::Answer) {
            self.bank.unanswered.borrow_mut().push(draft.clone());
        } else if !said.damage.breaks_the_key() || matches!(heard, Heard::Answer(_)) {
            let learnt = self.bank.learn(draft, heard);
            found.extend(learnt.err().map(|error| Err(format!("{place}: {error}"))));
        }
        found
    }

    pub(super) fn note(&mut self, found: impl IntoIterator<Item = Result<(), String>>) {
        for found in found {
            match found {
                Ok(()) => self.verdict.met(),
                Err(words) => self.verdict.differs(words),
            }
        }
    }

    fn all_alike(&mut self, place: &str, heard: &[Heard]) {
        if heard.windows(2).any(|pair| pair[0] != pair[1]) {
            self.verdict
                .differs(format!("{place}: the sessions got different answers"));
        }
    }

    async fn send_and_break(&mut self, session: u8, draft: &Draft) -> Result<(), String> {
        let line = self.bank.line(session).await?;
        line.send(framed(&self.bank.places, &draft.telegram)).await;
        self.bank.count(|tally| tally.telegrams += 1);
        self.bank.hang_up(session, Manner::Reset).await;
        self.bank.unanswered.borrow_mut().push(draft.clone());
        Ok(())
    }

    /// Nothing may come back; a line test behind it shows that the session is alive.
    async fn silence(&mut self, place: &str, session: u8, wire: Bytes) -> Result<(), String> {
        let line = self.bank.line(session).await?;
        let mut answer = line.listen_for_any();
        line.send(wire).await;
        let test = self.line_test()?;
        let key = self.bank.places.key(test.kind, &test.telegram);
        let wire = framed(&self.bank.places, &test.telegram);
        let fence = self.bank.exchange(&line, Some(key), wire, None).await;
        tokio::time::sleep(SILENCE).await;
        match (fence, answer.try_recv()) {
            (Heard::Answer(_), Ok(_)) => {
                self.verdict
                    .differs(format!("{place}: an answer came, silence was due"));
            }
            (Heard::Answer(_), Err(_)) => self.verdict.met(),
            _ => self
                .verdict
                .differs(format!("{place}: the session ended, silence was due")),
        }
        Ok(())
    }

    fn line_test(&self) -> Result<Draft, String> {
        let number = self.bank.new_number(0, self.date);
        self.word(&Plain {
            kind: Kind::LineTest,
            number,
            movement: None,
            payer: None,
        })
    }

    async fn closed(&mut self, place: &str, session: u8, wire: Bytes) -> Result<(), String> {
        let line = self.bank.line(session).await?;
        line.send(wire).await;
        self.bank.count(|tally| tally.telegrams += 1);
        self.must_end(place, &line).await;
        match line.take_strays().len() {
            0 => {}
            some => {
                let words = format!("{place}: {some} answers before the session's end");
                self.verdict.differs(words);
            }
        }
        Ok(())
    }

    async fn must_end(&mut self, place: &str, line: &Line) {
        match tokio::time::timeout(self.bank.contract.patience, line.ended()).await {
            Ok(()) => self.verdict.met(),
            Err(_) => self
                .verdict
                .differs(format!("{place}: the session was not closed")),
        }
    }

    async fn repeat(
        &mut self,
        place: &str,
        step: &Step,
        of: &str,
        resent: bool,
        times: u32,
    ) -> Result<(), String> {
        let told = self
            .told
            .get(of)
            .ok_or_else(|| format!("`{of}` was never told"))?;
        let draft = if resent {
            told.draft.sent_again(&self.bank.places)
        } else {
            told.draft.clone()
        };
        let Expect::Answer(due) = &step.expect else {
            return Err("a repeat expects an answer".into());
        };
        for _ in 0..times {
            let heard = self.bank.ask(step.sessions[0], &draft).await;
            let judge = Judge {
                bank: self.bank,
                told: &self.told,
            };
            let found = judge.answer(place, &draft, &heard, due);
            let learnt = self
                .bank
                .learn(&draft, &heard)
                .map_err(|error| error.to_string());
            self.note([found, learnt]);
        }
        Ok(())
    }

    /// Says nothing, and counts the line tests (회선시험) with which the gateway asks whether
    /// anybody is there. They have been answered when they are counted.
    async fn listen(
        &mut self,
        place: &str,
        step: &Step,
        seconds: u64,
        line_tests: u64,
    ) -> Result<(), String> {
        let line = self.bank.line(step.sessions[0]).await?;
        let before = line.line_tests();
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let came = line.line_tests() - before;
        self.note([if came == line_tests && !line.is_over() {
            Ok(())
        } else {
            Err(format!(
                "{place}: {came} line tests came, due were {line_tests}"
            ))
        }]);
        Ok(())
    }

    /// Free bytes: what comes back is compared as bytes.
    async fn frame(
        &mut self,
        place: &str,
        step: &Step,
        bytes: &[u8],
        answer: Option<&[u8]>,
    ) -> Result<(), String> {
        let wire = Bytes::copy_from_slice(bytes);
        let Some(answer) = answer else {
            return match step.expect {
                Expect::Silence => self.silence(place, step.sessions[0], wire).await,
                _ => self.closed(place, step.sessions[0], wire).await,
            };
        };
        let line = self.bank.line(step.sessions[0]).await?;
        if answer.is_empty() {
            line.send(wire).await;
            return Ok(());
        }
        let heard = self.bank.exchange(&line, None, wire, None).await;
        // The answer is written with its length; what is heard has lost it.
        let due = answer.get(4..).unwrap_or_default();
        match heard {
            Heard::Answer(heard) if heard == due => self.verdict.met(),
            other => self.verdict.differs(format!("{place}: came {other:?}")),
        }
        Ok(())
    }
}

/// The answer, where one came.
pub(super) fn answer_of(heard: Heard) -> Option<Bytes> {
    match heard {
        Heard::Answer(answer) => Some(answer),
        Heard::Lost | Heard::Nothing | Heard::NoLine(_) => None,
    }
}
