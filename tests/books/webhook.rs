//! The outbox: letters are written with the money, told in order within a story, given up and
//! suspended as their schedule says, and made anew by a rebuild.

use naru::domain::webhook::{Attempt, Fault};
use naru::domain::{
    AccountKind, By, Command, Dialect, EndpointId, EventId, EventKind, LetterId, LetterState,
    MerchantRefusal, Mode, Outcome, Refusal, Timestamp, WebhookCommand, WebhookOutcome,
};
use naru::store::{Hands, LetterRow, Receipt};

use super::support::{Desk, corrected, deposited, merchant};

mod anew;

/// Empty hands: every letter that is due may be taken.
struct Empty;

impl Hands for Empty {
    fn room(&self, _: EndpointId, _: usize) -> usize {
        1_000
    }

    fn hold(&self, _: LetterId) -> bool {
        false
    }
}

fn webhook(command: WebhookCommand) -> Command {
    Command::Webhook(Box::new(command))
}

impl Desk {
    fn endpoint(&self, dialect: Dialect, events: &[EventKind]) -> EndpointId {
        let outcome = self.verdict(webhook(WebhookCommand::Add {
            by: By::HOUSE,
            merchant: merchant(),
            url: "https://shop.example/hook".to_owned(),
            dialect,
            events: events.to_vec(),
            secret: None,
        }));
        match outcome {
            Ok(Outcome::Webhook(WebhookOutcome::Endpoint(endpoint))) => endpoint.id,
            other => panic!("an endpoint is added, not {other:?}"),
        }
    }

    fn switch(&self, id: EndpointId, on: bool) {
        let outcome = self.verdict(webhook(WebhookCommand::Change {
            by: By::HOUSE,
            owner: None,
            id,
            url: None,
            events: None,
            enabled: Some(on),
        }));
        assert!(outcome.is_ok());
    }

    /// Positions and kinds of what is due now, in the order in which it is handed out.
    fn due(&self) -> Vec<(u64, EventKind)> {
        let due = self
            .store
            .reads()
            .due_letters(EndpointId::default(), 1_000, &Empty);
        let errands = due.expect("books").errands;
        errands
            .iter()
            .map(|errand| (errand.letter.event.position, errand.telling.notice.kind))
            .collect()
    }

    fn attempt(&self, letter: LetterId, accepted: bool) -> Receipt {
        let attempt = Attempt {
            url: "https://shop.example/hook".to_owned(),
            sent_at: self.clock.now(),
            took_millis: 3,
            status: accepted.then_some(200),
            answer: None,
            fault: (!accepted).then_some(Fault::ConnectionRefused),
            accepted,
            retry_after: None,
        };
        let attempt = Box::new(attempt);
        self.send(webhook(WebhookCommand::Record { letter, attempt }))
    }

    fn letter(&self, letter: LetterId) -> LetterRow {
        self.store
            .reads()
            .letter(letter)
            .expect("books")
            .expect("a letter")
    }

    /// Fails a letter as often as its schedule says.
    fn give_up(&self, letter: LetterId) {
        while self.letter(letter).state == LetterState::Waiting {
            self.attempt(letter, false);
        }
    }

    fn resume(&self, id: EndpointId, skip: bool) -> bool {
        let command = WebhookCommand::Resume {
            by: By::HOUSE,
            owner: None,
            id,
            skip,
        };
        match self.verdict(webhook(command)) {
            Ok(Outcome::Webhook(WebhookOutcome::Resumed { more, .. })) => more,
            other => panic!("an endpoint is resumed, not {other:?}"),
        }
    }

    /// Books `count` deposits and names their letters to `endpoint`.
    fn deposits(&self, endpoint: EndpointId, trace: &str, count: usize) -> Vec<LetterId> {
        let deposit = |n| {
            self.send(deposited(&format!("{trace}{n}"), "111", 100))
                .position
        };
        (0..count).map(|n| letter(endpoint, deposit(n))).collect()
    }
}

