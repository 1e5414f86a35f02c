//! Merchants (가맹점): `/merchants/register`, `/list`, `/settings`, `/balance`.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Number;
use utoipa::{IntoParams, ToSchema};

use super::accounts::{hidden, own_in_a_sandbox};
use super::credentials::{Shown, shown};
use super::query::{Query, limit, page};
use super::value::{Amount, bank, filled, kind, kind_word};
use super::{Ask, Code, Fault, carry_out, done};
use crate::domain::{
    Balance, Command, KeyFace, Merchant, MerchantId, MerchantRefusal, MerchantSettings, Outcome,
    PolicyCommand, PolicyOutcome, Profile, Rate, Refusal, RegistrationCommand, Role,
    SettingsChange, SettlementAccount, Standing, Timestamp,
};
use crate::merchant::answer::respond;
use crate::merchant::keys::Minted;
use crate::merchant::{Person, Rooms, text};
use crate::store::{MerchantShown, Receipt};
use crate::{limits, secrets};

/// The routes of this file.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/merchants/register").route(web::post().to(register)))
        .service(web::resource("/merchants/list").route(web::get().to(list)))
        .service(web::resource("/merchants/settings").route(web::post().to(set)))
        .service(web::resource("/merchants/balance").route(web::get().to(balance)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(register, list, set, balance))]
pub(super) struct Paths;

/// A merchant to be registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the interface's own names")]
struct RegisterAsk {
    merchant_info: MerchantInfo,
    #[serde(default)]
    contact_info: ContactInfo,
    account_info: Option<AccountInfo>,
    #[serde(default)]
    fee_info: FeeInfo,
    #[serde(default)]
    setting_info: SettingInfo,
}

/// Who it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MerchantInfo {
    /// 가맹점명 (필수); 예금주명이 따로 없는 계좌의 수취조회에 보임
    #[schema(example = "나루상점")]
    merchant_name: String,
    /// 사업자등록번호 10자리
    #[schema(example = "123-45-67890")]
    business_number: Option<String>,
    representative_name: Option<String>,
    business_type: Option<String>,
    business_category: Option<String>,
    address: Option<String>,
    phone_number: Option<String>,
}

/// Whom to talk to.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the interface's own names")]
struct ContactInfo {
    manager_name: Option<String>,
    manager_email: Option<String>,
    manager_phone: Option<String>,
}

/// Where settlements go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AccountInfo {
    bank_code: String,
    account_number: String,
    account_holder: String,
}

/// What it pays, in percent.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FeeInfo {
    /// 퍼센트, 소수 4자리까지
    #[schema(value_type = Option<f64>, example = 1.5)]
    deposit_fee_rate: Option<Percent>,
    /// 퍼센트, 소수 4자리까지
    #[schema(value_type = Option<f64>)]
    withdrawal_fee_rate: Option<Percent>,
}

/// What its accounts are like.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SettingInfo {
    /// fixed, one-time(dynamic), matching
    account_type: Option<String>,
    /// Y, N
    amount_match_required: Option<String>,
    /// 허용 오차(원)
    #[schema(value_type = Option<u64>)]
    allowed_amount_error: Option<Amount>,
}

/// A percentage, sent as a number or as text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Percent {
    Number(Number),
    Text(String),
}

impl Percent {
    fn rate(&self, field: &str) -> Result<Rate, Fault> {
        let text = match self {
            Percent::Number(number) => number.to_string(),
            Percent::Text(text) => text.trim().to_owned(),
        };
        // A number that has no fraction may still be written with one.
        let text = text.strip_suffix(".0").unwrap_or(&text);
        let wrong = || Fault::parameter(field, "0에서 100까지, 소수 4자리까지의 퍼센트입니다.");
        Rate::parse(text).ok_or_else(wrong)
    }
}

/// A registered merchant with its keys, told this once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Registered {
    merchant_id: String,
    /// `EzPG`의 meky와 같음
    merchant_key: String,
    /// 인터페이스별 키
    #[schema(value_type = Object)]
    credentials: Shown,
}

