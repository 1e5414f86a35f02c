//! The journal's language: every fact that can become true.
//!
//! Events are written as JSON and read for as long as the books exist. So variants and fields are
//! only ever added, new fields are optional, and `tests/books/journal_words.rs` keeps one sample
//! of every variant as it was first written.

use serde::{Deserialize, Serialize};

use super::{
    Account, AccountEvent, AccountKey, AggregateQuestion, Answered, Audit, BusinessDate,
    Correction, CredentialEvent, Deposit, DepositRow, Hold, HoldEnd, Merchant, MerchantId,
    MessageEvent, OrderEvent, PeopleEvent, PolicyEvent, RegistrationEvent, RelayKey, SystemEvent,
    Timestamp, Totals, Transfer, WebhookEvent, Won,
};

/// What a person should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionKind {
    /// A deposit's number came again with another account or amount (0101).
    DepositKeyReused,
    /// A correction's number stands for another account or amount (0101).
    CorrectionKeyReused,
    /// A correction names another amount than its deposit (0112).
    CorrectionAmountDiffers,
    /// A correction asks for a deposit that never came (0100).
    CorrectionWithoutDeposit,
    /// A deposit came after a correction of its number that speaks of another payment.
    TombstoneDiffers,
}

impl ExceptionKind {
    /// Every kind there is.
    pub const ALL: [ExceptionKind; 5] = [
        ExceptionKind::DepositKeyReused,
        ExceptionKind::CorrectionKeyReused,
        ExceptionKind::CorrectionAmountDiffers,
        ExceptionKind::CorrectionWithoutDeposit,
        ExceptionKind::TombstoneDiffers,
    ];
}

/// A conflict between what was told and what is told now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// What kind.
    pub kind: ExceptionKind,
    /// Under which key.
    pub key: RelayKey,
    /// The account named now.
    pub account: AccountKey,
    /// The amount named now.
    pub amount: Won,
    /// Account and amount named before.
    pub earlier: Option<(AccountKey, Won)>,
}

/// An account after money has moved on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountAfter {
    /// Whose account.
    pub merchant: MerchantId,
    /// What was booked to the merchant through this account, less corrections.
    pub balance: Won,
}

/// A fact. One command makes none, one or several of them true, all in one journal record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// These books were begun.
    Founded {
        /// Our institution code with the relay.
        institution: String,
        /// `sandbox` or `production`.
        mode: String,
    },
    /// Merchants were taken in, or their values replaced.
    MerchantsImported {
        /// As they are now.
        merchants: Vec<Merchant>,
    },
    /// Accounts were taken in, or their values replaced.
    AccountsImported {
        /// As they are now.
        accounts: Vec<Account>,
    },
    /// A deposit stands in the books.
    DepositBooked {
        /// As the bank told it.
        deposit: Deposit,
        /// As the key table keeps it.
        row: DepositRow,
        /// What moved.
        transfer: Transfer,
        /// Whose account it is and what stands on it now; none where the account was never
        /// issued, and in records older than this field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<AccountAfter>,
    },
    /// A deposit's money was moved from suspense to its merchant.
    DepositReleased {
        /// The deposit's key.
        key: RelayKey,
        /// The deposit as it stands now.
        row: DepositRow,
        /// What moved.
        transfer: Transfer,
        /// Whose account it is and what stands on it now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<AccountAfter>,
    },
    /// A correction was accepted: with its deposit's reversal, or alone as a tombstone.
    CorrectionAccepted(Correction),
    /// A deposit was undone.
    DepositReversed {
        /// The deposit's key.
        key: RelayKey,
        /// The deposit as it stood.
        row: DepositRow,
        /// What moved back.
        transfer: Transfer,
        /// The date the correction counts on.
        counted_on: BusinessDate,
        /// Whether a one-time account may be used again.
        reopens_account: bool,
        /// Whose account it is and what stands on it now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<AccountAfter>,
    },
    /// An approval keeps something for its payer.
    HoldTaken(Hold),
    /// A hold counts no longer.
    HoldEnded {
        /// The hold as it stood.
        hold: Hold,
        /// Why.
        why: HoldEnd,
    },
    /// A day was counted and both sides' figures noted.
    AggregateAnswered {
        /// What the relay asked and told.
        question: AggregateQuestion,
        /// What we answered.
        ours: Totals,
    },
    /// Something a person should look at.
    ExceptionRaised(Exception),
    /// An administrative act, in the record of what it did.
    Audited(Audit),
    /// What this record did was answered, and the answer is kept for a repeat.
    Answered(Answered),
    /// The kept answers whose time was over first are forgotten.
    AnswersForgotten {
        /// Only those that ended by then.
        until: Timestamp,
        /// At most so many.
        most: u32,
    },
    /// Issuing and closing virtual accounts (가상계좌 발급·해지).
    Account(AccountEvent),
    /// A merchant's order (주문), waiting for its deposit.
    Order(OrderEvent),
    /// What a merchant has decided about its deposits: matching, ceilings, reactions.
    Policy(PolicyEvent),
    /// The people who may look and act: users, their log-ins and second factors.
    People(PeopleEvent),
    /// The keys by which a merchant's own programs prove who they are.
    Credential(CredentialEvent),
    /// A merchant that joins us, and what is known of it.
    Registration(RegistrationEvent),
    /// Endpoints of merchants, and the letters on their way to them.
    Webhook(WebhookEvent),
    /// Messages to people: mail, chat and text; never in the way of money.
    Message(MessageEvent),
    /// Settings of the running house.
    System(SystemEvent),
}

/// Bytes as hexadecimal text, so that an auditor can read a telegram out of the journal.
pub(super) mod hex_bytes {
    use serde::{Deserialize, Deserializer, Serializer, de};

    const DIGITS: &[u8; 16] = b"0123456789abcdef";

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], out: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(bytes.len() * 2);
        text.extend(bytes.iter().flat_map(|byte| {
            let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
            [char::from(DIGITS[high]), char::from(DIGITS[low])]
        }));
        out.serialize_str(&text)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        let wrong = || de::Error::custom("not an even number of hexadecimal digits");
        if !text.len().is_multiple_of(2) || !text.is_ascii() {
            return Err(wrong());
        }
        let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong());
        (0..text.len()).step_by(2).map(byte).collect()
    }
}
