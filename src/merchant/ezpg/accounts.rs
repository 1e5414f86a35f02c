//! Virtual accounts (가상계좌): issuing under both documents' paths, closing.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::value::{Amount, bank, end, filled, kind, kind_word};
use super::{Code, Fault, Sent, carry_out, done};
use crate::domain::{
    Account, AccountCommand, AccountDetails, AccountKey, AccountKind, AccountNo, AccountOutcome,
    BankChoice, BankCode, Command, Limits, MerchantId, NewAccount, OrderNumber, Outcome, Role,
    Timestamp,
};
use crate::merchant::{Person, Rooms, Said, text};
use crate::secrets;
use crate::store::{AccountStatus, Mode, Receipt};

/// The routes of this file.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/accounts/issue").route(web::post().to(issue)))
        .service(web::resource("/virtual-accounts/issue").route(web::post().to(issue_virtual)))
        .service(web::resource("/accounts/close").route(web::post().to(close)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(issue, issue_virtual, close))]
pub(super) struct Paths;

/// An account to be issued; the union of both documents.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct IssueAccountAsk {
    /// 가맹점 아이디 (가맹점 사용자는 생략할 수 있음)
    #[schema(example = "shop")]
    merchant_id: Option<String>,
    /// fixed(고정식), one-time 또는 dynamic(일회성), matching(주문매칭); 생략하면 가맹점 설정
    #[schema(example = "fixed")]
    account_type: Option<String>,
    /// 은행코드 3자리; 생략하면 임의의 은행
    #[schema(example = "004")]
    bank_code: Option<String>,
    /// 입금 금액 (일회성은 필수, 0 또는 생략은 금액 무관)
    #[schema(value_type = Option<u64>, example = 20000)]
    amount: Option<Amount>,
    /// 만료일 YYYY-MM-DD (그날 23:59:59) 또는 RFC 3339 시각
    #[schema(example = "2099-12-31")]
    expire_date: Option<String>,
    /// 이 입금자명만 입금할 수 있음
    depositor_name: Option<String>,
    /// 수취조회에 보일 예금주명; 생략하면 가맹점명
    holder_name: Option<String>,
    /// 이 계좌의 입금과 매칭될 주문번호 (일회성만)
    order_number: Option<String>,
    /// 계좌별 한도
    limits: Option<AccountLimitsAsk>,
}

/// Ceilings of one account; 0 is none.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AccountLimitsAsk {
    /// 1회 입금 한도
    #[schema(value_type = Option<u64>)]
    per_deposit: Option<Amount>,
    /// 1일 입금 한도
    #[schema(value_type = Option<u64>)]
    per_day: Option<Amount>,
}

/// An issued account under both documents' names.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct IssuedAccount {
    merchant_id: String,
    account_info: AccountInfo,
    virtual_account: VirtualAccount,
}

/// An account as the older document has it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AccountInfo {
    account_id: String,
    bank_code: String,
    bank_name: String,
    account_no: String,
    account_type: String,
    amount: u64,
    issue_dt: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_dt: Option<String>,
}

/// An account as the later document has it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VirtualAccount {
    account_id: String,
    merchant_id: String,
    account_no: String,
    bank_code: String,
    bank_name: String,
    account_type: String,
    amount: u64,
    /// 금액 허용 오차
    tolerance: u64,
    /// active, expired, used, closed, stopped
    status: String,
    /// 요청한 그대로
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_date: Option<String>,
    /// 만료 시각
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    holder_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    depositor_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_number: Option<String>,
    /// 발급 시각 (이관된 계좌는 없음)
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
}

/// An account by bank and number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CloseAsk {
    #[schema(example = "004")]
    bank_code: String,
    account_no: String,
}

/// A closed account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Closed {
    bank_code: String,
    account_no: String,
    status: String,
}

/// 가상계좌 발급
#[utoipa::path(post, path = "/ezpg/accounts/issue", tag = "accounts",
    request_body = IssueAccountAsk, responses((status = 200, body = IssuedAccount)),
    extensions(("x-who" = json!("HO OP ME"))))]
async fn issue(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<IssueAccountAsk>,
) -> Result<HttpResponse, Fault> {
    issue_at(&rooms, &person, sent).await
}

