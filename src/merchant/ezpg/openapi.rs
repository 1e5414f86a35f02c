//! The face's document, and where it is served.

use std::sync::LazyLock;

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};
use utoipa::OpenApi as _;

use crate::merchant::Face;
use crate::merchant::document::{self, Document, Frame};

/// What stands before the paths.
#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "EzPG",
    version = "1",
    description = "가맹점 호출(2.1)은 본문의 mid와 meky로, 관리자 호출은 Bearer 토큰으로 인증합니다. \
                   x-who는 부를 수 있는 사람입니다: HO 본사, OP 운영자, VW 조회자, ME 가맹점.",
    license(name = "Apache-2.0", identifier = "Apache-2.0")
))]
struct Title;

/// The document of all routes.
pub(crate) fn document() -> Value {
    let frame = Frame {
        success,
        refusal,
        schemes,
        needs,
    };
    let mut document = document::complete(Title::openapi(), parts(), frame);
    let schemas = &mut document["components"]["schemas"];
    schemas["CallSuccess"] = with_both_codes("Success");
    schemas["CallRefusal"] = with_both_codes("Refusal");
    for path in CALLS {
        as_text(&mut document["paths"][path]["post"]["responses"]);
    }
    document
}

/// What each file says of its own routes.
fn parts() -> Vec<utoipa::openapi::OpenApi> {
    vec![
        super::account_lists::Paths::openapi(),
        super::accounts::Paths::openapi(),
        super::audit::Paths::openapi(),
        super::auth::Paths::openapi(),
        super::calls::Paths::openapi(),
        super::credentials::Paths::openapi(),
        super::deliveries::Paths::openapi(),
        super::deposits::Paths::openapi(),
        super::events::Paths::openapi(),
        super::logs::Paths::openapi(),
        super::matching::Paths::openapi(),
        super::merchants::Paths::openapi(),
        super::notifications::Paths::openapi(),
        super::orders::Paths::openapi(),
        super::policies::Paths::openapi(),
        super::registration::Paths::openapi(),
        super::sending::Paths::openapi(),
        super::statistics::Paths::openapi(),
        super::system::Paths::openapi(),
        super::transactions::Paths::openapi(),
        super::trial::Paths::openapi(),
        super::users::Paths::openapi(),
        super::webhooks::Paths::openapi(),
        super::withdrawals::Paths::openapi(),
    ]
}

/// Merchants' own calls have the code under both names.
fn with_both_codes(name: &str) -> Value {
    json!({
        "allOf": [{ "$ref": format!("#/components/schemas/{name}") }],
        "required": ["resultCd"],
        "properties": {
            "resultCd": { "type": "string", "description": "resultCode와 같은 값" }
        }
    })
}

/// They answer JSON that is labelled as text.
fn as_text(responses: &mut Value) {
    for (_, response) in responses.as_object_mut().into_iter().flatten() {
        let mut schema = response["content"]["application/json"].take();
        point_to_calls(&mut schema);
        response["content"] = json!({ "text/plain;charset=UTF-8": schema });
    }
}

/// Has every reference to an answer's frame lead to the one of merchants' own calls.
fn point_to_calls(schema: &mut Value) {
    match schema {
        Value::String(text) => {
            for name in ["Success", "Refusal"] {
                if *text == format!("#/components/schemas/{name}") {
                    *text = format!("#/components/schemas/Call{name}");
                    return;
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(point_to_calls),
        Value::Object(fields) => fields
            .iter_mut()
            .for_each(|(_, value)| point_to_calls(value)),
        _ => {}
    }
}

fn success() -> Value {
    json!({
        "type": "object",
        "required": ["resultCode", "resultMsg"],
        "properties": {
            "resultCode": { "const": "0000" },
            "resultMsg": { "type": "string", "examples": ["성공"] }
        }
    })
}

fn refusal() -> Value {
    json!({
        "type": "object",
        "required": ["resultCode", "resultMsg", "traceId"],
        "properties": {
            "resultCode": { "type": "string", "description": CODES },
            "resultMsg": { "type": "string" },
            "traceId": { "type": "string", "description": "로그에서 이 요청을 찾는 번호" }
        }
    })
}

/// The codes in words.
const CODES: &str = "1000 시스템 오류, 1001 인증, 1002 권한, 1003 파라미터, 1004 데이터 없음, \
                     1005 요청 과다, 2001 가맹점 없음, 2002 잔액 부족, 3001 계좌 발급 실패, \
                     3002 가상계좌 없음, 4001 출금 실패, 4002 입금 실패";

fn schemes() -> Value {
    json!({ "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } })
}

/// Whoever calls without a token says who they are in the body.
fn needs(path: &str) -> Vec<&'static str> {
    if is_open(path) {
        Vec::new()
    } else {
        vec!["bearer"]
    }
}

/// Whether a path needs no token.
fn is_open(path: &str) -> bool {
    ["/ezpg/auth/login", "/ezpg/auth/refresh"].contains(&path) || is_call(path)
}

/// Whether a path is a call of merchants' own programs.
pub(super) fn is_call(path: &str) -> bool {
    CALLS.contains(&path)
}

/// The calls of merchants' own programs (2.1).
const CALLS: [&str; 3] = [
    "/ezpg/regUserApi",
    "/ezpg/merWithdrawApi",
    "/ezpg/searchTransApi",
];

/// The document as it is served, and what it knows of paths.
pub(crate) static DOCUMENT: LazyLock<Document> = LazyLock::new(|| Document::of(&document()));

/// The document and its viewer.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/openapi.json").route(web::get().to(served)))
        .service(web::resource("/docs").route(web::get().to(way)))
        .service(web::resource("/docs/{file:.*}").route(web::get().to(viewer)));
}

async fn served() -> HttpResponse {
    DOCUMENT.served()
}

async fn way() -> HttpResponse {
    document::way_to("/ezpg/docs/")
}

async fn viewer(file: web::Path<String>) -> HttpResponse {
    document::viewer(Face::Ezpg, "/ezpg/openapi.json", &file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_schemas_share_a_name() {
        assert_eq!(document::shared_names(&parts()), Vec::<String>::new());
    }
}
