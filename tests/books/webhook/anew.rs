//! Letters that are told once more, and one that is looked for among very many.

use naru::domain::{By, Dialect, EventId, EventKind, LetterId, LetterState, Mode, WebhookCommand};
use naru::store::DeliveryQuestion;

use super::super::support::{corrected, deposited};
use super::{letter, open, webhook};

#[test]
fn what_is_told_anew_is_told_before_what_waits_behind_it() {
    let desk = open();
    let id = desk.endpoint(Dialect::Standard, &[]);
    let booked = desk.send(deposited("1", "111", 500)).position;
    desk.attempt(letter(id, booked), true);
    let undone = desk.send(corrected("1", "111", 500, Mode::Notice)).position;
    let back = LetterId {
        endpoint: id,
        event: EventId {
            position: undone,
            index: 1,
        },
    };
    desk.attempt(back, false);
    let replay = |events: Vec<EventId>| {
        let outcome = desk.verdict(webhook(WebhookCommand::Replay {
            by: By::HOUSE,
            owner: None,
            id,
            events,
        }));
        assert!(outcome.is_ok(), "{outcome:?}");
    };
    let received = (booked, EventKind::DepositReceived);
    let corrected = (undone, EventKind::DepositCorrected);
    replay(vec![letter(id, booked).event, back.event]);
    assert_eq!(desk.due(), [received], "the correction waits its turn");
    desk.attempt(letter(id, booked), true);
    assert_eq!(desk.due(), [corrected]);
    // The correction is under way when the deposit is told anew; then its attempt fails.
    replay(vec![letter(id, booked).event]);
    desk.attempt(back, false);
    desk.wait_seconds(3_600);
    assert_eq!(desk.due(), [received]);
    desk.attempt(letter(id, booked), true);
    desk.attempt(back, true);
    assert_eq!(desk.due(), []);
    desk.assert_sound();
}

#[test]
fn one_letter_among_very_many_others_is_found_page_by_page() {
    let desk = open();
    let id = desk.endpoint(Dialect::Payaction, &[EventKind::DepositReceived]);
    let first = desk.deposits(id, "a", 1)[0];
    desk.give_up(first);
    // More than one look takes in.
    let ledger = desk.store.ledger();
    for hundred in 0..201 {
        let pending = (0..100).map(|n| {
            let telegram = deposited(&format!("b{hundred}x{n}"), "111", 100);
            ledger.submit(telegram).expect("a place")
        });
        for receipt in pending.collect::<Vec<_>>() {
            assert!(receipt.wait().expect("a receipt").verdict.is_ok());
        }
    }
    let mut question = DeliveryQuestion {
        endpoint: Some(id),
        states: vec![LetterState::GivenUp],
        limit: 10,
        ..DeliveryQuestion::default()
    };
    let reads = desk.store.reads();
    let page = reads.deliveries(&question).expect("books");
    assert!(page.found.is_empty());
    question.after = page.next;
    assert!(question.after.is_some(), "there is more to look at");
    let page = reads.deliveries(&question).expect("books");
    let found: Vec<_> = page.found.iter().map(|one| one.letter).collect();
    assert_eq!((found, page.next), (vec![first], None));
    // Without a state the pages follow each other without a gap.
    question = DeliveryQuestion {
        limit: 15_000,
        ..question
    };
    (question.states, question.after) = (Vec::new(), None);
    let newest = reads.deliveries(&question).expect("books");
    question.after = newest.next;
    let oldest = reads.deliveries(&question).expect("books");
    assert_eq!(newest.found.len() + oldest.found.len(), 20_101);
    assert_eq!(oldest.next, None);
}
