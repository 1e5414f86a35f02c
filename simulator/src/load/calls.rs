//! Load over HTTP: orders placed, or accounts issued, so many in flight all the time.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::time::Instant;

use futures_util::future::join_all;
use hdrhistogram::Histogram;
use serde_json::{Value, json};

use super::Until;
use super::report::{Latency, histogram};
use crate::house::House;
use crate::http::Reply;
use crate::shop::{HttpError, Shop, ShopError, verdict};

/// What is called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Called {
    /// Orders by the PayAction interface.
    Orders,
    /// One-time accounts by `/regUserApi`.
    Accounts,
}

/// How many calls, and how many of them at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Calls {
    /// What is called for.
    pub what: Called,
    /// Always so many in flight.
    pub in_flight: usize,
    /// When to stop.
    pub until: Until,
    /// What the numbers begin with: another one for each run on the same store.
    pub prefix: u64,
}

/// What the calls came to.
#[derive(Clone, Debug)]
pub struct CallsReport {
    /// What was called for, in words.
    pub what: String,
    /// Calls that were answered, whatever the answer.
    pub answered: u64,
    /// Answers by what they said: `success`, `0000`, or the words of a no.
    pub answers: BTreeMap<String, u64>,
    /// Why calls were not answered.
    pub broken: BTreeMap<String, u64>,
    /// From the first call to the last answer, in seconds.
    pub seconds: f64,
    /// Answers a second.
    pub rate: f64,
    /// From the call to its answer.
    pub service: Latency,
}

/// What one of many callers counted.
struct Part {
    answers: BTreeMap<String, u64>,
    broken: BTreeMap<String, u64>,
    times: Histogram<u64>,
}

/// Calls, and reports. Must be used within a runtime of one thread.
pub async fn call(shop: &Shop, calls: &Calls) -> CallsReport {
    let began = Instant::now();
    let next = Rc::new(std::cell::Cell::new(0));
    let callers = (0..calls.in_flight.max(1)).map(|_| caller(shop, calls, Rc::clone(&next), began));
    let parts = join_all(callers).await;
    let seconds = began.elapsed().as_secs_f64();
    let mut times = histogram();
    let mut report = CallsReport {
        what: format!("{:?}, {} in flight", calls.what, calls.in_flight).to_lowercase(),
        answered: 0,
        answers: BTreeMap::new(),
        broken: BTreeMap::new(),
        seconds,
        rate: 0.0,
        service: Latency::default(),
    };
    for part in parts {
        for (said, count) in part.answers {
            report.answered += count;
            *report.answers.entry(said).or_default() += count;
        }
        for (why, count) in part.broken {
            *report.broken.entry(why).or_default() += count;
        }
        // Equal bounds on both sides: adding cannot fail.
        let _ = times.add(&part.times);
    }
    report.rate = report.answered as f64 / seconds.max(1e-9);
    report.service = Latency::of(&times);
    report
}

async fn caller(
    shop: &Shop,
    calls: &Calls,
    next: Rc<std::cell::Cell<u64>>,
    began: Instant,
) -> Part {
    let mut part = Part {
        answers: BTreeMap::new(),
        broken: BTreeMap::new(),
        times: histogram(),
    };
    loop {
        let number = next.replace(next.get() + 1);
        let over = match calls.until {
            Until::Count(count) => number >= count,
            Until::Elapsed(elapsed) => began.elapsed() >= elapsed,
        };
        if over {
            return part;
        }
        let asked = Instant::now();
        let said = match calls.what {
            Called::Orders => order(shop, calls.prefix, number).await,
            Called::Accounts => account(shop, calls.prefix, number).await,
        };
        let nanos = u64::try_from(asked.elapsed().as_nanos()).unwrap_or(u64::MAX);
        match said {
            Ok(said) => {
                part.times.saturating_record(nanos);
                *part.answers.entry(said).or_default() += 1;
            }
            Err(error) => {
                *part.broken.entry(error.to_string()).or_default() += 1;
                // A gateway that is gone is not called in a frenzy.
                if matches!(error, ShopError::Http(HttpError::Unreachable { .. })) {
                    return part;
                }
            }
        }
    }
}

async fn order(shop: &Shop, prefix: u64, number: u64) -> Result<String, ShopError> {
    let order = order_body(&House::new(None), prefix, number);
    let reply = shop.payaction("/order", &order).await?;
    Ok(match verdict(&reply) {
        Some(words) if words.is_empty() => "success".to_owned(),
        Some(words) => words,
        None => reply.words(),
    })
}

/// The n-th order of a run; its name is its own, so that a deposit meets it alone.
pub(super) fn order_body(house: &House, prefix: u64, number: u64) -> Value {
    let name = payer(prefix, number);
    json!({
        "order_number": format!("L{prefix}-{number}"),
        "order_amount": AMOUNT,
        "order_date": house.now().strftime("%Y-%m-%dT%H:%M:%S+09:00").to_string(),
        "billing_name": name,
        "orderer_name": name,
    })
}

/// Won for every order and deposit of a load.
pub(super) const AMOUNT: u64 = 1_000;

/// The payer of the n-th deposit of a run.
pub(super) fn payer(prefix: u64, number: u64) -> String {
    format!("L{}N{number:07}", prefix % 100_000)
}

async fn account(shop: &Shop, prefix: u64, number: u64) -> Result<String, ShopError> {
    let credential = shop.credential();
    let body = json!({
        "mid": credential.merchant, "meky": credential.meky, "fixYn": "N",
        "userId": format!("u{:06}{number:08}", prefix % 1_000_000),
        "userNm": "부하시험",
    });
    let reply: Reply = shop.ezpg("/regUserApi", &body).await?;
    Ok(match reply.json()["resultCode"].as_str() {
        Some("0000") => "0000".to_owned(),
        _ => reply.words(),
    })
}

impl CallsReport {
    /// Whether every call was answered with a yes.
    pub fn is_whole(&self) -> bool {
        let yes = |said: &String| said == "success" || said == "0000";
        self.broken.is_empty() && self.answered > 0 && self.answers.keys().all(yes)
    }

    /// The figures as one JSON object.
    pub fn json(&self) -> Value {
        json!({
            "what": self.what, "answered": self.answered, "answers": self.answers,
            "broken": self.broken, "seconds": self.seconds, "rate": self.rate,
            "service_us": self.service.json(),
        })
    }
}

impl fmt::Display for CallsReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (answered, seconds, rate) = (self.answered, self.seconds, self.rate);
        writeln!(out, "{}", self.what)?;
        writeln!(
            out,
            "  answered {answered} in {seconds:.2} s: {rate:.0} a second"
        )?;
        write!(out, "  {}", self.service)?;
        for (said, count) in &self.answers {
            write!(out, "\n  {said}  {count}")?;
        }
        for (why, count) in &self.broken {
            write!(out, "\n  not answered {count}: {why}")?;
        }
        Ok(())
    }
}
