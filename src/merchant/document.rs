//! A face's document (`OpenAPI` 3.1): put together from what its handlers say of themselves, and
//! shown by a viewer that is part of the program and needs no internet.

use std::sync::Arc;

use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use actix_web::{HttpResponse, web};
use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use super::Stop;
use super::face::Face;

/// Where a viewer may get what it needs: from us alone.
const OWN_ONLY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
                        img-src 'self' data:; frame-ancestors 'none'";

/// What every handler's own document leaves to its face.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    /// What stands beside the fields of every successful answer, as a schema.
    pub(crate) success: fn() -> Value,
    /// What a refusal looks like, as a schema.
    pub(crate) refusal: fn() -> Value,
    /// The security schemes, and which of them an operation under `path` needs.
    pub(crate) schemes: fn() -> Value,
    /// Names of the schemes that an operation needs.
    pub(crate) needs: fn(path: &str) -> Vec<&'static str>,
}

/// Puts a document together and completes it: success and refusal of every operation, keys,
/// idempotency.
///
/// A schema goes by the name of its Rust type, so that types of different parts must not share
/// one: the first would stand for both ([`shared_names`]).
pub(crate) fn complete(mut title: OpenApi, parts: Vec<OpenApi>, frame: Frame) -> Value {
    for part in parts {
        title.merge(part);
    }
    // A document that is made of our own types is always written.
    let mut document = serde_json::to_value(title).unwrap_or_default();
    let components = &mut document["components"];
    components["schemas"]["Success"] = (frame.success)();
    components["schemas"]["Refusal"] = (frame.refusal)();
    components["securitySchemes"] = (frame.schemes)();
    let paths = document["paths"].as_object_mut();
    for (path, item) in paths.into_iter().flatten() {
        let needs = (frame.needs)(path);
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            let once = method == "post" && !path.contains("/auth/");
            if let Some(operation) = operation.as_object_mut() {
                complete_operation(operation, &needs, once);
            }
        }
    }
    document
}

fn complete_operation(operation: &mut Map<String, Value>, needs: &[&str], once: bool) {
    let all: Map<String, Value> = needs
        .iter()
        .map(|name| ((*name).to_owned(), json!([])))
        .collect();
    let security = if all.is_empty() {
        json!([])
    } else {
        json!([all])
    };
    operation.insert("security".to_owned(), security);
    let refusal = json!({
        "description": "거절",
        "content": { "application/json": {
            "schema": { "$ref": "#/components/schemas/Refusal" }
        } }
    });
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    let yes = json!({ "$ref": "#/components/schemas/Success" });
    let no = json!({ "$ref": "#/components/schemas/Refusal" });
    let own = responses.pointer_mut("/200/content/application~1json/schema");
    let yes = own.map_or(yes.clone(), |own| json!({ "allOf": [yes, own.take()] }));
    // Some refusals are told with status 200.
    let either = if once {
        json!({ "oneOf": [yes, no] })
    } else {
        yes
    };
    responses["200"] = json!({
        "description": "성공",
        "content": { "application/json": { "schema": either } }
    });
    responses["default"] = refusal;
    if once {
        let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
        if let Some(parameters) = parameters.as_array_mut() {
            parameters.push(json!({
                "name": "Idempotency-Key",
                "in": "header",
                "required": false,
                "description": "같은 키와 같은 본문은 30일 동안 같은 응답을 받습니다.",
                "schema": { "type": "string", "maxLength": 255 }
            }));
        }
    }
}

/// A document as it is served, and what it knows of paths.
#[derive(Debug)]
pub(crate) struct Document {
    text: String,
    methods: Vec<(String, Vec<String>)>,
}

impl Document {
    /// Of a completed document.
    pub(crate) fn of(document: &Value) -> Document {
        let paths = document["paths"].as_object().into_iter().flatten();
        let methods = |item: &Value| {
            let names = item.as_object().into_iter().flatten();
            names.map(|(name, _)| name.to_uppercase()).collect()
        };
        Document {
            text: document.to_string(),
            methods: paths
                .map(|(path, item)| (path.clone(), methods(item)))
                .collect(),
        }
    }

    /// Itself as an answer.
    pub(crate) fn served(&'static self) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "application/json"))
            .body(self.text.as_str())
    }

    /// The methods that it has for `path`.
    pub(crate) fn methods_at(&self, path: &str) -> Vec<String> {
        let mut known = self.methods.iter();
        let found = known.find(|(template, _)| speaks_of(template, path));
        found.map_or_else(Vec::new, |(_, methods)| methods.clone())
    }
}

/// Whether `template`, with its names in braces, speaks of `path`.
fn speaks_of(template: &str, path: &str) -> bool {
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

/// A file of the viewer, which shows the document at `address`.
pub(crate) fn viewer(face: Face, address: &'static str, file: &web::Path<String>) -> HttpResponse {
    let config = Config::from(address)
        .try_it_out_enabled(true)
        .persist_authorization(false)
        .validator_url("none");
    match utoipa_swagger_ui::serve(file, Arc::new(config)) {
        Ok(Some(found)) => {
            let mut response = HttpResponse::Ok();
            if found.gzpipped {
                response.insert_header(("content-encoding", "gzip"));
            }
            response
                .insert_header((CONTENT_SECURITY_POLICY, OWN_ONLY))
                .content_type(found.content_type)
                .body(found.bytes.to_vec())
        }
        Ok(None) => face.say(address, Stop::NotFound),
        Err(_) => face.say(address, Stop::Failed),
    }
}

/// The way to the viewer's first page, whose files are named beside it.
pub(crate) fn way_to(viewer: &'static str) -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, viewer))
        .finish()
}

/// Names under which parts mean different schemas.
#[cfg(test)]
pub(crate) fn shared_names(parts: &[OpenApi]) -> Vec<String> {
    let mut known = std::collections::BTreeMap::new();
    let mut shared = Vec::new();
    for part in parts {
        let part = serde_json::to_value(part).unwrap();
        let schemas = part["components"]["schemas"].as_object().cloned();
        for (name, schema) in schemas.into_iter().flatten() {
            let first = known.entry(name.clone()).or_insert_with(|| schema.clone());
            let framed = ["Success", "Refusal", "CallSuccess", "CallRefusal"];
            if *first != schema || framed.contains(&name.as_str()) {
                shared.push(name);
            }
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(schema: &Value) -> OpenApi {
        let document = json!({
            "openapi": "3.1.0",
            "info": { "title": "a part", "version": "1" },
            "paths": {},
            "components": { "schemas": { "Ask": schema } }
        });
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn two_schemas_of_one_name_are_found_and_one_that_two_parts_use_is_not() {
        let (text, number) = (json!({ "type": "string" }), json!({ "type": "integer" }));
        let told = |parts: &[&Value]| {
            let parts: Vec<OpenApi> = parts.iter().map(|schema| part(schema)).collect();
            shared_names(&parts)
        };
        assert_eq!(told(&[&text, &text]), Vec::<String>::new());
        assert_eq!(told(&[&text, &number]), ["Ask"]);
    }
}
