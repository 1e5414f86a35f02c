//! An operator's match and its undoing; both fire the same webhooks as an automatic match.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::value::{deposit_position, filled, transaction_id};
use super::{Code, Fault, Sent, carry_out, done};
use crate::domain::{
    Command, MerchantId, Order, OrderCommand, OrderNumber, OrderOutcome, OrderStanding, Outcome,
    Role,
};
use crate::merchant::{Person, Rooms, Said, text};
use crate::store::Receipt;

/// The routes of this file.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/matching/match").route(web::post().to(match_by_hand)))
        .service(web::resource("/matching/undo").route(web::post().to(undo)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(match_by_hand, undo))]
pub(super) struct Paths;

/// Which deposit belongs to which order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MatchAsk {
    /// 입금 거래번호
    #[schema(example = "dep_000000000012")]
    transaction_id: String,
    /// 가맹점 아이디
    #[schema(example = "shop")]
    merchant_id: String,
    /// 주문번호
    order_number: String,
    /// 사유
    reason: String,
}

/// Which deposit's match is to be undone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UndoAsk {
    /// 입금 거래번호
    #[schema(example = "dep_000000000012")]
    transaction_id: String,
    /// 사유
    reason: String,
}

/// An order after the act.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Acted {
    transaction_id: String,
    merchant_id: String,
    order_number: String,
    /// waiting, matched, excluded, expired
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    matched_at: Option<String>,
}

/// 수동 매칭
#[utoipa::path(post, path = "/ezpg/matching/match", tag = "matching",
    request_body = MatchAsk, responses((status = 200, body = Acted)),
    extensions(("x-who" = json!("HO OP"))))]
async fn match_by_hand(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<MatchAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice, Role::Operator])?;
    let ask = sent.read()?;
    let once = ask.turn(&rooms, &person.by).await?;
    let told = ask.told;
    let no_merchant = || Fault::new(Code::NoMerchant);
    let command = OrderCommand::Match {
        deposit: deposit(&told.transaction_id)?,
        merchant: MerchantId::new(&told.merchant_id).ok_or_else(no_merchant)?,
        number: OrderNumber::new(&told.order_number).ok_or_else(Fault::absent)?,
        reason: reason(&told.reason)?,
        by: person.by.clone(),
    };
    let id = told.transaction_id;
    let command = Command::Order(Box::new(command));
    carry_out(&rooms, once, command, move |receipt| acted(receipt, id)).await
}

/// 매칭 취소
#[utoipa::path(post, path = "/ezpg/matching/undo", tag = "matching",
    request_body = UndoAsk, responses((status = 200, body = Acted)),
    extensions(("x-who" = json!("HO OP"))))]
async fn undo(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<UndoAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice, Role::Operator])?;
    let ask = sent.read()?;
    let once = ask.turn(&rooms, &person.by).await?;
    let command = OrderCommand::Undo {
        deposit: deposit(&ask.told.transaction_id)?,
        reason: reason(&ask.told.reason)?,
        by: person.by.clone(),
    };
    let id = ask.told.transaction_id;
    let command = Command::Order(Box::new(command));
    carry_out(&rooms, once, command, move |receipt| acted(receipt, id)).await
}

fn acted(receipt: &Receipt, id: String) -> Result<Said, Fault> {
    match &receipt.verdict {
        Ok(Outcome::Order(OrderOutcome::Stands(order))) => Ok(done(&told(order, id))),
        Ok(_) => Err(Fault::new(Code::Failed)),
        Err(refusal) => Err(Fault::from(*refusal)),
    }
}

fn told(order: &Order, id: String) -> Acted {
    Acted {
        transaction_id: id,
        merchant_id: order.merchant.to_string(),
        order_number: order.number.to_string(),
        status: status(&order.standing).to_owned(),
        matched_at: order.matched().map(|found| found.at.to_second()),
    }
}

/// Where an order stands, in one word.
pub(super) fn status(standing: &OrderStanding) -> &'static str {
    match standing {
        OrderStanding::Open => "waiting",
        OrderStanding::Matched(_) => "matched",
        OrderStanding::Excluded { .. } => "excluded",
        OrderStanding::Expired { .. } => "expired",
    }
}

/// The deposit that an id names; what is no id names nothing.
pub(super) fn deposit(id: &str) -> Result<u64, Fault> {
    deposit_position(id).ok_or_else(Fault::absent)
}

/// A reason in an operator's words.
fn reason(words: &str) -> Result<String, Fault> {
    let wrong = |why: &str| Fault::parameter("reason", why);
    let words = filled(Some(words)).ok_or_else(|| wrong("필수 항목입니다."))?;
    if words.chars().count() > 200 || !text::is_plain(words) {
        return Err(wrong("제어 문자 없이 200자 이하여야 합니다."));
    }
    Ok(words.to_owned())
}

/// The id that an answer names a deposit with.
pub(super) fn id_of(order: &Order) -> Option<String> {
    order
        .matched()
        .map(|found| transaction_id(found.deposit_position))
}
