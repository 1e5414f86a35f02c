//! Lists page by page, by status and time; totals from kept counters; the life of an account.

use naru::domain::{AccountKind, BusinessDate, Command, MerchantId, Mode, Shelf, Standing, Won};
use naru::store::{
    AccountQuestion, Chapter, DepositQuestion, DepositStatus, OrderQuestion, Period,
};

use super::{Desk, open, paid, seoul};
use crate::support::{account_key, corrected, deposit, deposited, merchant};

fn all(desk: &Desk, question: &DepositQuestion) -> Vec<u64> {
    let mut question = question.clone();
    let mut positions = Vec::new();
    loop {
        let page = desk.store.reads().deposits(&question).unwrap();
        assert!(page.deposits.len() <= question.limit);
        positions.extend(page.deposits.iter().map(|seen| seen.position));
        match page.next {
            Some(next) => question.before = Some(next),
            None => return positions,
        }
    }
}

/// Twenty deposits over two days, some parked, some corrected, and one of another merchant.
fn busy() -> (Desk, Vec<u64>) {
    let desk = open();
    desk.issue("fixed", AccountKind::Fixed, |row| {
        row.terms.limits.per_deposit = Some(Won::new(1_000));
    });
    let mut positions = Vec::new();
    for index in 0..20u64 {
        if index == 10 {
            desk.wait_seconds(24 * 60 * 60);
        }
        let amount = if index % 5 == 4 { 5_000 } else { 100 + index };
        positions.push(desk.pay(deposit(&format!("t{index}"), "fixed", amount)));
    }
    for (index, amount) in [(0, 100), (4, 5_000), (12, 112)] {
        let undone = corrected(&format!("t{index}"), "fixed", amount, Mode::Notice);
        assert!(desk.verdict(undone).is_ok());
    }
    let other = naru::domain::Merchant {
        id: MerchantId::new("other").unwrap(),
        name: "다른상점".to_owned(),
        standing: Standing::Open,
    };
    desk.send(Command::ImportMerchants {
        rows: vec![other],
        update: false,
    });
    desk.issue("theirs", AccountKind::Fixed, |row| {
        row.terms.merchant = MerchantId::new("other").unwrap();
    });
    positions.push(desk.pay(deposit("o1", "theirs", 7)));
    positions.push(desk.pay(deposit("n1", "never issued", 8)));
    (desk, positions)
}

#[test]
fn every_deposit_stands_in_its_lists_exactly_once() {
    let (desk, positions) = busy();
    let own: Vec<u64> = positions[..20].iter().rev().copied().collect();
    let parked = |index: usize| index % 5 == 4 && index != 4;
    let undone = |index: usize| [0, 4, 12].contains(&index);
    let expected = |wanted: &dyn Fn(usize) -> bool| -> Vec<u64> {
        let chosen = (0..20).rev().filter(|index| wanted(*index));
        chosen.map(|index| positions[index]).collect()
    };
    for limit in [1, 3, 50] {
        let question = |status| DepositQuestion {
            merchant: Some(merchant()),
            status,
            limit,
            ..DepositQuestion::default()
        };
        assert_eq!(all(&desk, &question(None)), own);
        let pending = all(&desk, &question(Some(DepositStatus::Pending)));
        assert_eq!(pending, expected(&parked));
        let cancelled = all(&desk, &question(Some(DepositStatus::Cancelled)));
        assert_eq!(cancelled, expected(&undone));
        let completed = all(&desk, &question(Some(DepositStatus::Completed)));
        assert_eq!(
            completed,
            expected(&|index| !parked(index) && !undone(index))
        );
        let everyone = DepositQuestion {
            limit,
            ..DepositQuestion::default()
        };
        let everything: Vec<u64> = positions.iter().rev().copied().collect();
        assert_eq!(all(&desk, &everyone), everything);
    }
    desk.assert_sound();
}

