//! What the load came to: rates, times, codes, and which telegrams were acknowledged.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::time::Instant;

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use super::template::Template;
use super::{Load, Pace};

/// A telegram that was sent, by what identifies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its number (거래고유번호).
    pub trace_no: String,
    /// The bank of the telegram and of the account (은행코드).
    pub bank: String,
    /// The account (계좌번호).
    pub account_no: String,
    /// Whole won.
    pub amount: u64,
}

/// The same in little: its running number and the place of its account in the list.
#[derive(Clone, Copy)]
pub(super) struct Sent {
    pub(super) number: u64,
    pub(super) payee: u32,
}

impl Sent {
    fn told(self, template: &Template) -> Told {
        let payee = template.payees.get(self.payee as usize);
        let (bank, account_no, amount) = payee.parts();
        Told {
            trace_no: template.trace_no(self.number),
            bank,
            account_no,
            amount,
        }
    }
}

/// One session's figures.
pub(super) struct Part {
    pub(super) sent: u64,
    pub(super) unexpected: u64,
    pub(super) broken: Option<String>,
    pub(super) ended: u64,
    codes: Vec<([u8; 4], u64)>,
    service: Histogram<u64>,
    corrected: Histogram<u64>,
    acknowledged: Option<Vec<Sent>>,
    unanswered: Vec<Sent>,
}

impl Part {
    pub(super) fn new(remember: bool) -> Self {
        Self {
            sent: 0,
            unexpected: 0,
            broken: None,
            ended: 0,
            codes: Vec::new(),
            service: histogram(),
            corrected: histogram(),
            acknowledged: remember.then(Vec::new),
            unanswered: Vec::new(),
        }
    }

    pub(super) fn answered(&mut self, code: [u8; 4], nanos: u64) {
        self.service.saturating_record(nanos);
        match self.codes.iter_mut().find(|(known, _)| *known == code) {
            Some((_, count)) => *count += 1,
            None => self.codes.push((code, 1)),
        }
    }

    pub(super) fn corrected(&mut self, nanos: u64) {
        self.corrected.saturating_record(nanos);
    }

    pub(super) fn remembers(&self) -> bool {
        self.acknowledged.is_some()
    }

    pub(super) fn acknowledged(&mut self, sent: Sent) {
        if let Some(acknowledged) = &mut self.acknowledged {
            acknowledged.push(sent);
        }
    }

    pub(super) fn unanswered(&mut self, sent: Sent) {
        self.unanswered.push(sent);
    }
}

/// Nanoseconds from 100 ns to ten minutes with three digits.
pub(super) fn histogram() -> Histogram<u64> {
    // why: constant bounds, which the library accepts.
    Histogram::new_with_bounds(100, 600_000_000_000, 3).expect("bounds of the histogram")
}

/// Times of answers in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Latency {
    /// Half were faster.
    pub p50: f64,
    /// Nine of ten were.
    pub p90: f64,
    /// Ninety-nine of a hundred were.
    pub p99: f64,
    /// All but one in a thousand were.
    pub p999: f64,
    /// The slowest.
    pub max: f64,
}

impl Latency {
    pub(super) fn of(histogram: &Histogram<u64>) -> Self {
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1e3;
        Self {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: if histogram.is_empty() {
                0.0
            } else {
                histogram.max() as f64 / 1e3
            },
        }
    }

    pub(super) fn json(self) -> Value {
        json!({
            "p50": self.p50,
            "p90": self.p90,
            "p99": self.p99,
            "p99_9": self.p999,
            "max": self.max,
        })
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            p50,
            p90,
            p99,
            p999,
            max,
        } = *self;
        let time = |micros: f64| match micros {
            micros if micros < 1_000.0 => format!("{micros:.0} us"),
            micros if micros < 1_000_000.0 => format!("{:.2} ms", micros / 1e3),
            micros => format!("{:.2} s", micros / 1e6),
        };
        let times = [p50, p90, p99, p999, max].map(time);
        let [p50, p90, p99, p999, max] = times;
        write!(
            out,
            "p50 {p50}  p90 {p90}  p99 {p99}  p99.9 {p999}  max {max}"
        )
    }
}

/// The figures of all sessions together.
pub struct LoadReport {
    /// What was sent, in words.
    pub what: String,
    /// Telegrams sent.
    pub sent: u64,
    /// Telegrams answered, whatever the code.
    pub answered: u64,
    /// From the first telegram to the last answer, in seconds.
    pub seconds: f64,
    /// Answers a second.
    pub rate: f64,
    /// Answers by code (응답코드).
    pub codes: BTreeMap<String, u64>,
    /// From the socket to the answer.
    pub service: Latency,
    /// In the open model: from when the telegram was due to its answer.
    pub corrected: Option<Latency>,
    /// Frames that were no answer to anything sent.
    pub unexpected: u64,
    /// Why sessions broke, if they did.
    pub broken: Vec<String>,
    /// Telegrams answered 0000, where they were to be remembered.
    pub acknowledged: Vec<Told>,
    /// Telegrams that were sent, at least in part, and never answered.
    pub unanswered: Vec<Told>,
    ended: u64,
    service_times: Histogram<u64>,
    corrected_times: Histogram<u64>,
}

