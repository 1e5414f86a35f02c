//! The face's result codes (resultCode).

use actix_web::http::StatusCode;

/// A result code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// 0000: done.
    Done,
    /// 1000: something of ours failed.
    Failed,
    /// 1001: who calls is not known.
    Unauthenticated,
    /// 1002: the caller may not.
    Forbidden,
    /// 1003: a parameter is missing or wrong.
    Parameter,
    /// 1004: there is no such thing, or it is not the caller's.
    Absent,
    /// 1005: too many requests.
    TooMany,
    /// 2001: no such merchant.
    NoMerchant,
    /// 3001: the account could not be issued.
    IssueFailed,
    /// 3002: no such virtual account.
    NoAccount,
    /// 4001: the withdrawal failed.
    WithdrawalFailed,
    /// 4002: the deposit failed.
    DepositFailed,
}

impl Code {
    /// As it stands in answers.
    pub(crate) fn digits(self) -> &'static str {
        match self {
            Code::Done => "0000",
            Code::Failed => "1000",
            Code::Unauthenticated => "1001",
            Code::Forbidden => "1002",
            Code::Parameter => "1003",
            Code::Absent => "1004",
            Code::TooMany => "1005",
            Code::NoMerchant => "2001",
            Code::IssueFailed => "3001",
            Code::NoAccount => "3002",
            Code::WithdrawalFailed => "4001",
            Code::DepositFailed => "4002",
        }
    }

    /// The HTTP status of the admin interface.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Code::Unauthenticated => StatusCode::UNAUTHORIZED,
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::Parameter => StatusCode::BAD_REQUEST,
            Code::Absent | Code::NoMerchant | Code::NoAccount => StatusCode::NOT_FOUND,
            Code::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            Code::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Code::Done | Code::IssueFailed | Code::WithdrawalFailed | Code::DepositFailed => {
                StatusCode::OK
            }
        }
    }

    /// What it means, where nothing more exact is known.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Code::Done => "성공",
            Code::Failed => "시스템 오류가 발생했습니다.",
            Code::Unauthenticated => "인증에 실패했습니다.",
            Code::Forbidden => "권한이 없습니다.",
            Code::Parameter => "요청 값이 올바르지 않습니다.",
            Code::Absent => "데이터가 없습니다.",
            Code::TooMany => "요청이 너무 많습니다. 잠시 후 다시 시도하십시오.",
            Code::NoMerchant => "존재하지 않는 가맹점입니다.",
            Code::IssueFailed => "가상계좌를 발급할 수 없습니다.",
            Code::NoAccount => "존재하지 않는 가상계좌입니다.",
            Code::WithdrawalFailed => "출금에 실패했습니다.",
            Code::DepositFailed => "입금에 실패했습니다.",
        }
    }
}
