//! Tables about people: users, their failures at the door and the sessions that live.

use super::{At, Table};
use crate::domain::people::{Failures, Session};
use crate::domain::{FamilyId, KeyHash, Timestamp, User, UserId};

/// Users by name.
pub(crate) const USERS: Table<UserId, User> = Table::at(At::Users);
/// Log-ins that failed, by the name given, whether or not somebody has it.
pub(crate) const FAILURES: Table<KeyHash, Failures> = Table::at(At::Failures);
/// The same by the time of the last one, so that old ones are forgotten.
pub(crate) const FAILURES_BY_TIME: Table<(Timestamp, KeyHash), ()> = Table::at(At::FailuresByTime);
/// Sessions that live.
pub(crate) const SESSIONS: Table<FamilyId, Session> = Table::at(At::Sessions);
/// The same by the time at which they end at the latest.
pub(crate) const SESSIONS_BY_END: Table<(Timestamp, FamilyId), ()> = Table::at(At::SessionsByEnd);
