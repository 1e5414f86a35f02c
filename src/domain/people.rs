//! The people who may look and act: users, their log-ins and second factors.
//!
//! Hashes are compared and codes are checked outside, because that takes dice, time or a secret;
//! what comes of it is decided here, one after the other, so that of many tries at once no more
//! count than may. A name that nobody has fails and locks exactly as one that somebody has.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{By, KeyHash, MerchantId, Timestamp, Wrapped};

mod decide;
mod login;
mod session;

pub use decide::{PeopleFacts, decide, found_admin};
pub use session::{FamilyId, Session};

/// The name by which a person logs in: 1 to 15 letters, digits, `-`, `_` or `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct UserId(String);

impl From<UserId> for String {
    fn from(id: UserId) -> Self {
        id.0
    }
}

impl TryFrom<String> for UserId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        UserId::new(&text).ok_or("not a user id")
    }
}

impl UserId {
    /// The most characters a user id can have.
    pub const CHARACTERS_MAX: usize = 15;

    /// A user id, or `None` where the text is none.
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=Self::CHARACTERS_MAX).contains(&text.len());
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (fits && text.bytes().all(plain)).then(|| UserId(text.to_owned()))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a person is to the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Head office (본사): may do everything.
    HeadOffice,
    /// Operator (운영자): looks after orders, accounts and deposits of all merchants.
    Operator,
    /// Viewer (조회자): sees all merchants and changes nothing.
    Viewer,
    /// A merchant's own person (가맹점): its own things only.
    Merchant,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 4] = [
        Role::HeadOffice,
        Role::Operator,
        Role::Viewer,
        Role::Merchant,
    ];

    /// The word for it in requests and answers.
    pub fn word(self) -> &'static str {
        match self {
            Role::HeadOffice => "head_office",
            Role::Operator => "operator",
            Role::Viewer => "viewer",
            Role::Merchant => "merchant",
        }
    }

    /// The role of a word.
    pub fn of(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Whether a second factor can be forced on it.
    pub fn is_powerful(self) -> bool {
        matches!(self, Role::HeadOffice | Role::Operator)
    }
}

/// A password's hash with its salt and cost (a PHC text of argon2id).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A PHC text.
    pub fn new(phc: String) -> Self {
        PasswordHash(phc)
    }

    /// The PHC text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// A person's second factor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// There is none.
    #[default]
    None,
    /// A seed was shown; the first right code completes the enrolment.
    Offered {
        /// The seed.
        seed: Wrapped,
        /// Recovery codes, each good once.
        recovery: Vec<KeyHash>,
    },
    /// It is asked for at every log-in.
    On {
        /// The seed.
        seed: Wrapped,
        /// Recovery codes not yet used.
        recovery: Vec<KeyHash>,
        /// The time step of the last code taken; only later ones count.
        last_step: u64,
    },
}

/// A user as the books know them now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// Their name, for people.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// The merchant they belong to, for [`Role::Merchant`] only.
    pub merchant: Option<MerchantId>,
    /// Their password.
    pub password: PasswordHash,
    /// Their second factor.
    pub second: SecondFactor,
    /// Whether they may not log in any more.
    pub disabled: bool,
    /// Journal position of the last change to how they prove who they are. Tokens carry it, and
    /// those of another one are void.
    pub proof: u64,
    /// When they last logged in.
    pub last_login: Option<Timestamp>,
    /// When they were added.
    pub added_at: Timestamp,
}

/// A user to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewUser {
    /// Who.
    pub id: UserId,
    /// Their name, for people.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// The merchant they belong to, for [`Role::Merchant`] only.
    pub merchant: Option<MerchantId>,
    /// Their first password.
    pub password: PasswordHash,
}

/// Log-ins that failed under one name, whether or not somebody has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    /// How many in a row.
    pub count: u32,
    /// When the last one was.
    pub last: Timestamp,
    /// Until then every try fails.
    pub locked_until: Option<Timestamp>,
}

/// How one step of a log-in came out, as far as it could be told outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The password, and whether it is right for the hash that stood under `proof`.
    Password {
        /// Whether it is right.
        right: bool,
    },
    /// A code of the second factor, and the time step it fits, if any.
    Code {
        /// The step.
        step: Option<u64>,
    },
    /// A recovery code.
    Recovery(KeyHash),
}

/// A step of a log-in.
#[derive(Clone, Debug)]
pub struct LogIn {
    /// The name that was given, hashed: what failures are counted under.
    pub who: KeyHash,
    /// The user of that name, if there is one.
    pub user: Option<UserId>,
    /// What was shown.
    pub shown: Proof,
    /// The user's `proof` when it was checked.
    pub proof: u64,
    /// The family that a full log-in begins.
    pub family: FamilyId,
    /// Who asks, from where.
    pub by: By,
}

