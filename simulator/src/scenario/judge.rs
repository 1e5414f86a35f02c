//! Holding what came against what was due, in words.

use std::collections::BTreeMap;

use super::Answer;
use super::steps::Told;
use crate::bank::{Bank, Heard};
use crate::book::Totals;
use crate::draft::Draft;

/// Knows what was told before, and where things stand in a telegram.
pub(super) struct Judge<'a> {
    pub(super) bank: &'a Bank,
    pub(super) told: &'a BTreeMap<String, Told>,
}

impl Judge<'_> {
    /// The code of an answer, or what came in its stead.
    pub(super) fn code(&self, draft: &Draft, heard: &Heard) -> String {
        match heard {
            Heard::Answer(answer) => self.bank.places.code(draft.kind, answer),
            Heard::Lost => "the session's end".into(),
            Heard::Nothing => {
                format!(
                    "nothing within {:.1} s",
                    self.bank.contract.patience.as_secs_f64()
                )
            }
            Heard::NoLine(why) => why.clone(),
        }
    }

    /// An answer is right when its code is, and it is the question's echo with nothing changed
    /// but what an answer changes, and everything else holds that was asked for.
    pub(super) fn answer(
        &self,
        place: &str,
        draft: &Draft,
        heard: &Heard,
        due: &Answer,
    ) -> Result<(), String> {
        let Heard::Answer(answer) = heard else {
            let came = self.code(draft, heard);
            return Err(format!("{place}: {came}, due was {}", due.code));
        };
        let places = &self.bank.places;
        let code = places.code(draft.kind, answer);
        if code != due.code {
            return Err(format!("{place}: answered {code}, due was {}", due.code));
        }
        let (wanted, came) = (self.message_type(draft, due), places.message_type(answer));
        if came != wanted {
            return Err(format!(
                "{place}: the answer's type is {came}, due was {wanted}"
            ));
        }
        if let Some(words) = self.echo_broken(draft, answer) {
            return Err(format!("{place}: {words}"));
        }
        self.payee(place, answer, due)?;
        self.same(place, answer, due)
    }

    fn message_type(&self, draft: &Draft, due: &Answer) -> String {
        let usual = || self.bank.places.reply_type(draft.kind).to_owned();
        due.message_type.clone().unwrap_or_else(usual)
    }

    /// A telegram of the wrong length comes back in the right one, cut or filled with spaces.
    fn echo_broken(&self, draft: &Draft, answer: &[u8]) -> Option<String> {
        let size = self.bank.places.profile().telegram_size(draft.kind);
        let mut asked = draft.telegram.to_vec();
        asked.resize(size.unwrap_or(asked.len()), b' ');
        self.bank.places.echo_broken(draft.kind, &asked, answer)
    }

    fn payee(&self, place: &str, answer: &bytes::Bytes, due: &Answer) -> Result<(), String> {
        let Some(wanted) = &due.payee else {
            return Ok(());
        };
        match self.bank.places.payee(answer) {
            Some(payee) if payee == *wanted => Ok(()),
            payee => Err(format!(
                "{place}: the payee's name is «{}», due was «{wanted}»",
                payee.unwrap_or_default()
            )),
        }
    }

    fn same(&self, place: &str, answer: &bytes::Bytes, due: &Answer) -> Result<(), String> {
        let Some(label) = &due.same_as else {
            return Ok(());
        };
        match self.told.get(label).and_then(|told| told.answer.as_ref()) {
            Some(first) if first == answer => Ok(()),
            Some(first) => {
                let at = first
                    .iter()
                    .zip(answer)
                    .position(|(one, other)| one != other);
                let at = at.unwrap_or_default();
                Err(format!(
                    "{place}: byte {at} differs from the answer to `{label}`"
                ))
            }
            None => Err(format!("{place}: `{label}` was never answered")),
        }
    }

    /// The gateway's figures are right when they are the bank's own.
    pub(super) fn figures(&self, place: &str, heard: &Heard, own: Totals) -> Result<(), String> {
        let Heard::Answer(answer) = heard else {
            return Err(format!("{place}: no figures came"));
        };
        match self.bank.answered_totals(answer) {
            Some(theirs) if theirs == own => Ok(()),
            Some(theirs) => Err(format!(
                "{place}: the gateway has {theirs}; the bank's own book has {own}"
            )),
            None => Err(format!("{place}: the answer carries no figures")),
        }
    }
}
