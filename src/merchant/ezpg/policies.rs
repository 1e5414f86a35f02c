//! What a merchant has decided about its deposits (정책): `/merchants/policies`.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::query::Query;
use super::value::{Amount, filled};
use super::{Code, Fault, Sent, carry_out, done};
use crate::domain::{
    Command, CorrectionAfterPayout, ErrorStatus, MatchMode, MerchantId, Outcome, Plan, Policies,
    PoliciesChange, PolicyCommand, PolicyOutcome, Reaction, Role, Won,
};
use crate::limits;
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::network::Network;
use crate::store::{Mode, Receipt};

/// The routes of this file.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/merchants/policies")
            .route(web::get().to(show))
            .route(web::post().to(set)),
    );
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(show, set))]
pub(super) struct Paths;

/// Other policies; what is not sent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PoliciesAsk {
    merchant_id: String,
    matching: Option<MatchingAsk>,
    deposits: Option<DepositsAsk>,
    limits: Option<PolicyLimitsAsk>,
    /// `PayAction` 오류의 HTTP 상태: 200, 4xx
    payaction_error_status: Option<String>,
    /// 허용할 주소 범위(CIDR); 빈 목록은 제한 없음
    ip_allow_list: Option<Vec<String>>,
    /// accept, refuse
    correction_after_payout: Option<String>,
    /// basic, premium
    plan: Option<String>,
}

/// How orders meet deposits.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MatchingAsk {
    /// exact, oldest, newest
    mode: Option<String>,
    late_orders: Option<bool>,
    max_age_days: Option<u16>,
    ignore_inner_spaces: Option<bool>,
}

/// What to do with deposits out of the ordinary.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DepositsAsk {
    /// wait, accept, refund
    partial: Option<String>,
    /// accept, refund, suspense
    over: Option<String>,
    /// accept, refund, suspense
    late: Option<String>,
    /// accept, refund, suspense
    duplicate: Option<String>,
}

/// Ceilings of every account; 0 takes one away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PolicyLimitsAsk {
    #[schema(value_type = Option<u64>)]
    per_deposit: Option<Amount>,
    #[schema(value_type = Option<u64>)]
    per_day: Option<Amount>,
}

/// The policies in force.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PoliciesTold {
    merchant_id: String,
    matching: MatchingTold,
    deposits: DepositsTold,
    limits: PolicyLimitsTold,
    payaction_error_status: &'static str,
    ip_allow_list: Vec<String>,
    correction_after_payout: &'static str,
    plan: &'static str,
}

/// How orders meet deposits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MatchingTold {
    mode: &'static str,
    late_orders: bool,
    max_age_days: u16,
    ignore_inner_spaces: bool,
}

/// What is done with deposits out of the ordinary.
#[derive(Debug, Serialize, ToSchema)]
struct DepositsTold {
    partial: &'static str,
    over: &'static str,
    late: &'static str,
    duplicate: &'static str,
}

/// Ceilings; 0 is none.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PolicyLimitsTold {
    per_deposit: u64,
    per_day: u64,
}

const MODES: [(&str, MatchMode); 3] = [
    ("exact", MatchMode::Exact),
    ("oldest", MatchMode::Oldest),
    ("newest", MatchMode::Newest),
];
const REACTIONS: [(&str, Reaction); 4] = [
    ("wait", Reaction::Wait),
    ("accept", Reaction::Accept),
    ("refund", Reaction::Refund),
    ("suspense", Reaction::Suspense),
];
const STATUSES: [(&str, ErrorStatus); 2] = [
    ("200", ErrorStatus::Always200),
    ("4xx", ErrorStatus::Status4xx),
];
const AFTER_PAYOUT: [(&str, CorrectionAfterPayout); 2] = [
    ("accept", CorrectionAfterPayout::Accept),
    ("refuse", CorrectionAfterPayout::Refuse),
];
const PLANS: [(&str, Plan); 2] = [("basic", Plan::Basic), ("premium", Plan::Premium)];

