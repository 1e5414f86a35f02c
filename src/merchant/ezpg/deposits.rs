//! Deposits as this face tells them, and everything about one of them: its telegrams masked, what
//! was decided, what was posted, the order it met, and who was told.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::deliveries::DeliveryTold;
use super::value::{deposit_position, transaction_id};
use super::{Fault, done, words};
use crate::domain::{BankCode, Credit, DepositRow, MerchantId};
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::store::engine::Broken;
use crate::store::{DepositSeen, DepositStatus, Mode, Reads};

/// The routes of this file.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/deposits/{id}").route(web::get().to(show)))
        .service(web::resource("/deposits/{id}/candidates").route(web::get().to(candidates)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(show, candidates))]
pub(super) struct Paths;

/// A deposit under both documents' names.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DepositTold {
    trx_id: String,
    transaction_id: String,
    merchant_id: Option<String>,
    merchant_name: Option<String>,
    account_no: String,
    bank_code: String,
    bank_name: String,
    amount: u64,
    fee: u64,
    net_amount: u64,
    deposit_dt: String,
    created_at: String,
    completed_at: Option<String>,
    depositor_name: String,
    /// completed, pending(미처리금), cancelled(정정됨)
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_number: Option<String>,
}

/// Names that a page looks up once.
pub(super) struct Names {
    banks: fn(BankCode) -> Option<&'static str>,
    merchants: BTreeMap<MerchantId, Option<String>>,
}

impl Names {
    pub(super) fn new(banks: fn(BankCode) -> Option<&'static str>) -> Names {
        Names {
            banks,
            merchants: BTreeMap::new(),
        }
    }
}

/// A merchant's name, looked up once a page.
pub(super) fn merchant_name(
    reads: &Reads,
    known: &mut BTreeMap<MerchantId, Option<String>>,
    merchant: &MerchantId,
) -> Result<Option<String>, Broken> {
    if let Some(name) = known.get(merchant) {
        return Ok(name.clone());
    }
    let name = reads.merchant(merchant)?.map(|merchant| merchant.name);
    known.insert(merchant.clone(), name.clone());
    Ok(name)
}

impl DepositTold {
    /// A deposit as it stands now.
    pub(super) fn of(
        reads: &Reads,
        names: &mut Names,
        seen: &DepositSeen,
    ) -> Result<DepositTold, Broken> {
        let id = transaction_id(seen.position);
        let name = match &seen.merchant {
            Some(merchant) => merchant_name(reads, &mut names.merchants, merchant)?,
            None => None,
        };
        let account = &seen.row.account;
        let amount = seen.row.amount.digits();
        let at = seen.at.to_second();
        let status = seen.status();
        Ok(DepositTold {
            trx_id: id.clone(),
            transaction_id: id,
            merchant_id: seen.merchant.as_ref().map(ToString::to_string),
            merchant_name: name,
            account_no: account.number.as_str().to_owned(),
            bank_code: account.bank.to_string(),
            bank_name: (names.banks)(account.bank).unwrap_or_default().to_owned(),
            amount,
            fee: 0,
            net_amount: amount,
            deposit_dt: at.clone(),
            completed_at: (status == DepositStatus::Completed).then(|| at.clone()),
            created_at: at,
            depositor_name: seen.deposit.payer.name.clone(),
            status: status_word(status),
            reason: parked(&seen.row),
            order_number: seen.state.met.as_ref().map(ToString::to_string),
        })
    }
}

/// Where a deposit stands, in one word of the later document.
pub(super) fn status_word(status: DepositStatus) -> &'static str {
    match status {
        DepositStatus::Completed => "completed",
        DepositStatus::Pending => "pending",
        DepositStatus::Cancelled => "cancelled",
    }
}

/// Where a deposit stands, in one word, and why where it is parked.
pub(super) fn status(row: &DepositRow) -> (&'static str, Option<String>) {
    let status = match (row.reversed_at, &row.credit) {
        (Some(_), _) => DepositStatus::Cancelled,
        (None, Credit::Merchant(_)) => DepositStatus::Completed,
        (None, Credit::Suspense(_)) => DepositStatus::Pending,
    };
    (status_word(status), parked(row))
}

fn parked(row: &DepositRow) -> Option<String> {
    match &row.credit {
        Credit::Suspense(reason) if row.reversed_at.is_none() => {
            Some(words::parked(*reason).to_owned())
        }
        _ => None,
    }
}

