//! One written step to a checked one: what it refers to must be there.

use std::collections::{BTreeMap, BTreeSet};

use telegrams::{Field, Kind};

use super::moment::{parse_duration, parse_time};
use super::read::{Groups, Wrong, bank_code};
use super::script::{
    ClockScript, DayScript, ExpectScript, ExpectTable, FieldValue, FrameScript, OtherScript,
    StepScript, TelegramScript, TotalsScript,
};
use super::trade::{Known, ShopPart, Trade, trades};
use super::{
    AccountRef, Action, Answer, Damage, Day, Expect, Moment, NumberRef, Step, Telegram, TotalsStep,
};
use crate::day::DayPlan;

/// What a step may refer to: accounts, and the labels of the steps before it.
pub(super) struct Reader<'a> {
    pub(super) groups: &'a Groups,
    pub(super) shop: Option<&'a ShopPart>,
    pub(super) labels: BTreeSet<String>,
    pub(super) orders: BTreeSet<String>,
    pub(super) issued: BTreeSet<String>,
    pub(super) webhooks: BTreeSet<String>,
}

impl Reader<'_> {
    pub(super) fn step(&mut self, line: usize, written: &StepScript) -> Result<Step, Wrong> {
        let mut actions = self.actions(written)?;
        let (Some(action), true) = (actions.pop(), actions.is_empty()) else {
            return Err("must do exactly one thing (`deposit`, `totals`, `clock`, ...)".into());
        };
        let expect = self.expect(written.expect.as_ref(), &action)?;
        let sessions = match (written.session, written.sessions.as_slice()) {
            (None, []) => vec![1],
            (Some(session), []) => vec![session],
            (None, several) => several.to_vec(),
            _ => return Err("`session` and `sessions` exclude each other".into()),
        };
        Ok(Step {
            line,
            note: written.note.clone(),
            sessions,
            action,
            expect,
        })
    }

    fn actions(&mut self, written: &StepScript) -> Result<Vec<Action>, Wrong> {
        let mut actions = Vec::new();
        let told = [
            (Kind::PayeeLookup, &written.payee_lookup),
            (Kind::PreDepositCheck, &written.pre_deposit_check),
            (Kind::Deposit, &written.deposit),
            (Kind::Correction, &written.correction),
            (Kind::Aggregate, &written.aggregate),
        ];
        for (kind, telegram) in told {
            if let Some(telegram) = telegram {
                actions.push(Action::Tell(Box::new(self.telegram(kind, telegram)?)));
            }
        }
        if let Some(other) = &written.telegram {
            actions.push(Action::Tell(Box::new(self.other(other)?)));
        }
        if let Some(cut) = &written.cut {
            actions.push(Action::Cut(Box::new(self.telegram(Kind::Deposit, cut)?)));
        }
        self.repeats_and_races(written, &mut actions)?;
        self.bulk(written, &mut actions)?;
        if let Some(clock) = &written.clock {
            actions.push(clock_action(clock)?);
        }
        if let Some(frame) = &written.frame {
            actions.push(frame_action(frame)?);
        }
        actions.extend(written.hang_up.map(Action::HangUp));
        actions.extend(written.listen.as_ref().map(|listen| Action::Listen {
            seconds: listen.seconds,
            line_tests: listen.line_tests,
        }));
        let trades = trades(&written.trade(), &mut self.shop_knows())?;
        actions.extend(
            trades
                .into_iter()
                .map(|trade| Action::Trade(Box::new(trade))),
        );
        Ok(actions)
    }

    fn shop_knows(&mut self) -> Known<'_> {
        Known {
            has_shop: self.shop.is_some(),
            endpoints: self.shop.map_or(&[], |shop| &shop.endpoints),
            orders: &mut self.orders,
            issued: &mut self.issued,
            webhooks: &mut self.webhooks,
        }
    }

    fn repeats_and_races(
        &mut self,
        written: &StepScript,
        actions: &mut Vec<Action>,
    ) -> Result<(), Wrong> {
        if let Some(repeat) = &written.repeat {
            let of = self.known(&repeat.of)?;
            let (resent, times) = (repeat.resent, repeat.times);
            actions.push(Action::Repeat { of, resent, times });
        }
        if let Some(race) = &written.race {
            if race.telegrams.len() < 2 {
                return Err("`telegrams`: a race needs two at least".into());
            }
            let kind = kind(&race.kind)?;
            let telegrams = race
                .telegrams
                .iter()
                .map(|telegram| self.telegram(kind, telegram));
            let telegrams = telegrams.collect::<Result<_, _>>()?;
            self.labels.insert(race.label.clone());
            actions.push(Action::Race {
                label: race.label.clone(),
                telegrams,
            });
        }
        if let Some(burst) = &written.burst {
            actions.push(Action::Burst {
                kind: kind(&burst.kind)?,
                account: self.account(&burst.account)?,
                amount: burst.amount,
                count: burst.count,
                chunk: burst.chunk,
            });
        }
        Ok(())
    }

    fn bulk(&mut self, written: &StepScript, actions: &mut Vec<Action>) -> Result<(), Wrong> {
        if let Some(storm) = &written.storm {
            actions.push(Action::Storm {
                account: self.account(&storm.account)?,
                amount: storm.amount,
                rounds: storm.rounds,
                sessions: storm.sessions,
            });
        }
        if let Some(day) = &written.day {
            actions.push(Action::Day(Box::new(day_plan(day, self.groups)?)));
        }
        if let Some(resend) = &written.resend {
            let every = resend.every.as_deref().unwrap_or("10m");
            let wrong = || format!("`every` is `{every}`, it must be such as \"10m\"");
            let every = parse_duration(every).ok_or_else(wrong)?;
            actions.push(Action::Resend {
                every,
                rounds: resend.rounds.unwrap_or(6),
            });
        }
        if let Some(totals) = &written.totals {
            actions.push(Action::Totals(totals_step(totals)?));
        }
        Ok(())
    }

    fn telegram(&mut self, kind: Kind, written: &TelegramScript) -> Result<Telegram, Wrong> {
        let like = written
            .like
            .as_deref()
            .map(|label| self.known(label))
            .transpose()?;
        let number = written.number.as_ref().map(|number| {
            if self.labels.contains(number) {
                NumberRef::Of(number.clone())
            } else {
                NumberRef::Text(number.clone())
            }
        });
        let issued = written.account.clone();
        let issued = issued.filter(|name| self.issued.contains(name));
        let declared = written.account.as_deref().filter(|_| issued.is_none());
        let account = declared.map(|name| self.account(name)).transpose()?;
        let bank = written
            .bank
            .as_deref()
            .map(|bank| bank_code("bank", bank))
            .transpose()?;
        let date = written.date.as_deref().map(day).transpose()?;
        self.labels.extend(written.label.clone());
        Ok(Telegram {
            kind,
            label: written.label.clone(),
            like,
            number,
            bank,
            date,
            account,
            issued,
            amount: written.amount,
            payer: written.payer.clone(),
            mode: written.mode.unwrap_or_default(),
            resent: written.resent,
            institution: written.institution.clone(),
            fields: fields(&written.fields)?,
            damage: damage(written)?,
            lose: written.lose,
        })
    }

    fn other(&mut self, written: &OtherScript) -> Result<Telegram, Wrong> {
        let plain = TelegramScript {
            bank: written.bank.clone(),
            fields: written.fields.clone(),
            patch: written.patch.clone(),
            ..TelegramScript::default()
        };
        self.telegram(kind(&written.kind)?, &plain)
    }

    fn known(&self, label: &str) -> Result<String, Wrong> {
        if self.labels.contains(label) {
            Ok(label.to_owned())
        } else {
            Err(format!(
                "no step before this one is called `{label}` (`as`)"
            ))
        }
    }

    /// An account by its declared name, `name.3` for the third of a group, or `004-99000001`.
    fn account(&self, name: &str) -> Result<AccountRef, Wrong> {
        if let Some((bank, number)) = name.split_once('-')
            && let Ok(bank) = bank_code("account", bank)
        {
            return Ok(AccountRef {
                bank,
                number: number.to_owned(),
            });
        }
        let (group, index) = match name.rsplit_once('.') {
            Some((group, index)) => (group, index.parse().unwrap_or(0)),
            None => (name, 1_usize),
        };
        let found = self.groups.iter().find(|(known, _)| known == group);
        let account = found.and_then(|(_, accounts)| accounts.get(index.checked_sub(1)?));
        let account = account.ok_or_else(|| format!("`account` is `{name}`: not declared"))?;
        Ok(AccountRef {
            bank: account.bank,
            number: account.number.clone(),
        })
    }

    fn expect(&self, written: Option<&ExpectScript>, action: &Action) -> Result<Expect, Wrong> {
        if let Action::Trade(trade) = action {
            return trade_expectation(written, trade);
        }
        let table = match written {
            None => return usual_expectation(action),
            Some(ExpectScript::Word(word)) => match word.as_str() {
                "silence" => return Ok(Expect::Silence),
                "closed" => return Ok(Expect::Closed),
                code => ExpectTable {
                    code: Some(code.to_owned()),
                    ..ExpectTable::default()
                },
            },
            Some(ExpectScript::Table(table)) => table.clone(),
        };
        if let (Some(one), Some(others)) = (&table.one, &table.others) {
            return Ok(Expect::Winner {
                one: code(one)?,
                others: code(others)?,
            });
        }
        if let Action::Day(_) | Action::Clock { .. } | Action::HangUp(_) | Action::Listen { .. } =
            action
        {
            return Err(format!("`expect` means nothing beside `{}`", action.name()));
        }
        Ok(Expect::Answer(Answer {
            code: code(table.code.as_deref().unwrap_or("0000"))?,
            payee: table.payee,
            same_as: table
                .same_as
                .as_deref()
                .map(|label| self.known(label))
                .transpose()?,
            message_type: table.message_type,
        }))
    }
}

