//! The deposit desk (입금): money has come in.

use std::rc::Rc;

use actix::{Actor, Context, Handler};
use telegrams::{Malformed, Record, telegram};

use super::{Breath, Tools, booking, translate};
use crate::bank::asked::Asked;
use crate::domain::{Command, Deposit, Payer, Won};

/// Takes deposit notices.
#[derive(Debug)]
pub(in crate::bank) struct DepositDesk {
    tools: Rc<Tools>,
    breath: Breath,
}

impl DepositDesk {
    pub(super) fn new(tools: Tools) -> Self {
        DepositDesk {
            tools: Rc::new(tools),
            breath: Breath::default(),
        }
    }
}

impl Actor for DepositDesk {
    type Context = Context<Self>;
}

impl Handler<Asked> for DepositDesk {
    type Result = ();

    fn handle(&mut self, asked: Asked, context: &mut Context<Self>) {
        actix_rt::spawn(booking::book(Rc::clone(&self.tools), asked, command));
        self.breath.after_one(context);
    }
}

/// The only translation between the telegram and the domain.
fn command(record: &Record) -> Result<Command, Malformed> {
    let told = telegram::Deposit::read(record)?;
    let time = told.trade_time.map(|time| {
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        format!("{hour:02}{minute:02}{second:02}")
    });
    Ok(Command::Deposit(Box::new(Deposit {
        account: translate::account(record.kind(), told.account_bank, &told.account_no)?,
        key: translate::key(told.key),
        amount: Won::new(told.amount),
        cheque: Won::new(told.cheque_amount),
        cash: Won::new(told.cash_amount),
        payer: Payer {
            bank: told.depositor_bank,
            name: told.depositor_name,
            name_cut: told.depositor_name_cut,
        },
        mode: translate::mode(told.mode),
        medium: told.medium,
        trade_time: time,
        resent: told.resent,
        send_count: told.send_count,
        raw: record.bytes().to_vec(),
    })))
}
