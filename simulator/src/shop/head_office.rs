//! The head office's way in, and what it does there.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::totp::{STEP_SECONDS, one_time_code};
use super::{Credential, Keys, ShopError};
use crate::http::{Client, Reply, Request};
use crate::merchant::Dialect;

/// How often a «too many» is waited out.
const PATIENT_TIMES: u32 = 4;

/// The longest single wait for a «too many».
const WAIT_MAX: Duration = Duration::from_secs(65);

/// The head office at its desk. Must be used within a runtime; may be used from one after another.
pub struct HeadOffice {
    client: Client,
    keys: Mutex<Keys>,
}

impl fmt::Debug for HeadOffice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "HeadOffice({})", self.client.address())
    }
}

impl HeadOffice {
    /// Nobody has logged in yet; that happens with the first call.
    pub fn new(http: &str, keys: Keys) -> Result<Self, ShopError> {
        Ok(Self {
            client: Client::new(http)?,
            keys: Mutex::new(keys),
        })
    }

    /// Where the gateway's HTTP is: `HOST:PORT`.
    pub fn address(&self) -> &str {
        self.client.address()
    }

    /// What is needed to log in again, after the gateway has moved to another address, say.
    pub async fn keys(&self) -> Keys {
        self.keys.lock().await.clone()
    }

    /// A token for calls of one's own, as it stands behind `Bearer`. It may end at any time.
    pub async fn bearer(&self) -> Result<String, ShopError> {
        self.token("").await
    }

    /// Does an administrative call, logging in before it where that is needed.
    pub(crate) async fn call(&self, request: &Request) -> Result<Reply, ShopError> {
        let token = self.token("").await?;
        let reply = self.patiently(&bearing(request.clone(), &token)).await?;
        if reply.status != 401 {
            return Ok(reply);
        }
        // A clock that was moved ends tokens; the next are got in the same way as the first.
        let token = self.token(&token).await?;
        self.patiently(&bearing(request.clone(), &token)).await
    }

    /// A token that is not the stale one; of many who find it stale, one gets the next.
    async fn token(&self, stale: &str) -> Result<String, ShopError> {
        let mut keys = self.keys.lock().await;
        if let Some(token) = keys.token.as_ref().filter(|token| *token != stale) {
            return Ok(token.clone());
        }
        if !self.refresh(&mut keys).await? {
            self.log_in(&mut keys).await?;
        }
        Ok(keys.token.clone().unwrap_or_default())
    }

    /// The same, and the answer must be a yes.
    pub(crate) async fn done(&self, request: &Request) -> Result<Value, ShopError> {
        let reply = self.call(request).await?;
        agreed(&request.path, &reply)
    }

    /// Asks; waits and asks again where that was too often.
    async fn patiently(&self, request: &Request) -> Result<Reply, ShopError> {
        let mut reply = self.client.ask(request).await?;
        for _ in 0..PATIENT_TIMES {
            if reply.status != 429 {
                break;
            }
            let seconds = reply
                .header("retry-after")
                .and_then(|text| text.parse().ok());
            let wait = Duration::from_secs(seconds.unwrap_or(1)).min(WAIT_MAX);
            tokio::time::sleep(wait).await;
            reply = self.client.ask(request).await?;
        }
        Ok(reply)
    }

    async fn refresh(&self, keys: &mut Keys) -> Result<bool, ShopError> {
        let Some(refresh) = keys.refresh.take() else {
            return Ok(false);
        };
        let request = Request::post("/ezpg/auth/refresh", &json!({ "refreshToken": refresh }));
        let reply = self.patiently(&request).await?;
        let said = reply.json();
        let renewed = reply.status == 200 && said["resultCode"] == "0000";
        if renewed {
            take_tokens(keys, &said);
        }
        Ok(renewed)
    }

