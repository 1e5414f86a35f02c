//! How dear is it that layouts are data? All fields of a deposit read by its layout, beside the
//! same fields cut out by hand; and a reply by copy and patch.
//!
//! Run with `cargo bench --bench codec`. Bounds: reading at most 1.4 times what it takes by hand,
//! a reply under 100 ns. The last lines print both, each from the quickest of many short rounds,
//! so that a neighbour on the machine does not pass for a slow codec.

use std::borrow::Cow;
use std::hint::black_box;

use bytes::Bytes;
use criterion::Criterion;
use jiff::civil::{Date, Time};
use naru::clock;
use telegrams::{Answer, Field, Malformed, Profiles, Reading, Record};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The text of a field.
type Text<'a> = Option<Cow<'a, str>>;

/// Every field of a deposit, fillers aside.
#[derive(Debug, PartialEq)]
struct Cut<'a> {
    system: Text<'a>,
    institution: Text<'a>,
    bank: Option<u64>,
    message_type: Option<u64>,
    transaction_type: Option<u64>,
    send_count: Option<u64>,
    trade_date: Option<Date>,
    trade_time: Option<Time>,
    trace_no: Text<'a>,
    answer_code: Text<'a>,
    bank_answer_code: Text<'a>,
    origin_date: Option<Date>,
    origin_trace_no: Text<'a>,
    giro: Text<'a>,
    occurrence: Text<'a>,
    mode: Text<'a>,
    medium: Text<'a>,
    after_cutoff: Text<'a>,
    account_bank: Option<u64>,
    account_no: Text<'a>,
    depositor_bank: Text<'a>,
    depositor_name: Text<'a>,
    amount: Option<u64>,
    cheque_amount: Option<u64>,
    cash_amount: Option<u64>,
    resent: Text<'a>,
    auto_cancel: Text<'a>,
    real_depositor: Text<'a>,
    real_depositor_name: Text<'a>,
    payee_name: Text<'a>,
}

/// By the layout: any relay's, any kind's.
fn by_layout(record: &Record) -> Result<Cut<'_>, Malformed> {
    let fields = record.fields();
    Ok(Cut {
        system: fields.text(Field::System)?,
        institution: fields.text(Field::Institution)?,
        bank: fields.number(Field::Bank)?,
        message_type: fields.number(Field::MessageType)?,
        transaction_type: fields.number(Field::TransactionType)?,
        send_count: fields.number(Field::SendCount)?,
        trade_date: fields.date(Field::TradeDate)?,
        trade_time: fields.time(Field::TradeTime)?,
        trace_no: fields.text(Field::TraceNo)?,
        answer_code: fields.text(Field::AnswerCode)?,
        bank_answer_code: fields.text(Field::BankAnswerCode)?,
        origin_date: fields.date(Field::OriginDate)?,
        origin_trace_no: fields.text(Field::OriginTraceNo)?,
        giro: fields.text(Field::Giro)?,
        occurrence: fields.text(Field::Occurrence)?,
        mode: fields.text(Field::Mode)?,
        medium: fields.text(Field::Medium)?,
        after_cutoff: fields.text(Field::AfterCutoff)?,
        account_bank: fields.number(Field::AccountBank)?,
        account_no: fields.text(Field::AccountNo)?,
        depositor_bank: fields.text(Field::DepositorBank)?,
        depositor_name: fields.text(Field::DepositorName)?,
        amount: fields.number(Field::Amount)?,
        cheque_amount: fields.number(Field::ChequeAmount)?,
        cash_amount: fields.number(Field::CashAmount)?,
        resent: fields.text(Field::Resent)?,
        auto_cancel: fields.text(Field::AutoCancel)?,
        real_depositor: fields.text(Field::RealDepositor)?,
        real_depositor_name: fields.text(Field::RealDepositorName)?,
        payee_name: fields.text(Field::PayeeName)?,
    })
}

/// By hand: this telegram and no other, every place a constant.
fn by_hand(telegram: &[u8]) -> Option<Cut<'_>> {
    let known = &telegram[..3] == b"VAS" && &telegram[14..22] == b"02001000";
    if telegram.len() != 300 || !known {
        return None;
    }
    Some(Cut {
        system: text(&telegram[0..3])?,
        institution: text(&telegram[3..11])?,
        bank: number(&telegram[11..14])?,
        message_type: number(&telegram[14..18])?,
        transaction_type: number(&telegram[18..22])?,
        send_count: number(&telegram[22..23])?,
        trade_date: date(&telegram[23..31])?,
        trade_time: time(&telegram[31..37])?,
        trace_no: text(&telegram[37..51])?,
        answer_code: text(&telegram[51..55])?,
        bank_answer_code: text(&telegram[55..59])?,
        origin_date: date(&telegram[59..67])?,
        origin_trace_no: text(&telegram[67..81])?,
        giro: text(&telegram[100..107])?,
        occurrence: text(&telegram[107..108])?,
        mode: text(&telegram[108..109])?,
        medium: text(&telegram[109..111])?,
        after_cutoff: text(&telegram[111..112])?,
        account_bank: number(&telegram[112..115])?,
        account_no: text(&telegram[115..131])?,
        depositor_bank: text(&telegram[131..134])?,
        depositor_name: hangul(&telegram[134..164]),
        amount: number(&telegram[164..177])?,
        cheque_amount: number(&telegram[177..190])?,
        cash_amount: number(&telegram[190..203])?,
        resent: text(&telegram[203..204])?,
        auto_cancel: text(&telegram[204..205])?,
        real_depositor: text(&telegram[205..206])?,
        real_depositor_name: hangul(&telegram[206..226]),
        payee_name: hangul(&telegram[226..246]),
    })
}

