//! Why a telegram is answered yes or no. The codes on the wire are a layout's data, not ours.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// The meaning of a response code (응답코드).
    pub enum Answer {
        /// Normal (정상).
        Accepted = "accepted",
        /// The telegram breaks its layout or lacks a required field.
        Malformed = "malformed",
        /// Unknown kind of telegram.
        UnknownKind = "unknown_kind",
        /// Our own system cannot answer.
        SystemFault = "system_fault",
        /// The institution code is not ours.
        UnknownInstitution = "unknown_institution",
        /// The bank code is unknown or not contracted.
        UnknownBank = "unknown_bank",
        /// Nothing was done; the telegram may be sent again.
        NotProcessed = "not_processed",
        /// A transfer that is still in process at the bank.
        InProcess = "in_process",
        /// The original of a correction or a notice was not found.
        OriginalNotFound = "original_not_found",
        /// The number was used before, with other content.
        KeyReused = "key_reused",
        /// Before the bank's opening.
        BeforeOpening = "before_opening",
        /// After closing, or within maintenance.
        AfterClosing = "after_closing",
        /// The amount breaks the account's rule.
        AmountWrong = "amount_wrong",
        /// The account is closed, cancelled or used up.
        AccountClosed = "account_closed",
        /// The account was never issued.
        AccountUnknown = "account_unknown",
        /// A limit would be passed.
        LimitPassed = "limit_passed",
        /// The account or its merchant is stopped, or held by another payer.
        Stopped = "stopped",
        /// The balance is short.
        BalanceShort = "balance_short",
        /// The reversal is not possible.
        ReversalImpossible = "reversal_impossible",
        /// The other bank is down.
        OtherBankDown = "other_bank_down",
        /// The inter-bank network is down (금융결제원 장애).
        NetworkDown = "network_down",
        /// Any other error.
        Other = "other",
        /// No reply came in time; what became of the transfer is not known.
        TimedOut = "timed_out",
        /// There is no such transfer.
        NoRecord = "no_record",
        /// The account's term has ended.
        Expired = "expired",
        /// The depositor's name is not among the allowed.
        DepositorNotAllowed = "depositor_not_allowed",
        /// We could not decide in time.
        TooLate = "too_late",
        /// Internal error.
        Internal = "internal",
    }
}