/// 가상계좌 발급 (다른 경로)
#[utoipa::path(post, path = "/ezpg/virtual-accounts/issue", tag = "accounts",
    request_body = IssueAccountAsk, responses((status = 200, body = IssuedAccount)),
    extensions(("x-who" = json!("HO OP ME"))))]
async fn issue_virtual(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<IssueAccountAsk>,
) -> Result<HttpResponse, Fault> {
    issue_at(&rooms, &person, sent).await
}

async fn issue_at(
    rooms: &Rooms,
    person: &Person,
    sent: Sent<IssueAccountAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice, Role::Operator, Role::Merchant])?;
    let ask = sent.read()?;
    let merchant = person.one_merchant(filled(ask.told.merchant_id.as_deref()))?;
    let once = ask.turn(rooms, &person.by).await?;
    let new = new_account(merchant, ask.told, person)?;
    let command = Command::Account(Box::new(AccountCommand::Issue(Box::new(new))));
    let names = rooms.bank_name;
    let say = move |receipt: &Receipt| match &receipt.verdict {
        Ok(Outcome::Account(AccountOutcome::Issued {
            account, details, ..
        })) => Ok(issued(account, details, names)),
        Ok(_) => Err(Fault::new(Code::Failed)),
        Err(refusal) => Err(Fault::from(*refusal)),
    };
    carry_out(rooms, once, command, say).await
}

fn new_account(
    merchant: MerchantId,
    told: IssueAccountAsk,
    person: &Person,
) -> Result<NewAccount, Fault> {
    let bank = match filled(told.bank_code.as_deref()) {
        Some(text) => BankChoice::Named(bank(text)?),
        None => BankChoice::Any(dice()),
    };
    let sent = filled(told.expire_date.as_deref()).map(str::to_owned);
    let ends = sent.as_deref().map(|text| end("expireDate", text));
    let order = filled(told.order_number.as_deref()).map(|text| {
        OrderNumber::new(text)
            .filter(|_| text::is_plain(text))
            .ok_or_else(|| {
                Fault::parameter(
                    "orderNumber",
                    "보이지 않는 문자 없이 100자 이하여야 합니다.",
                )
            })
    });
    let limits = told.limits.unwrap_or_default();
    // As in the policies, 0 is no ceiling.
    let ceiling = |amount: Option<Amount>| amount.map(Amount::won).filter(|won| !won.is_zero());
    Ok(NewAccount {
        merchant,
        kind: filled(told.account_type.as_deref()).map(kind).transpose()?,
        bank,
        amount: told.amount.map(Amount::won),
        any_amount: false,
        expires_at: ends.transpose()?,
        expires_as_sent: sent,
        holder_name: name("holderName", told.holder_name.as_deref())?,
        depositor_name: name("depositorName", told.depositor_name.as_deref())?,
        limits: Limits {
            per_deposit: ceiling(limits.per_deposit),
            per_day: ceiling(limits.per_day),
        },
        order: order.transpose()?,
        user: None,
        by: person.by.clone(),
    })
}

/// A name of at most twenty characters without controls, composed (NFC); blank is none.
fn name(field: &str, written: Option<&str>) -> Result<Option<String>, Fault> {
    let Some(written) = filled(written) else {
        return Ok(None);
    };
    let composed = text::composed(written);
    if composed.chars().count() > 20 || !text::is_plain(&composed) {
        return Err(Fault::parameter(
            field,
            "제어 문자 없이 20자 이하여야 합니다.",
        ));
    }
    Ok(Some(composed))
}

fn dice() -> u64 {
    u64::from_be_bytes(*secrets::random::<8>())
}

fn issued(
    account: &Account,
    details: &AccountDetails,
    names: fn(BankCode) -> Option<&'static str>,
) -> Said {
    let shown = shown(account, Some(details), AccountStatus::Open, names);
    done(&IssuedAccount {
        merchant_id: shown.merchant_id.clone(),
        account_info: AccountInfo {
            account_id: shown.account_id.clone(),
            bank_code: shown.bank_code.clone(),
            bank_name: shown.bank_name.clone(),
            account_no: shown.account_no.clone(),
            account_type: kind_word(account.terms.kind).to_owned(),
            amount: shown.amount,
            issue_dt: details.issued_at.to_second(),
            expire_dt: account.terms.expires_at.map(Timestamp::to_second),
        },
        virtual_account: shown,
    })
}

