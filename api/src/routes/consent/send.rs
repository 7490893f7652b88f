//! `POST /api/v1/marketing/send`.

use std::sync::Arc;

use bytes::Bytes;
use levqor_accounts::Email;
use levqor_consent::send::{Order, RECIPIENTS, order};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    registry::{MetaSchemaRef, Registry},
    types::Type,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::rules::{email, invalid, line, scope, text};
use crate::{
    auth::Caller,
    body::{Form, RawBody, typed},
    error::{Code, Failed, Failures, Problem},
    intake::header_key,
    json::Json,
    routes::{Tag, intake::IdempotencyKey},
    state::Shared,
};

/// Most characters of a text, and of its HTML.
const TEXT: usize = 100_000;

/// What a fragment of HTML does not hold: the mail around it is ours, and mail programs run no script. Comments, styles and
/// what is read as text up to its end could hide the foot below, which the law has in each mail.
const WHOLE_PAGES: [&str; 19] = [
    "<!doctype",
    "<!--",
    "<![",
    "<html",
    "<head",
    "<body",
    "</body",
    "</html",
    "<script",
    "<noscript",
    "<style",
    "<link",
    "<title",
    "<textarea",
    "<plaintext",
    "<xmp",
    "<template",
    "<iframe",
    "<base",
];

pub(crate) struct Send(pub Arc<Shared>);

pub(crate) struct Body;

impl Form for Body {
    const MEDIA: &'static [&'static str] = &["application/json"];

    fn schema(_media: &str) -> MetaSchemaRef {
        NewSend::schema_ref()
    }

    fn register(registry: &mut Registry) {
        NewSend::register(registry);
    }
}

/// A mail to all of a list who have agreed to it.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct NewSend {
    /// The list.
    #[oai(validator(max_length = 50))]
    scope: String,
    /// One line.
    #[oai(validator(min_length = 1, max_length = 150))]
    subject: String,
    /// Plain text. Reason, sender and the links to unsubscribe are added below it.
    #[oai(validator(min_length = 1, max_length = 100_000))]
    text: String,
    /// The same as a fragment of HTML; made of the text when left out.
    #[oai(validator(max_length = 100_000))]
    html: Option<String>,
    /// To these only, as far as they have agreed; to all who have when left out.
    #[oai(validator(max_items = 1000))]
    recipients: Option<Vec<String>>,
}

/// A mail that was ordered.
#[derive(Serialize, Object)]
struct AcceptedSend {
    /// The order's id.
    id: String,
    /// The run that writes the mails. Its output says how many were `queued`, and how many were `passed_over` because
    /// they have not agreed.
    job_id: String,
    /// Where the run can be followed.
    url: String,
}

#[derive(ApiResponse)]
enum Answer {
    /// Accepted and committed.
    #[oai(status = 202)]
    Accepted(
        Json<AcceptedSend>,
        /// `true` when an earlier request with the same key ordered it; nothing was ordered now.
        #[oai(header = "Idempotency-Replayed")]
        Option<String>,
    ),
}

impl Failures for Send {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::BillingSuspended,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::IdempotencyConflict,
        Code::SenderMissing,
        Code::TooManyItems,
        Code::NotConfigured,
    ];
}

#[OpenApi]
impl Send {
    /// Send marketing mail
    ///
    /// Whether a recipient has agreed is looked up once more when the mail leaves, so who withdraws until then gets none.
    /// While the tenant is suspended for an overdue bill nothing is taken.
    #[oai(
        path = "/api/v1/marketing/send",
        method = "post",
        operation_id = "sendMarketing",
        tag = "Tag::Consent"
    )]
    async fn send(
        &self,
        caller: Caller,
        /// Makes the request safe to repeat, for ever. 1 to 255 characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: RawBody<Body>,
    ) -> Result<Answer, Failed<Self>> {
        let body = body.read().await?;
        self.0.suspensions.check(&self.0, caller.tenant).await?;
        let key = key.0.as_deref().map(header_key).transpose()?;
        let platform = &self.0.api.platform;
        let placed = order(platform, caller.tenant, read(&body, key)?).await?;
        let input = json!({"send": placed.id});
        let id = placed.id.to_string();
        let run = platform
            .processes
            .start(caller.tenant, "marketing-send", &id, &input)
            .await?;
        let accepted = AcceptedSend {
            id,
            job_id: run.to_string(),
            url: format!("{}/api/v1/runs/{run}", self.0.base()),
        };
        Ok(Answer::Accepted(
            Json(accepted),
            placed.replayed.then(|| "true".to_owned()),
        ))
    }
}

fn read(body: &Bytes, key: Option<String>) -> Result<Order, Problem> {
    let send: NewSend = typed(body)?;
    Ok(Order {
        key,
        request_hash: Sha256::digest(body).into(),
        scope: scope(&send.scope)?,
        subject: line("/subject", send.subject, 150)?,
        text: text("/text", send.text, TEXT)?,
        html: send.html.map(html).transpose()?.unwrap_or_default(),
        recipients: send.recipients.as_deref().map(recipients).transpose()?,
    })
}

fn html(html: String) -> Result<String, Problem> {
    let lower = html.to_lowercase();
    match WHOLE_PAGES.iter().find(|part| lower.contains(**part)) {
        Some(part) => Err(invalid("/html", format!("Expected a fragment, without {part}."))),
        None => text("/html", html, TEXT),
    }
}

fn recipients(texts: &[String]) -> Result<Vec<Email>, Problem> {
    if texts.len() > RECIPIENTS {
        let detail =
            format!("More than {RECIPIENTS} recipients: leave the member out to send to the whole list.");
        return Err(Problem::new(Code::TooManyItems, detail).at("/recipients"));
    }
    let numbered = texts.iter().enumerate();
    let parsed = numbered.map(|(index, text)| email(&format!("/recipients/{index}"), text));
    let mut recipients = parsed.collect::<Result<Vec<_>, _>>()?;
    recipients.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    recipients.dedup();
    Ok(recipients)
}
