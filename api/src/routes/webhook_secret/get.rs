//! `GET /api/v1/webhook-secret`.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use crate::{
    auth::Caller,
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

/// How callbacks are signed.
const SCHEME: &str = "standard-webhooks v1";

pub(crate) struct Get(pub Arc<Shared>);

/// What callbacks are verified with.
#[derive(Serialize, Object)]
struct WebhookSecret {
    /// The tenant's secret: `whsec_` and 32 bytes in base64. Keep it as safe as an API key.
    secret: String,
    /// `standard-webhooks v1`: `webhook-signature` is `v1,` and the base64 of the HMAC-SHA256, under the secret's
    /// bytes, of `{webhook-id}.{webhook-timestamp}.{body}`.
    scheme: String,
}

impl Failures for Get {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::NotConfigured];
}

#[OpenApi]
impl Get {
    /// Read the secret that callbacks are signed with
    ///
    /// One for each tenant, the same as long as the operator keeps the installation's secret key. Any library for
    /// Standard Webhooks takes it as it is. Refuse a message whose signature does not fit or whose `webhook-timestamp`
    /// is old; a repeat has the `webhook-id` of the first try.
    #[oai(
        path = "/api/v1/webhook-secret",
        method = "get",
        operation_id = "getWebhookSecret",
        tag = "Tag::Runs"
    )]
    async fn get(&self, caller: Caller) -> Result<Json<WebhookSecret>, Failed<Self>> {
        let Some(secret) = &self.0.api.webhook_secret else {
            let detail = "No `secret_key` is set for this API, so callbacks cannot be verified.";
            return Err(Problem::new(Code::NotConfigured, detail).into());
        };
        Ok(Json(WebhookSecret {
            secret: secret(caller.tenant),
            scheme: SCHEME.into(),
        }))
    }
}