/// An account as the later document has it.
pub(super) fn shown(
    account: &Account,
    details: Option<&AccountDetails>,
    status: AccountStatus,
    names: fn(BankCode) -> Option<&'static str>,
) -> VirtualAccount {
    let terms = &account.terms;
    let kind = match terms.kind {
        AccountKind::OneTime => "dynamic",
        kind => kind_word(kind),
    };
    let (bank, number) = (account.key.bank, account.key.number.as_str());
    VirtualAccount {
        account_id: details.map_or_else(
            || format!("acc_{bank}_{number}"),
            |details| format!("acc_{:012}", details.position),
        ),
        merchant_id: terms.merchant.to_string(),
        account_no: number.to_owned(),
        bank_code: bank.to_string(),
        bank_name: names(bank).unwrap_or_default().to_owned(),
        account_type: kind.to_owned(),
        amount: details
            .map_or(terms.amount, |details| details.amount)
            .digits(),
        tolerance: terms.tolerance.digits(),
        status: status_word(status).to_owned(),
        expire_date: details.and_then(|details| details.expires_as_sent.clone()),
        expires_at: terms.expires_at.map(Timestamp::to_second),
        holder_name: terms.holder_name.clone(),
        depositor_name: terms.depositor_name.clone(),
        order_number: details
            .and_then(|details| details.order.as_ref())
            .map(ToString::to_string),
        created_at: details.map(|details| details.issued_at.to_second()),
    }
}

/// Where an account stands, in one word.
fn status_word(status: AccountStatus) -> &'static str {
    match status {
        AccountStatus::Open => "active",
        AccountStatus::Used => "used",
        AccountStatus::Expired => "expired",
        AccountStatus::Closed => "closed",
        AccountStatus::Stopped => "stopped",
    }
}

/// 가상계좌 해지
#[utoipa::path(post, path = "/ezpg/accounts/close", tag = "accounts",
    request_body = CloseAsk, responses((status = 200, body = Closed)),
    extensions(("x-who" = json!("HO OP ME(sandbox)"))))]
async fn close(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<CloseAsk>,
) -> Result<HttpResponse, Fault> {
    own_in_a_sandbox(&rooms, &person)?;
    let ask = sent.read()?;
    let once = ask.turn(&rooms, &person.by).await?;
    let account = account_key(&ask.told.bank_code, &ask.told.account_no, &person)?;
    let closed = Closed {
        bank_code: account.bank.to_string(),
        account_no: account.number.as_str().to_owned(),
        status: "closed".to_owned(),
    };
    let command = AccountCommand::Close {
        account,
        of: person.merchant.clone(),
        by: person.by.clone(),
    };
    let own_only = person.merchant.is_some();
    let say = move |receipt: &Receipt| match &receipt.verdict {
        Ok(_) => Ok(done(&closed)),
        Err(refusal) => Err(hidden(Fault::from(*refusal), own_only)),
    };
    carry_out(&rooms, once, Command::Account(Box::new(command)), say).await
}

/// Head office and operators; in a sandbox a merchant too, for what is its own.
pub(super) fn own_in_a_sandbox(rooms: &Rooms, person: &Person) -> Result<(), Fault> {
    let roles = [Role::HeadOffice, Role::Operator, Role::Merchant];
    match rooms.mode {
        Mode::Sandbox => person.may(&roles),
        Mode::Production => person.may(&roles[..2]),
    }
}

/// To a merchant, what is another's and what is not there are alike.
pub(super) fn hidden(fault: Fault, own_only: bool) -> Fault {
    let absent = matches!(
        fault.code(),
        Code::NoMerchant | Code::NoAccount | Code::Absent
    );
    if own_only && absent {
        Fault::absent()
    } else {
        fault
    }
}

/// An account by the texts of a request.
pub(super) fn account_key(
    bank_code: &str,
    account_no: &str,
    person: &Person,
) -> Result<AccountKey, Fault> {
    let bank = bank(bank_code)?;
    let number: String = account_no.chars().filter(|letter| *letter != '-').collect();
    let absent = || hidden(Fault::new(Code::NoAccount), person.merchant.is_some());
    let number = AccountNo::new(number.trim()).ok_or_else(absent)?;
    Ok(AccountKey { bank, number })
}
