//! Who calls: a person with a token, or half a one. (A merchant's program is recognised by
//! [`super::keys::Keys`].)
//!
//! A token alone says little: whether its person may still act, and whether its session still
//! lives, is asked of the books with every request, so that what is taken away is gone at once.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};

use super::ezpg::{Code, Fault};
use super::{Rooms, Stop, origin};
use crate::domain::{Actor, By, FamilyId, MerchantId, Role, User};
use crate::network::Network;
use crate::people::{Claims, Scope};

/// A person who has logged in fully. As an argument of a handler it refuses everybody else.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// What they are.
    pub role: Role,
    /// The merchant they belong to; always there for [`Role::Merchant`], never for others.
    pub merchant: Option<MerchantId>,
    /// The same, for the audit log.
    pub by: By,
    /// The session.
    pub family: FamilyId,
    /// The user as the books know them.
    pub known: User,
}

impl Person {
    /// Refuses whoever has none of `roles` (1002).
    ///
    /// # Errors
    /// [`Fault`] with [`Code::Forbidden`].
    pub(crate) fn may(&self, roles: &[Role]) -> Result<(), Fault> {
        if roles.contains(&self.role) {
            Ok(())
        } else {
            Err(Fault::new(Code::Forbidden))
        }
    }

    /// Refuses a merchant's person what is another merchant's, as if it were not there (1004).
    ///
    /// # Errors
    /// [`Fault`] with [`Code::Absent`].
    pub(crate) fn owns(&self, merchant: &MerchantId) -> Result<(), Fault> {
        match &self.merchant {
            Some(own) if own != merchant => Err(Fault::absent()),
            _ => Ok(()),
        }
    }

    /// Whether what belongs to `merchant` (or to none) is this person's to see.
    pub(crate) fn sees(&self, merchant: Option<&MerchantId>) -> bool {
        self.merchant.is_none() || self.merchant.as_ref() == merchant
    }

    /// The merchant that a question is about: the one asked for where it is the person's to ask;
    /// their own where they have one and asked for none; `None` for all merchants.
    ///
    /// # Errors
    /// [`Fault`] with [`Code::Absent`] where the text is no merchant's id or another's.
    pub(crate) fn scope(&self, asked: Option<&str>) -> Result<Option<MerchantId>, Fault> {
        let Some(asked) = asked.filter(|text| !text.is_empty()) else {
            return Ok(self.merchant.clone());
        };
        let merchant = MerchantId::new(asked).ok_or_else(Fault::absent)?;
        self.owns(&merchant)?;
        Ok(Some(merchant))
    }

    /// As [`Person::scope`], where there must be a merchant.
    ///
    /// # Errors
    /// [`Fault`]: absent as there, or a missing parameter.
    pub(crate) fn one_merchant(&self, asked: Option<&str>) -> Result<MerchantId, Fault> {
        let missing = || Fault::parameter("merchantId", "필수 항목입니다.");
        self.scope(asked)?.ok_or_else(missing)
    }
}

/// A person on the way in: after the password, or after everything.
#[derive(Clone, Debug)]
pub(crate) struct Entrant {
    /// The user as the books know them.
    pub known: User,
    /// The session, where the log-in is complete.
    pub family: Option<FamilyId>,
    /// Who, for the audit log.
    pub by: By,
}

impl FromRequest for Person {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Fault>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (entrant, rooms) = enter(&request).await?;
            let family = entrant.family.ok_or_else(unknown)?;
            rooms.admit(&request, &format!("user/{}", entrant.known.id))?;
            Ok(Person {
                role: entrant.known.role,
                merchant: entrant.known.merchant.clone(),
                by: entrant.by,
                family,
                known: entrant.known,
            })
        })
    }
}

impl FromRequest for Entrant {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Fault>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (entrant, rooms) = enter(&request).await?;
            rooms.admit(&request, &format!("user/{}", entrant.known.id))?;
            Ok(entrant)
        })
    }
}

fn unknown() -> Fault {
    Fault::new(Code::Unauthenticated)
}

/// Recognises whoever has a token of ours that still counts.
pub(crate) async fn enter(request: &HttpRequest) -> Result<(Entrant, web::Data<Rooms>), Fault> {
    let rooms = request.app_data::<web::Data<Rooms>>();
    let rooms = rooms.ok_or(Stop::Failed)?.clone();
    let token = bearer(request).ok_or_else(unknown)?;
    let claims = rooms.people.tokens.read(token, rooms.clock.now());
    let claims = claims.ok_or_else(unknown)?;
    let address = origin::of(request);
    let (sub, sid) = (claims.sub.clone(), claims.sid);
    let (user, session, list) = rooms
        .look(move |reads| {
            let (user, session) = reads.user_in(&sub, sid.as_ref())?;
            Ok((user, session, reads.setting_row("console.ipAllowList")?))
        })
        .await;
    let user = user.ok_or_else(unknown)?;
    let lives = match (claims.scope, &session) {
        (Scope::Half, _) => claims.sid.is_none(),
        (Scope::Full, Some(session)) => session.user == user.id && session.proof == claims.proof,
        (Scope::Full, None) => false,
    };
    if user.disabled || user.proof != claims.proof || !lives {
        return Err(unknown());
    }
    let list = list.map(|row| row.value).unwrap_or_default();
    if !console_lets_in(user.role, &list, address) {
        return Err(unknown());
    }
    let by = By {
        actor: Actor::User(user.id.to_string()),
        address: Some(address),
    };
    let Claims { sid: family, .. } = claims;
    let entrant = Entrant {
        known: user,
        family,
        by,
    };
    Ok((entrant, rooms))
}

/// The token of an `Authorization: Bearer …` header.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether the console's list of address ranges lets a person of `role` in from `address`. An
/// empty list lets everybody in; merchants' people are never on it.
pub fn console_lets_in(role: Role, list: &str, address: std::net::IpAddr) -> bool {
    let mut ranges = list
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let mut ranges = ranges.by_ref().peekable();
    let everybody = role == Role::Merchant || ranges.peek().is_none();
    everybody
        || ranges
            .filter_map(|text| text.parse::<Network>().ok())
            .any(|range| range.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_consoles_list_is_for_our_own_people() {
        let at = |text: &str| text.parse().unwrap();
        let list = "10.0.0.0/8, 192.0.2.7/32";
        for (role, list, address, lets_in) in [
            (Role::HeadOffice, "", "203.0.113.1", true),
            (Role::HeadOffice, list, "10.1.2.3", true),
            (Role::Operator, list, "192.0.2.7", true),
            (Role::Viewer, list, "192.0.2.8", false),
            (Role::HeadOffice, list, "203.0.113.1", false),
            (Role::Merchant, list, "203.0.113.1", true),
        ] {
            assert_eq!(
                console_lets_in(role, list, at(address)),
                lets_in,
                "{role:?} {address}"
            );
        }
    }
}
