//! A Telegram bot's `sendMessage`. The token stands in the address that is called, so that no
//! error of the call is ever told in its own words.

use serde::Deserialize;
use serde_json::json;

use super::wording;
use crate::domain::MerchantId;
use crate::domain::message::{Sent, Wording};
use crate::limits;
use crate::secrets::Secrets;

/// What a bot's token is wrapped under, followed by its owner's id.
pub const TOKEN_CONTEXT: &str = "telegram bot of ";

/// Writes into chats, or keeps what would be written in a sandbox's outbox.
#[derive(Clone, Debug)]
pub enum Chats {
    /// By the service at this base address.
    Service {
        /// As `https://api.telegram.org`.
        base: String,
        /// What calls it.
        http: reqwest::Client,
    },
    /// Nowhere: a sandbox without a service.
    Kept,
}

/// The service's answer.
#[derive(Deserialize)]
struct Answer {
    ok: bool,
    error_code: Option<u16>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<i64>,
}

impl Chats {
    /// Chats by the service at `base`.
    ///
    /// # Errors
    /// The TLS of this machine cannot be set up.
    pub fn by(base: &str) -> Result<Chats, reqwest::Error> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(limits::MESSAGE_WAIT)
            .build()?;
        let base = base.trim_end_matches('/').to_owned();
        Ok(Chats::Service { base, http })
    }

    /// What a bot's token is wrapped under.
    pub fn context(whose: Option<&MerchantId>) -> String {
        let owner = whose.map_or("the house", MerchantId::as_str);
        format!("{TOKEN_CONTEXT}{owner}")
    }

    /// One attempt.
    pub(super) async fn send(
        &self,
        secrets: &Secrets,
        (token, context): (&crate::domain::Wrapped, &str),
        chat: &str,
        wording: &Wording,
    ) -> Sent {
        let Chats::Service { base, http } = self else {
            return Sent::Taken;
        };
        let Some(token) = secrets.open_text(context, token) else {
            return refused("the bot's token cannot be opened");
        };
        let chat_id = chat
            .parse::<i64>()
            .map_or_else(|_| json!(chat), |id| json!(id));
        let body = json!({
            "chat_id": chat_id,
            "text": wording::chat_text(wording),
            "parse_mode": "HTML",
            "link_preview_options": { "is_disabled": true },
        });
        let url = format!("{base}/bot{}/sendMessage", *token);
        match http.post(url).json(&body).send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                judge(status, response.json().await.ok())
            }
            Err(error) if error.is_builder() => refused("the bot's token is none"),
            Err(error) if error.is_timeout() => failed("telegram did not answer in time", None),
            Err(_) => failed("telegram could not be reached", None),
        }
    }
}

/// What an answer means: too much and our own side's troubles pass, a wrong bot or chat does not.
fn judge(status: u16, answer: Option<Answer>) -> Sent {
    let Some(answer) = answer else {
        return failed(
            &format!("telegram answered {status} without saying why"),
            None,
        );
    };
    if answer.ok {
        return Sent::Taken;
    }
    let code = answer.error_code.unwrap_or(status);
    let wait = answer.parameters.and_then(|told| told.retry_after);
    match code {
        429 => failed("telegram asks for patience", wait),
        400..=499 => refused(&format!("telegram refused with {code}")),
        _ => failed(&format!("telegram failed with {code}"), wait),
    }
}

fn failed(why: &str, retry_after: Option<i64>) -> Sent {
    Sent::Failed {
        why: why.to_owned(),
        retry_after,
    }
}

fn refused(why: &str) -> Sent {
    Sent::Refused {
        why: why.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, judge};
    use crate::domain::message::Sent;

    #[test]
    fn what_telegram_answers_is_understood() {
        let judged = |status, text: &str| judge(status, serde_json::from_str::<Answer>(text).ok());
        assert_eq!(
            judged(200, r#"{"ok":true,"result":{"message_id":1}}"#),
            Sent::Taken
        );
        let patience = r#"{"ok":false,"error_code":429,"parameters":{"retry_after":31}}"#;
        assert!(matches!(
            judged(429, patience),
            Sent::Failed {
                retry_after: Some(31),
                ..
            }
        ));
        for (status, text) in [
            (
                400,
                r#"{"ok":false,"error_code":400,"description":"chat not found"}"#,
            ),
            (401, r#"{"ok":false,"error_code":401}"#),
            (403, r#"{"ok":false,"error_code":403}"#),
        ] {
            assert!(
                matches!(judged(status, text), Sent::Refused { .. }),
                "{text}"
            );
        }
        for (status, text) in [(500, "<html>"), (502, r#"{"ok":false,"error_code":502}"#)] {
            assert!(
                matches!(judged(status, text), Sent::Failed { .. }),
                "{text}"
            );
        }
    }
}
