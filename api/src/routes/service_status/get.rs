//! `GET /api/status`.

use std::sync::Arc;

use poem_openapi::OpenApi;

use super::view::StatusBody;
use crate::{
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Get(pub Arc<Shared>);

impl Failures for Get {
    const CODES: &'static [Code] = &[];
}

#[OpenApi]
impl Get {
    /// How the service is
    ///
    /// For everybody, without a key: measured every few minutes, uptime with the share of time that was measured, and
    /// incidents of the last thirty days. While the database does not answer, the state is `down` and the rest is missing.
    #[oai(
        path = "/api/status",
        method = "get",
        operation_id = "getServiceStatus",
        tag = "Tag::Service"
    )]
    async fn get(&self) -> Result<Json<StatusBody>, Failed<Self>> {
        let found = self.0.service_status.of(&self.0).await;
        Ok(Json(
            found.as_deref().map_or_else(StatusBody::away, StatusBody::of),
        ))
    }
}
