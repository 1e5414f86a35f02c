//! Issuing and closing virtual accounts (가상계좌 발급·해지): what can be asked, what becomes true.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::placing::refuse;
use super::{
    Account, AccountKey, AccountKind, AccountTerms, Audit, BankCode, By, Decision, Event, Limits,
    Merchant, MerchantId, MerchantRefusal, MerchantSettings, Moment, Order, OrderNumber,
    OrderStanding, Outcome, Standing, Timestamp, Won,
};

/// An account to be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Whose.
    pub merchant: MerchantId,
    /// How it is used; none is the merchant's setting.
    pub kind: Option<AccountKind>,
    /// At which bank.
    pub bank: BankChoice,
    /// The amount expected; none or zero takes any.
    pub amount: Option<Won>,
    /// Whether any amount is taken, whatever the merchant's settings say.
    pub any_amount: bool,
    /// From this instant on it takes nothing more.
    pub expires_at: Option<Timestamp>,
    /// The end as the asker wrote it, to be answered so.
    pub expires_as_sent: Option<String>,
    /// The name that look-ups answer; none is the merchant's.
    pub holder_name: Option<String>,
    /// The only payer allowed.
    pub depositor_name: Option<String>,
    /// Ceilings of its own.
    pub limits: Limits,
    /// The order that its deposit meets; for one-time accounts.
    pub order: Option<OrderNumber>,
    /// The merchant's own name for the account's user: the same again answers the same account.
    pub user: Option<AccountUser>,
    /// Who asks.
    pub by: By,
}

/// The bank of a new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankChoice {
    /// This one.
    Named(BankCode),
    /// The merchant's default bank, else the first that has numbers.
    Default,
    /// Any that has numbers, drawn by these random bits.
    Any(u64),
}

/// For whom a merchant asked an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountUser {
    /// The merchant's own id.
    pub id: String,
    /// The name.
    pub name: String,
}

/// Where an account's number came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drawn {
    /// Never used before: the next of the range that begins with this number.
    Fresh {
        /// The range's first number.
        range: u64,
    },
    /// Used before, and free since this instant.
    Freed {
        /// When its quarantine was over.
        since: Timestamp,
    },
}

/// What is known of an issued account beside what its deposits are judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDetails {
    /// House time of the issue.
    pub issued_at: Timestamp,
    /// Journal position of the issue.
    pub position: u64,
    /// The amount that was asked for, also where any amount is taken.
    pub amount: Won,
    /// The end as the asker wrote it.
    pub expires_as_sent: Option<String>,
    /// The order that its deposit meets.
    pub order: Option<OrderNumber>,
    /// For whom.
    pub user: Option<AccountUser>,
    /// Where its number came from.
    pub drawn: Drawn,
    /// How long its number rests after its end before it is used again.
    pub quarantine_seconds: i64,
}

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum AccountCommand {
    /// A new account.
    Issue(Box<NewAccount>),
    /// An account that shall take nothing more (해지).
    Close {
        /// Which.
        account: AccountKey,
        /// Whose it must be, where the asker may close only its own.
        of: Option<MerchantId>,
        /// Who asks.
        by: By,
    },
}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    clippy::large_enum_variant,
    reason = "an event is made once and written at once; nobody keeps many"
)]
pub enum AccountEvent {
    /// An account was issued.
    Issued {
        /// As its deposits are judged by.
        account: Account,
        /// What else is known.
        details: AccountDetails,
    },
    /// An account was closed.
    Closed {
        /// Whose.
        merchant: MerchantId,
        /// Which.
        account: AccountKey,
        /// House time.
        at: Timestamp,
    },
}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountOutcome {
    /// The account, new or the one that its user had.
    Issued {
        /// As its deposits are judged by.
        account: Box<Account>,
        /// What else is known.
        details: Box<AccountDetails>,
        /// Whether it was there before.
        again: bool,
    },
    /// It is closed.
    Closed,
}

/// A number that is free for a new account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeNumber {
    /// Bank and number.
    pub key: AccountKey,
    /// Where it came from.
    pub drawn: Drawn,
}

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoNumber {
    /// The bank has no range with us.
    NotOffered,
    /// Every number is taken or at rest.
    UsedUp,
}

/// Everything the issue of an account may depend on.
#[derive(Clone, Debug)]
pub struct IssueFacts {
    /// Whose account.
    pub merchant: Option<Arc<Merchant>>,
    /// What the merchant's new accounts are like.
    pub settings: MerchantSettings,
    /// The account that this user has already.
    pub had: Option<(Account, AccountDetails)>,
    /// The order named, if it is known.
    pub order: Option<Order>,
    /// Whether an account that still takes deposits was issued for the order named.
    pub order_has_account: bool,
    /// A number.
    pub number: Result<FreeNumber, NoNumber>,
    /// How long a number rests after its account's end.
    pub quarantine_seconds: i64,
}

