//! Merchants (가맹점): `/merchants/list`, `/settings`, `/balance`.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Number;
use utoipa::{IntoParams, ToSchema};

use super::accounts::{hidden, own_in_a_sandbox};
use super::query::{Query, limit, page};
use super::registration::{FeeInfo, Percent, SettingInfo, change};
use super::value::{Amount, bank, filled, kind_word};
use super::{Code, Fault, Sent, carry_out, done};
use crate::domain::{
    Balance, Command, MerchantSettings, Outcome, PolicyCommand, PolicyOutcome, Rate,
    SettingsChange, Standing, Timestamp,
};
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms, text};
use crate::store::{MerchantShown, Receipt};

/// The routes of this file.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/merchants/list").route(web::get().to(list)))
        .service(web::resource("/merchants/settings").route(web::post().to(set)))
        .service(web::resource("/merchants/balance").route(web::get().to(balance)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, set, balance))]
pub(super) struct Paths;

/// Other settings; what is not sent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MerchantSettingsAsk {
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
struct MerchantSettingsSet {
    merchant_id: String,
    settings: MerchantSettingsTold,
    updated_settings: MerchantSettingsTold,
}

/// Settings.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MerchantSettingsTold {
    #[schema(value_type = f64)]
    deposit_fee_rate: Number,
    #[schema(value_type = f64)]
    withdrawal_fee_rate: Number,
    account_type: &'static str,
    amount_match_required: &'static str,
    allowed_amount_error: u64,
    default_bank: Option<String>,
}

impl MerchantSettingsTold {
    fn of(settings: &MerchantSettings) -> MerchantSettingsTold {
        MerchantSettingsTold {
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
    request_body = MerchantSettingsAsk, responses((status = 200, body = MerchantSettingsSet)),
    extensions(("x-who" = json!("HO OP ME(sandbox)"))))]
async fn set(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<MerchantSettingsAsk>,
) -> Result<HttpResponse, Fault> {
    own_in_a_sandbox(&rooms, &person)?;
    let ask = sent.read()?;
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
            let settings = MerchantSettingsTold::of(settings);
            Ok(done(&MerchantSettingsSet {
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
#[into_params(parameter_in = Query)]
struct ListAsk {
    /// 가맹점명, 아이디, 사업자등록번호, 담당자에서 찾을 글자
    search_keyword: Option<String>,
    page: Option<String>,
    limit: Option<String>,
}

/// A page of merchants.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MerchantsTold {
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
        let settings = MerchantSettingsTold::of(&shown.settings);
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
    responses((status = 200, body = MerchantsTold)), extensions(("x-who" = json!("HO OP VW ME"))))]
async fn list(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    let ask = ask.read()?;
    let limit = limit(ask.limit.as_deref())?;
    let page = page(ask.page.as_deref(), limit)?;
    let keyword = text::composed(&ask.search_keyword.unwrap_or_default());
    let own = person.merchant;
    let found = rooms
        .look(move |reads| reads.merchants(&keyword, own.as_ref(), ((page - 1) * limit, limit)))
        .await;
    let told = MerchantsTold {
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
#[into_params(parameter_in = Query)]
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
    let ask = ask.read()?;
    let merchant = person.scope(filled(ask.merchant_id.as_deref()))?;
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
}
