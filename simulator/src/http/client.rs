//! A client of one address. Connections that were answered are kept and used again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::HttpError;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A question.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Request {
    /// A GET of a path with its query.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self {
            method: "GET",
            path: path.into(),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// A POST of JSON.
    pub(crate) fn post(path: impl Into<String>, body: &Value) -> Self {
        Self {
            method: "POST",
            path: path.into(),
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.to_string().into(),
        }
    }

    /// The same with one header more.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Reply {
    /// The body as JSON; `Null` where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header's value, by its name in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Status and the beginning of the body, for people.
    pub(crate) fn words(&self) -> String {
        let body = String::from_utf8_lossy(&self.body);
        let shown: String = body.chars().take(300).collect();
        format!("{} {shown}", self.status)
    }
}

type Connection = SendRequest<Full<Bytes>>;

/// Asks one address. Must be used within a runtime.
pub(crate) struct Client {
    address: String,
    idle: Mutex<Vec<Connection>>,
}

impl Client {
    /// For `http://HOST:PORT`, or `HOST:PORT`.
    pub(crate) fn new(base: &str) -> Result<Self, HttpError> {
        let address = base.strip_prefix("http://").unwrap_or(base);
        let address = address.trim_end_matches('/');
        if address.contains(['/', '@', ' ']) || !address.contains(':') {
            return Err(HttpError::Address(base.to_owned()));
        }
        Ok(Self {
            address: address.to_owned(),
            idle: Mutex::default(),
        })
    }

    /// Where it asks: `HOST:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Asks and reads the whole answer.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Reply, HttpError> {
        let asked = tokio::time::timeout(PATIENCE, self.exchange(request)).await;
        asked.unwrap_or_else(|_| {
            Err(HttpError::Silence {
                address: self.address.clone(),
                seconds: PATIENCE.as_secs(),
            })
        })
    }

    async fn exchange(&self, request: &Request) -> Result<Reply, HttpError> {
        let mut message = self.message(request)?;
        loop {
            let kept = self.kept();
            let was_kept = kept.is_some();
            let mut connection = match kept {
                Some(connection) => connection,
                None => self.dial().await?,
            };
            let answer = match connection.try_send_request(message).await {
                Ok(answer) => answer,
                // The other side had closed a kept connection: what never left goes on a new one.
                Err(mut failed) => match failed.take_message().filter(|_| was_kept) {
                    Some(unsent) => {
                        message = unsent;
                        continue;
                    }
                    None => return Err(self.broken(failed.error())),
                },
            };
            let (head, body) = answer.into_parts();
            let body = body.collect().await.map_err(|error| self.broken(&error))?;
            if connection.ready().await.is_ok() {
                self.keep(connection);
            }
            let headers = head.headers.iter().map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                (name.as_str().to_owned(), value.into_owned())
            });
            return Ok(Reply {
                status: head.status.as_u16(),
                headers: headers.collect(),
                body: body.to_bytes(),
            });
        }
    }

    fn message(&self, request: &Request) -> Result<hyper::Request<Full<Bytes>>, HttpError> {
        let mut message = hyper::Request::builder()
            .method(request.method)
            .uri(&request.path)
            .header("host", &self.address);
        for (name, value) in &request.headers {
            message = message.header(name, value);
        }
        let message = message.body(Full::new(request.body.clone()));
        message.map_err(|error| HttpError::Broken {
            address: self.address.clone(),
            what: error.to_string(),
        })
    }

    fn kept(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(connection) = idle.pop() {
            if connection.is_ready() {
                return Some(connection);
            }
        }
        None
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(connection);
    }

    async fn dial(&self) -> Result<Connection, HttpError> {
        let unreachable = |what: String| HttpError::Unreachable {
            address: self.address.clone(),
            what,
        };
        let stream = TcpStream::connect(&self.address).await;
        let stream = stream.map_err(|error| unreachable(error.to_string()))?;
        let soon = stream.set_nodelay(true);
        soon.map_err(|error| unreachable(error.to_string()))?;
        let made = handshake(TokioIo::new(stream)).await;
        let (connection, driver) = made.map_err(|error| unreachable(error.to_string()))?;
        tokio::spawn(driver);
        Ok(connection)
    }

    fn broken(&self, error: &hyper::Error) -> HttpError {
        HttpError::Broken {
            address: self.address.clone(),
            what: error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        assert_eq!(
            Client::new("http://127.0.0.1:80/").unwrap().address(),
            "127.0.0.1:80"
        );
        assert_eq!(Client::new("shop:8080").unwrap().address(), "shop:8080");
        for wrong in ["https://x:1", "http://x", "x:1/y", "", "a b:1"] {
            assert!(Client::new(wrong).is_err(), "{wrong}");
        }
    }
}
