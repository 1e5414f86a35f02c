//! The calls of merchants' own programs (2.1): `/regUserApi`, `/merWithdrawApi`,
//! `/searchTransApi`.
//!
//! They answer JSON text labelled as plain text, with status 200 whatever came of it, and with
//! the code under both names that clients read: `resultCode` and `resultCd`.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ask::parse;
use super::value::{Amount, bank, filled};
use super::{Code, Fault};
use crate::domain::{
    AccountCommand, AccountKind, AccountOutcome, AccountUser, Actor, AnswerForm, BankChoice, By,
    Command, Limits, MerchantId, NewAccount, Outcome,
};
use crate::merchant::answer::{answer, respond};
use crate::merchant::hidden::Hidden;
use crate::merchant::{Asked, KeyFault, OnceKey, Rooms, Said, Stop, Turn, origin, text, trace};
use crate::store::Receipt;

/// Characters of a merchant's own number of a withdrawal at most.
const MOID_CHARACTERS_MAX: usize = 255;

/// The routes of this file.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/regUserApi").route(web::post().to(register_user)))
        .service(web::resource("/merWithdrawApi").route(web::post().to(withdraw)))
        .service(web::resource("/searchTransApi").route(web::post().to(search)));
}

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(register_user, withdraw, search))]
pub(super) struct Paths;

/// A user of a merchant who wants an account (회원등록).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RegisterUser {
    /// 가맹점 아이디
    #[schema(max_length = 15, example = "shop")]
    #[expect(dead_code, reason = "read with the caller; here for the document")]
    mid: Option<String>,
    /// 가맹점 키
    #[schema(value_type = Option<String>, max_length = 255)]
    #[expect(dead_code, reason = "read with the caller; here for the document")]
    meky: Option<Hidden>,
    /// 회원 아이디
    #[schema(max_length = 15, example = "user0001")]
    user_id: Option<String>,
    /// 회원명
    #[schema(max_length = 20, example = "홍길동")]
    user_nm: Option<String>,
    /// Y 고정식, N 일회성
    #[schema(example = "Y")]
    fix_yn: Option<String>,
}

/// The registered user with their account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RegisteredUser {
    mid: String,
    user_id: String,
    user_nm: String,
    fix_yn: String,
    /// 회원 일련번호
    user_seq: String,
    /// 가상계좌 은행코드
    vact_bank_cd: String,
    /// 가상계좌번호
    vacct_no: String,
}

/// A withdrawal (출금).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Withdraw {
    /// 가맹점 아이디
    #[expect(dead_code, reason = "read with the caller; here for the document")]
    mid: Option<String>,
    /// 가맹점 키
    #[schema(value_type = Option<String>)]
    #[expect(dead_code, reason = "read with the caller; here for the document")]
    meky: Option<Hidden>,
    /// 가맹점 거래번호
    moid: Option<String>,
    /// 출금액 (숫자 또는 숫자 문자열)
    #[schema(value_type = Option<u64>)]
    with_amt: Option<Amount>,
    /// 은행코드
    bank_cd: Option<String>,
    /// 계좌번호
    with_accnt_no: Option<String>,
    /// 예금주명
    with_accnt_nm: Option<String>,
    /// KRW 또는 USD, 기본 KRW
    with_type: Option<String>,
}

/// What became of a withdrawal.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Withdrawn {
    mid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    moid: Option<String>,
    with_amt: String,
    bank_cd: String,
    with_accnt_no: String,
    with_accnt_nm: String,
}

/// A question about a withdrawal (거래조회).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Search {
    /// 가맹점 아이디
    #[expect(dead_code, reason = "read with the caller; here for the document")]
    mid: Option<String>,
    /// 가맹점 키
    #[schema(value_type = Option<String>)]
    #[expect(dead_code, reason = "read with the caller; here for the document")]
    meky: Option<Hidden>,
    /// 가맹점 거래번호
    moid: Option<String>,
}