/// Issues an account, or answers the one that its user has.
pub fn issue(new: NewAccount, facts: IssueFacts, moment: Moment) -> Decision {
    match facts.merchant.as_deref().map(|merchant| merchant.standing) {
        None => return refuse(MerchantRefusal::NoSuchMerchant),
        Some(Standing::Open) => {}
        Some(Standing::Closed | Standing::Stopped) => {
            return refuse(MerchantRefusal::MerchantStopped);
        }
    }
    if let Some((account, details)) = facts.had {
        return Decision::repeat(issued(account, details, true));
    }
    let kind = new.kind.unwrap_or(facts.settings.account_kind);
    if let Err(refusal) = fitting(&new, kind, &facts, moment.now) {
        return refuse(refusal);
    }
    let free = match facts.number {
        Ok(free) => free,
        Err(NoNumber::NotOffered) => return refuse(MerchantRefusal::BankNotOffered),
        Err(NoNumber::UsedUp) => return refuse(MerchantRefusal::NumbersUsedUp),
    };
    let asked = asked_amount(&new, facts.order.as_ref());
    let binding = facts.settings.amount_match_required && !new.any_amount;
    let amount = if binding && kind != AccountKind::Matching {
        asked
    } else {
        Won::ZERO
    };
    let account = Account::new(
        free.key,
        AccountTerms {
            merchant: new.merchant,
            kind,
            amount,
            tolerance: facts.settings.allowed_amount_error,
            expires_at: new.expires_at,
            holder_name: new.holder_name,
            depositor_name: new.depositor_name,
            limits: new.limits,
        },
    );
    let details = AccountDetails {
        issued_at: moment.now,
        position: moment.position,
        amount: asked,
        expires_as_sent: new.expires_as_sent,
        order: new.order,
        user: new.user,
        drawn: free.drawn,
        quarantine_seconds: facts.quarantine_seconds,
    };
    let mut events = vec![Event::Account(AccountEvent::Issued {
        account: account.clone(),
        details: details.clone(),
    })];
    events.extend(audited(&new.by, "account.issue", &account.key));
    Decision::new(issued(account, details, false), events)
}

fn asked_amount(new: &NewAccount, order: Option<&Order>) -> Won {
    let of_order = order.map(|order| order.amount);
    new.amount
        .filter(|amount| !amount.is_zero())
        .or(of_order)
        .unwrap_or_default()
}

/// Whether what is asked for can be.
fn fitting(
    new: &NewAccount,
    kind: AccountKind,
    facts: &IssueFacts,
    now: Timestamp,
) -> Result<(), MerchantRefusal> {
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(MerchantRefusal::AlreadyOver);
    }
    if new.order.is_some() {
        if kind != AccountKind::OneTime {
            return Err(MerchantRefusal::OrderNeedsOneTime);
        }
        match facts.order.as_ref().map(|order| &order.standing) {
            Some(OrderStanding::Matched(_)) => return Err(MerchantRefusal::OrderMatched),
            Some(OrderStanding::Excluded { .. } | OrderStanding::Expired { .. }) => {
                return Err(MerchantRefusal::OrderExcluded);
            }
            Some(OrderStanding::Open) | None => {}
        }
        if facts.order_has_account {
            return Err(MerchantRefusal::OrderHasAccount);
        }
    }
    let binding = facts.settings.amount_match_required && !new.any_amount;
    let none = asked_amount(new, facts.order.as_ref()).is_zero();
    if kind == AccountKind::OneTime && binding && none {
        return Err(MerchantRefusal::AmountNeeded);
    }
    Ok(())
}

fn issued(account: Account, details: AccountDetails, again: bool) -> Outcome {
    Outcome::Account(AccountOutcome::Issued {
        account: Box::new(account),
        details: Box::new(details),
        again,
    })
}

/// Closes an account; one that is closed already stays so.
pub fn close(
    account: Option<&Account>,
    of: Option<&MerchantId>,
    by: &By,
    now: Timestamp,
) -> Decision {
    let own = |account: &&Account| of.is_none_or(|merchant| account.terms.merchant == *merchant);
    let Some(account) = account.filter(own) else {
        return refuse(MerchantRefusal::NoSuchAccount);
    };
    let outcome = Outcome::Account(AccountOutcome::Closed);
    if account.standing == Standing::Closed {
        return Decision::repeat(outcome);
    }
    let closed = AccountEvent::Closed {
        merchant: account.terms.merchant.clone(),
        account: account.key.clone(),
        at: now,
    };
    let mut events = vec![Event::Account(closed)];
    events.extend(audited(by, "account.close", &account.key));
    Decision::new(outcome, events)
}

fn audited(by: &By, action: &str, account: &AccountKey) -> Option<Event> {
    let number = account.number.as_str();
    let tail = number.get(number.len().saturating_sub(4)..).unwrap_or("");
    by.is_person().then(|| {
        Event::Audited(Audit {
            by: by.clone(),
            action: action.to_owned(),
            subject: format!("account/{}/…{tail}", account.bank),
            before: None,
            after: None,
        })
    })
}
