//! Who is told what: the letters of an order's story, and the messages to whoever ordered and to
//! the merchant.

use naru::domain::delivery::Then;
use naru::domain::message::{MatchFailedMail, NotificationsChange, Wording};
use naru::domain::webhook::Attempt;
use naru::domain::{
    AccountKind, By, Channel, Command, Dialect, EndpointId, EventId, EventKind, MerchantId,
    MessageCommand, Mode, NewOrder, OrderCommand, OrderNumber, Orderer, Outcome, ReceiptWish,
    Timestamp, WebhookCommand, WebhookOutcome, Won,
};
use naru::domain::{LetterId, MessageId};
use naru::store::{DueMessages, Hands, Lane, MessageHands, MessageShown, MessageState};

use super::support::{Desk, corrected, deposited, merchant};

/// Empty hands: everything that is due may be taken.
struct Empty;

impl Hands for Empty {
    fn room(&self, _: EndpointId, _: usize) -> usize {
        1_000
    }

    fn hold(&self, _: LetterId) -> bool {
        false
    }
}

impl MessageHands for Empty {
    fn room(&self, _: &Lane) -> usize {
        1_000
    }

    fn hold(&self, _: MessageId) -> bool {
        false
    }
}

fn order(number: &str, phone: Option<&str>, email: Option<&str>) -> Command {
    let ordered_at = "2026-03-02T09:59:00".parse().expect("a time");
    let order = NewOrder {
        merchant: merchant(),
        number: OrderNumber::new(number).expect("a number"),
        amount: Won::new(500),
        ordered_at: Timestamp::from_seoul(ordered_at).expect("a time"),
        billing_name: "홍길동".to_owned(),
        orderer: Orderer {
            name: "홍길동".to_owned(),
            phone: phone.map(str::to_owned),
            email: email.map(str::to_owned),
        },
        receipt: ReceiptWish::None,
        until: None,
    };
    Command::Order(Box::new(OrderCommand::Place(Box::new(order))))
}

fn open() -> Desk {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Matching, |_| {});
    desk
}

impl Desk {
    fn listen(&self) {
        let command = WebhookCommand::Add {
            by: By::HOUSE,
            merchant: merchant(),
            url: "https://shop.example/hook".to_owned(),
            dialect: Dialect::Standard,
            events: Vec::new(),
            secret: None,
        };
        assert!(self.verdict(Command::Webhook(Box::new(command))).is_ok());
    }

    /// What the merchant can be told, in order: kind, order and reason.
    fn feed(&self) -> Vec<(EventKind, Option<String>, Option<String>)> {
        let feed = self
            .store
            .reads()
            .feed(&merchant(), None, 100)
            .expect("books");
        let told = feed.events.into_iter().map(|telling| telling.notice);
        told.map(|notice| (notice.kind, notice.order, notice.reason))
            .collect()
    }

    fn messages_told(&self) -> Vec<MessageShown> {
        let reads = self.store.reads();
        reads.messages(Some(&merchant()), None, 100).expect("books")
    }

    /// The endpoint of the merchant, the only one that there is.
    fn due_endpoint(&self) -> EndpointId {
        let shown = self.store.reads().endpoints(None, None, 10);
        let shown = shown.expect("books");
        assert_eq!(shown.len(), 1);
        shown[0].endpoint.id
    }

    /// The receiver answers 410, which ends a letter.
    fn refused_for_good(&self, letter: LetterId) {
        let attempt = Box::new(Attempt {
            url: "https://shop.example/hook".to_owned(),
            sent_at: self.clock.now(),
            took_millis: 3,
            status: Some(410),
            answer: None,
            fault: None,
            accepted: false,
            retry_after: None,
        });
        let command = WebhookCommand::Record { letter, attempt };
        let outcome = self.verdict(Command::Webhook(Box::new(command)));
        let over = Outcome::Webhook(WebhookOutcome::Recorded(Then::GaveUp));
        assert_eq!(outcome, Ok(over));
    }

    fn due_messages(&self) -> DueMessages {
        self.store.reads().due_messages(100, &Empty).expect("books")
    }

    fn set(&self, change: NotificationsChange) {
        let command = MessageCommand::Set {
            by: By::HOUSE,
            whose: Some(merchant()),
            change: Box::new(change),
        };
        assert!(self.verdict(Command::Message(Box::new(command))).is_ok());
    }
}

