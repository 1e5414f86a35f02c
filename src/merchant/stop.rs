//! Why a request ends before any business was done, whatever it asked for. Each face says it in
//! its own words, and all of them with the same HTTP status.

use actix_web::http::StatusCode;

use crate::store::Busy;

/// Why a request ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// There is nothing at this path (404).
    NotFound,
    /// There is something at this path, but not for this method (405).
    Method,
    /// The body is longer than it may be (413).
    TooLarge,
    /// The body did not come in time (408).
    TooSlow,
    /// The body ended early, or was not what its headers say (400).
    Cut,
    /// Too many requests; worth trying again after so many seconds (429).
    TooMany(u64),
    /// Too many malformed calls: the merchant is locked for so many more seconds (429).
    Locked(u64),
    /// The idempotency key is empty, too long or has other characters than it may (400).
    KeyUnfit,
    /// The idempotency key was used with other content (422).
    KeyReused,
    /// The same idempotency key is being worked on (409).
    InFlight,
    /// The books have more waiting than they may; nothing was written (503).
    Busy,
    /// Something of ours failed (500).
    Failed,
}

impl Stop {
    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        match self {
            Stop::NotFound => StatusCode::NOT_FOUND,
            Stop::Method => StatusCode::METHOD_NOT_ALLOWED,
            Stop::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Stop::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Stop::Cut | Stop::KeyUnfit => StatusCode::BAD_REQUEST,
            Stop::TooMany(_) | Stop::Locked(_) => StatusCode::TOO_MANY_REQUESTS,
            Stop::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Stop::InFlight => StatusCode::CONFLICT,
            Stop::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Stop::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What to say to people, in Korean.
    pub fn words(self) -> &'static str {
        match self {
            Stop::NotFound => "요청한 경로가 없습니다.",
            Stop::Method => "허용되지 않는 HTTP 메서드입니다.",
            Stop::TooLarge => "요청 본문이 허용된 크기를 넘었습니다.",
            Stop::TooSlow => "요청 본문이 제시간에 도착하지 않았습니다.",
            Stop::Cut => "요청 본문을 끝까지 읽을 수 없습니다.",
            Stop::TooMany(_) => "요청이 너무 많습니다. 잠시 후 다시 시도하십시오.",
            Stop::Locked(_) => "요청이 일시적으로 제한되었습니다.",
            Stop::KeyUnfit => "Idempotency-Key는 눈에 보이는 ASCII 문자 1~255자여야 합니다.",
            Stop::KeyReused => "같은 Idempotency-Key가 다른 내용으로 이미 사용되었습니다.",
            Stop::InFlight => "같은 Idempotency-Key의 요청을 처리하고 있습니다.",
            Stop::Busy => "처리할 요청이 밀려 있습니다. 잠시 후 다시 시도하십시오.",
            Stop::Failed => "시스템 오류가 발생했습니다.",
        }
    }

    /// After how many seconds it is worth trying again, where it is.
    pub fn retry_after(self) -> Option<u64> {
        match self {
            Stop::TooMany(seconds) | Stop::Locked(seconds) => Some(seconds.max(1)),
            Stop::InFlight | Stop::Busy => Some(1),
            _ => None,
        }
    }
}

impl From<Busy> for Stop {
    fn from(_: Busy) -> Stop {
        Stop::Busy
    }
}