/// A caller's keys, read apart from what they ask, so that a call that is wrong counts against
/// whoever made it.
#[derive(Debug, Deserialize)]
struct Caller {
    mid: Option<String>,
    meky: Option<Hidden>,
}

/// Registers a user and issues their account; the same user again has the same account.
#[utoipa::path(post, path = "/ezpg/regUserApi", tag = "merchant-calls",
    request_body = RegisterUser, responses((status = 200, body = RegisteredUser)),
    extensions(("x-who" = json!("mid"))))]
async fn register_user(
    rooms: web::Data<Rooms>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let work = async |called: Called| {
        let told: RegisterUser = called.parse()?;
        let fixed = match filled(told.fix_yn.as_deref()) {
            Some("Y") => AccountKind::Fixed,
            Some("N") => AccountKind::OneTime,
            Some(_) => return Err(Fault::parameter("fixYn", "Y 또는 N이어야 합니다.")),
            None => return Err(missing("fixYn")),
        };
        let user = AccountUser {
            id: user_id(told.user_id.as_deref())?,
            name: short("userNm", told.user_nm.as_deref(), 20)?,
        };
        let command = AccountCommand::Issue(Box::new(NewAccount {
            merchant: called.merchant.clone(),
            kind: Some(fixed),
            bank: BankChoice::Default,
            amount: None,
            any_amount: true,
            expires_at: None,
            expires_as_sent: None,
            holder_name: None,
            depositor_name: None,
            limits: Limits::default(),
            order: None,
            user: Some(user.clone()),
            by: called.by.clone(),
        }));
        let mid = called.merchant.to_string();
        let say = move |receipt: &Receipt| registered(receipt, &mid, &user);
        called
            .carry_out(&rooms, Command::Account(Box::new(command)), say)
            .await
    };
    called(&rooms, &request, payload, work).await
}

fn registered(receipt: &Receipt, mid: &str, user: &AccountUser) -> Result<Said, Fault> {
    let issued = match &receipt.verdict {
        Ok(Outcome::Account(AccountOutcome::Issued {
            account, details, ..
        })) => (account, details),
        Ok(_) => return Err(Fault::new(Code::Failed)),
        Err(refusal) => return Err(Fault::from(*refusal)),
    };
    let (account, details) = issued;
    let user = details.user.as_ref().unwrap_or(user);
    let fixed = account.terms.kind == AccountKind::Fixed;
    Ok(done(&RegisteredUser {
        mid: mid.to_owned(),
        user_id: user.id.clone(),
        user_nm: user.name.clone(),
        fix_yn: if fixed { "Y" } else { "N" }.to_owned(),
        user_seq: details.position.to_string(),
        vact_bank_cd: account.key.bank.to_string(),
        vacct_no: account.key.number.as_str().to_owned(),
    }))
}

/// Withdrawals are not open yet: what is asked is checked, and refused with 4001.
#[utoipa::path(post, path = "/ezpg/merWithdrawApi", tag = "merchant-calls",
    request_body = Withdraw, responses((status = 200, body = Withdrawn)),
    extensions(("x-who" = json!("mid"))))]
