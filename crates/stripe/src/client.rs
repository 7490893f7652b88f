//! One request, one answer.

use std::{fmt, time::Duration};

use bytes::Bytes;
use levqor_egress::{Egress, Request, Response};
use stripe_client_core::{CustomizedStripeRequest, RequestBuilder, StripeClient, StripeMethod, VERSION};

use crate::error::{Failure, failed};

/// Where Stripe is.
const STRIPE: &str = "https://api.stripe.com";

/// A person waits for the answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Asks Stripe. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    egress: Egress,
    secret_key: String,
    url: String,
}

impl Client {
    /// With the operator's secret key (`sk_…`, or a restricted `rk_…` that may write portal sessions). `url` stands in
    /// for `https://api.stripe.com`.
    pub fn new(egress: Egress, secret_key: String, url: Option<&str>) -> Self {
        Self {
            egress,
            secret_key,
            url: url.unwrap_or(STRIPE).trim_end_matches('/').to_owned(),
        }
    }

    fn request(&self, asked: RequestBuilder, key: Option<String>) -> Request {
        let method = match asked.method {
            StripeMethod::Get => "GET",
            StripeMethod::Post => "POST",
            StripeMethod::Delete => "DELETE",
        };
        let query = asked.query.map_or_else(String::new, |query| format!("?{query}"));
        let mut headers = vec![
            ("authorization".to_owned(), format!("Bearer {}", self.secret_key)),
            ("stripe-version".to_owned(), VERSION.to_string()),
            (
                "user-agent".to_owned(),
                concat!("Levqor/", env!("CARGO_PKG_VERSION")).to_owned(),
            ),
        ];
        if asked.body.is_some() {
            headers.push((
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            ));
        }
        Request {
            method: method.to_owned(),
            url: format!("{}/v1{}{query}", self.url, asked.path),
            headers,
            body: asked.body.map(Bytes::from),
            timeout: Some(TIMEOUT),
            follow_redirects: false,
            idempotency_key: key,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl StripeClient for Client {
    type Err = Failure;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, Failure> {
        let (asked, config) = request.into_pieces();
        let key = config.request_strategy.and_then(|strategy| strategy.get_key());
        let request = self.request(asked, key.map(stripe_client_core::IdempotencyKey::into_inner));
        let Response { status, body, .. } = self.egress.send(request).await?;
        if (200..300).contains(&status) {
            Ok(body)
        } else {
            Err(failed(status, &body))
        }
    }
}
