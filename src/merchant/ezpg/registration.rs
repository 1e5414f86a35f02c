//! Merchants that join us (가맹점 등록): `/merchants/register`.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Number;
use utoipa::ToSchema;

use super::credentials::{Shown, shown};
use super::value::{Amount, bank, filled, kind};
use super::{Fault, Sent, carry_out, done};
use crate::domain::{
    Command, KeyFace, Merchant, MerchantId, MerchantRefusal, Profile, Rate, Refusal,
    RegistrationCommand, Role, SettingsChange, SettlementAccount, Standing,
};
use crate::merchant::keys::Minted;
use crate::merchant::{Person, Rooms, text};
use crate::{limits, secrets};

/// The routes of this file.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/merchants/register").route(web::post().to(register)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(register))]
pub(super) struct Paths;

/// A merchant to be registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the interface's own names")]
struct RegisterAsk {
    merchant_info: MerchantInfo,
    #[serde(default)]
    contact_info: ContactInfo,
    account_info: Option<SettlementAccountInfo>,
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
struct SettlementAccountInfo {
    bank_code: String,
    account_number: String,
    account_holder: String,
}

/// What it pays, in percent.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FeeInfo {
    /// 퍼센트, 소수 4자리까지
    #[schema(value_type = Option<f64>, example = 1.5)]
    pub(super) deposit_fee_rate: Option<Percent>,
    /// 퍼센트, 소수 4자리까지
    #[schema(value_type = Option<f64>)]
    pub(super) withdrawal_fee_rate: Option<Percent>,
}

/// What its accounts are like.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SettingInfo {
    /// fixed, one-time(dynamic), matching
    pub(super) account_type: Option<String>,
    /// Y, N
    pub(super) amount_match_required: Option<String>,
    /// 허용 오차(원)
    #[schema(value_type = Option<u64>)]
    pub(super) allowed_amount_error: Option<Amount>,
}

/// A percentage, sent as a number or as text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Percent {
    Number(Number),
    Text(String),
}

impl Percent {
    pub(super) fn rate(&self, field: &str) -> Result<Rate, Fault> {
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
    sent: Sent<RegisterAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let ask = sent.read()?;
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

fn settlement(account: &SettlementAccountInfo) -> Result<SettlementAccount, Fault> {
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

pub(super) fn change(fees: &FeeInfo, settings: &SettingInfo) -> Result<SettingsChange, Fault> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
