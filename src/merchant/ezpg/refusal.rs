//! The house's "no" in the face's words. A new refusal needs its line here.

use super::Code;
use crate::domain::{MerchantRefusal, Refusal};

/// The code and the words for a refusal.
pub(super) fn say(refusal: Refusal) -> (Code, &'static str) {
    match refusal {
        Refusal::Merchant(refusal) => say_merchant(refusal),
        Refusal::AccountUnknown => (Code::NoAccount, Code::NoAccount.words()),
        Refusal::AccountClosed => (Code::DepositFailed, "해지된 가상계좌입니다."),
        Refusal::Expired => (Code::DepositFailed, "입금 기한이 지난 가상계좌입니다."),
        Refusal::AmountWrong => (Code::DepositFailed, "입금 금액이 약정 금액과 다릅니다."),
        Refusal::DepositorNotAllowed => (Code::DepositFailed, "허용되지 않은 입금자입니다."),
        Refusal::LimitPassed => (Code::DepositFailed, "입금 한도를 넘었습니다."),
        Refusal::Stopped => (Code::DepositFailed, "정지된 가상계좌입니다."),
        Refusal::HeldByAnother => (Code::DepositFailed, "다른 입금이 진행 중인 가상계좌입니다."),
        Refusal::BeforeOpening | Refusal::AfterClosing => {
            (Code::DepositFailed, "은행 이용 시간이 아닙니다.")
        }
        Refusal::UnknownBank => (Code::Parameter, "계약되지 않은 은행입니다."),
        Refusal::UnknownInstitution
        | Refusal::KeyReused
        | Refusal::OriginalNotFound
        | Refusal::TooLate => (Code::DepositFailed, Code::DepositFailed.words()),
    }
}

fn say_merchant(refusal: MerchantRefusal) -> (Code, &'static str) {
    match refusal {
        MerchantRefusal::NoSuchMerchant => (Code::NoMerchant, Code::NoMerchant.words()),
        MerchantRefusal::NoSuchEndpoint => (Code::Absent, "존재하지 않는 웹훅 엔드포인트입니다."),
        MerchantRefusal::NoSuchDelivery => (Code::Absent, "존재하지 않는 웹훅 발송 건입니다."),
        MerchantRefusal::TooManyEndpoints => (
            Code::Parameter,
            "등록할 수 있는 웹훅 엔드포인트 수를 넘었습니다.",
        ),
        MerchantRefusal::EventNotInDialect => (
            Code::Parameter,
            "이 형식으로는 보낼 수 없는 이벤트가 있습니다.",
        ),
        MerchantRefusal::EndpointSuspended => (
            Code::Parameter,
            "발송이 중단된 엔드포인트입니다. 먼저 재개해야 합니다.",
        ),
        MerchantRefusal::TelegramIncomplete => (
            Code::Parameter,
            "텔레그램은 botToken과 chatId가 모두 있어야 합니다.",
        ),
        MerchantRefusal::EndpointDisabled => (
            Code::Parameter,
            "사용하지 않음으로 설정된 엔드포인트입니다.",
        ),
        MerchantRefusal::MerchantStopped => (Code::NoMerchant, "이용이 정지된 가맹점입니다."),
        MerchantRefusal::OrderExists => (Code::Parameter, "이미 존재하는 주문번호입니다."),
        MerchantRefusal::NoSuchOrder => (Code::Absent, "존재하지 않는 주문입니다."),
        MerchantRefusal::OrderMatched => (Code::Parameter, "이미 매칭완료된 주문입니다."),
        MerchantRefusal::OrderExcluded => (Code::Parameter, "매칭에서 제외된 주문입니다."),
        MerchantRefusal::OrderHasAccount => (Code::Parameter, "이미 가상계좌가 발급된 주문입니다."),
        MerchantRefusal::NoReceipt => (Code::Absent, "발행된 현금영수증이 없습니다."),
        MerchantRefusal::NoSuchDeposit => (Code::Absent, "존재하지 않는 입금입니다."),
        MerchantRefusal::DepositMatched => (Code::Parameter, "이미 매칭된 입금입니다."),
        MerchantRefusal::DepositNotMatched => (Code::Parameter, "매칭되지 않은 입금입니다."),
        MerchantRefusal::DepositNotBooked => {
            (Code::Parameter, "가맹점에 입금 처리되지 않은 거래입니다.")
        }
        MerchantRefusal::BankNotOffered => {
            (Code::Parameter, "가상계좌를 발급할 수 없는 은행입니다.")
        }
        MerchantRefusal::NumbersUsedUp => (
            Code::IssueFailed,
            "발급할 수 있는 가상계좌 번호가 없습니다.",
        ),
        MerchantRefusal::AmountNeeded => (Code::Parameter, "금액을 입력해야 합니다."),
        MerchantRefusal::OrderNeedsOneTime => (
            Code::Parameter,
            "주문번호는 일회성 계좌에만 지정할 수 있습니다.",
        ),
        MerchantRefusal::AlreadyOver => (Code::Parameter, "입금 기한이 이미 지났습니다."),
        MerchantRefusal::NoSuchAccount => (Code::NoAccount, Code::NoAccount.words()),
        MerchantRefusal::PolicyInvalid => (Code::Parameter, "허용되지 않는 설정 값입니다."),
        MerchantRefusal::WrongLogin
        | MerchantRefusal::NoSuchUser
        | MerchantRefusal::NoSuchSetting
        | MerchantRefusal::MerchantTaken
        | MerchantRefusal::UserTaken
        | MerchantRefusal::RoleAndMerchant
        | MerchantRefusal::SecondPerson
        | MerchantRefusal::OtpIsOn
        | MerchantRefusal::OverlapTooLong
        | MerchantRefusal::SettingOutOfRange => say_of_people(refusal),
    }
}

/// What is said of people, users and settings.
fn say_of_people(refusal: MerchantRefusal) -> (Code, &'static str) {
    match refusal {
        MerchantRefusal::WrongLogin => (Code::Unauthenticated, Code::Unauthenticated.words()),
        MerchantRefusal::NoSuchUser => (Code::Absent, "존재하지 않는 사용자입니다."),
        MerchantRefusal::NoSuchSetting => (Code::Parameter, "없는 설정 항목이 있습니다."),
        MerchantRefusal::MerchantTaken => (Code::Parameter, "이미 사용 중인 가맹점 아이디입니다."),
        MerchantRefusal::UserTaken => (Code::Parameter, "이미 사용 중인 사용자 아이디입니다."),
        MerchantRefusal::RoleAndMerchant => (
            Code::Parameter,
            "merchantId는 가맹점 사용자에게만, 그리고 반드시 지정해야 합니다.",
        ),
        MerchantRefusal::SecondPerson => (
            Code::Forbidden,
            "본인에게는 할 수 없습니다. 다른 사람이 처리해야 합니다.",
        ),
        MerchantRefusal::OtpIsOn => (
            Code::Parameter,
            "이미 OTP가 등록되어 있습니다. 다른 사람이 먼저 초기화해야 합니다.",
        ),
        MerchantRefusal::OverlapTooLong => (Code::Parameter, "overlapHours는 0에서 720까지입니다."),
        MerchantRefusal::SettingOutOfRange => {
            (Code::Parameter, "설정 값이 허용 범위를 벗어났습니다.")
        }
        // Everything else is said above.
        _ => (Code::Parameter, Code::Parameter.words()),
    }
}
