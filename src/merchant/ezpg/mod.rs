//! The `EzPG` face: its own calls for merchants' programs, and the admin interface for people.
//!
//! One `routes` per file, mounted here under `/ezpg`. Every handler returns
//! `Result<HttpResponse, Fault>`: [`Fault`] is the face's "no" with its code and HTTP status,
//! [`done`] makes its "yes". A POST reads its body with [`Ask`] and hands its command to
//! [`carry_out`], which keeps the answer where the caller gave an idempotency key:
//!
//! ```text
//!   let once = ask.turn(&rooms, &person.by).await?;   // a repeat ends here
//!   carry_out(&rooms, once, command, |receipt| Ok(done(&Issued::from(receipt)?))).await
//! ```

mod ask;
mod audit;
mod auth;
mod code;
mod deliveries;
mod fault;
pub(crate) mod query;
mod refusal;
mod users;
mod webhooks;

use actix_web::web;

pub(crate) use ask::{Ask, carry_out, done, scope};
pub(crate) use code::Code;
pub(crate) use fault::Fault;

use super::Stop;

/// Every route of the face.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .configure(auth::routes)
        .configure(users::routes)
        .configure(audit::routes)
        .configure(webhooks::routes);
}

/// How this face says that a request ended early.
pub(crate) fn say(stop: Stop) -> actix_web::HttpResponse {
    actix_web::ResponseError::error_response(&Fault::from(stop))
}