/// Everything about one deposit.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DepositFileTold {
    deposit: DepositTold,
    telegrams: Vec<TelegramTold>,
    decisions: Vec<DecisionTold>,
    postings: Vec<PostingTold>,
    r#match: Option<MatchTold>,
    #[schema(value_type = Vec<Object>)]
    deliveries: Vec<DeliveryTold>,
}

/// One telegram, masked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TelegramTold {
    pub(super) at: String,
    pub(super) kind: &'static str,
    /// 항목별 설명, 개인정보는 가림
    pub(super) text: String,
}

/// One thing that was decided.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DecisionTold {
    pub(super) position: u64,
    pub(super) at: String,
    pub(super) what: String,
    pub(super) why: Option<String>,
}

/// One movement between two accounts of the ledger.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostingTold {
    pub(super) position: u64,
    pub(super) at: String,
    pub(super) debit: String,
    pub(super) credit: String,
    pub(super) amount: u64,
}

/// The order that a deposit met.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MatchTold {
    pub(super) order_number: Option<String>,
    pub(super) how: Option<&'static str>,
    pub(super) matched_at: Option<String>,
    /// 매칭되지 않은 이유
    pub(super) reasons: Vec<String>,
}

/// 입금 상세
#[utoipa::path(get, path = "/ezpg/deposits/{id}", tag = "deposits",
    params(("id" = String, Path, description = "입금 거래번호", example = "dep_000000000012")),
    responses((status = 200, body = DepositFileTold)),
    extensions(("x-who" = json!("HO OP VW ME"))))]
async fn show(
    rooms: web::Data<Rooms>,
    person: Person,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let position = deposit_position(&id).ok_or_else(Fault::absent)?;
    let (banks, describe) = (rooms.bank_name, std::sync::Arc::clone(&rooms.describe));
    let own = person.merchant.clone();
    let sandbox = rooms.mode == Mode::Sandbox;
    let found = rooms
        .look(move |reads| {
            let Some(file) = reads.deposit_file(position)? else {
                return Ok(None);
            };
            if own.is_some() && file.seen.merchant != own {
                return Ok(None);
            }
            let mut names = Names::new(banks);
            let deposit = DepositTold::of(reads, &mut names, &file.seen)?;
            let deliveries = super::story::deliveries(reads, &file)?;
            let reveal = sandbox && !reads.system_settings()?.masking();
            Ok(Some(DepositFileTold {
                deposit,
                telegrams: super::story::telegrams(&file, &*describe, reveal),
                decisions: super::story::decisions(&file),
                postings: super::story::postings(&file),
                r#match: super::story::matched(&file),
                deliveries: deliveries.into_iter().map(DeliveryTold::of).collect(),
            }))
        })
        .await;
    let told = found.ok_or_else(Fault::absent)?;
    Ok(respond(done(&told).answer))
}

/// Orders that a deposit may belong to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Candidates {
    total_count: usize,
    candidates: Vec<CandidateTold>,
}

/// An order that a deposit may belong to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CandidateTold {
    merchant_id: String,
    order_number: String,
    /// 0에서 100
    score: u8,
    reasons: Vec<String>,
}

/// 매칭 후보
#[utoipa::path(get, path = "/ezpg/deposits/{id}/candidates", tag = "deposits",
    params(("id" = String, Path, description = "입금 거래번호", example = "dep_000000000012")),
    responses((status = 200, body = Candidates)),
    extensions(("x-who" = json!("HO OP VW ME"))))]
async fn candidates(
    rooms: web::Data<Rooms>,
    person: Person,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let position = deposit_position(&id).ok_or_else(Fault::absent)?;
    let found = rooms
        .look(move |reads| {
            let seen = reads.deposit_seen(position)?;
            Ok((seen, reads.candidates(position)?))
        })
        .await;
    let (seen, ranked) = found;
    let seen = seen.ok_or_else(Fault::absent)?;
    if !person.sees(seen.merchant.as_ref()) {
        return Err(Fault::absent());
    }
    let candidates = ranked.into_iter().flat_map(|(merchant, ranked)| {
        ranked.into_iter().map(move |candidate| CandidateTold {
            merchant_id: merchant.to_string(),
            order_number: candidate.number.to_string(),
            score: candidate.score,
            reasons: candidate.reasons,
        })
    });
    let candidates: Vec<CandidateTold> = candidates.collect();
    let told = Candidates {
        total_count: candidates.len(),
        candidates,
    };
    Ok(respond(done(&told).answer))
}
