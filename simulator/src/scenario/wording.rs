//! From what a step says to the telegram that is sent.

use bytes::{Bytes, BytesMut};
use telegrams::Kind;

use super::steps::Acting;
use super::{AccountRef, Damage, Day, NumberRef, Telegram};
use crate::bank::Bank;
use crate::book::{Movement, Number, Totals};
use crate::draft::{Draft, Wording, compose};
use crate::line::framed;

impl Acting<'_> {
    /// Words a telegram as the scenario says, with what it has in common with an earlier one.
    pub(super) fn draft(&self, said: &Telegram) -> Result<Draft, String> {
        let like = match &said.like {
            None => None,
            Some(label) => Some(
                &self
                    .told
                    .get(label)
                    .ok_or_else(|| format!("`{label}` was never told"))?
                    .draft,
            ),
        };
        let issued = match (&said.issued, &self.floor) {
            (Some(label), Some(floor)) => Some(floor.account(label)?),
            _ => None,
        };
        let movement = movement(said, said.account.as_ref().or(issued), like);
        let (number, original) = self.number(said, like, movement.as_ref())?;
        let payer = self.payer(said)?;
        let payer = payer
            .as_deref()
            .or(like.and_then(|like| like.payer.as_deref()));
        let date = number.date;
        let wording = Wording {
            kind: said.kind,
            institution: said
                .institution
                .as_deref()
                .unwrap_or(&self.bank.contract.institution),
            number,
            original,
            time: self.bank.time(),
            movement: movement.filter(|_| !is_about_no_account(said.kind)),
            payer,
            mode: said.mode,
            figures: (said.kind == Kind::Aggregate).then(|| (date, Totals::default())),
            fields: &said.fields,
        };
        let draft = compose(&self.bank.places, &wording).map_err(|error| error.to_string())?;
        Ok(if said.resent {
            draft.sent_again(&self.bank.places)
        } else {
            draft
        })
    }

    /// The payer's name; with a shop it may stand for a value that was kept.
    fn payer(&self, said: &Telegram) -> Result<Option<String>, String> {
        match (&said.payer, &self.floor) {
            (Some(payer), Some(floor)) => floor.filled(payer).map(Some),
            (payer, _) => Ok(payer.clone()),
        }
    }

    fn number(
        &self,
        said: &Telegram,
        like: Option<&Draft>,
        movement: Option<&Movement>,
    ) -> Result<(Number, Option<Number>), String> {
        let date = match (said.date, like) {
            (Some(date), _) => date.from(self.date),
            (None, Some(like)) => like.number.date,
            (None, None) => Day::After(0).from(self.date),
        };
        let account_bank = movement.map_or(0, |movement| movement.account_bank);
        let bank = said
            .bank
            .or(like.map(|like| like.number.bank))
            .unwrap_or(account_bank);
        if said.kind == Kind::Correction
            && let Some(like) = like
        {
            let deposit = Number {
                bank,
                date,
                ..like.deposit_number().clone()
            };
            return Ok(self.bank.correction_number(&deposit));
        }
        let trace_no = match (&said.number, like) {
            (Some(NumberRef::Text(number)), _) => Some(number.clone()),
            (Some(NumberRef::Of(label)), _) => {
                let told = self
                    .told
                    .get(label)
                    .ok_or_else(|| format!("`{label}` was never told"))?;
                Some(told.draft.number.trace_no.clone())
            }
            (None, Some(like)) => Some(like.deposit_number().trace_no.clone()),
            (None, None) => None,
        };
        let number = match trace_no {
            Some(trace_no) => Number {
                bank,
                date,
                trace_no,
            },
            None => self.bank.new_number(bank, date),
        };
        match said.kind {
            // A correction out of nothing names a deposit that nobody made.
            Kind::Correction => Ok(self.bank.correction_number(&number)),
            _ => Ok((number, None)),
        }
    }

    pub(super) fn word(&self, plain: &Plain<'_>) -> Result<Draft, String> {
        let wording = Wording {
            kind: plain.kind,
            institution: &self.bank.contract.institution,
            number: plain.number.clone(),
            original: None,
            time: self.bank.time(),
            movement: plain
                .movement
                .clone()
                .filter(|_| !is_about_no_account(plain.kind)),
            payer: plain.payer,
            mode: super::Mode::default(),
            figures: None,
            fields: &[],
        };
        compose(&self.bank.places, &wording).map_err(|error| error.to_string())
    }
}

/// The little that a plain telegram says.
pub(super) struct Plain<'a> {
    pub(super) kind: Kind,
    pub(super) number: Number,
    pub(super) movement: Option<Movement>,
    pub(super) payer: Option<&'a str>,
}

/// Whose account and how much: as said, or as the earlier telegram had it.
fn movement(
    said: &Telegram,
    account: Option<&AccountRef>,
    like: Option<&Draft>,
) -> Option<Movement> {
    let like = like.and_then(|like| like.movement.as_ref());
    let account = account.map(|account| (account.bank, account.number.clone()));
    let account = account.or(like.map(|like| (like.account_bank, like.account_no.clone())));
    let (account_bank, account_no) = account?;
    let amount = said.amount.or(like.map(|like| like.amount)).unwrap_or(0);
    Some(Movement {
        account_bank,
        account_no,
        amount,
    })
}

fn is_about_no_account(kind: Kind) -> bool {
    use Kind::{Aggregate, Close, FaultNotice, LineTest, Open, RecoveryNotice};
    matches!(
        kind,
        Aggregate | Close | FaultNotice | LineTest | Open | RecoveryNotice
    )
}

/// The telegram with single fields overwritten, and cut or filled to another length.
pub(super) fn damaged(bank: &Bank, draft: Draft, damage: &Damage) -> Result<Draft, String> {
    let mut bytes = draft.telegram.to_vec();
    for (field, patch) in &damage.patch {
        let place = bank.places.place(draft.kind, *field);
        let place = place.ok_or_else(|| format!("`{field}` is no field of a {}", draft.kind))?;
        let room = place.len();
        let at = bytes[place].split_at_mut_checked(patch.len());
        let (head, tail) = at.ok_or_else(|| format!("`{field}` has room for {room} bytes"))?;
        head.copy_from_slice(patch);
        tail.fill(b' ');
    }
    if let Some(length) = damage.length {
        bytes.resize(length, b' ');
    }
    Ok(Draft {
        telegram: bytes.into(),
        ..draft
    })
}

/// The frame as it goes out, with another length before it or noise behind it.
pub(super) fn wire(bank: &Bank, draft: &Draft, damage: &Damage) -> Bytes {
    let mut wire = match &damage.prefix {
        None => BytesMut::from(&framed(&bank.places, &draft.telegram)[..]),
        Some(prefix) => {
            let mut wire = BytesMut::from(prefix.as_bytes());
            wire.extend_from_slice(&draft.telegram);
            wire
        }
    };
    wire.extend_from_slice(damage.tail.as_deref().unwrap_or_default());
    wire.freeze()
}
