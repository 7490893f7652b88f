//! A caller of the public API, as anybody could write one.

use std::time::Duration;

use levqor_egress::{Egress, Request};
use serde_json::Value;

use crate::client::client;

/// What came back.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// A complete answer: status, whether it says that it repeats an earlier one, JSON body (null when it is not JSON).
    Answer {
        status: u16,
        replayed: bool,
        body: Value,
    },
    /// Why there is none.
    Nothing(String),
}

/// Longest an answer is waited for, beyond what the request asks the API to hold it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The addresses of one installation's API, with the keys of its tenants.
#[derive(Clone, Debug)]
pub(super) struct Api {
    egress: Egress,
    urls: Vec<String>,
    keys: Vec<String>,
}

impl Api {
    /// `urls` without a slash at their end.
    pub(super) fn new(urls: Vec<String>, keys: Vec<String>) -> Self {
        Self {
            egress: client(),
            urls,
            keys,
        }
    }

    /// How many keys there are.
    pub(super) fn tenants(&self) -> usize {
        self.keys.len()
    }

    /// Sends once. `turn` chooses among the addresses, so that a repeat goes to another process where there is one.
    pub(super) async fn send(
        &self,
        tenant: usize,
        turn: usize,
        method: &str,
        path: &str,
        sent: Sent<'_>,
    ) -> Reply {
        let (Some(url), Some(key)) = (
            self.urls.get(turn % self.urls.len().max(1)),
            self.keys.get(tenant),
        ) else {
            return Reply::Nothing("no address or no key".to_owned());
        };
        let mut headers = vec![("authorization".to_owned(), format!("Bearer {key}"))];
        if sent.body.is_some() {
            headers.push(("content-type".to_owned(), sent.media.to_owned()));
        }
        let request = Request {
            method: method.to_owned(),
            url: format!("{url}{path}"),
            headers,
            body: sent.body.map(|body| body.to_string().into()),
            timeout: Some(PATIENCE + sent.held),
            follow_redirects: false,
            idempotency_key: sent.key.map(str::to_owned),
        };
        match self.egress.send(request).await {
            Err(error) => Reply::Nothing(error.to_string()),
            Ok(response) => Reply::Answer {
                status: response.status,
                replayed: response
                    .headers
                    .iter()
                    .any(|(name, value)| name == "idempotency-replayed" && value == "true"),
                body: serde_json::from_slice(&response.body).unwrap_or(Value::Null),
            },
        }
    }

    /// Reads; None when there is no answer of 200.
    pub(super) async fn read(&self, tenant: usize, turn: usize, path: &str, held: Duration) -> Option<Value> {
        let sent = Sent {
            held,
            ..Sent::default()
        };
        match self.send(tenant, turn, "GET", path, sent).await {
            Reply::Answer {
                status: 200, body, ..
            } => Some(body),
            _ => None,
        }
    }
}

/// What goes with a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'a> {
    pub(super) body: Option<&'a Value>,
    pub(super) media: &'a str,
    /// Header Idempotency-Key.
    pub(super) key: Option<&'a str>,
    /// How long the request asks the API to wait.
    pub(super) held: Duration,
}

impl Default for Sent<'_> {
    fn default() -> Self {
        Self {
            body: None,
            media: "application/json",
            key: None,
            held: Duration::ZERO,
        }
    }
}

impl<'a> Sent<'a> {
    /// JSON.
    pub(super) fn json(body: &'a Value) -> Self {
        Self {
            body: Some(body),
            ..Self::default()
        }
    }
}
