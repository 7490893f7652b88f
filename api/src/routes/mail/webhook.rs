//! `POST /api/mail/webhook/resend`.

use std::sync::Arc;

use levqor_mail::webhook::{Event, Signed, apply};
use levqor_platform::NotConfigured;
use poem::http::HeaderMap;
use poem_openapi::{
    ApiResponse, OpenApi,
    registry::{MetaSchema, MetaSchemaRef, Registry},
};

use crate::{
    body::{Form, RawBody},
    error::{Code, Failed, Failures, Problem},
    routes::Tag,
    state::Shared,
};

pub(crate) struct Webhook(pub Arc<Shared>);

struct Body;

impl Form for Body {
    const MEDIA: &'static [&'static str] = &["application/json"];
    const LIMIT: usize = 256 * 1024;

    fn schema(_media: &str) -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some("An event of Resend."),
            ..MetaSchema::new("object")
        }))
    }

    fn register(_registry: &mut Registry) {}
}

#[derive(ApiResponse)]
enum Answer {
    /// Noted, or of no interest here.
    #[oai(status = 204)]
    Noted,
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
    /// Take an event of Resend
    ///
    /// Signed as Standard Webhooks under `svix-id`, `svix-timestamp` and `svix-signature`, no more than five minutes ago. A
    /// hard bounce or a complaint suppresses the address. Events may come twice and in any order.
    #[oai(
        path = "/api/mail/webhook/resend",
        method = "post",
        operation_id = "takeResendEvent",
        tag = "Tag::Mails"
    )]
    async fn take(&self, headers: &HeaderMap, body: RawBody<Body>) -> Result<Answer, Failed<Self>> {
        let platform = &self.0.api.platform;
        let feature = "mail webhooks";
        let setting = "resend_webhook_secret";
        let secrets = self.0.api.options.resend_webhook_secrets.as_ref();
        let secrets = secrets.ok_or(NotConfigured { feature, setting })?;
        let keys = platform.secrets(feature)?;
        let body = body.read().await?;
        let text = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let message = Signed {
            id: text("svix-id"),
            timestamp: text("svix-timestamp"),
            signature: text("svix-signature"),
            body: &body,
        };
        if !secrets.verify(message, platform.db.now().await?) {
            let detail = "None of the configured secrets signed this message just now.";
            return Err(Problem::new(Code::InvalidSignature, detail)
                .header("svix-signature")
                .into());
        }
        let event = Event::parse(&body);
        let event =
            event.ok_or_else(|| Problem::new(Code::InvalidMember, "Expected an event of Resend.").at(""))?;
        apply(platform, keys, &event).await?;
        Ok(Answer::Noted)
    }
}
