//! `POST /api/stripe/webhook`.

use std::sync::Arc;

use levqor_billing::{receive, verify};
use levqor_platform::NotConfigured;
use poem::http::HeaderMap;
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    registry::{MetaSchema, MetaSchemaRef, Registry},
};
use serde::Serialize;

use crate::{
    body::{Form, RawBody},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

/// Header that Stripe signs in.
const HEADER: &str = "Stripe-Signature";

pub(crate) struct Webhook(pub Arc<Shared>);

struct Body;

impl Form for Body {
    const MEDIA: &'static [&'static str] = &["application/json", "*/*"];
    const LIMIT: usize = 1024 * 1024;

    fn schema(_media: &str) -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some("An event of Stripe, of any type and API version."),
            ..MetaSchema::ANY
        }))
    }

    fn register(_registry: &mut Registry) {}
}

/// What became of an event.
#[derive(Serialize, Object)]
struct Received {
    /// True when it was stored before; nothing was done now.
    duplicate: bool,
}

#[derive(ApiResponse)]
enum Answer {
    /// The event is stored, and is processed soon.
    #[oai(status = 200)]
    Stored(Json<Received>),
}

impl Failures for Webhook {
    const CODES: &'static [Code] = &[
        Code::InvalidSignature,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::NotConfigured,
    ];
}

#[OpenApi]
impl Webhook {
    /// Take an event of Stripe
    ///
    /// No key is needed: the signature in `Stripe-Signature` is checked against the secrets of the endpoint, and the time
    /// in it must be within 300 seconds. The answer comes when the event is stored, before it is processed; repeats, and
    /// events in any order, are welcome.
    #[oai(
        path = "/api/stripe/webhook",
        method = "post",
        operation_id = "receiveStripeEvent",
        tag = "Tag::Billing"
    )]
    async fn receive(&self, headers: &HeaderMap, body: RawBody<Body>) -> Result<Answer, Failed<Self>> {
        let secrets = &self.0.api.stripe.webhook_secrets;
        if secrets.is_empty() {
            let (feature, setting) = ("Stripe's webhook", "stripe_webhook_secrets");
            return Err(NotConfigured { feature, setting }.into());
        }
        let bad = |why: String| Problem::new(Code::InvalidSignature, why).header(HEADER);
        let signature = headers.get(HEADER).and_then(|value| value.to_str().ok());
        let signature = signature.ok_or_else(|| bad("The header is missing.".to_owned()))?;
        let body = body.read().await?;
        let db = &self.0.api.platform.db;
        verify(signature, &body, secrets, db.now().await?)
            .map_err(|why| bad(format!("It is not accepted: {why}.")))?;
        let stored = receive(db, &body).await?;
        Ok(Answer::Stored(Json(Received { duplicate: !stored })))
    }
}
