//! `/test/deposit` (가상계좌 입금 테스트): a deposit as if a bank had sent it, in a sandbox only.
//!
//! The telegrams go through the house's own line. What they did stands in the books as of any
//! other deposit; the same idempotency key sends the same number again, so that it is one
//! deposit also where the answer was lost.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::{account_key, hidden, own_in_a_sandbox};
use super::value::{Amount, filled, transaction_id};
use super::{Code, Fault, Sent, carry_out, done};
use crate::bank::trial::{TrialDeposit, TrialEnd, TrialError};
use crate::domain::{AccountKey, Command, DepositRow, MerchantId, Timestamp};
use crate::merchant::{OnceKey, Person, Rooms, Stop, text};
use crate::secrets;

/// The routes of this file.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/test/deposit").route(web::post().to(deposit)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(deposit))]
pub(super) struct Paths;

/// A deposit to be tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TrialAsk {
    /// 가상계좌번호
    account_no: Option<String>,
    /// 은행코드
    #[schema(example = "004")]
    bank_code: Option<String>,
    /// 입금액
    #[schema(value_type = Option<u64>, example = 20000)]
    amount: Option<Amount>,
    /// 입금자명
    #[schema(example = "홍길동")]
    depositor_name: Option<String>,
    /// true면 수취조회와 입금사전조회 없이 입금 전문만 보냄
    #[serde(default)]
    force: bool,
}

/// What came of it, under both documents' names.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Tried {
    trx_id: String,
    transaction_id: String,
    merchant_id: String,
    account_no: String,
    bank_code: String,
    amount: u64,
    depositor_name: String,
    deposit_dt: String,
    created_at: String,
    /// completed, pending(미처리금) 또는 failed
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// A refused trial; `trxId` stays away, because nothing was booked.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Refused {
    account_no: String,
    bank_code: String,
    amount: u64,
    status: &'static str,
    reason: String,
}

/// 입금 테스트
#[utoipa::path(post, path = "/ezpg/test/deposit", tag = "test",
    request_body = TrialAsk, responses((status = 200, body = Tried)),
    extensions(("x-who" = json!("HO OP ME(sandbox)"))))]
async fn deposit(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<TrialAsk>,
) -> Result<HttpResponse, Fault> {
    let Some(trial) = rooms.trial.clone() else {
        // Production has no such call.
        return Err(Stop::NotFound.into());
    };
    own_in_a_sandbox(&rooms, &person)?;
    let ask = sent.read()?;
    let once = ask.turn(&rooms, &person.by).await?;
    let (account, wanted) = wanted(&ask.told, &person, once.as_ref(), rooms.clock.now())?;
    let merchant = issued_to(&rooms, &person, account.clone()).await?;
    let end = match trial.deposit(&wanted).await {
        Ok(end) => end,
        Err(error) => return Err(broken(&error)),
    };
    if !end.accepted() {
        return Err(refused(&wanted, &end));
    }
    let key = end.key.clone();
    let row = rooms.look(move |reads| reads.deposit(&key)).await;
    let row = row.ok_or_else(|| Fault::new(Code::Failed))?;
    let tried = tried(&wanted, &merchant, &row);
    carry_out(&rooms, once, Command::Answer, move |_| Ok(done(&tried))).await
}

fn wanted(
    told: &TrialAsk,
    person: &Person,
    once: Option<&OnceKey>,
    now: Timestamp,
) -> Result<(AccountKey, TrialDeposit), Fault> {
    let missing = |field: &str| Fault::parameter(field, "필수 항목입니다.");
    let bank = filled(told.bank_code.as_deref()).ok_or_else(|| missing("bankCode"))?;
    let number = filled(told.account_no.as_deref()).ok_or_else(|| missing("accountNo"))?;
    let account = account_key(bank, number, person)?;
    let amount = told.amount.ok_or_else(|| missing("amount"))?;
    if amount.0 == 0 {
        return Err(Fault::parameter("amount", "1원 이상이어야 합니다."));
    }
    let payer = text::composed(filled(told.depositor_name.as_deref()).unwrap_or("입금테스트"));
    if payer.chars().count() > 100 || !text::is_plain(&payer) {
        let why = "제어 문자 없이 100자 이하여야 합니다.";
        return Err(Fault::parameter("depositorName", why));
    }
    let random = || u64::from_be_bytes(*secrets::random::<8>());
    let wanted = TrialDeposit {
        account: account.clone(),
        amount: amount.won(),
        payer,
        number: once.map_or_else(random, OnceKey::number),
        at: now,
        force: told.force,
    };
    Ok((account, wanted))
}

/// Whose account it is; one that was never issued is told before any telegram is sent.
async fn issued_to(
    rooms: &Rooms,
    person: &Person,
    account: AccountKey,
) -> Result<MerchantId, Fault> {
    let own_only = person.merchant.is_some();
    let found = rooms.look(move |reads| reads.account(&account)).await;
    let found = found.ok_or_else(|| hidden(Fault::new(Code::NoAccount), own_only))?;
    person.owns(&found.terms.merchant)?;
    Ok(found.terms.merchant)
}

fn broken(error: &TrialError) -> Fault {
    tracing::warn!(%error, "a trial deposit did not come through");
    match error {
        TrialError::Full => Stop::Busy.into(),
        TrialError::Compose(_) => {
            Fault::parameter("depositorName", "전문에 담을 수 없는 값입니다.")
        }
        TrialError::Line(_) | TrialError::Silent => {
            Fault::because(Code::DepositFailed, "중계 회선이 응답하지 않습니다.")
        }
    }
}

fn refused(wanted: &TrialDeposit, end: &TrialEnd) -> Fault {
    let refused = Refused {
        account_no: wanted.account.number.as_str().to_owned(),
        bank_code: wanted.account.bank.to_string(),
        amount: wanted.amount.digits(),
        status: "failed",
        reason: end.words.clone(),
    };
    Fault::with(Code::DepositFailed, end.words.clone(), &refused)
}

fn tried(wanted: &TrialDeposit, merchant: &MerchantId, row: &DepositRow) -> Tried {
    let id = transaction_id(row.position);
    let (status, reason) = super::deposits::status(row);
    Tried {
        trx_id: id.clone(),
        transaction_id: id,
        merchant_id: merchant.to_string(),
        account_no: wanted.account.number.as_str().to_owned(),
        bank_code: wanted.account.bank.to_string(),
        amount: wanted.amount.digits(),
        depositor_name: wanted.payer.clone(),
        deposit_dt: wanted.at.to_second(),
        created_at: wanted.at.to_second(),
        status: status.to_owned(),
        reason,
    }
}
