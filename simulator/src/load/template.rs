//! The one telegram that is sent over and over, and the places where it changes.

use std::ops::Range;
use std::path::Path;

use bytes::Bytes;
use telegrams::{Field, Kind};

use super::{Load, LoadError};
use crate::accounts::Account;
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

/// Won for accounts that take any amount.
const USUAL_AMOUNT: u64 = 1_000;

/// An account in the form in which it is patched into a telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payee {
    bank: [u8; 3],
    number: [u8; 16],
    amount: u64,
}

impl Payee {
    /// Of an account.
    pub fn of(account: &Account) -> Self {
        Self::new(account.bank, &account.number, account.amount)
    }

    /// Of a bank's code, a number of at most 16 digits, and the amount that it takes; 0 for any.
    pub fn new(bank: u16, number: &str, amount: u64) -> Self {
        let mut digits = [0; 3];
        write_digits(u64::from(bank), &mut digits);
        let mut text = [b' '; 16];
        text.iter_mut()
            .zip(number.bytes())
            .for_each(|(to, from)| *to = from);
        let amount = if amount == 0 { USUAL_AMOUNT } else { amount };
        Self {
            bank: digits,
            number: text,
            amount,
        }
    }

    /// Reads the accounts of an import file, those that are open and not for one time only.
    pub fn read(path: &Path) -> Result<Vec<Self>, LoadError> {
        let wrong = |what: String| LoadError::Accounts {
            path: path.into(),
            what,
        };
        let mut file = csv::Reader::from_path(path).map_err(|error| wrong(error.to_string()))?;
        let headers = file
            .headers()
            .map_err(|error| wrong(error.to_string()))?
            .clone();
        let column = |name: &str| headers.iter().position(|header| header == name);
        let needed = |name: &str| column(name).ok_or_else(|| wrong(format!("no column {name}")));
        let (bank, number) = (needed("bank_code")?, needed("account_no")?);
        let (amount, kind, state) = (column("amount"), column("account_type"), column("state"));
        let mut payees = Vec::new();
        for row in file.records() {
            let row = row.map_err(|error| wrong(error.to_string()))?;
            let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default();
            if cell(kind) == "one_time" || !matches!(cell(state), "" | "open") {
                continue;
            }
            let code = cell(Some(bank)).parse();
            let code = code.map_err(|_| wrong(format!("bank_code is {}", cell(Some(bank)))))?;
            payees.push(Self::new(
                code,
                cell(Some(number)),
                cell(amount).parse().unwrap_or(0),
            ));
        }
        if payees.is_empty() {
            Err(wrong("no open account".into()))
        } else {
            Ok(payees)
        }
    }

    /// Its bank, number and amount as text.
    pub fn parts(&self) -> (String, String, u64) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        (text(&self.bank), text(&self.number), self.amount)
    }
}

/// A frame and the places in it. All places count from the frame's first byte.
pub(super) struct Template {
    pub(super) places: Places,
    pub(super) payees: Vec<Payee>,
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
    pub(super) fn new(load: &Load, places: Places, payees: Vec<Payee>) -> Result<Self, LoadError> {
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

/// Writes a number right-justified with zeros; digits that do not fit are lost.
fn write_digits(mut number: u64, place: &mut [u8]) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
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
        let payees = vec![
            Payee::new(4, "701004000001", 0),
            Payee::new(88, "1", 33_000),
        ];
        Template::new(&load, Places::of(&profile), payees).unwrap()
    }

    #[test]
    fn what_is_patched_is_a_telegram_that_the_codec_accepts() {
        let template = template(Kind::Deposit);
        let mut out = Vec::new();
        template.append(41, &template.payees[0], &mut out);
        template.append(42, &template.payees[1], &mut out);
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
            template.append(7, &template.payees[0], &mut out);
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
            let made = Template::new(&load, Places::of(&profile), Vec::new());
            assert!(matches!(made, Err(LoadError::Prefix { .. })), "{prefix}");
        }
    }

    #[test]
    fn accounts_come_from_an_import_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts.csv");
        let rows = "merchant_id,bank_code,account_no,account_type,amount,state\n\
                    M,004,123,fixed,0,open\nM,004,124,one_time,0,open\nM,088,125,fixed,5,closed\n\
                    M,011,126,matching,700,\n";
        std::fs::write(&path, rows).unwrap();
        let payees = Payee::read(&path).unwrap();
        assert_eq!(
            payees,
            [Payee::new(4, "123", 0), Payee::new(11, "126", 700)]
        );
        std::fs::write(&path, "bank_code\n004\n").unwrap();
        let error = Payee::read(&path).unwrap_err().to_string();
        assert!(error.contains("no column account_no"), "{error}");
    }
}
