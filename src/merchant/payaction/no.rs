//! The face's "no": exact words, and the status where a shop wants one.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use serde::Serialize;

use crate::domain::{AnswerForm, ErrorStatus, MerchantRefusal, Refusal};
use crate::merchant::answer::{answer, respond};
use crate::merchant::{KeyFault, Stop};
use crate::store::Mode;
use crate::store::once::Answer;

/// Why a call is refused, or a kept answer that is given again.
#[derive(Clone, Debug)]
pub(super) enum No {
    /// The key or the mall is missing or wrong, or may not be used from there: which is not told.
    Keys,
    /// The key is one of the other environment.
    OtherEnvironment(Mode),
    /// Too many malformed calls; for so many more seconds nothing is done.
    Locked(u64),
    /// The body is no JSON object.
    Shapeless,
    /// A field that must be there is not.
    Missing,
    /// A field has a value that it cannot have.
    Value(&'static str),
    /// What the domain says.
    Refused(Refusal),
    /// The call ended before any business was done.
    Stop(Stop),
    /// No refusal at all: this was answered before.
    Again(Answer),
}

/// A refusal as it is written.
#[derive(Serialize)]
struct Written<'a> {
    status: &'static str,
    response: Words<'a>,
}

#[derive(Serialize)]
struct Words<'a> {
    message: &'a str,
}

