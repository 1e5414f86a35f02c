//! How single values are read. Each error is the second half of the sentence `key: …`, and says
//! what would have been right; the value itself is repeated unless it is a secret.

use std::fmt::Display;
use std::net::SocketAddr;
use std::str::FromStr;

use super::{Listen, Mode, Secret};
use crate::domain::{BankCode, CancelDay, NumberRange, Plan};
use crate::limits;
use crate::network::Network;
use crate::telemetry::logs;

type Value<T> = Result<T, String>;

/// Digits of a key of 256 bits.
const KEY_DIGITS: usize = 64;
/// Bytes of an institution code on the wire.
const INSTITUTION_BYTES: usize = 8;

/// Text that may be anything, as a name or as a path.
#[allow(clippy::unnecessary_wraps)] // It stands where others may fail.
pub(super) fn text<T: for<'a> From<&'a str>>(text: &str) -> Value<T> {
    Ok(T::from(text))
}

/// One of a few words.
fn choice<T: Copy>(text: &str, choices: &[(&str, T)]) -> Value<T> {
    let found = choices.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        format!("{text:?} is not one of {}", words.join(", "))
    })
}

pub(super) fn mode(text: &str) -> Value<Mode> {
    choice(
        text,
        &[("sandbox", Mode::Sandbox), ("production", Mode::Production)],
    )
}

pub(super) fn yes_or_no(text: &str) -> Value<bool> {
    choice(text, &[("true", true), ("false", false)])
}

pub(super) fn cancel_day(text: &str) -> Value<CancelDay> {
    choice(
        text,
        &[
            ("original", CancelDay::Original),
            ("cancel", CancelDay::Cancel),
        ],
    )
}

pub(super) fn plan(text: &str) -> Value<Plan> {
    choice(text, &[("basic", Plan::Basic), ("premium", Plan::Premium)])
}

/// Account numbers from one to another, both included.
pub(super) fn number_range(text: &str) -> Value<NumberRange> {
    let ends = text.split_once('-');
    let range = ends.and_then(|(first, last)| NumberRange::new(first.trim(), last.trim()));
    range.ok_or_else(|| {
        format!(
            "{text:?} is no range of numbers of one length with at most 16 digits, as in \
             79040000000000-79040099999999"
        )
    })
}

pub(super) fn log_format(text: &str) -> Value<logs::Format> {
    choice(
        text,
        &[("json", logs::Format::Json), ("text", logs::Format::Text)],
    )
}

pub(super) fn log_level(text: &str) -> Value<String> {
    logs::check_level(text).map_err(|_| format!("{text:?} is not a level; as in info"))?;
    Ok(text.to_owned())
}

/// A whole number from `min` to `max`.
pub(super) fn whole<T>(text: &str, min: T, max: T) -> Value<T>
where
    T: FromStr + PartialOrd + Display + Copy,
{
    let number = text.parse().ok();
    let number = number.filter(|number| (min..=max).contains(number));
    number.ok_or_else(|| format!("{text:?} is not a whole number from {min} to {max}"))
}

pub(super) fn offset(text: &str) -> Value<i64> {
    whole(
        text,
        -limits::CLOCK_OFFSET_SECONDS_MAX,
        limits::CLOCK_OFFSET_SECONDS_MAX,
    )
}

pub(super) fn address(text: &str) -> Value<SocketAddr> {
    text.parse()
        .map_err(|_| format!("{text:?} is not an address; as in 127.0.0.1:7300"))
}

/// The base of addresses on the web: `https://host`, without a path's end.
pub(super) fn http_base(text: &str) -> Result<String, String> {
    let base = text.trim_end_matches('/');
    let host = base
        .strip_prefix("https://")
        .or(base.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(char::is_whitespace) => {
            Ok(base.to_owned())
        }
        _ => Err(format!("{text} is no address like https://host")),
    }
}
pub(super) fn network(text: &str) -> Value<Network> {
    text.parse()
        .map_err(|error: crate::network::NotANetwork| error.to_string())
}

/// `127.0.0.1:7301=ksnet`, or an address alone for the layout `otherwise`.
pub(super) fn listen(text: &str, otherwise: &str) -> Value<Listen> {
    let (at, profile) = text.split_once('=').unwrap_or((text, otherwise));
    Ok(Listen {
        address: address(at.trim())?,
        profile: profile.trim().to_owned(),
    })
}

pub(super) fn bank(text: &str) -> Value<BankCode> {
    BankCode::parse(text).ok_or_else(|| format!("{text:?} is not a bank code of three digits"))
}

pub(super) fn institution(text: &str) -> Value<String> {
    let right = (1..=INSTITUTION_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if right {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "{text:?} is not an institution code of at most 8 letters and digits"
        ))
    }
}

pub(super) fn store_key(text: &str) -> Value<Secret> {
    if text.len() == KEY_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(Secret::new(text.to_owned()))
    } else {
        Err(format!(
            "must be {KEY_DIGITS} hex digits; make one with openssl rand -hex 32"
        ))
    }
}
