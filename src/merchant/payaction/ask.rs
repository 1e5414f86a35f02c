//! What a shop's program asks: who it is, what it sent, and how it is carried out and answered.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::oneshot;
use utoipa::ToSchema;

use super::No;
use crate::domain::{Actor, AnswerForm, By, Command, ErrorStatus, MerchantId, OrderCommand};
use crate::merchant::answer::{answer, respond};
use crate::merchant::{Asked, KeyFault, OnceKey, Rooms, Said, Turn, origin};
use crate::store::Receipt;
use crate::store::once::Answer;

/// The header with a shop's key.
pub(super) const API_KEY: &str = "x-api-key";
/// The header with a shop's id.
pub(super) const MALL_ID: &str = "x-mall-id";
/// What some editors and languages put before a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A yes as it is written.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Yes<T> {
    /// success
    #[schema(value_type = String, example = "success")]
    status: &'static str,
    /// 응답 내용
    response: T,
}

/// Nothing more than a yes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Nothing {}

/// The face's "yes".
pub(super) fn done<T: Serialize>(response: T) -> Answer {
    let yes = Yes {
        status: "success",
        response,
    };
    // Texts and whole numbers under fixed names are always written.
    let body = serde_json::to_vec(&yes).unwrap_or_default();
    answer(StatusCode::OK, AnswerForm::Json, body)
}

/// Who calls.
#[derive(Clone, Debug)]
pub(super) struct Mall {
    /// The shop.
    pub(super) merchant: MerchantId,
    /// The same, for the audit log.
    pub(super) by: By,
    errors: ErrorStatus,
}

/// A POST of a known caller.
#[derive(Debug)]
pub(super) struct Called {
    pub(super) mall: Mall,
    asked: Asked,
    once: Option<OnceKey>,
}

impl Called {
    /// The fields of the body; whatever label it came under, for not all clients name its type,
    /// and those they do not know are not theirs.
    pub(super) fn fields<T: DeserializeOwned>(&self) -> Result<T, No> {
        let body: &[u8] = &self.asked.body;
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        if body.trim_ascii().is_empty() {
            return Err(No::Missing);
        }
        let told: Value = serde_json::from_slice(body).map_err(|_| No::Shapeless)?;
        if !told.is_object() {
            return Err(No::Shapeless);
        }
        serde_json::from_value(told).map_err(|_| No::Shapeless)
    }

    /// Has `command` carried out, once where there is a key. A yes has nothing to tell.
    pub(super) async fn carry_out(
        self,
        rooms: &Rooms,
        command: OrderCommand,
    ) -> Result<HttpResponse, No> {
        let errors = self.mall.errors;
        let (tell, mut told) = oneshot::channel();
        let render = move |receipt: &Receipt| Said {
            answer: match &receipt.verdict {
                Ok(_) => done(Nothing {}),
                Err(refusal) => {
                    // Heard below, unless the caller is gone.
                    let _ = tell.send(*refusal);
                    No::Refused(*refusal).answer(errors)
                }
            },
            secret: false,
        };
        let command = Command::Order(Box::new(command));
        let answer = rooms.carry_out_once(command, self.once, render).await?;
        match told.try_recv() {
            Ok(refusal) => Err(No::Refused(refusal)),
            Err(_) => Ok(respond(answer)),
        }
    }
}

/// Reads a POST, recognises who makes it, has it done, and tells what came of it.
pub(super) async fn called(
    rooms: &Rooms,
    request: &HttpRequest,
    payload: web::Payload,
    work: impl AsyncFnOnce(Called) -> Result<HttpResponse, No>,
) -> HttpResponse {
    // The body is taken in also where its sender is not known, so that it hears the answer.
    let asked = Asked::read(request, &mut payload.into_inner()).await;
    let work = async |mall: Mall| {
        let asked = asked?;
        let scope = format!("payaction/{}", mall.merchant);
        let once = match rooms.turn(&scope, &asked).await? {
            Turn::Go(once) => once,
            Turn::Again(answer) => return Err(No::Again(answer)),
        };
        work(Called { mall, asked, once }).await
    };
    told(rooms, request, work).await
}

/// Recognises who calls, has it done, and tells what came of it.
pub(super) async fn told(
    rooms: &Rooms,
    request: &HttpRequest,
    work: impl AsyncFnOnce(Mall) -> Result<HttpResponse, No>,
) -> HttpResponse {
    let errors = error_status(rooms, request.headers());
    let told = match recognise(rooms, request, errors) {
        Ok(mall) => {
            let merchant = mall.merchant.clone();
            let told = work(mall).await;
            if told.as_ref().is_err_and(No::is_malformed) {
                rooms.count_invalid(&merchant);
            }
            told
        }
        Err(no) => Err(no),
    };
    told.unwrap_or_else(|no| {
        let response = no.response(errors);
        // Of any other status the listener writes down.
        if response.status() == StatusCode::OK && !matches!(no, No::Again(_)) {
            tracing::info!(why = %no.words(), "a call was refused");
        }
        response
    })
}

/// A header's text; none where it is missing or not even text.
fn header<'r>(headers: &'r HeaderMap, name: &str) -> Option<&'r str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// How the shop that is named wants to be told errors, be it known by its key or not.
fn error_status(rooms: &Rooms, headers: &HeaderMap) -> ErrorStatus {
    let Some(mall) = header(headers, MALL_ID).and_then(MerchantId::new) else {
        return ErrorStatus::default();
    };
    match rooms.reads.policies(&mall) {
        Ok(policies) => policies.payaction_error_status,
        Err(broken) => {
            (rooms.on_broken)(&broken);
            ErrorStatus::default()
        }
    }
}

fn recognise(rooms: &Rooms, request: &HttpRequest, errors: ErrorStatus) -> Result<Mall, No> {
    let address = origin::of(request);
    let headers = request.headers();
    let key = header(headers, API_KEY).unwrap_or_default();
    let mall = header(headers, MALL_ID).unwrap_or_default();
    let merchant = match rooms.keys.payaction(key, mall, address) {
        Ok(merchant) => merchant,
        Err(fault) => {
            rooms.gate.stranger(address)?;
            return Err(match fault {
                KeyFault::OtherEnvironment => No::OtherEnvironment(rooms.mode),
                KeyFault::Wrong | KeyFault::AddressNotAllowed => No::Keys,
            });
        }
    };
    rooms.admit(request, &format!("payaction/{merchant}"))?;
    if let Some(seconds) = rooms.gate.locked(&merchant) {
        return Err(No::Locked(seconds));
    }
    let by = By {
        actor: Actor::Program(merchant.clone()),
        address: Some(address),
    };
    Ok(Mall {
        merchant,
        by,
        errors,
    })
}