/// What the shop is answered: `success` or a message; most of its steps settle it themselves.
fn trade_expectation(written: Option<&ExpectScript>, trade: &Trade) -> Result<Expect, Wrong> {
    match written {
        None if trade.is_answered() => Ok(Expect::Said("success".into())),
        None => Ok(Expect::Nothing),
        Some(ExpectScript::Word(word)) if trade.is_answered() => Ok(Expect::Said(word.clone())),
        Some(_) => Err(format!(
            "`expect` beside `{}` is `success` or a message, or means nothing",
            trade.name()
        )),
    }
}

/// Without a word a step that asks expects a yes.
fn usual_expectation(action: &Action) -> Result<Expect, Wrong> {
    match action {
        Action::Race { .. } => Err("a race needs `expect = { one = .., others = .. }`".into()),
        Action::Day(_)
        | Action::Clock { .. }
        | Action::HangUp(_)
        | Action::Listen { .. }
        | Action::Trade(_)
        | Action::Cut(_)
        | Action::Storm { .. }
        | Action::Frame {
            answer: Some(_), ..
        } => Ok(Expect::Nothing),
        Action::Frame { .. } => Err("`frame` needs `expect` or `answer`".into()),
        Action::Tell(telegram) if telegram.lose == Some(super::Lose::Session) => {
            Ok(Expect::Nothing)
        }
        _ => Ok(Expect::Answer(Answer {
            code: "0000".into(),
            ..Answer::default()
        })),
    }
}

