//! Load → decide: for each command, the facts it may look at and the rule that judges them.

mod credential;
pub(crate) mod deposit;
pub(crate) mod issue;
pub(crate) mod lines;
pub(crate) mod matching;
pub(crate) mod message;
pub(crate) mod once;
pub(crate) mod order;
pub(crate) mod people;
pub(crate) mod policy;
mod registration;
pub(crate) mod system;
mod webhook;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::books::{Books, house_limits};
use super::engine::{Broken, Rows};
use super::keys::{DayKey, TableKey};
use super::tables::{
    ACCOUNT_DAYS, ACCOUNTS, AccountRow, CASES, EXCEPTIONS, HOLDS, HOLDS_BY_ACCOUNT, HOLDS_BY_END,
    MERCHANTS, ORDERS, ORDERS_BY_END, POLICIES, TOTALS,
};
use crate::domain::{
    Account, AccountImport, AccountKey, AggregateQuestion, BankCode, CheckFacts, Command, Decision,
    Event, ExceptionKind, Hold, HoldEnd, House, Limits, Merchant, Moment, Outcome, Question,
    RelayKey, Timestamp, Totals, Won, aggregate, correction, decide_accounts, decide_merchants,
    placing, pre_deposit_check,
};
use crate::limits;

/// Weighs one command against the books as they are now. Writes nothing.
pub(crate) fn weigh(
    books: &mut Books<'_>,
    command: Command,
    house: &House,
    moment: Moment,
) -> Result<Decision, Broken> {
    match command {
        Command::Deposit(deposit) => deposit::weigh(books, *deposit, house, moment),
        Command::Correction(correction) => {
            let facts = deposit::correction_facts(books, &correction, house)?;
            Ok(correction::decide(&correction, &facts, moment))
        }
        Command::Aggregate(question) => weigh_aggregate(books, &question, house),
        Command::Hold(question) => {
            let facts = check_facts(books.rows(), &question, house)?;
            Ok(pre_deposit_check::hold(&question, &facts, moment))
        }
        Command::VoidHold { key, position, .. } => void_hold(books.rows(), &key, position),
        Command::ImportMerchants { rows, update } => {
            let known = known_merchants(books, &rows)?;
            Ok(decide_merchants(&rows, &known, update))
        }
        Command::ImportAccounts { rows, update } => weigh_accounts(books, &rows, update),
        Command::Answer => Ok(Decision::new(Outcome::Done, Vec::new())),
        Command::Pulse => end_what_is_over(books.rows(), moment.now),
        Command::Account(command) => issue::weigh(books, *command, house, moment),
        Command::Order(command) => order::weigh(books, *command, house, moment),
        Command::Policy(command) => policy::weigh(books, *command),
        Command::People(command) => people::weigh(books, *command, house, moment),
        Command::Credential(command) => credential::weigh(books, *command, house, moment),
        Command::Registration(command) => registration::weigh(books, *command, house, moment),
        Command::Webhook(command) => webhook::weigh(books, *command, house, moment),
        Command::Message(command) => message::weigh(books, *command, house, moment),
        Command::System(command) => system::weigh(books, *command, house),
    }
}

/// What a look-up, a pre-deposit check or a deposit may look at. Reads a snapshot as well as the
/// books under way, because none of these rows is shared.
pub(crate) fn check_facts<'h>(
    rows: &dyn Rows,
    question: &Question,
    house: &'h House,
) -> Result<CheckFacts<'h>, Broken> {
    let mut account = account(rows, &question.account)?;
    let merchant = match &mut account {
        Some(account) => {
            let merchant = &account.terms.merchant;
            let policies = POLICIES.get(rows, merchant)?.unwrap_or_default();
            let found = MERCHANTS.get(rows, merchant)?.map(Arc::new);
            account.terms.limits = narrowed(account.terms.limits, policies.limits);
            account.terms.limits = narrowed(account.terms.limits, house_limits(rows)?);
            found
        }
        None => None,
    };
    let about = (&question.key, &question.account);
    let mut facts = facts_around(rows, about, house, account, merchant)?;
    facts.hours = system::hours(rows, question.account.bank, house)?;
    Ok(facts)
}

