//! The correction desk (입금정정): a deposit was undone.

use std::rc::Rc;

use actix::{Actor, Context, Handler};
use telegrams::{Malformed, Record, telegram};

use super::{Breath, Tools, booking, translate};
use crate::bank::asked::Asked;
use crate::domain::{BusinessDate, Command, Correction, RelayKey, Won};

/// Takes corrections.
#[derive(Debug)]
pub(in crate::bank) struct CorrectionDesk {
    tools: Rc<Tools>,
    breath: Breath,
}

impl CorrectionDesk {
    pub(super) fn new(tools: Tools) -> Self {
        CorrectionDesk {
            tools: Rc::new(tools),
            breath: Breath::default(),
        }
    }
}

impl Actor for CorrectionDesk {
    type Context = Context<Self>;
}

impl Handler<Asked> for CorrectionDesk {
    type Result = ();

    fn handle(&mut self, asked: Asked, context: &mut Context<Self>) {
        actix_rt::spawn(booking::book(Rc::clone(&self.tools), asked, command));
        self.breath.after_one(context);
    }
}

/// The only translation between the telegram and the domain. The deposit that is corrected is of
/// the same institution and bank.
fn command(record: &Record) -> Result<Command, Malformed> {
    let told = telegram::Correction::read(record)?;
    let key = translate::key(told.key);
    let (date, trace_no) = told.original;
    let original = RelayKey {
        trade_date: BusinessDate::new(date),
        trace_no,
        ..key.clone()
    };
    Ok(Command::Correction(Box::new(Correction {
        account: translate::account(record.kind(), told.account_bank, &told.account_no)?,
        key,
        original,
        amount: Won::new(told.amount),
        mode: translate::mode(told.mode),
        automatic: told.automatic,
        raw: record.bytes().to_vec(),
    })))
}