fn code(text: &str) -> Result<String, Wrong> {
    if (3..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "`expect` is `{text}`: not a code, `silence` or `closed`"
        ))
    }
}

fn day(text: &str) -> Result<Day, Wrong> {
    Day::parse(text).ok_or_else(|| format!("`date` is `{text}`, write \"-1d\" or \"2030-03-04\""))
}

fn kind(name: &str) -> Result<Kind, Wrong> {
    Kind::from_name(name).ok_or_else(|| format!("`kind` is `{name}`: there is no such telegram"))
}

fn field(name: &str) -> Result<Field, Wrong> {
    Field::from_name(name).ok_or_else(|| format!("`{name}` is no field of a telegram"))
}

fn fields(written: &BTreeMap<String, FieldValue>) -> Result<Vec<(Field, FieldValue)>, Wrong> {
    written
        .iter()
        .map(|(name, value)| Ok((field(name)?, value.clone())))
        .collect()
}

fn damage(written: &TelegramScript) -> Result<Damage, Wrong> {
    let patched = |(name, text): (&String, &String)| Ok((field(name)?, bytes("patch", text)?));
    Ok(Damage {
        patch: written
            .patch
            .iter()
            .map(patched)
            .collect::<Result<_, Wrong>>()?,
        prefix: written.prefix.clone(),
        length: written.length,
        chunk: written.chunk,
        tail: written
            .tail
            .as_deref()
            .map(|text| bytes("tail", text))
            .transpose()?,
    })
}

