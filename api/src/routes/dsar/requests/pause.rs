//! `POST /api/v1/dsar/requests/{id}/pause`.

use std::sync::Arc;

use levqor_dsar::decide::pause;
use poem_openapi::{OpenApi, param::Path};

use super::{
    super::{id as parsed, view::RequestBody},
    reason::{self, reason},
};
use crate::{
    auth::Caller,
    body::{RawBody, Typed},
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Pause(pub Arc<Shared>);

impl Failures for Pause {
    const CODES: &'static [Code] = reason::CODES;
}

#[OpenApi]
impl Pause {
    /// Stop a request's clock
    ///
    /// While the person is asked for what is needed to know who asks or for what. The reason is mailed to them as the question.
    #[oai(
        path = "/api/v1/dsar/requests/:id/pause",
        method = "post",
        operation_id = "pauseDataRequest",
        tag = "Tag::DataRequests"
    )]
    async fn pause(
        &self,
        caller: Caller,
        /// The request's id.
        id: Path<String>,
        body: RawBody<Typed<reason::Given>>,
    ) -> Result<Json<RequestBody>, Failed<Self>> {
        let (id, reason) = (parsed(&id.0)?, reason(body).await?);
        let request = pause(&self.0.api.platform, caller.tenant, caller.key, id, &reason).await?;
        Ok(Json(RequestBody::for_tenant(&self.0, request)))
    }
}
