//! A page whose form leads, by way of this server, to another one.

use poem::{
    IntoResponse, Response,
    http::{HeaderValue, header},
};
use poem_openapi::{
    payload::Payload,
    registry::{MetaSchemaRef, Registry},
};

use super::{POLICY, Page};

/// Such a page. Some browsers hold `form-action` against the redirect that answers a form too (CSP 3, 6.3.1), so its
/// policy names https beside this server.
#[derive(Debug)]
pub(crate) struct Leading(pub Page);

impl Payload for Leading {
    const CONTENT_TYPE: &'static str = Page::CONTENT_TYPE;

    fn schema_ref() -> MetaSchemaRef {
        Page::schema_ref()
    }

    fn register(registry: &mut Registry) {
        Page::register(registry);
    }
}

impl IntoResponse for Leading {
    fn into_response(self) -> Response {
        let policy = POLICY.replace("form-action 'self'", "form-action 'self' https:");
        let mut response = self.0.into_response();
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            response
                .headers_mut()
                .insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}
