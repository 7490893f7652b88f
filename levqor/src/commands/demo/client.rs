//! A caller of this server, as anybody outside would be one.

use std::time::Duration;

use anyhow::{Context, ensure};
use levqor_egress::{Egress, Request, Response};
use serde_json::Value;

/// How long something that must come may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// A caller with a bearer token.
#[derive(Clone)]
pub(super) struct Client {
    egress: Egress,
    url: String,
    token: String,
}

impl Client {
    pub(super) fn new(egress: Egress, url: &str, token: &str) -> Self {
        Self {
            egress,
            url: url.to_owned(),
            token: token.to_owned(),
        }
    }

    /// The same server, another token.
    pub(super) fn with(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// POST of JSON; the answer's body, and an error when it is no success.
    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = self.send("POST", path, Some(body.to_string()), &[]).await?;
        let shown = String::from_utf8_lossy(&answer.body).into_owned();
        ensure!(
            answer.status < 300,
            "POST {path} answered {}: {shown}",
            answer.status
        );
        Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    /// GET of JSON.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.send("GET", path, None, &[]).await?;
        ensure!(answer.status < 300, "GET {path} answered {}", answer.status);
        serde_json::from_slice(&answer.body).with_context(|| format!("GET {path} is no JSON"))
    }

    /// Any request with a body of text and headers.
    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> anyhow::Result<Response> {
        let mut all = vec![("authorization".to_owned(), format!("Bearer {}", self.token))];
        all.extend(
            headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        if body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            all.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let request = Request {
            method: method.to_owned(),
            url: format!("{}{path}", self.url),
            headers: all,
            body: body.map(Into::into),
            ..Request::default()
        };
        Ok(self.egress.send(request).await?)
    }

    /// GETs until the answer is as wanted.
    pub(super) async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        patiently(path, async || {
            let answer = self.get(path).await?;
            Ok(wanted(&answer).then_some(answer))
        })
        .await
    }
}

/// Looks again and again until there is something, for ten seconds at most.
pub(super) async fn patiently<T>(
    what: &str,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        ensure!(
            tokio::time::Instant::now() < deadline,
            "{what} did not come about"
        );
        tokio::time::sleep(PAUSE).await;
    }
}
