//! Lists of transactions (거래내역): deposits under both documents' paths, and what moved lately.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::deposits::{DepositTold, Names};
use super::query::{Query, digits, limit, page, whose};
use super::value::{day, filled, transaction_id};
use super::{Fault, done};
use crate::domain::{BusinessDate, MerchantId};
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::store::{DepositQuestion, DepositStatus, Movement, Period, Reads};

/// The routes of this file.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    let get = |path, handler| web::resource(path).route(handler);
    config
        .service(get("/transactions/deposits", web::get().to(deposits)))
        .service(get(
            "/transactions/deposit/history",
            web::get().to(deposit_history),
        ))
        .service(get("/transactions/recent", web::get().to(recent)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(deposits, deposit_history, recent))]
pub(super) struct Paths;

/// Which transactions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct ListAsk {
    /// 가맹점 아이디 (가맹점 사용자는 자신의 것만)
    pub(super) merchant_id: Option<String>,
    /// 시작일 YYYYMMDD 또는 YYYY-MM-DD
    pub(super) start_date: Option<String>,
    /// 종료일 (그날 포함)
    pub(super) end_date: Option<String>,
    /// all, completed, pending(미처리금), cancelled(정정됨), failed
    pub(super) status: Option<String>,
    /// 쪽 번호; page × limit은 10,000 이하
    pub(super) page: Option<String>,
    /// 한 쪽의 건수, 최대 500
    pub(super) limit: Option<String>,
    /// 이어 읽을 자리 (nextCursor)
    pub(super) cursor: Option<String>,
}

/// Deposits as the older document lists them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the interface's own names")]
struct DepositList {
    total_count: u64,
    page: usize,
    limit: usize,
    deposit_list: Vec<DepositTold>,
    next_cursor: Option<String>,
}

/// Deposits as the later document lists them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DepositHistory {
    total_count: u64,
    page: usize,
    limit: usize,
    deposits: Vec<DepositTold>,
    next_cursor: Option<String>,
}

/// 입금 내역 조회
#[utoipa::path(get, path = "/ezpg/transactions/deposits", tag = "transactions", params(ListAsk),
    responses((status = 200, body = DepositList)),
    extensions(("x-who" = json!("HO OP VW ME"))))]
async fn deposits(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    let found = list(&rooms, &person, ask.read()?).await?;
    Ok(respond(done(&found).answer))
}

/// 입금 내역 조회 (다른 경로)
#[utoipa::path(get, path = "/ezpg/transactions/deposit/history", tag = "transactions",
    params(ListAsk), responses((status = 200, body = DepositHistory)),
    extensions(("x-who" = json!("HO OP VW ME"))))]
async fn deposit_history(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    let found = list(&rooms, &person, ask.read()?).await?;
    let told = DepositHistory {
        total_count: found.total_count,
        page: found.page,
        limit: found.limit,
        deposits: found.deposit_list,
        next_cursor: found.next_cursor,
    };
    Ok(respond(done(&told).answer))
}

async fn list(rooms: &Rooms, person: &Person, ask: ListAsk) -> Result<DepositList, Fault> {
    let merchant = whose(rooms, person, filled(ask.merchant_id.as_deref())).await?;
    let limit = limit(ask.limit.as_deref())?;
    let page = page(ask.page.as_deref(), limit)?;
    let status = match filled(ask.status.as_deref()) {
        None | Some("all") => None,
        Some("completed") => Some(DepositStatus::Completed),
        Some("pending") => Some(DepositStatus::Pending),
        Some("cancelled") => Some(DepositStatus::Cancelled),
        Some("failed") => {
            // A bank that was told no sent no money: there is nothing that failed.
            return Ok(DepositList {
                total_count: 0,
                page,
                limit,
                deposit_list: Vec::new(),
                next_cursor: None,
            });
        }
        Some(_) => {
            let why = "all, completed, pending, cancelled, failed 중 하나여야 합니다.";
            return Err(Fault::parameter("status", why));
        }
    };
    let before = filled(ask.cursor.as_deref()).map(cursor).transpose()?;
    let question = DepositQuestion {
        merchant,
        period: period(ask.start_date.as_deref(), ask.end_date.as_deref())?,
        status,
        before,
        skip: if before.is_some() {
            0
        } else {
            (page - 1) * limit
        },
        limit,
    };
    let names = rooms.bank_name;
    let (found, told) = rooms
        .look(move |reads| {
            let found = reads.deposits(&question)?;
            let mut known = Names::new(names);
            let told = found
                .deposits
                .iter()
                .map(|seen| DepositTold::of(reads, &mut known, seen));
            let told = told.collect::<Result<Vec<_>, _>>()?;
            Ok((found, told))
        })
        .await;
    Ok(DepositList {
        total_count: found.total,
        page,
        limit,
        deposit_list: told,
        next_cursor: found.next.map(|next| next.to_string()),
    })
}

