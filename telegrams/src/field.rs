//! Every field the house can speak of. Where a field stands is a layout's business.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// A field of a telegram, by our own name; layouts say where it stands and what the relay
    /// calls it.
    pub enum Field {
        /// Which system a telegram belongs to (시스템ID).
        System = "system",
        /// The contract's institution code (기관코드).
        Institution = "institution",
        /// Bank of the telegram (은행코드), three digits.
        Bank = "bank",
        /// Message type (전문구분코드); a reply's is the request's plus the reply step.
        MessageType = "message_type",
        /// Transaction type (거래구분코드).
        TransactionType = "transaction_type",
        /// How often it was sent (송신횟수), 1 at first.
        SendCount = "send_count",
        /// Business date of the transaction (거래일자), civil, Seoul.
        TradeDate = "trade_date",
        /// Time of the transaction (거래시간), civil, Seoul.
        TradeTime = "trade_time",
        /// Number of the transaction (거래고유번호), compared as text.
        TraceNo = "trace_no",
        /// Response code (응답코드), spaces in a request.
        AnswerCode = "answer_code",
        /// The bank's own response code (은행응답코드).
        BankAnswerCode = "bank_answer_code",
        /// Date of the original transaction (원거래일자).
        OriginDate = "origin_date",
        /// Number of the original transaction (원거래고유번호).
        OriginTraceNo = "origin_trace_no",
        /// The bank's own number of the telegram (은행전문번호).
        BankTraceNo = "bank_trace_no",

        /// Giro code of the branch (취급지로코드).
        Giro = "giro",
        /// Where the telegram began, bank or relay (발생구분).
        Occurrence = "occurrence",
        /// Interactive or notice (입금처리구분).
        Mode = "mode",
        /// By which medium the payer paid (매체구분).
        Medium = "medium",
        /// Before or after the bank's cut-off (마감구분).
        AfterCutoff = "after_cutoff",
        /// Bank of the account that receives (입금은행코드).
        AccountBank = "account_bank",
        /// The account that receives (입금계좌번호).
        AccountNo = "account_no",
        /// The payer's bank (출금은행코드).
        DepositorBank = "depositor_bank",
        /// The payer's name (의뢰인).
        DepositorName = "depositor_name",
        /// Amount in won (거래금액).
        Amount = "amount",
        /// Cheques within the amount, won (수표금액).
        ChequeAmount = "cheque_amount",
        /// Cash within the amount, won (현금금액).
        CashAmount = "cash_amount",
        /// Sent again (재전송여부).
        Resent = "resent",
        /// An automatic cancellation (자동취소여부).
        AutoCancel = "auto_cancel",
        /// Whether the real depositor is named (실입금자여부).
        RealDepositor = "real_depositor",
        /// Name of the real depositor (실입금자명).
        RealDepositorName = "real_depositor_name",
        /// Name of the account's holder, given in replies (수취인).
        PayeeName = "payee_name",

        /// The day that is counted (집계일자).
        Day = "day",
        /// The relay's count of deposits (더즌입금정상건수).
        TheirDepositCount = "their_deposit_count",
        /// The relay's sum of deposits, won.
        TheirDepositAmount = "their_deposit_amount",
        /// The relay's count of corrections.
        TheirCorrectionCount = "their_correction_count",
        /// The relay's sum of corrections, won.
        TheirCorrectionAmount = "their_correction_amount",
        /// Our count of deposits, those corrected later included (입금정상건수).
        OurDepositCount = "our_deposit_count",
        /// Our sum of deposits, won.
        OurDepositAmount = "our_deposit_amount",
        /// Our count of corrections (입금취소건수).
        OurCorrectionCount = "our_correction_count",
        /// Our sum of corrections, won.
        OurCorrectionAmount = "our_correction_amount",

        /// The bank that opens, closes, fails or recovers (대상은행코드); 0 is the whole relay.
        TargetBank = "target_bank",
        /// Date of a fault or a recovery (발생일자).
        EventDate = "event_date",
        /// Time of a fault or a recovery (발생시간).
        EventTime = "event_time",
        /// Free text (내용).
        Memo = "memo",

        /// Bank of the mother account (출금은행코드).
        MotherBank = "mother_bank",
        /// The mother account (모계좌번호).
        MotherAccountNo = "mother_account_no",
        /// Text printed in the mother account's book (출금계좌적요).
        MotherNote = "mother_note",
        /// Text printed in the receiver's book (입금계좌적요).
        AccountNote = "account_note",
        /// Check digits agreed with the bank (복기부호).
        SignNo = "sign_no",
        /// CMS code (CMS코드).
        CmsNo = "cms_no",
        /// Nature of the money, per bank (자금성격구분).
        FundKind = "fund_kind",
        /// Sign of the balance.
        BalanceSign = "balance_sign",
        /// Balance, won (잔액).
        Balance = "balance",
        /// Sign of the available amount.
        AvailableSign = "available_sign",
        /// What may be paid out, won (지급가능금액).
        AvailableAmount = "available_amount",
        /// Fee, won (수수료).
        Fee = "fee",
        /// The relay's own number (중계거래번호).
        RelayTradeNo = "relay_trade_no",
        /// Amount asked for, won (의뢰금액).
        RequestedAmount = "requested_amount",
        /// Amount paid, won (정상처리금액).
        PaidAmount = "paid_amount",
        /// Amount not paid, won (처리불능금액).
        FailedAmount = "failed_amount",
        /// Date on which the bank worked (은행처리일자).
        ProcessedDate = "processed_date",
        /// Time at which the bank worked (은행처리시간).
        ProcessedTime = "processed_time",
        /// Outcome of a transfer as a code (처리결과).
        ResultCode = "result_code",
        /// Outcome of a transfer as a state (처리상태).
        ResultState = "result_state",
        /// Error code of the inter-bank network (공동망 오류코드).
        NetworkErrorCode = "network_error_code",
        /// Number of the inter-bank network (공동망거래고유번호).
        NetworkTradeNo = "network_trade_no",
        /// Birth date or business number (실명번호).
        IdentityNo = "identity_no",
        /// Count of payments asked for (의뢰건수).
        RequestedCount = "requested_count",
        /// Count of payments made (정상건수).
        PaidCount = "paid_count",
        /// Count of payments not made (불능건수).
        FailedCount = "failed_count",
        /// Count of payments whose end is unknown (미확정건수).
        UnsettledCount = "unsettled_count",
        /// Sum of payments whose end is unknown, won (미확정금액).
        UnsettledAmount = "unsettled_amount",

        /// What is done, where a relay tells kinds apart in the body (거래구분, 거래종류).
        DealKind = "deal_kind",
        /// Register or release (구분코드).
        RegisterKind = "register_kind",
        /// Bank code of two digits (은행코드2).
        ShortBank = "short_bank",
        /// The bank at which a payment was made (거래은행코드).
        DealBank = "deal_bank",
        /// First day of an account's term (시작일자).
        StartDate = "start_date",
        /// Last day of an account's term (종료일자).
        EndDate = "end_date",
        /// Last hour of an account's term (종료시간).
        EndTime = "end_time",
        /// How many parts a payment has (조립건수).
        PartCount = "part_count",
        /// Branch at which a payment was made (입금지점).
        DealBranch = "deal_branch",
        /// Number of a cheque (수표번호).
        ChequeNo = "cheque_no",
        /// Other means than cash and cheques of other banks, won (가계수표·기타).
        OtherMeansAmount = "other_means_amount",
        /// Date printed in the bank book.
        BookDate = "book_date",
        /// Time printed in the bank book.
        BookTime = "book_time",
        /// Running number in the bank book (통장거래일련번호).
        BookNo = "book_no",
    }
}
