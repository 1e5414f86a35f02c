//! Logging in and out: `/auth/…`.
//!
//! Idempotency keys mean nothing here: a log-in that is said again would be a key left lying
//! about. Every wrong name, password, code or token gets the same answer.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Code, Fault, Sent, done};
use crate::domain::people::{LogIn, PasswordChange, Proof, SecondFactor};
use crate::domain::{
    Actor, By, Command, FamilyId, Outcome, PeopleCommand, PeopleOutcome, Role, Timestamp, User,
    UserId, Verdict,
};
use crate::merchant::answer::respond;
use crate::merchant::hidden::Hidden;
use crate::merchant::{Entrant, Person, Rooms, caller, origin};
use crate::people::{fresh_family, otp, password};

/// The routes of this file.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    let calls = [
        ("/auth/login", web::post().to(log_in)),
        ("/auth/verify-otp", web::post().to(verify_otp)),
        ("/auth/enrol-otp", web::post().to(enrol_otp)),
        ("/auth/refresh", web::post().to(refresh)),
        ("/auth/logout", web::post().to(log_out)),
        ("/auth/password", web::post().to(change_password)),
    ];
    for (path, handler) in calls {
        config.service(web::resource(path).route(handler));
    }
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(log_in, verify_otp, enrol_otp, refresh, log_out, change_password))]
pub(super) struct Paths;

/// Name and password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LogInAsk {
    user_id: String,
    #[schema(value_type = String)]
    password: Hidden,
}

/// The first step's answer: a token that opens everything, or one that only goes on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LogInTold<'a> {
    token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_info: Option<UserInfo>,
    require_otp: &'static str,
    must_enrol: &'static str,
}

/// What is known of whoever logged in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UserInfo {
    user_id: String,
    user_name: String,
    role: &'static str,
    admin_yn: &'static str,
    merchant_id: Option<String>,
    merchant_name: Option<String>,
    last_login_dt: Option<String>,
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "Y" } else { "N" }
}

/// 로그인; OTP가 남아 있으면 반쪽 토큰(5분)
#[utoipa::path(post, path = "/ezpg/auth/login", tag = "auth", request_body = LogInAsk,
    responses((status = 200, body = LogInTold)), extensions(("x-who" = json!("open"))))]
async fn log_in(
    request: HttpRequest,
    rooms: web::Data<Rooms>,
    sent: Sent<LogInAsk>,
) -> Result<HttpResponse, Fault> {
    let ask = sent.read()?;
    let LogInAsk { user_id, password } = ask.told;
    if password.len() > password::PASSWORD_BYTES_MAX {
        return Err(Fault::parameter("password", "255바이트 이하여야 합니다."));
    }
    let who = rooms.people.who(&user_id);
    rooms.gate.login_as(&format!("{:x?}", who.bytes()))?;
    let address = origin::of(&request);
    let id = UserId::new(&user_id);
    let asked = id.clone();
    let (user, list) = rooms
        .look(move |reads| {
            let user = match &asked {
                Some(id) => reads.user(id)?,
                None => None,
            };
            Ok((user, reads.setting_row("console.ipAllowList")?))
        })
        .await;
    let hash = user.as_ref().map(|user| user.password.clone());
    let fits = rooms
        .people
        .passwords
        .is_right(hash, password.reveal())
        .await;
    let list = list.map(|row| row.value).unwrap_or_default();
    let from_there = user
        .as_ref()
        .is_some_and(|user| caller::console_lets_in(user.role, &list, address));
    // Who is not let in from there fails under a name of their own: nobody out there locks out
    // whoever is let in. A name that nobody has is let in from nowhere, so it fails alike.
    let elsewhere = || rooms.people.who(&format!("{user_id} from elsewhere"));
    let step = LogIn {
        who: if from_there { who } else { elsewhere() },
        shown: Proof::Password {
            right: fits && from_there,
        },
        proof: user.as_ref().map_or(0, |user| user.proof),
        family: fresh_family(),
        by: By {
            actor: id
                .as_ref()
                .map_or(Actor::House, |id| Actor::User(id.to_string())),
            address: Some(address),
        },
        user: id.filter(|_| from_there),
    };
    let verdict = carry_out(&rooms, PeopleCommand::LogIn(step)).await?;
    match (verdict, user) {
        (Ok(Outcome::People(PeopleOutcome::HalfWay { must_enrol })), Some(user)) => {
            let token = rooms
                .people
                .tokens
                .half(&user.id, user.proof, rooms.clock.now());
            Ok(respond_with(&LogInTold {
                token: &token,
                refresh_token: None,
                user_info: None,
                require_otp: "Y",
                must_enrol: yes_no(must_enrol),
            }))
        }
        (verdict, _) => let_in(&rooms, verdict).await,
    }
}