/// The lower of two ceilings, each for itself.
fn narrowed(one: Limits, other: Limits) -> Limits {
    let lower = |one: Option<Won>, other: Option<Won>| one.into_iter().chain(other).min();
    Limits {
        per_deposit: lower(one.per_deposit, other.per_deposit),
        per_day: lower(one.per_day, other.per_day),
    }
}

fn facts_around<'h>(
    rows: &dyn Rows,
    (key, account_key): (&RelayKey, &AccountKey),
    house: &'h House,
    account: Option<Account>,
    merchant: Option<Arc<Merchant>>,
) -> Result<CheckFacts<'h>, Broken> {
    let limited = account
        .as_ref()
        .is_some_and(|account| account.terms.limits.per_day.is_some());
    let received_today = if limited {
        let day = (account_key.clone(), key.trade_date);
        ACCOUNT_DAYS.get(rows, &day)?.unwrap_or_default()
    } else {
        Won::ZERO
    };
    let uses_up = account.as_ref().is_some_and(Account::approval_uses_up);
    let mut holds = if uses_up {
        holds_on(rows, account_key)?
    } else {
        Vec::new()
    };
    if !holds.iter().any(|hold| hold.key == *key)
        && let Some(own) = HOLDS.get(rows, key)?
    {
        holds.push(own);
    }
    Ok(CheckFacts {
        house,
        account,
        merchant,
        received_today,
        holds,
        // A deposit is a fact at any hour; only questions look at the clock.
        hours: None,
    })
}

/// An account with its key.
pub(crate) fn account(rows: &dyn Rows, key: &AccountKey) -> Result<Option<Account>, Broken> {
    let row = ACCOUNTS.get(rows, key)?;
    Ok(row.map(|row| of_row(key, &row)))
}

/// An account from its row.
pub(crate) fn of_row(key: &AccountKey, row: &AccountRow) -> Account {
    Account {
        key: key.clone(),
        terms: row.terms.clone(),
        standing: row.standing,
        used_by: row.used_by.clone(),
    }
}

fn holds_on(rows: &dyn Rows, account: &AccountKey) -> Result<Vec<Hold>, Broken> {
    let mut keys: Vec<RelayKey> = Vec::new();
    HOLDS_BY_ACCOUNT.walk_prefix(rows, &account.bytes(), &mut |(_, key), ()| {
        keys.push(key);
        ControlFlow::Continue(())
    })?;
    let found = keys.iter().map(|key| HOLDS.get(rows, key));
    Ok(found
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect())
}

/// The kinds of conflict already recorded about this key, account and amount.
fn conflicts(
    rows: &dyn Rows,
    key: &RelayKey,
    account: &AccountKey,
    amount: Won,
) -> Result<Vec<ExceptionKind>, Broken> {
    let mut kinds = Vec::new();
    EXCEPTIONS.walk_prefix(rows, &key.bytes(), &mut |(_, kind, named, sum), _| {
        if named == *account && sum == amount {
            kinds.push(kind);
        }
        ControlFlow::Continue(())
    })?;
    Ok(kinds)
}

fn weigh_aggregate(
    books: &mut Books<'_>,
    question: &AggregateQuestion,
    house: &House,
) -> Result<Decision, Broken> {
    // Totals changed by earlier commands of this batch are still in the cache.
    books.flush()?;
    let day = DayKey {
        institution: question.key.institution.clone(),
        day: question.day,
        bank: question.bank(),
    };
    let ours = if day.bank == BankCode::ALL {
        day_of_all_banks(books.rows(), &day)?
    } else {
        books.totals(&day)?
    };
    let last = CASES.get(books.rows(), &day)?;
    let facts = aggregate::AggregateFacts { house, ours, last };
    Ok(aggregate::decide(question, &facts))
}

