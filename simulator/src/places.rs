//! Where fields stand in the telegrams of a profile, found out once by looking.
//!
//! The bank needs places for three things: to pair answers with questions by bytes, to see that an
//! answer is its question's echo, and to patch or break single fields. It learns them from the
//! codec, by kind and field; it knows no layout and no profile by name.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use telegrams::{Answer, Field, Kind, Profile, Reading, Record};

/// The fields that an answer may change, whatever its kind.
const ANSWERED: [Field; 2] = [Field::MessageType, Field::AnswerCode];

/// The fields that carry our own figures in an aggregate's answer.
const FIGURES: [Field; 4] = [
    Field::OurDepositCount,
    Field::OurDepositAmount,
    Field::OurCorrectionCount,
    Field::OurCorrectionAmount,
];

/// The header fields by which an answer is paired with its question.
const PAIRING: [Field; 5] = [
    Field::System,
    Field::Institution,
    Field::Bank,
    Field::TradeDate,
    Field::TraceNo,
];

/// The key of a telegram on the wire: its kind, and the bytes of its number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PairKey(Kind, Vec<u8>);

/// The places of all fields of all kinds of one profile.
pub(crate) struct Places {
    profile: Arc<Profile>,
    by_kind: HashMap<Kind, HashMap<Field, Range<usize>>>,
    reply_types: HashMap<Kind, String>,
}

impl Places {
    /// Looks at an empty telegram of each kind that the profile has.
    pub(crate) fn of(profile: &Arc<Profile>) -> Self {
        let known = Kind::ALL.iter().filter(|kind| profile.has(**kind));
        let by_kind = known
            .filter_map(|kind| Some((*kind, fields(profile, *kind)?)))
            .collect();
        let mut places = Self {
            profile: Arc::clone(profile),
            by_kind,
            reply_types: HashMap::new(),
        };
        places.reply_types = places.reply_types();
        places
    }

    fn reply_types(&self) -> HashMap<Kind, String> {
        let reply_type = |kind: &Kind| {
            let reply = blank(&self.profile, *kind)?.reply(Answer::Accepted).bytes();
            Some((*kind, text(self.bytes(*kind, Field::MessageType, &reply))))
        };
        self.by_kind.keys().filter_map(reply_type).collect()
    }

    /// The message type of an answer of this kind.
    pub(crate) fn reply_type(&self, kind: Kind) -> &str {
        self.reply_types.get(&kind).map_or("", String::as_str)
    }

    /// The message type that an answer carries.
    pub(crate) fn message_type(&self, answer: &[u8]) -> String {
        // Every kind has its type at the same place, or nobody could tell them apart.
        let place = Kind::ALL
            .iter()
            .find_map(|kind| self.place(*kind, Field::MessageType));
        text(
            place
                .and_then(|place| answer.get(place))
                .unwrap_or_default(),
        )
    }

    /// The names of the two fields by which a correction finds its deposit, as this profile has
    /// it: the correction's own number, or the header's original.
    pub(crate) fn correction_names_its_original_apart(&self) -> bool {
        let probe = self.profile.compose(Kind::Correction);
        let probe = probe
            .text(Field::TradeDate, "20300304")
            .text(Field::TraceNo, "1");
        let probe = probe
            .text(Field::OriginDate, "20300304")
            .text(Field::OriginTraceNo, "2");
        let Ok(probe) = probe.as_it_is() else {
            return false;
        };
        match self.profile.read(probe) {
            Reading::Request(record) => record
                .original()
                .is_ok_and(|(_, number)| number.ends_with('2')),
            _ => false,
        }
    }

    pub(crate) fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// The place of a field, `None` where the kind has no such field.
    pub(crate) fn place(&self, kind: Kind, field: Field) -> Option<Range<usize>> {
        self.by_kind.get(&kind)?.get(&field).cloned()
    }