#[test]
fn an_orders_story_is_told_from_match_to_correction() {
    let desk = open();
    desk.listen();
    desk.send(order("A-1", None, None));
    desk.send(deposited("1", "111", 500));
    desk.send(corrected("1", "111", 500, Mode::Notice));
    let told =
        |kind, reason: Option<&str>| (kind, Some("A-1".to_owned()), reason.map(str::to_owned));
    assert_eq!(
        desk.feed(),
        [
            told(EventKind::DepositReceived, None),
            told(EventKind::DepositMatched, None),
            told(EventKind::DepositCorrected, None),
            told(EventKind::DepositUnmatched, Some("correction")),
        ]
    );
    // One story: only its first letter may leave.
    let due = desk
        .store
        .reads()
        .due_letters(EndpointId::default(), 10, &Empty);
    let errands = due.expect("books").errands;
    assert_eq!(errands.len(), 1);
    assert_eq!(errands[0].telling.notice.kind, EventKind::DepositReceived);
    let booking = errands[0].telling.booking.as_ref().expect("a booking");
    assert_eq!(booking.deposit.amount, Won::new(500));
    assert_eq!(errands[0].telling.balance, Some(Won::new(500)));
    desk.assert_sound();
}

#[test]
fn accounts_that_were_imported_tell_nobody_and_others_merchants_are_not_told() {
    let desk = open();
    desk.listen();
    desk.send(order("A-1", None, None));
    let stranger = MerchantId::new("other").expect("an id");
    let feed = desk
        .store
        .reads()
        .feed(&stranger, None, 100)
        .expect("books");
    assert!(feed.events.is_empty());
    assert_eq!(
        desk.feed(),
        [],
        "an order that waits is no news to whoever sent it"
    );
}

#[test]
fn whoever_ordered_is_told_where_they_left_a_phone_or_an_address() {
    let desk = open();
    desk.send(order("A-1", Some("01012345678"), Some("hong@gildong.kr")));
    let channels = |told: &[MessageShown]| -> Vec<(Channel, MessageState)> {
        let mut all: Vec<_> = told
            .iter()
            .map(|one| (one.message.channel, one.row.state))
            .collect();
        all.reverse();
        all
    };
    let waiting = MessageState::Waiting;
    let both = [(Channel::Alimtalk, waiting), (Channel::Mail, waiting)];
    assert_eq!(channels(&desk.messages_told()), both);
    desk.send(deposited("1", "111", 500));
    let told = desk.messages_told();
    assert_eq!(channels(&told), [both, both].concat());
    assert!(
        matches!(&told[0].message.wording, Wording::OrderPaid { number, .. } if number == "A-1")
    );
    assert_eq!(desk.due_messages().parcels.len(), 4);
    desk.send(order("A-2", None, None));
    assert_eq!(
        desk.messages_told().len(),
        4,
        "no phone, no address, no word"
    );
    desk.assert_sound();
}

#[test]
fn an_order_number_too_long_for_an_alimtalk_is_skipped_and_the_reason_kept() {
    let desk = open();
    desk.send(order(&"9".repeat(22), Some("01012345678"), None));
    desk.send(order(
        &"9".repeat(23),
        Some("01012345678"),
        Some("hong@gildong.kr"),
    ));
    let mut states: Vec<_> = desk
        .messages_told()
        .iter()
        .map(|one| {
            (
                one.message.channel,
                one.row.state,
                one.message.skipped.is_some(),
            )
        })
        .collect();
    states.reverse();
    assert_eq!(
        states,
        [
            (Channel::Alimtalk, MessageState::Waiting, false),
            (Channel::Alimtalk, MessageState::Skipped, true),
            (Channel::Mail, MessageState::Waiting, false),
        ]
    );
    desk.assert_sound();
}

#[test]
fn a_deposit_without_an_order_is_told_once_with_its_reasons() {
    let desk = open();
    desk.set(NotificationsChange {
        mail_to: Some(vec!["ops@shop.example".to_owned()]),
        ..NotificationsChange::default()
    });
    desk.send(deposited("1", "111", 700));
    desk.send(deposited("1", "111", 700));
    let told = desk.messages_told();
    assert_eq!(
        told.len(),
        1,
        "a telegram that comes again is no second failure"
    );
    let Wording::MatchFailed(failed) = &told[0].message.wording else {
        panic!("not {:?}", told[0].message.wording);
    };
    assert_eq!(
        (failed.amount, failed.payer.as_str()),
        (Won::new(700), "홍길동")
    );
    assert!(!failed.reasons.is_empty());
    let text = naru::message::text(&told[0].message.wording);
    assert!(text.contains(&failed.reasons[0].words()), "{text}");
    desk.assert_sound();
}

