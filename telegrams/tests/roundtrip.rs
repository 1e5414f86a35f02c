//! Properties: what is written reads back, a reply touches only what it names, no bytes panic.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use telegrams::{Answer, Field, Kind, Profile, Profiles, Reading, Record};
use tokio_util::codec::{Decoder, Encoder};

fn profiles() -> Vec<Arc<Profile>> {
    let profiles = Profiles::embedded();
    let names: Vec<_> = profiles.names().map(str::to_owned).collect();
    names
        .iter()
        .map(|name| profiles.get(name).unwrap())
        .collect()
}

/// A profile and a kind that it speaks.
fn spoken() -> impl Strategy<Value = (Arc<Profile>, Kind)> {
    let all: Vec<_> = profiles()
        .into_iter()
        .flat_map(|profile| {
            let kinds = Kind::ALL.iter().copied().filter(|kind| profile.has(*kind));
            let kinds: Vec<_> = kinds.collect();
            kinds
                .into_iter()
                .map(move |kind| (Arc::clone(&profile), kind))
        })
        .collect();
    prop::sample::select(all)
}

/// Reads a request, whatever it holds.
fn record(profile: &Arc<Profile>, bytes: Bytes) -> Option<Record> {
    match profile.read(bytes) {
        Reading::Request(record) => Some(record),
        _ => None,
    }
}

