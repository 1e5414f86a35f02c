//! The facts behind: deposits (입금) and their corrections (입금정정).

use std::ops::ControlFlow;
use std::sync::Arc;

use super::super::books::Books;
use super::super::engine::{Broken, Rows};
use super::super::journal;
use super::super::keys::TableKey as _;
use super::super::tables::{
    ACCOUNT_LIVES, ACCOUNTS, AccountRow, DEPOSIT_STATES, ORDERS, PARTIALS, RELAYED,
};
use super::{account, conflicts, facts_around, matching, narrowed, of_row};
use crate::domain::{
    Account, AccountAfter, AccountKey, AccountKind, Arrival, Correction, Credit, Decision, Deposit,
    DepositRef, DepositRow, Event, House, MerchantId, Moment, Order, OrderNumber, Partial,
    Policies, Won, correction, deposit,
};

/// Weighs a deposit.
pub(super) fn weigh(
    books: &mut Books<'_>,
    deposit: Deposit,
    house: &House,
    moment: Moment,
) -> Result<Decision, Broken> {
    let relayed = books.relayed(&deposit.key)?;
    let row = ACCOUNTS.get(books.rows(), &deposit.account)?;
    let (mut account, merchant, policies) = match &row {
        Some(row) => {
            let merchant = books.merchant(&row.terms.merchant)?;
            let policies = books.policies(&row.terms.merchant)?;
            (Some(of_row(&deposit.account, row)), merchant, policies)
        }
        None => (None, None, Arc::default()),
    };
    if let Some(account) = &mut account {
        account.terms.limits = narrowed(account.terms.limits, policies.limits);
        account.terms.limits = narrowed(account.terms.limits, books.house_limits()?);
    }
    let known_conflicts = match &relayed.deposit {
        Some(_) => conflicts(books.rows(), &deposit.key, &deposit.account, deposit.amount)?,
        None => Vec::new(),
    };
    let rows = books.rows();
    let around = Surroundings::of(
        rows,
        &deposit,
        (row.as_ref(), account.as_ref()),
        &policies,
        moment,
    )?;
    let about = (&deposit.key, &deposit.account);
    let check = facts_around(rows, about, house, account, merchant)?;
    let facts = deposit::DepositFacts {
        booked: relayed.deposit,
        corrected: relayed.correction,
        check,
        known_conflicts,
        policies,
        balance: around.balance,
        partials: around.partials,
        order: around.order,
        not_placed: around.not_placed,
        matching: around.matching,
    };
    Ok(deposit::decide(deposit, &facts, moment))
}

/// What lies around a deposit beside what a pre-deposit check asks.
#[derive(Default)]
struct Surroundings {
    balance: Won,
    partials: Vec<Partial>,
    order: Option<Order>,
    not_placed: Option<OrderNumber>,
    matching: Option<crate::domain::MatchFacts>,
}

impl Surroundings {
    fn of(
        rows: &dyn Rows,
        deposit: &Deposit,
        (row, account): (Option<&AccountRow>, Option<&Account>),
        policies: &Policies,
        moment: Moment,
    ) -> Result<Self, Broken> {
        let (Some(row), Some(account)) = (row, account) else {
            return Ok(Surroundings::default());
        };
        let merchant = &account.terms.merchant;
        let life = ACCOUNT_LIVES.get(rows, &account.key)?.unwrap_or_default();
        let partials = if deposit.amount < account.terms.amount {
            partials(rows, &account.key)?
        } else {
            Vec::new()
        };
        let number = row
            .details
            .as_ref()
            .and_then(|details| details.order.as_ref());
        let order = match number {
            Some(number) => ORDERS.get(rows, &(merchant.clone(), number.clone()))?,
            None => None,
        };
        let matching = if account.terms.kind == AccountKind::Matching {
            let arrival = Arrival::of(deposit, moment.now);
            let facts = matching::facts(rows, merchant, &arrival, &policies.matching)?;
            Some(facts)
        } else {
            None
        };
        Ok(Surroundings {
            balance: life.balance,
            partials,
            not_placed: number.filter(|_| order.is_none()).cloned(),
            order,
            matching,
        })
    }
}

