//! The `PayAction` face: orders and their cash receipts, for programs of shops.
//!
//! Mounted under `/payaction`. A shop says who it is in two headers; what it sends is read as
//! leniently as its many clients write, and every answer is `{status, response}`. Errors have
//! status 200 unless the shop has chosen otherwise ([`ErrorStatus`](crate::domain::ErrorStatus)).
//! Knows no rule: what becomes of an order is the domain's.

mod ask;
mod no;
mod openapi;
mod orders;
mod receipts;
mod value;

use actix_web::web;

pub(crate) use openapi::DOCUMENT;

use super::Stop;
use no::No;

/// Every route of the face.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .configure(orders::routes)
        .configure(receipts::routes)
        .configure(openapi::routes);
}

/// How this face says that a request ended early.
pub(crate) fn say(stop: Stop) -> actix_web::HttpResponse {
    No::Stop(stop).response(crate::domain::ErrorStatus::default())
}
