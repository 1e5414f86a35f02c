//! The one telegram that is sent over and over, and the places where it changes.

use std::ops::Range;

use bytes::Bytes;
use telegrams::{Field, Kind};

use super::payees::{Payee, Payees, USUAL_AMOUNT, write_digits};
use super::{Load, LoadError};
use crate::book::{Movement, Number};
use crate::draft::{Draft, Wording, compose};
use crate::line::framed;
use crate::places::Places;
use crate::scenario::Mode;

/// The smallest room for the running number, in digits.
const RUNNING_DIGITS_MIN: usize = 4;

/// The kinds that load can be made of.
const LOADED: [Kind; 4] = [
    Kind::Deposit,
    Kind::LineTest,
    Kind::PayeeLookup,
    Kind::PreDepositCheck,
];

/// A frame and the places in it. All places count from the frame's first byte.
pub(super) struct Template {
    pub(super) places: Places,
    pub(super) payees: Payees,
    pub(super) prefix: String,
    /// Bytes of the length before each telegram.
    pub(super) prefix_digits: usize,
    pub(super) reply_type: [u8; 4],
    pub(super) message_type: Range<usize>,
    pub(super) code: Range<usize>,
    /// The digits of the number that run.
    pub(super) running: Range<usize>,
    frame: Bytes,
    banks: Vec<Range<usize>>,
    account: Option<Range<usize>>,
    amounts: Vec<Range<usize>>,
}

impl Template {
    pub(super) fn new(load: &Load, places: Places, payees: Payees) -> Result<Self, LoadError> {
        let kind = load.kind;
        if !LOADED.contains(&kind) {
            return Err(LoadError::Kind(kind));
        }
        let width = places
            .place(kind, Field::TraceNo)
            .map_or(0, |place| place.len());
        let room = width.saturating_sub(RUNNING_DIGITS_MIN);
        let prefix = load.prefix.clone();
        if prefix.len() > room || !prefix.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(LoadError::Prefix { prefix, room });
        }
        let draft = first_draft(load, &places)?;
        let frame = framed(&places, &draft.telegram);
        let prefix_digits = frame.len() - draft.telegram.len();
        let place = |field| {
            let place: Option<Range<usize>> = places.place(kind, field);
            place.map(|place| place.start + prefix_digits..place.end + prefix_digits)
        };
        let lacking = |field: Field| LoadError::Compose(format!("the telegram has no {field}"));
        let needed = |field: Field| place(field).ok_or_else(|| lacking(field));
        let trace_no = needed(Field::TraceNo)?;
        let banks = match kind {
            Kind::LineTest => Vec::new(),
            _ => [Field::Bank, Field::AccountBank]
                .into_iter()
                .filter_map(place)
                .collect(),
        };
        let reply_type = places.reply_type(kind).as_bytes().try_into();
        Ok(Self {
            payees,
            prefix_digits,
            reply_type: reply_type.map_err(|_| lacking(Field::MessageType))?,
            message_type: needed(Field::MessageType)?,
            code: needed(Field::AnswerCode)?,
            running: trace_no.start + prefix.len()..trace_no.end,
            prefix,
            banks,
            account: place(Field::AccountNo),
            amounts: [Field::Amount, Field::CashAmount]
                .into_iter()
                .filter_map(place)
                .collect(),
            frame,
            places,
        })
    }

    /// Appends the telegram with this number for this account.
    pub(super) fn append(&self, number: u64, payee: &Payee, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.frame);
        let frame = &mut out[start..];
        write_digits(number, &mut frame[self.running.clone()]);
        for bank in &self.banks {
            frame[bank.clone()].copy_from_slice(&payee.bank);
        }
        if let Some(account) = &self.account {
            frame[account.clone()].copy_from_slice(&payee.number[..account.len().min(16)]);
        }
        for amount in &self.amounts {
            write_digits(payee.amount, &mut frame[amount.clone()]);
        }
    }

    /// The running number of an answer, `None` where it is not one of ours.
    pub(super) fn number_of(&self, frame: &[u8]) -> Option<u64> {
        let mut number = 0;
        for digit in frame.get(self.running.clone())? {
            number = number * 10 + u64::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?);
        }
        Some(number)
    }

    /// A whole number as it stands on the wire.
    pub(super) fn trace_no(&self, number: u64) -> String {
        format!(
            "{}{number:0width$}",
            self.prefix,
            width = self.running.len()
        )
    }
}

