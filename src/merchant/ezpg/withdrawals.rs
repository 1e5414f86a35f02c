//! Withdrawals (출금): the calls are there, and say that they are not open until money can leave.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::query::{Query, limit, page, whose};
use super::transactions::{ListAsk, cursor, period};
use super::value::{Amount, filled};
use super::{Code, Fault, Sent, done};
use crate::domain::Role;
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};

/// The routes of this file.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    let at = |path, handler| web::resource(path).route(handler);
    config
        .service(at("/transactions/withdrawals", web::get().to(list)))
        .service(at(
            "/transactions/withdrawal/history",
            web::get().to(history),
        ))
        .service(at(
            "/transactions/withdrawal/request",
            web::post().to(request),
        ))
        .service(at(
            "/transactions/withdrawal/approve",
            web::post().to(approve),
        ))
        .service(at(
            "/transactions/withdrawal/reject",
            web::post().to(reject),
        ))
        .service(at(
            "/transactions/withdrawal/cancel",
            web::post().to(cancel),
        ));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, history, request, approve, reject, cancel))]
pub(super) struct Paths;

/// Withdrawals as the older document lists them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the interface's own names")]
struct WithdrawalList {
    total_count: u64,
    page: usize,
    limit: usize,
    withdrawal_list: Vec<WithdrawalTold>,
    next_cursor: Option<String>,
}

/// Withdrawals as the later document lists them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WithdrawalHistory {
    total_count: u64,
    page: usize,
    limit: usize,
    withdrawals: Vec<WithdrawalTold>,
    next_cursor: Option<String>,
}

/// A withdrawal under both documents' names; there are none before money can leave.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WithdrawalTold {
    trx_id: String,
    transaction_id: String,
    merchant_id: String,
    merchant_name: String,
    bank_code: String,
    bank_name: String,
    account_no: String,
    account_name: String,
    account_holder: String,
    amount: u64,
    fee: u64,
    net_amount: u64,
    withdrawal_dt: String,
    created_at: String,
    completed_at: Option<String>,
    /// completed, pending, failed, cancelled
    status: String,
    reason: Option<String>,
}

/// 출금 내역 조회
#[utoipa::path(get, path = "/ezpg/transactions/withdrawals", tag = "transactions",
    params(ListAsk), responses((status = 200, body = WithdrawalList)),
    extensions(("x-who" = json!("HO OP VW ME"))))]
async fn list(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    let (page, limit) = none_yet(&rooms, &person, &ask.read()?).await?;
    let told = WithdrawalList {
        total_count: 0,
        page,
        limit,
        withdrawal_list: Vec::new(),
        next_cursor: None,
    };
    Ok(respond(done(&told).answer))
}

/// 출금 내역 조회 (다른 경로)
#[utoipa::path(get, path = "/ezpg/transactions/withdrawal/history", tag = "transactions",
    params(ListAsk), responses((status = 200, body = WithdrawalHistory)),
    extensions(("x-who" = json!("HO OP VW ME"))))]
async fn history(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    let (page, limit) = none_yet(&rooms, &person, &ask.read()?).await?;
    let told = WithdrawalHistory {
        total_count: 0,
        page,
        limit,
        withdrawals: Vec::new(),
        next_cursor: None,
    };
    Ok(respond(done(&told).answer))
}

/// Checks what is asked; the answer is empty before money can leave.
async fn none_yet(rooms: &Rooms, person: &Person, ask: &ListAsk) -> Result<(usize, usize), Fault> {
    whose(rooms, person, filled(ask.merchant_id.as_deref())).await?;
    period(ask.start_date.as_deref(), ask.end_date.as_deref())?;
    let known = ["all", "completed", "pending", "failed", "cancelled"];
    if filled(ask.status.as_deref()).is_some_and(|word| !known.contains(&word)) {
        let why = format!("{} 중 하나여야 합니다.", known.join(", "));
        return Err(Fault::parameter("status", &why));
    }
    filled(ask.cursor.as_deref()).map(cursor).transpose()?;
    let limit = limit(ask.limit.as_deref())?;
    Ok((page(ask.page.as_deref(), limit)?, limit))
}

