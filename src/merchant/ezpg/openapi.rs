//! The face's document, and where it is served.

use std::sync::LazyLock;

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};
use utoipa::OpenApi as _;

use crate::merchant::Face;
use crate::merchant::document::{self, Frame};

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
    let mut whole = Title::openapi();
    for part in vec![
        super::account_lists::Paths::openapi(),
        super::accounts::Paths::openapi(),
        super::audit::Paths::openapi(),
        super::auth::Paths::openapi(),
        super::calls::Paths::openapi(),
        super::credentials::Paths::openapi(),
        super::deposits::Paths::openapi(),
        super::deliveries::Paths::openapi(),
        super::events::Paths::openapi(),
        super::logs::Paths::openapi(),
        super::matching::Paths::openapi(),
        super::merchants::Paths::openapi(),
        super::orders::Paths::openapi(),
        super::policies::Paths::openapi(),
        super::registration::Paths::openapi(),
        super::statistics::Paths::openapi(),
        super::system::Paths::openapi(),
        super::transactions::Paths::openapi(),
        super::notifications::Paths::openapi(),
        super::trial::Paths::openapi(),
        super::webhooks::Paths::openapi(),
        super::users::Paths::openapi(),
    ] {
        whole.merge(part);
    }
    document::complete(
        &whole,
        Frame {
            success,
            refusal,
            schemes,
            needs,
        },
    )
}

fn success() -> Value {
    json!({
        "type": "object",
        "required": ["resultCode", "resultMsg"],
        "properties": {
            "resultCode": { "type": "string", "examples": ["0000"] },
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
pub(super) fn is_open(path: &str) -> bool {
    [
        "/ezpg/auth/login",
        "/ezpg/auth/refresh",
        "/ezpg/regUserApi",
        "/ezpg/merWithdrawApi",
        "/ezpg/searchTransApi",
    ]
    .contains(&path)
}

/// The methods that the document has for `path`.
pub(crate) fn methods_at(path: &str) -> Vec<String> {
    let found = TEMPLATES
        .iter()
        .find(|(template, _)| matches(template, path));
    found.map_or_else(Vec::new, |(_, methods)| methods.clone())
}

/// Whether `path` is one that `template`, with its names in braces, speaks of.
fn matches(template: &str, path: &str) -> bool {
    let (mut ours, mut theirs) = (template.split('/'), path.split('/'));
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if one.starts_with('{') && !other.is_empty() => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

/// Every path with its methods.
static TEMPLATES: LazyLock<Vec<(String, Vec<String>)>> = LazyLock::new(|| {
    let document = document();
    let paths = document["paths"].as_object().into_iter().flatten();
    let methods = |item: &Value| {
        let names = item.as_object().into_iter().flatten();
        names.map(|(name, _)| name.to_uppercase()).collect()
    };
    paths
        .map(|(path, item)| (path.clone(), methods(item)))
        .collect()
});

static TEXT: LazyLock<String> = LazyLock::new(|| document().to_string());

/// The document and its viewer.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/openapi.json").route(web::get().to(served)))
        .service(web::resource("/docs").route(web::get().to(way)))
        .service(web::resource("/docs/{file:.*}").route(web::get().to(viewer)));
}

async fn served() -> HttpResponse {
    document::served(&TEXT)
}

async fn way() -> HttpResponse {
    document::way_to("/ezpg/docs/")
}

async fn viewer(file: web::Path<String>) -> HttpResponse {
    document::viewer(Face::Ezpg, "/ezpg/openapi.json", &file)
}
