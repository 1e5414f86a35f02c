//! What a receiver remembers: every attempt, put together by the id that it carried.
//!
//! Three promises are held against it as it grows: one id means the same bytes and the same trace
//! id on every attempt; within one story an event does not come before the one that happened
//! earlier has been taken; and who speaks has proved it.

use std::collections::BTreeMap;
use std::time::Instant;

use bytes::Bytes;
use serde_json::Value;

use super::Dialect;
use super::dialect::Reading;
use crate::http::Came;

/// One attempt as it came.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// When its head had been read.
    pub at: Instant,
    /// Its headers, names in small letters.
    pub headers: Vec<(String, String)>,
    /// Its body, byte for byte.
    pub body: Bytes,
    /// How it was answered, as a script says it.
    pub answered: String,
    /// Everything that was wrong with it, in words.
    pub faults: Vec<String>,
}

/// All attempts with one id.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The id that every attempt carries.
    pub id: String,
    /// The trace id, where the dialect has one.
    pub trace: Option<String>,
    /// What happened: `deposit.matched`, or the dialect's own word.
    pub event: String,
    /// The order or deposit that it belongs to; empty where nothing says so.
    pub story: String,
    /// The attempts in the order in which they came; one at least.
    pub attempts: Vec<Arrival>,
}

impl Delivery {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        let first = self.attempts.first();
        let read = first.and_then(|first| serde_json::from_slice(&first.body).ok());
        read.unwrap_or(Value::Null)
    }
}

/// Everything that a receiver was sent.
#[derive(Clone, Debug)]
pub struct Ledger {
    dialect: Dialect,
    deliveries: Vec<Delivery>,
    by_id: BTreeMap<String, usize>,
    /// The last of each story, as its place in `deliveries`.
    stories: BTreeMap<String, usize>,
    faults: Vec<String>,
    /// Every attempt as its delivery and its place among the attempts of that one.
    order: Vec<(usize, usize)>,
}

impl Ledger {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            deliveries: Vec::new(),
            by_id: BTreeMap::new(),
            stories: BTreeMap::new(),
            faults: Vec::new(),
            order: Vec::new(),
        }
    }

    /// The dialect that its receiver understands.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// What came, one for each id, in the order of the first attempts.
    pub fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    /// The delivery of an id.
    pub fn delivery(&self, id: &str) -> Option<&Delivery> {
        self.deliveries.get(*self.by_id.get(id)?)
    }

    /// Attempts in all.
    pub fn attempts(&self) -> usize {
        self.order.len()
    }

    /// The attempts from that one on, a line of words each, in the order in which they came.
    pub fn log(&self, from: usize) -> impl Iterator<Item = String> {
        self.order.iter().skip(from).map(|(at, nth)| {
            let told = &self.deliveries[*at];
            let attempt = &told.attempts[*nth];
            let body = String::from_utf8_lossy(&attempt.body);
            let (id, event, answered) = (&told.id, &told.event, &attempt.answered);
            format!(
                "{id} {event}, attempt {}, answered {answered}: {body}",
                nth + 1
            )
        })
    }

    /// Everything that was wrong, in words, with the id that it was wrong with.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    pub(super) fn enter(&mut self, came: &Came, mut faults: Vec<String>, answered: String) {
        let reading = self.dialect.reading(came);
        let known = self.by_id.get(&reading.id).copied();
        match known {
            Some(at) => self.again(at, came, &reading, &mut faults),
            None => self.first(&reading, &mut faults),
        }
        for fault in &faults {
            self.faults.push(format!("{}: {fault}", reading.id));
        }
        let arrival = Arrival {
            at: came.at,
            headers: came.headers.clone(),
            body: came.body.clone(),
            answered,
            faults,
        };
        let at = known.unwrap_or(self.deliveries.len() - 1);
        self.order.push((at, self.deliveries[at].attempts.len()));
        self.deliveries[at].attempts.push(arrival);
    }

    fn first(&mut self, reading: &Reading, faults: &mut Vec<String>) {
        let at = self.deliveries.len();
        self.by_id.insert(reading.id.clone(), at);
        if !reading.story.is_empty()
            && let Some(before) = self.stories.insert(reading.story.clone(), at)
        {
            let before = &self.deliveries[before].id;
            if happened(before) > happened(&reading.id) {
                faults.push(format!(
                    "came after {before} of the same story, and is older"
                ));
            }
        }
        self.deliveries.push(Delivery {
            id: reading.id.clone(),
            trace: reading.trace.clone(),
            event: reading.event.clone(),
            story: reading.story.clone(),
            attempts: Vec::new(),
        });
    }

    fn again(&self, at: usize, came: &Came, reading: &Reading, faults: &mut Vec<String>) {
        let known = &self.deliveries[at];
        let first = known.attempts.first();
        if first.is_some_and(|first| first.body != came.body) {
            faults.push("the body is not that of the first attempt".into());
        }
        if known.trace != reading.trace {
            faults.push("the trace id is not that of the first attempt".into());
        }
        let later = self.stories.get(&known.story).filter(|last| **last > at);
        // What is settled may be sent again by hand, whatever came after it.
        if let Some(later) = later.filter(|_| !self.is_settled(known)) {
            let later = &self.deliveries[*later].id;
            faults.push(format!(
                "{later} of the same story had come before it was taken"
            ));
        }
    }

    /// Whether the gateway had no attempt of its own left: it was taken, or given up.
    fn is_settled(&self, told: &Delivery) -> bool {
        let ends = |tried: &Arrival| {
            let gone = tried.answered == "410" && self.dialect != Dialect::Payaction;
            gone || tried.answered == "ok" || tried.answered.starts_with("slow")
        };
        told.attempts.len() >= self.dialect.attempts_max() || told.attempts.iter().any(ends)
    }
}

