//! Answers given once (멱등성): one effect, one answer, the same bytes for as long as it is kept.

use naru::domain::{
    AnswerForm, Command, KeptBody, Merchant, MerchantId, Outcome, Standing, VoidReason, Wrapped,
};
use naru::store::once::{self, Answer, Given, Kept, Once};

use crate::support::{Desk, check_memory, key};

/// A command that is always taken, and changes the books the first time.
fn rename(name: &str) -> Command {
    Command::ImportMerchants {
        rows: vec![Merchant {
            id: MerchantId::new("shop").expect("an id"),
            name: name.to_owned(),
            standing: Standing::Open,
        }],
        update: true,
    }
}

/// A command that changes nothing.
fn nothing() -> Command {
    Command::VoidHold {
        key: key("none", "20260302", 4),
        position: 1,
        why: VoidReason::Late,
    }
}

fn asked(name: &str, body: &str, sealed: Option<Wrapped>) -> Once {
    Once {
        name: once::name("test/shop", name),
        asked: once::asked("POST /x", body.as_bytes()),
        always: false,
        render: Box::new(move |receipt| Answer {
            status: 200,
            form: AnswerForm::Json,
            body: format!("{{\"position\":{}}}", receipt.position).into_bytes(),
            sealed,
            again: false,
        }),
    }
}

fn send(desk: &Desk, command: Command, once: Once) -> Given {
    let given = desk
        .store
        .ledger()
        .submit_once(command, once)
        .expect("a place");
    given.blocking_recv().expect("what came of it")
}

/// The bytes of an answer that was made now.
fn now(given: Given) -> String {
    match given {
        Given::Now { answer, .. } => String::from_utf8(answer.body).expect("text"),
        Given::Before(kept) => panic!("kept before: {kept:?}"),
    }
}

/// The bytes of an answer that was kept.
fn again(given: Given) -> String {
    match given {
        Given::Before(Kept::Same(answered)) => match answered.body {
            KeptBody::Open(text) => text,
            KeptBody::Sealed(_) => panic!("sealed"),
        },
        other => panic!("not kept: {other:?}"),
    }
}

#[test]
fn the_same_question_under_the_same_key_is_carried_out_once() {
    let desk = Desk::open();
    let first = now(send(&desk, rename("하나"), asked("k", "1", None)));
    let head = desk.store.reads().head().expect("a head").position;
    assert_eq!(first, format!("{{\"position\":{head}}}"));
    // Somebody else changes the books meanwhile; the answer stays as it was.
    desk.send(rename("둘"));
    assert_eq!(
        again(send(&desk, rename("하나"), asked("k", "1", None))),
        first
    );
    let id = MerchantId::new("shop").expect("an id");
    let merchant = desk
        .store
        .reads()
        .merchant(&id)
        .expect("books")
        .expect("the shop");
    assert_eq!(merchant.name, "둘", "nothing was carried out again");
    assert_eq!(
        desk.store.reads().head().expect("a head").position,
        head + 1
    );
}

#[test]
fn effect_and_answer_stand_in_one_record() {
    let desk = Desk::open();
    now(send(&desk, rename("하나"), asked("k", "1", None)));
    let head = desk.store.reads().head().expect("a head").position;
    let record = desk
        .store
        .reads()
        .record(head)
        .expect("books")
        .expect("a record");
    let words = serde_json::to_string(&record.events).expect("text");
    assert_eq!(record.events.len(), 2, "{words}");
    assert!(
        words.contains("merchants_imported") && words.contains("answered"),
        "{words}"
    );
}

#[test]
fn another_question_under_the_same_key_is_told() {
    let desk = Desk::open();
    now(send(&desk, rename("하나"), asked("k", "1", None)));
    let other = send(&desk, rename("둘"), asked("k", "2", None));
    assert!(matches!(other, Given::Before(Kept::Other)), "{other:?}");
    let reads = desk.store.reads();
    let name = once::name("test/shop", "k");
    let hash = once::asked("POST /x", b"2");
    assert_eq!(reads.kept(name, hash).expect("books"), Some(Kept::Other));
    let stranger = once::name("test/other", "k");
    assert_eq!(
        reads.kept(stranger, hash).expect("books"),
        None,
        "another caller's key"
    );
}

#[test]
fn what_changed_nothing_is_not_kept() {
    let desk = Desk::open();
    let head = desk.store.reads().head().expect("a head").position;
    now(send(&desk, nothing(), asked("k", "1", None)));
    assert_eq!(desk.store.reads().head().expect("a head").position, head);
    // So the key is free for another question.
    now(send(&desk, rename("하나"), asked("k", "2", None)));
}

#[test]
fn an_answer_to_what_was_done_elsewhere_is_kept_by_itself() {
    let desk = Desk::open();
    let once = Once {
        always: true,
        ..asked("k", "1", None)
    };
    let first = now(send(&desk, Command::Answer, once));
    assert_eq!(
        again(send(&desk, Command::Answer, asked("k", "1", None))),
        first
    );
}

#[test]
fn a_key_is_free_again_after_thirty_days_and_its_row_is_forgotten() {
    let desk = Desk::open();
    let first = now(send(&desk, rename("하나"), asked("k", "1", None)));
    desk.wait_seconds(30 * 86_400 - 60);
    assert_eq!(
        again(send(&desk, rename("하나"), asked("k", "1", None))),
        first
    );
    assert!(!desk.store.reads().pulse_due().expect("books"));
    desk.wait_seconds(60);
    assert!(
        desk.store.reads().pulse_due().expect("books"),
        "there is something to forget"
    );
    let second = now(send(&desk, rename("둘"), asked("k", "2", None)));
    assert_ne!(second, first);
    assert!(
        !desk.store.reads().pulse_due().expect("books"),
        "the row made room"
    );
    desk.wait_seconds(30 * 86_400);
    assert!(matches!(
        desk.send(Command::Pulse).verdict,
        Ok(Outcome::Done)
    ));
    assert!(
        !desk.store.reads().pulse_due().expect("books"),
        "it is forgotten"
    );
    let memory = desk.memory.clone();
    desk.store.close().expect("an orderly end");
    assert_eq!(check_memory(&memory).problems, Vec::<String>::new());
}

#[test]
fn an_answer_with_secrets_is_kept_sealed_and_for_a_day() {
    let desk = Desk::open();
    let sealed = Wrapped::new(vec![1, 2, 3]);
    now(send(
        &desk,
        rename("하나"),
        asked("k", "1", Some(sealed.clone())),
    ));
    let head = desk.store.reads().head().expect("a head").position;
    let record = desk
        .store
        .reads()
        .record(head)
        .expect("books")
        .expect("a record");
    let words = serde_json::to_string(&record).expect("text");
    assert!(
        !words.contains("position\\\":"),
        "the open answer is not written: {words}"
    );
    let kept = send(&desk, rename("하나"), asked("k", "1", None));
    let Given::Before(Kept::Same(answered)) = kept else {
        panic!("not kept: {kept:?}")
    };
    assert_eq!(answered.body, KeptBody::Sealed(sealed));
    desk.wait_seconds(86_400);
    now(send(&desk, rename("둘"), asked("k", "1", None)));
}

#[test]
fn answers_outlive_the_process() {
    let desk = Desk::open();
    let first = now(send(&desk, rename("하나"), asked("k", "1", None)));
    let (memory, clock) = (desk.memory.clone(), desk.clock.clone());
    desk.store.close().expect("an orderly end");
    let desk = Desk::reopen(memory, clock, |_| {});
    assert_eq!(
        again(send(&desk, rename("하나"), asked("k", "1", None))),
        first
    );
}
