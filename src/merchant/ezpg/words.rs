//! Reasons in words (사유), for people who look at one deposit.

use crate::domain::{MatchReason, SuspenseReason};

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

/// Why a deposit met no order, or why an order is only a candidate.
pub(super) fn unmatched(reason: &MatchReason) -> String {
    match reason {
        MatchReason::NoName => "입금자명이 없습니다.".to_owned(),
        MatchReason::NoOrder => "입금자명과 금액이 같은 주문이 없습니다.".to_owned(),
        MatchReason::Several { orders } => {
            let named: Vec<&str> = orders.iter().map(|order| order.as_str()).collect();
            let named = named.join(", ");
            format!("입금자명과 금액이 같은 주문이 둘 이상입니다: {named}")
        }
        MatchReason::Expired { order } => format!("주문 {order}은(는) 기간이 만료되었습니다."),
        MatchReason::Excluded { order } => {
            format!("주문 {order}은(는) 매칭에서 제외되었습니다.")
        }
        MatchReason::OrderedLater { order } => {
            format!("주문 {order}의 주문 시각이 입금보다 늦습니다.")
        }
        MatchReason::SentLater { order } => {
            format!("주문 {order}은(는) 입금 뒤에 접수되었습니다.")
        }
        MatchReason::AmountDiffers { order, amount } => format!(
            "주문 {order}은(는) 입금자명이 같지만 금액이 {}원입니다.",
            amount.digits()
        ),
        MatchReason::NameDiffers { order } => {
            format!("주문 {order}은(는) 금액이 같지만 입금자명이 다릅니다.")
        }
        MatchReason::SpacesDiffer { order } => {
            format!("주문 {order}은(는) 입금자명의 띄어쓰기가 다릅니다.")
        }
        MatchReason::NameCut { order } => {
            format!("은행이 입금자명을 잘랐습니다. 남은 부분은 주문 {order}과(와) 같습니다.")
        }
        MatchReason::PaidBefore { order } => format!("주문 {order}은(는) 이미 입금되었습니다."),
    }
}
