//! A thin client of Notion's API: three calls, paced.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use levqor_egress::{Egress, Request, Response};
use serde_json::{Value, json};
use tokio::{sync::Mutex, time::Instant};

use crate::{Failure, Workspace, properties::EXTERNAL_ID};

/// Where the API is.
pub const NOTION_URL: &str = "https://api.notion.com";

/// Pinned: data sources, `in_trash`.
pub const NOTION_VERSION: &str = "2026-03-11";

/// Three requests a second are allowed on average (Notion's documentation, Request limits).
const PACE: Duration = Duration::from_millis(334);

/// For one exchange.
const PATIENCE: Duration = Duration::from_secs(20);

/// When an answer says 429 and not how long.
const BUSY: Duration = Duration::from_secs(5);

/// The longest that Retry-After is believed.
const LONGEST_BUSY: Duration = Duration::from_mins(10);

/// A client with one token. Clones share its pace.
#[derive(Clone)]
pub struct Client {
    egress: Egress,
    url: Arc<str>,
    token: Arc<str>,
    next: Arc<Mutex<Instant>>,
}

impl Client {
    /// `url` without a slash at the end; `token` is an integration's secret.
    pub fn new(egress: Egress, url: &str, token: &str) -> Self {
        Self {
            egress,
            url: url.into(),
            token: token.into(),
            next: Arc::new(Mutex::new(Instant::now())),
        }
    }

    /// Whether the token opens this data source.
    pub async fn check(&self, data_source: &str) -> Result<(), Failure> {
        let path = format!("/v1/data_sources/{data_source}");
        self.call("GET", &path, &Value::Null).await.map(drop)
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        self.turn().await;
        let response = self.egress.send(self.request(method, path, body)).await?;
        match read(&response) {
            Err(Failure::Busy(wait)) => {
                let mut next = self.next.lock().await;
                *next = (*next).max(Instant::now() + wait);
                Err(Failure::Busy(wait))
            }
            other => other,
        }
    }

    /// Waits for this call's turn.
    async fn turn(&self) {
        let at = {
            let mut next = self.next.lock().await;
            let at = (*next).max(Instant::now());
            *next = at + PACE;
            at
        };
        tokio::time::sleep_until(at).await;
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> Request {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Request {
            method: method.to_owned(),
            url: format!("{}{path}", self.url),
            headers: vec![
                header("authorization", &format!("Bearer {}", self.token)),
                header("notion-version", NOTION_VERSION),
                header("content-type", "application/json"),
                header("user-agent", concat!("levqor/", env!("CARGO_PKG_VERSION"))),
            ],
            body: (!body.is_null()).then(|| body.to_string().into()),
            timeout: Some(PATIENCE),
            ..Request::default()
        }
    }
}

#[async_trait]
impl Workspace for Client {
    async fn find(&self, data_source: &str, external_id: &str) -> Result<Option<String>, Failure> {
        let query = json!({
            "filter": {"property": EXTERNAL_ID, "rich_text": {"equals": external_id}},
            "page_size": 1,
        });
        let path = format!("/v1/data_sources/{data_source}/query");
        let found = self.call("POST", &path, &query).await?;
        Ok(found["results"][0]["id"].as_str().map(str::to_owned))
    }

    async fn create(&self, data_source: &str, properties: &Value) -> Result<String, Failure> {
        let page = json!({
            "parent": {"type": "data_source_id", "data_source_id": data_source},
            "properties": properties,
        });
        let made = self.call("POST", "/v1/pages", &page).await?;
        let id = made["id"].as_str().map(str::to_owned);
        id.ok_or_else(|| Failure::Unavailable("the answer names no page".to_owned()))
    }

    async fn update(&self, page: &str, properties: &Value) -> Result<(), Failure> {
        let change = json!({"properties": properties});
        self.call("PATCH", &format!("/v1/pages/{page}"), &change)
            .await
            .map(drop)
    }
}

fn read(response: &Response) -> Result<Value, Failure> {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    // Notion's words of what is wrong: no values of ours are in them but names of properties.
    let said = || {
        let message: String = body["message"]
            .as_str()
            .unwrap_or_default()
            .chars()
            .take(300)
            .collect();
        format!("{} {message}", response.status)
    };
    match response.status {
        200..300 => Ok(body),
        429 | 529 => Err(Failure::Busy(wait(response))),
        404 => Err(Failure::Missing(said())),
        400 | 401 | 403 => Err(Failure::Refused(said())),
        _ => Err(Failure::Unavailable(said())),
    }
}

fn wait(response: &Response) -> Duration {
    let said = response.headers.iter().find(|(name, _)| name == "retry-after");
    let seconds = said.and_then(|(_, value)| value.parse().ok());
    seconds.map_or(BUSY, Duration::from_secs).min(LONGEST_BUSY)
}