/// 가맹점 등록 (본사); 모든 연동 키를 한 번만 알려 줌
#[utoipa::path(post, path = "/ezpg/merchants/register", tag = "merchants",
    request_body = RegisterAsk, responses((status = 200, body = Registered)),
    extensions(("x-who" = json!("HO"))))]
async fn register(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Ask<RegisterAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let once = ask.turn(&rooms, &person.by).await?;
    let told = ask.told;
    let settings = change(&told.fee_info, &told.setting_info)?;
    let name = named("merchantName", &told.merchant_info.merchant_name)?;
    let name = name.ok_or_else(|| Fault::parameter("merchantName", "필수 항목입니다."))?;
    let merchant = Merchant {
        id: free_id(&rooms).await?,
        name,
        standing: Standing::Open,
    };
    let profile = profile(&told)?;
    let minted = Minted::fresh(&rooms.secrets, rooms.mode, &merchant.id, &KeyFace::ALL);
    let credentials = shown(&minted);
    let registered = Registered {
        merchant_id: merchant.id.to_string(),
        merchant_key: credentials["ezpg"]["meky"].clone(),
        credentials,
    };
    let command = RegistrationCommand::Register {
        merchant,
        profile,
        settings,
        keys: minted.keys,
        by: person.by,
    };
    let command = Command::Registration(Box::new(command));
    carry_out(&rooms, once, command, move |receipt| {
        receipt.verdict.clone()?;
        Ok(done(&registered).with_secrets())
    })
    .await
}

/// An id that no merchant has: a letter and nine digits, drawn so that none follows from another.
async fn free_id(rooms: &Rooms) -> Result<MerchantId, Fault> {
    for _ in 0..limits::ID_TRIES_MAX {
        let digits = secrets::random_text(b"0123456789", 9);
        let Some(id) = MerchantId::new(&format!("M{}", *digits)) else {
            continue;
        };
        let asked = id.clone();
        if rooms
            .look(move |reads| reads.merchant(&asked))
            .await
            .is_none()
        {
            return Ok(id);
        }
    }
    Err(Refusal::Merchant(MerchantRefusal::MerchantTaken).into())
}

/// A text of at most a hundred characters without any that nobody can see; blank is none.
fn named(field: &str, written: &str) -> Result<Option<String>, Fault> {
    let composed = text::composed(written);
    let long = composed.chars().count() > limits::NAME_CHARACTERS_MAX;
    if long || !text::is_plain(&composed) {
        return Err(Fault::parameter(
            field,
            "제어 문자 없이 100자 이하여야 합니다.",
        ));
    }
    Ok(Some(composed).filter(|text| !text.is_empty()))
}

fn profile(told: &RegisterAsk) -> Result<Profile, Fault> {
    let (info, contact) = (&told.merchant_info, &told.contact_info);
    let words = |field: &str, written: &Option<String>| {
        named(field, written.as_deref().unwrap_or_default()).map(Option::unwrap_or_default)
    };
    let business_number = words("businessNumber", &info.business_number)?.replace('-', "");
    if !business_number.is_empty() && !is_digits(&business_number, 10, 10) {
        return Err(Fault::parameter(
            "businessNumber",
            "숫자 10자리여야 합니다.",
        ));
    }
    let manager_email = words("managerEmail", &contact.manager_email)?;
    if !manager_email.is_empty() && !is_email(&manager_email) {
        return Err(Fault::parameter("managerEmail", "이메일 주소여야 합니다."));
    }
    let settlement = match &told.account_info {
        Some(account) => Some(settlement(account)?),
        None => None,
    };
    Ok(Profile {
        business_number,
        representative_name: words("representativeName", &info.representative_name)?,
        business_type: words("businessType", &info.business_type)?,
        business_category: words("businessCategory", &info.business_category)?,
        address: words("address", &info.address)?,
        phone_number: words("phoneNumber", &info.phone_number)?,
        manager_name: words("managerName", &contact.manager_name)?,
        manager_email,
        manager_phone: words("managerPhone", &contact.manager_phone)?,
        settlement,
    })
}