/// Bytes as text, or as `hex:b0a1`.
fn bytes(key: &str, text: &str) -> Result<Vec<u8>, Wrong> {
    match text.strip_prefix("hex:") {
        None => Ok(text.as_bytes().to_vec()),
        Some(digits) => hex(key, digits),
    }
}

fn hex(key: &str, digits: &str) -> Result<Vec<u8>, Wrong> {
    let wrong = || format!("`{key}`: `{digits}` is not pairs of hexadecimal digits");
    let digits: Vec<u8> = digits
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let whole = digits.len().is_multiple_of(2);
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(pair).collect();
    bytes.filter(|_| whole).ok_or_else(wrong)
}

fn frame_action(written: &FrameScript) -> Result<Action, Wrong> {
    let mut bytes = match (&written.text, &written.hex) {
        (Some(text), None) => text.as_bytes().to_vec(),
        (None, Some(digits)) => hex("hex", digits)?,
        _ => return Err("`frame` needs `text` or `hex`, one of the two".into()),
    };
    bytes.resize(written.fill.unwrap_or(0).max(bytes.len()), b' ');
    let answer = written.answer.as_ref().map(|text| text.as_bytes().to_vec());
    Ok(Action::Frame { bytes, answer })
}

fn clock_action(written: &ClockScript) -> Result<Action, Wrong> {
    let (at, speed) = match written {
        ClockScript::At(at) => (at, 1.0),
        ClockScript::AtSpeed { at, speed } => (at, *speed),
    };
    let wrong = || format!("`clock` is `{at}`, write \"23:55\", \"+1d 00:10\" or \"+10m\"");
    Ok(Action::Clock {
        at: Moment::parse(at).ok_or_else(wrong)?,
        speed,
    })
}

fn totals_step(written: &TotalsScript) -> Result<TotalsStep, Wrong> {
    let banks = written.banks.iter().map(|bank| bank_code("banks", bank));
    Ok(TotalsStep {
        banks: banks.collect::<Result<_, _>>()?,
        date: written.date.as_deref().map_or(Ok(Day::After(0)), day)?,
        claim: written.claim.unwrap_or_default(),
        deposits: written.deposits,
        deposit_amount: written.deposit_amount,
        corrections: written.corrections,
        correction_amount: written.correction_amount,
    })
}

fn day_plan(written: &DayScript, groups: &Groups) -> Result<DayPlan, Wrong> {
    let mut accounts = Vec::new();
    for name in &written.accounts {
        let found = groups.iter().find(|(group, _)| group == name);
        let (_, found) = found.ok_or_else(|| format!("`accounts`: `{name}` is not declared"))?;
        accounts.extend(found.iter().cloned());
    }
    let mut plan = DayPlan::usual(written.deposits, accounts);
    plan.hours = hours(written)?;
    plan.slices = written.slices.unwrap_or(plan.slices);
    plan.sessions = written.sessions.unwrap_or(plan.sessions);
    plan.in_flight = written.in_flight.unwrap_or(plan.in_flight);
    if let Some(banks) = &written.notice_banks {
        let banks = banks.iter().map(|bank| bank_code("notice_banks", bank));
        plan.notice_banks = banks.collect::<Result<_, _>>()?;
    }
    let rates = [
        ("lookups", written.lookups, &mut plan.lookups),
        ("corrections", written.corrections, &mut plan.corrections),
        (
            "unknown_accounts",
            written.unknown_accounts,
            &mut plan.unknown_accounts,
        ),
        ("repeated", written.repeated, &mut plan.repeated),
        ("lost_answers", written.lost_answers, &mut plan.lost_answers),
        (
            "lost_sessions",
            written.lost_sessions,
            &mut plan.lost_sessions,
        ),
    ];
    for (key, rate, place) in rates {
        let rate = rate.unwrap_or(*place);
        if !(0.0..=1.0).contains(&rate) {
            return Err(format!("`{key}` is {rate}, it must be from 0 to 1"));
        }
        *place = rate;
    }
    Ok(plan)
}

fn hours(written: &DayScript) -> Result<Option<(jiff::civil::Time, jiff::civil::Time)>, Wrong> {
    let time = |key: &str, text: &str| {
        parse_time(text).ok_or_else(|| format!("`{key}` is `{text}`, write \"08:00\""))
    };
    match (&written.from, &written.to) {
        (None, None) => Ok(None),
        (Some(from), Some(to)) => Ok(Some((time("from", from)?, time("to", to)?))),
        _ => Err("`from` and `to` go together".into()),
    }
}
