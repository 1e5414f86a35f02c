//! From a written scenario to a checked one. Every refusal names the file, the line and the key.

use std::collections::BTreeSet;

use toml::Spanned;

use super::moment::parse_time;
use super::read_step::Reader;
use super::script::{AccountScript, Script};
use super::trade::{ShopPart, read_endpoint, read_shop};
use super::{Scenario, Step};
use crate::accounts::Account;

/// A scenario that cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct ScriptError {
    /// The file, or the name of an embedded scenario.
    pub file: String,
    /// The line, from 1; 0 when the file itself is the trouble.
    pub line: usize,
    /// The key and what is wrong with it.
    pub what: String,
}

/// What is wrong, before the line is known.
pub(super) type Wrong = String;

/// Reads and checks a whole scenario.
pub(super) fn scenario(file: &str, text: &str) -> Result<Scenario, ScriptError> {
    let place = Place { file, text };
    let script: Script = toml::from_str(text).map_err(|error| place.of_toml(&error))?;
    let head = |what: Wrong| place.error(0, what);
    if !(1..=99).contains(&script.block) {
        return Err(head(format!(
            "`block` is {}, it must be 1 to 99",
            script.block
        )));
    }
    let date = date(&script.date).map_err(|what| place.error(script.date.span().start, what))?;
    let time = match &script.time {
        None => jiff::civil::time(10, 0, 0, 0),
        Some(time) => clock_time(time).map_err(|what| place.error(time.span().start, what))?,
    };
    let groups = groups(&place, &script)?;
    let shop = shop(&place, &script)?;
    let steps = steps(&place, &script, &groups, shop.as_ref())?;
    Ok(Scenario {
        name: script.name,
        title: script.title,
        about: script.about,
        block: script.block,
        date,
        time,
        profile: script.profile.unwrap_or_else(|| "dozn".into()),
        slow: script.slow,
        seed: script.seed.unwrap_or(1),
        groups,
        shop,
        steps,
    })
}

fn shop(place: &Place, script: &Script) -> Result<Option<ShopPart>, ScriptError> {
    let mut written: Vec<_> = script.endpoints.iter().collect();
    written.sort_by_key(|(_, endpoint)| endpoint.span().start);
    let mut endpoints = Vec::new();
    for (name, endpoint) in written {
        let at = endpoint.span().start;
        let wrong = |what| place.error(at, format!("endpoint `{name}`: {what}"));
        if script.shop.is_none() {
            return Err(wrong("there is no `[shop]` that it could belong to".into()));
        }
        endpoints.push(read_endpoint(name, endpoint.get_ref()).map_err(wrong)?);
    }
    Ok(script.shop.as_ref().map(|shop| read_shop(shop, endpoints)))
}

/// The text at hand, to tell lines from byte positions.
struct Place<'a> {
    file: &'a str,
    text: &'a str,
}

impl Place<'_> {
    fn line(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or(self.text);
        1 + before.bytes().filter(|byte| *byte == b'\n').count()
    }

    fn error(&self, at: usize, what: Wrong) -> ScriptError {
        ScriptError {
            file: self.file.into(),
            line: self.line(at),
            what,
        }
    }

    /// The reader's own words, with the key before the place that it points at.
    fn of_toml(&self, error: &toml::de::Error) -> ScriptError {
        let at = error.span().map_or(0, |span| span.start);
        let message = error.message().trim().replace('\n', ", ");
        match self.key_before(at) {
            Some(key) if !message.contains(&format!("`{key}`")) => {
                self.error(at, format!("`{key}`: {message}"))
            }
            _ => self.error(at, message),
        }
    }

    fn key_before(&self, at: usize) -> Option<&str> {
        let before = self.text.get(..at)?;
        let line = before.rsplit('\n').next()?.trim_end();
        let key = line.strip_suffix('=')?.trim_end();
        key.rsplit([' ', ',', '{', '.']).next()
    }
}

fn date(date: &Spanned<toml::value::Datetime>) -> Result<jiff::civil::Date, Wrong> {
    let text = date.get_ref().to_string();
    text.parse()
        .map_err(|_| format!("`date` is {text}, it must be a date such as 2030-03-04"))
}