#[test]
fn totals_come_from_counters_and_agree_with_the_lists() {
    let (desk, _) = busy();
    let statuses = [
        None,
        Some(DepositStatus::Completed),
        Some(DepositStatus::Pending),
        Some(DepositStatus::Cancelled),
    ];
    let day = |from: &str, to: &str| Period {
        from: Some(seoul(from)),
        to: Some(seoul(to)),
    };
    let periods = [
        Period::default(),
        day("2026-03-02T00:00:00", "2026-03-03T00:00:00"),
        day("2026-03-03T00:00:00", "2026-03-04T00:00:00"),
        day("2026-03-04T00:00:00", "2026-03-05T00:00:00"),
        day("2026-03-02T09:00:00", "2026-03-02T23:00:00"),
        day("2026-03-02T11:00:00", "2026-03-03T11:30:00"),
    ];
    for merchant in [Some(merchant()), MerchantId::new("other"), None] {
        for period in periods {
            for status in statuses {
                let question = DepositQuestion {
                    merchant: merchant.clone(),
                    period,
                    status,
                    limit: 500,
                    ..DepositQuestion::default()
                };
                let page = desk.store.reads().deposits(&question).unwrap();
                let shown = page.deposits.len() as u64;
                assert_eq!(page.total, shown, "{question:?}");
            }
        }
    }
    let date = |text| BusinessDate::parse(text).unwrap();
    let days = desk
        .store
        .reads()
        .days(Some(&merchant()), date("20260301"), date("20260304"))
        .unwrap();
    let told: Vec<_> = days
        .iter()
        .map(|(day, counts)| {
            let pending = counts.pending.count;
            (
                day.number(),
                counts.deposits.count,
                pending,
                counts.corrections.count,
            )
        })
        .collect();
    assert_eq!(told, [(20_260_302, 10, 1, 0), (20_260_303, 10, 2, 3)]);
}

#[test]
fn pages_by_number_leave_out_what_came_before() {
    let (desk, positions) = busy();
    for (skip, limit) in [(0, 5), (5, 5), (18, 5), (40, 5)] {
        for status in [None, Some(DepositStatus::Completed)] {
            let question = DepositQuestion {
                merchant: Some(merchant()),
                status,
                skip,
                limit,
                ..DepositQuestion::default()
            };
            let page = desk.store.reads().deposits(&question).unwrap();
            let whole = DepositQuestion {
                skip: 0,
                limit: 100,
                ..question
            };
            let expected: Vec<u64> = all(&desk, &whole)
                .into_iter()
                .skip(skip)
                .take(limit)
                .collect();
            let shown: Vec<u64> = page.deposits.iter().map(|seen| seen.position).collect();
            assert_eq!(shown, expected);
        }
    }
    assert_eq!(positions.len(), 22);
}

#[test]
fn orders_are_listed_by_where_they_stand() {
    let desk = open();
    for index in 0..6u64 {
        desk.place(&index.to_string(), "홍길동", 100 + index);
    }
    desk.pay(paid("d1", "홍길동", 101));
    desk.exclude("2").expect("an exclusion");
    let listed = |standing| {
        let mut question = OrderQuestion {
            merchant: Some(merchant()),
            standing,
            limit: 2,
            ..OrderQuestion::default()
        };
        let mut numbers = Vec::new();
        let mut total = 0;
        loop {
            let page = desk.store.reads().orders(&question).unwrap();
            numbers.extend(page.orders.iter().map(|order| order.number.to_string()));
            total = page.total.max(total);
            match page.next {
                Some(next) => question.before = Some(next),
                None => break,
            }
        }
        assert_eq!(total, numbers.len() as u64, "{standing:?}");
        numbers.join("")
    };
    assert_eq!(listed(None), "543210");
    assert_eq!(listed(Some(Shelf::Open)), "5430");
    assert_eq!(listed(Some(Shelf::Matched)), "1");
    assert_eq!(listed(Some(Shelf::Excluded)), "2");
    desk.days_later(15);
    assert_eq!(listed(Some(Shelf::Expired)), "5430");
    assert_eq!(listed(Some(Shelf::Open)), "");
    desk.assert_sound();
}

#[test]
fn accounts_are_listed_by_merchant_and_number() {
    let (desk, _) = busy();
    let listed = |question: AccountQuestion| {
        let mut question = question;
        let mut numbers = Vec::new();
        loop {
            let page = desk.store.reads().accounts(&question).unwrap();
            let seen = page.accounts.iter();
            numbers.extend(seen.map(|seen| seen.account.key.number.as_str().to_owned()));
            match page.next {
                Some(next) => question.after = Some(next),
                None => return numbers,
            }
        }
    };
    let of = |merchant: Option<MerchantId>| AccountQuestion {
        merchant,
        limit: 1,
        ..AccountQuestion::default()
    };
    assert_eq!(listed(of(Some(merchant()))), ["collects", "fixed"]);
    assert_eq!(listed(of(MerchantId::new("other"))), ["theirs"]);
    assert_eq!(listed(of(None)), ["collects", "fixed", "theirs"]);
    let number = naru::domain::AccountNo::new("theirs");
    let mut named = of(Some(merchant()));
    named.number.clone_from(&number);
    assert_eq!(listed(named.clone()), [""; 0], "another's is as if absent");
    named.merchant = None;
    assert_eq!(listed(named), ["theirs"]);
    let page = desk.store.reads().accounts(&of(Some(merchant()))).unwrap();
    assert_eq!(page.total, Some(2));
}