fn day_of_all_banks(rows: &dyn Rows, day: &DayKey) -> Result<Totals, Broken> {
    let mut prefix = day.bytes();
    prefix.truncate(prefix.len() - 2);
    let mut sum = Some(Totals::default());
    TOTALS.walk_prefix(rows, &prefix, &mut |_, totals| {
        sum = sum.and_then(|sum| sum.checked_add(totals));
        ControlFlow::Continue(())
    })?;
    sum.ok_or_else(|| Broken::not_understood(TOTALS.id, "a sum beyond what the books can count"))
}

/// Ends the very hold that was never promised; a later one under the same key stays.
fn void_hold(rows: &dyn Rows, key: &RelayKey, position: u64) -> Result<Decision, Broken> {
    let hold = HOLDS
        .get(rows, key)?
        .filter(|hold| hold.position == position);
    let events = hold.map(|hold| Event::HoldEnded {
        hold,
        why: HoldEnd::Void,
    });
    Ok(Decision::new(Outcome::Done, events.into_iter().collect()))
}

/// Ends holds whose time is over, a bounded number at a time.
fn end_what_is_over(rows: &dyn Rows, now: Timestamp) -> Result<Decision, Broken> {
    let mut over = Vec::new();
    HOLDS_BY_END.walk_from(rows, &[], &mut |(until, key), ()| {
        if until > now || over.len() >= limits::HOLDS_ENDED_PER_PULSE_MAX {
            return ControlFlow::Break(());
        }
        over.push(key);
        ControlFlow::Continue(())
    })?;
    let mut events = Vec::with_capacity(over.len());
    for key in over {
        if let Some(hold) = HOLDS.get(rows, &key)? {
            events.push(Event::HoldEnded {
                hold,
                why: HoldEnd::Expired,
            });
        }
    }
    events.extend(orders_over(rows, now)?);
    events.extend(once::forget_over(rows, now)?);
    Ok(Decision::new(Outcome::Done, events))
}

/// Orders whose waiting is over, a bounded number at a time.
fn orders_over(rows: &dyn Rows, now: Timestamp) -> Result<Vec<Event>, Broken> {
    let mut over = Vec::new();
    ORDERS_BY_END.walk_from(rows, &[], &mut |(end, name), ()| {
        if end >= now || over.len() >= limits::ORDERS_EXPIRED_PER_PULSE_MAX {
            return ControlFlow::Break(());
        }
        over.push(name);
        ControlFlow::Continue(())
    })?;
    let mut events = Vec::with_capacity(over.len());
    for name in over {
        let order = ORDERS.get(rows, &name)?;
        events.extend(order.and_then(|order| placing::expire(&order, now)));
    }
    Ok(events)
}

fn known_merchants(
    books: &mut Books<'_>,
    rows: &[Merchant],
) -> Result<BTreeMap<crate::domain::MerchantId, Merchant>, Broken> {
    let mut known = BTreeMap::new();
    for row in rows {
        if let Some(merchant) = books.merchant(&row.id)? {
            known.insert(row.id.clone(), Merchant::clone(&merchant));
        }
    }
    Ok(known)
}

fn weigh_accounts(
    books: &mut Books<'_>,
    rows: &[AccountImport],
    update: bool,
) -> Result<Decision, Broken> {
    let mut known = BTreeMap::new();
    let mut merchants = BTreeMap::new();
    for row in rows {
        if let Some(account) = account(books.rows(), &row.key)? {
            known.insert(row.key.clone(), account);
        }
        let merchant = &row.terms.merchant;
        if !merchants.contains_key(merchant) {
            let is_known = books.merchant(merchant)?.is_some();
            merchants.insert(merchant.clone(), is_known);
        }
    }
    Ok(decide_accounts(rows, &known, &merchants, update))
}
