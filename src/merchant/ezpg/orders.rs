//! Orders (주문): lists, and a depositor name for one order alone (입금자 코드).

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::accounts::hidden;
use super::matching::{id_of, status};
use super::query::{Query, limit, page, whose};
use super::transactions::{cursor, period};
use super::value::filled;
use super::{Code, Fault, Sent, carry_out, done, words};
use crate::domain::{
    Command, MerchantId, Order, OrderCommand, OrderNumber, OrderOutcome, Outcome, ReceiptState,
    Role, Shelf, Timestamp,
};
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::secrets;
use crate::store::{OrderPage, OrderQuestion};

/// The routes of this file.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/orders").route(web::get().to(orders)))
        .service(web::resource("/orders/name-code").route(web::post().to(name_code)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(orders, name_code))]
pub(super) struct Paths;

/// Which orders.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OrdersAsk {
    /// 가맹점 아이디 (가맹점 사용자는 자신의 것만)
    merchant_id: Option<String>,
    /// waiting, matched, excluded, expired
    status: Option<String>,
    /// 주문번호 (merchantId와 함께)
    order_number: Option<String>,
    /// 접수 시작일
    start_date: Option<String>,
    /// 접수 종료일 (그날 포함)
    end_date: Option<String>,
    page: Option<String>,
    /// 최대 500
    limit: Option<String>,
    /// 이어 읽을 자리 (nextCursor)
    cursor: Option<String>,
}

/// A page of orders, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the interface's own names")]
struct Orders {
    total_count: u64,
    orders: Vec<OrderTold>,
    next_cursor: Option<String>,
}

/// An order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrderTold {
    merchant_id: String,
    order_number: String,
    amount: u64,
    billing_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_code: Option<String>,
    orderer_name: String,
    /// waiting, matched, excluded, expired
    status: &'static str,
    ordered_at: String,
    received_at: String,
    /// 이 시각까지 자동으로 매칭됨
    ends_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    matched_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_no: Option<String>,
    /// 요청된 현금영수증. 요청이 없었으면 없음
    #[serde(skip_serializing_if = "Option::is_none")]
    cash_receipt: Option<ReceiptTold>,
}

/// What became of an order's cash receipt.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReceiptTold {
    /// wanted, issued, cancelled, refused
    status: &'static str,
    /// 발행 번호
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// 발행 또는 취소된 때
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// 발행하지 않거나 취소한 까닭
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl ReceiptTold {
    fn of(receipt: &ReceiptState) -> Option<ReceiptTold> {
        let told = |status, number: Option<&str>, at: Option<Timestamp>, reason| {
            Some(ReceiptTold {
                status,
                number: number.map(str::to_owned),
                at: at.map(Timestamp::to_second),
                reason,
            })
        };
        match receipt {
            ReceiptState::None => None,
            ReceiptState::Refused(why) => {
                told("refused", None, None, Some(words::receipt_refused(*why)))
            }
            ReceiptState::Wanted { .. } => told("wanted", None, None, None),
            ReceiptState::Issued { receipt, at, .. } => {
                told("issued", Some(receipt), Some(*at), None)
            }
            ReceiptState::Cancelled {
                receipt, why, at, ..
            } => {
                let why = words::receipt_ended(*why);
                told("cancelled", Some(receipt), Some(*at), Some(why))
            }
        }
    }
}

impl OrderTold {
    fn of(order: &Order) -> OrderTold {
        let matched = order.matched();
        let account = order.account.as_ref();
        OrderTold {
            merchant_id: order.merchant.to_string(),
            order_number: order.number.to_string(),
            amount: order.amount.digits(),
            billing_name: order.billing_name.clone(),
            name_code: order.name_code.clone(),
            orderer_name: order.orderer.name.clone(),
            status: status(&order.standing),
            ordered_at: order.ordered_at.to_second(),
            received_at: order.received_at.to_second(),
            ends_at: order.ends_at.to_second(),
            transaction_id: id_of(order),
            matched_at: matched.map(|found| found.at.to_second()),
            how: matched.map(|found| super::story::how_word(found.how)),
            bank_code: account.map(|account| account.bank.to_string()),
            account_no: account.map(|account| account.number.as_str().to_owned()),
            cash_receipt: ReceiptTold::of(&order.receipt),
        }
    }
}

/// 주문 조회
#[utoipa::path(get, path = "/ezpg/orders", tag = "orders", params(OrdersAsk),
    responses((status = 200, body = Orders)),
    extensions(("x-who" = json!("HO OP VW ME"))))]
