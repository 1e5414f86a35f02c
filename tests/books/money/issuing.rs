//! Accounts are issued from ranges of numbers, closed, and their numbers rest before they are used
//! again.

use naru::domain::{
    Account, AccountCommand, AccountDetails, AccountKind, AccountOutcome, AccountUser, BankChoice,
    Command, Limits, MerchantId, MerchantRefusal, NewAccount, NumberRange, Outcome, PoliciesChange,
    PolicyCommand, Refusal, SettingsChange, Standing, Timestamp, Verdict, Won,
};
use naru::store::{AccountQuestion, AccountStatus, Chapter, DepositStatus};

use super::{Desk, number, operator, program, refused, seoul};
use crate::support::{account_key, bank, deposit, deposited, merchant};

/// Books whose bank 004 has three numbers and whose bank 088 has one; they rest for a day.
pub(super) fn open() -> Desk {
    let desk = Desk::with(|house| {
        let range = |first, last| NumberRange::new(first, last).expect("a range");
        let issuing = &mut house.issuing;
        issuing
            .ranges
            .insert(bank(4), vec![range("401", "402"), range("409", "409")]);
        issuing.ranges.insert(bank(88), vec![range("8801", "8801")]);
        issuing.quarantine_seconds = 24 * 60 * 60;
    });
    let other = naru::domain::Merchant {
        id: MerchantId::new("other").unwrap(),
        name: "다른상점".to_owned(),
        standing: Standing::Open,
    };
    desk.send(Command::ImportMerchants {
        rows: vec![other],
        update: false,
    });
    desk
}

fn new_account(kind: AccountKind) -> NewAccount {
    NewAccount {
        merchant: merchant(),
        kind: Some(kind),
        bank: BankChoice::Named(bank(4)),
        amount: Some(Won::new(5_000)),
        any_amount: false,
        expires_at: None,
        expires_as_sent: None,
        holder_name: None,
        depositor_name: None,
        limits: Limits::default(),
        order: None,
        user: None,
        by: program(),
    }
}

fn issue(desk: &Desk, new: NewAccount) -> Verdict {
    desk.verdict(Command::Account(Box::new(AccountCommand::Issue(Box::new(
        new,
    )))))
}

pub(super) fn issued(desk: &Desk, new: NewAccount) -> (Account, AccountDetails, bool) {
    match issue(desk, new) {
        Ok(Outcome::Account(AccountOutcome::Issued {
            account,
            details,
            again,
        })) => (*account, *details, again),
        other => panic!("an account, not {other:?}"),
    }
}

fn numbered(desk: &Desk, kind: AccountKind) -> String {
    issued(desk, new_account(kind))
        .0
        .key
        .number
        .as_str()
        .to_owned()
}

fn close(desk: &Desk, text: &str, of: Option<MerchantId>) -> Verdict {
    let close = AccountCommand::Close {
        account: account_key(text),
        of,
        by: operator(),
    };
    desk.verdict(Command::Account(Box::new(close)))
}

#[test]
fn numbers_are_drawn_in_order_and_taken_ones_are_left_out() {
    let desk = open();
    desk.issue("402", AccountKind::Fixed, |_| {});
    assert_eq!(numbered(&desk, AccountKind::Fixed), "401");
    assert_eq!(numbered(&desk, AccountKind::Fixed), "409");
    let none = refused(MerchantRefusal::NumbersUsedUp);
    assert_eq!(issue(&desk, new_account(AccountKind::Fixed)), none);
    let mut anywhere = new_account(AccountKind::Fixed);
    anywhere.bank = BankChoice::Any(2);
    assert_eq!(issued(&desk, anywhere.clone()).0.key.bank, bank(88));
    assert_eq!(issue(&desk, anywhere), none);
    let mut nowhere = new_account(AccountKind::Fixed);
    nowhere.bank = BankChoice::Named(bank(20));
    assert_eq!(
        issue(&desk, nowhere),
        refused(MerchantRefusal::BankNotOffered)
    );
    desk.assert_sound();
}

