//! A client of the HTTP API, as a caller would write it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

/// States in which nothing more happens.
pub const ENDED: [&str; 3] = ["completed", "faulted", "cancelled"];

/// Calls one API with one key.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    key: String,
}

impl Client {
    /// `url` without a slash at its end.
    #[expect(clippy::disallowed_methods, reason = "the test is an outside caller")]
    pub fn new(url: &str, key: &str) -> Result<Self> {
        // A second call finds the provider installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(70))
            .build()?;
        Ok(Self {
            http,
            url: url.to_owned(),
            key: key.to_owned(),
        })
    }

    /// The API's URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The key it sends.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// A request with the key.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.key)
    }

    /// A request without a key.
    pub fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// A figure of the process's `/metrics`: the first line that begins with `name`.
    pub async fn metric(&self, name: &str) -> Result<f64> {
        let request = self.anonymous(Method::GET, "/metrics");
        let text = request.send().await?.error_for_status()?.text().await?;
        let line = text.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.rsplit(' ').next());
        Ok(value.with_context(|| format!("no {name}"))?.parse()?)
    }

    /// GET: status and JSON body (null when it is not JSON).
    pub async fn get(&self, path: &str) -> Result<(StatusCode, Value)> {
        answer(self.request(Method::GET, path)).await
    }

    /// POST of JSON: status and JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Result<(StatusCode, Value)> {
        answer(self.request(Method::POST, path).json(body)).await
    }

    /// Stores a document; an error when it is refused.
    pub async fn store(&self, document: &str) -> Result<Value> {
        let request = self
            .request(Method::POST, "/api/v1/workflows")
            .body(document.to_owned());
        let (status, body) = answer(request.header("content-type", "application/yaml")).await?;
        ensure!(
            status.is_success(),
            "the document is refused with {status}: {body}"
        );
        Ok(body)
    }

    /// Starts one run; its id.
    pub async fn start(&self, workflow: &str, payload: Value) -> Result<String> {
        let (status, body) = self
            .post(
                "/api/v1/intake",
                &json!({"workflow": workflow, "payload": payload}),
            )
            .await?;
        ensure!(
            status == StatusCode::ACCEPTED,
            "the run is refused with {status}: {body}"
        );
        id(&body)
    }

    /// Starts many runs in one request; their ids in order. Errors when one is refused.
    pub async fn start_batch(&self, items: Vec<Value>) -> Result<Vec<String>> {
        let (status, body) = self.post("/api/v1/intake/batch", &Value::Array(items)).await?;
        ensure!(status.is_success(), "the batch is refused with {status}: {body}");
        let results = body["items"]
            .as_array()
            .with_context(|| format!("no items in {body}"))?;
        results.iter().map(id).collect()
    }

    /// The run as it is now.
    pub async fn run(&self, id: &str) -> Result<Value> {
        let (status, body) = self.get(&format!("/api/v1/runs/{id}")).await?;
        ensure!(
            status == StatusCode::OK,
            "the run cannot be read: {status} {body}"
        );
        Ok(body)
    }

    /// Waits until the run has ended, asking again as long as `limit` lasts, also when the API is away.
    pub async fn ended(&self, id: &str, limit: Duration) -> Result<Value> {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            let answer = self.get(&format!("/api/v1/runs/{id}?wait=10s")).await;
            if let Ok((_, body)) = &answer
                && body["state"].as_str().is_some_and(|state| ENDED.contains(&state))
            {
                return Ok(body.clone());
            }
            let late = tokio::time::Instant::now() > deadline;
            ensure!(!late, "run {id} has not ended within {limit:?}: {answer:?}");
            tokio::task::yield_now().await;
        }
    }

    /// The steps of a run's journal.
    pub async fn journal(&self, id: &str) -> Result<Vec<Value>> {
        let (status, body) = self.get(&format!("/api/v1/runs/{id}/journal")).await?;
        ensure!(
            status == StatusCode::OK,
            "the journal cannot be read: {status} {body}"
        );
        Ok(body["steps"]
            .as_array()
            .with_context(|| format!("no steps in {body}"))?
            .clone())
    }
}

/// `job_id` of an intake answer.
fn id(body: &Value) -> Result<String> {
    Ok(body["job_id"]
        .as_str()
        .with_context(|| format!("no job_id in {body}"))?
        .to_owned())
}

/// Sends; status and JSON body (null when it is not JSON).
async fn answer(request: RequestBuilder) -> Result<(StatusCode, Value)> {
    let response = request.send().await?;
    let status = response.status();
    let bytes = response.bytes().await?;
    Ok((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
}