/// The value behind a word; none where no word was sent.
fn value<T: Copy>(
    field: &str,
    word: Option<&str>,
    words: &[(&'static str, T)],
) -> Result<Option<T>, Fault> {
    let Some(word) = word else {
        return Ok(None);
    };
    let found = words.iter().find(|(known, _)| *known == word);
    let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
    let wrong = || Fault::parameter(field, &format!("{} 중 하나여야 합니다.", known.join(", ")));
    found.map(|(_, value)| Some(*value)).ok_or_else(wrong)
}

fn word<T: Copy + PartialEq>(value: T, words: &[(&'static str, T)]) -> &'static str {
    let found = words.iter().find(|(_, known)| *known == value);
    found.map_or("", |(word, _)| word)
}

fn change(ask: PoliciesAsk) -> Result<PoliciesChange, Fault> {
    let matching = ask.matching.unwrap_or_default();
    let deposits = ask.deposits.unwrap_or_default();
    let limits = ask.limits.unwrap_or_default();
    let reaction = |field: &str, word: Option<String>| value(field, word.as_deref(), &REACTIONS);
    let ceiling = |amount: Option<Amount>| {
        amount.map(|amount| Some(amount.won()).filter(|won| !won.is_zero()))
    };
    Ok(PoliciesChange {
        mode: value("matching.mode", matching.mode.as_deref(), &MODES)?,
        late_orders: matching.late_orders,
        max_age_days: matching.max_age_days,
        ignore_inner_spaces: matching.ignore_inner_spaces,
        partial: reaction("deposits.partial", deposits.partial)?,
        over: reaction("deposits.over", deposits.over)?,
        late: reaction("deposits.late", deposits.late)?,
        duplicate: reaction("deposits.duplicate", deposits.duplicate)?,
        per_deposit: ceiling(limits.per_deposit),
        per_day: ceiling(limits.per_day),
        payaction_error_status: value(
            "payactionErrorStatus",
            ask.payaction_error_status.as_deref(),
            &STATUSES,
        )?,
        ip_allow_list: ask.ip_allow_list.map(networks).transpose()?,
        correction_after_payout: value(
            "correctionAfterPayout",
            ask.correction_after_payout.as_deref(),
            &AFTER_PAYOUT,
        )?,
        plan: value("plan", ask.plan.as_deref(), &PLANS)?,
    })
}

/// Ranges of addresses, each as it was written but for its spaces.
fn networks(list: Vec<String>) -> Result<Vec<String>, Fault> {
    let field = "ipAllowList";
    if list.len() > limits::ADDRESS_RANGES_MAX {
        let most = limits::ADDRESS_RANGES_MAX;
        return Err(Fault::parameter(
            field,
            &format!("{most}개 이하여야 합니다."),
        ));
    }
    list.into_iter()
        .map(|item| {
            let item = item.trim().to_owned();
            let read = item.parse::<Network>();
            read.map(|_| item)
                .map_err(|_| Fault::parameter(field, "CIDR 주소 범위여야 합니다. 예: 192.0.2.0/24"))
        })
        .collect()
}

fn told(merchant: &MerchantId, policies: &Policies, mode: Mode) -> PoliciesTold {
    let (matching, deposits) = (&policies.matching, &policies.deposits);
    let ceiling = |won: Option<Won>| won.map_or(0, Won::digits);
    let usual = match mode {
        Mode::Sandbox => Plan::Premium,
        Mode::Production => Plan::Basic,
    };
    PoliciesTold {
        merchant_id: merchant.to_string(),
        matching: MatchingTold {
            mode: word(matching.mode, &MODES),
            late_orders: matching.late_orders,
            max_age_days: matching.max_age_days,
            ignore_inner_spaces: matching.ignore_inner_spaces,
        },
        deposits: DepositsTold {
            partial: word(deposits.on_partial(), &REACTIONS),
            over: word(deposits.on_over(), &REACTIONS),
            late: word(deposits.on_late(), &REACTIONS),
            duplicate: word(deposits.on_duplicate(), &REACTIONS),
        },
        limits: PolicyLimitsTold {
            per_deposit: ceiling(policies.limits.per_deposit),
            per_day: ceiling(policies.limits.per_day),
        },
        payaction_error_status: word(policies.payaction_error_status, &STATUSES),
        ip_allow_list: policies.ip_allow_list.clone(),
        correction_after_payout: word(policies.correction_after_payout, &AFTER_PAYOUT),
        plan: word(policies.plan.unwrap_or(usual), &PLANS),
    }
}

/// 가맹점 정책 변경 (본사); 분개장 위치부터 적용
#[utoipa::path(post, path = "/ezpg/merchants/policies", tag = "merchants",
    request_body = PoliciesAsk, responses((status = 200, body = PoliciesTold)),
    extensions(("x-who" = json!("HO"))))]
async fn set(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<PoliciesAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let ask = sent.read()?;
    let merchant = MerchantId::new(ask.told.merchant_id.trim());
    let merchant = merchant.ok_or_else(|| Fault::new(Code::NoMerchant))?;
    let once = ask.turn(&rooms, &person.by).await?;
    let command = PolicyCommand::SetPolicies {
        merchant: merchant.clone(),
        change: Box::new(change(ask.told)?),
        by: person.by,
    };
    let mode = rooms.mode;
    let say = move |receipt: &Receipt| match &receipt.verdict {
        Ok(Outcome::Policy(PolicyOutcome::Policies(policies))) => {
            Ok(done(&told(&merchant, policies, mode)))
        }
        Ok(_) => Err(Fault::new(Code::Failed)),
        Err(refusal) => Err(Fault::from(*refusal)),
    };
    carry_out(&rooms, once, Command::Policy(Box::new(command)), say).await
}

/// Whose policies.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ShowAsk {
    merchant_id: Option<String>,
}

/// 가맹점 정책 조회 (본사)
#[utoipa::path(get, path = "/ezpg/merchants/policies", tag = "merchants", params(ShowAsk),
    responses((status = 200, body = PoliciesTold)), extensions(("x-who" = json!("HO"))))]
async fn show(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ShowAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let ask = ask.read()?;
    let merchant = person.one_merchant(filled(ask.merchant_id.as_deref()))?;
    let whose = merchant.clone();
    let (known, policies) = rooms
        .look(move |reads| Ok((reads.merchant(&whose)?, reads.policies(&whose)?)))
        .await;
    if known.is_none() {
        return Err(Fault::new(Code::NoMerchant));
    }
    Ok(respond(
        done(&told(&merchant, &policies, rooms.mode)).answer,
    ))
}
