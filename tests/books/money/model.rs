//! Random days of a shop against a plain model: whatever order things come in, every order and
//! every deposit stands where the model says, and a rebuild says what the books say.

use std::collections::BTreeMap;

use naru::domain::{Command, Mode, OrderStanding, Shelf};
use naru::store::OrderQuestion;
use proptest::prelude::*;

use super::{Desk, open, paid};
use crate::support::{corrected, merchant};

#[derive(Clone, Debug)]
enum Step {
    Place { number: u8, name: u8, amount: u8 },
    Exclude { number: u8 },
    Pay { trace: u8, name: u8, amount: u8 },
    Correct { trace: u8 },
    Match { trace: u8, number: u8 },
    Undo { trace: u8 },
    Days(u8),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let (number, trace) = (0u8..6, 0u8..8);
    let what = (0u8..2, 1u8..3);
    prop_oneof![
        5 => (number.clone(), what.clone())
            .prop_map(|(number, (name, amount))| Step::Place { number, name, amount }),
        1 => number.clone().prop_map(|number| Step::Exclude { number }),
        5 => (trace.clone(), what)
            .prop_map(|(trace, (name, amount))| Step::Pay { trace, name, amount }),
        2 => trace.clone().prop_map(|trace| Step::Correct { trace }),
        2 => (trace.clone(), number).prop_map(|(trace, number)| Step::Match { trace, number }),
        2 => trace.prop_map(|trace| Step::Undo { trace }),
        // Never fourteen in all, where the time of day would tell.
        1 => (0u8..4).prop_map(|days| Step::Days(days * 3)),
        1 => Just(Step::Restart),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Open,
    Matched(u8),
    Excluded,
    Expired,
}

#[derive(Clone, Copy, Debug)]
struct Placed {
    what: (u8, u8),
    day: u32,
    stands: Stands,
}

#[derive(Clone, Copy, Debug)]
struct Paid {
    what: (u8, u8),
    position: u64,
    undone: bool,
}

/// What a shop with exact matching believes.
#[derive(Default)]
struct Shop {
    orders: BTreeMap<u8, Placed>,
    deposits: BTreeMap<u8, Paid>,
    today: u32,
}

impl Shop {
    fn pay(&mut self, trace: u8, what: (u8, u8), position: u64) {
        let fits = |order: &&mut Placed| order.stands == Stands::Open && order.what == what;
        let mut fitting: Vec<_> = self.orders.values_mut().filter(fits).collect();
        if let [only] = &mut fitting[..] {
            only.stands = Stands::Matched(trace);
        }
        let paid = Paid {
            what,
            position,
            undone: false,
        };
        self.deposits.insert(trace, paid);
    }

    fn part(&mut self, trace: u8) {
        for order in self.orders.values_mut() {
            if order.stands == Stands::Matched(trace) {
                order.stands = Stands::Open;
            }
        }
        self.expire();
    }

    /// An order waits for fourteen days; a pulse follows every step that could make one old.
    fn expire(&mut self) {
        for order in self.orders.values_mut() {
            if order.stands == Stands::Open && self.today > order.day + 14 {
                order.stands = Stands::Expired;
            }
        }
    }

    fn is_matched(&self, trace: u8) -> bool {
        let mut orders = self.orders.values();
        orders.any(|order| order.stands == Stands::Matched(trace))
    }
}

fn name(name: u8) -> &'static str {
    ["홍길동", "김철수"][usize::from(name)]
}

