//! Answers as bytes: made by a face, kept by the books where they must be given again, and turned
//! into a response here.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, HeaderName, HeaderValue};

use crate::domain::AnswerForm;
use crate::store::once::Answer;

/// Tells a repeat from the first answer.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// How `EzPG`'s own calls are labelled, though their bytes are JSON.
const TEXT: &str = "text/plain;charset=UTF-8";

/// An answer of these bytes.
pub fn answer(status: StatusCode, form: AnswerForm, body: Vec<u8>) -> Answer {
    Answer {
        status: status.as_u16(),
        form,
        body,
        sealed: None,
        again: false,
    }
}

/// The response that carries `answer`.
pub fn respond(answer: Answer) -> HttpResponse {
    // Only statuses that were sent once are kept.
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    match answer.form {
        AnswerForm::Json => response.insert_header(ContentType::json()),
        AnswerForm::Text => response.insert_header(("content-type", TEXT)),
    };
    if answer.again {
        response.insert_header((REPLAYED, HeaderValue::from_static("true")));
    }
    response.body(answer.body)
}
