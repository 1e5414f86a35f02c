//! No route is forgotten: what is mounted is documented, and what is documented says who may call.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{document, routes};
use crate::support::http::Http;

/// How a route is mounted; no other way is looked for below.
const MOUNTED: [&str; 2] = ["web::get().to(", "web::post().to("];
/// Ways of mounting that the count of [`MOUNTED`] would miss.
const OTHER_WAYS: [&str; 13] = [
    "web::put(",
    "web::patch(",
    "web::delete(",
    "web::head(",
    "web::trace(",
    "web::method(",
    "web::scope(",
    "web::to(",
    "#[get(",
    "#[post(",
    "#[put(",
    "#[delete(",
    "#[route(",
];

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("a source");
            found.push((path, text));
        }
    }
    found
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// A file without its blanks, so that it does not matter where its lines break.
fn dense(text: &str) -> String {
    text.split_whitespace().collect()
}

/// How many routes the files of a face mount, each of them with its document beside it.
fn mounted(face: &str) -> usize {
    let folder = source_folder().join("merchant").join(face);
    let count = |text: &str, words: &[&str]| -> usize {
        words.iter().map(|word| text.matches(word).count()).sum()
    };
    let mut mounted = 0;
    for (path, text) in sources(&folder) {
        // The document itself and its viewer.
        if path.ends_with("openapi.rs") {
            continue;
        }
        let text = dense(&text);
        let here = count(&text, &MOUNTED);
        let shown = path.display();
        assert_eq!(count(&text, &OTHER_WAYS), 0, "{shown} mounts otherwise");
        assert_eq!(
            text.matches(").to(").count(),
            here,
            "{shown} mounts otherwise"
        );
        let documented = text.matches("#[utoipa::path(").count();
        assert_eq!(here, documented, "{shown}: routes and documented handlers");
        mounted += here;
    }
    mounted
}

/// Every call of a document names what stands in its path and in its query, and has an answer for
/// success and one for refusal.
fn is_whole(document: &Value) {
    for (path, item) in document["paths"].as_object().expect("paths") {
        let names = path.split('{').skip(1);
        let names: BTreeSet<&str> = names.filter_map(|rest| rest.split('}').next()).collect();
        for (method, operation) in item.as_object().expect("methods") {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let in_path = parameters.clone().filter(|one| one["in"] == "path");
            let told: BTreeSet<&str> = in_path.filter_map(|one| one["name"].as_str()).collect();
            assert_eq!(told, names, "{method} {path}");
            for one in parameters {
                let place = one["in"].as_str().unwrap_or_default();
                let right = ["path", "query", "header"].contains(&place);
                assert!(right && one["schema"].is_object(), "{method} {path}: {one}");
            }
            for kind in ["200", "default"] {
                let content = operation["responses"][kind]["content"].as_object();
                let schemas = content.into_iter().flatten();
                let some = schemas
                    .filter(|(_, form)| form["schema"].is_object())
                    .count();
                assert_eq!(some, 1, "{method} {path} {kind}");
            }
        }
    }
}

#[test]
fn every_route_of_ezpg_is_in_its_document_and_says_who_may_call_it() {
    let house = Http::start();
    let document = document(&house);
    let routes = routes(&document);
    assert_eq!(mounted("ezpg"), routes.len());
    let known = ["HO", "OP", "VW", "ME", "all", "mid", "open"];
    for route in &routes {
        let right = route.who.iter().all(|who| known.contains(&who.as_str()));
        let said = document["paths"][&route.path][route.method.to_lowercase()]["x-who"].as_str();
        let name = route.name();
        assert!(said.is_some() && right, "{name}: who may call it? {said:?}");
        let open = ["mid", "open"].iter().any(|who| route.who.contains(*who));
        assert_eq!(open, route.open, "{name}: with or without a token?");
    }
    is_whole(&document);
}

#[test]
fn every_route_of_payaction_is_in_its_document_and_needs_key_and_mall() {
    let house = Http::start();
    let document = house.get("/payaction/openapi.json", "").body;
    assert_eq!(mounted("payaction"), routes(&document).len());
    for item in document["paths"].as_object().expect("paths").values() {
        for operation in item.as_object().expect("methods").values() {
            let both = json!([{ "apiKey": [], "mallId": [] }]);
            assert_eq!(operation["security"], both);
        }
    }
    is_whole(&document);
}

#[test]
fn routes_are_mounted_by_the_faces_alone() {
    for (path, text) in sources(&source_folder()) {
        let name = path.strip_prefix(source_folder()).expect("a source");
        // The operators' own listener has no merchants.
        let may = name.starts_with("merchant/ezpg")
            || name.starts_with("merchant/payaction")
            || name.starts_with("ops")
            || name == Path::new("ops.rs");
        let text = dense(&text);
        let mounts = ["web::resource(", ".route("]
            .iter()
            .any(|way| text.contains(way));
        assert!(may || !mounts, "{} mounts routes", name.display());
    }
}