impl LoadReport {
    pub(super) fn new(load: &Load) -> Self {
        let pace = match load.pace {
            Pace::InFlight(in_flight) => format!("{in_flight} in flight each"),
            Pace::Rate(rate) => format!("{rate} a second"),
        };
        let (kind, sessions, spread) = (load.kind, load.sessions, load.spread.name());
        Self {
            what: format!("{kind}, {sessions} sessions, {pace}, {spread}"),
            sent: 0,
            answered: 0,
            seconds: 0.0,
            rate: 0.0,
            codes: BTreeMap::new(),
            service: Latency::default(),
            corrected: matches!(load.pace, Pace::Rate(_)).then(Latency::default),
            unexpected: 0,
            broken: Vec::new(),
            acknowledged: Vec::new(),
            unanswered: Vec::new(),
            ended: 0,
            service_times: histogram(),
            corrected_times: histogram(),
        }
    }

    pub(super) fn add(&mut self, part: Part, template: &Template) {
        self.sent += part.sent;
        self.unexpected += part.unexpected;
        self.broken.extend(part.broken);
        self.ended = self.ended.max(part.ended);
        for (code, count) in part.codes {
            let code = String::from_utf8_lossy(&code).into_owned();
            *self.codes.entry(code).or_default() += count;
            self.answered += count;
        }
        // Equal bounds on both sides: adding cannot fail.
        let _ = self.service_times.add(&part.service);
        let _ = self.corrected_times.add(&part.corrected);
        let told = |sent: Sent| sent.told(template);
        let acknowledged = part.acknowledged.unwrap_or_default();
        self.acknowledged.extend(acknowledged.into_iter().map(told));
        self.unanswered
            .extend(part.unanswered.into_iter().map(told));
    }

    pub(super) fn finish(&mut self, began: Instant) {
        let ended = if self.ended == 0 {
            began.elapsed().as_nanos() as f64
        } else {
            self.ended as f64
        };
        self.seconds = ended / 1e9;
        self.rate = self.answered as f64 / self.seconds.max(1e-9);
        self.service = Latency::of(&self.service_times);
        self.corrected = self.corrected.map(|_| Latency::of(&self.corrected_times));
    }

    /// Whether everything that was sent was answered, and nothing else came.
    pub fn is_whole(&self) -> bool {
        self.broken.is_empty() && self.unanswered.is_empty() && self.unexpected == 0
    }

    /// The figures as one JSON object.
    pub fn json(&self) -> Value {
        json!({
            "what": self.what,
            "sent": self.sent,
            "answered": self.answered,
            "unanswered": self.unanswered.len(),
            "unexpected": self.unexpected,
            "seconds": self.seconds,
            "rate": self.rate,
            "codes": self.codes,
            "service_us": self.service.json(),
            "corrected_us": self.corrected.map(Latency::json),
            "broken": self.broken,
        })
    }

    /// Writes telegrams as rows: `trace_no,bank,account_no,amount`.
    pub fn write_rows(told: &[Told], out: impl Write) -> io::Result<()> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(["trace_no", "bank", "account_no", "amount"])?;
        for told in told {
            let amount = told.amount.to_string();
            out.write_record([&told.trace_no, &told.bank, &told.account_no, &amount])?;
        }
        out.flush()
    }
}

impl fmt::Display for LoadReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            sent,
            answered,
            seconds,
            rate,
            ..
        } = self;
        writeln!(out, "{what}")?;
        writeln!(
            out,
            "  sent {sent}, answered {answered} in {seconds:.2} s: {rate:.0} a second"
        )?;
        if let Some(corrected) = self.corrected {
            writeln!(out, "  since due   {corrected}")?;
        }
        writeln!(out, "  since sent  {}", self.service)?;
        for (code, count) in &self.codes {
            writeln!(out, "  {code}  {count}")?;
        }
        if !self.unanswered.is_empty() {
            writeln!(out, "  never answered: {}", self.unanswered.len())?;
        }
        if self.unexpected > 0 {
            writeln!(out, "  frames that answer nothing: {}", self.unexpected)?;
        }
        for broken in &self.broken {
            writeln!(out, "  a session broke: {broken}")?;
        }
        Ok(())
    }
}