/// When an event happened, as its id tells: `evt_<position>_<index>`.
fn happened(id: &str) -> Option<(u64, u64)> {
    let (position, index) = id.strip_prefix("evt_")?.split_once('_')?;
    Some((position.parse().ok()?, index.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(id: &str, story: &str, body: &str) -> Came {
        let body =
            format!("{{\"type\":\"x\",\"data\":{{\"orderNumber\":\"{story}\"}},\"b\":\"{body}\"}}");
        Came {
            at: Instant::now(),
            method: "POST".into(),
            headers: vec![("webhook-id".into(), id.into())],
            body: body.into(),
        }
    }

    fn ledger(arrivals: &[(&str, &str, &str, &str)]) -> Ledger {
        let mut ledger = Ledger::new(Dialect::Standard);
        for (id, story, body, answered) in arrivals {
            ledger.enter(&came(id, story, body), Vec::new(), (*answered).into());
        }
        ledger
    }

    #[test]
    fn attempts_are_put_together_by_their_id() {
        let ledger = ledger(&[
            ("evt_1_0", "A", "", "500"),
            ("evt_2_0", "B", "", "ok"),
            ("evt_1_0", "A", "", "ok"),
        ]);
        assert_eq!((ledger.deliveries().len(), ledger.attempts()), (2, 3));
        assert_eq!(ledger.delivery("evt_1_0").unwrap().attempts.len(), 2);
        assert!(ledger.delivery("evt_3_0").is_none());
        assert_eq!(ledger.faults(), [""; 0]);
    }

    #[test]
    fn other_bytes_under_the_same_id_are_noticed() {
        let ledger = ledger(&[("evt_1_0", "A", "x", "500"), ("evt_1_0", "A", "y", "ok")]);
        assert_eq!(ledger.faults().len(), 1);
        assert!(ledger.faults()[0].contains("the body"));
    }

    #[test]
    fn a_story_is_told_in_its_order() {
        let early = ledger(&[("evt_2_0", "A", "", "ok"), ("evt_1_0", "A", "", "ok")]);
        assert!(early.faults()[0].contains("older"), "{:?}", early.faults());
        let other = ledger(&[("evt_2_0", "A", "", "ok"), ("evt_1_0", "B", "", "ok")]);
        assert_eq!(other.faults(), [""; 0]);
        let overtaken = ledger(&[
            ("evt_1_0", "A", "", "500"),
            ("evt_1_1", "A", "", "ok"),
            ("evt_1_0", "A", "", "ok"),
        ]);
        assert!(overtaken.faults()[0].contains("before it was taken"));
    }

    #[test]
    fn what_was_given_up_may_come_later() {
        let gone = ledger(&[
            ("evt_1_0", "A", "", "410"),
            ("evt_1_1", "A", "", "ok"),
            ("evt_1_0", "A", "", "ok"),
        ]);
        assert_eq!(gone.faults(), [""; 0]);
    }

    #[test]
    fn what_was_taken_may_be_sent_again_by_hand() {
        let resent = ledger(&[
            ("evt_1_0", "A", "", "ok"),
            ("evt_1_1", "A", "", "ok"),
            ("evt_1_0", "A", "", "ok"),
        ]);
        assert_eq!(resent.faults(), [""; 0]);
    }
}
