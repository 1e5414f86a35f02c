//! Cash receipts (현금영수증): cancelled on request.

use actix_web::{HttpRequest, HttpResponse, web};

use super::ask::{Called, Nothing, Yes, called};
use super::orders::NumberAsk;
use crate::domain::OrderCommand;
use crate::merchant::Rooms;

/// The routes of this file.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/cashbill-cancel").route(web::post().to(cancel)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(cancel))]
pub(super) struct Paths;

/// 현금영수증 발행취소. 이미 취소된 영수증은 다시 성공입니다.
#[utoipa::path(post, path = "/payaction/cashbill-cancel", tag = "receipts",
    request_body = NumberAsk, responses((status = 200, body = Yes<Nothing>)))]
async fn cancel(
    rooms: web::Data<Rooms>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let work = async |call: Called| {
        let ask: NumberAsk = call.fields()?;
        let command = OrderCommand::CancelReceipt {
            merchant: call.mall.merchant.clone(),
            number: ask.number()?,
            by: call.mall.by.clone(),
        };
        call.carry_out(&rooms, command).await
    };
    called(&rooms, &request, payload, work).await
}
