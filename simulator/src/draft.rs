//! A telegram of the bank, composed from what it is about.
//!
//! What the layout of the profile has no field for is left out: one wording serves every relay.

use bytes::Bytes;
use jiff::civil::{Date, Time};
use telegrams::{ComposeError, Composer, Field, Kind};

use crate::book::{Movement, Number, Totals};
use crate::places::Places;
use crate::scenario::{FieldValue, Mode};

/// What a telegram is about.
#[derive(Clone, Debug)]
pub(crate) struct Wording<'a> {
    pub(crate) kind: Kind,
    pub(crate) institution: &'a str,
    pub(crate) number: Number,
    /// The deposit's number where a correction has one of its own.
    pub(crate) original: Option<Number>,
    pub(crate) time: Time,
    pub(crate) movement: Option<Movement>,
    pub(crate) payer: Option<&'a str>,
    pub(crate) mode: Mode,
    /// The day of an aggregate and what the bank claims for it.
    pub(crate) figures: Option<(Date, Totals)>,
    /// Fields that are said otherwise.
    pub(crate) fields: &'a [(Field, FieldValue)],
}

/// A telegram ready to be framed.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) kind: Kind,
    pub(crate) institution: String,
    pub(crate) number: Number,
    pub(crate) original: Option<Number>,
    pub(crate) movement: Option<Movement>,
    pub(crate) payer: Option<String>,
    pub(crate) telegram: Bytes,
}

impl Draft {
    /// The number of the deposit that this telegram is about.
    pub(crate) fn deposit_number(&self) -> &Number {
        self.original.as_ref().unwrap_or(&self.number)
    }

    /// The same telegram, marked as sent once more.
    pub(crate) fn sent_again(&self, places: &Places) -> Self {
        let mut bytes = self.telegram.to_vec();
        if let Some(place) = places.place(self.kind, Field::SendCount)
            && let [count] = &mut bytes[place]
            && (b'0'..=b'8').contains(count)
        {
            *count += 1;
        }
        if let Some(place) = places.place(self.kind, Field::Resent) {
            bytes[place].fill(b'Y');
        }
        Self {
            telegram: bytes.into(),
            ..self.clone()
        }
    }
}

/// Composes a telegram.
pub(crate) fn compose(places: &Places, wording: &Wording<'_>) -> Result<Draft, ComposeError> {
    let composer = places.profile().compose(wording.kind);
    let mut pen = Pen {
        places,
        kind: wording.kind,
        composer: Some(composer),
    };
    header(&mut pen, wording);
    if let Some(movement) = &wording.movement {
        body(&mut pen, wording, movement);
    }
    if let Some((day, claimed)) = &wording.figures {
        aggregate(&mut pen, *day, claimed);
    }
    for (field, value) in wording.fields {
        pen.insist(*field, value);
    }
    Ok(Draft {
        kind: wording.kind,
        institution: wording.institution.to_owned(),
        number: wording.number.clone(),
        original: wording.original.clone(),
        movement: wording.movement.clone(),
        payer: wording.payer.map(ToOwned::to_owned),
        telegram: pen
            .composer
            .map_or_else(|| Ok(Bytes::new()), Composer::as_it_is)?,
    })
}

fn header(pen: &mut Pen<'_>, wording: &Wording<'_>) {
    pen.text(Field::Institution, wording.institution);
    pen.number(Field::Bank, u64::from(wording.number.bank));
    pen.text(Field::TradeDate, &digits_of_date(wording.number.date));
    pen.text(
        Field::TradeTime,
        &wording.time.strftime("%H%M%S").to_string(),
    );
    pen.text(Field::TraceNo, &wording.number.trace_no);
    if let Some(original) = &wording.original {
        pen.text(Field::OriginDate, &digits_of_date(original.date));
        pen.text(Field::OriginTraceNo, &original.trace_no);
    }
}

fn body(pen: &mut Pen<'_>, wording: &Wording<'_>, movement: &Movement) {
    pen.text(Field::Occurrence, "B");
    pen.text(
        Field::Mode,
        if wording.mode == Mode::Notice {
            "S"
        } else {
            "I"
        },
    );
    pen.text(Field::Medium, "02");
    pen.text(Field::AfterCutoff, "0");
    pen.number(Field::AccountBank, u64::from(movement.account_bank));
    pen.text(Field::AccountNo, &movement.account_no);
    pen.number(Field::Amount, movement.amount);
    pen.number(Field::ChequeAmount, 0);
    pen.number(Field::CashAmount, movement.amount);
    if let Some(payer) = wording.payer {
        pen.text(Field::DepositorBank, "088");
        pen.text(Field::DepositorName, payer);
    }
}

fn aggregate(pen: &mut Pen<'_>, day: Date, claimed: &Totals) {
    pen.text(Field::Day, &digits_of_date(day));
    pen.number(Field::TheirDepositCount, claimed.deposits);
    pen.number(Field::TheirDepositAmount, claimed.deposit_amount);
    pen.number(Field::TheirCorrectionCount, claimed.corrections);
    pen.number(Field::TheirCorrectionAmount, claimed.correction_amount);
}

fn digits_of_date(date: Date) -> String {
    date.strftime("%Y%m%d").to_string()
}

/// Writes the fields that the layout has.
struct Pen<'a> {
    places: &'a Places,
    kind: Kind,
    composer: Option<Composer>,
}

impl Pen<'_> {
    fn write(&mut self, write: impl FnOnce(Composer) -> Composer) {
        self.composer = self.composer.take().map(write);
    }

    fn has(&self, field: Field) -> bool {
        self.places.place(self.kind, field).is_some()
    }

    fn text(&mut self, field: Field, text: &str) {
        if self.has(field) {
            self.write(|composer| composer.text(field, text));
        }
    }

    fn number(&mut self, field: Field, number: u64) {
        if self.has(field) {
            self.write(|composer| composer.number(field, number));
        }
    }

    /// Writes what a scenario asked for by name: a field that is not there is an error.
    fn insist(&mut self, field: Field, value: &FieldValue) {
        self.write(|composer| match value {
            FieldValue::Number(number) => composer.number(field, *number),
            FieldValue::Text(text) => composer.text(field, text),
        });
    }
}
