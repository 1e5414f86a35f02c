//! Who wants to be told what, and in a sandbox what they were told: `/notifications`.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::query::{Query, limit, whose};
use super::value::{Amount, filled};
use super::{Fault, Sent, carry_out, done};
use crate::domain::message::{self, MatchFailedMail, NotificationsChange};
use crate::domain::{
    Command, MerchantId, MessageCommand, MessageId, MessageOutcome, Notifications, Outcome, Role,
};
use crate::limits;
use crate::merchant::answer::respond;
use crate::merchant::{Person, Rooms};
use crate::message::{Chats, subject, text};
use crate::store::{MessageShown, MessageState, Mode, Receipt};

/// Who may look after settings.
const KEEPERS: &[Role] = &[Role::HeadOffice, Role::Operator, Role::Merchant];

/// Handlers for the document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(set, show, outbox))]
pub(super) struct Paths;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/notifications/settings")
                .route(web::get().to(show))
                .route(web::post().to(set)),
        )
        .route("/notifications/outbox", web::get().to(outbox));
}

/// Yes or no, as clients write it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
enum Flag {
    Plain(bool),
    Letter(Letter),
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum Letter {
    #[serde(rename = "Y", alias = "y", alias = "true")]
    Yes,
    #[serde(rename = "N", alias = "n", alias = "false")]
    No,
}

impl Flag {
    fn is_on(self) -> bool {
        match self {
            Flag::Plain(on) => on,
            Flag::Letter(letter) => matches!(letter, Letter::Yes),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NotificationsAsk {
    /// 생략하면 본인의 가맹점, 본사는 전체 가맹점에 대한 본사 설정
    merchant_id: Option<String>,
    telegram_settings: Option<BotAsk>,
    notification_conditions: Option<ConditionsAsk>,
    email_settings: Option<EmailAsk>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BotAsk {
    bot_token: Option<String>,
    /// 숫자 또는 @이름
    #[schema(value_type = Option<String>)]
    chat_id: Option<ChatId>,
    #[schema(value_type = Option<bool>)]
    enabled: Option<Flag>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ChatId {
    Number(i64),
    Text(String),
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConditionsAsk {
    #[schema(value_type = Option<bool>)]
    deposit_notification: Option<Flag>,
    #[schema(value_type = Option<bool>)]
    withdrawal_notification: Option<Flag>,
    #[schema(value_type = Option<bool>)]
    error_notification: Option<Flag>,
    #[schema(value_type = Option<u64>)]
    min_amount: Option<Amount>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EmailAsk {
    /// 생략하면 담당자 이메일
    addresses: Option<Vec<String>>,
    /// 입금 알림도 이메일로 받을지
    #[schema(value_type = Option<bool>)]
    enabled: Option<Flag>,
    /// 매칭 실패 메일: each, daily, never
    match_failed: Option<String>,
}

/// The settings as they are told; never the whole token.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NotificationsTold {
    telegram_settings: BotTold,
    notification_conditions: ConditionsTold,
    email_settings: EmailTold,
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BotTold {
    bot_token: Option<String>,
    chat_id: Option<String>,
    enabled: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConditionsTold {
    deposit_notification: bool,
    withdrawal_notification: bool,
    error_notification: bool,
    min_amount: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EmailTold {
    addresses: Vec<String>,
    enabled: bool,
    match_failed: &'static str,
}

impl NotificationsTold {
    fn of(settings: &Notifications) -> NotificationsTold {
        let telegram = settings.telegram.as_ref();
        NotificationsTold {
            telegram_settings: telegram.map_or_else(BotTold::default, |bot| BotTold {
                bot_token: Some(format!("…{}", bot.token_end)),
                chat_id: Some(bot.chat.clone()),
                enabled: bot.enabled,
            }),
            notification_conditions: ConditionsTold {
                deposit_notification: settings.deposits,
                withdrawal_notification: settings.withdrawals,
                error_notification: settings.errors,
                min_amount: settings.min_amount.digits(),
            },
            email_settings: EmailTold {
                addresses: settings.mail_to.clone(),
                enabled: settings.by_mail,
                match_failed: word_of(settings.match_failed),
            },
        }
    }
}

fn word_of(how: MatchFailedMail) -> &'static str {
    match how {
        MatchFailedMail::Each => "each",
        MatchFailedMail::Daily => "daily",
        MatchFailedMail::Never => "never",
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NotificationsSet {
    merchant_id: Option<String>,
    updated_settings: NotificationsTold,
}

/// 알림 설정
#[utoipa::path(post, path = "/ezpg/notifications/settings", tag = "notifications",
    request_body = NotificationsAsk, responses((status = 200, body = NotificationsSet)),
    extensions(("x-who" = json!("HO, OP, ME"))))]
async fn set(
    rooms: web::Data<Rooms>,
    person: Person,
    sent: Sent<NotificationsAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(KEEPERS)?;
    let ask = sent.read()?;
    let once = ask.turn(&rooms, &person.by).await?;
    let told = ask.told;
    let whose = person.scope(told.merchant_id.as_deref())?;
    let telegram = told.telegram_settings.unwrap_or_default();
    let conditions = told.notification_conditions.unwrap_or_default();
    let email = told.email_settings.unwrap_or_default();
    let on = |flag: Option<Flag>| flag.map(Flag::is_on);
    let change = NotificationsChange {
        token: token(&rooms, whose.as_ref(), telegram.bot_token.as_deref())?,
        chat: chat(telegram.chat_id)?,
        telegram_enabled: on(telegram.enabled),
        mail_to: email.addresses.map(addresses).transpose()?,
        by_mail: on(email.enabled),
        deposits: on(conditions.deposit_notification),
        withdrawals: on(conditions.withdrawal_notification),
        errors: on(conditions.error_notification),
        min_amount: conditions.min_amount.map(Amount::won),
        match_failed: match_failed(email.match_failed.as_deref())?,
    };
    let command = MessageCommand::Set {
        by: person.by,
        whose: whose.clone(),
        change: Box::new(change),
    };
    let command = Command::Message(Box::new(command));
    carry_out(&rooms, once, command, move |receipt| {
        Ok(done(&NotificationsSet {
            merchant_id: whose.map(|id| id.to_string()),
            updated_settings: NotificationsTold::of(&settings_of(receipt)?),
        }))
    })
    .await
}

fn settings_of(receipt: &Receipt) -> Result<Notifications, Fault> {
    match receipt.verdict.clone()? {
        Outcome::Message(MessageOutcome::Settings(settings)) => Ok(*settings),
        _ => Err(Fault::new(super::Code::Failed)),
    }
}

/// A bot's token, wrapped, with its end. Nothing but a token's own characters may stand in the
/// address that is called with it.
fn token(
    rooms: &Rooms,
    whose: Option<&MerchantId>,
    given: Option<&str>,
) -> Result<Option<(crate::domain::Wrapped, String)>, Fault> {
    let Some(given) = filled(given) else {
        return Ok(None);
    };
    let wrong = || Fault::parameter("botToken", "텔레그램 봇 토큰의 형식이 아닙니다.");
    let (bot, key) = given.split_once(':').ok_or_else(wrong)?;
    let number = (1..=20).contains(&bot.len()) && bot.bytes().all(|byte| byte.is_ascii_digit());
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !number || !(20..=100).contains(&key.len()) || !key.bytes().all(letter) {
        return Err(wrong());
    }
    let wrapped = rooms.secrets.wrap(&Chats::context(whose), given.as_bytes());
    Ok(Some((wrapped, key[key.len() - 4..].to_owned())))
}

fn chat(given: Option<ChatId>) -> Result<Option<String>, Fault> {
    let text = match given {
        None => return Ok(None),
        Some(ChatId::Number(number)) => number.to_string(),
        Some(ChatId::Text(text)) => text.trim().to_owned(),
    };
    if text.is_empty() {
        return Ok(None);
    }
    let named = text.strip_prefix('@').is_some_and(|name| {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        (4..=32).contains(&name.len()) && name.bytes().all(letter)
    });
    if named || text.parse::<i64>().is_ok() {
        Ok(Some(text))
    } else {
        Err(Fault::parameter("chatId", "숫자 또는 @이름이어야 합니다."))
    }
}

fn addresses(given: Vec<String>) -> Result<Vec<String>, Fault> {
    let wrong = || {
        let most = limits::MAIL_ADDRESSES_MAX;
        let words = format!("이메일 주소 {most}개 이하여야 합니다.");
        Fault::parameter("addresses", &words)
    };
    let given: Vec<String> = given
        .into_iter()
        .map(|text| text.trim().to_owned())
        .collect();
    let fits = given.len() <= limits::MAIL_ADDRESSES_MAX;
    if fits && given.iter().all(|text| is_address(text)) {
        Ok(given)
    } else {
        Err(wrong())
    }
}

/// Whether a text looks like a mail address; the mail server has the last word.
fn is_address(text: &str) -> bool {
    let plain = text.is_ascii() && !text.bytes().any(|byte| byte <= b' ' || byte == 0x7f);
    let (user, host) = text.rsplit_once('@').unwrap_or_default();
    let odd = |letter: char| matches!(letter, '<' | '>' | '(' | ')' | ',' | ';' | ':' | '"');
    plain && text.len() <= 254 && !user.is_empty() && host.contains('.') && !text.contains(odd)
}

fn match_failed(given: Option<&str>) -> Result<Option<MatchFailedMail>, Fault> {
    match filled(given) {
        None => Ok(None),
        Some("each") => Ok(Some(MatchFailedMail::Each)),
        Some("daily") => Ok(Some(MatchFailedMail::Daily)),
        Some("never") => Ok(Some(MatchFailedMail::Never)),
        Some(_) => {
            let words = "each, daily, never 중 하나여야 합니다.";
            Err(Fault::parameter("matchFailed", words))
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ShowAsk {
    merchant_id: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NotificationsShown {
    merchant_id: Option<String>,
    settings: NotificationsTold,
}

/// 알림 설정 조회
#[utoipa::path(get, path = "/ezpg/notifications/settings", tag = "notifications",
    params(ShowAsk), responses((status = 200, body = NotificationsShown)),
    extensions(("x-who" = json!("HO, OP, ME"))))]
async fn show(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<ShowAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(KEEPERS)?;
    let ask = ask.read()?;
    let whose = whose(&rooms, &person, ask.merchant_id.as_deref()).await?;
    let asked = whose.clone();
    let settings = rooms
        .look(move |reads| reads.notifications(asked.as_ref()))
        .await;
    let told = NotificationsShown {
        merchant_id: whose.map(|id| id.to_string()),
        settings: NotificationsTold::of(&settings),
    };
    Ok(respond(done(&told).answer))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OutboxAsk {
    merchant_id: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OutboxTold {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<usize>,
    messages: Vec<MessageTold>,
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessageTold {
    message_id: String,
    channel: &'static str,
    to: String,
    at: String,
    subject: String,
    text: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    next_at: Option<String>,
}

impl MessageTold {
    fn of(shown: MessageShown) -> MessageTold {
        let status = match shown.row.state {
            MessageState::Waiting => "pending",
            MessageState::Sent => "sent",
            MessageState::GivenUp => "given_up",
            MessageState::Skipped => "skipped",
        };
        let tried = match shown.last {
            Some(message::Sent::Failed { why, .. } | message::Sent::Refused { why }) => Some(why),
            Some(message::Sent::Taken) | None => None,
        };
        let skipped = shown
            .message
            .skipped
            .map(|_| "주문번호가 22자를 넘습니다.".to_owned());
        MessageTold {
            message_id: shown.id.to_string(),
            channel: shown.message.channel.name(),
            subject: subject(&shown.message.wording),
            text: text(&shown.message.wording),
            to: shown.message.to,
            at: shown.row.at.to_second(),
            status,
            reason: skipped.or(tried),
            next_at: shown.row.due.map(|due| due.max(shown.row.at).to_second()),
        }
    }
}

/// 보낸 알림 조회 (시험 환경)
#[utoipa::path(get, path = "/ezpg/notifications/outbox", tag = "notifications",
    params(OutboxAsk), responses((status = 200, body = OutboxTold)),
    extensions(("x-who" = json!("HO, OP, ME"))))]
async fn outbox(
    rooms: web::Data<Rooms>,
    person: Person,
    ask: Query<OutboxAsk>,
) -> Result<HttpResponse, Fault> {
    person.may(KEEPERS)?;
    let ask = ask.read()?;
    if rooms.mode != Mode::Sandbox {
        return Err(Fault::absent());
    }
    let whose = whose(&rooms, &person, ask.merchant_id.as_deref()).await?;
    let limit = limit(ask.limit.as_deref())?;
    let before = match filled(ask.cursor.as_deref()) {
        Some(text) => Some(MessageId::parse(text).ok_or_else(super::webhooks::cursor_unknown)?),
        None => None,
    };
    let mut found = rooms
        .look(move |reads| reads.messages(whose.as_ref(), before, limit + 1))
        .await;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().map(|shown| shown.id.to_string());
    let told = OutboxTold {
        total_count: found.is_empty().then_some(0),
        messages: found.into_iter().map(MessageTold::of).collect(),
        next_cursor: last.filter(|_| more),
    };
    Ok(respond(done(&told).answer))
}