async fn orders(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<OrdersAsk>,
) -> Result<HttpResponse, Fault> {
    let ask = ask.read()?;
    let merchant = whose(&rooms, &person, filled(ask.merchant_id.as_deref())).await?;
    let limit = limit(ask.limit.as_deref())?;
    let page = page(ask.page.as_deref(), limit)?;
    let standing = filled(ask.status.as_deref()).map(shelf).transpose()?;
    let before = filled(ask.cursor.as_deref()).map(cursor).transpose()?;
    let period = period(ask.start_date.as_deref(), ask.end_date.as_deref())?;
    let found = if let Some(number) = filled(ask.order_number.as_deref()) {
        one(&rooms, merchant, number, standing).await?
    } else {
        let skip = match before {
            Some(_) => 0,
            None => (page - 1) * limit,
        };
        let question = OrderQuestion {
            merchant,
            period,
            standing,
            before,
            skip,
            limit,
        };
        rooms.look(move |reads| reads.orders(&question)).await
    };
    let told = Orders {
        total_count: found.total,
        orders: found.orders.iter().map(OrderTold::of).collect(),
        next_cursor: found.next.map(|next| next.to_string()),
    };
    Ok(respond(done(&told).answer))
}

/// The one order of a number, where it is there and stands as asked.
async fn one(
    rooms: &Rooms,
    merchant: Option<MerchantId>,
    number: &str,
    standing: Option<Shelf>,
) -> Result<OrderPage, Fault> {
    let missing = || Fault::parameter("merchantId", "orderNumber와 함께 지정해야 합니다.");
    let merchant = merchant.ok_or_else(missing)?;
    let Some(number) = OrderNumber::new(number) else {
        return Ok(OrderPage::default());
    };
    let found = rooms
        .look(move |reads| reads.order(&merchant, &number))
        .await;
    let orders: Vec<Order> = found
        .into_iter()
        .filter(|order| standing.is_none_or(|shelf| order.shelf() == shelf))
        .collect();
    Ok(OrderPage {
        total: orders.len() as u64,
        orders,
        next: None,
    })
}

fn shelf(word: &str) -> Result<Shelf, Fault> {
    match word {
        "waiting" => Ok(Shelf::Open),
        "matched" => Ok(Shelf::Matched),
        "excluded" => Ok(Shelf::Excluded),
        "expired" => Ok(Shelf::Expired),
        _ => Err(Fault::parameter(
            "status",
            "waiting, matched, excluded, expired 중 하나여야 합니다.",
        )),
    }
}

/// For which order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NameCodeAsk {
    /// 가맹점 아이디
    #[schema(example = "shop")]
    merchant_id: Option<String>,
    /// 주문번호
    order_number: String,
}

/// The depositor name to print.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NameCodeTold {
    merchant_id: String,
    order_number: String,
    /// 입금자명으로 안내할 코드 (검증 문자 포함)
    name_code: String,
}

/// 입금자 코드 발급
#[utoipa::path(post, path = "/ezpg/orders/name-code", tag = "orders",
    request_body = NameCodeAsk, responses((status = 200, body = NameCodeTold)),
    extensions(("x-who" = json!("HO OP ME"))))]
async fn name_code(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<NameCodeAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice, Role::Operator, Role::Merchant])?;
    let ask = sent.read()?;
    let merchant = person.one_merchant(filled(ask.told.merchant_id.as_deref()))?;
    let once = ask.turn(&rooms, &person.by).await?;
    let number = OrderNumber::new(&ask.told.order_number).ok_or_else(Fault::absent)?;
    let (mid, told) = (merchant.to_string(), number.to_string());
    let command = OrderCommand::MintNameCode {
        merchant,
        number,
        dice: u64::from_be_bytes(*secrets::random::<8>()),
        by: person.by.clone(),
    };
    let own_only = person.merchant.is_some();
    let command = Command::Order(Box::new(command));
    carry_out(&rooms, once, command, move |receipt| {
        match &receipt.verdict {
            Ok(Outcome::Order(OrderOutcome::NameCode(code))) => Ok(done(&NameCodeTold {
                merchant_id: mid,
                order_number: told,
                name_code: code.clone(),
            })),
            Ok(_) => Err(Fault::new(Code::Failed)),
            Err(refusal) => Err(hidden(Fault::from(*refusal), own_only)),
        }
    })
    .await
}