    async fn log_in(&self, keys: &mut Keys) -> Result<(), ShopError> {
        let used_up = keys.secret.is_some() && keys.last_step >= step();
        if let Some((user, password)) = keys.spare.take().filter(|_| used_up) {
            (keys.user, keys.password, keys.secret, keys.last_step) = (user, password, None, 0);
        }
        let body = json!({ "userId": keys.user, "password": keys.password });
        let request = Request::post("/ezpg/auth/login", &body);
        let reply = self.patiently(&request).await?;
        let mut said = agreed("log in", &reply)?;
        if said["requireOtp"] == "Y" {
            let half = said["token"].as_str().unwrap_or_default().to_owned();
            if said["mustEnrol"] == "Y" {
                let enrol = Request::post("/ezpg/auth/enrol-otp", &json!({}));
                let reply = self.patiently(&bearing(enrol, &half)).await?;
                let told = agreed("enrol a one-time secret", &reply)?;
                keys.secret = told["secret"].as_str().map(ToOwned::to_owned);
                keys.last_step = 0;
            }
            said = self.verify(keys, &half).await?;
        }
        take_tokens(keys, &said);
        self.make_spare(keys).await?;
        keys.keep()
    }

    /// Shows a code that was not used before; there is one within half a minute.
    async fn verify(&self, keys: &mut Keys, half: &str) -> Result<Value, ShopError> {
        let secret = keys.secret.clone().ok_or_else(|| ShopError::Said {
            what: format!("log in as {}", keys.user),
            said: "that a one-time code is due, and nobody kept the secret".into(),
        })?;
        while keys.last_step >= step() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let now = step();
        let code = one_time_code(&secret, now).ok_or_else(|| ShopError::Said {
            what: "enrol a one-time secret".into(),
            said: "a secret that is not Base32".into(),
        })?;
        let body = json!({ "userId": keys.user, "otpCode": code });
        let request = Request::post("/ezpg/auth/verify-otp", &body);
        let reply = self.patiently(&bearing(request, half)).await?;
        keys.last_step = now;
        agreed("show a one-time code", &reply)
    }

    /// The one who got in makes the next one: see [`Keys`].
    async fn make_spare(&self, keys: &mut Keys) -> Result<(), ShopError> {
        if keys.spare.is_some() || keys.secret.is_none() {
            return Ok(());
        }
        let user = format!(
            "sim{:010}",
            Timestamp::now().as_microsecond() % 10_000_000_000
        );
        let body = json!({ "userId": user, "userName": user, "role": "head_office" });
        let request = Request::post("/ezpg/users", &body);
        let token = keys.token.as_deref().unwrap_or_default();
        let reply = self.patiently(&bearing(request, token)).await?;
        let said = agreed("make another user", &reply)?;
        let password = said["password"].as_str();
        keys.spare = password.map(|password| (user, password.to_owned()));
        Ok(())
    }

    /// Registers a merchant and takes its credentials.
    pub async fn register(&self, name: &str) -> Result<Credential, ShopError> {
        let request = Request::post("/ezpg/merchants/register", &registration(name));
        let said = self.done(&request).await?;
        Credential::of(&said["credentials"]).ok_or_else(|| unclear("register", &said))
    }

    /// Takes the credentials of a merchant that came in by a list. They are told once: this gives
    /// new ones, and the old ones work no more.
    pub async fn credentials(&self, merchant: &str) -> Result<Credential, ShopError> {
        let body = json!({ "merchantId": merchant, "which": "all" });
        let said = self
            .done(&Request::post("/ezpg/merchants/credentials", &body))
            .await?;
        Credential::of(&said["credentials"]).ok_or_else(|| unclear("credentials", &said))
    }

    /// Sets a merchant's policies; fields that are not said stay as they are.
    pub async fn policies(&self, merchant: &str, policies: &Value) -> Result<Value, ShopError> {
        let mut body = policies.clone();
        body["merchantId"] = json!(merchant);
        self.done(&Request::post("/ezpg/merchants/policies", &body))
            .await
    }

    /// Has the sandbox make a deposit as a bank would; returns its transaction id.
    pub async fn trial_deposit(
        &self,
        bank: &str,
        account: &str,
        amount: u64,
        payer: &str,
    ) -> Result<String, ShopError> {
        let body = json!({
            "bankCode": bank, "accountNo": account, "amount": amount, "depositorName": payer,
        });
        let said = self
            .done(&Request::post("/ezpg/test/deposit", &body))
            .await?;
        let id = said["transactionId"].as_str().map(ToOwned::to_owned);
        id.ok_or_else(|| unclear("trial deposit", &said))
    }