fn play(mut desk: Desk, shop: &mut Shop, step: &Step) -> Desk {
    match *step {
        Step::Place {
            number,
            name: who,
            amount,
        } => {
            let order = super::new_order(&number.to_string(), name(who), amount.into());
            let verdict = desk.verdict(super::placed(order));
            assert_eq!(verdict.is_ok(), !shop.orders.contains_key(&number));
            shop.orders.entry(number).or_insert(Placed {
                what: (who, amount),
                day: shop.today,
                stands: Stands::Open,
            });
        }
        Step::Exclude { number } => {
            let verdict = desk.exclude(&number.to_string());
            let order = shop.orders.get_mut(&number);
            let can = order.filter(|order| !matches!(order.stands, Stands::Matched(_)));
            assert_eq!(verdict.is_ok(), can.is_some());
            if let Some(order) = can {
                order.stands = Stands::Excluded;
            }
        }
        Step::Pay {
            trace,
            name: who,
            amount,
        } => {
            if !shop.deposits.contains_key(&trace) {
                let position = desk.pay(paid(&trace.to_string(), name(who), amount.into()));
                shop.pay(trace, (who, amount), position);
            }
        }
        Step::Correct { trace } => {
            if let Some(paid) = shop.deposits.get_mut(&trace) {
                let amount = paid.what.1.into();
                let undone = corrected(&trace.to_string(), super::COLLECTS, amount, Mode::Notice);
                assert!(desk.verdict(undone).is_ok());
                if !paid.undone {
                    paid.undone = true;
                    desk.send(Command::Pulse);
                    shop.part(trace);
                }
            }
        }
        Step::Match { trace, number } => match_by_hand(&desk, shop, trace, number),
        Step::Undo { trace } => {
            let Some(paid) = shop.deposits.get(&trace) else {
                return desk;
            };
            let verdict = desk.undo(paid.position);
            assert_eq!(verdict.is_ok(), shop.is_matched(trace));
            desk.send(Command::Pulse);
            shop.part(trace);
        }
        Step::Days(days) => {
            desk.days_later(days.into());
            shop.today += u32::from(days);
            shop.expire();
        }
        Step::Restart => {
            let (memory, clock) = (desk.memory.clone(), desk.clock.clone());
            desk.store.close().expect("an orderly end");
            desk = Desk::reopen(memory, clock, |_| {});
        }
    }
    desk
}

fn match_by_hand(desk: &Desk, shop: &mut Shop, trace: u8, number: u8) {
    let Some(paid) = shop.deposits.get(&trace).copied() else {
        return;
    };
    let verdict = desk
        .match_by_hand(paid.position, merchant(), &number.to_string())
        .verdict;
    let free = !paid.undone && !shop.is_matched(trace);
    let order = shop.orders.get_mut(&number).filter(|_| free);
    let can = order.filter(|order| matches!(order.stands, Stands::Open | Stands::Expired));
    assert_eq!(verdict.is_ok(), can.is_some());
    if let Some(order) = can {
        order.stands = Stands::Matched(trace);
    }
}

fn agrees(desk: &Desk, shop: &Shop) {
    for (number, order) in &shop.orders {
        let standing = desk.order(&number.to_string()).standing;
        match (order.stands, standing) {
            (Stands::Open, OrderStanding::Open)
            | (Stands::Excluded, OrderStanding::Excluded { .. })
            | (Stands::Expired, OrderStanding::Expired { .. }) => {}
            (Stands::Matched(trace), OrderStanding::Matched(found)) => {
                assert_eq!(found.deposit.trace_no, trace.to_string());
                let met = desk.met(found.deposit_position);
                assert_eq!(met.as_deref(), Some(number.to_string().as_str()));
            }
            (expected, found) => panic!("order {number}: {expected:?}, and not {found:?}"),
        }
    }
    for (trace, paid) in &shop.deposits {
        assert_eq!(desk.met(paid.position).is_some(), shop.is_matched(*trace));
    }
    for shelf in [Shelf::Open, Shelf::Matched, Shelf::Excluded, Shelf::Expired] {
        let question = OrderQuestion {
            merchant: Some(merchant()),
            standing: Some(shelf),
            limit: 100,
            ..OrderQuestion::default()
        };
        let page = desk.store.reads().orders(&question).unwrap();
        assert_eq!(page.total, page.orders.len() as u64, "{shelf:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn orders_and_deposits_stand_where_the_shop_believes(
        steps in prop::collection::vec(step(), 1..50)
    ) {
        let mut desk = open();
        let mut shop = Shop::default();
        for step in &steps {
            desk = play(desk, &mut shop, step);
        }
        agrees(&desk, &shop);
        let report = desk.check();
        prop_assert!(report.problems.is_empty(), "{:#?}", report.problems);
        desk.store.close().expect("an orderly end");
    }
}