#[test]
fn a_number_rests_before_another_merchant_gets_it() {
    let desk = open();
    for _ in 0..3 {
        numbered(&desk, AccountKind::Fixed);
    }
    desk.send(deposited("d1", "401", 5_000));
    assert_eq!(
        close(&desk, "401", None),
        Ok(Outcome::Account(AccountOutcome::Closed))
    );
    let mut theirs = new_account(AccountKind::Fixed);
    theirs.merchant = MerchantId::new("other").unwrap();
    assert_eq!(
        issue(&desk, theirs.clone()),
        refused(MerchantRefusal::NumbersUsedUp)
    );
    desk.wait_seconds(24 * 60 * 60 + 1);
    let (account, ..) = issued(&desk, theirs.clone());
    assert_eq!(account.key, account_key("401"));
    // It counts among the new owner's accounts, and no more among the old one's.
    let count = |merchant: MerchantId| {
        let question = AccountQuestion {
            merchant: Some(merchant),
            limit: 10,
            ..AccountQuestion::default()
        };
        let page = desk.store.reads().accounts(&question).unwrap();
        (page.total, Some(page.accounts.len() as u64))
    };
    let (counted, listed) = count(merchant());
    assert_eq!(counted, listed);
    assert_eq!(count(theirs.merchant.clone()), (Some(1), Some(1)));
    // The new owner sees a new account, and the old one sees none.
    let reads = desk.store.reads();
    let seen = reads.account_seen(&account_key("401")).unwrap().unwrap();
    assert_eq!(
        (seen.balance, seen.status),
        (Won::ZERO, AccountStatus::Open)
    );
    let life = reads.account_life(&account_key("401"), None, 10).unwrap();
    assert!(matches!(&life[..], [Chapter::Issued { .. }]), "{life:?}");
    // A correction of the old owner's deposit changes nothing for the new one.
    let undone = crate::support::corrected("d1", "401", 5_000, naru::domain::Mode::Notice);
    assert_eq!(desk.verdict(undone), Ok(Outcome::Corrected));
    let seen = reads.account_seen(&account_key("401")).unwrap().unwrap();
    assert_eq!(seen.balance, Won::ZERO);
    assert_eq!(
        issue(&desk, theirs),
        refused(MerchantRefusal::NumbersUsedUp)
    );
    desk.assert_sound();
}

#[test]
fn used_up_and_expired_numbers_rest_too() {
    let desk = open();
    let mut ending = new_account(AccountKind::Fixed);
    ending.expires_at = Some(seoul("2026-03-02T11:00:00"));
    assert_eq!(issued(&desk, ending).0.key, account_key("401"));
    assert_eq!(numbered(&desk, AccountKind::OneTime), "402");
    assert_eq!(numbered(&desk, AccountKind::OneTime), "409");
    desk.send(deposited("d1", "402", 5_000));
    desk.send(deposited("d2", "409", 5_000));
    // Corrected, the second account is open again and not free.
    let undone = crate::support::corrected("d2", "409", 5_000, naru::domain::Mode::Notice);
    desk.verdict(undone).expect("a correction");
    desk.wait_seconds(24 * 60 * 60 + 60);
    assert_eq!(numbered(&desk, AccountKind::Fixed), "402");
    let none = refused(MerchantRefusal::NumbersUsedUp);
    assert_eq!(issue(&desk, new_account(AccountKind::Fixed)), none);
    desk.wait_seconds(60 * 60);
    assert_eq!(numbered(&desk, AccountKind::Fixed), "401");
    assert_eq!(issue(&desk, new_account(AccountKind::Fixed)), none);
    desk.assert_sound();
}

#[test]
fn the_same_user_gets_the_same_account() {
    let desk = open();
    let mut new = new_account(AccountKind::Fixed);
    new.user = Some(AccountUser {
        id: "hong".to_owned(),
        name: "홍길동".to_owned(),
    });
    let (first, details, again) = issued(&desk, new.clone());
    assert!(!again);
    let position = desk.store.reads().head().unwrap().position;
    assert_eq!(issued(&desk, new.clone()), (first.clone(), details, true));
    assert_eq!(
        desk.store.reads().head().unwrap().position,
        position,
        "nothing written"
    );
    new.merchant = MerchantId::new("other").unwrap();
    assert_ne!(
        issued(&desk, new).0.key,
        first.key,
        "users are a merchant's own"
    );
    desk.assert_sound();
}

#[test]
fn settings_are_copied_when_an_account_is_issued() {
    let desk = open();
    let set = |change: SettingsChange| {
        let command = PolicyCommand::SetSettings {
            merchant: merchant(),
            change: Box::new(change),
            by: operator(),
        };
        assert!(desk.verdict(Command::Policy(Box::new(command))).is_ok());
    };
    set(SettingsChange {
        account_kind: Some(AccountKind::OneTime),
        allowed_amount_error: Some(Won::new(500)),
        default_bank: Some(Some(bank(88))),
        ..SettingsChange::default()
    });
    let mut new = new_account(AccountKind::Fixed);
    (new.kind, new.bank) = (None, BankChoice::Default);
    let (account, details, _) = issued(&desk, new.clone());
    assert_eq!(account.key.bank, bank(88));
    let terms = &account.terms;
    let agreed = (terms.kind, terms.amount, terms.tolerance);
    assert_eq!(
        agreed,
        (AccountKind::OneTime, Won::new(5_000), Won::new(500))
    );
    assert_eq!(details.amount, Won::new(5_000));
    new.bank = BankChoice::Named(bank(4));
    new.amount = None;
    assert_eq!(
        issue(&desk, new.clone()),
        refused(MerchantRefusal::AmountNeeded)
    );
    set(SettingsChange {
        amount_match_required: Some(false),
        ..SettingsChange::default()
    });
    new.amount = Some(Won::new(5_000));
    let (account, details, _) = issued(&desk, new);
    assert_eq!(
        (account.terms.amount, details.amount),
        (Won::ZERO, Won::new(5_000))
    );
    desk.assert_sound();
}

