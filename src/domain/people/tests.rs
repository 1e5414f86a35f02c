//! Every way in and every way to stay out, as a table.

use std::collections::BTreeMap;

use super::*;
use crate::domain::{Decision, Event, MerchantRefusal, Moment, Outcome, Refusal, SystemSettings};

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
const PROOF: u64 = 7;

fn hash(byte: u8) -> KeyHash {
    KeyHash::new([byte; 32])
}

fn id(text: &str) -> UserId {
    UserId::new(text).unwrap()
}

fn user(role: Role, second: SecondFactor) -> User {
    User {
        id: id("kim"),
        name: "김".to_owned(),
        role,
        merchant: None,
        password: PasswordHash::new("phc".to_owned()),
        second,
        disabled: false,
        proof: PROOF,
        last_login: None,
        added_at: NOW,
    }
}

fn seed() -> Wrapped {
    Wrapped::new(vec![1])
}

fn offered() -> SecondFactor {
    SecondFactor::Offered {
        seed: seed(),
        recovery: vec![hash(9)],
    }
}

fn on(last_step: u64) -> SecondFactor {
    SecondFactor::On {
        seed: seed(),
        recovery: vec![hash(9)],
        last_step,
    }
}

fn facts(user: Option<User>) -> PeopleFacts {
    PeopleFacts {
        user,
        ..PeopleFacts::default()
    }
}

fn by() -> By {
    By {
        actor: crate::domain::Actor::User("kim".to_owned()),
        address: None,
    }
}

fn step(shown: Proof) -> PeopleCommand {
    PeopleCommand::LogIn(LogIn {
        who: hash(1),
        user: Some(id("kim")),
        shown,
        proof: PROOF,
        family: FamilyId::new([5; 16]),
        by: by(),
    })
}

fn decided(command: PeopleCommand, facts: &PeopleFacts) -> Decision {
    let moment = Moment {
        now: NOW,
        position: 42,
    };
    decide(command, facts, moment)
}

