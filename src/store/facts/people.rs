//! The facts behind: the people who may look and act: users, their log-ins and second factors.

use std::ops::ControlFlow;

use super::super::books::Books;
use super::super::engine::{Broken, Rows};
use super::super::tables::{FAILURES, MERCHANTS, SESSIONS, USERS};
use super::system;
use crate::domain::people::{OtpOffer, PeopleFacts, decide};
use crate::domain::{Decision, House, Moment, PeopleCommand, UserId};

/// Weighs one command.
pub(super) fn weigh(
    books: &mut Books<'_>,
    command: PeopleCommand,
    _house: &House,
    moment: Moment,
) -> Result<Decision, Broken> {
    let rows = books.rows();
    let facts = facts(rows, &command)?;
    Ok(decide(command, &facts, moment))
}

/// Whether there is any user.
pub(crate) fn anybody(rows: &dyn Rows) -> Result<bool, Broken> {
    let mut found = false;
    USERS.walk_from(rows, &[], &mut |_, _| {
        found = true;
        ControlFlow::Break(())
    })?;
    Ok(found)
}

fn facts(rows: &dyn Rows, command: &PeopleCommand) -> Result<PeopleFacts, Broken> {
    let mut facts = PeopleFacts {
        settings: system::settings(rows)?,
        ..PeopleFacts::default()
    };
    let user = |id: &UserId| USERS.get(rows, id);
    match command {
        PeopleCommand::AddUser { user: new, .. } => {
            facts.user = user(&new.id)?;
            if let Some(merchant) = &new.merchant {
                facts.merchant_known = MERCHANTS.get(rows, merchant)?.is_some();
            }
        }
        PeopleCommand::DisableUser { user: id, .. }
        | PeopleCommand::ResetOtp { user: id, .. }
        | PeopleCommand::OfferOtp(OtpOffer { user: id, .. }) => facts.user = user(id)?,
        PeopleCommand::ChangePassword(change) => {
            facts.user = user(&change.user)?;
            facts.failures = FAILURES.get(rows, &change.who)?.unwrap_or_default();
        }
        PeopleCommand::LogIn(step) => {
            if let Some(id) = &step.user {
                facts.user = user(id)?;
            }
            facts.failures = FAILURES.get(rows, &step.who)?.unwrap_or_default();
        }
        PeopleCommand::Refresh { family, .. } | PeopleCommand::LogOut { family, .. } => {
            facts.session = SESSIONS.get(rows, family)?;
            if let Some(session) = &facts.session {
                facts.user = user(&session.user)?;
            }
        }
    }
    Ok(facts)
}
