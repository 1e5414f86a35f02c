//! A store of memory with a few accounts, and short words for what a bank does to it.

use std::collections::BTreeSet;
use std::sync::Arc;

use naru::clock::Clock;
use naru::domain::{
    AccountImport, AccountKey, AccountKind, AccountNo, AccountTerms, AggregateQuestion, BankCode,
    BusinessDate, CancelDay, Command, Correction, Deposit, Hours, House, Issuing, Limits, Merchant,
    MerchantId, Mode, Outcome, Payer, Plan, Question, RelayKey, Standing, Timestamp, Totals,
    Verdict, Won,
};
use naru::store::engine::memory::{Memory, MemoryEngine};
use naru::store::{CheckReport, Receipt, Store, TABLES, check};

/// The institution of every test.
pub(crate) const US: &str = "30000003";
/// The contracted bank of every test.
pub(crate) const BANK: u16 = 4;

/// Books under test.
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) memory: Memory,
    pub(crate) clock: Clock,
}

impl Desk {
    /// Fresh books with merchant `shop`, at 10:00 of 2 March 2026.
    pub(crate) fn open() -> Desk {
        Desk::with(|_| {})
    }

    /// Fresh books under a house that `change` has altered.
    pub(crate) fn with(change: impl FnOnce(&mut House)) -> Desk {
        let memory = Memory::default();
        let clock = Clock::sandbox(0);
        let desk = Desk::reopen(memory, clock, change);
        desk.set_time("2026-03-02T10:00:00");
        let row = Merchant {
            id: merchant(),
            name: "나루상점".to_owned(),
            standing: Standing::Open,
        };
        desk.send(Command::ImportMerchants {
            rows: vec![row],
            update: false,
        });
        desk
    }

    /// Books opened again on what `memory` kept.
    pub(crate) fn reopen(memory: Memory, clock: Clock, change: impl FnOnce(&mut House)) -> Desk {
        let engine = MemoryEngine::open(&memory, TABLES).expect("an engine");
        let mut house = House {
            institution: US.to_owned(),
            banks: BTreeSet::from([bank(BANK), bank(88)]),
            hours: Hours::always_open(),
            hold_seconds: 60,
            cancel_day: CancelDay::Original,
            issuing: Issuing::default(),
            plan: Plan::Premium,
            receipts_in_books: true,
        };
        change(&mut house);
        let on_broken = Box::new(|broken: &naru::store::engine::Broken| panic!("{broken}"));
        let store = Store::open(Arc::new(engine), house, clock.clone(), on_broken).expect("books");
        Desk {
            store,
            memory,
            clock,
        }
    }

    /// Sets the house's clock to a time of Seoul.
    pub(crate) fn set_time(&self, seoul: &str) {
        let at = seoul.parse().expect("a civil time");
        let wanted = Timestamp::from_seoul(at).expect("a time").as_micros();
        let offset = (wanted - self.clock.real_now().as_micros()) / 1_000_000;
        self.clock.shift(offset, 1.0).expect("a shift");
    }

    /// Moves the house's clock forward.
    pub(crate) fn wait_seconds(&self, seconds: i64) {
        let ahead = self.clock.now().as_micros() - self.clock.real_now().as_micros();
        self.clock
            .shift(ahead / 1_000_000 + seconds, 1.0)
            .expect("a shift");
    }

    pub(crate) fn send(&self, command: Command) -> Receipt {
        let pending = self.store.ledger().submit(command).expect("a place");
        pending.wait().expect("a receipt")
    }

    pub(crate) fn verdict(&self, command: Command) -> Verdict {
        self.send(command).verdict
    }

    /// Issues an account of `kind` after `change`.
    pub(crate) fn issue(
        &self,
        number: &str,
        kind: AccountKind,
        change: impl FnOnce(&mut AccountImport),
    ) {
        let mut row = account(number, kind);
        change(&mut row);
        let command = Command::ImportAccounts {
            rows: vec![row],
            update: true,
        };
        assert!(matches!(self.verdict(command), Ok(Outcome::Imported(_))));
    }

