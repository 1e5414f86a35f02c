//! Questions about people, their sessions and merchants' keys.

use std::ops::ControlFlow;

use super::Reads;
use crate::domain::people::Session;
use crate::domain::{FamilyId, KeyHash, KeyKind, KeysOfKind, MerchantId, ProfileRow, User, UserId};
use crate::store::engine::Broken;
use crate::store::facts::people::anybody;
use crate::store::tables::{CREDENTIALS, KEY_OWNERS, PROFILES, SESSIONS, USERS};

impl Reads {
    /// One user.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn user(&self, id: &UserId) -> Result<Option<User>, Broken> {
        USERS.get(&*self.engine.snapshot()?, id)
    }

    /// All users, by name.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn users(&self) -> Result<Vec<User>, Broken> {
        let mut users = Vec::new();
        USERS.walk_from(&*self.engine.snapshot()?, &[], &mut |_, user| {
            users.push(user);
            ControlFlow::Continue(())
        })?;
        Ok(users)
    }

    /// Whether there is any user.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn has_users(&self) -> Result<bool, Broken> {
        anybody(&*self.engine.snapshot()?)
    }

    /// A user together with one of their sessions, from one snapshot.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn user_in(
        &self,
        id: &UserId,
        family: Option<&FamilyId>,
    ) -> Result<(Option<User>, Option<Session>), Broken> {
        let rows = self.engine.snapshot()?;
        let session = match family {
            Some(family) => SESSIONS.get(&*rows, family)?,
            None => None,
        };
        Ok((USERS.get(&*rows, id)?, session))
    }

    /// A session that lives.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn session(&self, family: &FamilyId) -> Result<Option<Session>, Broken> {
        SESSIONS.get(&*self.engine.snapshot()?, family)
    }

    /// A merchant's keys of one kind.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn keys_of(
        &self,
        merchant: &MerchantId,
        kind: KeyKind,
    ) -> Result<Option<KeysOfKind>, Broken> {
        CREDENTIALS.get(&*self.engine.snapshot()?, &(merchant.clone(), kind))
    }

    /// Whose a key is that comes without a name.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn key_owner(&self, hash: &KeyHash) -> Result<Option<(MerchantId, KeyKind)>, Broken> {
        KEY_OWNERS.get(&*self.engine.snapshot()?, hash)
    }

    /// What is known of a merchant beside its name.
    ///
    /// # Errors
    /// [`Broken`] where the books cannot be read.
    pub fn profile(&self, merchant: &MerchantId) -> Result<Option<ProfileRow>, Broken> {
        PROFILES.get(&*self.engine.snapshot()?, merchant)
    }
}