fn trimmed(field: &[u8]) -> &[u8] {
    let end = field.iter().rposition(|byte| *byte != b' ');
    &field[..end.map_or(0, |last| last + 1)]
}

// Outer `None`: broken; inner `None`: blank, as the layout reads it.
#[allow(clippy::option_option)]
fn text(field: &[u8]) -> Option<Text<'_>> {
    if !field.iter().all(|byte| matches!(byte, 0x20..=0x7E)) {
        return None;
    }
    match trimmed(field) {
        [] => Some(None),
        text => str::from_utf8(text)
            .ok()
            .map(|text| Some(Cow::Borrowed(text))),
    }
}

fn hangul(field: &[u8]) -> Text<'_> {
    match trimmed(field) {
        [] => None,
        text => Some(encoding_rs::EUC_KR.decode_without_bom_handling(text).0),
    }
}

#[allow(clippy::option_option)]
fn number(field: &[u8]) -> Option<Option<u64>> {
    let mut value = 0;
    let mut seen = false;
    for byte in field {
        match byte {
            b'0'..=b'9' => {
                value = value * 10 + u64::from(byte - b'0');
                seen = true;
            }
            b' ' if !seen => {}
            _ => return None,
        }
    }
    Some(seen.then_some(value))
}

#[allow(clippy::option_option)]
fn date(field: &[u8]) -> Option<Option<Date>> {
    let value = number(field)??;
    if value == 0 {
        return Some(None);
    }
    let two = |value: u64| i8::try_from(value % 100).ok();
    let year = i16::try_from(value / 10000).ok()?;
    Date::new(year, two(value / 100)?, two(value)?)
        .ok()
        .map(Some)
}

#[allow(clippy::option_option)]
fn time(field: &[u8]) -> Option<Option<Time>> {
    let value = number(field)??;
    let two = |value: u64| i8::try_from(value % 100).ok();
    Time::new(two(value / 10000)?, two(value / 100)?, two(value)?, 0)
        .ok()
        .map(Some)
}

/// The worked sample of the specification.
fn sample() -> Bytes {
    let text = include_str!("../telegrams/tests/golden/dozn/deposit.hex");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    hex::decode(lines.collect::<String>())
        .expect("a golden vector")
        .into()
}

/// Nanoseconds of the quickest of many short rounds.
fn quickest(mut work: impl FnMut()) -> f64 {
    const TIMES: u32 = 300;
    let round = |work: &mut dyn FnMut()| {
        let started = clock::monotonic();
        (0..TIMES).for_each(|_| work());
        started.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES)
    };
    (0..5000)
        .map(|_| round(&mut work))
        .fold(f64::INFINITY, f64::min)
}

fn main() {
    let profile = Profiles::embedded().get("dozn").expect("the default relay");
    let telegram = sample();
    let read = || {
        let reading = profile.read(black_box(&telegram).clone());
        let Reading::Request(record) = &reading else {
            panic!("a deposit")
        };
        black_box(&by_layout(record).expect("a sound deposit"));
    };
    let cut = || {
        black_box(&by_hand(black_box(&telegram)).expect("a sound deposit"));
    };
    let Reading::Request(record) = profile.read(telegram.clone()) else {
        panic!("a deposit")
    };
    assert_eq!(
        by_layout(&record).ok(),
        by_hand(&telegram),
        "both read the same"
    );
    let reply = || {
        black_box(black_box(&record).reply(Answer::Accepted).bytes());
    };

    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("all fields by layout", |bench| bench.iter(read));
    criterion.bench_function("all fields by hand", |bench| bench.iter(cut));
    criterion.bench_function("reply by copy and patch", |bench| bench.iter(reply));
    criterion.bench_function("typed deposit, checked", |bench| {
        bench.iter(|| telegrams::telegram::Deposit::read(black_box(&record)));
    });
    criterion.final_summary();

    let (layout, hand, reply) = (quickest(read), quickest(cut), quickest(reply));
    println!("all fields: by layout {layout:.0} ns, by hand {hand:.0} ns");
    println!("ratio {:.2} (at most 1.4)", layout / hand);
    println!("reply by copy and patch: {reply:.0} ns (under 100)");
}
