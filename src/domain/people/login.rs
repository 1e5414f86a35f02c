//! Logging in: failures and their lock, the second factor, families of refresh tokens.

use super::decide::{PeopleFacts, audited, living, people, refuse};
use super::{
    FamilyId, LogIn, PeopleEvent, PeopleOutcome, Proof, SecondFactor, SessionEnd, Spent, User,
};
use crate::domain::{
    By, Decision, Event, KeyHash, MerchantRefusal, Moment, Refusal, SystemSettings, Timestamp,
};

/// The no to a locked name, which is the no to a wrong password.
pub(super) fn locked(facts: &PeopleFacts, moment: Moment) -> Option<Decision> {
    let until = facts.failures.locked_until?;
    (moment.now < until).then(|| refuse(MerchantRefusal::WrongLogin))
}

/// Counts a failure; the last one that may be locks the name for a while.
pub(super) fn failed(
    who: KeyHash,
    user: Option<&User>,
    facts: &PeopleFacts,
    by: &By,
    moment: Moment,
) -> Decision {
    let settings = &facts.settings;
    let forgotten_at = facts.failures.last.plus_seconds(settings.lockout_seconds());
    let earlier = if moment.now < forgotten_at && facts.failures.locked_until.is_none() {
        facts.failures.count
    } else {
        0
    };
    let count = earlier + 1;
    let locks = count >= settings.lockout_tries();
    let until = moment.now.plus_seconds(settings.lockout_seconds());
    let failed = PeopleEvent::LogInFailed {
        who,
        count,
        locked_until: locks.then_some(until),
    };
    let mut events = vec![Event::People(failed)];
    if let Some(user) = user.filter(|_| locks) {
        let until = until.to_string();
        events.push(audited(by, "auth.locked", &user.id, None, Some(&until)));
    }
    Decision::refuse_with(Refusal::Merchant(MerchantRefusal::WrongLogin), events)
}

/// Decides a step of a log-in.
pub(super) fn log_in(step: &LogIn, facts: &PeopleFacts, moment: Moment) -> Decision {
    if let Some(refused) = locked(facts, moment) {
        return refused;
    }
    let fail = |user| failed(step.who, user, facts, &step.by, moment);
    let Some(user) = living(facts, step.proof) else {
        return fail(None);
    };
    match (&step.shown, &user.second) {
        (Proof::Password { right: true }, SecondFactor::On { .. }) => half_way(false),
        (Proof::Password { right: true }, _) if must_enrol(user, &facts.settings) => half_way(true),
        (Proof::Password { right: true }, _) => begin(step, user, None, facts, moment),
        (Proof::Code { step: Some(code) }, SecondFactor::On { last_step, .. })
            if code > last_step =>
        {
            begin(step, user, Some(Spent::Step(*code)), facts, moment)
        }
        (Proof::Code { step: Some(code) }, SecondFactor::Offered { .. }) => {
            begin(step, user, Some(Spent::Step(*code)), facts, moment)
        }
        (Proof::Recovery(code), SecondFactor::On { recovery, .. }) if recovery.contains(code) => {
            begin(step, user, Some(Spent::Recovery(*code)), facts, moment)
        }
        (Proof::Password { right: false } | Proof::Code { .. } | Proof::Recovery(_), _) => {
            fail(Some(user))
        }
    }
}

fn must_enrol(user: &User, settings: &SystemSettings) -> bool {
    user.role.is_powerful() && settings.otp_forced()
}

fn half_way(must_enrol: bool) -> Decision {
    Decision::new(people(PeopleOutcome::HalfWay { must_enrol }), Vec::new())
}

/// A full log-in: a new family begins, and what was shown counts no more.
fn begin(
    step: &LogIn,
    user: &User,
    spent: Option<Spent>,
    facts: &PeopleFacts,
    moment: Moment,
) -> Decision {
    let enrols = matches!(user.second, SecondFactor::Offered { .. }) && spent.is_some();
    let ends = moment
        .now
        .plus_seconds(facts.settings.session_seconds_max());
    let until = idle_end(&facts.settings, moment.now, ends);
    let logged_in = PeopleEvent::LoggedIn {
        who: step.who,
        user: user.id.clone(),
        spent,
        enrols,
        family: step.family,
        until,
        ends,
    };
    let how = match spent {
        None => "password",
        Some(Spent::Step(_)) => "password and code",
        Some(Spent::Recovery(_)) => "password and recovery code",
    };
    let audit = audited(&step.by, "auth.login", &user.id, None, Some(how));
    let outcome = PeopleOutcome::In {
        user: Box::new(user.clone()),
        family: step.family,
        serial: 0,
        // Enrolling changes how the user proves themselves, so the half token ends with it.
        proof: if enrols { moment.position } else { user.proof },
        ends,
    };
    Decision::new(people(outcome), vec![Event::People(logged_in), audit])
}

fn idle_end(settings: &SystemSettings, now: Timestamp, ends: Timestamp) -> Timestamp {
    now.plus_seconds(settings.session_seconds()).min(ends)
}

/// Decides what a refresh token brings. One that was replaced shows that somebody has a copy,
/// and nobody knows who: the whole family ends.
pub(super) fn refresh(
    family: FamilyId,
    serial: u32,
    facts: &PeopleFacts,
    by: &By,
    moment: Moment,
) -> Decision {
    let gone = || refuse(MerchantRefusal::WrongLogin);
    let Some(session) = &facts.session else {
        return gone();
    };
    let Some(user) = living(facts, session.proof) else {
        return gone();
    };
    if serial < session.serial {
        let ended = PeopleEvent::SessionEnded {
            family,
            ends: session.ends,
            why: SessionEnd::Reused,
        };
        let audit = audited(by, "auth.reused", &user.id, None, Some("all tokens ended"));
        let events = vec![Event::People(ended), audit];
        return Decision::refuse_with(Refusal::Merchant(MerchantRefusal::WrongLogin), events);
    }
    if serial > session.serial || moment.now >= session.until {
        return gone();
    }
    let refreshed = PeopleEvent::Refreshed {
        family,
        serial: serial + 1,
        until: idle_end(&facts.settings, moment.now, session.ends),
    };
    let outcome = PeopleOutcome::In {
        user: Box::new(user.clone()),
        family,
        serial: serial + 1,
        proof: user.proof,
        ends: session.ends,
    };
    Decision::new(people(outcome), vec![Event::People(refreshed)])
}
