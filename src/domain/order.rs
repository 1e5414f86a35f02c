//! A merchant's order (주문), waiting for its deposit: what can be asked, what becomes true.
//!
//! An order is named by its merchant and the merchant's own number, which is taken for good: also
//! the number of an excluded or expired order is never used again. The rules stand beside:
//! `placing` for an order's life, `matching` for how it meets a deposit, `by_hand` for an
//! operator's match, `cash_receipt` for the receipt that follows.

use serde::{Deserialize, Serialize};

use super::cash_receipt::{ReceiptEnd, ReceiptState, ReceiptWish};
use super::{AccountKey, By, Deposit, MatchReason, MerchantId, RelayKey, Shelf, Timestamp, Won};

/// The merchant's own number of an order: 1 to 100 characters, none of them a control character.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderNumber(String);

impl OrderNumber {
    /// The most characters an order number can have.
    pub const CHARACTERS_MAX: usize = 100;

    /// An order number just as it was written, or `None` where it is blank, too long or holds
    /// control characters.
    pub fn new(text: &str) -> Option<Self> {
        let fits = text.chars().count() <= Self::CHARACTERS_MAX;
        let plain = !text.trim().is_empty() && !text.chars().any(char::is_control);
        (fits && plain).then(|| OrderNumber(text.to_owned()))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// Who ordered (주문자), and where to tell them; blank means: do not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orderer {
    /// The name.
    pub name: String,
    /// A phone for a text, where the merchant wants one sent.
    pub phone: Option<String>,
    /// An address for a mail, where the merchant wants one sent.
    pub email: Option<String>,
}

/// How an order met its deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It was the only one with the deposit's name and amount.
    Automatic,
    /// Smart matching chose it among several.
    Smart,
    /// The order came after its deposit, and the merchant lets such orders match.
    LateOrder,
    /// The deposit came into the one-time account issued for this order.
    OneTime,
    /// An operator said so.
    ByHand,
}

/// An order's deposit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// The deposit's relay key.
    pub deposit: RelayKey,
    /// Journal position of the deposit's booking; names it towards merchants.
    pub deposit_position: u64,
    /// House time of the match.
    pub at: Timestamp,
    /// How they met.
    pub how: How,
}

/// Where an order stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStanding {
    /// It waits for its deposit (매칭대기).
    Open,
    /// Its deposit has come (매칭완료).
    Matched(Match),
    /// The merchant has taken it out (매칭제외).
    Excluded {
        /// When.
        at: Timestamp,
    },
    /// Its time ran out (기간만료).
    Expired {
        /// When.
        at: Timestamp,
    },
}

/// An order as the books know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Whose.
    pub merchant: MerchantId,
    /// The merchant's number.
    pub number: OrderNumber,
    /// How much is to come.
    pub amount: Won,
    /// When it was ordered, as the merchant says.
    pub ordered_at: Timestamp,
    /// When we received it, by house time.
    pub received_at: Timestamp,
    /// Journal position of the receipt.
    pub position: u64,
    /// The last instant at which it can match by itself.
    pub ends_at: Timestamp,
    /// The depositor's name (입금자명) that the merchant expects.
    pub billing_name: String,
    /// A code that may be printed in the name's place, where one was minted.
    pub name_code: Option<String>,
    /// Who ordered.
    pub orderer: Orderer,
    /// What became of the cash receipt.
    pub receipt: ReceiptState,
    /// The one-time account that was issued for it, whose deposits alone it meets.
    pub account: Option<AccountKey>,
    /// Where it stands.
    pub standing: OrderStanding,
}

impl Order {
    /// Whether it waits for a deposit at `now`.
    pub fn waits(&self, now: Timestamp) -> bool {
        self.standing == OrderStanding::Open && now <= self.ends_at
    }

    /// Its deposit, if it has met one.
    pub fn matched(&self) -> Option<&Match> {
        match &self.standing {
            OrderStanding::Matched(found) => Some(found),
            _ => None,
        }
    }

    /// Where it lies in the index of names.
    pub fn shelf(&self) -> Shelf {
        match self.standing {
            OrderStanding::Open => Shelf::Open,
            OrderStanding::Matched(_) => Shelf::Matched,
            OrderStanding::Excluded { .. } => Shelf::Excluded,
            OrderStanding::Expired { .. } => Shelf::Expired,
        }
    }

    /// The names under which its deposit may come.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.billing_name.as_str()).chain(self.name_code.as_deref())
    }
}

/// An order as a merchant sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// Whose.
    pub merchant: MerchantId,
    /// The merchant's number.
    pub number: OrderNumber,
    /// How much, more than zero.
    pub amount: Won,
    /// When it was ordered, as the merchant says.
    pub ordered_at: Timestamp,
    /// The depositor's name, composed (NFC).
    pub billing_name: String,
    /// Who ordered.
    pub orderer: Orderer,
    /// The cash receipt asked for, already judged by its form.
    pub receipt: ReceiptWish,
    /// An earlier end of its waiting, where the merchant names one.
    pub until: Option<Timestamp>,
}

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum OrderCommand {
    /// A new order.
    Place(Box<NewOrder>),
    /// An order that shall not match any more (매칭제외).
    Exclude {
        /// Whose.
        merchant: MerchantId,
        /// Which.
        number: OrderNumber,
        /// Who asks.
        by: By,
    },
    /// A cash receipt to be cancelled.
    CancelReceipt {
        /// Whose.
        merchant: MerchantId,
        /// Of which order.
        number: OrderNumber,
        /// Who asks.
        by: By,
    },
    /// A deposit and an order that an operator has found to belong together.
    Match {
        /// Journal position of the deposit's booking.
        deposit: u64,
        /// Whose order.
        merchant: MerchantId,
        /// Which.
        number: OrderNumber,
        /// Why, in the operator's words.
        reason: String,
        /// Who says so.
        by: By,
    },
    /// A match to be undone.
    Undo {
        /// Journal position of the deposit's booking.
        deposit: u64,
        /// Why, in the operator's words.
        reason: String,
        /// Who says so.
        by: By,
    },
    /// A depositor name for one order alone, with a check character.
    MintNameCode {
        /// Whose.
        merchant: MerchantId,
        /// Which.
        number: OrderNumber,
        /// Random bits, drawn outside.
        dice: u64,
        /// Who asks.
        by: By,
    },
}