    /// Our figures for a day and bank, as an aggregate answers them.
    pub(crate) fn totals(&self, day: &str, bank_code: u16) -> Totals {
        let question = AggregateQuestion {
            key: key("A1", day, bank_code),
            day: date(day),
            theirs: Totals::default(),
        };
        match self.verdict(Command::Aggregate(Box::new(question))) {
            Ok(Outcome::Counted { ours, .. }) => ours,
            other => panic!("an aggregate is answered with figures, not {other:?}"),
        }
    }

    /// Rebuilds the books and compares.
    pub(crate) fn check(&self) -> CheckReport {
        check_memory(&self.memory)
    }

    pub(crate) fn assert_sound(&self) {
        let report = self.check();
        assert!(report.problems.is_empty(), "{:#?}", report.problems);
    }
}

pub(crate) fn check_memory(memory: &Memory) -> CheckReport {
    let engine = MemoryEngine::open(memory, TABLES).expect("an engine");
    let scratch = MemoryEngine::open(&Memory::default(), TABLES).expect("an engine");
    check(&engine, &scratch, &mut |_, _| {}).expect("a report")
}

pub(crate) fn merchant() -> MerchantId {
    MerchantId::new("shop").expect("an id")
}

pub(crate) fn bank(code: u16) -> BankCode {
    BankCode::new(code).expect("a bank")
}

pub(crate) fn date(text: &str) -> BusinessDate {
    BusinessDate::parse(text).expect("a date")
}

pub(crate) fn account_key(number: &str) -> AccountKey {
    AccountKey {
        bank: bank(BANK),
        number: AccountNo::new(number).expect("a number"),
    }
}

pub(crate) fn account(number: &str, kind: AccountKind) -> AccountImport {
    AccountImport {
        key: account_key(number),
        terms: AccountTerms {
            merchant: merchant(),
            kind,
            amount: Won::ZERO,
            tolerance: Won::ZERO,
            expires_at: None,
            holder_name: None,
            depositor_name: None,
            limits: Limits::default(),
        },
        standing: None,
    }
}

pub(crate) fn key(trace_no: &str, day: &str, bank_code: u16) -> RelayKey {
    RelayKey {
        institution: US.to_owned(),
        bank: bank(bank_code),
        trade_date: date(day),
        trace_no: trace_no.to_owned(),
    }
}

/// A deposit notice of 2 March.
pub(crate) fn deposit(trace_no: &str, number: &str, amount: u64) -> Deposit {
    Deposit {
        key: key(trace_no, "20260302", BANK),
        account: account_key(number),
        amount: Won::new(amount),
        cheque: Won::ZERO,
        cash: Won::new(amount),
        payer: Payer {
            bank: None,
            name: "홍길동".to_owned(),
            name_cut: false,
        },
        mode: Mode::Notice,
        medium: None,
        trade_time: None,
        resent: false,
        send_count: 1,
        raw: b"telegram".to_vec(),
    }
}

pub(crate) fn deposited(trace_no: &str, number: &str, amount: u64) -> Command {
    Command::Deposit(Box::new(deposit(trace_no, number, amount)))
}

pub(crate) fn corrected(trace_no: &str, number: &str, amount: u64, mode: Mode) -> Command {
    Command::Correction(Box::new(Correction {
        key: key(trace_no, "20260302", BANK),
        original: key(trace_no, "20260302", BANK),
        account: account_key(number),
        amount: Won::new(amount),
        mode,
        automatic: false,
        raw: b"telegram".to_vec(),
    }))
}

pub(crate) fn question(trace_no: &str, number: &str, amount: u64) -> Question {
    Question {
        key: key(trace_no, "20260302", BANK),
        account: account_key(number),
        amount: Won::new(amount),
        depositor_name: "홍길동".to_owned(),
        depositor_name_cut: false,
    }
}

pub(crate) fn held(trace_no: &str, number: &str, amount: u64) -> Command {
    Command::Hold(Box::new(question(trace_no, number, amount)))
}

pub(crate) fn totals(deposits: (u64, u64), corrections: (u64, u64)) -> Totals {
    Totals {
        deposit_count: deposits.0,
        deposit_amount: Won::new(deposits.1),
        correction_count: corrections.0,
        correction_amount: Won::new(corrections.1),
    }
}
