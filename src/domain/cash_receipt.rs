//! The cash receipt (현금영수증) of an order: wished for with the order, issued on the match,
//! cancelled with a correction, an undone match or on request.
//!
//! The office that issues receipts stands behind a port. The one there is keeps them in the books
//! and draws their numbers from the journal; where no office is at hand the wish is kept.

use serde::{Deserialize, Serialize};

use super::{Moment, Order, OrderEvent, Plan, Timestamp, Won};

/// What the receipt is for (거래구분).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptUsage {
    /// A person's income deduction (소득공제용).
    IncomeDeduction,
    /// A business's proof of expense (지출증빙용).
    ExpenseProof,
}

/// Why an order goes without a receipt although something was said about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptRefusal {
    /// Neither 소득공제용 nor 지출증빙용.
    UsageUnknown,
    /// The identity number is missing or does not fit the usage.
    IdentityInvalid,
    /// The merchant's plan has no receipts.
    NotInPlan,
    /// No office is at hand.
    NoOffice,
}

/// What a merchant asked for, judged by its form alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptWish {
    /// Nothing.
    #[default]
    None,
    /// Something that cannot be issued.
    Invalid(ReceiptRefusal),
    /// A receipt.
    Wanted {
        /// For what.
        usage: ReceiptUsage,
        /// For whom: a phone, a card or a person's number, or a business's.
        identity: String,
    },
}

/// Why a receipt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptEnd {
    /// The merchant asked for it.
    Request,
    /// The match was undone.
    Undo,
    /// The bank corrected the deposit.
    Correction,
}

/// What became of an order's receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    /// None was asked for.
    None,
    /// None will be issued.
    Refused(ReceiptRefusal),
    /// One will be issued on the match.
    Wanted {
        /// For what.
        usage: ReceiptUsage,
        /// For whom.
        identity: String,
    },
    /// One was issued.
    Issued {
        /// For what.
        usage: ReceiptUsage,
        /// For whom.
        identity: String,
        /// Its own number.
        receipt: String,
        /// When.
        at: Timestamp,
    },
    /// It was cancelled.
    Cancelled {
        /// For what it was.
        usage: ReceiptUsage,
        /// For whom it was.
        identity: String,
        /// Its own number.
        receipt: String,
        /// Why.
        why: ReceiptEnd,
        /// When.
        at: Timestamp,
    },
}

impl ReceiptWish {
    /// Judges what a merchant sent by its form: a usage in Korean words and an identity number.
    /// Blank fields are missing ones.
    pub fn judged(usage: Option<&str>, identity: Option<&str>) -> ReceiptWish {
        let (usage, identity) = (given(usage), given(identity));
        let Some(word) = usage else {
            return ReceiptWish::None;
        };
        let usage = match word {
            "소득공제용" => ReceiptUsage::IncomeDeduction,
            "지출증빙용" => ReceiptUsage::ExpenseProof,
            _ => return ReceiptWish::Invalid(ReceiptRefusal::UsageUnknown),
        };
        match identity.filter(|identity| fits(usage, identity)) {
            Some(identity) => ReceiptWish::Wanted {
                usage,
                identity: identity.to_owned(),
            },
            None => ReceiptWish::Invalid(ReceiptRefusal::IdentityInvalid),
        }
    }

    /// What becomes of the wish when its order is taken.
    pub(super) fn taken(self, plan: Plan, office: bool) -> ReceiptState {
        match self {
            ReceiptWish::None => ReceiptState::None,
            ReceiptWish::Invalid(why) => ReceiptState::Refused(why),
            ReceiptWish::Wanted { .. } if plan == Plan::Basic => {
                ReceiptState::Refused(ReceiptRefusal::NotInPlan)
            }
            ReceiptWish::Wanted { .. } if !office => {
                ReceiptState::Refused(ReceiptRefusal::NoOffice)
            }
            ReceiptWish::Wanted { usage, identity } => ReceiptState::Wanted { usage, identity },
        }
    }
}

/// A field that is not blank.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Whether a number can stand for a person (a mobile phone, a resident's number or a receipt
/// card) or for a business.
fn fits(usage: ReceiptUsage, identity: &str) -> bool {
    if !identity.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    match usage {
        ReceiptUsage::ExpenseProof => identity.len() == 10,
        ReceiptUsage::IncomeDeduction => match identity.len() {
            10 | 11 => identity.starts_with("01"),
            13..=19 => true,
            _ => false,
        },
    }
}

impl ReceiptState {
    /// The number of a receipt that is in force.
    pub fn issued(&self) -> Option<&str> {
        match self {
            ReceiptState::Issued { receipt, .. } => Some(receipt),
            _ => None,
        }
    }

    /// Whether the merchant itself has ended it: then no match brings another.
    pub(super) fn ended_on_request(&self) -> bool {
        matches!(
            self,
            ReceiptState::Cancelled {
                why: ReceiptEnd::Request,
                ..
            }
        )
    }

    /// Whether a match issues a receipt: one was asked for and none was ended at the merchant's
    /// own request.
    fn due(&self) -> bool {
        match self {
            ReceiptState::Wanted { .. } => true,
            ReceiptState::Cancelled { why, .. } => *why != ReceiptEnd::Request,
            ReceiptState::None | ReceiptState::Refused(_) | ReceiptState::Issued { .. } => false,
        }
    }