/// What is out of the ordinary about a deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// Less than the account's amount.
    Partial,
    /// More than the account's amount.
    Over,
    /// After the account's or its order's end.
    Late,
    /// Paid before: the account is used up, or the order with this name and amount is matched.
    Duplicate,
}

/// What is done about such a deposit, by the merchant's policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// Parked until the rest comes.
    Wait,
    /// Booked to the merchant as it is.
    Accept,
    /// Parked, to be sent back.
    Refund,
    /// Parked for a person to decide.
    Suspense,
}

/// Why an order and its deposit were parted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parting {
    /// An operator undid the match.
    Undo {
        /// Why, in the operator's words.
        reason: String,
    },
    /// The bank corrected the deposit.
    Correction,
}

/// A deposit as events about orders name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositRef {
    /// The relay's key.
    pub key: RelayKey,
    /// Journal position of the booking.
    pub position: u64,
    /// The account paid into.
    pub account: AccountKey,
    /// How much.
    pub amount: Won,
    /// The payer's name as the bank told it.
    pub payer_name: String,
}

impl DepositRef {
    /// A deposit whose booking stands at `position`.
    pub fn of(deposit: &Deposit, position: u64) -> Self {
        DepositRef {
            key: deposit.key.clone(),
            position,
            account: deposit.account.clone(),
            amount: deposit.amount,
            payer_name: deposit.payer.name.clone(),
        }
    }
}

/// What can become true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderEvent {
    /// An order waits.
    Placed(Order),
    /// An order has met its deposit.
    Matched {
        /// Whose.
        merchant: MerchantId,
        /// Which order.
        number: OrderNumber,
        /// Which deposit.
        deposit: DepositRef,
        /// How they met.
        how: How,
        /// House time of the match.
        at: Timestamp,
        /// The operator's reason, where one said so.
        reason: Option<String>,
        /// How much has come for the order in all, where it was paid in parts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        paid: Option<Won>,
    },
    /// A deposit into a matching account met no order.
    MatchFailed {
        /// Whose account.
        merchant: MerchantId,
        /// Which deposit.
        deposit: DepositRef,
        /// Why, most telling first.
        reasons: Vec<MatchReason>,
    },
    /// A deposit is out of the ordinary, and this was done about it.
    Judged {
        /// Whose account.
        merchant: MerchantId,
        /// Which deposit.
        deposit: DepositRef,
        /// What is out of the ordinary.
        judgement: Judgement,
        /// What was done.
        reaction: Reaction,
        /// The order concerned, where there is one.
        number: Option<OrderNumber>,
    },
    /// A match does not stand any more; its order waits again.
    Unmatched {
        /// Whose.
        merchant: MerchantId,
        /// Which order.
        number: OrderNumber,
        /// Which deposit.
        deposit: DepositRef,
        /// Why.
        why: Parting,
        /// House time of the parting.
        at: Timestamp,
    },
    /// An order was taken out.
    Excluded {
        /// Whose.
        merchant: MerchantId,
        /// Which.
        number: OrderNumber,
        /// House time.
        at: Timestamp,
    },
    /// An order's time ran out.
    Expired {
        /// Whose.
        merchant: MerchantId,
        /// Which.
        number: OrderNumber,
        /// House time.
        at: Timestamp,
    },
    /// A depositor name for one order alone.
    NameCodeMinted {
        /// Whose.
        merchant: MerchantId,
        /// Which.
        number: OrderNumber,
        /// The name to print.
        code: String,
    },
    /// A cash receipt was issued.
    ReceiptIssued {
        /// Whose.
        merchant: MerchantId,
        /// Of which order.
        number: OrderNumber,
        /// The receipt's own number.
        receipt: String,
        /// Over how much.
        amount: Won,
        /// House time.
        at: Timestamp,
    },
    /// A cash receipt was cancelled.
    ReceiptCancelled {
        /// Whose.
        merchant: MerchantId,
        /// Of which order.
        number: OrderNumber,
        /// The receipt's own number.
        receipt: String,
        /// Why.
        why: ReceiptEnd,
        /// House time.
        at: Timestamp,
    },
}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderOutcome {
    /// The order as it stands now.
    Stands(Box<Order>),
    /// The depositor name to print.
    NameCode(String),
}

#[cfg(test)]
mod tests {
    use super::OrderNumber;

    #[test]
    fn order_numbers_are_the_merchants_own_words() {
        for right in ["1234567890", "주문-1", "a b", &"9".repeat(100)] {
            assert!(OrderNumber::new(right).is_some(), "{right}");
        }
        for wrong in ["", "  ", "a\0b", "a\nb", &"9".repeat(101)] {
            assert_eq!(OrderNumber::new(wrong), None, "{wrong:?}");
        }
    }
}
