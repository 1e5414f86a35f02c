//! The people who may look and act: `/users`, for head office only.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::query::{Query, limit};
use super::{Ask, Code, Fault, Sent, carry_out, done};
use crate::domain::people::{NewUser, SecondFactor};
use crate::domain::{Command, MerchantId, PeopleCommand, Role, Timestamp, User, UserId};
use crate::limits;
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms, text};
use crate::people::password;
use crate::store::Reads;

/// The routes of this file.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/users")
                .route(web::get().to(list))
                .route(web::post().to(add)),
        )
        .service(web::resource("/users/disable").route(web::post().to(disable)))
        .service(web::resource("/users/reset-otp").route(web::post().to(reset_otp)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(add, disable, reset_otp, list))]
pub(super) struct Paths;

/// A user to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewUserAsk {
    /// 영문자, 숫자, -, _, . 1~15자
    user_id: String,
    user_name: String,
    /// `head_office`, operator, viewer, merchant
    role: String,
    /// 가맹점 사용자에게만
    merchant_id: Option<String>,
}

/// A new user's first password, told this once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NewUserTold {
    user_id: String,
    password: String,
}

/// 사용자 등록 (본사); 비밀번호는 한 번만 알려 줌
#[utoipa::path(post, path = "/ezpg/users", tag = "users",
    request_body = NewUserAsk, responses((status = 200, body = NewUserTold)),
    extensions(("x-who" = json!("HO"))))]
async fn add(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<NewUserAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let ask = sent.read()?;
    let once = ask.turn(&rooms, &person.by).await?;
    let told = ask.told;
    let user = UserId::new(&told.user_id)
        .ok_or_else(|| Fault::parameter("userId", "영문자, 숫자, -, _, . 1~15자여야 합니다."))?;
    let name = text::composed(&told.user_name);
    let fits = (1..=limits::NAME_CHARACTERS_MAX).contains(&name.chars().count());
    if !fits || !text::is_plain(&name) {
        let why = "보이지 않는 문자 없이 1~100자여야 합니다.";
        return Err(Fault::parameter("userName", why));
    }
    let role = Role::of(&told.role).ok_or_else(|| {
        Fault::parameter(
            "role",
            "head_office, operator, viewer, merchant 중 하나여야 합니다.",
        )
    })?;
    let merchant = match told.merchant_id.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => Some(MerchantId::new(text).ok_or_else(|| Fault::new(Code::NoMerchant))?),
        None => None,
    };
    let made = password::random();
    let command = PeopleCommand::AddUser {
        user: NewUser {
            id: user.clone(),
            name,
            role,
            merchant,
            password: rooms.people.passwords.hash(made.clone()).await,
        },
        by: person.by,
    };
    let told = NewUserTold {
        user_id: user.to_string(),
        password: made.to_string(),
    };
    carry_out(
        &rooms,
        once,
        Command::People(Box::new(command)),
        move |receipt| {
            receipt.verdict.clone()?;
            Ok(done(&told).with_secrets())
        },
    )
    .await
}

/// One user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UserAsk {
    user_id: String,
}

/// 사용자 정지 (본사, 본인은 안 됨)
#[utoipa::path(post, path = "/ezpg/users/disable", tag = "users",
    request_body = UserAsk, responses((status = 200)), extensions(("x-who" = json!("HO"))))]
async fn disable(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<UserAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let ask = sent.read()?;
    change(&rooms, person, ask, |user, by| PeopleCommand::DisableUser {
        user,
        by,
    })
    .await
}

/// OTP 초기화 (본사, 본인은 안 됨)
#[utoipa::path(post, path = "/ezpg/users/reset-otp", tag = "users",
    request_body = UserAsk, responses((status = 200)), extensions(("x-who" = json!("HO"))))]
async fn reset_otp(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<UserAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let ask = sent.read()?;
    change(&rooms, person, ask, |user, by| PeopleCommand::ResetOtp {
        user,
        by,
    })
    .await
}

async fn change(
    rooms: &Rooms,
    person: Person,
    ask: Ask<UserAsk>,
    command: impl FnOnce(UserId, crate::domain::By) -> PeopleCommand,
) -> Result<HttpResponse, Fault> {
    let once = ask.turn(rooms, &person.by).await?;
    let user = UserId::new(&ask.told.user_id).ok_or_else(Fault::absent)?;
    let command = Command::People(Box::new(command(user, person.by)));
    carry_out(rooms, once, command, |receipt| {
        receipt.verdict.clone()?;
        Ok(done(&serde_json::Map::new()))
    })
    .await
}

/// How much of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListAsk {
    cursor: Option<String>,
    limit: Option<String>,
}

/// Users by name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UsersTold {
    total_count: usize,
    users: Vec<UserTold>,
    next_cursor: Option<String>,
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UserTold {
    user_id: String,
    user_name: String,
    role: &'static str,
    merchant_id: Option<String>,
    status: &'static str,
    otp: &'static str,
    created_at: String,
    last_login_dt: Option<String>,
}

impl UserTold {
    fn of(user: User) -> UserTold {
        UserTold {
            user_id: user.id.to_string(),
            user_name: user.name,
            role: user.role.word(),
            merchant_id: user.merchant.map(|id| id.to_string()),
            status: if user.disabled { "disabled" } else { "active" },
            otp: match user.second {
                SecondFactor::On { .. } => "Y",
                SecondFactor::None | SecondFactor::Offered { .. } => "N",
            },
            created_at: user.added_at.to_second(),
            last_login_dt: user.last_login.map(Timestamp::to_second),
        }
    }
}

/// 사용자 목록 (본사)
#[utoipa::path(get, path = "/ezpg/users", tag = "users", params(ListAsk),
    responses((status = 200, body = UsersTold)), extensions(("x-who" = json!("HO"))))]
async fn list(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let ask = ask.read()?;
    let limit = limit(ask.limit.as_deref())?;
    let after = ask.cursor.unwrap_or_default();
    let users = rooms.look(Reads::users).await;
    let total_count = users.len();
    let mut rest = users
        .into_iter()
        .filter(|user| user.id.as_str() > after.as_str());
    let users: Vec<UserTold> = rest.by_ref().take(limit).map(UserTold::of).collect();
    let next_cursor = rest
        .next()
        .and(users.last())
        .map(|user| user.user_id.clone());
    let told = UsersTold {
        total_count,
        users,
        next_cursor,
    };
    Ok(respond(done(&told).answer))
}
