//! The HTTP API of Resend: `POST /emails`.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use levqor_egress::{Egress, EgressError, Request, Response};
use serde::{Deserialize, Serialize};

use super::{Failure, MOST_PATIENCE, PATIENCE, Transport};
use crate::message::Message;

/// Longest an exchange may take.
const EXCHANGE: Duration = Duration::from_secs(20);

/// Most characters of an error's text that are kept.
const REASON: usize = 300;

pub(crate) struct Resend {
    egress: Egress,
    key: String,
    url: String,
    timeout: Duration,
}

impl Resend {
    /// `url` without a slash at the end.
    pub(crate) fn new(egress: Egress, key: String, url: &str) -> Self {
        Self {
            egress,
            key,
            url: format!("{url}/emails"),
            timeout: EXCHANGE,
        }
    }
}

/// What is sent. It must be the same at every try: Resend refuses a key that comes with another body.
#[derive(Serialize)]
struct Body<'a> {
    from: String,
    to: [&'a str; 1],
    subject: &'a str,
    text: &'a str,
    html: &'a str,
    headers: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<File<'a>>,
    tags: [Tag; 1],
}

#[derive(Serialize)]
struct File<'a> {
    filename: &'a str,
    content_type: &'a str,
    content: String,
}

/// Comes back in webhooks, and says there which mail they are about.
#[derive(Serialize)]
struct Tag {
    name: &'static str,
    value: String,
}

/// Name of the tag with the mail's id.
pub(crate) const TAG: &str = "mail_id";

impl<'a> Body<'a> {
    /// Date and Message-ID are the provider's own.
    fn new(message: &'a Message) -> Self {
        let file = |file: &'a crate::message::File| File {
            filename: &file.name,
            content_type: &file.media_type,
            content: BASE64_STANDARD.encode(&file.content),
        };
        Self {
            from: message.from.to_string(),
            to: [message.to.as_ref()],
            subject: &message.subject,
            text: &message.text,
            html: &message.html,
            headers: message
                .headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect(),
            attachments: message.files.iter().map(file).collect(),
            tags: [Tag {
                name: TAG,
                value: message.id.to_string(),
            }],
        }
    }
}

#[async_trait]
impl Transport for Resend {
    async fn send(&self, message: &Message) -> Result<Option<String>, Failure> {
        let body =
            serde_json::to_vec(&Body::new(message)).map_err(|error| Failure::Final(error.to_string()))?;
        let request = Request {
            method: "POST".to_owned(),
            url: self.url.clone(),
            headers: vec![
                ("authorization".to_owned(), format!("Bearer {}", self.key)),
                ("content-type".to_owned(), "application/json".to_owned()),
            ],
            body: Some(body.into()),
            timeout: Some(self.timeout),
            follow_redirects: false,
            idempotency_key: Some(message.id.to_string()),
        };
        match self.egress.send(request).await {
            Ok(response) => judge(&response),
            Err(error @ EgressError::Refused(_)) => Err(Failure::here(error.to_string())),
            Err(error) => Err(Failure::Again(error.to_string())),
        }
    }
}

#[derive(Deserialize)]
struct Taken {
    id: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    name: String,
    message: String,
}

/// Resend's statuses: 429 asks for patience; 401 and 403 speak of the key or the domain, 404 and 405 of the URL, which
/// are the operator's to mend; other 4xx speak of this mail.
fn judge(response: &Response) -> Result<Option<String>, Failure> {
    let status = response.status;
    if (200..300).contains(&status) {
        let taken: Option<Taken> = serde_json::from_slice(&response.body).ok();
        return Ok(taken.map(|taken| taken.id));
    }
    let refusal: Refusal = serde_json::from_slice(&response.body).unwrap_or_default();
    let reason = reason(status, &refusal);
    Err(match (status, refusal.name.as_str()) {
        (429, _) => Failure::Here {
            reason,
            after: retry_after(response),
        },
        (300..=399 | 401 | 403..=405, _) => Failure::here(reason),
        (408 | 500.., _) | (409, "concurrent_idempotent_requests") => Failure::Again(reason),
        _ => Failure::Final(reason),
    })
}

fn reason(status: u16, refusal: &Refusal) -> String {
    let text = format!("answered {status} {}: {}", refusal.name, refusal.message);
    text.chars().filter(|c| !c.is_control()).take(REASON).collect()
}

/// Seconds; Resend writes no dates there.
fn retry_after(response: &Response) -> Duration {
    let header = response.headers.iter().find(|(name, _)| name == "retry-after");
    let seconds = header.and_then(|(_, value)| value.trim().parse().ok());
    seconds
        .map_or(PATIENCE, Duration::from_secs)
        .clamp(Duration::from_secs(1), MOST_PATIENCE)
}

#[cfg(test)]
mod tests;