    /// The bytes of a field in a telegram of that kind.
    pub(crate) fn bytes<'a>(&self, kind: Kind, field: Field, telegram: &'a [u8]) -> &'a [u8] {
        let place = self.place(kind, field);
        place
            .and_then(|place| telegram.get(place))
            .unwrap_or_default()
    }

    /// The response code of an answer as text.
    pub(crate) fn code(&self, kind: Kind, answer: &[u8]) -> String {
        text(self.bytes(kind, Field::AnswerCode, answer))
    }

    /// The key by which a telegram, question or answer, is paired.
    pub(crate) fn key(&self, kind: Kind, telegram: &[u8]) -> PairKey {
        let mut key = Vec::with_capacity(40);
        for field in PAIRING {
            key.extend_from_slice(self.bytes(kind, field, telegram));
        }
        PairKey(kind, key)
    }

    /// Says where an answer is not its question's echo; `None` when it is.
    pub(crate) fn echo_broken(&self, kind: Kind, asked: &[u8], answer: &[u8]) -> Option<String> {
        if asked.len() != answer.len() {
            let (asked, answer) = (asked.len(), answer.len());
            return Some(format!(
                "the answer has {answer} bytes, the question had {asked}"
            ));
        }
        let free = self.answer_fields(kind);
        let changed =
            |at: &usize| asked[*at] != answer[*at] && !free.iter().any(|f| f.contains(at));
        let at = (0..asked.len()).find(changed)?;
        let name = self.field_at(kind, at).map_or("filler", Field::name);
        Some(format!(
            "the answer's byte {at} ({name}) is not the question's"
        ))
    }

    fn answer_fields(&self, kind: Kind) -> Vec<Range<usize>> {
        let own: &[Field] = match kind {
            Kind::Aggregate => &FIGURES,
            Kind::PayeeLookup | Kind::PreDepositCheck => &[Field::PayeeName],
            _ => &[],
        };
        ANSWERED
            .iter()
            .chain(own)
            .filter_map(|field| self.place(kind, *field))
            .collect()
    }

    fn field_at(&self, kind: Kind, at: usize) -> Option<Field> {
        let mut fields = self.by_kind.get(&kind)?.iter();
        fields
            .find(|(_, place)| place.contains(&at))
            .map(|(field, _)| *field)
    }

    /// Our figures in an aggregate's answer, in the order count, sum, count, sum.
    pub(crate) fn figures(&self, answer: &Bytes) -> Option<[u64; 4]> {
        let Reading::Reply(record) = self.profile.read(answer.clone()) else {
            return None;
        };
        let mut figures = [0; 4];
        for (figure, field) in figures.iter_mut().zip(FIGURES) {
            *figure = record.number(field).ok()??;
        }
        Some(figures)
    }

    /// The payee's name in an answer, if it has one.
    pub(crate) fn payee(&self, answer: &Bytes) -> Option<String> {
        let Reading::Reply(record) = self.profile.read(answer.clone()) else {
            return None;
        };
        Some(record.text(Field::PayeeName).ok()??.into_owned())
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

fn blank(profile: &Arc<Profile>, kind: Kind) -> Option<Record> {
    match profile.read(profile.compose(kind).as_it_is().ok()?) {
        Reading::Request(record) => Some(record),
        _ => None,
    }
}

/// A field's place is where its bytes lie within the telegram's own.
fn fields(profile: &Arc<Profile>, kind: Kind) -> Option<HashMap<Field, Range<usize>>> {
    let record = blank(profile, kind)?;
    let place = |field: &Field| Some((*field, range_within(&record, *field)?));
    Some(Field::ALL.iter().filter_map(place).collect())
}

fn range_within(record: &Record, field: Field) -> Option<Range<usize>> {
    let whole = record.bytes().as_ptr() as usize;
    let part = record.raw(field)?;
    let start = (part.as_ptr() as usize).checked_sub(whole)?;
    Some(start..start + part.len())
}