/// A withdrawal that is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WithdrawalAsk {
    /// 가맹점 아이디 (가맹점 사용자는 생략할 수 있음)
    #[schema(example = "shop")]
    merchant_id: Option<String>,
    /// 출금액
    #[schema(value_type = Option<u64>, example = 10000)]
    amount: Option<Amount>,
    /// 받을 은행
    #[schema(example = "004")]
    #[expect(dead_code, reason = "not looked at before money can leave")]
    bank_code: Option<String>,
    /// 받을 계좌번호
    #[expect(dead_code, reason = "not looked at before money can leave")]
    account_no: Option<String>,
    /// 예금주
    #[expect(dead_code, reason = "not looked at before money can leave")]
    account_holder: Option<String>,
    /// 메모
    #[expect(dead_code, reason = "not looked at before money can leave")]
    memo: Option<String>,
}

/// A withdrawal that a second person looks at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WithdrawalStepAsk {
    /// 거래번호
    #[schema(example = "wd_000000000001")]
    transaction_id: Option<String>,
    /// 사유
    reason: Option<String>,
}

fn not_open() -> Fault {
    Fault::because(
        Code::WithdrawalFailed,
        "출금 기능은 아직 열려 있지 않습니다.",
    )
}

/// 출금 요청 (아직 열려 있지 않음)
#[utoipa::path(post, path = "/ezpg/transactions/withdrawal/request", tag = "transactions",
    request_body = WithdrawalAsk, responses((status = 200)),
    extensions(("x-who" = json!("HO OP ME"))))]
async fn request(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<WithdrawalAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice, Role::Operator, Role::Merchant])?;
    let told = sent.read()?.told;
    let merchant = person.one_merchant(filled(told.merchant_id.as_deref()))?;
    if told.amount == Some(Amount(0)) {
        return Err(Fault::parameter("amount", "1원 이상이어야 합니다."));
    }
    let known = rooms.look(move |reads| reads.merchant(&merchant)).await;
    known.ok_or_else(|| Fault::new(Code::NoMerchant))?;
    Err(not_open())
}

/// 출금 승인 (아직 열려 있지 않음)
#[utoipa::path(post, path = "/ezpg/transactions/withdrawal/approve", tag = "transactions",
    request_body = WithdrawalStepAsk, responses((status = 200)),
    extensions(("x-who" = json!("HO OP"))))]
async fn approve(person: Person, sent: Sent<WithdrawalStepAsk>) -> Result<HttpResponse, Fault> {
    step(&person, sent)
}

/// 출금 반려 (아직 열려 있지 않음)
#[utoipa::path(post, path = "/ezpg/transactions/withdrawal/reject", tag = "transactions",
    request_body = WithdrawalStepAsk, responses((status = 200)),
    extensions(("x-who" = json!("HO OP"))))]
async fn reject(person: Person, sent: Sent<WithdrawalStepAsk>) -> Result<HttpResponse, Fault> {
    step(&person, sent)
}

/// 출금 취소 (아직 열려 있지 않음)
#[utoipa::path(post, path = "/ezpg/transactions/withdrawal/cancel", tag = "transactions",
    request_body = WithdrawalStepAsk, responses((status = 200)),
    extensions(("x-who" = json!("HO OP"))))]
async fn cancel(person: Person, sent: Sent<WithdrawalStepAsk>) -> Result<HttpResponse, Fault> {
    step(&person, sent)
}

/// No withdrawal was ever taken, so there is none to decide about.
fn step(person: &Person, sent: Sent<WithdrawalStepAsk>) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice, Role::Operator])?;
    let told = sent.read()?.told;
    let missing = |field: &str| Fault::parameter(field, "필수 항목입니다.");
    filled(told.transaction_id.as_deref()).ok_or_else(|| missing("transactionId"))?;
    filled(told.reason.as_deref()).ok_or_else(|| missing("reason"))?;
    Err(not_open())
}
