//! What becomes of a command about people.

use super::{
    Failures, NewUser, OtpOffer, PasswordChange, PasswordHash, PeopleCommand, PeopleEvent,
    PeopleOutcome, Role, SecondFactor, Session, SessionEnd, User, UserId, login,
};
use crate::domain::{
    Actor, Audit, By, Decision, Event, MerchantRefusal, Moment, Outcome, Refusal, SystemSettings,
};

/// Everything a decision about people may look at.
#[derive(Clone, Debug, Default)]
pub struct PeopleFacts {
    /// The user that the command is about.
    pub user: Option<User>,
    /// Log-ins that failed under the name that was given.
    pub failures: Failures,
    /// The family that the command is about.
    pub session: Option<Session>,
    /// Whether the merchant of a new user is known.
    pub merchant_known: bool,
    /// The house's settings.
    pub settings: SystemSettings,
}

/// What becomes true with the first user of a house.
pub fn found_admin(password: PasswordHash) -> Vec<Event> {
    // why: the name is plain and short.
    let id = UserId::new("admin").expect("a user id");
    let user = NewUser {
        id,
        name: "관리자".to_owned(),
        role: Role::HeadOffice,
        merchant: None,
        password,
    };
    let audit = audited(&By::HOUSE, "user.add", &user.id, None, Some("head_office"));
    vec![Event::People(PeopleEvent::UserAdded(user)), audit]
}

/// Decides everything else.
pub fn decide(command: PeopleCommand, facts: &PeopleFacts, moment: Moment) -> Decision {
    match command {
        PeopleCommand::AddUser { user, by } => add_user(user, facts, &by),
        PeopleCommand::DisableUser { user, by } => disable_user(&user, facts, &by),
        PeopleCommand::ResetOtp { user, by } => reset_otp(&user, facts, &by),
        PeopleCommand::ChangePassword(change) => change_password(change, facts, moment),
        PeopleCommand::OfferOtp(offer) => offer_otp(offer, facts),
        PeopleCommand::LogIn(step) => login::log_in(&step, facts, moment),
        PeopleCommand::Refresh { family, serial, by } => {
            login::refresh(family, serial, facts, &by, moment)
        }
        PeopleCommand::LogOut { family, by } => {
            let Some(session) = &facts.session else {
                return Decision::new(Outcome::Done, Vec::new());
            };
            let audit = audited(&by, "auth.logout", &session.user, None, None);
            let ended = PeopleEvent::SessionEnded {
                family,
                ends: session.ends,
                why: SessionEnd::LoggedOut,
            };
            Decision::new(Outcome::Done, vec![Event::People(ended), audit])
        }
    }
}

fn change_password(change: PasswordChange, facts: &PeopleFacts, moment: Moment) -> Decision {
    let Some(known) = living(facts, change.proof) else {
        return refuse(MerchantRefusal::WrongLogin);
    };
    if let Some(refused) = login::locked(facts, moment) {
        return refused;
    }
    if !change.right {
        return login::failed(change.who, Some(known), facts, &change.by, moment);
    }
    let audit = audited(&change.by, "auth.password", &change.user, None, None);
    let changed = PeopleEvent::PasswordChanged {
        user: change.user,
        password: change.password,
        family: change.family,
    };
    let outcome = PeopleOutcome::PasswordChanged {
        proof: moment.position,
    };
    Decision::new(people(outcome), vec![Event::People(changed), audit])
}

fn offer_otp(offer: OtpOffer, facts: &PeopleFacts) -> Decision {
    let Some(known) = living(facts, offer.proof) else {
        return refuse(MerchantRefusal::WrongLogin);
    };
    if matches!(known.second, SecondFactor::On { .. }) {
        return refuse(MerchantRefusal::OtpIsOn);
    }
    let audit = audited(&offer.by, "auth.enrol_otp", &offer.user, None, None);
    let offered = PeopleEvent::OtpOffered {
        user: offer.user,
        seed: offer.seed,
        recovery: offer.recovery,
    };
    Decision::new(Outcome::Done, vec![Event::People(offered), audit])
}

fn add_user(user: NewUser, facts: &PeopleFacts, by: &By) -> Decision {
    if facts.user.is_some() {
        return refuse(MerchantRefusal::UserTaken);
    }
    let fits = match user.role {
        Role::Merchant => user.merchant.is_some(),
        Role::HeadOffice | Role::Operator | Role::Viewer => user.merchant.is_none(),
    };
    if !fits {
        return refuse(MerchantRefusal::RoleAndMerchant);
    }
    if user.merchant.is_some() && !facts.merchant_known {
        return refuse(MerchantRefusal::NoSuchMerchant);
    }
    let now = match &user.merchant {
        Some(merchant) => format!("{} {merchant}", user.role.word()),
        None => user.role.word().to_owned(),
    };
    let audit = audited(by, "user.add", &user.id, None, Some(&now));
    let added = Event::People(PeopleEvent::UserAdded(user));
    Decision::new(Outcome::Done, vec![added, audit])
}

/// Nobody ends or weakens their own access: it takes a second person.
fn is_self(by: &By, user: &UserId) -> bool {
    matches!(&by.actor, Actor::User(actor) if actor == user.as_str())
}

fn disable_user(user: &UserId, facts: &PeopleFacts, by: &By) -> Decision {
    let Some(known) = &facts.user else {
        return refuse(MerchantRefusal::NoSuchUser);
    };
    if is_self(by, user) {
        return refuse(MerchantRefusal::SecondPerson);
    }
    if known.disabled {
        return Decision::new(Outcome::Done, Vec::new());
    }
    let audit = audited(by, "user.disable", user, Some("enabled"), Some("disabled"));
    let disabled = PeopleEvent::UserDisabled { user: user.clone() };
    Decision::new(Outcome::Done, vec![Event::People(disabled), audit])
}

fn reset_otp(user: &UserId, facts: &PeopleFacts, by: &By) -> Decision {
    if facts.user.is_none() {
        return refuse(MerchantRefusal::NoSuchUser);
    }
    if is_self(by, user) {
        return refuse(MerchantRefusal::SecondPerson);
    }
    let audit = audited(by, "user.reset_otp", user, None, None);
    let reset = PeopleEvent::OtpReset { user: user.clone() };
    Decision::new(Outcome::Done, vec![Event::People(reset), audit])
}

/// The user, if they may act and still prove themselves as they did in `proof`.
pub(super) fn living(facts: &PeopleFacts, proof: u64) -> Option<&User> {
    let user = facts.user.as_ref()?;
    (!user.disabled && user.proof == proof).then_some(user)
}

pub(super) fn people(outcome: PeopleOutcome) -> Outcome {
    Outcome::People(outcome)
}

pub(super) fn refuse(refusal: MerchantRefusal) -> Decision {
    Decision::refuse(Refusal::Merchant(refusal))
}

pub(super) fn audited(
    by: &By,
    action: &str,
    user: &UserId,
    before: Option<&str>,
    after: Option<&str>,
) -> Event {
    Event::Audited(Audit {
        by: by.clone(),
        action: action.to_owned(),
        subject: format!("user/{user}"),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    })
}
