//! Where a deposit's money goes, and what is out of the ordinary about it.
//!
//! One set of rules, those of the pre-deposit check, says whether the account may take the money.
//! Where one is broken the merchant's policy says what to do: the money is here in any case. Hours
//! and holds do not count: it came at whatever hour, and whoever was promised the account.

use super::matching::{choose, paid_before, reasons, too_late};
use super::placing::{Meeting, met};
use super::pre_deposit_check::{Waiver, in_business, suits, usable, within_limits};
use super::{
    Account, AccountKind, Arrival, CheckFacts, Credit, Deposit, DepositFacts, DepositRef,
    DepositRow, Event, How, Judgement, LedgerAccount, MatchReason, MerchantId, Moment, Order,
    OrderEvent, OrderNumber, OrderStanding, Partial, Question, Reaction, Refusal, SuspenseReason,
    Timestamp, Transfer, Won,
};

/// Where the money goes, and everything that follows from it.
pub(super) struct Placement<'f> {
    credit: Credit,
    uses_up: bool,
    counts_in_day: bool,
    /// Whose account it is; none where it was never issued.
    owner: Option<&'f MerchantId>,
    judged: Option<(Judgement, Reaction, Option<OrderNumber>)>,
    met: Option<(&'f Order, How)>,
    unmet: Vec<MatchReason>,
    released: &'f [Partial],
    /// What has come in all, where the deposit is the last of several parts.
    paid: Option<Won>,
}

impl Placement<'_> {
    /// The deposit as the key table keeps it.
    pub(super) fn row(&self, deposit: &Deposit, position: u64) -> DepositRow {
        DepositRow {
            account: deposit.account.clone(),
            amount: deposit.amount,
            credit: self.credit.clone(),
            position,
            reversed_at: None,
            counts_in_day: self.counts_in_day,
            used_up_account: self.uses_up,
        }
    }

    /// What becomes true beside the booking, in order.
    pub(super) fn consequences(
        &self,
        deposit: &Deposit,
        facts: &DepositFacts<'_>,
        mut balance: Won,
        moment: Moment,
    ) -> Vec<Event> {
        let Some(owner) = self.owner else {
            return Vec::new();
        };
        let named = DepositRef::of(deposit, moment.position);
        let mut events = Vec::new();
        for partial in self.released.iter().filter(|partial| partial.is_parked()) {
            events.push(release(partial, owner, facts, &mut balance));
        }
        let mut tell = |event: OrderEvent| events.push(Event::Order(event));
        if let Some((judgement, reaction, number)) = &self.judged {
            tell(OrderEvent::Judged {
                merchant: owner.clone(),
                deposit: named.clone(),
                judgement: *judgement,
                reaction: *reaction,
                number: number.clone(),
            });
        }
        if let Some((order, how)) = self.met {
            let mut order = order.clone();
            let meeting = Meeting {
                how,
                reason: None,
                paid: self.paid,
            };
            met(&mut order, &named, meeting, moment)
                .into_iter()
                .for_each(&mut tell);
        }
        if !self.unmet.is_empty() {
            tell(OrderEvent::MatchFailed {
                merchant: owner.clone(),
                deposit: named,
                reasons: self.unmet.clone(),
            });
        }
        events
    }
}

impl Partial {
    /// Whether its money still lies in suspense.
    fn is_parked(&self) -> bool {
        matches!(self.row.credit, Credit::Suspense(_))
    }
}

/// The rest has come: an earlier part goes from suspense to its merchant.
fn release(
    partial: &Partial,
    owner: &MerchantId,
    facts: &DepositFacts<'_>,
    balance: &mut Won,
) -> Event {
    let row = DepositRow {
        credit: Credit::Merchant(owner.clone()),
        ..partial.row.clone()
    };
    let bank = partial.key.bank;
    let transfer = Transfer {
        debit: LedgerAccount::Suspense(bank),
        credit: row.credit.ledger_account(bank),
        amount: row.amount,
    };
    let after = facts.after(balance, &row);
    Event::DepositReleased {
        key: partial.key.clone(),
        row,
        transfer,
        after,
    }
}

