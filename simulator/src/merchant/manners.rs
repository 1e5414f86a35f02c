//! How a receiver answers: a list that is gone through, and whose last word holds for ever.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;

use super::Dialect;
use crate::http::Answer;

/// One way to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As the dialect wants it: the webhook was taken.
    Well,
    /// Well, but only after so long.
    Slow(Duration),
    /// With that status, and nothing that the dialect takes for a yes.
    Status(u16),
    /// With that status and `Retry-After` in seconds.
    RetryAfter(u16, u64),
    /// With status 200 and another body than the dialect wants.
    WrongBody,
    /// Not at all; the connection stays open.
    Hang,
    /// Not at all; the connection is closed.
    Close,
}

/// Manners that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no way to answer: write ok, slow:3s, 500, 503:retry=30, wrong_body, hang or close"
)]
pub struct MannersError(String);

impl FromStr for Manner {
    type Err = MannersError;

    fn from_str(text: &str) -> Result<Self, MannersError> {
        let wrong = || MannersError(text.to_owned());
        let status = |text: &str| match text.parse() {
            Ok(status @ 200..=599) => Ok(status),
            _ => Err(wrong()),
        };
        if let Some(time) = text.strip_prefix("slow:") {
            return duration(time).map(Self::Slow).ok_or_else(wrong);
        }
        if let Some((code, seconds)) = text.split_once(":retry=") {
            let seconds = seconds.parse().map_err(|_| wrong())?;
            return Ok(Self::RetryAfter(status(code)?, seconds));
        }
        match text {
            "ok" => Ok(Self::Well),
            "wrong_body" => Ok(Self::WrongBody),
            "hang" => Ok(Self::Hang),
            "close" => Ok(Self::Close),
            code => status(code).map(Self::Status),
        }
    }
}

/// `3s` or `250ms`.
fn duration(text: &str) -> Option<Duration> {
    if let Some(millis) = text.strip_suffix("ms") {
        return Some(Duration::from_millis(millis.parse().ok()?));
    }
    Some(Duration::from_secs(text.strip_suffix('s')?.parse().ok()?))
}

impl fmt::Display for Manner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Well => out.write_str("ok"),
            Self::Slow(time) => write!(out, "slow:{}ms", time.as_millis()),
            Self::Status(status) => write!(out, "{status}"),
            Self::RetryAfter(status, seconds) => write!(out, "{status}:retry={seconds}"),
            Self::WrongBody => out.write_str("wrong_body"),
            Self::Hang => out.write_str("hang"),
            Self::Close => out.write_str("close"),
        }
    }
}

impl Manner {
    pub(super) fn answer(&self, dialect: Dialect) -> Answer {
        let say = |after, status, headers, body: &'static str| Answer::Say {
            after,
            status,
            headers,
            body: Bytes::from_static(body.as_bytes()),
        };
        let (kind, well) = dialect.yes();
        let plain = |status| say(Duration::ZERO, status, Vec::new(), "no");
        match self {
            Self::Well => say(Duration::ZERO, 200, content(kind), well),
            Self::Slow(time) => say(*time, 200, content(kind), well),
            Self::Status(status) => plain(*status),
            Self::RetryAfter(status, seconds) => say(
                Duration::ZERO,
                *status,
                vec![("retry-after", seconds.to_string())],
                "later",
            ),
            Self::WrongBody => say(Duration::ZERO, 200, content(kind), dialect.no()),
            Self::Hang => Answer::Hang,
            Self::Close => Answer::Close,
        }
    }
}

fn content(kind: &str) -> Vec<(&'static str, String)> {
    vec![("content-type", kind.to_owned())]
}

/// Ways to answer in their order; the last one holds for ever. Without any, all is answered well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manners {
    script: Vec<(Manner, u64)>,
    at: usize,
    used: u64,
}

impl Manners {
    /// Reads `ok`, `500*2`, `hang`, each word one way, with `*N` for so many times.
    pub fn parse<T: AsRef<str>>(words: &[T]) -> Result<Self, MannersError> {
        let read = |word: &T| {
            let word = word.as_ref();
            match word.rsplit_once('*') {
                None => Ok((word.parse()?, 1)),
                Some((manner, times)) => match times.parse() {
                    Ok(times @ 1..) => Ok((manner.parse()?, times)),
                    _ => Err(MannersError(word.to_owned())),
                },
            }
        };
        Ok(Self {
            script: words.iter().map(read).collect::<Result<_, _>>()?,
            at: 0,
            used: 0,
        })
    }

    /// The way for the next request.
    pub fn for_next(&mut self) -> Manner {
        let Some((manner, times)) = self.script.get(self.at) else {
            return Manner::Well;
        };
        let manner = manner.clone();
        self.used += 1;
        if self.used >= *times && self.at + 1 < self.script.len() {
            (self.at, self.used) = (self.at + 1, 0);
        }
        manner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_holds_for_ever() {
        let mut manners = Manners::parse(&["500*2", "hang", "ok"]).unwrap();
        let next: Vec<String> = (0..6).map(|_| manners.for_next().to_string()).collect();
        assert_eq!(next, ["500", "500", "hang", "ok", "ok", "ok"]);
        assert_eq!(Manners::default().for_next(), Manner::Well);
    }

    #[test]
    fn every_way_is_written_as_it_is_read() {
        for word in [
            "ok",
            "slow:250ms",
            "410",
            "503:retry=30",
            "wrong_body",
            "hang",
            "close",
        ] {
            assert_eq!(word.parse::<Manner>().unwrap().to_string(), word);
        }
        assert_eq!(
            "slow:3s".parse::<Manner>().unwrap(),
            Manner::Slow(Duration::from_secs(3))
        );
        for wrong in [
            "",
            "fine",
            "99",
            "600",
            "slow",
            "slow:x",
            "500:retry=x",
            "500*0",
            "500*x",
        ] {
            assert!(Manners::parse(&[wrong]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_body_is_no_yes_where_the_body_decides() {
        for dialect in [Dialect::Payaction, Dialect::EzpgA, Dialect::EzpgB] {
            assert_ne!(
                Manner::Well.answer(dialect),
                Manner::WrongBody.answer(dialect)
            );
        }
    }
}
