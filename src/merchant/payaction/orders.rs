//! Orders: placed, taken out of matching, looked at.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::No;
use super::ask::{Called, Nothing, Yes, called, done, told};
use super::value::{Field, all_there, receipt};
use crate::domain::{
    MerchantId, MerchantRefusal, NewOrder, Order, OrderCommand, OrderNumber, OrderStanding,
    Orderer, Refusal, Timestamp,
};
use crate::merchant::Rooms;
use crate::merchant::answer::respond;

/// The routes of this file.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/order").route(web::post().to(place)))
        .service(web::resource("/order-exclude").route(web::post().to(exclude)))
        .service(web::resource("/orders/{order_number}/cancel").route(web::post().to(cancel)))
        .service(web::resource("/order/{order_number}").route(web::get().to(show)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(place, exclude, cancel, show))]
pub(super) struct Paths;

/// 주문. 모르는 필드는 무시하고, 빈 값은 없는 것으로 봅니다.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct PlaceAsk {
    /// 주문번호. 22자를 넘으면 알림톡을 보내지 않습니다.
    #[schema(value_type = String, required = true, max_length = 100, example = "1234567890")]
    order_number: Value,
    /// 주문금액(원). 숫자 또는 숫자 문자열
    #[schema(value_type = u64, required = true, minimum = 1, example = 19000)]
    order_amount: Value,
    /// 주문일시. ISO 8601, 시간대가 없으면 한국시간
    #[schema(value_type = String, required = true, example = "2023-07-26T11:31:00+09:00")]
    order_date: Value,
    /// 입금자명. 자동매칭의 기준
    #[schema(value_type = String, required = true, max_length = 100, example = "홍길동")]
    billing_name: Value,
    /// 주문자명
    #[schema(value_type = String, required = true, max_length = 100, example = "홍길동")]
    orderer_name: Value,
    /// 주문자 전화번호. 알림톡을 원할 때만
    #[schema(value_type = Option<String>, example = "01012345678")]
    orderer_phone_number: Value,
    /// 주문자 이메일. 이메일 알림을 원할 때만
    #[schema(value_type = Option<String>, example = "hong@gildong.kr")]
    orderer_email: Value,
    /// 현금영수증 거래구분: 소득공제용 또는 지출증빙용
    #[schema(value_type = Option<String>, example = "소득공제용")]
    trade_usage: Value,
    /// 현금영수증 식별번호
    #[schema(value_type = Option<String>, example = "01012345678")]
    identity_number: Value,
    /// 이 때까지 입금되지 않으면 매칭하지 않습니다. 일시 또는 날짜(그날 끝까지)
    #[schema(value_type = Option<String>, example = "2023-07-28T23:59:59+09:00")]
    auto_cancel_date: Value,
}

/// 주문번호
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct NumberAsk {
    /// 주문번호
    #[schema(value_type = String, required = true, max_length = 100, example = "1234567890")]
    order_number: Value,
}

impl NumberAsk {
    /// The number asked for.
    pub(super) fn number(&self) -> Result<OrderNumber, No> {
        let field = Field("order_number", &self.order_number);
        all_there(&[field])?;
        field.order_number()
    }
}

/// 주문의 상태
#[derive(Debug, Serialize, ToSchema)]
struct Shown {
    /// 주문번호
    order_number: String,
    /// 주문금액(원)
    order_amount: u64,
    /// 매칭대기, 매칭완료, 매칭제외, 기간만료
    #[schema(value_type = String, example = "매칭완료")]
    order_status: &'static str,
    /// 매칭된 때
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2023-07-26T11:40:12+09:00")]
    processing_date: Option<String>,
}

impl PlaceAsk {
    fn order(&self, merchant: MerchantId) -> Result<NewOrder, No> {
        let number = Field("order_number", &self.order_number);
        let amount = Field("order_amount", &self.order_amount);
        let ordered_at = Field("order_date", &self.order_date);
        let billing_name = Field("billing_name", &self.billing_name);
        let orderer_name = Field("orderer_name", &self.orderer_name);
        all_there(&[number, amount, ordered_at, billing_name, orderer_name])?;
        Ok(NewOrder {
            merchant,
            number: number.order_number()?,
            amount: amount.amount()?,
            ordered_at: ordered_at.instant()?,
            billing_name: billing_name.name()?,
            orderer: Orderer {
                name: orderer_name.name()?,
                phone: Field("orderer_phone_number", &self.orderer_phone_number).phone()?,
                email: Field("orderer_email", &self.orderer_email).email()?,
            },
            receipt: receipt(
                Field("trade_usage", &self.trade_usage),
                Field("identity_number", &self.identity_number),
            ),
            until: Field("auto_cancel_date", &self.auto_cancel_date).end()?,
        })
    }
}