async fn withdraw(
    rooms: web::Data<Rooms>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let work = async |called: Called| {
        let told: Withdraw = called.parse()?;
        let amount = told.with_amt.ok_or_else(|| missing("withAmt"))?;
        if amount.0 == 0 || amount.0 > 99_999_999_999 {
            return Err(Fault::parameter(
                "withAmt",
                "1원 이상 11자리 이하여야 합니다.",
            ));
        }
        if filled(told.with_type.as_deref()) != Some("USD") {
            bank(filled(told.bank_cd.as_deref()).ok_or_else(|| missing("bankCd"))?)?;
            let number = short("withAccntNo", told.with_accnt_no.as_deref(), 20)?;
            if !number
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-')
            {
                return Err(Fault::parameter(
                    "withAccntNo",
                    "숫자만 사용할 수 있습니다.",
                ));
            }
            short("withAccntNm", told.with_accnt_nm.as_deref(), 20)?;
        }
        let moid = filled(told.moid.as_deref())
            .map(|moid| short("moid", Some(moid), MOID_CHARACTERS_MAX))
            .transpose()?;
        let echo = Withdrawn {
            mid: called.merchant.to_string(),
            moid,
            with_amt: amount.0.to_string(),
            bank_cd: told.bank_cd.unwrap_or_default(),
            with_accnt_no: told.with_accnt_no.unwrap_or_default(),
            with_accnt_nm: told.with_accnt_nm.unwrap_or_default(),
        };
        let words = "출금 기능은 아직 열려 있지 않습니다.";
        let trace_id = trace::current();
        let no = whole(Code::WithdrawalFailed, words, Some(&trace_id), &echo);
        Ok(respond(written(StatusCode::OK, &no)))
    };
    called(&rooms, &request, payload, work).await
}

/// There is no withdrawal to be found yet.
#[utoipa::path(post, path = "/ezpg/searchTransApi", tag = "merchant-calls",
    request_body = Search, responses((status = 200, body = Withdrawn)),
    extensions(("x-who" = json!("mid"))))]
async fn search(
    rooms: web::Data<Rooms>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let work = async |called: Called| {
        let told: Search = called.parse()?;
        short("moid", told.moid.as_deref(), MOID_CHARACTERS_MAX)?;
        Err(Fault::absent())
    };
    called(&rooms, &request, payload, work).await
}

/// A call whose caller is known.
struct Called {
    asked: Asked,
    merchant: MerchantId,
    by: By,
    once: Option<OnceKey>,
}

impl Called {
    fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, Fault> {
        parse(&self.asked.body)
    }

    async fn carry_out(
        self,
        rooms: &Rooms,
        command: Command,
        say: impl FnOnce(&Receipt) -> Result<Said, Fault> + Send + 'static,
    ) -> Result<HttpResponse, Fault> {
        let trace_id = trace::current();
        let render = move |receipt: &Receipt| match say(receipt) {
            Ok(said) => said,
            Err(fault) => Said {
                answer: refused(&fault, &trace_id),
                secret: false,
            },
        };
        let answer = rooms.carry_out_once(command, self.once, render).await?;
        Ok(respond(answer))
    }
}

/// Reads a call, recognises who makes it, has it done, and tells what came of it as text.
async fn called(
    rooms: &Rooms,
    request: &HttpRequest,
    payload: web::Payload,
    work: impl AsyncFnOnce(Called) -> Result<HttpResponse, Fault>,
) -> HttpResponse {
    let mut known = None;
    let told = match recognise(rooms, request, payload, &mut known).await {
        Ok(called) => work(called).await,
        Err(fault) => Err(fault),
    };
    let fault = match told {
        Ok(response) => return response,
        Err(fault) => fault,
    };
    if let Some(again) = fault.kept() {
        return respond(again.clone());
    }
    if let Some(merchant) = known.filter(|_| fault.is_malformed()) {
        rooms.count_invalid(&merchant);
    }
    say(&fault)
}

