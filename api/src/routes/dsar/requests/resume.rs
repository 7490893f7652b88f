//! `POST /api/v1/dsar/requests/{id}/resume`.

use std::sync::Arc;

use levqor_dsar::decide::resume;
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

pub(crate) struct Resume(pub Arc<Shared>);

impl Failures for Resume {
    const CODES: &'static [Code] = reason::CODES;
}

#[OpenApi]
impl Resume {
    /// Let a request's clock run again
    ///
    /// The due date moves by exactly the time that it stood.
    #[oai(
        path = "/api/v1/dsar/requests/:id/resume",
        method = "post",
        operation_id = "resumeDataRequest",
        tag = "Tag::DataRequests"
    )]
    async fn resume(
        &self,
        caller: Caller,
        /// The request's id.
        id: Path<String>,
        body: RawBody<Typed<reason::Given>>,
    ) -> Result<Json<RequestBody>, Failed<Self>> {
        let (id, reason) = (parsed(&id.0)?, reason(body).await?);
        let request = resume(&self.0.api.platform, caller.tenant, caller.key, id, &reason).await?;
        Ok(Json(RequestBody::for_tenant(&self.0, request)))
    }
}