type Change<'c> = &'c dyn Fn(&mut NewAccount);

#[test]
fn what_cannot_be_issued_is_refused() {
    let desk = open();
    desk.place("taken", "홍길동", 5_000);
    desk.place("out", "홍길동", 5_000);
    desk.exclude("out").expect("an exclusion");
    let with = |change: &dyn Fn(&mut NewAccount)| {
        let mut new = new_account(AccountKind::OneTime);
        change(&mut new);
        issue(&desk, new)
    };
    let order = |text: &'static str| move |new: &mut NewAccount| new.order = Some(number(text));
    assert!(with(&order("taken")).is_ok());
    let over = Timestamp::from_micros(0);
    let cases: [(Change<'_>, MerchantRefusal); 5] = [
        (
            &|new| new.expires_at = Some(over),
            MerchantRefusal::AlreadyOver,
        ),
        (&order("taken"), MerchantRefusal::OrderHasAccount),
        (&order("out"), MerchantRefusal::OrderExcluded),
        (
            &|new| {
                new.kind = Some(AccountKind::Fixed);
                new.order = Some(number("9"));
            },
            MerchantRefusal::OrderNeedsOneTime,
        ),
        (
            &|new| new.merchant = MerchantId::new("nobody").unwrap(),
            MerchantRefusal::NoSuchMerchant,
        ),
    ];
    for (change, refusal) in cases {
        assert_eq!(with(change), refused(refusal));
    }
    // Without an amount of its own the account takes its order's.
    desk.place("2", "홍길동", 7_000);
    let mut new = new_account(AccountKind::OneTime);
    (new.amount, new.order) = (None, Some(number("2")));
    assert_eq!(issued(&desk, new).0.terms.amount, Won::new(7_000));
    desk.assert_sound();
}

#[test]
fn a_closed_account_takes_nothing_more() {
    let desk = open();
    numbered(&desk, AccountKind::Fixed);
    let absent = refused(MerchantRefusal::NoSuchAccount);
    assert_eq!(close(&desk, "401", MerchantId::new("other")), absent);
    assert_eq!(close(&desk, "999", None), absent);
    for _ in 0..2 {
        assert!(close(&desk, "401", Some(merchant())).is_ok());
    }
    let asked = crate::support::held("q", "401", 5_000);
    assert_eq!(desk.verdict(asked), Err(Refusal::AccountClosed));
    let parked = desk.pay(deposit("d1", "401", 5_000));
    let seen = desk.store.reads().deposit_seen(parked).unwrap().unwrap();
    assert_eq!(
        (seen.status(), seen.merchant),
        (DepositStatus::Pending, Some(merchant()))
    );
    desk.assert_sound();
}

#[test]
fn ceilings_of_merchant_and_house_narrow_the_accounts_own() {
    let desk = open();
    let mut new = new_account(AccountKind::Fixed);
    new.any_amount = true;
    new.limits.per_deposit = Some(Won::new(1_000));
    issued(&desk, new);
    let asked = |trace: &str, amount| {
        desk.store
            .reads()
            .payee_lookup(&crate::support::question(trace, "401", amount))
            .unwrap()
    };
    assert!(asked("1", 1_000).is_ok());
    desk.decide_policies(PoliciesChange {
        per_deposit: Some(Some(Won::new(700))),
        per_day: Some(Some(Won::new(1_000))),
        ..PoliciesChange::default()
    });
    assert_eq!(asked("2", 701), Err(Refusal::LimitPassed));
    let one = desk.pay(deposit("d1", "401", 700));
    let two = desk.pay(deposit("d2", "401", 301));
    let status = |position| {
        let seen = desk.store.reads().deposit_seen(position).unwrap();
        seen.unwrap().status()
    };
    assert_eq!(
        (status(one), status(two)),
        (DepositStatus::Completed, DepositStatus::Pending)
    );
    let house = naru::domain::SystemCommand::Set {
        values: [("limits.perDeposit".to_owned(), "10".to_owned())].into(),
        production: false,
        by: operator(),
    };
    assert!(desk.verdict(Command::System(Box::new(house))).is_ok());
    assert_eq!(asked("3", 11), Err(Refusal::LimitPassed));
    let three = desk.pay(deposit("d3", "401", 11));
    assert_eq!(status(three), DepositStatus::Pending);
    desk.assert_sound();
}
