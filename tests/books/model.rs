//! Random days against a plain model of a bank: whatever order telegrams come in, however often,
//! the books say what the bank believes, and a rebuild says what the books say.

use std::collections::BTreeMap;

use naru::domain::{AccountKind, Mode, Outcome, Refusal, Won};
use proptest::prelude::*;

use crate::support::{BANK, Desk, corrected, deposited, held, totals};

#[derive(Clone, Debug)]
enum Step {
    Deposit {
        trace: u8,
        account: u8,
        amount: u8,
    },
    Correct {
        trace: u8,
        account: u8,
        amount: u8,
        notice: bool,
    },
    Hold {
        trace: u8,
        account: u8,
        amount: u8,
    },
    Wait(u8),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let (trace, account, amount) = (0u8..6, 0u8..5, 1u8..3);
    prop_oneof![
        6 => (trace.clone(), account.clone(), amount.clone())
            .prop_map(|(trace, account, amount)| Step::Deposit { trace, account, amount }),
        3 => (trace.clone(), account.clone(), amount.clone(), any::<bool>()).prop_map(
            |(trace, account, amount, notice)| Step::Correct { trace, account, amount, notice }
        ),
        3 => (trace, account, amount)
            .prop_map(|(trace, account, amount)| Step::Hold { trace, account, amount }),
        1 => (0u8..90).prop_map(Step::Wait),
        1 => Just(Step::Restart),
    ]
}

/// What a bank knows about one number.
#[derive(Clone, Copy, Default)]
struct Told {
    deposit: Option<(u8, u8)>,
    correction: Option<(u8, u8)>,
    reversed: bool,
}

#[derive(Default)]
struct Bank {
    told: BTreeMap<u8, Told>,
}

impl Bank {
    fn deposit(&mut self, trace: u8, what: (u8, u8)) -> Result<Outcome, Refusal> {
        let told = self.told.entry(trace).or_default();
        match told.deposit {
            Some(earlier) if earlier != what => return Err(Refusal::KeyReused),
            Some(_) => {}
            None => {
                told.deposit = Some(what);
                told.reversed = told.correction == Some(what);
            }
        }
        Ok(Outcome::Booked)
    }

    fn correct(&mut self, trace: u8, what: (u8, u8), notice: bool) -> Result<Outcome, Refusal> {
        let told = self.told.entry(trace).or_default();
        match (told.correction, told.deposit) {
            (Some(earlier), _) if earlier != what => return Err(Refusal::KeyReused),
            (Some(_), _) => return Ok(Outcome::Corrected),
            (None, None) if !notice => return Err(Refusal::OriginalNotFound),
            (None, Some((account, _))) if account != what.0 => return Err(Refusal::KeyReused),
            (None, Some((_, amount))) if amount != what.1 => return Err(Refusal::AmountWrong),
            (None, deposit) => told.reversed = deposit.is_some(),
        }
        told.correction = Some(what);
        Ok(Outcome::Corrected)
    }

    fn figures(&self) -> ((u64, u64), (u64, u64)) {
        let sum = |told: &mut dyn Iterator<Item = &Told>| {
            told.filter_map(|told| told.deposit)
                .fold((0, 0), |(count, sum), (_, amount)| {
                    (count + 1, sum + u64::from(amount))
                })
        };
        let all = sum(&mut self.told.values());
        let reversed = sum(&mut self.told.values().filter(|told| told.reversed));
        (all, reversed)
    }
}

/// Accounts 0 and 1 are fixed, 2 is one-time, 3 has a daily limit, 4 was never issued.
fn open() -> Desk {
    let desk = Desk::open();
    desk.issue("0", AccountKind::Fixed, |_| {});
    desk.issue("1", AccountKind::Matching, |_| {});
    desk.issue("2", AccountKind::OneTime, |_| {});
    desk.issue("3", AccountKind::Fixed, |row| {
        row.terms.limits.per_day = Some(Won::new(3));
    });
    desk
}

fn carry_out(mut desk: Desk, bank: &mut Bank, step: &Step) -> Desk {
    match *step {
        Step::Deposit {
            trace,
            account,
            amount,
        } => {
            let command = deposited(&trace.to_string(), &account.to_string(), amount.into());
            assert_eq!(
                desk.verdict(command),
                bank.deposit(trace, (account, amount))
            );
        }
        Step::Correct {
            trace,
            account,
            amount,
            notice,
        } => {
            let mode = if notice {
                Mode::Notice
            } else {
                Mode::Interactive
            };
            let (number, sum) = (account.to_string(), amount.into());
            let command = corrected(&trace.to_string(), &number, sum, mode);
            assert_eq!(
                desk.verdict(command),
                bank.correct(trace, (account, amount), notice)
            );
        }
        // Whatever a check answers, it moves no money; the figures below say so.
        Step::Hold {
            trace,
            account,
            amount,
        } => {
            let command = held(&trace.to_string(), &account.to_string(), amount.into());
            let _ = desk.verdict(command);
        }
        Step::Wait(seconds) => {
            desk.wait_seconds(seconds.into());
            desk.send(naru::domain::Command::Pulse);
        }
        Step::Restart => {
            let (memory, clock) = (desk.memory.clone(), desk.clock.clone());
            desk.store.close().expect("an orderly end");
            desk = Desk::reopen(memory, clock, |_| {});
        }
    }
    desk
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_books_say_what_the_bank_believes(steps in prop::collection::vec(step(), 1..60)) {
        let mut desk = open();
        let mut bank = Bank::default();
        for step in &steps {
            desk = carry_out(desk, &mut bank, step);
        }
        let (all, reversed) = bank.figures();
        prop_assert_eq!(desk.totals("20260302", BANK), totals(all, reversed));
        let report = desk.check();
        prop_assert!(report.problems.is_empty(), "{:#?}", report.problems);
        // One payer at a time is promised a one-time account, and nobody more than the day's limit.
        let overview = desk.store.reads().overview().unwrap();
        let on = |number: &str| {
            overview.holds.iter().filter(|hold| hold.account.number.as_str() == number).count()
        };
        prop_assert!(on("2") <= 1, "{} promises", on("2"));
        desk.store.close().expect("an orderly end");
    }
}