/// Where a list goes on.
pub(super) fn cursor(text: &str) -> Result<u64, Fault> {
    digits(text).ok_or_else(|| Fault::parameter("cursor", "nextCursor의 값이어야 합니다."))
}

/// From the first day's midnight to the midnight after the last day.
pub(super) fn period(start: Option<&str>, end: Option<&str>) -> Result<Period, Fault> {
    let from = day("startDate", start)?;
    let to = day("endDate", end)?;
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(Fault::parameter("endDate", "startDate보다 빠릅니다."));
    }
    Ok(Period {
        from: from.and_then(BusinessDate::begins),
        to: to
            .and_then(BusinessDate::next)
            .and_then(BusinessDate::begins),
    })
}

/// How many of the last movements.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RecentAsk {
    /// 가맹점 아이디
    merchant_id: Option<String>,
    /// 건수, 최대 500
    limit: Option<String>,
    /// 이어 읽을 자리 (nextCursor)
    cursor: Option<String>,
}

/// The last movements, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Recent {
    /// 빈 목록이면 0
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    transactions: Vec<MovementTold>,
    next_cursor: Option<String>,
}

/// One movement.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MovementTold {
    /// deposit 또는 correction
    r#type: &'static str,
    transaction_id: String,
    merchant_id: Option<String>,
    merchant_name: Option<String>,
    bank_code: String,
    account_no: String,
    amount: u64,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    depositor_name: Option<String>,
    created_at: String,
}

/// 최근 거래
#[utoipa::path(get, path = "/ezpg/transactions/recent", tag = "transactions",
    params(RecentAsk), responses((status = 200, body = Recent)),
    extensions(("x-who" = json!("HO OP VW ME"))))]
async fn recent(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<RecentAsk>,
) -> Result<HttpResponse, Fault> {
    let ask = ask.read()?;
    let merchant = whose(&rooms, &person, filled(ask.merchant_id.as_deref())).await?;
    let limit = limit(ask.limit.as_deref())?;
    let before = filled(ask.cursor.as_deref()).map(cursor).transpose()?;
    let (transactions, next) = rooms
        .look(move |reads| {
            let found = reads.recent(merchant.as_ref(), before, limit + 1)?;
            let more = found.len() > limit;
            let last = found.get(limit.saturating_sub(1)).map(place);
            let mut names = BTreeMap::new();
            let shown = found.into_iter().take(limit);
            let told = shown.map(|movement| moved(reads, &mut names, movement));
            let told = told.collect::<Result<Vec<_>, _>>()?;
            Ok((told, last.filter(|_| more)))
        })
        .await;
    let told = Recent {
        total_count: transactions.is_empty().then_some(0),
        transactions,
        next_cursor: next.map(|next| next.to_string()),
    };
    Ok(respond(done(&told).answer))
}

fn place(movement: &Movement) -> u64 {
    match movement {
        Movement::Deposit(seen) => seen.position,
        Movement::Correction { position, .. } => *position,
    }
}

fn moved(
    reads: &Reads,
    names: &mut BTreeMap<MerchantId, Option<String>>,
    movement: Movement,
) -> Result<MovementTold, crate::store::engine::Broken> {
    let (told, merchant) = match movement {
        Movement::Deposit(seen) => {
            let told = MovementTold {
                r#type: "deposit",
                transaction_id: transaction_id(seen.position),
                merchant_id: None,
                merchant_name: None,
                bank_code: seen.row.account.bank.to_string(),
                account_no: seen.row.account.number.as_str().to_owned(),
                amount: seen.row.amount.digits(),
                status: super::deposits::status_word(seen.status()),
                depositor_name: Some(seen.deposit.payer.name.clone()),
                created_at: seen.at.to_second(),
            };
            (told, seen.merchant)
        }
        Movement::Correction {
            at, row, merchant, ..
        } => {
            let told = MovementTold {
                r#type: "correction",
                transaction_id: transaction_id(row.position),
                merchant_id: None,
                merchant_name: None,
                bank_code: row.account.bank.to_string(),
                account_no: row.account.number.as_str().to_owned(),
                amount: row.amount.digits(),
                status: "completed",
                depositor_name: None,
                created_at: at.to_second(),
            };
            (told, merchant)
        }
    };
    let name = match &merchant {
        Some(merchant) => super::deposits::merchant_name(reads, names, merchant)?,
        None => None,
    };
    Ok(MovementTold {
        merchant_id: merchant.map(|merchant| merchant.to_string()),
        merchant_name: name,
        ..told
    })
}