fn letter(endpoint: EndpointId, position: u64) -> LetterId {
    LetterId {
        endpoint,
        event: EventId { position, index: 0 },
    }
}

fn open() -> Desk {
    let desk = Desk::open();
    desk.issue("111", AccountKind::Fixed, |_| {});
    desk
}

#[test]
fn a_deposit_writes_one_letter_for_each_endpoint_that_wants_it() {
    let desk = open();
    let unheard = desk.send(deposited("1", "111", 500)).position;
    let all = desk.endpoint(Dialect::Standard, &[]);
    desk.endpoint(Dialect::Payaction, &[]);
    desk.endpoint(Dialect::Standard, &[EventKind::DepositCorrected]);
    let off = desk.endpoint(Dialect::Standard, &[]);
    desk.switch(off, false);
    let heard = desk.send(deposited("2", "111", 700)).position;
    assert!(heard > unheard);
    assert_eq!(desk.due(), [(heard, EventKind::DepositReceived)]);
    assert_eq!(desk.letter(letter(all, heard)).state, LetterState::Waiting);
    // The same telegram again books nothing and tells nothing.
    desk.send(deposited("2", "111", 700));
    assert_eq!(desk.due().len(), 1);
    // Money that could not be placed is nobody's yet.
    desk.send(deposited("3", "999", 700));
    assert_eq!(desk.due().len(), 1);
    desk.assert_sound();
}

#[test]
fn a_story_is_told_in_order_and_other_stories_go_on() {
    let desk = open();
    let id = desk.endpoint(Dialect::Standard, &[]);
    let first = desk.send(deposited("1", "111", 500)).position;
    let undone = desk.send(corrected("1", "111", 500, Mode::Notice)).position;
    let other = desk.send(deposited("2", "111", 700)).position;
    let received = (first, EventKind::DepositReceived);
    let back = (undone, EventKind::DepositCorrected);
    assert_eq!(desk.due(), [received, (other, EventKind::DepositReceived)]);
    desk.attempt(letter(id, first), false);
    assert_eq!(desk.due(), [(other, EventKind::DepositReceived)]);
    desk.attempt(letter(id, other), true);
    assert_eq!(desk.due(), []);
    desk.wait_seconds(6);
    assert_eq!(desk.due(), [received]);
    desk.attempt(letter(id, first), true);
    assert_eq!(desk.due(), [back]);
    // A letter that is given up lets its story go on, too.
    let third = desk.send(deposited("3", "111", 700)).position;
    let undone = desk.send(corrected("3", "111", 700, Mode::Notice)).position;
    desk.give_up(letter(id, third));
    assert_eq!(desk.due(), [back, (undone, EventKind::DepositCorrected)]);
    desk.assert_sound();
}

#[test]
fn a_deposit_that_finds_its_correction_waiting_is_told_in_two_letters() {
    let desk = open();
    let id = desk.endpoint(Dialect::Standard, &[]);
    desk.send(corrected("1", "111", 500, Mode::Notice));
    let booked = desk.send(deposited("1", "111", 500)).position;
    assert_eq!(desk.due(), [(booked, EventKind::DepositReceived)]);
    desk.attempt(letter(id, booked), true);
    assert_eq!(desk.due(), [(booked, EventKind::DepositCorrected)]);
    desk.assert_sound();
}

#[test]
fn retries_follow_the_house_clock_and_an_attempt_is_kept() {
    let desk = open();
    let id = desk.endpoint(Dialect::Payaction, &[EventKind::DepositReceived]);
    let position = desk.send(deposited("1", "111", 500)).position;
    let letter = letter(id, position);
    for gap in [60, 600] {
        assert_eq!(desk.due().len(), 1);
        desk.attempt(letter, false);
        assert_eq!(desk.due().len(), 0);
        desk.wait_seconds(gap - 2);
        assert_eq!(desk.due().len(), 0, "two seconds before {gap}");
        desk.wait_seconds(3);
    }
    desk.attempt(letter, false);
    desk.wait_seconds(100_000);
    assert_eq!(desk.due().len(), 0);
    let row = desk.letter(letter);
    assert_eq!((row.state, row.tried), (LetterState::GivenUp, 3));
    assert_eq!(row.attempts.len(), 3);
    desk.assert_sound();
}