async fn carry_out(rooms: &Rooms, command: PeopleCommand) -> Result<Verdict, Fault> {
    let receipt = rooms.carry_out(Command::People(Box::new(command))).await?;
    Ok(receipt.verdict)
}

fn respond_with<T: Serialize>(told: &T) -> HttpResponse {
    respond(done(told).answer)
}

/// Whoever is in gets a token, a refresh token and what is known of them.
async fn let_in(rooms: &Rooms, verdict: Verdict) -> Result<HttpResponse, Fault> {
    let Outcome::People(PeopleOutcome::In {
        user,
        family,
        serial,
        proof,
        ends,
    }) = verdict?
    else {
        return Err(Fault::new(Code::Failed));
    };
    let merchant = user.merchant.clone();
    let merchant = rooms
        .look(move |reads| match &merchant {
            Some(merchant) => reads.merchant(merchant),
            None => Ok(None),
        })
        .await;
    let tokens = &rooms.people.tokens;
    let token = tokens.full(&user.id, family, proof, rooms.clock.now(), ends);
    let refresh_token = tokens.refresh(family, serial);
    Ok(respond_with(&LogInTold {
        token: &token,
        refresh_token: Some(&refresh_token),
        user_info: Some(UserInfo {
            admin_yn: yes_no(user.role == Role::HeadOffice),
            role: user.role.word(),
            merchant_id: user.merchant.map(|id| id.to_string()),
            merchant_name: merchant.map(|merchant| merchant.name),
            last_login_dt: user.last_login.map(Timestamp::to_second),
            user_id: user.id.to_string(),
            user_name: user.name,
        }),
        require_otp: "N",
        must_enrol: "N",
    }))
}

/// The second step.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct VerifyOtpAsk {
    user_id: String,
    #[schema(value_type = String)]
    otp_code: Hidden,
}

/// OTP 또는 복구 코드 확인
#[utoipa::path(post, path = "/ezpg/auth/verify-otp", tag = "auth", request_body = VerifyOtpAsk,
    responses((status = 200, body = LogInTold)), extensions(("x-who" = json!("HO OP VW ME"))))]
async fn verify_otp(
    rooms: web::Data<Rooms>,
    entrant: Entrant,
    sent: Sent<VerifyOtpAsk>,
) -> Result<HttpResponse, Fault> {
    let ask = sent.read()?;
    let user = &entrant.known;
    if ask.told.user_id != user.id.as_str() {
        return Err(Fault::new(Code::Unauthenticated));
    }
    let who = rooms.people.who(&ask.told.user_id);
    let typed = ask.told.otp_code.trim();
    let shown = if otp::is_code(typed) {
        let seconds = rooms.clock.real_now().as_micros().div_euclid(1_000_000);
        let seconds = u64::try_from(seconds).unwrap_or_default();
        Proof::Code {
            step: rooms.people.code_step(user, typed, seconds),
        }
    } else {
        Proof::Recovery(rooms.people.recovery_hash(&user.id, typed))
    };
    let step = LogIn {
        who,
        user: Some(user.id.clone()),
        shown,
        proof: user.proof,
        family: fresh_family(),
        by: entrant.by.clone(),
    };
    let verdict = carry_out(&rooms, PeopleCommand::LogIn(step)).await?;
    let_in(&rooms, verdict).await
}

/// Nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NothingAsk {}

/// A seed in every form, and recovery codes; told this once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EnrolOtpTold<'a> {
    secret: &'a str,
    otpauth_url: &'a str,
    qr_svg: &'a str,
    recovery_codes: Vec<&'a str>,
}

/// OTP 등록; 첫 코드 확인으로 완료
#[utoipa::path(post, path = "/ezpg/auth/enrol-otp", tag = "auth", request_body = NothingAsk,
    responses((status = 200, body = EnrolOtpTold)), extensions(("x-who" = json!("HO OP VW ME"))))]