fn clock_time(time: &Spanned<toml::value::Datetime>) -> Result<jiff::civil::Time, Wrong> {
    let text = time.get_ref().to_string();
    parse_time(&text).ok_or_else(|| format!("`time` is {text}, it must be a time such as 10:00:00"))
}

/// Accounts under the names of their groups.
pub(super) type Groups = Vec<(String, Vec<Account>)>;

fn groups(place: &Place, script: &Script) -> Result<Groups, ScriptError> {
    // Groups stand in the file's order, so that a new one at the end leaves old numbers alone.
    let mut written: Vec<_> = script.accounts.iter().collect();
    written.sort_by_key(|(_, account)| account.span().start);
    let mut next = 1;
    let mut groups = Groups::new();
    for (name, account) in written {
        let made = group(script, account.get_ref(), &mut next);
        let at = account.span().start;
        let made = made.map_err(|what| place.error(at, format!("account `{name}`: {what}")))?;
        groups.push((name.clone(), made));
    }
    Ok(groups)
}

fn group(script: &Script, written: &AccountScript, next: &mut u64) -> Result<Vec<Account>, Wrong> {
    let banks = match (&written.bank, written.banks.as_slice()) {
        (Some(bank), []) => vec![bank_code("bank", bank)?],
        (None, banks @ [_, ..]) => banks
            .iter()
            .map(|bank| bank_code("banks", bank))
            .collect::<Result<_, _>>()?,
        _ => return Err("needs `bank` or `banks`, one of the two".into()),
    };
    let each = written.each.unwrap_or(1);
    if written.number.is_some() && (each != 1 || banks.len() != 1) {
        return Err("`number` is for a single account".into());
    }
    let mut made = Vec::new();
    for index in 0..u64::from(each) {
        for bank in &banks {
            let usual = || format!("7{:02}{bank:03}{next:06}", script.block);
            let number = written.number.clone().unwrap_or_else(usual);
            made.push(account(script, written, *bank, number, index)?);
            *next += 1;
        }
    }
    Ok(made)
}

fn account(
    script: &Script,
    written: &AccountScript,
    bank: u16,
    number: String,
    index: u64,
) -> Result<Account, Wrong> {
    if number.is_empty() || number.len() > 16 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("`number` is `{number}`, it must be 1 to 16 digits"));
    }
    Ok(Account {
        merchant: format!("SIM{:02}", script.block),
        bank,
        number,
        kind: written.kind,
        amount: written.amount + index * written.amount_step,
        tolerance: written.tolerance,
        expires: written.expires.clone(),
        holder: written.holder.clone().unwrap_or_else(|| "나루상점".into()),
        payer: written.payer.clone(),
        limit_per_deposit: written.limit_per_deposit,
        limit_per_day: written.limit_per_day,
        state: written.state,
    })
}

/// A bank's three digits.
pub(super) fn bank_code(key: &str, text: &str) -> Result<u16, Wrong> {
    let three_digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let code = text.parse().ok().filter(|_| three_digits);
    code.ok_or_else(|| format!("`{key}` is `{text}`, it must be three digits such as \"004\""))
}

fn steps(
    place: &Place,
    script: &Script,
    groups: &Groups,
    shop: Option<&ShopPart>,
) -> Result<Vec<Step>, ScriptError> {
    if script.steps.is_empty() {
        return Err(place.error(0, "there is no `[[step]]`: nothing would be shown".into()));
    }
    let mut reader = Reader {
        groups,
        shop,
        labels: BTreeSet::new(),
        orders: BTreeSet::new(),
        issued: BTreeSet::new(),
        webhooks: BTreeSet::new(),
    };
    let mut steps = Vec::new();
    for written in &script.steps {
        let at = written.span().start;
        let step = reader.step(place.line(at), written.get_ref());
        let number = steps.len() + 1;
        steps.push(step.map_err(|what| place.error(at, format!("step {number}: {what}")))?);
    }
    Ok(steps)
}