#[test]
fn twenty_given_up_in_a_row_suspend_and_one_that_arrives_begins_anew() {
    let desk = open();
    let id = desk.endpoint(Dialect::Payaction, &[EventKind::DepositReceived]);
    let letters = desk.deposits(id, "a", 40);
    for one in &letters[..19] {
        desk.give_up(*one);
    }
    desk.attempt(letters[19], true);
    for one in &letters[20..39] {
        desk.give_up(*one);
    }
    assert_eq!(desk.due().len(), 1);
    let asked = desk.verdict(webhook(WebhookCommand::Resend {
        by: By::HOUSE,
        owner: None,
        letter: letters[0],
    }));
    assert!(asked.is_ok(), "it is not suspended yet");
    desk.attempt(letters[0], false);
    desk.give_up(letters[39]);
    let asked = desk.verdict(webhook(WebhookCommand::Resend {
        by: By::HOUSE,
        owner: None,
        letter: letters[0],
    }));
    let suspended = Refusal::Merchant(MerchantRefusal::EndpointSuspended);
    assert_eq!(asked, Err(suspended));
    // Events are kept meanwhile, and sent after the resumption.
    let kept = desk.deposits(id, "b", 3);
    assert_eq!(desk.due(), []);
    assert!(!desk.resume(id, false));
    assert_eq!(desk.due().len(), 3);
    desk.give_up(kept[0]);
    assert_eq!(desk.due().len(), 2, "the count began anew");
    desk.assert_sound();
}

#[test]
fn a_resumption_may_leave_out_what_waited_in_several_turns() {
    let desk = open();
    let id = desk.endpoint(Dialect::Payaction, &[EventKind::DepositReceived]);
    for one in desk.deposits(id, "a", 20) {
        desk.give_up(one);
    }
    let kept = desk.deposits(id, "b", 501);
    assert!(desk.resume(id, true), "one is left");
    assert_eq!(desk.due(), [], "still suspended");
    assert!(!desk.resume(id, true));
    assert_eq!(desk.due(), []);
    assert!(
        kept.iter()
            .all(|one| desk.letter(*one).state == LetterState::GivenUp)
    );
    let next = desk.deposits(id, "c", 1);
    assert_eq!(desk.due().len(), 1);
    desk.attempt(next[0], true);
    assert!(!desk.resume(id, true), "a second word is harmless");
    desk.assert_sound();
}

#[test]
fn a_resend_is_one_attempt_and_changes_only_for_the_better() {
    let desk = open();
    let id = desk.endpoint(Dialect::Standard, &[]);
    let position = desk.send(deposited("1", "111", 500)).position;
    let letter = letter(id, position);
    let resend = || {
        let command = WebhookCommand::Resend {
            by: By::HOUSE,
            owner: Some(merchant()),
            letter,
        };
        assert!(desk.verdict(webhook(command)).is_ok());
    };
    desk.give_up(letter);
    resend();
    assert_eq!(desk.due().len(), 1);
    desk.attempt(letter, false);
    desk.wait_seconds(1_000_000);
    assert_eq!(desk.due().len(), 0);
    assert_eq!(desk.letter(letter).state, LetterState::GivenUp);
    resend();
    desk.attempt(letter, true);
    assert_eq!(desk.letter(letter).state, LetterState::Delivered);
    resend();
    desk.attempt(letter, false);
    assert_eq!(desk.letter(letter).state, LetterState::Delivered);
    assert_eq!(desk.letter(letter).attempts.len(), 13);
    desk.assert_sound();
}