fn settlement(account: &AccountInfo) -> Result<SettlementAccount, Fault> {
    let number = account.account_number.trim().replace('-', "");
    if !is_digits(&number, 6, 20) {
        return Err(Fault::parameter(
            "accountNumber",
            "숫자 6~20자리여야 합니다.",
        ));
    }
    let holder = named("accountHolder", &account.account_holder)?;
    Ok(SettlementAccount {
        bank: bank(&account.bank_code)?,
        number,
        holder: holder.ok_or_else(|| Fault::parameter("accountHolder", "필수 항목입니다."))?,
    })
}

fn is_digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text can be an address of e-mail at all; whether mail arrives, only mail can tell.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let plain = text
        .chars()
        .all(|letter| !letter.is_whitespace() && !"<>,;:\"()[]\\".contains(letter));
    plain
        && !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
}

fn change(fees: &FeeInfo, settings: &SettingInfo) -> Result<SettingsChange, Fault> {
    let rate = |percent: &Option<Percent>, field: &str| {
        percent
            .as_ref()
            .map(|percent| percent.rate(field))
            .transpose()
    };
    let required = match filled(settings.amount_match_required.as_deref()) {
        None => None,
        Some("Y") => Some(true),
        Some("N") => Some(false),
        Some(_) => {
            return Err(Fault::parameter(
                "amountMatchRequired",
                "Y 또는 N이어야 합니다.",
            ));
        }
    };
    let account_type = filled(settings.account_type.as_deref());
    Ok(SettingsChange {
        account_kind: account_type.map(kind).transpose()?,
        amount_match_required: required,
        allowed_amount_error: settings.allowed_amount_error.map(Amount::won),
        default_bank: None,
        deposit_fee_rate: rate(&fees.deposit_fee_rate, "depositFeeRate")?,
        withdrawal_fee_rate: rate(&fees.withdrawal_fee_rate, "withdrawalFeeRate")?,
    })
}

/// Other settings; what is not sent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SetAsk {
    merchant_id: Option<String>,
    /// 퍼센트, 소수 4자리까지
    #[schema(value_type = Option<f64>)]
    deposit_fee_rate: Option<Percent>,
    /// 퍼센트, 소수 4자리까지
    #[schema(value_type = Option<f64>)]
    withdrawal_fee_rate: Option<Percent>,
    /// fixed, one-time(dynamic), matching
    account_type: Option<String>,
    /// Y, N
    amount_match_required: Option<String>,
    /// 허용 오차(원)
    #[schema(value_type = Option<u64>)]
    allowed_amount_error: Option<Amount>,
    /// 은행을 지정하지 않은 발급에 쓸 은행
    default_bank: Option<String>,
}

/// The settings in force, under both documents' names.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Set {
    merchant_id: String,
    settings: SettingsTold,
    updated_settings: SettingsTold,
}

/// Settings.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SettingsTold {
    #[schema(value_type = f64)]
    deposit_fee_rate: Number,
    #[schema(value_type = f64)]
    withdrawal_fee_rate: Number,
    account_type: &'static str,
    amount_match_required: &'static str,
    allowed_amount_error: u64,
    default_bank: Option<String>,
}

impl SettingsTold {
    fn of(settings: &MerchantSettings) -> SettingsTold {
        SettingsTold {
            deposit_fee_rate: percent(settings.deposit_fee_rate),
            withdrawal_fee_rate: percent(settings.withdrawal_fee_rate),
            account_type: kind_word(settings.account_kind),
            amount_match_required: yes_no(settings.amount_match_required),
            allowed_amount_error: settings.allowed_amount_error.digits(),
            default_bank: settings.default_bank.map(|bank| bank.to_string()),
        }
    }
}

/// A rate as a number in JSON, digit for digit.
fn percent(rate: Rate) -> Number {
    // A rate's text is always a number in JSON.
    serde_json::from_str(&rate.to_string()).unwrap_or_else(|_| Number::from(0))
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "Y" } else { "N" }
}

