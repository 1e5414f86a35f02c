//! The people who may look and act: `/users`, for head office only.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::query::{Query, limit};
use super::{Ask, Code, Fault, carry_out, done};
use crate::domain::people::{NewUser, SecondFactor};
use crate::domain::{Command, MerchantId, PeopleCommand, Role, Timestamp, User, UserId};
use crate::limits;
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::people::password;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/users")
                .route(web::get().to(list))
                .route(web::post().to(add)),
        )
        .route("/users/disable", web::post().to(disable))
        .route("/users/reset-otp", web::post().to(reset_otp));
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AddAsk {
    user_id: String,
    user_name: String,
    role: String,
    merchant_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AddTold {
    user_id: String,
    password: String,
}

async fn add(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Ask<AddAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let once = ask.turn(&rooms, &person.by).await?;
    let told = ask.told;
    let user = UserId::new(&told.user_id)
        .ok_or_else(|| Fault::parameter("userId", "영문자, 숫자, -, _, . 1~15자여야 합니다."))?;
    let name = told.user_name.trim();
    if !(1..=limits::NAME_CHARACTERS_MAX).contains(&name.chars().count()) {
        return Err(Fault::parameter("userName", "1~100자여야 합니다."));
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
            name: name.to_owned(),
            role,
            merchant,
            password: rooms.people.passwords.hash(made.clone()).await,
        },
        by: person.by,
    };
    let told = AddTold {
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UserAsk {
    user_id: String,
}

async fn disable(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Ask<UserAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    change(&rooms, person, ask, |user, by| PeopleCommand::DisableUser {
        user,
        by,
    })
    .await
}

async fn reset_otp(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Ask<UserAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListAsk {
    cursor: Option<String>,
    limit: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListTold {
    total_count: usize,
    users: Vec<UserTold>,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
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

async fn list(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ListAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(&[Role::HeadOffice])?;
    let limit = limit(ask.0.limit.as_deref())?;
    let after = ask.0.cursor.unwrap_or_default();
    let users = rooms.look(|reads| reads.users()).await;
    let total_count = users.len();
    let mut rest = users
        .into_iter()
        .filter(|user| user.id.as_str() > after.as_str());
    let users: Vec<UserTold> = rest.by_ref().take(limit).map(UserTold::of).collect();
    let next_cursor = rest
        .next()
        .and(users.last())
        .map(|user| user.user_id.clone());
    let told = ListTold {
        total_count,
        users,
        next_cursor,
    };
    Ok(respond(done(&told).answer))
}
