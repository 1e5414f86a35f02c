//! The hour of the gateway's house: set through its ops listener, told from our own clock.
//!
//! The house's clock is the real one plus an offset. The simulator never asks what time it is
//! there: it sets the offset and knows. Where no ops listener is named the real time counts.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// Why the clock of the house was not set.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// The ops listener refused or did not answer.
    #[error("cannot set the house's clock at {url}: {what}")]
    NotSet {
        /// Where it was asked.
        url: String,
        /// What came back.
        what: String,
    },
    /// The gateway did not become ready.
    #[error("the gateway at {url} is not ready: {what}")]
    NotReady {
        /// Where it was asked.
        url: String,
        /// What came back last.
        what: String,
    },
    /// A shifted hour was asked for, and there is no one to ask.
    #[error("this needs the house's clock to be set, and no ops listener was named")]
    NoOps,
}

/// Seoul has kept nine hours before UTC, without summer time, since 1988.
fn seoul() -> TimeZone {
    TimeZone::fixed(Offset::constant(9))
}

/// The house's clock as far as the bank can turn it.
pub struct House {
    ops: Option<String>,
    offset: SignedDuration,
    speed: f64,
    set_at: Timestamp,
}

impl House {
    /// A house whose ops listener is at `ops` (`http://127.0.0.1:9464`), if it has one.
    pub fn new(ops: Option<&str>) -> Self {
        let ops = ops.map(|url| {
            if url.contains("://") {
                url.trim_end_matches('/').to_owned()
            } else {
                format!("http://{}", url.trim_end_matches('/'))
            }
        });
        let (offset, set_at) = (SignedDuration::ZERO, Timestamp::now());
        Self {
            ops,
            offset,
            speed: 1.0,
            set_at,
        }
    }

    /// Whether its clock can be set at all.
    pub fn can_be_set(&self) -> bool {
        self.ops.is_some()
    }

    /// What its clock shows now, in Seoul.
    pub fn now(&self) -> DateTime {
        let passed = Timestamp::now().duration_since(self.set_at);
        let passed = passed.as_secs_f64() * self.speed;
        let passed = SignedDuration::try_from_secs_f64(passed).unwrap_or(SignedDuration::ZERO);
        let shown = self
            .set_at
            .saturating_add(self.offset)
            .unwrap_or(Timestamp::MAX);
        let shown = shown.saturating_add(passed).unwrap_or(Timestamp::MAX);
        seoul().to_datetime(shown)
    }

    /// Sets its clock to an hour of Seoul; from then on it runs at `speed`.
    pub fn set(&mut self, hour: DateTime, speed: f64) -> Result<(), HouseError> {
        let url = format!("{}/clock", self.ops.as_deref().ok_or(HouseError::NoOps)?);
        let refused = |what: String| HouseError::NotSet {
            url: url.clone(),
            what,
        };
        let wanted = seoul()
            .to_timestamp(hour)
            .map_err(|error| refused(error.to_string()))?;
        let set_at = Timestamp::now();
        let seconds = offset_seconds(wanted, set_at);
        let body = serde_json::json!({ "offset_seconds": seconds, "speed": speed });
        let answer = agent().post(&url).send_json(&body);
        let mut answer = answer.map_err(|error| refused(error.to_string()))?;
        if !answer.status().is_success() {
            let said = answer.body_mut().read_to_string().unwrap_or_default();
            return Err(refused(format!("{} {said}", answer.status())));
        }
        (self.offset, self.speed, self.set_at) =
            (SignedDuration::from_secs(seconds), speed, set_at);
        Ok(())
    }

    /// Waits until the gateway says that it is ready; at once when there is no one to ask.
    pub fn wait_until_ready(&self, patience: Duration) -> Result<(), HouseError> {
        let Some(ops) = &self.ops else { return Ok(()) };
        let url = format!("{ops}/health/ready");
        let give_up = std::time::Instant::now() + patience;
        loop {
            let what = match agent().get(&url).call() {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => answer.status().to_string(),
                Err(error) => error.to_string(),
            };
            if std::time::Instant::now() > give_up {
                return Err(HouseError::NotReady { url, what });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The offset against the real time, to the nearest second above: an hour once set has begun.
fn offset_seconds(wanted: Timestamp, real: Timestamp) -> i64 {
    let offset = wanted.duration_since(real);
    let part = i64::from(offset.subsec_nanos() > 0);
    offset.as_secs() + part
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder();
    let config = config.timeout_global(Some(Duration::from_secs(10)));
    config.http_status_as_error(false).build().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn the_offset_never_falls_short_of_the_hour() {
        let wanted: Timestamp = "2030-03-04T01:00:00Z".parse().unwrap();
        for real in [
            "2026-11-22T21:49:15Z",
            "2026-11-22T21:49:15.7Z",
            "2031-01-01T00:00:00.2Z",
        ] {
            let real: Timestamp = real.parse().unwrap();
            let shown = real + SignedDuration::from_secs(offset_seconds(wanted, real));
            assert!(shown >= wanted);
            assert!(shown.duration_since(wanted) < SignedDuration::from_secs(1));
        }
    }

    #[test]
    fn without_an_ops_listener_the_clock_stays() {
        let mut house = House::new(None);
        assert!(!house.can_be_set());
        let error = house
            .set(datetime(2030, 3, 4, 10, 0, 0, 0), 1.0)
            .unwrap_err();
        assert!(matches!(error, HouseError::NoOps));
        house.wait_until_ready(Duration::ZERO).unwrap();
    }

    #[test]
    fn an_address_without_a_scheme_is_http() {
        assert_eq!(
            House::new(Some("127.0.0.1:9464")).ops.unwrap(),
            "http://127.0.0.1:9464"
        );
        assert_eq!(House::new(Some("http://x:1/")).ops.unwrap(), "http://x:1");
    }
}
