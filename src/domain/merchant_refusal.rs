//! Every "no" that a merchant or an operator can be told, one line each. The faces translate.

use serde::{Deserialize, Serialize};

/// Why a merchant's or an operator's request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MerchantRefusal {
    /// No such merchant, or it is not the caller's to see.
    NoSuchMerchant,
    /// No such webhook endpoint, or it is not the caller's to see.
    NoSuchEndpoint,
    /// No such delivery, or it is not the caller's to see.
    NoSuchDelivery,
    /// The merchant has as many endpoints as it may.
    TooManyEndpoints,
    /// The endpoint's dialect has no words for one of the events.
    EventNotInDialect,
    /// The endpoint is suspended; it must be resumed first.
    EndpointSuspended,
    /// The endpoint is switched off; it must be switched on first.
    EndpointDisabled,
    /// A merchant of this id is there already.
    MerchantTaken,
    /// A user of this name is there already.
    UserTaken,
    /// No such user.
    NoSuchUser,
    /// A merchant's person needs a merchant, and nobody else may have one.
    RoleAndMerchant,
    /// Nobody does this to themselves; it takes a second person.
    SecondPerson,
    /// Name, password, code or token is wrong, or the name is locked: which is not told.
    WrongLogin,
    /// There is a second factor already; a second person must reset it first.
    OtpIsOn,
    /// Replaced keys cannot go on for so long.
    OverlapTooLong,
    /// No such setting.
    NoSuchSetting,
    /// The setting cannot have this value.
    SettingOutOfRange,
}
