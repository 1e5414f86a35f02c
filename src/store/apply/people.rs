//! Rows about: the people who may look and act: users, their log-ins and second factors.

use std::ops::ControlFlow;

use super::super::books::Books;
use super::super::engine::Broken;
use super::super::tables::{FAILURES, FAILURES_BY_TIME, SESSIONS, SESSIONS_BY_END, Table, USERS};
use super::Place;
use crate::domain::people::{Failures, NewUser, SecondFactor, Session, Spent};
use crate::domain::{FamilyId, KeyHash, PeopleEvent, Timestamp, User, UserId};
use crate::limits;
use crate::store::keys::TableKey;

/// Makes the tables say what `event` says.
pub(super) fn apply(
    books: &mut Books<'_>,
    event: &PeopleEvent,
    place: Place,
) -> Result<(), Broken> {
    match event {
        PeopleEvent::UserAdded(user) => add(books, user, place),
        PeopleEvent::UserDisabled { user } => change(books, user, |user| {
            user.disabled = true;
            user.proof = place.position;
        }),
        PeopleEvent::OtpReset { user } => change(books, user, |user| {
            user.second = SecondFactor::None;
            user.proof = place.position;
        }),
        PeopleEvent::PasswordChanged {
            user,
            password,
            family,
        } => {
            if let Some(family) = family {
                carry_over(books, family, place)?;
            }
            change(books, user, |user| {
                user.password = password.clone();
                user.proof = place.position;
            })
        }
        PeopleEvent::OtpOffered {
            user,
            seed,
            recovery,
        } => change(books, user, |user| {
            user.second = SecondFactor::Offered {
                seed: seed.clone(),
                recovery: recovery.clone(),
            };
        }),
        PeopleEvent::LoggedIn { .. } => log_in(books, event, place),
        PeopleEvent::LogInFailed {
            who,
            count,
            locked_until,
        } => {
            let failures = Failures {
                count: *count,
                last: place.at,
                locked_until: *locked_until,
            };
            fail(books, who, failures, place)
        }
        PeopleEvent::Refreshed {
            family,
            serial,
            until,
        } => refresh(books, family, *serial, *until),
        PeopleEvent::SessionEnded { family, ends, .. } => {
            SESSIONS.delete(books.batch(), family)?;
            SESSIONS_BY_END.delete(books.batch(), &(*ends, *family))?;
            Ok(())
        }
    }
}

fn lost<K, R>(table: &Table<K, R>) -> Broken {
    Broken::not_understood(table.id, "an event about a row that is not there")
}

fn add(books: &mut Books<'_>, new: &NewUser, place: Place) -> Result<(), Broken> {
    let user = User {
        id: new.id.clone(),
        name: new.name.clone(),
        role: new.role,
        merchant: new.merchant.clone(),
        password: new.password.clone(),
        second: SecondFactor::None,
        disabled: false,
        proof: place.position,
        last_login: None,
        added_at: place.at,
    };
    USERS.put(books.batch(), &user.id, &user)
}

fn change(
    books: &mut Books<'_>,
    id: &UserId,
    change: impl FnOnce(&mut User),
) -> Result<(), Broken> {
    let mut user = USERS.get(books.rows(), id)?.ok_or_else(|| lost(&USERS))?;
    change(&mut user);
    USERS.put(books.batch(), id, &user)
}

fn refresh(
    books: &mut Books<'_>,
    family: &FamilyId,
    serial: u32,
    until: Timestamp,
) -> Result<(), Broken> {
    let Some(session) = SESSIONS.get(books.rows(), family)? else {
        return Err(lost(&SESSIONS));
    };
    let session = Session {
        serial,
        until,
        ..session
    };
    SESSIONS.put(books.batch(), family, &session)
}

/// A family that outlives a change of password stands on the new one.
fn carry_over(books: &mut Books<'_>, family: &FamilyId, place: Place) -> Result<(), Broken> {
    let Some(session) = SESSIONS.get(books.rows(), family)? else {
        return Ok(());
    };
    let session = Session {
        proof: place.position,
        ..session
    };
    SESSIONS.put(books.batch(), family, &session)
}

fn log_in(books: &mut Books<'_>, event: &PeopleEvent, place: Place) -> Result<(), Broken> {
    let PeopleEvent::LoggedIn {
        who,
        user: id,
        spent,
        enrols,
        family,
        until,
        ends,
    } = event
    else {
        return Ok(());
    };
    let mut user = USERS.get(books.rows(), id)?.ok_or_else(|| lost(&USERS))?;
    user.last_login = Some(place.at);
    user.second = after(std::mem::take(&mut user.second), *spent);
    if *enrols {
        user.proof = place.position;
    }
    USERS.put(books.batch(), id, &user)?;
    forget_failures(books, who)?;
    let session = Session {
        user: id.clone(),
        serial: 0,
        proof: user.proof,
        until: *until,
        ends: *ends,
    };
    SESSIONS.put(books.batch(), family, &session)?;
    SESSIONS_BY_END.put(books.batch(), &(*ends, *family), &())?;
    for (ends, family) in over(books, &SESSIONS_BY_END, place.at)? {
        SESSIONS.delete(books.batch(), &family)?;
        SESSIONS_BY_END.delete(books.batch(), &(ends, family))?;
    }
    Ok(())
}

/// The second factor after it was used.
fn after(second: SecondFactor, spent: Option<Spent>) -> SecondFactor {
    match (second, spent) {
        (
            SecondFactor::Offered { seed, recovery } | SecondFactor::On { seed, recovery, .. },
            Some(Spent::Step(last_step)),
        ) => SecondFactor::On {
            seed,
            recovery,
            last_step,
        },
        (
            SecondFactor::On {
                seed,
                mut recovery,
                last_step,
            },
            Some(Spent::Recovery(code)),
        ) => {
            recovery.retain(|other| *other != code);
            SecondFactor::On {
                seed,
                recovery,
                last_step,
            }
        }
        (second, _) => second,
    }
}

fn fail(
    books: &mut Books<'_>,
    who: &KeyHash,
    failures: Failures,
    place: Place,
) -> Result<(), Broken> {
    forget_failures(books, who)?;
    FAILURES.put(books.batch(), who, &failures)?;
    FAILURES_BY_TIME.put(books.batch(), &(failures.last, *who), &())?;
    let old = place.at.plus_seconds(-limits::FAILURES_KEEP_SECONDS);
    for (_, who) in over(books, &FAILURES_BY_TIME, old)? {
        forget_failures(books, &who)?;
    }
    Ok(())
}

fn forget_failures(books: &mut Books<'_>, who: &KeyHash) -> Result<(), Broken> {
    if let Some(failures) = FAILURES.get(books.rows(), who)? {
        FAILURES.delete(books.batch(), who)?;
        FAILURES_BY_TIME.delete(books.batch(), &(failures.last, *who))?;
    }
    Ok(())
}

/// The first few rows of an index by time that end by `at`: who writes a new row clears some old
/// ones away, so that neither table grows with what is over.
fn over<T: TableKey>(
    books: &Books<'_>,
    index: &Table<(Timestamp, T), ()>,
    at: Timestamp,
) -> Result<Vec<(Timestamp, T)>, Broken> {
    let mut found = Vec::new();
    index.walk_from(books.rows(), &[], &mut |(time, key), ()| {
        if time > at || found.len() >= limits::OLD_ROWS_CLEARED_MAX {
            return ControlFlow::Break(());
        }
        found.push((time, key));
        ControlFlow::Continue(())
    })?;
    Ok(found)
}