/// 가맹점 설정 (본사, 운영자; 시험 환경에서는 가맹점 자신도)
#[utoipa::path(post, path = "/ezpg/merchants/settings", tag = "merchants",
    request_body = SetAsk, responses((status = 200, body = Set)),
    extensions(("x-who" = json!("HO OP ME(sandbox)"))))]
async fn set(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Ask<SetAsk>,
) -> Result<HttpResponse, Fault> {
    own_in_a_sandbox(&rooms, &person)?;
    let merchant = person.one_merchant(filled(ask.told.merchant_id.as_deref()))?;
    let once = ask.turn(&rooms, &person.by).await?;
    let told = ask.told;
    let default_bank = match told.default_bank.as_deref().map(str::trim) {
        None => None,
        Some("") => Some(None),
        Some(code) => Some(Some(bank(code)?)),
    };
    let fees = FeeInfo {
        deposit_fee_rate: told.deposit_fee_rate,
        withdrawal_fee_rate: told.withdrawal_fee_rate,
    };
    let settings = SettingInfo {
        account_type: told.account_type,
        amount_match_required: told.amount_match_required,
        allowed_amount_error: told.allowed_amount_error,
    };
    let command = PolicyCommand::SetSettings {
        merchant: merchant.clone(),
        change: Box::new(SettingsChange {
            default_bank,
            ..change(&fees, &settings)?
        }),
        by: person.by.clone(),
    };
    let own_only = person.merchant.is_some();
    let say = move |receipt: &Receipt| match &receipt.verdict {
        Ok(Outcome::Policy(PolicyOutcome::Settings(settings))) => {
            let settings = SettingsTold::of(settings);
            Ok(done(&Set {
                merchant_id: merchant.to_string(),
                updated_settings: settings.clone(),
                settings,
            }))
        }
        Ok(_) => Err(Fault::new(Code::Failed)),
        Err(refusal) => Err(hidden(Fault::from(*refusal), own_only)),
    };
    carry_out(&rooms, once, Command::Policy(Box::new(command)), say).await
}

/// Which merchants.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
struct ListAsk {
    /// 가맹점명, 아이디, 사업자등록번호, 담당자에서 찾을 글자
    search_keyword: Option<String>,
    page: Option<String>,
    limit: Option<String>,
}

/// A page of merchants.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ListTold {
    total_count: usize,
    page: usize,
    limit: usize,
    merchant_list: Vec<MerchantTold>,
}

/// A merchant in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MerchantTold {
    merchant_id: String,
    merchant_name: String,
    business_number: String,
    contact_person: String,
    contact_phone: String,
    email: String,
    /// 등록 시각; 가져온 가맹점은 없음
    regist_dt: Option<String>,
    /// active, closed, stopped
    status: &'static str,
    #[schema(value_type = i64)]
    balance: Number,
    #[schema(value_type = f64)]
    deposit_fee_rate: Number,
    #[schema(value_type = f64)]
    withdrawal_fee_rate: Number,
    account_type: &'static str,
    amount_match_required: &'static str,
    allowed_amount_error: u64,
}

impl MerchantTold {
    fn of(shown: MerchantShown) -> MerchantTold {
        let settings = SettingsTold::of(&shown.settings);
        let registered_at = shown.profile.as_ref().map(|row| row.registered_at);
        let profile = shown.profile.map(|row| row.profile).unwrap_or_default();
        MerchantTold {
            merchant_id: shown.merchant.id.to_string(),
            merchant_name: shown.merchant.name,
            business_number: profile.business_number,
            contact_person: profile.manager_name,
            contact_phone: profile.manager_phone,
            email: profile.manager_email,
            regist_dt: registered_at.map(Timestamp::to_second),
            status: match shown.merchant.standing {
                Standing::Open => "active",
                Standing::Closed => "closed",
                Standing::Stopped => "stopped",
            },
            balance: owed(shown.balance),
            deposit_fee_rate: settings.deposit_fee_rate,
            withdrawal_fee_rate: settings.withdrawal_fee_rate,
            account_type: settings.account_type,
            amount_match_required: settings.amount_match_required,
            allowed_amount_error: settings.allowed_amount_error,
        }
    }
}