#[test]
fn a_day_of_them_is_told_in_one_mail_the_next_morning() {
    let desk = open();
    desk.set(NotificationsChange {
        mail_to: Some(vec!["ops@shop.example".to_owned()]),
        match_failed: Some(MatchFailedMail::Daily),
        ..NotificationsChange::default()
    });
    for n in 0..3 {
        desk.send(deposited(&n.to_string(), "111", 700));
    }
    assert_eq!(desk.messages_told().len(), 0);
    assert!(desk.due_messages().days.is_empty());
    desk.set_time("2026-03-03T08:59:00");
    assert!(desk.due_messages().days.is_empty());
    desk.set_time("2026-03-03T09:00:01");
    let days = desk.due_messages().days;
    assert_eq!(days.len(), 1);
    for (merchant, day) in days {
        let command = MessageCommand::TellDay { merchant, day };
        desk.send(Command::Message(Box::new(command)));
    }
    let told = desk.messages_told();
    assert_eq!(told.len(), 1);
    assert!(matches!(
        &told[0].message.wording,
        Wording::MatchFailedDay { count: 3, deposits, .. } if deposits.len() == 3
    ));
    assert!(desk.due_messages().days.is_empty(), "a day is told once");
    desk.assert_sound();
}

#[test]
fn who_has_too_much_waiting_is_told_no_more_for_now() {
    let desk = open();
    desk.issue("222", AccountKind::Fixed, |_| {});
    desk.set(NotificationsChange {
        mail_to: Some(vec!["ops@shop.example".to_owned()]),
        by_mail: Some(true),
        deposits: Some(true),
        ..NotificationsChange::default()
    });
    for n in 0..230 {
        desk.send(deposited(&n.to_string(), "222", 100));
    }
    let told = desk
        .store
        .reads()
        .messages(Some(&merchant()), None, 1_000)
        .expect("books");
    assert_eq!(told.len(), 200);
    desk.assert_sound();
}

#[test]
fn a_webhook_given_up_and_an_endpoint_suspended_are_told_by_mail() {
    let desk = open();
    desk.issue("222", AccountKind::Fixed, |_| {});
    desk.set(NotificationsChange {
        mail_to: Some(vec!["ops@shop.example".to_owned()]),
        ..NotificationsChange::default()
    });
    desk.listen();
    let endpoint = desk.due_endpoint();
    let gone = |trace: &str| {
        let position = desk.send(deposited(trace, "222", 100)).position;
        let event = EventId { position, index: 0 };
        desk.refused_for_good(LetterId { endpoint, event });
    };
    gone("1");
    let told = desk.messages_told();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].message.channel, Channel::Mail);
    let Wording::LetterGivenUp { kind, host, .. } = &told[0].message.wording else {
        panic!("not {:?}", told[0].message.wording);
    };
    assert_eq!(
        (*kind, host.as_str()),
        (EventKind::DepositReceived, "shop.example")
    );
    for n in 2..=20 {
        gone(&n.to_string());
    }
    let told = desk.messages_told();
    assert_eq!(
        told.len(),
        2,
        "not one mail about each letter of an endpoint in trouble"
    );
    let newest = &told[0].message.wording;
    assert!(
        matches!(newest, Wording::EndpointSuspended { endpoint: id, .. } if *id == endpoint),
        "{newest:?}"
    );
    let text = naru::message::text(newest);
    assert!(text.contains("중단") && text.contains("재개"), "{text}");
    desk.assert_sound();
}

/// What the messages to the merchant say, the first first.
fn words_to_shop(desk: &Desk) -> Vec<String> {
    let told = desk.messages_told().into_iter().rev();
    let to_shop = told.filter(|one| one.message.to == "ops@shop.example");
    to_shop
        .map(|one| naru::message::text(&one.message.wording))
        .collect()
}