fn partials(rows: &dyn Rows, account: &AccountKey) -> Result<Vec<Partial>, Broken> {
    let mut found = Vec::new();
    PARTIALS.walk_prefix(rows, &account.bytes(), &mut |_, partial| {
        found.push(partial);
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// What a correction may look at.
pub(super) fn correction_facts<'h>(
    books: &mut Books<'_>,
    correction: &Correction,
    house: &'h House,
) -> Result<correction::CorrectionFacts<'h>, Broken> {
    let relayed = books.relayed(&correction.original)?;
    let rows = books.rows();
    let known_conflicts = conflicts(
        rows,
        &correction.original,
        &correction.account,
        correction.amount,
    )?;
    let account = account(rows, &correction.account)?;
    let (mut before, mut met, mut part_of_use) = (None, None, false);
    if let Some(booked) = &relayed.deposit {
        before = standing_before(rows, booked, relayed.owner.as_ref())?;
        let whole = whole_of(rows, booked, account.as_ref())?;
        met = met_by(rows, booked, whole.as_ref())?;
        part_of_use = whole.is_some();
    }
    Ok(correction::CorrectionFacts {
        house,
        booked: relayed.deposit,
        corrected: relayed.correction,
        account,
        known_conflicts,
        before,
        met,
        part_of_use,
    })
}

/// Whose account a deposit came into and what stands on it; none where it was never issued, or
/// where the number is by now another account's.
fn standing_before(
    rows: &dyn Rows,
    booked: &DepositRow,
    owner: Option<&MerchantId>,
) -> Result<Option<AccountAfter>, Broken> {
    let Some(owner) = owner else {
        return Ok(None);
    };
    let life = ACCOUNT_LIVES
        .get(rows, &booked.account)?
        .unwrap_or_default();
    Ok((life.since <= booked.position).then(|| AccountAfter {
        merchant: owner.clone(),
        balance: life.balance,
    }))
}

/// The order that falls open again when `booked` is undone: the one it paid, or the one that it
/// helped `whole` to pay as a part.
fn met_by(
    rows: &dyn Rows,
    booked: &DepositRow,
    whole: Option<&DepositRow>,
) -> Result<Option<(Order, DepositRef)>, Broken> {
    let Credit::Merchant(merchant) = &booked.credit else {
        return Ok(None);
    };
    if let Some(met) = met_at(rows, merchant, booked.position)? {
        return Ok(Some(met));
    }
    match whole {
        Some(whole) => met_at(rows, merchant, whole.position),
        None => Ok(None),
    }
}

/// The deposit that used up the one-time account together with `part`; none where `part` was not
/// needed for it.
fn whole_of(
    rows: &dyn Rows,
    part: &DepositRow,
    account: Option<&Account>,
) -> Result<Option<DepositRow>, Broken> {
    let used = account.and_then(|account| Some((account, account.used_by.as_ref()?)));
    let Some((account, last)) = used else {
        return Ok(None);
    };
    let partial = PARTIALS.get(rows, &(part.account.clone(), part.position))?;
    let counted = partial.is_some_and(|partial| is_credited(&partial.row));
    if !counted {
        return Ok(None);
    }
    let whole = RELAYED.get(rows, last)?.and_then(|relayed| relayed.deposit);
    Ok(whole.filter(|whole| whole.position != part.position && needed_parts(account, whole)))
}

/// Whether a deposit alone was too little for its account.
fn needed_parts(account: &Account, last: &DepositRow) -> bool {
    last.amount < account.terms.amount && !account.takes_amount(last.amount)
}

fn is_credited(row: &DepositRow) -> bool {
    matches!(row.credit, Credit::Merchant(_))
}

/// What has come in all with `last`, where it used up its one-time account together with parts.
pub(crate) fn paid_in_parts(
    rows: &dyn Rows,
    account: &Account,
    last: &DepositRow,
) -> Result<Option<Won>, Broken> {
    if !last.used_up_account || !needed_parts(account, last) {
        return Ok(None);
    }
    let mut parts = partials(rows, &account.key)?;
    parts.retain(|part| is_credited(&part.row) && part.row.position != last.position);
    let mut amounts = parts.iter().map(|part| part.row.amount);
    Ok(amounts
        .try_fold(last.amount, Won::checked_add)
        .filter(|_| !parts.is_empty()))
}

/// The order that the deposit booked at `position` has met.
pub(crate) fn met_at(
    rows: &dyn Rows,
    merchant: &MerchantId,
    position: u64,
) -> Result<Option<(Order, DepositRef)>, Broken> {
    let state = DEPOSIT_STATES.get(rows, &position)?;
    let Some(number) = state.and_then(|state| state.met) else {
        return Ok(None);
    };
    let order = ORDERS.get(rows, &(merchant.clone(), number))?;
    let deposit = booked_at(rows, position)?;
    Ok(order
        .zip(deposit)
        .map(|(order, (deposit, _))| (order, DepositRef::of(&deposit, position))))
}

/// The deposit that the record at `position` booked, and how it stood then.
pub(crate) fn booked_at(
    rows: &dyn Rows,
    position: u64,
) -> Result<Option<(Deposit, DepositRow)>, Broken> {
    let record = journal::at(rows, position)?;
    let events = record.map(|record| record.events).unwrap_or_default();
    Ok(events.into_iter().find_map(|event| match event {
        Event::DepositBooked { deposit, row, .. } => Some((deposit, row)),
        _ => None,
    }))
}