#[test]
fn another_merchants_endpoint_is_as_if_absent() {
    let desk = open();
    let id = desk.endpoint(Dialect::Standard, &[]);
    let stranger = naru::domain::MerchantId::new("other");
    let position = desk.send(deposited("1", "111", 500)).position;
    let commands = [
        WebhookCommand::Change {
            by: By::HOUSE,
            owner: stranger.clone(),
            id,
            url: Some("https://evil.example/".to_owned()),
            events: None,
            enabled: None,
        },
        WebhookCommand::Resume {
            by: By::HOUSE,
            owner: stranger.clone(),
            id,
            skip: true,
        },
        WebhookCommand::Replay {
            by: By::HOUSE,
            owner: stranger.clone(),
            id,
            events: vec![EventId { position, index: 0 }],
        },
    ];
    let absent = Err(Refusal::Merchant(MerchantRefusal::NoSuchEndpoint));
    for command in commands {
        assert_eq!(desk.verdict(webhook(command)), absent);
    }
    let resend = WebhookCommand::Resend {
        by: By::HOUSE,
        owner: stranger,
        letter: letter(id, position),
    };
    let absent = Err(Refusal::Merchant(MerchantRefusal::NoSuchDelivery));
    assert_eq!(desk.verdict(webhook(resend)), absent);
}

#[test]
fn a_replay_tells_also_what_happened_while_the_endpoint_was_off() {
    let desk = open();
    let id = desk.endpoint(Dialect::Standard, &[EventKind::DepositReceived]);
    let told = desk.send(deposited("1", "111", 500)).position;
    desk.attempt(letter(id, told), true);
    desk.switch(id, false);
    let missed = desk.send(deposited("2", "111", 500)).position;
    let undone = desk.send(corrected("2", "111", 500, Mode::Notice)).position;
    desk.switch(id, true);
    assert_eq!(desk.due(), []);
    let events = [told, missed, undone, undone + 50]
        .map(|position| [0, 1].map(|index| EventId { position, index }));
    let outcome = desk.verdict(webhook(WebhookCommand::Replay {
        by: By::HOUSE,
        owner: None,
        id,
        events: events.concat(),
    }));
    assert_eq!(outcome, Ok(Outcome::Webhook(WebhookOutcome::Requeued(2))));
    let received = EventKind::DepositReceived;
    assert_eq!(desk.due(), [(told, received), (missed, received)]);
    desk.give_up(letter(id, missed));
    assert_eq!(
        desk.letter(letter(id, missed)).tried,
        10,
        "a whole schedule"
    );
    desk.assert_sound();
}

#[test]
fn a_clock_set_back_does_not_hold_up_a_fresh_letter() {
    let desk = open();
    desk.endpoint(Dialect::Standard, &[]);
    desk.wait_seconds(86_400);
    desk.send(deposited("1", "111", 500));
    desk.wait_seconds(-86_400);
    let fresh = desk.send(deposited("2", "111", 500)).position;
    assert!(desk.due().iter().any(|(position, _)| *position == fresh));
    assert!(desk.clock.now() < Timestamp::from_micros(i64::MAX));
}

#[test]
fn a_dialect_is_not_given_what_it_cannot_say() {
    let desk = open();
    let add = |dialect, events: &[EventKind]| {
        desk.verdict(webhook(WebhookCommand::Add {
            by: By::HOUSE,
            merchant: merchant(),
            url: "https://shop.example/hook".to_owned(),
            dialect,
            events: events.to_vec(),
            secret: None,
        }))
    };
    let unsayable = Err(Refusal::Merchant(MerchantRefusal::EventNotInDialect));
    assert_eq!(
        add(Dialect::Payaction, &[EventKind::DepositCorrected]),
        unsayable
    );
    assert_eq!(
        add(Dialect::EzpgB, &[EventKind::DepositCorrected]),
        unsayable
    );
    assert!(add(Dialect::EzpgA, &[EventKind::DepositCorrected]).is_ok());
    for _ in 0..19 {
        assert!(add(Dialect::Standard, &[]).is_ok());
    }
    let too_many = Err(Refusal::Merchant(MerchantRefusal::TooManyEndpoints));
    assert_eq!(add(Dialect::Standard, &[]), too_many);
}
