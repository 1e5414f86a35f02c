//! The `EzPG` face: its own calls for merchants' programs, and the admin interface for people.
//!
//! One `routes` per file, mounted here under `/ezpg`. Every handler returns
//! `Result<HttpResponse, Fault>`: `Fault` is the face's "no" with its code and HTTP status,
//! `done` makes its "yes". Who calls and whether they may comes first, then what
//! they say: a POST is taken as `Sent` and read into an `Ask`. Its command goes to
//! `carry_out`, which keeps the answer where the caller gave an idempotency key:
//!
//! ```text
//!   person.may(&[Role::HeadOffice])?;
//!   let ask = sent.read()?;
//!   let once = ask.turn(&rooms, &person.by).await?;   // a repeat ends here
//!   carry_out(&rooms, once, command, |receipt| Ok(done(&Issued::from(receipt)?))).await
//! ```

mod account_lists;
mod accounts;
mod ask;
mod audit;
mod auth;
mod calls;
mod code;
mod credentials;
mod deliveries;
mod deposits;
mod events;
mod fault;
mod logs;
mod matching;
mod merchants;
mod notifications;
mod openapi;
mod orders;
mod policies;
pub(crate) mod query;
mod refusal;
mod registration;
mod sending;
mod statistics;
mod story;
mod system;
mod transactions;
mod trial;
mod users;
mod value;
mod webhooks;
mod withdrawals;
mod words;

use actix_web::web;

pub(crate) use ask::{Ask, Sent, carry_out, done};
pub(crate) use code::Code;
pub(crate) use fault::Fault;

pub(crate) use openapi::DOCUMENT;

use super::Stop;

/// Every route of the face.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .configure(account_lists::routes)
        .configure(accounts::routes)
        .configure(audit::routes)
        .configure(auth::routes)
        .configure(calls::routes)
        .configure(credentials::routes)
        .configure(deposits::routes)
        .configure(events::routes)
        .configure(logs::routes)
        .configure(matching::routes)
        .configure(merchants::routes)
        .configure(notifications::routes)
        .configure(openapi::routes)
        .configure(orders::routes)
        .configure(policies::routes)
        .configure(registration::routes)
        .configure(statistics::routes)
        .configure(system::routes)
        .configure(transactions::routes)
        .configure(trial::routes)
        .configure(users::routes)
        .configure(webhooks::routes)
        .configure(withdrawals::routes);
}

/// How this face says that a request to `path` ended early.
pub(crate) fn say(path: &str, stop: Stop) -> actix_web::HttpResponse {
    let fault = Fault::from(stop);
    if openapi::is_call(path) {
        calls::say(&fault)
    } else {
        actix_web::ResponseError::error_response(&fault)
    }
}