/// Does everything with a record that can be done.
fn exercise(record: &Record) {
    for field in Field::ALL {
        let _ = record.raw(*field);
        let _ = record.text(*field);
        let _ = record.number(*field);
        let _ = record.date(*field);
        let _ = record.time(*field);
        let _ = record.fills(*field);
    }
    let _ = (
        record.check(),
        record.gaps(),
        record.key(),
        record.original(),
        record.answer(),
    );
    let _ = telegrams::telegram::PayeeLookup::read(record);
    let _ = telegrams::telegram::PreDepositCheck::read(record);
    let _ = telegrams::telegram::Deposit::read(record);
    let _ = telegrams::telegram::Correction::read(record);
    let _ = telegrams::telegram::Aggregate::read(record);
    let _ = telegrams::telegram::Line::read(record);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_written_reads_back(
        (profile, kind) in spoken(),
        name in "[가-힣]{0,7}",
        trace in "[0-9]{6}",
        amount in 1..=9_999_999_999_999_u64,
        month in 1..=12_u32,
        day in 1..=28_u32,
    ) {
        let date = format!("2026{month:02}{day:02}");
        let fields = [
            (Field::TraceNo, trace.as_str()),
            (Field::TradeDate, date.as_str()),
            (Field::DepositorName, name.as_str()),
        ];
        let mut composer = profile.compose(kind);
        let probe = record(&profile, profile.compose(kind).as_it_is().unwrap()).unwrap();
        let there = |field: Field| probe.raw(field).is_some();
        for (field, text) in fields.iter().filter(|(field, _)| there(*field)) {
            composer = composer.text(*field, text);
        }
        if there(Field::Amount) {
            composer = composer.number(Field::Amount, amount);
        }
        let read = record(&profile, composer.as_it_is().unwrap()).unwrap();
        prop_assert_eq!(read.kind(), kind);
        for (field, text) in fields.iter().filter(|(field, _)| there(*field)) {
            let wanted = Some(*text).filter(|text| !text.is_empty());
            let back = read.text(*field).unwrap();
            prop_assert_eq!(back.as_deref(), wanted);
        }
        if there(Field::Amount) {
            prop_assert_eq!(read.number(Field::Amount).unwrap(), Some(amount));
        }
    }

    #[test]
    fn any_text_reads_back_as_far_as_it_can_be_written(text in "\\PC{0,40}") {
        let profile = Profiles::embedded().get("dozn").unwrap();
        let composer = profile.compose(Kind::Deposit).text(Field::DepositorName, &text);
        let cut = composer.cut();
        let read = record(&profile, composer.as_it_is().unwrap()).unwrap();
        let back = read.text(Field::DepositorName).unwrap().unwrap_or_default().into_owned();
        prop_assert!(!back.contains('\u{FFFD}'), "what we write is always text");
        // Written again, it is the same; nothing decays on the way.
        let again = profile.compose(Kind::Deposit).text(Field::DepositorName, &back);
        let again = record(&profile, again.as_it_is().unwrap()).unwrap();
        let told = again.text(Field::DepositorName).unwrap().unwrap_or_default();
        prop_assert_eq!(told, back.clone());
        if !cut {
            let kept = back.chars().filter(|one| *one == '?').count();
            let changed = text.trim_end_matches([' ', '\u{3000}']).chars().zip(back.chars());
            let odd = changed.filter(|(one, two)| one != two).count();
            prop_assert!(odd <= kept, "only unmappable characters change");
        }
    }

    #[test]
    fn a_reply_touches_only_what_it_names(
        (profile, kind) in spoken(),
        noise in prop::collection::vec(any::<u8>(), 200),
        name in "[가-힣]{0,30}",
        answer in prop::sample::select(Answer::ALL.to_vec()),
    ) {
        let blank = profile.compose(kind).as_it_is().unwrap();
        let probe = record(&profile, blank.clone()).unwrap();
        // Noise in the whole body but for the field that may tell the kind.
        let mut bytes = blank.to_vec();
        bytes[100..].copy_from_slice(&noise);
        let within = |field| probe.raw(field).map(|raw: &[u8]| {
            let start = raw.as_ptr() as usize - probe.bytes().as_ptr() as usize;
            start..start + raw.len()
        });
        if let Some(range) = within(Field::DealKind) {
            bytes[range.clone()].copy_from_slice(&blank[range]);
        }
        let request = record(&profile, bytes.clone().into()).unwrap();
        let reply = request.reply(answer).text(Field::PayeeName, &name).bytes();
        let named = [Field::MessageType, Field::AnswerCode, Field::PayeeName];
        let touched: Vec<_> = named.iter().filter_map(|field| within(*field)).collect();
        for (at, (was, is)) in bytes.iter().zip(&reply).enumerate() {
            let may = touched.iter().any(|range| range.contains(&at));
            prop_assert!(may || was == is, "byte {} changed", at);
        }
        prop_assert_eq!(reply.len(), bytes.len());
        prop_assert!(matches!(profile.read(reply), Reading::Reply(_)));
    }

    #[test]
    fn no_bytes_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        which in 0..2_usize,
    ) {
        let profile = &profiles()[which];
        let mut codec = profile.frame_codec();
        let _ = codec.decode(&mut BytesMut::from(&bytes[..]));
        let _ = profile.read(bytes.into());
    }

    #[test]
    fn no_bytes_in_a_known_kind_panic(
        (profile, kind) in spoken(),
        noise in prop::collection::vec((0..300_usize, any::<u8>()), 0..60),
    ) {
        let mut bytes = profile.compose(kind).as_it_is().unwrap().to_vec();
        for (at, byte) in noise {
            bytes[at] = byte;
        }
        match profile.read(bytes.into()) {
            Reading::Request(record) | Reading::Reply(record) => exercise(&record),
            _ => {}
        }
    }

    #[test]
    fn frames_come_out_as_they_went_in(
        telegrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..400), 1..6),
        step in 1..50_usize,
    ) {
        let mut codec = profiles()[0].frame_codec();
        let mut wire = BytesMut::new();
        for telegram in &telegrams {
            codec.encode(Bytes::from(telegram.clone()), &mut wire).unwrap();
        }
        let (mut source, mut out) = (BytesMut::new(), Vec::new());
        for part in wire.chunks(step) {
            source.extend_from_slice(part);
            while let Some(frame) = codec.decode(&mut source).unwrap() {
                out.push(frame.to_vec());
            }
        }
        prop_assert_eq!(out, telegrams);
    }
}