/// What we owe; below nought where corrections took more than is left.
fn owed(balance: Balance) -> Number {
    let (debits, credits) = (balance.debits.digits(), balance.credits.digits());
    let owed = i128::from(credits) - i128::from(debits);
    // Sums of won fit by far; JSON has no larger whole number that everybody reads.
    i64::try_from(owed).unwrap_or(i64::MAX).into()
}

/// 가맹점 목록
#[utoipa::path(get, path = "/ezpg/merchants/list", tag = "merchants", params(ListAsk),
    responses((status = 200, body = ListTold)), extensions(("x-who" = json!("HO OP VW ME"))))]
async fn list(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    let limit = limit(ask.0.limit.as_deref())?;
    let page = page(ask.0.page.as_deref(), limit)?;
    let keyword = text::composed(&ask.0.search_keyword.unwrap_or_default());
    let own = person.merchant;
    let found = rooms
        .look(move |reads| reads.merchants(&keyword, own.as_ref(), ((page - 1) * limit, limit)))
        .await;
    let told = ListTold {
        total_count: found.total,
        page,
        limit,
        merchant_list: found.merchants.into_iter().map(MerchantTold::of).collect(),
    };
    Ok(respond(done(&told).answer))
}

/// Whose balance.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
struct BalanceAsk {
    /// 생략하면 볼 수 있는 모든 가맹점
    merchant_id: Option<String>,
}

/// Balances.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BalanceTold {
    balance_list: Vec<MerchantBalance>,
}

/// One merchant's balance.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MerchantBalance {
    merchant_id: String,
    merchant_name: String,
    #[schema(value_type = i64)]
    balance: Number,
    /// 마지막 입금·정정 시각
    last_trx_dt: Option<String>,
}

/// 가맹점 잔액
#[utoipa::path(get, path = "/ezpg/merchants/balance", tag = "merchants", params(BalanceAsk),
    responses((status = 200, body = BalanceTold)), extensions(("x-who" = json!("HO OP VW ME"))))]
async fn balance(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<BalanceAsk>,
) -> Result<HttpResponse, Fault> {
    let merchant = person.scope(filled(ask.0.merchant_id.as_deref()))?;
    let asked = merchant.clone();
    let found = rooms
        .look(move |reads| reads.merchants("", asked.as_ref(), (0, usize::MAX)))
        .await;
    if merchant.is_some() && found.merchants.is_empty() {
        let missing = Fault::new(Code::NoMerchant);
        return Err(hidden(missing, person.merchant.is_some()));
    }
    let balance = |shown: MerchantShown| MerchantBalance {
        merchant_id: shown.merchant.id.to_string(),
        merchant_name: shown.merchant.name,
        balance: owed(shown.balance),
        last_trx_dt: shown.last_movement.map(Timestamp::to_second),
    };
    let told = BalanceTold {
        balance_list: found.merchants.into_iter().map(balance).collect(),
    };
    Ok(respond(done(&told).answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_however_they_are_sent_and_told_digit_for_digit() {
        for (sent, told) in [
            ("1.5", "1.5"),
            ("\"1.5\"", "1.5"),
            ("0", "0"),
            ("2.0", "2"),
            ("100", "100"),
            ("0.0001", "0.0001"),
        ] {
            let read: Percent = serde_json::from_str(sent).unwrap();
            let rate = read.rate("rate").unwrap();
            assert_eq!(percent(rate).to_string(), told, "{sent}");
        }
        for wrong in ["-1", "100.1", "1.23456", "\"\"", "\"a\"", "1e9"] {
            let read: Percent = serde_json::from_str(wrong).unwrap();
            assert!(read.rate("rate").is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_of_mail_has_an_at_and_a_domain() {
        for (text, is) in [
            ("a@example.com", true),
            ("a.b+c@mail.example.co.kr", true),
            ("a@example", false),
            ("@example.com", false),
            ("a@.com", false),
            ("a b@example.com", false),
            ("a@example.com>,b@example.com", false),
        ] {
            assert_eq!(is_email(text), is, "{text}");
        }
    }
}
