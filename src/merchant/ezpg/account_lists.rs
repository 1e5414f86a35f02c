//! Lists of virtual accounts, and the life story of one.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::accounts::{VirtualAccount, account_key, hidden, shown};
use super::query::{Query, limit, whose};
use super::transactions::cursor;
use super::value::{filled, transaction_id};
use super::{Code, Fault, done};
use crate::domain::{AccountKey, AccountNo, BankCode};
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::store::{AccountQuestion, AccountSeen, AccountStatus, Chapter};

/// The routes of this file.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/accounts").route(web::get().to(list)))
        .service(web::resource("/accounts/{bankCode}/{accountNo}").route(web::get().to(life)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, life))]
pub(super) struct Paths;

/// Which accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListAsk {
    /// 가맹점 아이디 (가맹점 사용자는 자신의 것만)
    merchant_id: Option<String>,
    /// active, used, expired, closed, stopped
    status: Option<String>,
    /// 계좌번호
    account_no: Option<String>,
    /// 최대 500
    limit: Option<String>,
    /// 이어 읽을 자리 (nextCursor)
    cursor: Option<String>,
}

/// A page of accounts by bank and number.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the interface's own names")]
struct Accounts {
    /// 가맹점의 모든 계좌 수; status로 좁힌 목록은 한 쪽에 다 보일 때만
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    accounts: Vec<AccountTold>,
    next_cursor: Option<String>,
}

/// An account with what stands on it.
#[derive(Debug, Serialize, ToSchema)]
struct AccountTold {
    #[serde(flatten)]
    account: VirtualAccount,
    /// 이 계좌로 입금 처리된 금액 (정정 제외)
    balance: u64,
}

/// 가상계좌 목록
#[utoipa::path(get, path = "/ezpg/accounts", tag = "accounts", params(ListAsk),
    responses((status = 200, body = Accounts)),
    extensions(("x-who" = json!("HO OP VW ME"))))]
async fn list(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    let ask = ask.read()?;
    let number = filled(ask.account_no.as_deref()).map(|text| {
        let wrong = || Fault::parameter("accountNo", "16자 이하여야 합니다.");
        AccountNo::new(&text.replace('-', "")).ok_or_else(wrong)
    });
    let question = AccountQuestion {
        merchant: whose(&rooms, &person, filled(ask.merchant_id.as_deref())).await?,
        status: filled(ask.status.as_deref()).map(standing).transpose()?,
        number: number.transpose()?,
        after: filled(ask.cursor.as_deref()).map(after).transpose()?,
        limit: limit(ask.limit.as_deref())?,
    };
    let page = rooms.look(move |reads| reads.accounts(&question)).await;
    let told = Accounts {
        total_count: page.total,
        accounts: page
            .accounts
            .iter()
            .map(|seen| told(seen, rooms.bank_name))
            .collect(),
        next_cursor: page
            .next
            .map(|key| format!("{}-{}", key.bank, key.number.as_str())),
    };
    Ok(respond(done(&told).answer))
}

fn told(seen: &AccountSeen, names: fn(BankCode) -> Option<&'static str>) -> AccountTold {
    AccountTold {
        account: shown(&seen.account, seen.details.as_ref(), seen.status, names),
        balance: seen.balance.digits(),
    }
}

fn standing(word: &str) -> Result<AccountStatus, Fault> {
    match word {
        "active" => Ok(AccountStatus::Open),
        "used" => Ok(AccountStatus::Used),
        "expired" => Ok(AccountStatus::Expired),
        "closed" => Ok(AccountStatus::Closed),
        "stopped" => Ok(AccountStatus::Stopped),
        _ => Err(Fault::parameter(
            "status",
            "active, used, expired, closed, stopped 중 하나여야 합니다.",
        )),
    }
}

/// The account after which a list goes on.
fn after(text: &str) -> Result<AccountKey, Fault> {
    let read = || {
        let (bank, number) = text.split_once('-')?;
        Some(AccountKey {
            bank: BankCode::parse(bank)?,
            number: AccountNo::new(number)?,
        })
    };
    read().ok_or_else(|| Fault::parameter("cursor", "nextCursor의 값이어야 합니다."))
}

/// From where on the story is told.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LifeAsk {
    /// 최대 500
    limit: Option<String>,
    /// 이어 읽을 자리 (nextCursor)
    cursor: Option<String>,
}

/// An account and its story, the newest chapter first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Life {
    account: AccountTold,
    story: Vec<ChapterTold>,
    next_cursor: Option<String>,
}

/// One chapter.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ChapterTold {
    /// issued, deposit, correction, closed
    r#type: &'static str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    depositor_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_number: Option<String>,
}

/// 가상계좌의 이력
#[utoipa::path(get, path = "/ezpg/accounts/{bankCode}/{accountNo}", tag = "accounts",
    params(
        ("bankCode" = String, Path, description = "은행코드", example = "004"),
        ("accountNo" = String, Path, description = "계좌번호"),
        LifeAsk
    ),
    responses((status = 200, body = Life)),
    extensions(("x-who" = json!("HO OP VW ME"))))]
async fn life(
    rooms: web::Data<Rooms>,
    person: Person,
    path: web::Path<(String, String)>,
    ask: Query<LifeAsk>,
) -> Result<HttpResponse, Fault> {
    let ask = ask.read()?;
    let limit = limit(ask.limit.as_deref())?;
    let before = filled(ask.cursor.as_deref()).map(cursor).transpose()?;
    let own_only = person.merchant.is_some();
    let absent = || hidden(Fault::new(Code::NoAccount), own_only);
    let key = account_key(&path.0, &path.1, &person).map_err(|_| absent())?;
    let (seen, mut story) = rooms
        .look(move |reads| {
            let seen = reads.account_seen(&key)?;
            Ok((seen, reads.account_life(&key, before, limit + 1)?))
        })
        .await;
    let seen = seen.ok_or_else(absent)?;
    person.owns(&seen.account.terms.merchant)?;
    let more = story.len() > limit;
    story.truncate(limit);
    let next = story.last().filter(|_| more).map(Chapter::position);
    let told = Life {
        account: told(&seen, rooms.bank_name),
        story: story.into_iter().map(chapter).collect(),
        next_cursor: next.map(|position| position.to_string()),
    };
    Ok(respond(done(&told).answer))
}

fn chapter(chapter: Chapter) -> ChapterTold {
    let plain = |r#type, at: crate::domain::Timestamp| ChapterTold {
        r#type,
        at: at.to_second(),
        transaction_id: None,
        amount: None,
        depositor_name: None,
        status: None,
        reason: None,
        order_number: None,
    };
    match chapter {
        Chapter::Issued { at, .. } => plain("issued", at),
        Chapter::Closed { at, .. } => plain("closed", at),
        Chapter::Deposit(seen) => {
            let (status, reason) = super::deposits::status(&seen.row);
            ChapterTold {
                transaction_id: Some(transaction_id(seen.position)),
                amount: Some(seen.row.amount.digits()),
                depositor_name: Some(seen.deposit.payer.name.clone()),
                status: Some(status),
                reason,
                order_number: seen.state.met.as_ref().map(ToString::to_string),
                ..plain("deposit", seen.at)
            }
        }
        Chapter::Correction {
            at,
            deposit_position,
            amount,
            ..
        } => ChapterTold {
            transaction_id: Some(transaction_id(deposit_position)),
            amount: Some(amount.digits()),
            ..plain("correction", at)
        },
    }
}
