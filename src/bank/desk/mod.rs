//! The five desks (창구): one business each, with a mailbox of its own.
//!
//! A desk is a thin actor. Its bounded mailbox is a bulkhead: a flood of look-ups fills the
//! look-up desk's and nobody else's, and what does not fit is answered at once. Questions are
//! answered on one thread and money moves on another. A desk translates between telegrams and
//! the domain; it decides nothing and knows no socket.

mod aggregate;
mod booking;
mod correction;
mod deposit;
mod payee_lookup;
mod pre_deposit_check;
mod translate;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use actix::fut::wrap_future;
use actix::{Actor, Addr, ArbiterHandle, AsyncContext as _, Context, Handler};
use telegrams::Answer;

use self::aggregate::AggregateDesk;
use self::correction::CorrectionDesk;
use self::deposit::DepositDesk;
use self::payee_lookup::PayeeLookupDesk;
use self::pre_deposit_check::PreDepositCheckDesk;
use super::asked::Asked;
use super::complaint::Complaints;
use super::meters::Meters;
use super::promise::Voids;
use crate::limits;
use crate::store::engine::Broken;
use crate::store::{Ledger, Reads};

/// What the desks work with.
#[derive(Clone, Debug)]
pub(super) struct Tools {
    pub(super) ledger: Ledger,
    pub(super) reads: Reads,
    pub(super) voids: Voids,
    pub(super) meters: Arc<Meters>,
    pub(super) complaints: Arc<Complaints>,
}

/// The doors of all desks. Each session has its own, so that each has its own slot in every
/// mailbox.
#[derive(Clone, Debug)]
pub(super) struct Desks {
    pub(super) payee_lookup: Door<PayeeLookupDesk>,
    pub(super) pre_deposit_check: Door<PreDepositCheckDesk>,
    pub(super) deposit: Door<DepositDesk>,
    pub(super) correction: Door<CorrectionDesk>,
    pub(super) aggregate: Door<AggregateDesk>,
}

impl Desks {
    /// Starts all desks: look-ups and checks on `questions`, what moves money on `money`.
    pub(super) fn start(
        tools: &Tools,
        mailbox: usize,
        questions: &ArbiterHandle,
        money: &ArbiterHandle,
    ) -> Self {
        Desks {
            payee_lookup: Door::open(
                "payee_lookup",
                PayeeLookupDesk::new,
                tools,
                mailbox,
                questions,
            ),
            pre_deposit_check: Door::open(
                "pre_deposit_check",
                PreDepositCheckDesk::new,
                tools,
                mailbox,
                questions,
            ),
            deposit: Door::open("deposit", DepositDesk::new, tools, mailbox, money),
            correction: Door::open("correction", CorrectionDesk::new, tools, mailbox, money),
            aggregate: Door::open("aggregate", AggregateDesk::new, tools, mailbox, money),
        }
    }
}

/// The way into one desk's mailbox.
#[derive(Debug)]
pub(super) struct Door<A: Actor> {
    name: &'static str,
    desk: Addr<A>,
    meters: Arc<Meters>,
}

impl<A: Actor> Clone for Door<A> {
    fn clone(&self) -> Self {
        Door {
            name: self.name,
            desk: self.desk.clone(),
            meters: Arc::clone(&self.meters),
        }
    }
}

impl<A: Actor<Context = Context<A>> + Handler<Asked>> Door<A> {
    fn open(
        name: &'static str,
        new: fn(Tools) -> A,
        tools: &Tools,
        mailbox: usize,
        arbiter: &ArbiterHandle,
    ) -> Self {
        let own = tools.clone();
        let (opened, open) = std::sync::mpsc::sync_channel(1);
        let desk = A::start_in_arbiter(arbiter, move |context| {
            context.set_mailbox_capacity(mailbox);
            // Whoever waits for this cannot have gone.
            let _ = opened.send(());
            new(own)
        });
        // Until the desk's thread has come so far, its mailbox is smaller than it should be. If
        // that thread is gone, there is nothing to wait for.
        let _ = open.recv();
        let meters = Arc::clone(&tools.meters);
        Door { name, desk, meters }
    }

    /// Puts a request into the mailbox. Where there is no room it is answered at once: nothing
    /// was done, and it may be sent again.
    pub(super) fn take(&self, asked: Asked) {
        if let Err(full) = self.desk.try_send(asked) {
            self.meters.mailbox_full(self.name);
            full.into_inner().answer(Answer::NotProcessed);
        }
    }
}

/// Gives the other tasks of a desk's thread a turn after so many requests, because a mailbox is
/// emptied without a pause as long as something is in it.
#[derive(Debug, Default)]
struct Breath(u32);

impl Breath {
    fn after_one<A: Actor<Context = Context<A>>>(&mut self, context: &mut Context<A>) {
        self.0 += 1;
        if self.0 >= limits::DESK_BREATH {
            self.0 = 0;
            context.wait(wrap_future(tokio::task::yield_now()));
        }
    }
}

/// Does the work of one request so that a panic ends this request and not the desk. The request
/// inside is dropped then: silence, and the relay asks again.
fn guarded(work: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        tracing::error!("a desk panicked over one telegram, which stays without an answer");
    }
}

/// The books cannot be read: silence, and the process is about to stop.
fn unreadable(asked: &Asked, broken: &Broken) {
    let kind = asked.kind().name();
    tracing::error!(kind, %broken, "the books cannot be read; a question stays without an answer");
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use actix::{Actor, Context, Handler, Message, System};

    use super::{Breath, guarded};
    use crate::limits;

    /// A desk that only counts.
    struct Counting {
        breath: Breath,
        handled: Rc<Cell<u32>>,
    }

    #[derive(Message)]
    #[rtype(result = "()")]
    struct One;

    impl Actor for Counting {
        type Context = Context<Self>;
    }

    impl Handler<One> for Counting {
        type Result = ();

        fn handle(&mut self, One: One, context: &mut Context<Self>) {
            self.handled.set(self.handled.get() + 1);
            self.breath.after_one(context);
        }
    }

    #[test]
    fn a_full_mailbox_leaves_turns_to_others() {
        let many = limits::DESK_BREATH * 10;
        let handled = Rc::new(Cell::new(0));
        let count = Rc::clone(&handled);
        let turns = System::new().block_on(async move {
            let desk = Counting::create(|context| {
                context.set_mailbox_capacity(many as usize * 2);
                let breath = Breath::default();
                let handled = Rc::clone(&count);
                Counting { breath, handled }
            });
            for _ in 0..many {
                desk.try_send(One).unwrap();
            }
            let mut turns = 0;
            while count.get() < many {
                tokio::task::yield_now().await;
                turns += 1;
            }
            turns
        });
        assert_eq!(handled.get(), many);
        assert!(turns >= 10, "{turns} turns");
    }

    #[test]
    fn a_panic_over_one_telegram_stays_with_it() {
        guarded(|| panic!("on purpose"));
    }
}
