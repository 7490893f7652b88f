//! Answers in JSON, written straight from the types; the framework's own payload builds a tree first.

use poem::{IntoResponse, Response, http::StatusCode};
use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry},
    types::{Any, Type},
};
use serde::Serialize;
use serde_json::value::RawValue;

/// JSON text that is passed on as it is.
pub(crate) type Raw = Any<Box<RawValue>>;

/// Stored JSON text. Text that is no JSON cannot have been stored by this program: it is logged and left out.
pub(crate) fn raw(text: Vec<u8>) -> Option<Raw> {
    let value = String::from_utf8(text)
        .ok()
        .and_then(|text| RawValue::from_string(text).ok());
    if value.is_none() {
        tracing::error!("stored JSON cannot be read");
    }
    value.map(Any)
}

/// A JSON answer.
pub(crate) struct Json<T>(pub T);

impl<T: Type> Payload for Json<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Serialize + Send> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => Response::builder().content_type("application/json").body(body),
            Err(error) => {
                tracing::error!(%error, "answer cannot be written");
                StatusCode::INTERNAL_SERVER_ERROR.into()
            }
        }
    }
}

impl<T: Type + Serialize> ApiResponse for Json<T> {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType {
            content_type: Self::CONTENT_TYPE,
            schema: <Self as Payload>::schema_ref(),
        }];
        let response = MetaResponse {
            description: "Success.",
            status: Some(200),
            status_range: None,
            content,
            headers: Vec::new(),
        };
        MetaResponses {
            responses: vec![response],
        }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}
