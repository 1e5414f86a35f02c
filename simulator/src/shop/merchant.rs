//! One merchant with its keys, as its own server speaks to the gateway.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::ShopError;
use crate::http::{Client, Reply, Request};
use crate::merchant::Credentials;

/// What a merchant is given once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credential {
    /// The merchant: merchantId, mid and mallId are one.
    pub merchant: String,
    /// PayAction's key for calls.
    pub api_key: String,
    /// PayAction's key in webhooks.
    pub webhook_key: String,
    /// EzPG's key for calls.
    pub meky: String,
}

impl Credential {
    /// Those in an answer; `None` where something is missing.
    pub(super) fn of(said: &Value) -> Option<Self> {
        let text = |pointer: &str| Some(said.pointer(pointer)?.as_str()?.to_owned());
        Some(Self {
            merchant: text("/payaction/mallId")?,
            api_key: text("/payaction/apiKey")?,
            webhook_key: text("/payaction/webhookKey")?,
            meky: text("/ezpg/meky")?,
        })
    }

    /// By what its server recognises who speaks; the secret is an endpoint's own. An endpoint of
    /// the dialect `payaction` has none and is signed for with the webhook key.
    pub fn recognises(&self, secret: Option<String>) -> Credentials {
        Credentials {
            webhook_key: Some(self.webhook_key.clone()),
            mall_id: Some(self.merchant.clone()),
            secrets: vec![secret.unwrap_or_else(|| self.webhook_key.clone())],
        }
    }
}

/// A merchant's server, calling.
pub struct Shop {
    client: Client,
    credential: Credential,
}

impl Shop {
    /// With its credentials, at the gateway's HTTP.
    pub fn new(http: &str, credential: Credential) -> Result<Self, ShopError> {
        Ok(Self {
            client: Client::new(http)?,
            credential,
        })
    }

    /// What it was given.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// A call of the PayAction interface; the path is what follows `/payaction`.
    pub(crate) async fn payaction(&self, path: &str, body: &Value) -> Result<Reply, ShopError> {
        let request = Request::post(format!("/payaction{path}"), body);
        Ok(self.client.ask(&self.signed(request)).await?)
    }

    /// A call of the EzPG interface; the path is what follows `/ezpg`.
    pub(crate) async fn ezpg(&self, path: &str, body: &Value) -> Result<Reply, ShopError> {
        let request = Request::post(format!("/ezpg{path}"), body);
        Ok(self.client.ask(&request).await?)
    }

    /// The request with the two headers of the PayAction interface.
    pub(crate) fn signed(&self, request: Request) -> Request {
        request
            .with("x-api-key", &self.credential.api_key)
            .with("x-mall-id", &self.credential.merchant)
    }

    /// Any request, as it is.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Reply, ShopError> {
        Ok(self.client.ask(request).await?)
    }

    /// Places an order; the words are empty when it was taken.
    pub async fn order(&self, order: &Value) -> Result<String, ShopError> {
        let reply = self.payaction("/order", order).await?;
        verdict(&reply).ok_or_else(|| unclear("order", &reply))
    }

    /// Takes an order out of matching; the words are empty when it was done.
    pub async fn exclude(&self, number: &str) -> Result<String, ShopError> {
        let body = json!({ "order_number": number });
        let reply = self.payaction("/order-exclude", &body).await?;
        verdict(&reply).ok_or_else(|| unclear("exclude", &reply))
    }

    /// Where an order stands (`매칭대기`, `매칭완료`, `매칭제외`, `기간만료`), or the message of a no.
    pub async fn order_status(&self, number: &str) -> Result<String, ShopError> {
        let reply = self.status(number).await?;
        let said = reply.json();
        let status = said["response"]["order_status"].as_str();
        let status = status.or(said["response"]["message"].as_str());
        let status = status.map(ToOwned::to_owned);
        status.ok_or_else(|| unclear("order", &reply))
    }

    /// The order as the gateway has it.
    pub(crate) async fn status(&self, number: &str) -> Result<Reply, ShopError> {
        let path = format!("/payaction/order/{}", encoded(number));
        Ok(self.client.ask(&self.signed(Request::get(path))).await?)
    }
}

/// An answer of the PayAction interface: empty for success, otherwise its message; `None` where it
/// is neither.
pub(crate) fn verdict(reply: &Reply) -> Option<String> {
    let said = reply.json();
    match said["status"].as_str()? {
        "success" => Some(String::new()),
        "error" => Some(said["response"]["message"].as_str()?.to_owned()),
        _ => None,
    }
}

fn unclear(what: &str, reply: &Reply) -> ShopError {
    ShopError::Said {
        what: what.to_owned(),
        said: reply.words(),
    }
}

/// A piece of a path with everything escaped that means something there.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_escaped() {
        assert_eq!(encoded("A-1 나/?"), "A-1%20%EB%82%98%2F%3F");
    }

    #[test]
    fn credentials_are_whole_or_none() {
        let said = json!({
            "payaction": { "mallId": "M", "apiKey": "A", "webhookKey": "W" },
            "ezpg": { "mid": "M", "meky": "K" }
        });
        let taken = Credential::of(&said).unwrap();
        assert_eq!((taken.merchant.as_str(), taken.meky.as_str()), ("M", "K"));
        assert_eq!(Credential::of(&json!({ "payaction": {} })), None);
    }
}
