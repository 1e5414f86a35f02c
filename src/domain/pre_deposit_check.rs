//! The pre-deposit check (입금사전조회): may this deposit come?
//!
//! This is the place to say no: once the money is at the bank a deposit is a fact. The order of
//! the reasons is fixed (rule A.4-1), because the bank shows its customer the first one. No
//! money moves here; an approval that uses something up takes a hold.

use std::sync::Arc;

use super::{
    Account, AccountKey, AccountKind, BankCode, BankHours, Decision, Event, Hold, HoldEnd, House,
    Merchant, Moment, OpenState, Outcome, Refusal, RelayKey, Standing, Timestamp, Won, begins_name,
    same_name,
};

/// What a look-up or a pre-deposit check asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The relay's key of the coming deposit.
    pub key: RelayKey,
    /// The account paid into.
    pub account: AccountKey,
    /// How much; zero only in look-ups, where it skips the rules about amounts.
    pub amount: Won,
    /// Who pays, as far as the bank knows; may be empty.
    pub depositor_name: String,
    /// The name fills its field, so that its end may be missing.
    pub depositor_name_cut: bool,
}

impl Question {
    /// Whether the payer may be the one allowed: the names are the same, or what the telegram
    /// had room for is how the allowed name begins. A payer is not turned away, nor his money set
    /// aside, for what the bank cut.
    fn may_be_from(&self, allowed: &str) -> bool {
        let told = &self.depositor_name;
        same_name(told, allowed) || self.depositor_name_cut && begins_name(told, allowed)
    }
}

/// Everything the answer may depend on.
#[derive(Clone, Debug)]
pub struct CheckFacts<'h> {
    /// The policy in force.
    pub house: &'h House,
    /// The account, if it was ever issued.
    pub account: Option<Account>,
    /// Its merchant.
    pub merchant: Option<Arc<Merchant>>,
    /// What the account received on the question's date, less corrections.
    pub received_today: Won,
    /// Holds on the account, this question's own included, dead ones too.
    pub holds: Vec<Hold>,
    /// The hours of the account's bank, where somebody set others than those configured.
    pub hours: Option<BankHours>,
}

/// The yes to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The payee's name to show (예금주명).
    pub payee_name: String,
    /// Whether it takes something away that must be held.
    pub uses_up: bool,
    /// Whether it is the stored answer of a hold that still lives.
    pub repeated: bool,
}

impl CheckFacts<'_> {
    /// The hold this very question took earlier, if it still lives.
    fn own_hold(&self, key: &RelayKey, now: Timestamp) -> Option<&Hold> {
        self.holds
            .iter()
            .find(|hold| hold.key == *key && hold.lives(now))
    }

    /// What the question's day has received, and what approvals of other payers hold of it.
    fn spoken_for(&self, question: &Question, now: Timestamp) -> Option<Won> {
        self.others_holds(&question.key, now)
            .filter(|hold| hold.day == question.key.trade_date)
            .try_fold(self.received_today, |sum, hold| {
                sum.checked_add(hold.amount)
            })
    }

    fn others_holds<'f>(
        &'f self,
        key: &'f RelayKey,
        now: Timestamp,
    ) -> impl Iterator<Item = &'f Hold> {
        self.holds
            .iter()
            .filter(move |hold| hold.key != *key && hold.lives(now))
    }
}

/// Answers a pre-deposit check.
///
/// # Errors
/// The first refusal in the order of rule A.4-1.
pub fn check(
    question: &Question,
    facts: &CheckFacts<'_>,
    now: Timestamp,
) -> Result<Approval, Refusal> {
    contract(question, facts.house)?;
    if let Some(hold) = facts.own_hold(&question.key, now)
        && hold.account == question.account
        && hold.amount == question.amount
    {
        let payee_name = hold.payee_name.clone();
        return Ok(Approval {
            payee_name,
            uses_up: true,
            repeated: true,
        });
    }
    in_hours(question.account.bank, facts, now)?;
    let account = usable(facts.account.as_ref(), now, Waiver::Nothing)?;
    suits(question, account, Waiver::Nothing)?;
    within_limits(question, account, facts.spoken_for(question, now))?;
    in_business(account, facts.merchant.as_deref())?;
    if account.terms.kind == AccountKind::OneTime
        && facts.others_holds(&question.key, now).next().is_some()
    {
        return Err(Refusal::HeldByAnother);
    }
    let payee_name = payee_name(account, facts.merchant.as_deref());
    Ok(Approval {
        payee_name,
        uses_up: account.approval_uses_up(),
        repeated: false,
    })
}