/// What came of it, in a word.
fn word(decision: &Decision) -> &'static str {
    let failed = decision
        .events
        .iter()
        .any(|event| matches!(event, Event::People(PeopleEvent::LogInFailed { .. })));
    match &decision.verdict {
        Ok(Outcome::People(PeopleOutcome::HalfWay { must_enrol: true })) => "enrol",
        Ok(Outcome::People(PeopleOutcome::HalfWay { must_enrol: false })) => "half",
        Ok(Outcome::People(PeopleOutcome::In { .. })) => "in",
        Err(Refusal::Merchant(MerchantRefusal::WrongLogin)) if failed => "counted",
        Err(Refusal::Merchant(MerchantRefusal::WrongLogin)) => "silent",
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_log_in_goes_as_far_as_its_proof() {
    use Role::{HeadOffice, Merchant, Operator, Viewer};
    let password = |right| Proof::Password { right };
    let code = |step| Proof::Code { step };
    let none = SecondFactor::None;
    for (role, second, shown, expected) in [
        (HeadOffice, none.clone(), password(true), "enrol"),
        (Operator, none.clone(), password(true), "enrol"),
        (Operator, offered(), password(true), "enrol"),
        (Viewer, none.clone(), password(true), "in"),
        (Merchant, offered(), password(true), "in"),
        (Merchant, on(10), password(true), "half"),
        (HeadOffice, on(10), password(true), "half"),
        (HeadOffice, on(10), password(false), "counted"),
        (Viewer, none.clone(), password(false), "counted"),
        (HeadOffice, on(10), code(Some(11)), "in"),
        (HeadOffice, on(10), code(Some(10)), "counted"),
        (HeadOffice, on(10), code(Some(9)), "counted"),
        (HeadOffice, on(10), code(None), "counted"),
        (HeadOffice, offered(), code(Some(11)), "in"),
        (HeadOffice, offered(), code(None), "counted"),
        (HeadOffice, none.clone(), code(Some(11)), "counted"),
        (HeadOffice, on(10), Proof::Recovery(hash(9)), "in"),
        (HeadOffice, on(10), Proof::Recovery(hash(8)), "counted"),
        (HeadOffice, offered(), Proof::Recovery(hash(9)), "counted"),
        (HeadOffice, none, Proof::Recovery(hash(9)), "counted"),
    ] {
        let told = format!("{role:?} {second:?} {shown:?}");
        let decision = decided(step(shown), &facts(Some(user(role, second))));
        assert_eq!(word(&decision), expected, "{told}");
    }
}

#[test]
fn nobody_a_disabled_user_and_an_outdated_proof_fail_as_a_wrong_password_does() {
    let right = || step(Proof::Password { right: true });
    let usual = user(Role::Viewer, SecondFactor::None);
    let disabled = User {
        disabled: true,
        ..usual.clone()
    };
    let outdated = User {
        proof: PROOF + 1,
        ..usual.clone()
    };
    let wrong = decided(
        step(Proof::Password { right: false }),
        &facts(Some(usual.clone())),
    );
    for stranger in [None, Some(disabled), Some(outdated)] {
        let decision = decided(right(), &facts(stranger));
        assert_eq!(decision, wrong);
    }
    assert_eq!(word(&decided(right(), &facts(Some(usual)))), "in");
}

#[test]
fn failures_in_a_row_lock_and_time_forgives() {
    let viewer = || Some(user(Role::Viewer, SecondFactor::None));
    let minutes = |minutes: i64| NOW.plus_seconds(minutes * 60);
    for (count, last, locked_until, expected) in [
        (3, minutes(-1), None, (4, None)),
        (4, minutes(-1), None, (5, Some(minutes(30)))),
        (4, minutes(-29), None, (5, Some(minutes(30)))),
        (4, minutes(-30), None, (1, None)),
        (5, minutes(-31), Some(minutes(-1)), (1, None)),
        (5, minutes(-30), Some(NOW), (1, None)),
    ] {
        let mut facts = facts(viewer());
        facts.failures = Failures {
            count,
            last,
            locked_until,
        };
        let decision = decided(step(Proof::Password { right: false }), &facts);
        let Event::People(PeopleEvent::LogInFailed {
            count: counted,
            locked_until: locks,
            ..
        }) = &decision.events[0]
        else {
            panic!("{decision:?}");
        };
        assert_eq!((*counted, *locks), expected, "{count} {last}");
        // Only what locks somebody is worth a line of the audit log.
        assert_eq!(decision.events.len(), 1 + usize::from(locks.is_some()));
    }
    let mut facts = facts(viewer());
    facts.failures = Failures {
        count: 5,
        last: NOW,
        locked_until: Some(minutes(1)),
    };
    let locked = decided(step(Proof::Password { right: true }), &facts);
    assert_eq!(
        word(&locked),
        "silent",
        "a lock is not lengthened by trying"
    );
}

#[test]
fn settings_of_the_house_rule_the_lock_and_the_second_factor() {
    let values = [("lockout.tries", "3"), ("otp.forced", "N")];
    let values: BTreeMap<String, String> = values
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let mut facts = facts(Some(user(Role::HeadOffice, SecondFactor::None)));
    facts.settings = SystemSettings::new(values);
    facts.failures.count = 2;
    facts.failures.last = NOW;
    assert_eq!(
        word(&decided(step(Proof::Password { right: true }), &facts)),
        "in"
    );
    let decision = decided(step(Proof::Password { right: false }), &facts);
    let locks = matches!(
        &decision.events[0],
        Event::People(PeopleEvent::LogInFailed {
            locked_until: Some(_),
            ..
        })
    );
    assert!(locks, "{decision:?}");
}

#[test]
fn the_first_right_code_completes_the_enrolment_and_ends_the_half_token() {
    let facts = facts(Some(user(Role::HeadOffice, offered())));
    let decision = decided(step(Proof::Code { step: Some(3) }), &facts);
    let Ok(Outcome::People(PeopleOutcome::In { proof, ends, .. })) = decision.verdict else {
        panic!("{decision:?}");
    };
    assert_eq!((proof, ends), (42, NOW.plus_seconds(12 * 3_600)));
    let Event::People(PeopleEvent::LoggedIn { enrols, until, .. }) = &decision.events[0] else {
        panic!("{decision:?}");
    };
    assert!(*enrols);
    assert_eq!(*until, NOW.plus_seconds(15 * 60));
}

fn session(serial: u32) -> Session {
    Session {
        user: id("kim"),
        serial,
        proof: PROOF,
        until: NOW.plus_seconds(60),
        ends: NOW.plus_seconds(600),
    }
}

#[test]
fn a_refresh_token_counts_once() {
    let viewer = user(Role::Viewer, SecondFactor::None);
    let refreshed = |serial: u32, session: Option<Session>, user: User| {
        let command = PeopleCommand::Refresh {
            family: FamilyId::new([5; 16]),
            serial,
            by: by(),
        };
        let facts = PeopleFacts {
            session,
            ..facts(Some(user))
        };
        decided(command, &facts)
    };
    let good = refreshed(2, Some(session(2)), viewer.clone());
    let Ok(Outcome::People(PeopleOutcome::In { serial: 3, .. })) = good.verdict else {
        panic!("{good:?}");
    };
    let Event::People(PeopleEvent::Refreshed { until, .. }) = &good.events[0] else {
        panic!("{good:?}");
    };
    assert_eq!(*until, NOW.plus_seconds(600), "never beyond the end");
    let reused = refreshed(1, Some(session(2)), viewer.clone());
    assert!(reused.verdict.is_err());
    let ends = matches!(
        reused.events[0],
        Event::People(PeopleEvent::SessionEnded {
            why: SessionEnd::Reused,
            ..
        })
    );
    assert!(ends, "{reused:?}");
    let idle = Session {
        until: NOW,
        ..session(2)
    };
    let disabled = User {
        disabled: true,
        ..viewer.clone()
    };
    for (serial, session, user) in [
        (2, None, viewer.clone()),
        (3, Some(session(2)), viewer.clone()),
        (2, Some(idle), viewer),
        (2, Some(session(2)), disabled),
    ] {
        let decision = refreshed(serial, session, user);
        assert!(
            decision.verdict.is_err() && decision.events.is_empty(),
            "{decision:?}"
        );
    }
}

#[test]
fn ids_and_words_of_roles_are_what_they_say() {
    for good in ["a", "kim.op-2_x", "123456789012345"] {
        assert!(UserId::new(good).is_some(), "{good}");
    }
    for wrong in ["", "1234567890123456", "a b", "김", "a/b", "a\0"] {
        assert_eq!(UserId::new(wrong), None, "{wrong:?}");
    }
    for role in Role::ALL {
        assert_eq!(Role::of(role.word()), Some(role));
    }
    assert_eq!(Role::of("root"), None);
}