/// Decides where the money of `deposit` goes.
pub(super) fn place<'f>(
    deposit: &Deposit,
    facts: &'f DepositFacts<'_>,
    now: Timestamp,
) -> Placement<'f> {
    let question = deposit.as_question();
    let judge = |waiver| may_take(&question, &facts.check, now, waiver);
    let reason = match judge(Waiver::Nothing) {
        Ok(account) => return taken(account, deposit, facts, now),
        Err(reason) => reason,
    };
    let account = facts.check.account.as_ref();
    let Some(account) = account.filter(|_| facts.check.house.contracts(deposit.key.bank)) else {
        return parked(account, reason);
    };
    let policy = &facts.policies.deposits;
    let (judgement, reaction, waiver) = match reason {
        SuspenseReason::AmountWrong if deposit.amount < account.terms.amount => {
            let else_fine = judge(Waiver::Amount).is_ok();
            return too_little(account, deposit, facts, else_fine, now);
        }
        SuspenseReason::AmountWrong => (Judgement::Over, policy.on_over(), Waiver::Amount),
        SuspenseReason::AccountExpired => (Judgement::Late, policy.on_late(), Waiver::Time),
        SuspenseReason::AccountClosed if account.used_by.is_some() => {
            (Judgement::Duplicate, policy.on_used_up(), Waiver::UsedUp)
        }
        _ => return parked(Some(account), reason),
    };
    let number = facts.order.as_ref().map(|order| order.number.clone());
    if reaction != Reaction::Accept || judge(waiver).is_err() {
        let reaction = if reaction == Reaction::Accept {
            // Another rule is broken too, which nobody has waived.
            Reaction::Suspense
        } else {
            reaction
        };
        return Placement {
            judged: Some((judgement, reaction, number)),
            ..parked(Some(account), reason)
        };
    }
    let placement = match judgement {
        Judgement::Duplicate => credited(account),
        Judgement::Late | Judgement::Over | Judgement::Partial => {
            taken(account, deposit, facts, now)
        }
    };
    match placement.credit {
        Credit::Suspense(_) => placement,
        Credit::Merchant(_) => Placement {
            judged: Some((judgement, reaction, number)),
            ..placement
        },
    }
}

/// Whether the account may take the money, by the rules of the pre-deposit check but hours and
/// holds, and but the one that is waived.
fn may_take<'f>(
    question: &Question,
    facts: &'f CheckFacts<'_>,
    now: Timestamp,
    waiver: Waiver,
) -> Result<&'f Account, SuspenseReason> {
    if !facts.house.contracts(question.key.bank) {
        return Err(SuspenseReason::BankNotContracted);
    }
    let judge = || {
        let account = usable(facts.account.as_ref(), now, waiver)?;
        suits(question, account, waiver)?;
        within_limits(question, account, Some(facts.received_today))?;
        in_business(account, facts.merchant.as_deref())?;
        Ok(account)
    };
    judge().map_err(|refusal: Refusal| SuspenseReason::of(refusal))
}

fn parked(account: Option<&Account>, reason: SuspenseReason) -> Placement<'_> {
    Placement {
        credit: Credit::Suspense(reason),
        uses_up: false,
        counts_in_day: false,
        owner: account.map(|account| &account.terms.merchant),
        judged: None,
        met: None,
        unmet: Vec::new(),
        released: &[],
        paid: None,
    }
}

fn credited(account: &Account) -> Placement<'_> {
    Placement {
        credit: Credit::Merchant(account.terms.merchant.clone()),
        uses_up: account.terms.kind == AccountKind::OneTime && account.used_by.is_none(),
        counts_in_day: account.terms.limits.per_day.is_some(),
        owner: Some(&account.terms.merchant),
        judged: None,
        met: None,
        unmet: Vec::new(),
        released: &[],
        paid: None,
    }
}

/// The account takes the money; which order does it pay?
fn taken<'f>(
    account: &'f Account,
    deposit: &Deposit,
    facts: &'f DepositFacts<'_>,
    now: Timestamp,
) -> Placement<'f> {
    if let Some(order) = &facts.order {
        return for_its_order(account, deposit.amount, order, facts, now);
    }
    if let Some(order) = facts.not_placed.clone() {
        return Placement {
            unmet: vec![MatchReason::NotPlaced { order }],
            ..credited(account)
        };
    }
    let Some(index) = &facts.matching else {
        return credited(account);
    };
    let policy = &facts.policies.matching;
    let chosen = choose(&index.eligible, policy.mode);
    if let Some((order, (_, how))) = index.met.as_ref().zip(chosen) {
        return Placement {
            met: Some((order, how)),
            ..credited(account)
        };
    }
    let arrival = Arrival::of(deposit, now);
    let unmet = reasons(&arrival, policy, index);
    let placement = match paid_before(&unmet, &arrival, index) {
        Some(number) => again(account, number, facts, SuspenseReason::PaidBefore),
        None => match too_late(&arrival, policy, index) {
            Some(number) => too_late_by_name(account, number, facts),
            None => credited(account),
        },
    };
    Placement { unmet, ..placement }
}

/// The only orders with this name and amount wait no more.
fn too_late_by_name<'f>(
    account: &'f Account,
    number: &OrderNumber,
    facts: &DepositFacts<'_>,
) -> Placement<'f> {
    let reaction = facts.policies.deposits.on_late_by_name();
    let placement = match reaction {
        Reaction::Accept => credited(account),
        Reaction::Wait | Reaction::Refund | Reaction::Suspense => {
            parked(Some(account), SuspenseReason::OrderOver)
        }
    };
    Placement {
        judged: Some((Judgement::Late, reaction, Some(number.clone()))),
        ..placement
    }
}

/// An order with this name and amount, or the account's own, was paid before.
fn again<'f>(
    account: &'f Account,
    number: &OrderNumber,
    facts: &DepositFacts<'_>,
    reason: SuspenseReason,
) -> Placement<'f> {
    let reaction = facts.policies.deposits.on_duplicate();
    let placement = match reaction {
        Reaction::Accept => credited(account),
        Reaction::Wait | Reaction::Refund | Reaction::Suspense => parked(Some(account), reason),
    };
    Placement {
        judged: Some((Judgement::Duplicate, reaction, Some(number.clone()))),
        ..placement
    }
}

