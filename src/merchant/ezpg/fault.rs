//! The face's "no": a code, words, an HTTP status, and the id under which our log speaks of it.

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Code;
use crate::domain::{AnswerForm, Refusal};
use crate::merchant::answer::{answer, respond};
use crate::merchant::{Stop, trace};
use crate::store::Busy;
use crate::store::once::Answer;

/// Why a request is refused, or a kept answer that is given again.
#[derive(Clone, Debug)]
pub(crate) struct Fault(Box<Inner>);

#[derive(Clone, Debug)]
enum Inner {
    No(No),
    /// No fault at all: this was answered before.
    Again(Answer),
}

#[derive(Clone, Debug)]
struct No {
    code: Code,
    words: Cow<'static, str>,
    status: StatusCode,
    retry_after: Option<u64>,
    malformed: bool,
    fields: Map<String, Value>,
}

/// A refusal as it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    result_code: &'a str,
    result_msg: &'a str,
    trace_id: &'a str,
    #[serde(flatten)]
    fields: &'a Map<String, Value>,
}

/// What an answer said, for the log and the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told(pub(crate) &'static str);

impl Fault {
    /// A fault with the code's own words.
    pub(crate) fn new(code: Code) -> Fault {
        Fault::because(code, code.words())
    }

    /// A fault with words of its own.
    pub(crate) fn because(code: Code, words: impl Into<Cow<'static, str>>) -> Fault {
        Fault(Box::new(Inner::No(No {
            code,
            words: words.into(),
            status: code.status(),
            retry_after: None,
            malformed: code == Code::Parameter,
            fields: Map::new(),
        })))
    }

    /// A fault that tells more: `fields` stand beside code and words.
    pub(crate) fn with(
        code: Code,
        words: impl Into<Cow<'static, str>>,
        fields: &impl Serialize,
    ) -> Fault {
        let mut fault = Fault::because(code, words);
        if let (Inner::No(no), Ok(Value::Object(fields))) =
            (&mut *fault.0, serde_json::to_value(fields))
        {
            no.fields = fields;
        }
        fault
    }

    /// A field is missing or wrong.
    pub(crate) fn parameter(field: &str, why: &str) -> Fault {
        Fault::because(Code::Parameter, format!("{field}: {why}"))
    }

    /// There is no such thing, or it is another merchant's: alike.
    pub(crate) fn absent() -> Fault {
        Fault::new(Code::Absent)
    }

    /// What is kept is said again.
    pub(crate) fn again(answer: Answer) -> Fault {
        Fault(Box::new(Inner::Again(answer)))
    }

    /// The kept answer that it says again, where it is no fault at all.
    pub(crate) fn kept(&self) -> Option<&Answer> {
        match &*self.0 {
            Inner::No(_) => None,
            Inner::Again(answer) => Some(answer),
        }
    }

    /// After how many seconds it is worth trying again, where it is.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        match &*self.0 {
            Inner::No(no) => no.retry_after,
            Inner::Again(_) => None,
        }
    }

    /// Whether the call itself was wrong, which counts against whoever made it: not what the house
    /// knows otherwise, nor a call that is already being worked on.
    pub(crate) fn is_malformed(&self) -> bool {
        match &*self.0 {
            Inner::No(no) => no.malformed,
            Inner::Again(_) => false,
        }
    }

    /// Its HTTP status in the admin interface.
    pub(crate) fn status(&self) -> StatusCode {
        match &*self.0 {
            Inner::No(no) => no.status,
            Inner::Again(answer) => StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK),
        }
    }

    /// Its code.
    pub(crate) fn code(&self) -> Code {
        match &*self.0 {
            Inner::No(no) => no.code,
            Inner::Again(_) => Code::Done,
        }
    }

    /// Its words.
    pub(crate) fn words(&self) -> &str {
        match &*self.0 {
            Inner::No(no) => &no.words,
            Inner::Again(_) => Code::Done.words(),
        }
    }

    /// The answer that tells it, under the trace id of the request.
    pub(crate) fn answer(&self, trace_id: &str) -> Answer {
        let no = match &*self.0 {
            Inner::No(no) => no,
            Inner::Again(answer) => return answer.clone(),
        };
        let written = Written {
            result_code: no.code.digits(),
            result_msg: &no.words,
            trace_id,
            fields: &no.fields,
        };
        // Three texts are always written.
        let body = serde_json::to_vec(&written).unwrap_or_default();
        answer(no.status, AnswerForm::Json, body)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code().digits(), self.words())
    }
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = respond(self.answer(&trace::current()));
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(Told(self.code().digits()));
        response
    }
}

impl From<Stop> for Fault {
    fn from(stop: Stop) -> Fault {
        let code = match stop {
            Stop::NotFound => Code::Absent,
            Stop::TooMany(_) | Stop::Locked(_) => Code::TooMany,
            Stop::Busy | Stop::Failed => Code::Failed,
            Stop::Method
            | Stop::TooLarge
            | Stop::TooSlow
            | Stop::Cut
            | Stop::KeyUnfit
            | Stop::KeyReused
            | Stop::InFlight => Code::Parameter,
        };
        Fault(Box::new(Inner::No(No {
            code,
            words: stop.words().into(),
            status: stop.status(),
            retry_after: stop.retry_after(),
            malformed: matches!(stop, Stop::TooLarge | Stop::KeyUnfit),
            fields: Map::new(),
        })))
    }
}

impl From<Busy> for Fault {
    fn from(busy: Busy) -> Fault {
        Stop::from(busy).into()
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Fault {
        let (code, words) = super::refusal::say(refusal);
        let mut fault = Fault::because(code, words);
        if let Inner::No(no) = &mut *fault.0 {
            no.malformed = false;
        }
        fault
    }
}
