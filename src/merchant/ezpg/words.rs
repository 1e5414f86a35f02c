//! Reasons in words (사유), for people who look at one deposit.

use crate::domain::{
    ExceptionKind, Judgement, Reaction, ReceiptEnd, ReceiptRefusal, SuspenseReason,
};

/// Why a deposit's money is parked.
pub(super) fn parked(reason: SuspenseReason) -> &'static str {
    match reason {
        SuspenseReason::BankNotContracted => "계약되지 않은 은행에서 온 입금입니다.",
        SuspenseReason::AccountUnknown => "발급한 적이 없는 계좌로 들어온 입금입니다.",
        SuspenseReason::AccountClosed => "해지되었거나 이미 사용된 계좌입니다.",
        SuspenseReason::AccountExpired => "입금 기한이 지난 계좌입니다.",
        SuspenseReason::AmountWrong => "약정 금액과 다른 금액입니다.",
        SuspenseReason::DepositorNotAllowed => "허용되지 않은 입금자입니다.",
        SuspenseReason::LimitPassed => "입금 한도를 넘었습니다.",
        SuspenseReason::Stopped => "정지된 계좌 또는 가맹점입니다.",
        SuspenseReason::OrderOver => "주문이 만료되었거나 매칭에서 제외되었습니다.",
        SuspenseReason::PaidBefore => "이미 입금된 주문입니다.",
    }
}

/// What is out of the ordinary about a deposit.
pub(super) fn judged(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Partial => "부족 입금",
        Judgement::Over => "초과 입금",
        Judgement::Late => "기한 후 입금",
        Judgement::Duplicate => "중복 입금",
    }
}

/// Why an order goes without a cash receipt.
pub(super) fn receipt_refused(why: ReceiptRefusal) -> &'static str {
    match why {
        ReceiptRefusal::UsageUnknown => "거래구분이 소득공제용도 지출증빙용도 아닙니다.",
        ReceiptRefusal::IdentityInvalid => "식별번호가 없거나 거래구분에 맞지 않습니다.",
        ReceiptRefusal::NotInPlan => "현금영수증이 없는 요금제입니다.",
        ReceiptRefusal::NoOffice => "현금영수증 발행 기관이 연결되어 있지 않습니다.",
    }
}

/// Why a cash receipt was cancelled.
pub(super) fn receipt_ended(why: ReceiptEnd) -> &'static str {
    match why {
        ReceiptEnd::Request => "가맹점이 취소를 요청했습니다.",
        ReceiptEnd::Undo => "매칭이 취소되었습니다.",
        ReceiptEnd::Correction => "입금이 정정되었습니다.",
    }
}

/// What was done about it.
pub(super) fn reacted(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::Wait => "나머지를 기다림",
        Reaction::Accept => "그대로 입금 처리",
        Reaction::Refund => "환불 대상으로 보관",
        Reaction::Suspense => "확인을 위해 보관",
    }
}

/// What was told twice, and otherwise.
pub(super) fn exception(kind: ExceptionKind) -> &'static str {
    match kind {
        ExceptionKind::DepositKeyReused => {
            "같은 거래번호의 입금이 다른 계좌나 금액으로 다시 왔습니다."
        }
        ExceptionKind::CorrectionKeyReused => {
            "같은 거래번호의 정정이 다른 계좌나 금액으로 다시 왔습니다."
        }
        ExceptionKind::CorrectionAmountDiffers => "정정 금액이 입금 금액과 다릅니다.",
        ExceptionKind::CorrectionWithoutDeposit => "온 적이 없는 입금을 정정하려 했습니다.",
        ExceptionKind::TombstoneDiffers => "정정이 먼저 온 거래번호로 다른 입금이 왔습니다.",
    }
}
