//! The face's document, and where it is served.

use std::sync::LazyLock;

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};
use utoipa::OpenApi as _;

use super::ask::{API_KEY, MALL_ID};
use crate::merchant::Face;
use crate::merchant::document::{self, Document, Frame};

/// What stands before the paths.
#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "PayAction",
    version = "1",
    description = "무통장입금 주문을 등록하면 입금과 매칭되는 순간 웹훅으로 알려 드립니다. 오류도 HTTP 200으로 \
                   답하며, 상점 설정(payactionErrorStatus)을 4xx로 바꾸면 400 형식, 401 키, 404 없음, \
                   409 중복 또는 이미 매칭, 429 제한으로 답합니다.",
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
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let operations = paths.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten());
    for (_, operation) in operations {
        either(operation);
    }
    document
}

/// What each file says of its own routes.
fn parts() -> Vec<utoipa::openapi::OpenApi> {
    vec![
        super::orders::Paths::openapi(),
        super::receipts::Paths::openapi(),
    ]
}

/// A refusal has status 200, too, where the shop has not chosen otherwise.
fn either(operation: &mut Value) {
    let schema = operation.pointer_mut("/responses/200/content/application~1json/schema");
    // A POST has both already.
    if let Some(schema) = schema
        && schema.get("oneOf").is_none()
    {
        let yes = schema.take();
        *schema = json!({ "oneOf": [yes, { "$ref": "#/components/schemas/Refusal" }] });
    }
}

fn success() -> Value {
    json!({
        "type": "object",
        "required": ["status", "response"],
        "properties": {
            "status": { "const": "success" },
            "response": { "type": "object" }
        }
    })
}

fn refusal() -> Value {
    json!({
        "type": "object",
        "required": ["status", "response"],
        "properties": {
            "status": { "const": "error" },
            "response": {
                "type": "object",
                "required": ["message"],
                "properties": { "message": { "type": "string" } }
            }
        }
    })
}

fn schemes() -> Value {
    json!({
        "apiKey": { "type": "apiKey", "in": "header", "name": API_KEY },
        "mallId": { "type": "apiKey", "in": "header", "name": MALL_ID }
    })
}

fn needs(_: &str) -> Vec<&'static str> {
    vec!["apiKey", "mallId"]
}

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
    document::way_to("/payaction/docs/")
}

async fn viewer(file: web::Path<String>) -> HttpResponse {
    document::viewer(Face::Payaction, "/payaction/openapi.json", &file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_schemas_share_a_name() {
        assert_eq!(document::shared_names(&parts()), Vec::<String>::new());
    }
}
