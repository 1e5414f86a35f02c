//! The steps in which many telegrams meet: bursts, races, cuts, storms, re-sends.

use std::rc::Rc;

use bytes::BytesMut;
use futures_util::future::join_all;
use jiff::SignedDuration;
use telegrams::Kind;

use super::judge::Judge;
use super::steps::{Acting, Told, answer_of};
use super::wording::Plain;
use super::{AccountRef, Expect, Manner, Step, Telegram};
use crate::bank::Heard;
use crate::book::Movement;
use crate::draft::Draft;
use crate::line::framed;

impl Acting<'_> {
    pub(super) fn many(
        &self,
        kind: Kind,
        account: &AccountRef,
        amount: u64,
        count: u32,
    ) -> Result<Vec<Draft>, String> {
        let movement = Movement {
            account_bank: account.bank,
            account_no: account.number.clone(),
            amount,
        };
        let one = |_| {
            let number = self.bank.new_number(account.bank, self.date);
            let movement = Some(movement.clone());
            self.word(&Plain {
                kind,
                number,
                movement,
                payer: Some("김하나"),
            })
        };
        (0..count).map(one).collect()
    }

    /// Many telegrams in one write, or in pieces that do not care where a frame ends.
    pub(super) async fn burst(
        &mut self,
        place: &str,
        step: &Step,
        drafts: &[Draft],
        chunk: Option<usize>,
    ) -> Result<(), String> {
        let Expect::Answer(due) = &step.expect else {
            return Err("a burst expects answers".into());
        };
        let line = self.bank.line(step.sessions[0]).await?;
        let places = Rc::clone(&self.bank.places);
        let listen = |draft: &Draft| line.listen_for(places.key(draft.kind, &draft.telegram));
        let answers: Vec<_> = drafts.iter().map(listen).collect();
        let mut wire = BytesMut::new();
        for draft in drafts {
            wire.extend_from_slice(&framed(&places, &draft.telegram));
        }
        self.bank
            .count(|tally| tally.telegrams += drafts.len() as u64);
        match chunk {
            None => line.send(wire.freeze()).await,
            Some(chunk) => line.send_pieces(wire.freeze(), chunk).await,
        }
        for (draft, answer) in drafts.iter().zip(answers) {
            let heard = match tokio::time::timeout(self.bank.contract.patience, answer).await {
                Ok(Ok(answer)) => Heard::Answer(answer),
                Ok(Err(_)) => Heard::Lost,
                Err(_) => Heard::Nothing,
            };
            let judge = Judge {
                bank: self.bank,
                told: &self.told,
            };
            let found = judge.answer(place, draft, &heard, due);
            let learnt = self
                .bank
                .learn(draft, &heard)
                .map_err(|error| error.to_string());
            self.note([found, learnt]);
        }
        Ok(())
    }

    /// Several telegrams in the same moment, of which one must win.
    pub(super) async fn race(
        &mut self,
        place: &str,
        step: &Step,
        label: &str,
        telegrams: &[Telegram],
    ) -> Result<(), String> {
        let Expect::Winner { one, others } = &step.expect else {
            return Err("a race expects a winner".into());
        };
        let drafts: Result<Vec<_>, _> = telegrams.iter().map(|said| self.draft(said)).collect();
        let drafts = drafts?;
        let sessions = step.sessions.iter().cycle();
        let asked = drafts
            .iter()
            .zip(sessions)
            .map(|(draft, at)| self.bank.ask(*at, draft));
        let heard = join_all(asked).await;
        let judge = Judge {
            bank: self.bank,
            told: &self.told,
        };
        let codes: Vec<_> = drafts
            .iter()
            .zip(&heard)
            .map(|(d, h)| judge.code(d, h))
            .collect();
        let winners = codes.iter().filter(|code| *code == one).count();
        let losers = codes.iter().filter(|code| *code == others).count();
        let fair = winners == 1 && losers == codes.len() - 1;
        let learnt: Vec<_> = drafts
            .iter()
            .zip(&heard)
            .map(|(d, h)| self.bank.learn(d, h))
            .collect();
        self.note(
            learnt
                .into_iter()
                .map(|found| found.map_err(|error| error.to_string())),
        );
        let expected = format!("one {one} and {others} for the others");
        self.note([if fair {
            Ok(())
        } else {
            Err(format!("{place}: came {codes:?}, due was {expected}"))
        }]);
        let winner = codes.iter().position(|code| code == one).unwrap_or(0);
        let answer = answer_of(heard[winner].clone());
        self.told.insert(
            label.to_owned(),
            Told {
                draft: drafts[winner].clone(),
                answer,
            },
        );
        Ok(())
    }

    /// The same frame again and again, cut off one byte later each time.
    pub(super) async fn cut(&mut self, place: &str, said: &Telegram) -> Result<(), String> {
        let draft = self.draft(said)?;
        let wire = framed(&self.bank.places, &draft.telegram);
        for length in 1..wire.len() {
            let line = self.bank.dial().await?;
            line.send(wire.slice(..length)).await;
            let manner = if length % 2 == 0 {
                Manner::Close
            } else {
                Manner::Reset
            };
            let ended = line.hang_up(manner).await;
            let clean = ended && line.take_strays().is_empty();
            self.note([if clean {
                Ok(())
            } else {
                Err(format!(
                    "{place}: cut after {length} bytes, the session lived on"
                ))
            }]);
        }
        if let Some(label) = &said.label {
            self.told.insert(
                label.clone(),
                Told {
                    draft,
                    answer: None,
                },
            );
        }
        Ok(())
    }

    /// Sessions that break at every moment of a deposit's way.
    pub(super) async fn storm(
        &mut self,
        account: &AccountRef,
        amount: u64,
        rounds: u32,
        sessions: u8,
    ) -> Result<(), String> {
        for round in 0..rounds {
            let drafts = self.many(Kind::Deposit, account, amount, u32::from(sessions))?;
            let gusts = (round..)
                .zip(&drafts)
                .map(|(lot, draft)| self.gust(lot, draft));
            for done in join_all(gusts).await {
                done?;
            }
            (self.progress)(u64::from(round) + 1, u64::from(rounds));
        }
        self.verdict.met();
        Ok(())
    }

    async fn gust(&self, lot: u32, draft: &Draft) -> Result<(), String> {
        let line = self.bank.dial().await?;
        let wire = framed(&self.bank.places, &draft.telegram);
        self.bank.count(|tally| tally.telegrams += 1);
        let mut heard = Heard::Lost;
        match lot % 4 {
            0 => {
                line.send(wire).await;
                line.hang_up(Manner::Reset).await;
            }
            1 => {
                line.send(wire.slice(..wire.len() / 2)).await;
                line.hang_up(Manner::Reset).await;
            }
            2 => {
                let key = self.bank.places.key(draft.kind, &draft.telegram);
                heard = self.bank.exchange(&line, Some(key), wire, None).await;
                line.hang_up(Manner::Reset).await;
            }
            _ => {
                line.send(wire).await;
                line.hang_up(Manner::Close).await;
            }
        }
        self.bank
            .learn(draft, &heard)
            .map_err(|error| error.to_string())
    }

    pub(super) async fn resend(
        &mut self,
        place: &str,
        step: &Step,
        every: SignedDuration,
        rounds: u32,
    ) -> Result<(), String> {
        let Expect::Answer(due) = &step.expect else {
            return Err("a re-send expects answers".into());
        };
        for _ in 0..rounds {
            if self.bank.unanswered.borrow().is_empty() {
                break;
            }
            self.bank.let_pass(every)?;
            for (draft, heard) in self.bank.resend(&step.sessions).await {
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
        }
        match self.bank.unanswered.borrow().len() {
            0 => self.verdict.met(),
            left => self
                .verdict
                .differs(format!("{place}: {left} telegrams are still unanswered")),
        }
        Ok(())
    }
}
