//! What a merchant can be told: the closed list of happenings, and their names for the world.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($variant:ident = $word:literal, $help:literal;)*) => {
        /// What a merchant can be told. Rows hold it by number: new ones go to the end.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum EventKind {
            $(#[doc = $help] #[serde(rename = $word)] $variant,)*
        }

        impl EventKind {
            /// Every kind.
            pub const ALL: &[EventKind] = &[$(EventKind::$variant,)*];

            /// Its name in every dialect's settings.
            pub const fn word(self) -> &'static str {
                match self { $(EventKind::$variant => $word,)* }
            }
        }
    };
}

kinds! {
    DepositReceived = "deposit.received", "A deposit stands in the merchant's books.";
    DepositMatched = "deposit.matched", "A deposit met an order.";
    DepositUnmatched = "deposit.unmatched", "A match was taken back.";
    DepositPartial = "deposit.partial", "Less came than was asked for.";
    DepositOver = "deposit.over", "More came than was asked for.";
    DepositLate = "deposit.late", "A deposit came after its order or account had ended.";
    DepositDuplicate = "deposit.duplicate", "What was paid already was paid again.";
    DepositCorrected = "deposit.corrected", "The bank undid a deposit.";
    OrderExcluded = "order.excluded", "An order was taken out of matching.";
    OrderExpired = "order.expired", "An order waited too long.";
    AccountIssued = "account.issued", "A virtual account was issued.";
    AccountClosed = "account.closed", "A virtual account was closed.";
    WithdrawalRequested = "withdrawal.requested", "A withdrawal was asked for.";
    WithdrawalPaid = "withdrawal.paid", "A withdrawal was paid.";
    WithdrawalFailed = "withdrawal.failed", "A withdrawal was refused.";
    WithdrawalUnknown = "withdrawal.unknown", "Nobody knows yet what became of a withdrawal.";
    WithdrawalReturned = "withdrawal.returned", "A paid withdrawal came back.";
    WithdrawalCancelled = "withdrawal.cancelled", "A withdrawal was called off.";
    RefundPaid = "refund.paid", "A refund was paid.";
    RefundFailed = "refund.failed", "A refund was refused.";
    RefundReturned = "refund.returned", "A paid refund came back.";
}

impl EventKind {
    /// The kind of that name.
    pub fn parse(word: &str) -> Option<Self> {
        EventKind::ALL
            .iter()
            .copied()
            .find(|kind| kind.word() == word)
    }
}
