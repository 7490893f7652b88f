//! A file in an answer, with the headers a browser needs.

use poem::{IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};

/// Pages run no script and load nothing.
pub(super) const PLAIN_POLICY: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The documentation runs its own script, and its style sheet sets styles on elements.
pub(super) const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// How long a browser may keep a file that changes only with the program.
const KEEP: &str = "public, max-age=3600";

/// A file of this program.
pub(super) struct File {
    pub media: &'static str,
    pub policy: &'static str,
    pub body: std::borrow::Cow<'static, str>,
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        let body = match self.body {
            std::borrow::Cow::Borrowed(text) => poem::Body::from(text),
            std::borrow::Cow::Owned(text) => poem::Body::from(text),
        };
        Response::builder()
            .content_type(self.media)
            .header(header::CONTENT_SECURITY_POLICY, self.policy)
            .header(header::CACHE_CONTROL, KEEP)
            .body(body)
    }
}

impl ApiResponse for File {
    fn meta() -> MetaResponses {
        let schema = || MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")));
        let response = MetaResponse {
            description: "The file.",
            status: Some(200),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: "*/*",
                schema: schema(),
            }],
            headers: Vec::new(),
        };
        MetaResponses {
            responses: vec![response],
        }
    }

    fn register(_registry: &mut Registry) {}
}
