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
}
