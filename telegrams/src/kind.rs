//! The kinds of telegram the house knows, one word per business. Knows no bytes.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// A kind of telegram (전문). A request and its reply are of the same kind.
    pub enum Kind {
        /// Account lookup before a payment (수취조회).
        PayeeLookup = "payee_lookup",
        /// Question whether a deposit would be accepted (입금사전조회).
        PreDepositCheck = "pre_deposit_check",
        /// Notice that money has come in (입금).
        Deposit = "deposit",
        /// Notice that a deposit was taken back (입금정정).
        Correction = "correction",
        /// The relay's totals of a day, to be compared with ours (집계).
        Aggregate = "aggregate",
        /// The day is opened (업무개시).
        Open = "open",
        /// The day is closed (업무종료).
        Close = "close",
        /// A bank is out of order (장애통보).
        FaultNotice = "fault_notice",
        /// A bank works again (장애회복).
        RecoveryNotice = "recovery_notice",
        /// Is anybody there (회선시험).
        LineTest = "line_test",
        /// Payment out of the mother account (지급이체).
        Remittance = "remittance",
        /// What became of a payment out (처리결과조회).
        RemittanceResult = "remittance_result",
        /// A payment that was made and came back (타행이체불능통지).
        ReturnNotice = "return_notice",
        /// Who owns an account at another bank (예금주조회).
        PayeeName = "payee_name",
        /// Balance of the mother account (잔액조회).
        Balance = "balance",
        /// Totals of a day's payments out (이체집계).
        RemittanceAggregate = "remittance_aggregate",
    }
}