/// A deposit into an account that was issued for `order`.
fn for_its_order<'f>(
    account: &'f Account,
    amount: Won,
    order: &'f Order,
    facts: &'f DepositFacts<'_>,
    now: Timestamp,
) -> Placement<'f> {
    if matches!(order.standing, OrderStanding::Matched(_)) {
        return again(account, &order.number, facts, SuspenseReason::PaidBefore);
    }
    if !order.waits(now) {
        let reaction = facts.policies.deposits.on_late();
        let placement = match reaction {
            Reaction::Accept => credited(account),
            _ => parked(Some(account), SuspenseReason::OrderOver),
        };
        return Placement {
            judged: Some((Judgement::Late, reaction, Some(order.number.clone()))),
            ..placement
        };
    }
    if pays(account, amount, order) {
        return Placement {
            met: Some((order, How::OneTime)),
            ..credited(account)
        };
    }
    Placement {
        unmet: vec![MatchReason::AmountDiffers {
            order: order.number.clone(),
            amount: order.amount,
        }],
        ..credited(account)
    }
}

/// Whether `amount` pays the order: exactly, or as the account's own amount for it lets it. More
/// than that comes here only where the merchant accepts it.
pub(super) fn pays(account: &Account, amount: Won, order: &Order) -> bool {
    let agreed = account.terms.amount == order.amount;
    let enough = account.takes_amount(amount) || amount > order.amount;
    amount == order.amount || (agreed && enough)
}

/// Less than the account's amount: by the merchant's policy it waits for the rest, which may just
/// have come.
fn too_little<'f>(
    account: &'f Account,
    deposit: &Deposit,
    facts: &'f DepositFacts<'_>,
    else_fine: bool,
    now: Timestamp,
) -> Placement<'f> {
    let number = facts.order.as_ref().map(|order| order.number.clone());
    let judged = |judgement, reaction| Some((judgement, reaction, number.clone()));
    let park = || parked(Some(account), SuspenseReason::AmountWrong);
    let policy = &facts.policies.deposits;
    if !else_fine {
        return Placement {
            judged: judged(Judgement::Partial, Reaction::Suspense),
            ..park()
        };
    }
    if let Some(order) = facts.order.as_ref().filter(|order| !order.waits(now)) {
        return part_for_nothing(account, order, facts);
    }
    if policy.on_partial() == Reaction::Accept {
        return Placement {
            judged: judged(Judgement::Partial, Reaction::Accept),
            ..credited(account)
        };
    }
    if policy.on_partial() != Reaction::Wait {
        return Placement {
            judged: judged(Judgement::Partial, policy.on_partial()),
            ..park()
        };
    }
    let mut waiting = facts.partials.iter().map(|partial| partial.row.amount);
    let sum = waiting.try_fold(deposit.amount, Won::checked_add);
    let Some(sum) = sum else { return park() };
    let enough = account.takes_amount(sum);
    if !enough && sum < account.terms.amount {
        return Placement {
            judged: judged(Judgement::Partial, Reaction::Wait),
            ..park()
        };
    }
    if !enough && policy.on_over() != Reaction::Accept {
        return Placement {
            judged: judged(Judgement::Over, policy.on_over()),
            ..park()
        };
    }
    let met = facts.order.as_ref();
    let met = met.filter(|order| pays(account, sum, order));
    let unmet = match (&facts.not_placed, &facts.order) {
        (Some(order), None) => vec![MatchReason::NotPlaced {
            order: order.clone(),
        }],
        _ => Vec::new(),
    };
    Placement {
        judged: (!enough).then_some((Judgement::Over, Reaction::Accept, number)),
        met: met.map(|order| (order, How::OneTime)),
        unmet,
        released: &facts.partials,
        paid: (!facts.partials.is_empty()).then_some(sum),
        ..credited(account)
    }
}

/// Too little for an order that waits no more: two rules are broken, and nobody has waived both.
fn part_for_nothing<'f>(
    account: &'f Account,
    order: &Order,
    facts: &DepositFacts<'_>,
) -> Placement<'f> {
    let policy = &facts.policies.deposits;
    let (judgement, reaction, reason) = match order.standing {
        OrderStanding::Matched(_) => {
            let reaction = policy.on_duplicate();
            (Judgement::Duplicate, reaction, SuspenseReason::PaidBefore)
        }
        OrderStanding::Open | OrderStanding::Excluded { .. } | OrderStanding::Expired { .. } => {
            (Judgement::Late, policy.on_late(), SuspenseReason::OrderOver)
        }
    };
    let reaction = match reaction {
        Reaction::Refund => Reaction::Refund,
        Reaction::Accept | Reaction::Wait | Reaction::Suspense => Reaction::Suspense,
    };
    Placement {
        judged: Some((judgement, reaction, Some(order.number.clone()))),
        ..parked(Some(account), reason)
    }
}