/// 주문 등록
#[utoipa::path(post, path = "/payaction/order", tag = "orders", request_body = PlaceAsk,
    responses((status = 200, body = Yes<Nothing>)))]
async fn place(
    rooms: web::Data<Rooms>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let work = async |call: Called| {
        let ask: PlaceAsk = call.fields()?;
        let order = ask.order(call.mall.merchant.clone())?;
        let command = OrderCommand::Place(Box::new(order));
        call.carry_out(&rooms, command).await
    };
    called(&rooms, &request, payload, work).await
}

/// 주문 매칭제외. 이미 제외된 주문은 다시 성공입니다.
#[utoipa::path(post, path = "/payaction/order-exclude", tag = "orders",
    request_body = NumberAsk, responses((status = 200, body = Yes<Nothing>)))]
async fn exclude(
    rooms: web::Data<Rooms>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let work = async |call: Called| {
        let ask: NumberAsk = call.fields()?;
        take_out(&rooms, call, ask.number()?).await
    };
    called(&rooms, &request, payload, work).await
}

/// 주문 매칭제외 (`/payaction/order-exclude`와 같습니다). 본문은 보지 않습니다.
#[utoipa::path(post, path = "/payaction/orders/{order_number}/cancel", tag = "orders",
    params(("order_number" = String, Path, description = "주문번호")),
    responses((status = 200, body = Yes<Nothing>)))]
async fn cancel(
    rooms: web::Data<Rooms>,
    request: HttpRequest,
    number: web::Path<String>,
    payload: web::Payload,
) -> HttpResponse {
    let work = async |call: Called| {
        let number = in_path(&number)?;
        take_out(&rooms, call, number).await
    };
    called(&rooms, &request, payload, work).await
}

/// 주문 상태 조회
#[utoipa::path(get, path = "/payaction/order/{order_number}", tag = "orders",
    params(("order_number" = String, Path, description = "주문번호")),
    responses((status = 200, body = Yes<Shown>)))]
async fn show(
    rooms: web::Data<Rooms>,
    request: HttpRequest,
    number: web::Path<String>,
) -> HttpResponse {
    let work = async |mall: super::ask::Mall| {
        let number = in_path(&number)?;
        let merchant = mall.merchant;
        let order = rooms
            .look(move |reads| reads.order(&merchant, &number))
            .await;
        let order = order.ok_or_else(unknown)?;
        Ok(respond(done(shown(&order, rooms.clock.now()))))
    };
    told(&rooms, &request, work).await
}

async fn take_out(rooms: &Rooms, call: Called, number: OrderNumber) -> Result<HttpResponse, No> {
    let command = OrderCommand::Exclude {
        merchant: call.mall.merchant.clone(),
        number,
        by: call.mall.by.clone(),
    };
    call.carry_out(rooms, command).await
}

/// An order's number in an address; what cannot be one names no order.
fn in_path(text: &str) -> Result<OrderNumber, No> {
    OrderNumber::new(text).ok_or_else(unknown)
}

fn unknown() -> No {
    No::Refused(Refusal::Merchant(MerchantRefusal::NoSuchOrder))
}

fn shown(order: &Order, now: Timestamp) -> Shown {
    let (status, at) = match &order.standing {
        OrderStanding::Open if order.waits(now) => ("매칭대기", None),
        OrderStanding::Open | OrderStanding::Expired { .. } => ("기간만료", None),
        OrderStanding::Matched(found) => ("매칭완료", Some(found.at)),
        OrderStanding::Excluded { .. } => ("매칭제외", None),
    };
    Shown {
        order_number: order.number.as_str().to_owned(),
        order_amount: order.amount.digits(),
        order_status: status,
        processing_date: at.map(Timestamp::to_second),
    }
}
