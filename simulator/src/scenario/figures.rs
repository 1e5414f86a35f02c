//! The steps about figures: aggregates (집계) held against the bank's own book.

use jiff::civil::Date;

use super::judge::Judge;
use super::steps::Acting;
use super::{Expect, Step, TotalsStep};
use crate::book::Totals;

impl TotalsStep {
    /// What the bank claims: its own figures, and what the step adds to them.
    fn claimed(&self, own: Totals) -> Totals {
        Totals {
            deposits: own.deposits + self.claim.deposits,
            deposit_amount: own.deposit_amount + self.claim.deposit_amount,
            corrections: own.corrections + self.claim.corrections,
            correction_amount: own.correction_amount + self.claim.correction_amount,
        }
    }
}

impl Acting<'_> {
    /// Asks for the figures of a day and holds them against the bank's own book.
    pub(super) async fn totals(
        &mut self,
        place: &str,
        step: &Step,
        asked: &TotalsStep,
    ) -> Result<(), String> {
        let Expect::Answer(due) = &step.expect else {
            return Err("an aggregate expects an answer".into());
        };
        let date = asked.date.from(self.date);
        let banks = if asked.banks.is_empty() {
            self.bank
                .book
                .borrow()
                .banks(date)
                .into_iter()
                .chain([0])
                .collect()
        } else {
            asked.banks.clone()
        };
        self.stated(place, asked, &banks, date);
        for bank in banks {
            let of = (bank != 0).then_some(bank);
            let own = self.bank.book.borrow().totals(date, of);
            let draft = self.bank.aggregate(date, bank, asked.claimed(own))?;
            let heard = self.bank.ask(step.sessions[0], &draft).await;
            let judge = Judge {
                bank: self.bank,
                told: &self.told,
            };
            let place = format!("{place}, bank {bank:03}");
            let found = judge.answer(&place, &draft, &heard, due);
            let figures = judge.figures(&place, &heard, own);
            self.note([found, figures]);
        }
        Ok(())
    }

    /// What the scenario says the figures are: the bank's book itself may be wrong.
    fn stated(&mut self, place: &str, asked: &TotalsStep, banks: &[u16], date: Date) {
        let one = <[u16; 1]>::try_from(banks)
            .ok()
            .map(|[bank]| bank)
            .filter(|bank| *bank != 0);
        let own = self.bank.book.borrow().totals(date, one);
        let figures = [
            ("deposits", asked.deposits, own.deposits),
            ("deposit_amount", asked.deposit_amount, own.deposit_amount),
            ("corrections", asked.corrections, own.corrections),
            (
                "correction_amount",
                asked.correction_amount,
                own.correction_amount,
            ),
        ];
        for (name, stated, own) in figures {
            match stated {
                Some(stated) if stated != own => self.verdict.differs(format!(
                    "{place}: the bank's own book has {name} {own}, the scenario says {stated}"
                )),
                Some(_) => self.verdict.met(),
                None => {}
            }
        }
    }
}