/// Answers a check whose approval uses something up, and takes the hold.
pub fn hold(question: &Question, facts: &CheckFacts<'_>, moment: Moment) -> Decision {
    let approval = match check(question, facts, moment.now) {
        Ok(approval) => approval,
        Err(refusal) => return Decision::refuse(refusal),
    };
    let outcome = Outcome::Approved {
        payee_name: approval.payee_name.clone(),
        held: approval.uses_up,
    };
    if approval.repeated {
        return Decision::repeat(outcome);
    }
    if !approval.uses_up {
        return Decision::new(outcome, Vec::new());
    }
    let mut events = Vec::with_capacity(2);
    if let Some(earlier) = facts.holds.iter().find(|hold| hold.key == question.key) {
        events.push(Event::HoldEnded {
            hold: earlier.clone(),
            why: HoldEnd::Replaced,
        });
    }
    events.push(Event::HoldTaken(Hold {
        key: question.key.clone(),
        account: question.account.clone(),
        amount: question.amount,
        day: question.key.trade_date,
        until: moment.now.plus_seconds(facts.house.hold_seconds),
        payee_name: approval.payee_name,
        position: moment.position,
    }));
    Decision::new(outcome, events)
}

/// The contract between us and the relay: institution first, then bank.
pub(super) fn contract(question: &Question, house: &House) -> Result<(), Refusal> {
    if question.key.institution != house.institution {
        return Err(Refusal::UnknownInstitution);
    }
    if house.contracts(question.key.bank) {
        Ok(())
    } else {
        Err(Refusal::UnknownBank)
    }
}

/// The hours of the account's bank.
fn in_hours(bank: BankCode, facts: &CheckFacts<'_>, now: Timestamp) -> Result<(), Refusal> {
    let configured = &facts.house.hours;
    let hours = facts.hours.as_ref().unwrap_or(configured.of(bank));
    match configured.by(hours, now) {
        OpenState::Open => Ok(()),
        OpenState::BeforeOpening => Err(Refusal::BeforeOpening),
        OpenState::Closed => Err(Refusal::AfterClosing),
    }
}

/// A rule that a merchant's policy waives for money that is here already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiver {
    /// None.
    Nothing,
    /// That the amount is the one agreed.
    Amount,
    /// That the account's time is not over.
    Time,
    /// That a one-time account is not used up.
    UsedUp,
}

/// An account that exists, is neither closed nor used up, and whose time is not over.
pub(super) fn usable(
    account: Option<&Account>,
    now: Timestamp,
    waiver: Waiver,
) -> Result<&Account, Refusal> {
    let account = account.ok_or(Refusal::AccountUnknown)?;
    let used_up = account.used_by.is_some() && waiver != Waiver::UsedUp;
    if account.standing == Standing::Closed || used_up {
        return Err(Refusal::AccountClosed);
    }
    if account.expired(now) && waiver != Waiver::Time {
        Err(Refusal::Expired)
    } else {
        Ok(account)
    }
}

/// The amount agreed and the payer allowed. A look-up without an amount skips the first: it asks
/// who owns the account, not whether a certain payment may come.
pub(super) fn suits(question: &Question, account: &Account, waiver: Waiver) -> Result<(), Refusal> {
    let amount = question.amount;
    let judged = !amount.is_zero() && waiver != Waiver::Amount;
    if judged && !account.takes_amount(amount) {
        return Err(Refusal::AmountWrong);
    }
    match &account.terms.depositor_name {
        Some(allowed) if !question.may_be_from(allowed) => Err(Refusal::DepositorNotAllowed),
        _ => Ok(()),
    }
}

/// The ceilings. `spoken_for` is what the day has received or other approvals hold; none where
/// even that is beyond counting.
pub(super) fn within_limits(
    question: &Question,
    account: &Account,
    spoken_for: Option<Won>,
) -> Result<(), Refusal> {
    let limits = account.terms.limits;
    if limits
        .per_deposit
        .is_some_and(|most| question.amount > most)
    {
        return Err(Refusal::LimitPassed);
    }
    let Some(most) = limits.per_day else {
        return Ok(());
    };
    let sum = spoken_for.and_then(|sum| sum.checked_add(question.amount));
    if sum.is_some_and(|sum| sum <= most) {
        Ok(())
    } else {
        Err(Refusal::LimitPassed)
    }
}

/// Neither the account nor its merchant is stopped. A closed merchant takes nothing either.
pub(super) fn in_business(account: &Account, merchant: Option<&Merchant>) -> Result<(), Refusal> {
    let open = merchant.is_some_and(|merchant| merchant.standing == Standing::Open);
    if account.standing == Standing::Open && open {
        Ok(())
    } else {
        Err(Refusal::Stopped)
    }
}

/// The name a payer is shown: the account's own, else the merchant's.
pub(super) fn payee_name(account: &Account, merchant: Option<&Merchant>) -> String {
    let own = account.terms.holder_name.clone();
    own.or_else(|| merchant.map(|merchant| merchant.name.clone()))
        .unwrap_or_default()
}
