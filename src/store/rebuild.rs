//! Every derived table made anew from the journal, in the same file: how books that an older
//! program wrote become this program's.
//!
//! Nothing is asked of the old rows; they are thrown away unread. Whoever is interrupted begins
//! again: until the end the folder says that it is of the older format.

use std::ops::{Bound, ControlFlow};

use super::books::Shared;
use super::check::{next_records, replay};
use super::engine::{Broken, Direction, Engine, TableId};
use super::journal::Head;
use super::tables;
use crate::limits;

/// Throws every derived row away and makes all of them anew.
///
/// # Errors
/// [`Broken`] where the books cannot be read or written, or where the journal itself is not
/// sound: then nothing can be made of it.
pub(super) fn rebuild(engine: &dyn Engine) -> Result<(), Broken> {
    let derived = tables::ALL
        .iter()
        .filter(|table| **table != tables::JOURNAL);
    for table in derived {
        clear(engine, *table)?;
    }
    let mut head = Head::default();
    let mut shared = Shared::default();
    loop {
        let rows = engine.snapshot()?;
        let (records, chain_break) = next_records(&*rows, &mut head)?;
        drop(rows);
        replay(engine, &mut shared, &records)?;
        if chain_break.is_some() {
            let why = "the journal is not sound; look at it with naru check";
            return Err(Broken::not_understood(tables::JOURNAL, why));
        }
        if records.is_empty() {
            return Ok(());
        }
    }
}

/// Empties a table, a bounded number of rows in a commit.
fn clear(engine: &dyn Engine, table: TableId) -> Result<(), Broken> {
    loop {
        let mut keys: Vec<Vec<u8>> = Vec::new();
        let rows = engine.snapshot()?;
        let (from, to) = (Bound::Unbounded, Bound::Unbounded);
        rows.scan(table, from, to, Direction::Forward, &mut |key, _| {
            keys.push(key.to_vec());
            Ok(if keys.len() == limits::REBUILD_ROWS_CLEARED {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        })?;
        drop(rows);
        if keys.is_empty() {
            return Ok(());
        }
        engine.commit(&mut |batch| {
            keys.iter()
                .try_for_each(|key| batch.delete(table, key).map(drop))
        })?;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::Clock;
    use crate::domain::{
        Account, AccountImport, AccountKey, AccountKind, AccountNo, AccountTerms, BankCode,
        CancelDay, Command, Deposit, Hours, House, Issuing, Limits, Merchant, MerchantId, Payer,
        Plan, RelayKey, Standing, Won,
    };
    use crate::store::engine::memory::{Memory, MemoryEngine};
    use crate::store::{Store, TABLES, check};

    fn house() -> House {
        House {
            institution: "30000003".to_owned(),
            banks: BankCode::new(4).into_iter().collect(),
            hours: Hours::always_open(),
            hold_seconds: 60,
            cancel_day: CancelDay::Original,
            issuing: Issuing::default(),
            plan: Plan::Premium,
            receipts_in_books: true,
        }
    }

    fn account() -> Account {
        let number = AccountNo::new("111").unwrap();
        let bank = BankCode::new(4).unwrap();
        let terms = AccountTerms {
            merchant: MerchantId::new("shop").unwrap(),
            kind: AccountKind::Fixed,
            amount: Won::ZERO,
            tolerance: Won::ZERO,
            expires_at: None,
            holder_name: None,
            depositor_name: None,
            limits: Limits::default(),
        };
        Account::new(AccountKey { bank, number }, terms)
    }

    fn deposit(trace_no: u64) -> Command {
        Command::Deposit(Box::new(Deposit {
            key: RelayKey {
                institution: "30000003".to_owned(),
                bank: BankCode::new(4).unwrap(),
                trade_date: crate::domain::BusinessDate::parse("20260302").unwrap(),
                trace_no: trace_no.to_string(),
            },
            account: account().key,
            amount: Won::new(100),
            cheque: Won::ZERO,
            cash: Won::new(100),
            payer: Payer::default(),
            mode: crate::domain::Mode::Notice,
            medium: None,
            trade_time: None,
            resent: false,
            send_count: 1,
            raw: Vec::new(),
        }))
    }

    /// Books with a thousand and a few records.
    fn books(memory: &Memory) {
        let engine = Arc::new(MemoryEngine::open(memory, TABLES).unwrap());
        let on_broken = Box::new(|broken: &Broken| panic!("{broken}"));
        let store = Store::open(engine, house(), Clock::sandbox(0), on_broken).unwrap();
        let merchant = Merchant {
            id: account().terms.merchant,
            name: "나루".to_owned(),
            standing: Standing::Open,
        };
        let merchants = Command::ImportMerchants {
            rows: vec![merchant],
            update: false,
        };
        let row = AccountImport {
            key: account().key,
            terms: account().terms,
            standing: None,
        };
        let accounts = Command::ImportAccounts {
            rows: vec![row],
            update: false,
        };
        let deposits = (0..1_100).map(deposit);
        for command in [merchants, accounts].into_iter().chain(deposits) {
            let pending = store.ledger().submit_blocking(command).unwrap();
            assert!(pending.wait().unwrap().verdict.is_ok());
        }
        store.close().unwrap();
    }

    #[test]
    fn rows_that_nobody_can_read_are_made_anew() {
        let memory = Memory::default();
        books(&memory);
        let engine = MemoryEngine::open(&memory, TABLES).unwrap();
        engine
            .commit(&mut |batch| {
                batch.put(tables::At::Accounts.id(), b"junk", b"of another time")?;
                batch.put(tables::At::History.id(), b"junk", b"")?;
                batch.delete(tables::At::Ledger.id(), b"\x00\x00\x04")?;
                Ok(())
            })
            .unwrap();
        let sound = |engine: &MemoryEngine| {
            let scratch = MemoryEngine::open(&Memory::default(), TABLES).unwrap();
            let report = check(engine, &scratch, &mut |_, _| {});
            report.is_ok_and(|report| report.problems.is_empty() && report.records == 1_102)
        };
        assert!(!sound(&engine));
        rebuild(&engine).unwrap();
        assert!(sound(&engine));
        // Again changes nothing.
        rebuild(&engine).unwrap();
        assert!(sound(&engine));
    }
}
