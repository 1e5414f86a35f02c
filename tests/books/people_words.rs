//! The journal's language about people, keys, registrations and settings: one sample of every
//! event, as it was first written, must still be read, and written again word for word.

use naru::domain::people::PeopleEvent;
use naru::domain::{CredentialEvent, Event, RegistrationEvent, SystemEvent};

const SAMPLES: &[&str] = &[
    r#"{"people":{"user_added":{"id":"kim.op","name":"김운영","role":"operator","merchant":null,"password":"$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"}}}"#,
    r#"{"people":{"user_added":{"id":"shop1","name":"가게","role":"merchant","merchant":"shop","password":"$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"}}}"#,
    r#"{"people":{"user_disabled":{"user":"kim.op"}}}"#,
    r#"{"people":{"otp_reset":{"user":"kim.op"}}}"#,
    r#"{"people":{"password_changed":{"user":"kim.op","password":"$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA","family":"000102030405060708090a0b0c0d0e0f"}}}"#,
    r#"{"people":{"otp_offered":{"user":"kim.op","seed":"01ab","recovery":["000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"]}}}"#,
    r#"{"people":{"logged_in":{"who":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","user":"kim.op","spent":{"step":59080546},"enrols":true,"family":"000102030405060708090a0b0c0d0e0f","until":1772416800000000,"ends":1772460000000000}}}"#,
    r#"{"people":{"logged_in":{"who":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","user":"kim.op","spent":{"recovery":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},"enrols":false,"family":"000102030405060708090a0b0c0d0e0f","until":1772416800000000,"ends":1772460000000000}}}"#,
    r#"{"people":{"log_in_failed":{"who":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","count":5,"locked_until":1772416800000000}}}"#,
    r#"{"people":{"refreshed":{"family":"000102030405060708090a0b0c0d0e0f","serial":2,"until":1772416800000000}}}"#,
    r#"{"people":{"session_ended":{"family":"000102030405060708090a0b0c0d0e0f","ends":1772460000000000,"why":"reused"}}}"#,
    r#"{"people":{"session_ended":{"family":"000102030405060708090a0b0c0d0e0f","ends":1772460000000000,"why":"logged_out"}}}"#,
    r#"{"credential":{"keys_issued":{"merchant":"shop","keys":[{"kind":"payaction_api","kept":{"hashed":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},"prefix":"test_ABCD"},{"kind":"payaction_webhook","kept":{"wrapped":"01ab"},"prefix":"EFGH"}],"older_until":1772416800000000}}}"#,
    r#"{"credential":{"key_used":{"merchant":"shop","kind":"ezpg_meky","day":20260302}}}"#,
    r#"{"registration":{"registered":{"merchant":{"id":"M123456789","name":"나루상점","standing":"open"},"profile":{"business_number":"1234567890","representative_name":"홍길동","business_type":"소매","business_category":"잡화","address":"서울","phone_number":"0212345678","manager_name":"김담당","manager_email":"a@example.com","manager_phone":"01012345678","settlement":{"bank":4,"number":"110123456789","holder":"나루"}}}}}"#,
    r#"{"system":{"set":{"values":{"lockout.tries":"4","session.minutes":""},"by":{"actor":{"user":"admin"},"address":null}}}}"#,
];

#[test]
fn what_was_written_is_still_read_and_written_the_same() {
    for sample in SAMPLES {
        let event: Event = serde_json::from_str(sample)
            .unwrap_or_else(|error| panic!("the journal can no longer be read: {error}\n{sample}"));
        let again = serde_json::to_string(&event).expect("an event is written");
        assert_eq!(again, *sample);
    }
}

/// A new variant needs a sample: these matches fail to compile until it is thought of.
#[test]
fn every_kind_of_event_has_a_sample() {
    let mut seen = [false; 13];
    for sample in SAMPLES {
        let event: Event = serde_json::from_str(sample).expect("an event");
        let index = match event {
            Event::People(event) => match event {
                PeopleEvent::UserAdded(_) => 0,
                PeopleEvent::UserDisabled { .. } => 1,
                PeopleEvent::OtpReset { .. } => 2,
                PeopleEvent::PasswordChanged { .. } => 3,
                PeopleEvent::OtpOffered { .. } => 4,
                PeopleEvent::LoggedIn { .. } => 5,
                PeopleEvent::LogInFailed { .. } => 6,
                PeopleEvent::Refreshed { .. } => 7,
                PeopleEvent::SessionEnded { .. } => 8,
            },
            Event::Credential(event) => match event {
                CredentialEvent::KeysIssued { .. } => 9,
                CredentialEvent::KeyUsed { .. } => 10,
            },
            Event::Registration(RegistrationEvent::Registered { .. }) => 11,
            Event::System(SystemEvent::Set { .. }) => 12,
            other => panic!("not of these four: {other:?}"),
        };
        seen[index] = true;
    }
    assert_eq!(seen, [true; 13]);
}