    /// What was sent to an endpoint and stands so: `pending`, `delivered`, `given_up`.
    pub async fn deliveries(&self, endpoint: &str, status: &str) -> Result<Vec<Value>, ShopError> {
        let path = format!("/ezpg/webhooks/deliveries?endpointId={endpoint}&status={status}");
        let said = self.done(&Request::get(path)).await?;
        let list = said["deliveries"].as_array().cloned();
        list.ok_or_else(|| unclear("deliveries", &said))
    }

    /// Issues an account of a kind at a bank; returns its bank and number.
    pub async fn issue(
        &self,
        merchant: &str,
        kind: &str,
        bank: &str,
    ) -> Result<(u16, String), ShopError> {
        let body = json!({ "merchantId": merchant, "accountType": kind, "bankCode": bank });
        let request = Request::post("/ezpg/virtual-accounts/issue", &body);
        let said = self.done(&request).await?;
        let account = &said["virtualAccount"];
        let bank = account["bankCode"]
            .as_str()
            .and_then(|code| code.parse().ok());
        let number = account["accountNo"].as_str().map(ToOwned::to_owned);
        bank.zip(number).ok_or_else(|| unclear("issue", &said))
    }

    /// Registers an endpoint; returns its id, and its secret where one was made.
    pub async fn endpoint(
        &self,
        merchant: &str,
        url: &str,
        dialect: Dialect,
        events: &[String],
    ) -> Result<(String, Option<String>), ShopError> {
        self.endpoint_with(merchant, url, dialect, events, None)
            .await
    }

    /// The same with a secret of the merchant's own.
    pub async fn endpoint_with(
        &self,
        merchant: &str,
        url: &str,
        dialect: Dialect,
        events: &[String],
        secret: Option<&str>,
    ) -> Result<(String, Option<String>), ShopError> {
        let mut body = json!({
            "merchantId": merchant, "url": url, "dialect": dialect.name(), "events": events,
        });
        if let Some(secret) = secret {
            body["secret"] = json!(secret);
        }
        let said = self.done(&Request::post("/ezpg/webhooks", &body)).await?;
        let text = |key: &str| said[key].as_str().map(ToOwned::to_owned);
        let id = text("endpointId").ok_or_else(|| unclear("endpoint", &said))?;
        Ok((id, text("secret")))
    }
}

fn registration(name: &str) -> Value {
    json!({
        "merchantInfo": {
            "merchantName": name, "businessNumber": "1234567890",
            "representativeName": "홍길동", "businessType": "소매",
            "businessCategory": "전자상거래", "address": "서울특별시 중구",
            "phoneNumber": "0212345678",
        },
        "contactInfo": {
            "managerName": "김담당", "managerEmail": "manager@example.com",
            "managerPhone": "01012345678",
        },
        "accountInfo": {
            "bankCode": "004", "accountNumber": "12345678901234", "accountHolder": name,
        },
        "feeInfo": { "depositFeeRate": 0, "withdrawalFeeRate": 0 },
        "settingInfo": {
            "accountType": "fixed", "amountMatchRequired": "N", "allowedAmountError": 0,
        },
    })
}

fn bearing(request: Request, token: &str) -> Request {
    request.with("authorization", &format!("Bearer {token}"))
}

fn take_tokens(keys: &mut Keys, said: &Value) {
    let text = |key: &str| said[key].as_str().map(ToOwned::to_owned);
    keys.token = text("token");
    keys.refresh = text("refreshToken");
}

fn unclear(what: &str, said: &Value) -> ShopError {
    ShopError::Said {
        what: what.to_owned(),
        said: said.to_string(),
    }
}

/// The answer of an administrative call that must have been carried out.
fn agreed(what: &str, reply: &Reply) -> Result<Value, ShopError> {
    let said = reply.json();
    if reply.status == 200 && said["resultCode"] == "0000" {
        Ok(said)
    } else {
        Err(ShopError::Said {
            what: what.to_owned(),
            said: reply.words(),
        })
    }
}

/// The step of the real time, which one-time codes follow.
fn step() -> u64 {
    u64::try_from(Timestamp::now().as_second()).unwrap_or(0) / STEP_SECONDS
}
