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
    /// A Telegram chat needs both a bot's token and the chat's id.
    TelegramIncomplete,
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
    /// The merchant is stopped or closed.
    MerchantStopped,
    /// The order's number is taken.
    OrderExists,
    /// No such order.
    NoSuchOrder,
    /// The order has met its deposit.
    OrderMatched,
    /// The order was taken out.
    OrderExcluded,
    /// The order belongs to a one-time account already.
    OrderHasAccount,
    /// No cash receipt was issued for the order.
    NoReceipt,
    /// No such deposit.
    NoSuchDeposit,
    /// The deposit has met an order.
    DepositMatched,
    /// The deposit has met no order.
    DepositNotMatched,
    /// The deposit's money is parked, or was sent back by a correction.
    DepositNotBooked,
    /// The bank has no range of numbers with us.
    BankNotOffered,
    /// Every number of the bank is taken or in quarantine.
    NumbersUsedUp,
    /// A one-time account of this merchant needs an amount.
    AmountNeeded,
    /// An order can be named for a one-time account only.
    OrderNeedsOneTime,
    /// The end lies in the past.
    AlreadyOver,
    /// No such account.
    NoSuchAccount,
    /// A value that its policy does not know.
    PolicyInvalid,
}