fn first_draft(load: &Load, places: &Places) -> Result<Draft, LoadError> {
    let width = places
        .place(load.kind, Field::TraceNo)
        .map_or(14, |place| place.len());
    let trace_no = format!("{:0<width$}", load.prefix);
    let movement = Movement {
        account_bank: 0,
        account_no: "0000000000000000".into(),
        amount: USUAL_AMOUNT,
    };
    let wording = Wording {
        kind: load.kind,
        institution: &load.institution,
        number: Number {
            bank: 0,
            date: load.date,
            trace_no,
        },
        original: None,
        time: jiff::civil::time(10, 0, 0, 0),
        movement: (load.kind != Kind::LineTest).then_some(movement),
        payer: Some("김하나"),
        mode: Mode::Interactive,
        figures: None,
        fields: &[],
    };
    compose(places, &wording).map_err(|error| LoadError::Compose(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use telegrams::{Profiles, Reading};

    fn template(kind: Kind) -> Template {
        let profile = Profiles::embedded().get("dozn").unwrap();
        let load = Load {
            kind,
            ..Load::new("nowhere", date(2030, 6, 3))
        };
        let payees = Payees::List(vec![
            Payee::new(4, "701004000001", 0),
            Payee::new(88, "1", 33_000),
        ]);
        Template::new(&load, Places::of(&profile), payees).unwrap()
    }

    #[test]
    fn what_is_patched_is_a_telegram_that_the_codec_accepts() {
        let template = template(Kind::Deposit);
        let mut out = Vec::new();
        template.append(41, &template.payees.get(0), &mut out);
        template.append(42, &template.payees.get(1), &mut out);
        let second = &out[304..];
        assert_eq!(&second[..4], b"0300");
        assert_eq!(template.number_of(second), Some(42));
        let bytes = Bytes::copy_from_slice(&second[4..]);
        let Reading::Request(record) = template.places.profile().read(bytes) else {
            panic!("not a request")
        };
        record.check().unwrap();
        assert!(record.gaps().is_empty(), "{:?}", record.gaps());
        let deposit = telegrams::telegram::Deposit::read(&record).unwrap();
        assert_eq!(deposit.key.trace_no, template.trace_no(42));
        assert_eq!((deposit.key.bank, deposit.account_bank), (88, 88));
        assert_eq!((deposit.account_no.as_str(), deposit.amount), ("1", 33_000));
    }

    #[test]
    fn every_kind_of_load_composes() {
        for kind in [Kind::LineTest, Kind::PayeeLookup, Kind::PreDepositCheck] {
            let template = template(kind);
            let mut out = Vec::new();
            template.append(7, &template.payees.get(0), &mut out);
            let bytes = Bytes::copy_from_slice(&out[4..]);
            let Reading::Request(record) = template.places.profile().read(bytes) else {
                panic!("not a request")
            };
            assert_eq!(record.kind(), kind);
            record.check().unwrap();
        }
    }

    #[test]
    fn a_prefix_must_leave_room_and_be_plain() {
        let profile = Profiles::embedded().get("dozn").unwrap();
        for prefix in ["12345678901", "나루", "a b"] {
            let load = Load {
                prefix: prefix.into(),
                ..Load::new("nowhere", date(2030, 6, 3))
            };
            let made = Template::new(&load, Places::of(&profile), Payees::Usual(1));
            assert!(matches!(made, Err(LoadError::Prefix { .. })), "{prefix}");
        }
    }
}