impl No {
    /// The message, to the letter.
    pub(super) fn words(&self) -> Cow<'static, str> {
        match self {
            No::Keys => KEYS.into(),
            No::OtherEnvironment(mode) => KeyFault::other_environment_words(*mode).into(),
            No::Locked(_) => "요청이 일시적으로 제한되었습니다.".into(),
            No::Shapeless => "요청 본문이 JSON 객체가 아닙니다.".into(),
            No::Missing => "누락된 필드가 존재합니다.".into(),
            No::Value(field) => format!("{field} 값이 올바르지 않습니다.").into(),
            No::Refused(refusal) => said(*refusal).1.into(),
            No::Stop(stop) => stop.words().into(),
            No::Again(_) => "".into(),
        }
    }

    /// Whether it counts against what a shop may send of malformed calls.
    pub(super) fn is_malformed(&self) -> bool {
        match self {
            No::Shapeless
            | No::Missing
            | No::Value(_)
            | No::Stop(Stop::TooLarge | Stop::KeyUnfit) => true,
            No::Keys
            | No::OtherEnvironment(_)
            | No::Locked(_)
            | No::Refused(_)
            | No::Stop(_)
            | No::Again(_) => false,
        }
    }

    /// The HTTP status. What ended early has its own, whatever the shop has chosen: no client
    /// of this interface was ever promised otherwise, and proxies and libraries act on it.
    fn status(&self, errors: ErrorStatus) -> StatusCode {
        let named = match self {
            No::Stop(stop) => return stop.status(),
            No::Again(answer) => return StatusCode::from_u16(answer.status).unwrap_or_default(),
            No::Keys | No::OtherEnvironment(_) => StatusCode::UNAUTHORIZED,
            No::Locked(_) => StatusCode::TOO_MANY_REQUESTS,
            No::Shapeless | No::Missing | No::Value(_) => StatusCode::BAD_REQUEST,
            No::Refused(refusal) => said(*refusal).0,
        };
        match errors {
            ErrorStatus::Always200 => StatusCode::OK,
            ErrorStatus::Status4xx => named,
        }
    }

    /// The answer that tells it.
    pub(super) fn answer(&self, errors: ErrorStatus) -> Answer {
        if let No::Again(answer) = self {
            return answer.clone();
        }
        let words = self.words();
        let written = Written {
            status: "error",
            response: Words { message: &words },
        };
        // Two texts are always written.
        let body = serde_json::to_vec(&written).unwrap_or_default();
        answer(self.status(errors), AnswerForm::Json, body)
    }

    /// The response that tells it.
    pub(super) fn response(&self, errors: ErrorStatus) -> HttpResponse {
        let mut response = respond(self.answer(errors));
        let wait = match self {
            No::Locked(seconds) => Some(*seconds),
            No::Stop(stop) => stop.retry_after(),
            _ => None,
        };
        if let Some(seconds) = wait.filter(|_| response.status() != StatusCode::OK) {
            let headers = response.headers_mut();
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Stop> for No {
    fn from(stop: Stop) -> No {
        No::Stop(stop)
    }
}

const KEYS: &str = "인증 정보가 올바르지 않습니다.";

/// The house's "no" in the face's words, with its status. A new refusal needs its line here.
fn said(refusal: Refusal) -> (StatusCode, &'static str) {
    let Refusal::Merchant(refusal) = refusal else {
        // Refusals of telegrams; no command of this face meets them.
        return (StatusCode::BAD_REQUEST, "요청을 처리할 수 없습니다.");
    };
    match refusal {
        MerchantRefusal::OrderExists => (
            StatusCode::CONFLICT,
            "이미 해당 주문번호의 주문이 존재합니다.",
        ),
        MerchantRefusal::NoSuchOrder => (StatusCode::NOT_FOUND, "존재하지 않는 주문입니다."),
        MerchantRefusal::OrderMatched => (StatusCode::CONFLICT, "이미 매칭완료된 주문입니다."),
        MerchantRefusal::NoReceipt => (StatusCode::NOT_FOUND, "발행된 현금영수증이 없습니다."),
        MerchantRefusal::MerchantStopped => (StatusCode::FORBIDDEN, "이용이 정지된 상점입니다."),
        MerchantRefusal::NoSuchMerchant => (StatusCode::UNAUTHORIZED, KEYS),
        MerchantRefusal::AlreadyOver => (
            StatusCode::BAD_REQUEST,
            "auto_cancel_date 값이 올바르지 않습니다.",
        ),
        _ => (StatusCode::BAD_REQUEST, "요청을 처리할 수 없습니다."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_chooses_between_200_and_the_status_by_its_name() {
        let domain = |refusal| No::Refused(Refusal::Merchant(refusal));
        for (no, status, words) in [
            (No::Keys, 401, "인증 정보가 올바르지 않습니다."),
            (
                No::OtherEnvironment(Mode::Production),
                401,
                "테스트 키는 운영 환경에서 사용할 수 없습니다.",
            ),
            (
                No::OtherEnvironment(Mode::Sandbox),
                401,
                "운영 키는 테스트 환경에서 사용할 수 없습니다.",
            ),
            (No::Locked(7), 429, "요청이 일시적으로 제한되었습니다."),
            (No::Missing, 400, "누락된 필드가 존재합니다."),
            (
                No::Value("order_date"),
                400,
                "order_date 값이 올바르지 않습니다.",
            ),
            (
                domain(MerchantRefusal::OrderMatched),
                409,
                "이미 매칭완료된 주문입니다.",
            ),
            (
                domain(MerchantRefusal::MerchantStopped),
                403,
                "이용이 정지된 상점입니다.",
            ),
        ] {
            let told = format!(r#"{{"status":"error","response":{{"message":"{words}"}}}}"#);
            for (errors, status) in [
                (ErrorStatus::Always200, 200),
                (ErrorStatus::Status4xx, status),
            ] {
                let answer = no.answer(errors);
                assert_eq!(answer.status, status, "{words}");
                assert_eq!(String::from_utf8_lossy(&answer.body), told);
                let wait = no.response(errors).headers().get(RETRY_AFTER).is_some();
                assert_eq!(wait, status == 429, "{words}");
            }
        }
    }

    #[test]
    fn what_ends_early_has_its_own_status_whatever_the_shop_has_chosen() {
        for errors in [ErrorStatus::Always200, ErrorStatus::Status4xx] {
            let status = |stop| No::Stop(stop).answer(errors).status;
            assert_eq!(status(Stop::TooLarge), 413);
            assert_eq!(status(Stop::KeyReused), 422);
            assert_eq!(status(Stop::InFlight), 409);
            assert_eq!(status(Stop::TooMany(3)), 429);
        }
    }

    #[test]
    fn only_what_is_malformed_counts_against_a_shop() {
        for no in [
            No::Shapeless,
            No::Missing,
            No::Value("order_date"),
            No::Stop(Stop::TooLarge),
        ] {
            assert!(no.is_malformed(), "{no:?}");
        }
        for no in [
            No::Keys,
            No::Locked(1),
            No::Refused(Refusal::Merchant(MerchantRefusal::OrderExists)),
            No::Refused(Refusal::Merchant(MerchantRefusal::NoSuchOrder)),
            No::Stop(Stop::Busy),
            No::Stop(Stop::Cut),
        ] {
            assert!(!no.is_malformed(), "{no:?}");
        }
    }
}