#[test]
fn an_account_tells_its_life_from_the_end() {
    let desk = open();
    desk.issue("fixed", AccountKind::Fixed, |_| {});
    let one = desk.pay(deposit("1", "fixed", 10));
    desk.send(deposited("x", super::COLLECTS, 10));
    let two = desk.pay(deposit("2", "fixed", 20));
    desk.verdict(corrected("1", "fixed", 10, Mode::Notice))
        .expect("a correction");
    let three = desk.pay(deposit("3", "fixed", 30));
    let reads = desk.store.reads();
    let life = reads.account_life(&account_key("fixed"), None, 10).unwrap();
    let told: Vec<_> = life.iter().map(Chapter::position).collect();
    assert_eq!(told, [three, three - 1, two, one]);
    assert!(
        matches!(&life[1], Chapter::Correction { deposit_position, .. } if *deposit_position == one)
    );
    let first = reads.account_life(&account_key("fixed"), None, 2).unwrap();
    let rest = reads
        .account_life(&account_key("fixed"), Some(first[1].position()), 10)
        .unwrap();
    let paged: Vec<_> = first.iter().chain(&rest).map(Chapter::position).collect();
    assert_eq!(paged, told);
    let seen = reads.account_seen(&account_key("fixed")).unwrap().unwrap();
    assert_eq!(seen.balance, Won::new(50));
    // Each record knows what stood on the account after it.
    let after = |position| {
        let seen = reads.deposit_seen(position).unwrap().unwrap();
        seen.after.unwrap().balance.digits()
    };
    assert_eq!((after(one), after(two), after(three)), (10, 30, 50));
}

#[test]
fn a_feed_names_every_record_once_in_order() {
    let desk = open();
    desk.place("1", "홍길동", 1);
    let one = desk.pay(paid("d1", "홍길동", 1));
    desk.undo(one).expect("an undoing");
    desk.exclude("1").expect("an exclusion");
    desk.verdict(corrected("d1", super::COLLECTS, 1, Mode::Notice))
        .expect("a correction");
    let reads = desk.store.reads();
    let feed = reads.happenings(&merchant(), 0, 100).unwrap();
    assert_eq!(feed, [one - 1, one, one + 1, one + 2, one + 3]);
    assert_eq!(
        reads.happenings(&merchant(), one, 2).unwrap(),
        [one + 1, one + 2]
    );
    let nobody = MerchantId::new("nobody").unwrap();
    assert_eq!(reads.happenings(&nobody, 0, 100).unwrap(), [0; 0]);
}

#[test]
fn a_deposit_stays_whose_it_was_when_it_came() {
    let desk = open();
    let strange = desk.pay(deposit("1", "later", 10));
    // The number is taken in afterwards, and the bank corrects the stray deposit.
    desk.issue("later", AccountKind::Fixed, |_| {});
    desk.verdict(corrected("1", "later", 10, Mode::Notice))
        .expect("a correction");
    let own = desk.pay(deposit("2", "later", 20));
    let other = naru::domain::Merchant {
        id: MerchantId::new("other").unwrap(),
        name: "다른상점".to_owned(),
        standing: Standing::Open,
    };
    desk.send(Command::ImportMerchants {
        rows: vec![other],
        update: false,
    });
    desk.issue("later", AccountKind::Fixed, |row| {
        row.terms.merchant = MerchantId::new("other").unwrap();
    });
    desk.verdict(corrected("2", "later", 20, Mode::Notice))
        .expect("a correction");
    let reads = desk.store.reads();
    let of = |merchant: Option<MerchantId>| DepositQuestion {
        merchant,
        limit: 10,
        ..DepositQuestion::default()
    };
    assert_eq!(all(&desk, &of(Some(merchant()))), [own]);
    assert_eq!(all(&desk, &of(MerchantId::new("other"))), [0; 0]);
    assert_eq!(all(&desk, &of(None)), [own, strange]);
    let life = reads.account_life(&account_key("later"), None, 10).unwrap();
    assert_eq!(life, [], "the new owner sees nothing of the old one's");
    let seen = reads.account_seen(&account_key("later")).unwrap().unwrap();
    assert_eq!(seen.balance, Won::ZERO);
    desk.assert_sound();
}
