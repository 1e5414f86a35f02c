//! Money for merchants: orders that meet deposits, accounts that are issued, lists of both.

mod by_hand;
mod crowd;
mod issuing;
mod judging;
mod late;
mod lists;
mod matching;
mod model;
mod parts;
mod receipts;

use naru::domain::{
    AccountKind, By, Command, Deposit, Event, MatchReason, MerchantId, NewOrder, Order,
    OrderCommand, OrderEvent, OrderNumber, OrderOutcome, Orderer, Outcome, PoliciesChange,
    PolicyCommand, ReceiptWish, Refusal, Timestamp, Verdict, Won,
};
use naru::store::Receipt;

use crate::support::{Desk, deposit, merchant};

/// The matching account of every test here.
const COLLECTS: &str = "collects";

fn number(text: &str) -> OrderNumber {
    OrderNumber::new(text).expect("an order number")
}

/// An operator.
fn operator() -> By {
    By {
        actor: naru::domain::Actor::User("oper".to_owned()),
        address: None,
    }
}

fn program() -> By {
    By {
        actor: naru::domain::Actor::Program(merchant()),
        address: None,
    }
}

fn seoul(text: &str) -> Timestamp {
    Timestamp::from_seoul(text.parse().expect("a civil time")).expect("a time")
}

/// Books with a matching account, at 10:00 of 2 March 2026.
fn open() -> Desk {
    let desk = Desk::open();
    desk.issue(COLLECTS, AccountKind::Matching, |_| {});
    desk
}

fn new_order(text: &str, name: &str, amount: u64) -> NewOrder {
    NewOrder {
        merchant: merchant(),
        number: number(text),
        amount: Won::new(amount),
        ordered_at: seoul("2026-03-02T09:00:00"),
        billing_name: name.to_owned(),
        orderer: Orderer {
            name: name.to_owned(),
            ..Orderer::default()
        },
        receipt: ReceiptWish::None,
        until: None,
    }
}

fn placed(order: NewOrder) -> Command {
    Command::Order(Box::new(OrderCommand::Place(Box::new(order))))
}

fn paid(trace_no: &str, name: &str, amount: u64) -> Deposit {
    let mut one = deposit(trace_no, COLLECTS, amount);
    name.clone_into(&mut one.payer.name);
    one.trade_time = Some("100000".to_owned());
    one
}

impl Desk {
    fn place(&self, text: &str, name: &str, amount: u64) -> Order {
        stands(self.verdict(placed(new_order(text, name, amount))))
    }

    /// A deposit notice; answers the position of its booking.
    fn pay(&self, deposit: Deposit) -> u64 {
        let receipt = self.send(Command::Deposit(Box::new(deposit)));
        assert_eq!(receipt.verdict, Ok(Outcome::Booked));
        receipt.position
    }

    fn order(&self, text: &str) -> Order {
        let found = self.store.reads().order(&merchant(), &number(text));
        found.expect("books").expect("an order")
    }

    /// The order that a deposit has met.
    fn met(&self, position: u64) -> Option<String> {
        let file = self.store.reads().deposit_file(position).expect("books");
        file.expect("a deposit")
            .order
            .map(|order| order.number.to_string())
    }

    /// What the record at `position` says of orders.
    fn told(&self, position: u64) -> Vec<OrderEvent> {
        let record = self.store.reads().record(position).expect("books");
        let events = record.expect("a record").events;
        let mut told = Vec::new();
        for event in events {
            if let Event::Order(event) = event {
                told.push(event);
            }
        }
        told
    }

    /// Why the deposit booked at `position` met no order.
    fn reasons(&self, position: u64) -> Vec<MatchReason> {
        let told = self.told(position).into_iter();
        let mut failed = told.filter_map(|event| match event {
            OrderEvent::MatchFailed { reasons, .. } => Some(reasons),
            _ => None,
        });
        failed.next().unwrap_or_default()
    }

    fn decide_policies(&self, change: PoliciesChange) {
        let command = PolicyCommand::SetPolicies {
            merchant: merchant(),
            change: Box::new(change),
            by: operator(),
        };
        let verdict = self.verdict(Command::Policy(Box::new(command)));
        assert!(verdict.is_ok(), "{verdict:?}");
    }

    fn order_command(&self, command: OrderCommand) -> Verdict {
        self.verdict(Command::Order(Box::new(command)))
    }

    fn exclude(&self, text: &str) -> Verdict {
        self.order_command(OrderCommand::Exclude {
            merchant: merchant(),
            number: number(text),
            by: program(),
        })
    }

    fn match_by_hand(&self, deposit: u64, of: MerchantId, text: &str) -> Receipt {
        self.send(Command::Order(Box::new(OrderCommand::Match {
            deposit,
            merchant: of,
            number: number(text),
            reason: "전화로 확인".to_owned(),
            by: operator(),
        })))
    }

    fn undo(&self, deposit: u64) -> Verdict {
        self.order_command(OrderCommand::Undo {
            deposit,
            reason: "잘못 매칭".to_owned(),
            by: operator(),
        })
    }

    /// Time goes on, and a pulse ends what is over.
    fn days_later(&self, days: i64) {
        self.wait_seconds(days * 24 * 60 * 60);
        self.send(Command::Pulse);
    }
}

fn stands(verdict: Verdict) -> Order {
    match verdict {
        Ok(Outcome::Order(OrderOutcome::Stands(order))) => *order,
        other => panic!("an order stands, not {other:?}"),
    }
}

fn refused(refusal: naru::domain::MerchantRefusal) -> Verdict {
    Err(Refusal::Merchant(refusal))
}
