//! Merchants' keys (연동 키): `/merchants/credentials`.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::query::Query;
use super::{Code, Fault, Sent, carry_out, done};
use crate::domain::{
    Command, CredentialCommand, CredentialOutcome, KeyFace, KeyKind, LivingKey, MerchantId,
    OVERLAP_HOURS_MAX, Outcome, Role, Timestamp,
};
use crate::merchant::answer::respond;
use crate::merchant::keys::Minted;
use crate::merchant::{Person, Rooms};

/// The routes of this file.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/merchants/credentials")
            .route(web::get().to(list))
            .route(web::post().to(issue)),
    );
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, issue))]
pub(super) struct Paths;

/// Which keys to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CredentialsAsk {
    /// 가맹점 아이디 (가맹점 사용자는 생략할 수 있음)
    merchant_id: Option<String>,
    /// all, payaction, ezpg, ipay, payapi
    #[schema(example = "all")]
    which: String,
    /// 이전 키를 함께 쓸 수 있는 시간; 생략하면 0
    #[schema(example = 24)]
    overlap_hours: Option<u32>,
}

/// New keys; they are told this once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct IssuedCredentials {
    pub(super) merchant_id: String,
    /// 인터페이스별 키
    #[schema(value_type = Object)]
    pub(super) credentials: Shown,
    /// 이전 키가 무효가 되는 시각
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) previous_valid_until: Option<String>,
}

/// Interface → name → value.
pub(super) type Shown = BTreeMap<&'static str, BTreeMap<&'static str, String>>;

/// What is shown of fresh keys.
pub(super) fn shown(minted: &Minted) -> Shown {
    let faces = minted.shown.iter();
    faces
        .map(|(face, keys)| {
            let keys = keys.iter();
            let keys = keys.map(|(name, key)| (*name, key.to_string()));
            (*face, keys.collect())
        })
        .collect()
}

/// 연동 키 발급·교체 (본사, 가맹점)
#[utoipa::path(post, path = "/ezpg/merchants/credentials", tag = "merchants",
    request_body = CredentialsAsk, responses((status = 200, body = IssuedCredentials)),
    extensions(("x-who" = json!("HO ME"))))]
async fn issue(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<CredentialsAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice, Role::Merchant])?;
    let ask = sent.read()?;
    let merchant = person.one_merchant(ask.told.merchant_id.as_deref())?;
    let once = ask.turn(&rooms, &person.by).await?;
    let faces = faces(&ask.told.which)?;
    let overlap_hours = ask.told.overlap_hours.unwrap_or(0);
    if overlap_hours > OVERLAP_HOURS_MAX {
        return Err(Fault::parameter("overlapHours", "0에서 720까지입니다."));
    }
    let minted = Minted::fresh(&rooms.secrets, rooms.mode, &merchant, &faces);
    let credentials = shown(&minted);
    let command = CredentialCommand::Issue {
        merchant: merchant.clone(),
        keys: minted.keys,
        overlap_hours,
        by: person.by,
    };
    let command = Command::Credential(Box::new(command));
    carry_out(&rooms, once, command, move |receipt| {
        let Outcome::Credential(CredentialOutcome::Issued { older_until }) =
            receipt.verdict.clone()?
        else {
            return Err(Fault::new(Code::Failed));
        };
        let issued = IssuedCredentials {
            merchant_id: merchant.to_string(),
            credentials,
            previous_valid_until: Some(older_until.to_second()),
        };
        Ok(done(&issued).with_secrets())
    })
    .await
}

fn faces(which: &str) -> Result<Vec<KeyFace>, Fault> {
    if which == "all" {
        return Ok(KeyFace::ALL.to_vec());
    }
    let face = KeyFace::of(which);
    let wrong = || {
        Fault::parameter(
            "which",
            "all, payaction, ezpg, ipay, payapi 중 하나여야 합니다.",
        )
    };
    face.map(|face| vec![face]).ok_or_else(wrong)
}

/// Whose keys.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListAsk {
    /// 가맹점 아이디 (가맹점 사용자는 생략할 수 있음)
    merchant_id: Option<String>,
}

/// A merchant's keys, without the keys.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CredentialsTold {
    merchant_id: String,
    keys: Vec<KeyTold>,
}

/// One key as far as it is shown again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct KeyTold {
    /// payaction, ezpg, ipay, payapi
    which: &'static str,
    /// apiKey, webhookKey, meky …
    name: &'static str,
    /// 앞 몇 글자
    prefix: String,
    created_at: String,
    /// 무효가 되는 시각 (교체된 키)
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<String>,
    /// 이 종류의 키가 마지막으로 쓰인 날
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<String>,
}

/// 연동 키 목록 (본사, 가맹점)
#[utoipa::path(get, path = "/ezpg/merchants/credentials", tag = "merchants", params(ListAsk),
    responses((status = 200, body = CredentialsTold)), extensions(("x-who" = json!("HO ME"))))]
async fn list(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice, Role::Merchant])?;
    let ask = ask.read()?;
    let merchant = person.one_merchant(ask.merchant_id.as_deref())?;
    let now = rooms.clock.now();
    let told = keys(&rooms, merchant, now).await?;
    Ok(respond(done(&told).answer))
}

async fn keys(
    rooms: &Rooms,
    merchant: MerchantId,
    now: Timestamp,
) -> Result<CredentialsTold, Fault> {
    let whose = merchant.clone();
    let (known, kinds) = rooms
        .look(move |reads| {
            let kinds = KeyKind::ALL.into_iter();
            let kinds = kinds.map(|kind| Ok((kind, reads.keys_of(&whose, kind)?)));
            Ok((
                reads.merchant(&whose)?,
                kinds.collect::<Result<Vec<_>, _>>()?,
            ))
        })
        .await;
    if known.is_none() {
        return Err(Fault::new(Code::NoMerchant));
    }
    let mut keys = Vec::new();
    for (kind, of_kind) in kinds {
        let Some(of_kind) = of_kind else { continue };
        let last_used = of_kind.last_used.map(|day| day.to_string());
        let living = of_kind.keys.into_iter().filter(|key| key.lives(now));
        keys.extend(living.map(|key: LivingKey| KeyTold {
            which: kind.face().word(),
            name: kind.word(),
            prefix: key.prefix,
            created_at: key.issued_at.to_second(),
            valid_until: key.until.map(Timestamp::to_second),
            last_used: last_used.clone(),
        }));
    }
    Ok(CredentialsTold {
        merchant_id: merchant.to_string(),
        keys,
    })
}
