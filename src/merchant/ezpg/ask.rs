//! What a POST of this face asks, and how it is carried out and answered.

use std::convert::Infallible;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Code, Fault};
use crate::domain::{Actor, AnswerForm, By, Command};
use crate::merchant::answer::{answer, respond};
use crate::merchant::{Asked, OnceKey, Rooms, Said, Stop, Turn, trace};
use crate::store::Receipt;

/// A POST as it came in, its body taken in but not looked at yet.
///
/// The order is the same everywhere: who calls ([`Person`](crate::merchant::Person)), whether they
/// may, and only then what they say ([`Sent::read`]). To whoever is not let in, that is all that
/// is told. The body is taken in all the same, so that its sender hears the answer.
pub(crate) struct Sent<T> {
    asked: Result<Asked, Stop>,
    form: PhantomData<T>,
}

/// A JSON body of type `T`, with the idempotency key it came under.
///
/// The types of 2.6 refuse unknown fields (`#[serde(deny_unknown_fields)]`), those of the older
/// documents ignore them.
#[derive(Clone, Debug)]
pub(crate) struct Ask<T> {
    /// What is asked.
    pub(crate) told: T,
    /// The body's hash and the key.
    pub(crate) asked: Asked,
}

impl<T: 'static> FromRequest for Sent<T> {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            Ok(Sent {
                asked: Asked::read(&request, &mut payload).await,
                form: PhantomData,
            })
        })
    }
}

impl<T: DeserializeOwned> Sent<T> {
    /// What is asked.
    ///
    /// # Errors
    /// [`Fault`] where the body did not come whole and in time, or says nothing that this call
    /// understands.
    pub(crate) fn read(self) -> Result<Ask<T>, Fault> {
        let asked = self.asked?;
        let told = parse(&asked.body)?;
        Ok(Ask { told, asked })
    }
}

/// Reads JSON; an empty body is an empty object.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    let text = match body.trim_ascii() {
        b"" => b"{}",
        text => text,
    };
    // What is skipped must be text, too; and a list is no object, though its values could be
    // taken for fields one after the other.
    let text = std::str::from_utf8(text)
        .map_err(|_| Fault::because(Code::Parameter, "요청 본문이 JSON이 아닙니다."))?;
    if text.starts_with('[') {
        return Err(Fault::because(
            Code::Parameter,
            "요청 본문이 JSON 객체가 아닙니다.",
        ));
    }
    serde_json::from_str(text).map_err(|error| {
        // What serde says names fields and types; values of strings are kept out of it.
        let words = match error.classify() {
            serde_json::error::Category::Data => harmless(&error.to_string()),
            _ => "요청 본문이 JSON이 아닙니다.".to_owned(),
        };
        Fault::because(Code::Parameter, words)
    })
}

/// An error's words without the values that it quotes.
fn harmless(words: &str) -> String {
    let words = words.split(" at line ").next().unwrap_or_default();
    let quoted = words.contains("invalid value") || words.contains("invalid type: string");
    if !quoted {
        return words.to_owned();
    }
    let expected = words.rsplit_once("expected ").map_or("", |(_, rest)| rest);
    format!("wrong type or value, expected {expected}")
}

impl<T> Ask<T> {
    /// The turn of the caller's idempotency key, before anything else is done. An answer that is
    /// kept comes back as an error that says it again: `ask.turn(…).await?`.
    pub(crate) async fn turn(&self, rooms: &Rooms, by: &By) -> Result<Option<OnceKey>, Fault> {
        match rooms.turn(&scope(by), &self.asked).await? {
            Turn::Go(once) => Ok(once),
            Turn::Again(answer) => Err(Fault::again(answer)),
        }
    }
}

/// Whose idempotency keys these are.
pub(crate) fn scope(by: &By) -> String {
    match &by.actor {
        Actor::User(user) => format!("ezpg/user/{user}"),
        Actor::Program(merchant) => format!("ezpg/mid/{merchant}"),
        Actor::House => "ezpg/house".to_owned(),
    }
}

/// An answer with the code and the words of success before its own fields.
#[derive(Serialize)]
struct Whole<'a, T> {
    #[serde(rename = "resultCode")]
    code: &'a str,
    #[serde(rename = "resultMsg")]
    words: &'a str,
    #[serde(flatten)]
    answer: &'a T,
}

/// The face's "yes": `told` with resultCode 0000 before its fields.
pub(crate) fn done<T: Serialize>(told: &T) -> Said {
    let whole = Whole {
        code: Code::Done.digits(),
        words: Code::Done.words(),
        answer: told,
    };
    // Our own answers have text for keys and no number that JSON cannot write.
    let body = serde_json::to_vec(&whole).unwrap_or_default();
    Said {
        answer: answer(StatusCode::OK, AnswerForm::Json, body),
        secret: false,
    }
}

/// Has `command` carried out, once where there is a key, and answers with what `say` makes of
/// the receipt. `say` runs in the writer and so must be quick; it is handed yes and no alike.
pub(crate) async fn carry_out(
    rooms: &Rooms,
    once: Option<OnceKey>,
    command: Command,
    say: impl FnOnce(&Receipt) -> Result<Said, Fault> + Send + 'static,
) -> Result<HttpResponse, Fault> {
    let trace_id = trace::current();
    let render = move |receipt: &Receipt| match say(receipt) {
        Ok(said) => said,
        Err(fault) => Said {
            answer: fault.answer(&trace_id),
            secret: false,
        },
    };
    let answer = rooms.carry_out_once(command, once, render).await?;
    Ok(respond(answer))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Told {
        #[allow(dead_code)]
        amount: Option<u64>,
    }

    #[test]
    fn a_wrong_body_is_told_without_its_values() {
        for (body, words) in [
            (r#"{"amount":"secret-name"}"#, "expected u64"),
            (r#"{"amount":-1}"#, "expected u64"),
            (r#"{"amount":1.5}"#, "expected u64"),
            (r#"{"amout":1}"#, "unknown field `amout`"),
            (r#"{"amount":"#, "JSON"),
            ("secret-name", "JSON"),
            ("[1]", "JSON"),
            (" []", "JSON"),
        ] {
            let fault = parse::<Told>(body.as_bytes()).unwrap_err();
            assert_eq!(fault.code(), Code::Parameter);
            assert!(fault.words().contains(words), "{body}: {}", fault.words());
            assert!(!fault.words().contains("secret-name"), "{}", fault.words());
        }
        assert!(parse::<Told>(b" ").is_ok());
        let euc_kr = parse::<serde::de::IgnoredAny>(b"{\"name\":\"\xb1\xe8\"}");
        assert_eq!(euc_kr.unwrap_err().code(), Code::Parameter);
    }
}