#[test]
fn that_a_match_does_not_stand_any_more_is_mailed_whatever_is_set() {
    let desk = open();
    desk.set(NotificationsChange {
        mail_to: Some(vec!["ops@shop.example".to_owned()]),
        ..NotificationsChange::default()
    });
    desk.send(order("A-1", None, None));
    let booked = desk.send(deposited("1", "111", 500)).position;
    assert!(words_to_shop(&desk).is_empty(), "a match is no trouble");
    let undo = OrderCommand::Undo {
        deposit: booked,
        reason: "다른 주문".to_owned(),
        by: By::HOUSE,
    };
    assert!(desk.verdict(Command::Order(Box::new(undo))).is_ok());
    let words = words_to_shop(&desk);
    assert_eq!(words.len(), 1);
    assert!(words[0].contains("주문번호: A-1\n입금액: 500원\n"));
    assert!(words[0].contains("사유: 다른 주문\n"));
    desk.send(deposited("2", "111", 500));
    desk.send(corrected("2", "111", 500, Mode::Notice));
    let words = words_to_shop(&desk);
    assert_eq!(words.len(), 2, "one mail about one correction");
    assert!(words[1].contains("은행이 입금을 취소했습니다: 500원"));
    assert!(words[1].contains("주문 A-1은(는) 다시 입금을 기다립니다"));
    // Also where no order was met; but not where the deposit was never there.
    desk.send(deposited("3", "111", 700));
    desk.send(corrected("3", "111", 700, Mode::Notice));
    let words = words_to_shop(&desk);
    assert_eq!(words.len(), 4, "the failed match, and the correction");
    assert!(!words[3].contains("주문 "));
    desk.send(corrected("4", "111", 800, Mode::Notice));
    desk.send(deposited("4", "111", 800));
    assert_eq!(words_to_shop(&desk).len(), 4);
    desk.assert_sound();
}

#[test]
fn orders_that_wait_no_more_are_mailed_together_and_only_where_it_is_wanted() {
    let desk = open();
    let mail = |wanted| NotificationsChange {
        mail_to: Some(vec!["ops@shop.example".to_owned()]),
        by_mail: Some(wanted),
        deposits: Some(wanted),
        ..NotificationsChange::default()
    };
    let exclude = |number: &str| {
        let command = OrderCommand::Exclude {
            merchant: merchant(),
            number: OrderNumber::new(number).expect("a number"),
            by: By::HOUSE,
        };
        assert!(desk.verdict(Command::Order(Box::new(command))).is_ok());
    };
    desk.set(mail(false));
    desk.send(order("A-1", None, None));
    exclude("A-1");
    assert!(words_to_shop(&desk).is_empty());
    desk.set(mail(true));
    for number in ["B-1", "B-2", "B-3"] {
        desk.send(order(number, None, None));
    }
    exclude("B-1");
    desk.wait_seconds(15 * 24 * 60 * 60);
    desk.send(Command::Pulse);
    let words = words_to_shop(&desk);
    let told: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(
        told,
        [
            "매칭에서 제외된 주문입니다.\n\n- B-1\n",
            "기간 안에 입금되지 않은 주문입니다.\n\n- B-2\n- B-3\n",
        ]
    );
    desk.assert_sound();
}

#[test]
fn whoever_ordered_is_told_what_has_come_and_not_what_was_asked() {
    let desk = open();
    desk.send(order("A-1", None, Some("hong@gildong.kr")));
    let booked = desk.send(deposited("1", "111", 300)).position;
    let by_hand = OrderCommand::Match {
        deposit: booked,
        merchant: merchant(),
        number: OrderNumber::new("A-1").expect("a number"),
        reason: "전화로 확인".to_owned(),
        by: By::HOUSE,
    };
    assert!(desk.verdict(Command::Order(Box::new(by_hand))).is_ok());
    let told = desk.messages_told();
    let Wording::OrderPaid { amount, .. } = &told[0].message.wording else {
        panic!("not {:?}", told[0].message.wording);
    };
    assert_eq!(*amount, Won::new(300));
    desk.assert_sound();
}

#[test]
fn a_lock_is_mailed() {
    let desk = open();
    desk.set(NotificationsChange {
        mail_to: Some(vec!["ops@shop.example".to_owned()]),
        ..NotificationsChange::default()
    });
    let locked = MessageCommand::TellLocked {
        merchant: merchant(),
        minutes: 5,
    };
    desk.send(Command::Message(Box::new(locked)));
    let words = words_to_shop(&desk);
    assert!(words[0].contains("5분 동안 호출을 제한합니다"));
}