/// A new password in the place of an old one.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// Failures of the old one count here.
    pub who: KeyHash,
    /// Whose.
    pub user: UserId,
    /// Whether the old password was right.
    pub right: bool,
    /// The user's `proof` when that was checked.
    pub proof: u64,
    /// The new one.
    pub password: PasswordHash,
    /// The family that goes on; all others end.
    pub family: Option<FamilyId>,
    /// Who asks.
    pub by: By,
}

/// A seed and recovery codes that are shown to a user.
#[derive(Clone, Debug)]
pub struct OtpOffer {
    /// Whose.
    pub user: UserId,
    /// The user's `proof` in the token.
    pub proof: u64,
    /// The seed.
    pub seed: Wrapped,
    /// The recovery codes.
    pub recovery: Vec<KeyHash>,
    /// Who asks.
    pub by: By,
}

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum PeopleCommand {
    /// A new user.
    AddUser {
        /// Who they are.
        user: NewUser,
        /// Who asks.
        by: By,
    },
    /// A user may not log in any more, and is logged out.
    DisableUser {
        /// Whom.
        user: UserId,
        /// Who asks; never the same person.
        by: By,
    },
    /// A user's second factor is taken away, so that they enrol anew.
    ResetOtp {
        /// Whose.
        user: UserId,
        /// Who asks; never the same person.
        by: By,
    },
    /// A new password.
    ChangePassword(PasswordChange),
    /// A seed and recovery codes, shown to the user but not yet in force.
    OfferOtp(OtpOffer),
    /// A step of a log-in.
    LogIn(LogIn),
    /// A refresh token was shown.
    Refresh {
        /// Its family.
        family: FamilyId,
        /// Its number in the family.
        serial: u32,
        /// From where.
        by: By,
    },
    /// The end of a family.
    LogOut {
        /// Which.
        family: FamilyId,
        /// Who asks.
        by: By,
    },
}

/// What the second factor lost to a log-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spent {
    /// All codes up to this step.
    Step(u64),
    /// One recovery code.
    Recovery(KeyHash),
}

/// Why a family ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEnd {
    /// Its person logged out.
    LoggedOut,
    /// One of its refresh tokens came twice: somebody has a copy.
    Reused,
}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeopleEvent {
    /// There is a new user.
    UserAdded(NewUser),
    /// A user may not log in any more.
    UserDisabled {
        /// Whom.
        user: UserId,
    },
    /// A user has no second factor any more.
    OtpReset {
        /// Whose.
        user: UserId,
    },
    /// A user has another password.
    PasswordChanged {
        /// Whose.
        user: UserId,
        /// The new one.
        password: PasswordHash,
        /// The family that goes on.
        family: Option<FamilyId>,
    },
    /// A seed and recovery codes were shown.
    OtpOffered {
        /// Whose.
        user: UserId,
        /// The seed.
        seed: Wrapped,
        /// The recovery codes.
        recovery: Vec<KeyHash>,
    },
    /// A user logged in.
    LoggedIn {
        /// The name as failures know it; they are forgotten.
        who: KeyHash,
        /// Whom.
        user: UserId,
        /// What the second factor lost.
        spent: Option<Spent>,
        /// Whether that completed the enrolment.
        enrols: bool,
        /// The family that begins.
        family: FamilyId,
        /// Without a refresh it is over then.
        until: Timestamp,
        /// It is over then, whatever happens.
        ends: Timestamp,
    },
    /// A log-in failed.
    LogInFailed {
        /// The name that was given, hashed.
        who: KeyHash,
        /// How many in a row.
        count: u32,
        /// Until then every try fails.
        locked_until: Option<Timestamp>,
    },
    /// A family was refreshed.
    Refreshed {
        /// Which.
        family: FamilyId,
        /// The number of the refresh token that counts now.
        serial: u32,
        /// Without another refresh it is over then.
        until: Timestamp,
    },
    /// A family ended before its time.
    SessionEnded {
        /// Which.
        family: FamilyId,
        /// When it would have ended.
        ends: Timestamp,
        /// Why.
        why: SessionEnd,
    },
}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeopleOutcome {
    /// The first step is done; the second factor is due.
    HalfWay {
        /// Whether there is none yet, and one must be enrolled first.
        must_enrol: bool,
    },
    /// Logged in or refreshed.
    In {
        /// The user as they are now.
        user: Box<User>,
        /// The family.
        family: FamilyId,
        /// The number of its refresh token.
        serial: u32,
        /// The user's `proof` that tokens carry.
        proof: u64,
        /// The family is over then, whatever happens.
        ends: Timestamp,
    },
    /// The password is changed; tokens carry this `proof` now.
    PasswordChanged {
        /// The new proof.
        proof: u64,
    },
}

#[cfg(test)]
mod tests;