    /// The state once a receipt of this number is issued.
    #[must_use]
    pub fn with_issued(self, number: String, issued_at: Timestamp) -> ReceiptState {
        match self {
            ReceiptState::Wanted { usage, identity }
            | ReceiptState::Cancelled {
                usage, identity, ..
            } => ReceiptState::Issued {
                usage,
                identity,
                receipt: number,
                at: issued_at,
            },
            other => other,
        }
    }

    /// The state once the receipt in force is cancelled; of one that is cancelled already, once the
    /// merchant itself wants no other.
    #[must_use]
    pub fn with_cancelled(self, why: ReceiptEnd, cancelled_at: Timestamp) -> ReceiptState {
        match self {
            ReceiptState::Issued {
                usage,
                identity,
                receipt,
                ..
            }
            | ReceiptState::Cancelled {
                usage,
                identity,
                receipt,
                ..
            } => ReceiptState::Cancelled {
                usage,
                identity,
                receipt,
                why,
                at: cancelled_at,
            },
            other => other,
        }
    }
}

/// The receipt that a match brings, by the office in the books: nine digits from the journal.
pub(super) fn on_match(order: &Order, amount: Won, moment: Moment) -> Option<OrderEvent> {
    order.receipt.due().then(|| OrderEvent::ReceiptIssued {
        merchant: order.merchant.clone(),
        number: order.number.clone(),
        receipt: format!("{:09}", moment.position % 1_000_000_000),
        amount,
        at: moment.now,
    })
}

/// The end of the receipt in force, where there is one.
pub(super) fn on_end(order: &Order, why: ReceiptEnd, now: Timestamp) -> Option<OrderEvent> {
    let receipt = order.receipt.issued()?;
    Some(cancelled(order, receipt, why, now))
}

/// The end that the merchant asks for: of the receipt in force, or of the one that ended with its
/// match, which the next match would bring back.
pub(super) fn on_request(order: &Order, now: Timestamp) -> Option<OrderEvent> {
    let receipt = match &order.receipt {
        ReceiptState::Issued { receipt, .. } | ReceiptState::Cancelled { receipt, .. } => receipt,
        ReceiptState::None | ReceiptState::Refused(_) | ReceiptState::Wanted { .. } => return None,
    };
    Some(cancelled(order, receipt, ReceiptEnd::Request, now))
}

fn cancelled(order: &Order, receipt: &str, why: ReceiptEnd, now: Timestamp) -> OrderEvent {
    OrderEvent::ReceiptCancelled {
        merchant: order.merchant.clone(),
        number: order.number.clone(),
        receipt: receipt.to_owned(),
        why,
        at: now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_judged_by_its_form() {
        let judged = ReceiptWish::judged;
        for (usage, identity) in [
            ("소득공제용", "01012345678"),
            ("소득공제용", "0111234567"),
            ("소득공제용", "9001011234567"),
            ("소득공제용", "123456789012345678"),
            (" 지출증빙용 ", "1234567890"),
        ] {
            let wish = judged(Some(usage), Some(identity));
            assert!(
                matches!(wish, ReceiptWish::Wanted { .. }),
                "{usage} {identity}"
            );
        }
        for identity in [
            None,
            Some(""),
            Some("hong"),
            Some("010-1234-5678"),
            Some("0212345678"),
        ] {
            let wish = judged(Some("소득공제용"), identity);
            assert_eq!(
                wish,
                ReceiptWish::Invalid(ReceiptRefusal::IdentityInvalid),
                "{identity:?}"
            );
        }
        let phone = judged(Some("지출증빙용"), Some("01012345678"));
        assert_eq!(phone, ReceiptWish::Invalid(ReceiptRefusal::IdentityInvalid));
        let other = judged(Some("income"), Some("01012345678"));
        assert_eq!(other, ReceiptWish::Invalid(ReceiptRefusal::UsageUnknown));
        assert_eq!(judged(None, Some("01012345678")), ReceiptWish::None);
        assert_eq!(judged(Some("  "), None), ReceiptWish::None);
    }

    #[test]
    fn a_plan_or_an_office_may_be_missing() {
        let wish = || ReceiptWish::judged(Some("지출증빙용"), Some("1234567890"));
        assert!(matches!(
            wish().taken(Plan::Premium, true),
            ReceiptState::Wanted { .. }
        ));
        for (plan, office, why) in [
            (Plan::Basic, true, ReceiptRefusal::NotInPlan),
            (Plan::Premium, false, ReceiptRefusal::NoOffice),
        ] {
            assert_eq!(wish().taken(plan, office), ReceiptState::Refused(why));
        }
    }

    #[test]
    fn a_receipt_comes_back_after_a_correction_but_not_after_a_request() {
        let wanted = ReceiptWish::judged(Some("지출증빙용"), Some("1234567890"));
        let wanted = wanted.taken(Plan::Premium, true);
        assert!(wanted.due());
        let issued = wanted.with_issued("000000001".to_owned(), Timestamp::from_micros(1));
        assert_eq!(issued.issued(), Some("000000001"));
        assert!(!issued.due());
        for (why, again) in [
            (ReceiptEnd::Correction, true),
            (ReceiptEnd::Undo, true),
            (ReceiptEnd::Request, false),
        ] {
            let ended = issued
                .clone()
                .with_cancelled(why, Timestamp::from_micros(2));
            assert_eq!((ended.issued(), ended.due()), (None, again));
        }
    }
}