async fn enrol_otp(
    rooms: web::Data<Rooms>,
    entrant: Entrant,
    sent: Sent<NothingAsk>,
) -> Result<HttpResponse, Fault> {
    sent.read()?;
    if matches!(entrant.known.second, SecondFactor::On { .. }) {
        // Decided again in the books; here it only saves the drawing.
        return Err(
            crate::domain::Refusal::Merchant(crate::domain::MerchantRefusal::OtpIsOn).into(),
        );
    }
    let (enrolment, command) = rooms.people.offer(&entrant.known, entrant.by);
    carry_out(&rooms, command).await??;
    let svg = enrolment.svg();
    Ok(respond_with(&EnrolOtpTold {
        secret: &enrolment.secret,
        otpauth_url: &enrolment.url,
        qr_svg: &svg,
        recovery_codes: enrolment
            .recovery
            .iter()
            .map(|code| code.as_str())
            .collect(),
    }))
}

/// A refresh token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RefreshAsk {
    #[schema(value_type = String)]
    refresh_token: Hidden,
}

/// 토큰 갱신; 갱신 토큰은 한 번만 쓸 수 있음
#[utoipa::path(post, path = "/ezpg/auth/refresh", tag = "auth", request_body = RefreshAsk,
    responses((status = 200, body = LogInTold)), extensions(("x-who" = json!("open"))))]
async fn refresh(
    request: HttpRequest,
    rooms: web::Data<Rooms>,
    sent: Sent<RefreshAsk>,
) -> Result<HttpResponse, Fault> {
    let ask = sent.read()?;
    let address = origin::of(&request);
    let shown = rooms.people.tokens.read_refresh(&ask.told.refresh_token);
    let Some((family, serial)) = shown else {
        rooms.gate.stranger(address)?;
        return Err(Fault::new(Code::Unauthenticated));
    };
    let by = By {
        actor: session_actor(&rooms, family).await,
        address: Some(address),
    };
    let command = PeopleCommand::Refresh { family, serial, by };
    let verdict = carry_out(&rooms, command).await?;
    let_in(&rooms, verdict).await
}

async fn session_actor(rooms: &Rooms, family: FamilyId) -> Actor {
    let session = rooms.look(move |reads| reads.session(&family)).await;
    session.map_or(Actor::House, |session| {
        Actor::User(session.user.to_string())
    })
}

/// 로그아웃
#[utoipa::path(post, path = "/ezpg/auth/logout", tag = "auth", request_body = NothingAsk,
    responses((status = 200)), extensions(("x-who" = json!("HO OP VW ME"))))]
async fn log_out(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<NothingAsk>,
) -> Result<HttpResponse, Fault> {
    sent.read()?;
    let command = PeopleCommand::LogOut {
        family: person.family,
        by: person.by,
    };
    carry_out(&rooms, command).await??;
    Ok(respond_with(&serde_json::Map::new()))
}

/// The old password and the new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordAsk {
    #[schema(value_type = String)]
    old: Hidden,
    #[schema(value_type = String)]
    new: Hidden,
}

/// A token that stands on the new password.
#[derive(Serialize, ToSchema)]
struct PasswordTold<'a> {
    token: &'a str,
}

/// 비밀번호 변경; 다른 로그인은 모두 끝남
#[utoipa::path(post, path = "/ezpg/auth/password", tag = "auth", request_body = PasswordAsk,
    responses((status = 200, body = PasswordTold)), extensions(("x-who" = json!("HO OP VW ME"))))]
async fn change_password(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<PasswordAsk>,
) -> Result<HttpResponse, Fault> {
    let ask = sent.read()?;
    let PasswordAsk { old, new } = ask.told;
    let User {
        id,
        password: hash,
        proof,
        ..
    } = person.known;
    let (settings, session) = rooms
        .look(move |reads| Ok((reads.system_settings()?, reads.session(&person.family)?)))
        .await;
    let length_min = settings.password_length_min();
    password::fit(&new, id.as_str(), length_min).map_err(|why| Fault::parameter("new", &why))?;
    if old == new {
        return Err(Fault::parameter("new", "이전 비밀번호와 달라야 합니다."));
    }
    let right = rooms
        .people
        .passwords
        .is_right(Some(hash), old.reveal())
        .await;
    let command = PeopleCommand::ChangePassword(PasswordChange {
        who: rooms.people.who(id.as_str()),
        user: id.clone(),
        right,
        proof,
        password: rooms.people.passwords.hash(new.reveal()).await,
        family: Some(person.family),
        by: person.by,
    });
    let now = rooms.clock.now();
    match carry_out(&rooms, command).await?? {
        Outcome::People(PeopleOutcome::PasswordChanged { proof }) => {
            let ends = session.map_or(now, |session| session.ends);
            let tokens = &rooms.people.tokens;
            let token = tokens.full(&id, person.family, proof, now, ends);
            Ok(respond_with(&PasswordTold { token: &token }))
        }
        _ => Err(Fault::new(Code::Failed)),
    }
}
