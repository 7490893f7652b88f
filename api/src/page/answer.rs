//! A page as an answer.

use poem::{IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};

use super::POLICY;

/// A whole page. As the answer of an operation it is a 200; in a variant of an `ApiResponse` it has that one's status.
#[derive(Debug)]
pub(crate) struct Page(pub(super) String);

impl Payload for Page {
    const CONTENT_TYPE: &'static str = "text/html; charset=utf-8";

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")))
    }

    fn register(_registry: &mut Registry) {}
}

impl IntoResponse for Page {
    /// It may hold what is nobody else's business, and its URL a token: not kept, and not told to where a link leads.
    fn into_response(self) -> Response {
        Response::builder()
            .content_type(Self::CONTENT_TYPE)
            .header(header::CONTENT_SECURITY_POLICY, POLICY.as_str())
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::REFERRER_POLICY, "no-referrer")
            .body(self.0)
    }
}

impl ApiResponse for Page {
    fn meta() -> MetaResponses {
        let response = MetaResponse {
            description: "The page.",
            status: Some(200),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: Self::CONTENT_TYPE,
                schema: Self::schema_ref(),
            }],
            headers: Vec::new(),
        };
        MetaResponses {
            responses: vec![response],
        }
    }

    fn register(_registry: &mut Registry) {}
}