/// How these calls say no, also to a request that did not get as far as them.
pub(super) fn say(fault: &Fault) -> HttpResponse {
    let mut response = respond(refused(fault, &trace::current()));
    if let Some(seconds) = fault.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

async fn recognise(
    rooms: &Rooms,
    request: &HttpRequest,
    payload: web::Payload,
    known: &mut Option<MerchantId>,
) -> Result<Called, Fault> {
    let asked = Asked::read(request, &mut payload.into_inner()).await?;
    let caller: Caller = parse(&asked.body)?;
    let mid = filled(caller.mid.as_deref()).ok_or_else(|| missing("mid"))?;
    let meky = filled(caller.meky.as_deref()).ok_or_else(|| missing("meky"))?;
    let address = origin::of(request);
    let found = rooms.keys.ezpg(mid, meky, address);
    let merchant = match found {
        Ok(merchant) => merchant,
        Err(fault) => {
            rooms.gate.stranger(address)?;
            return Err(match fault {
                KeyFault::OtherEnvironment => {
                    let words = KeyFault::other_environment_words(rooms.mode);
                    Fault::because(Code::Unauthenticated, words)
                }
                KeyFault::Wrong | KeyFault::AddressNotAllowed => Fault::new(Code::Unauthenticated),
            });
        }
    };
    rooms.admit(request, &format!("ezpg/{merchant}"))?;
    if let Some(seconds) = rooms.gate.locked(&merchant) {
        return Err(Stop::Locked(seconds).into());
    }
    *known = Some(merchant.clone());
    let scope = format!("ezpg/mid/{merchant}");
    let once = match rooms.turn(&scope, &asked).await? {
        Turn::Go(once) => once,
        Turn::Again(answer) => return Err(Fault::again(answer)),
    };
    let by = By {
        actor: Actor::Program(merchant.clone()),
        address: Some(address),
    };
    Ok(Called {
        asked,
        merchant,
        by,
        once,
    })
}

fn missing(field: &str) -> Fault {
    Fault::parameter(field, "필수 항목입니다.")
}

/// A text of at most so many characters, composed, none of them such as nobody can see.
fn short(field: &str, text: Option<&str>, most: usize) -> Result<String, Fault> {
    let text = text::composed(filled(text).ok_or_else(|| missing(field))?);
    if text.chars().count() > most || !text::is_plain(&text) {
        let why = format!("제어 문자 없이 {most}자 이하여야 합니다.");
        return Err(Fault::parameter(field, &why));
    }
    Ok(text)
}

/// 1 to 15 letters, digits, `_`, `-`, `.` or `@`.
fn user_id(text: Option<&str>) -> Result<String, Fault> {
    let text = short("userId", text, 15)?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.@".contains(letter);
    if text.chars().all(plain) {
        Ok(text)
    } else {
        Err(Fault::parameter(
            "userId",
            "영문, 숫자, _ - . @ 만 사용할 수 있습니다.",
        ))
    }
}

/// An answer with its code under both names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'a, T> {
    result_code: &'a str,
    result_cd: &'a str,
    result_msg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    #[serde(flatten)]
    told: &'a T,
}

fn whole<'a, T: Serialize>(
    code: Code,
    words: &'a str,
    trace_id: Option<&'a str>,
    told: &'a T,
) -> Whole<'a, T> {
    Whole {
        result_code: code.digits(),
        result_cd: code.digits(),
        result_msg: words,
        trace_id,
        told,
    }
}

fn done<T: Serialize>(told: &T) -> Said {
    let told = whole(Code::Done, Code::Done.words(), None, told);
    Said {
        answer: written(StatusCode::OK, &told),
        secret: false,
    }
}

/// Anything but what could not even be read keeps status 200.
fn refused(fault: &Fault, trace_id: &str) -> crate::store::once::Answer {
    let kept = [
        StatusCode::METHOD_NOT_ALLOWED,
        StatusCode::PAYLOAD_TOO_LARGE,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::INTERNAL_SERVER_ERROR,
    ];
    let status = fault.status();
    let status = if kept.contains(&status) {
        status
    } else {
        StatusCode::OK
    };
    let nothing = serde_json::Map::new();
    written(
        status,
        &whole(fault.code(), fault.words(), Some(trace_id), &nothing),
    )
}

fn written<T: Serialize>(status: StatusCode, told: &T) -> crate::store::once::Answer {
    // Texts under fixed names are always written.
    let body = serde_json::to_vec(told).unwrap_or_default();
    answer(status, AnswerForm::Text, body)
}
